"""Segments: exact frames, one set of parameters, kept by content, remade when damaged."""

import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from support.film_media import Media, digest, ffmpeg_children, seen

from aianime_pipeline.errors import BadSettingError, FfmpegFailedError, UnreadableMediaError
from aianime_pipeline.film.ffmpeg import FfmpegCancelled
from aianime_pipeline.film.recipe import level_for, time_scale
from aianime_pipeline.film.segments import Segment, prepare_segments, segment_key
from aianime_pipeline.film.timeline import Clip
from aianime_pipeline.storyboard.model import CameraMove

RATE = Fraction(24)


def clip(path: Path, frames: int, shot: int = 1, move: CameraMove = CameraMove.HOLD) -> Clip:
    kind = "still" if path.suffix == ".png" else "video"
    return Clip(shot, path, digest(path), kind, frames, frames, move)


def prepared(clips: Sequence[Clip], cache: Path, *, rate: Fraction = RATE) -> tuple[Segment, ...]:
    return prepare_segments(clips, cache=cache, width=320, height=180, rate=rate)


def parameters(path: Path) -> tuple[object, ...]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return stream.time_base, stream.codec_context.extradata, stream.width, stream.height, stream.start_time


@pytest.mark.parametrize("rate", [RATE, Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25)])
def test_every_source_becomes_exactly_its_frames_with_the_same_parameters(
    media: Media, tmp_path: Path, rate: Fraction
) -> None:
    sources = [
        media.talking_video("talk30.mp4", seconds=1.0),
        media.video("tall.mp4", size="180x320", rate="12", seconds=1.0),
        media.video("odd.webm", size="333x187", rate="60", seconds=0.5),
        media.picture(),
    ]
    clips = [clip(source, frames, n) for n, (source, frames) in enumerate(zip(sources, [30, 7, 40, 13], strict=True))]
    clips += [clip(sources[0], 1, 8), clip(sources[3], 2, 9)]
    segments = prepared(clips, tmp_path, rate=rate)
    assert [len(seen(segment.path)) for segment in segments] == [30, 7, 40, 13, 1, 2]
    assert len({parameters(segment.path) for segment in segments}) == 1


def test_a_tall_video_gets_bars_and_a_short_one_holds_its_last_frame(media: Media, tmp_path: Path) -> None:
    source = media.video("tall.mp4", size="180x320", rate="12", seconds=1.0)
    (segment,) = prepared([clip(source, 36)], tmp_path)
    frames = seen(segment.path)
    assert frames[0][:, :100].max() < 20 < frames[0][:, 120:200].mean()
    assert np.abs(frames[22].astype(int) - frames[35]).mean() < 2
    assert np.abs(frames[0].astype(int) - frames[20]).mean() > 3


