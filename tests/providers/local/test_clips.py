"""Clips as they come out of the encoder."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from aianime_pipeline.errors import FilmMismatchError, ProviderError, UnreadableMediaError
from aianime_pipeline.film.ffmpeg import FfmpegCancelled
from aianime_pipeline.providers.capabilities import ErrorKind, VideoRequest
from aianime_pipeline.providers.local import clips
from aianime_pipeline.storyboard.model import CameraMove


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("still") / "still.png"
    across = np.linspace(0, 255, 320, dtype=np.uint8)
    down = np.linspace(255, 0, 180, dtype=np.uint8)
    rgb = np.stack([np.tile(across, (180, 1)), np.tile(down[:, None], (1, 320)), np.full((180, 320), 90)], axis=-1)
    Image.fromarray(rgb.astype(np.uint8)).save(path)
    return path


def asked(still: Path, **changes: Any) -> VideoRequest:
    usual: dict[str, Any] = {
        "width": 320,
        "height": 180,
        "frames": 24,
        "rate": Fraction(24),
        "seed": 1,
        "prompt": "",
        "first_frame": still,
        "camera_move": CameraMove.PUSH,
    }
    return VideoRequest(**{**usual, **changes})


@pytest.mark.parametrize(
    ("rate", "frames"),
    [
        (Fraction(24), 24),
        (Fraction(24000, 1001), 61),
        (Fraction(30000, 1001), 1),
        (Fraction(25), 7),
        (Fraction(60), 90),
    ],
)
def test_a_clip_has_exactly_the_frames_and_the_rate_that_were_asked_for(
    tmp_path: Path, still: Path, rate: Fraction, frames: int
) -> None:
    made = clips.make_clip(asked(still, rate=rate, frames=frames), tmp_path / "c.mp4")
    with av.open(str(made.path)) as opened:
        assert [stream.type for stream in opened.streams] == ["video"]
        stream = opened.streams.video[0]
        assert stream.average_rate == rate
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        decoded = list(opened.decode(video=0))
        times = [frame.pts * stream.time_base for frame in decoded]
    assert times == [index / rate for index in range(frames)]
    assert {(frame.width, frame.height, frame.colorspace, frame.color_range) for frame in decoded} == {(320, 180, 1, 1)}
    assert made.metadata["frames"] == frames


def test_the_first_frame_of_a_push_is_the_picture_itself(tmp_path: Path, still: Path) -> None:
    made = clips.make_clip(asked(still), tmp_path / "c.mp4")
    with av.open(str(made.path)) as opened:
        first, *_, last = (
            frame.to_ndarray(format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709").astype(int)
            for frame in opened.decode(video=0)
        )
    picture = np.asarray(Image.open(still)).astype(int)
    assert np.abs(first - picture).mean() < 3
    assert np.abs(last - picture).mean() > 3


def test_a_clip_has_the_same_bytes_twice_and_others_with_another_seed(tmp_path: Path, still: Path) -> None:
    one, two, other = (
        clips.make_clip(asked(still, seed=seed), tmp_path / f"{name}.mp4").path.read_bytes()
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one == two != other


def test_a_reviewers_wish_changes_how_far_the_camera_goes(tmp_path: Path, still: Path) -> None:
    ways = [
        clips.make_clip(asked(still, feedback=words), tmp_path / "c.mp4").metadata["travel"]
        for words in ("镜头太快了，慢一点", "", "动作幅度大一点")
    ]
    assert ways[0] < ways[1] < ways[2]


def test_longer_shots_travel_farther_but_not_without_bound() -> None:
    ways = [clips.travel_of(seconds) for seconds in (0.1, 2, 4, 7, 60)]
    assert ways == sorted(ways)
    assert (ways[0], ways[2], ways[-1]) == (0.6, 1.0, 1.4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"width": 321}, "even"),
        ({"height": 0}, "even"),
        ({"frames": 0}, "at least 1"),
        ({"rate": Fraction(0)}, "rate"),
        ({"rate": Fraction(1000)}, "rate"),
        ({"first_frame": Path("/nowhere/p.png")}, "p.png"),
    ],
)
def test_a_clip_that_cannot_be_is_refused(still: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ProviderError, match=words) as caught:
        clips.check_video(asked(still, **changes))
    assert caught.value.kind is ErrorKind.BAD_INPUT


def test_a_clip_that_differs_from_the_request_is_found_out(tmp_path: Path, still: Path) -> None:
    made = clips.make_clip(asked(still), tmp_path / "c.mp4").path
    with pytest.raises(FilmMismatchError, match="24 frames"):
        clips._verify(asked(still, frames=25), made)
    with pytest.raises(FilmMismatchError, match="at 24 per second"):
        clips._verify(asked(still, rate=Fraction(25)), made)
    made.write_bytes(made.read_bytes()[:300])
    with pytest.raises(UnreadableMediaError, match=r"c\.mp4"):
        clips._verify(asked(still), made)


def test_a_cancelled_clip_stops(tmp_path: Path, still: Path) -> None:
    with pytest.raises(FfmpegCancelled):
        clips.make_clip(asked(still, frames=10**7), tmp_path / "c.mp4", cancelled=lambda: True)