def test_colours_come_out_as_they_went_in(media: Media, tmp_path: Path) -> None:
    red = tmp_path / "red.png"
    Image.new("RGB", (320, 180), (200, 30, 60)).save(red)
    loop = ["-loop", "1", "-i", str(red), "-frames:v", "12"]
    in_rgb = media.make("red_rgb.mkv", *loop, "-c:v", "ffv1", "-pix_fmt", "bgr0")
    in_601 = media.make("red_601.mp4", *loop, "-pix_fmt", "yuv420p")  # small and says nothing: BT.601
    in_709 = media.make("red_709.mp4", *loop, "-vf", "scale=1280:720:out_color_matrix=bt709", "-pix_fmt", "yuv420p")
    sources = [red, in_rgb, in_601, in_709]
    for segment in prepared([clip(source, 5, n) for n, source in enumerate(sources)], tmp_path):
        with av.open(str(segment.path)) as container:
            frame = next(container.decode(video=0))
            assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)
        planes = [np.frombuffer(memoryview(plane), np.uint8) for plane in frame.planes]
        luma, blue, red_ = (int(plane[len(plane) // 2 + 40]) for plane in planes)
        # (200, 30, 60) by the formula of BT.709 in tv range is 74.7, 124.1, 201.5
        assert (luma, blue, red_) == pytest.approx((74.7, 124.1, 201.5), abs=1.6)


def test_a_picture_that_begins_late_is_held_from_its_files_beginning(media: Media, tmp_path: Path) -> None:
    late = media.make(
        "late_picture.mkv", "-f", "lavfi", "-i", "sine=d=2",
        "-itsoffset", "0.5", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=1",
    )  # fmt: skip
    (segment,) = prepared([clip(late, 24)], tmp_path)
    frames = seen(segment.path)
    assert np.abs(frames[0].astype(int) - frames[11]).mean() < 2
    assert np.abs(frames[0].astype(int) - frames[20]).mean() > 3


def test_what_was_made_is_kept_and_only_what_changed_is_made(media: Media, tmp_path: Path) -> None:
    clips = [clip(media.video("v.mp4"), 12, 1), clip(media.picture(), 12, 2)]
    assert [segment.made for segment in prepared(clips, tmp_path)] == [True, True]
    assert [segment.made for segment in prepared(clips, tmp_path)] == [False, False]
    clips[1] = replace(clips[1], camera_move=CameraMove.PUSH, shot=20)
    assert [segment.made for segment in prepared(clips, tmp_path)] == [False, True]
    assert [segment.made for segment in prepared(clips[::-1], tmp_path)] == [False, False]


def test_the_key_depends_on_all_that_is_seen_and_on_nothing_else(media: Media) -> None:
    one = clip(media.video("v.mp4"), 12)
    key = segment_key(one, 320, 180, RATE)
    assert key == segment_key(replace(one, shot=5, source=Path("moved"), wanted_frames=3), 320, 180, RATE)
    others = [
        segment_key(replace(one, frames=13), 320, 180, RATE),
        segment_key(replace(one, digest="0" * 64), 320, 180, RATE),
        segment_key(replace(one, kind="still"), 320, 180, RATE),
        segment_key(replace(one, camera_move=CameraMove.PUSH), 320, 180, RATE),
        segment_key(one, 640, 360, RATE),
        segment_key(one, 320, 180, Fraction(25)),
    ]
    assert len({key, *others}) == 7


@pytest.mark.parametrize("damage", ["cut", "emptied", "flipped"])
def test_a_damaged_segment_is_noticed_and_made_again(media: Media, tmp_path: Path, damage: str) -> None:
    clips = [clip(media.video("v.mp4"), 24)]
    (segment,) = prepared(clips, tmp_path)
    data = bytearray(segment.path.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 0xFF
    segment.path.write_bytes(data[: {"cut": len(data) // 2, "emptied": 0, "flipped": len(data)}[damage]])
    (again,) = prepared(clips, tmp_path)
    assert again.made
    assert len(seen(again.path)) == 24


def test_a_source_that_is_no_video_is_named_with_its_shot_and_leaves_nothing(media: Media, tmp_path: Path) -> None:
    page = tmp_path / "page.mp4"
    page.write_text("<html>")
    cache = tmp_path / "cache"
    with pytest.raises(UnreadableMediaError, match=r"Shot 7: page\.mp4") as caught:
        prepared([clip(media.video("v.mp4"), 12, 1), clip(page, 12, 7)], cache)
    assert caught.value.details["shot"] == 7
    assert not [path for path in cache.rglob("*.mp4") if path.name.startswith(".")]


def test_a_picture_that_cannot_be_read_is_named_with_its_shot(tmp_path: Path) -> None:
    page = tmp_path / "page.png"
    page.write_text("<html>")
    with pytest.raises(UnreadableMediaError, match="Shot 9: ") as caught:
        prepared([clip(page, 12, 9)], tmp_path / "cache")
    assert caught.value.message == str(caught.value)
    assert list((tmp_path / "cache" / "segments").iterdir()) == []


def test_ffmpeg_killed_in_the_middle_is_an_error_and_finished_segments_stay(media: Media, tmp_path: Path) -> None:
    clips = [clip(media.video("v.mp4"), 12, 1), clip(media.picture(), 4000, 2, CameraMove.PUSH)]
    prepared(clips[:1], tmp_path)

    def kill(done: int, total: int) -> None:
        if 0 < done < total:
            for pid in ffmpeg_children():
                os.kill(pid, signal.SIGKILL)

    with pytest.raises(FfmpegFailedError, match="Shot 2: ffmpeg could not encode shot 2"):
        prepare_segments(clips, cache=tmp_path, width=320, height=180, rate=RATE, on_progress=kill)
    left = list((tmp_path / "segments").iterdir())
    assert [path.stem for path in left] == [segment_key(clips[0], 320, 180, RATE)]


def test_a_cancellation_stops_all_workers_and_leaves_no_part(media: Media, tmp_path: Path) -> None:
    clips = [clip(media.picture(), 4000 + n, n, CameraMove.PUSH) for n in range(4)]
    running = threading.Event()
    with pytest.raises(FfmpegCancelled):
        prepare_segments(
            clips,
            cache=tmp_path,
            width=320,
            height=180,
            rate=RATE,
            cancelled=running.is_set,
            on_progress=lambda done, total: running.set() if done else None,
        )
    assert list((tmp_path / "segments").iterdir()) == []


def test_progress_counts_frames_to_the_last(media: Media, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    clips = [clip(media.video("v.mp4"), 24, 1), clip(media.picture(), 36, 2)]
    prepare_segments(clips, cache=tmp_path, width=320, height=180, rate=RATE, on_progress=lambda *now: told.append(now))
    assert told[-1] == (60, 60)
    assert told == sorted(told)


def test_the_level_grows_with_the_size_and_an_impossible_size_is_refused() -> None:
    assert level_for(1920, 1080, Fraction(24)) == "4.1"
    assert level_for(1920, 1080, Fraction(60)) == "4.2"
    assert level_for(1080, 1920, Fraction(30)) == "4.1"
    assert level_for(3840, 2160, Fraction(24)) == "5.1"
    assert level_for(8192, 4320, Fraction(60)) == "6.1"
    with pytest.raises(BadSettingError, match=r"No H\.264 level"):
        level_for(8192, 8192, Fraction(120))


def test_every_frame_lasts_a_whole_number_of_ticks() -> None:
    for rate in [Fraction(n) for n in (12, 23, 24, 25, 30, 48, 50, 60, 120)] + [
        Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)
    ]:
        assert (time_scale(rate) / rate).denominator == 1
        assert time_scale(rate) >= 12_000
    assert time_scale(Fraction(24)) == time_scale(Fraction(24000, 1001)) == 24_000
