"""Encoders: segments that were made one by one fit together without coding them again, and hardware is taken only
where it works."""

import re
from fractions import Fraction
from pathlib import Path
from typing import get_args

import av
import ffmpeg as graph
import numpy as np
import pytest
from numpy.typing import NDArray
from support import film_media

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.encoding import trial as encoder_trial
from aianime_pipeline.film.encoding.encoders import Encoder, choose_encoder
from aianime_pipeline.film.encoding.hardware import hardware_encoders
from aianime_pipeline.film.encoding.levels import av1_level_for, h265_level_for, level_for
from aianime_pipeline.film.encoding.trial import why_not
from aianime_pipeline.film.ffmpeg import run_ffmpeg
from aianime_pipeline.film.mp4.join import PictureSegment, join_movie
from aianime_pipeline.film.picture.recipe import FrameFormat, segment
from aianime_pipeline.film.presets.presets import Codec, Quality

RATE = Fraction(24)
SMALL = FrameFormat(320, 180, RATE)
BARS, BLACK, FRACTAL, NOISE = "testsrc2=", "color=black:", "mandelbrot=", "nullsrc="
PIECES = ((BARS, 50), (BLACK, 1), (NOISE, 2), (FRACTAL, 3), (NOISE, 1), (BLACK, 10), (FRACTAL, 2), (BLACK, 50))
"""Unlike pictures, of unlike numbers of frames."""
OPEN_H264 = Encoder("libopenh264", "h264", (("c:v", "libopenh264"), ("g", "48"), ("b:v", "4M")))
"""Stands for a hardware encoder that works."""


def software(codec: Codec, quality: Quality = "standard", width: int = 320, height: int = 180) -> Encoder:
    return choose_encoder(codec, quality, width, height, RATE, hardware=False).encoder


def encode(
    path: Path, encoder: Encoder, source: str, frames: int, frame: FrameFormat = SMALL, threads: int = 1
) -> Path:
    picture = graph.input(f"{source}s={frame.width}x{frame.height}:r={frame.rate}", f="lavfi")
    if source == NOISE:
        picture = picture.filter("geq", lum="random(1)*255", cb="128+60*random(2)", cr="128")
    run_ffmpeg(
        segment(picture.filter("format", pix_fmts="yuv420p"), str(path), frame, frames, encoder, threads=threads)
    )
    return path


def decoder_configuration(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return container.streams.video[0].codec_context.extradata or b""


def decoded(path: Path) -> tuple[list[Fraction], list[NDArray[np.uint8]]]:
    """The seconds at which frames are shown, and what they show."""
    times, pictures = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            assert not frame.is_corrupt
            times.append(frame.pts * frame.time_base)
            pictures.append(np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8))
    return times, pictures


@pytest.mark.parametrize("quality", get_args(Quality))
@pytest.mark.parametrize("codec", get_args(Codec))
def test_segments_of_any_content_and_length_can_be_joined_as_they_are(
    codec: Codec, quality: Quality, tmp_path: Path
) -> None:
    encoder = software(codec, quality)
    paths = [
        encode(tmp_path / f"{number}.mp4", encoder, source, frames, threads=1 + number % 2)
        for number, (source, frames) in enumerate(PIECES)
    ]

    assert len({decoder_configuration(path) for path in paths}) == 1
    pictures: list[NDArray[np.uint8]] = []
    for path, (_, frames) in zip(paths, PIECES, strict=True):
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            packets = [packet for packet in container.demux(stream) if packet.size]
            assert (packets[0].pts, packets[0].dts) == (0, -encoder.reorder * 1000)
            assert [packet.dts for packet in packets] == [(n - encoder.reorder) * 1000 for n in range(frames)]
            assert [n for n, packet in enumerate(packets) if packet.is_keyframe] == list(range(0, frames, 48))
        times, shown = decoded(path)
        assert times == [n / RATE for n in range(frames)]
        pictures += shown

    names = "".join(
        f"file '{path.name}'\nduration {frames / 24:.6f}\n" for path, (_, frames) in zip(paths, PIECES, strict=True)
    )
    (tmp_path / "list.txt").write_text(f"ffconcat version 1.0\n{names}")
    film_media.ffmpeg(
        "-f", "concat", "-i", tmp_path / "list.txt",
        "-c", "copy", "-video_track_timescale", "24000", tmp_path / "copied.mp4",
    )  # fmt: skip
    join_movie(
        tmp_path / "film.mp4",
        pictures=[PictureSegment(path, frames, source) for path, (source, frames) in zip(paths, PIECES, strict=True)],
    )
    for name in ("copied.mp4", "film.mp4"):
        times, joined = decoded(tmp_path / name)
        assert times == [n / RATE for n in range(sum(frames for _, frames in PIECES))]
        assert all(np.array_equal(one, other) for one, other in zip(joined, pictures, strict=True))


@pytest.mark.parametrize("codec", get_args(Codec))
def test_a_segment_says_its_colours_and_shows_them(codec: Codec, tmp_path: Path) -> None:
    path = encode(tmp_path / "red.mp4", software(codec), "color=0xc81e3c:", 3)
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)
    _, pictures = decoded(path)
    raw = film_media.ffmpeg(
        "-f", "lavfi", "-i", "color=0xc81e3c:s=320x180", "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"
    ).stdout  # fmt: skip
    source = np.frombuffer(raw, np.uint8).reshape(pictures[0].shape)
    assert all(np.abs(picture.astype(int) - source).max() <= 2 for picture in pictures)


@pytest.mark.parametrize(("codec", "tag"), [("h264", "avc1"), ("h265", "hvc1"), ("av1", "av01")])
def test_a_segment_carries_the_tag_that_players_know(codec: Codec, tag: str, tmp_path: Path) -> None:
    path = encode(tmp_path / "film.mp4", software(codec), BARS, 2)
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.codec_tag == tag


@pytest.mark.parametrize("size", [(2160, 3840), (2160, 2160)], ids=["vertical", "square"])
@pytest.mark.parametrize("codec", get_args(Codec))
def test_4k_comes_out_at_the_level_that_it_needs(codec: Codec, size: tuple[int, int], tmp_path: Path) -> None:
    encoder = software(codec, "draft", *size)
    path = encode(tmp_path / "4k.mp4", encoder, BARS, 1, FrameFormat(*size, RATE), threads=0)
    _, pictures = decoded(path)
    assert [picture.shape for picture in pictures] == [(size[1] * 3 // 2, size[0])]
    configuration = decoder_configuration(path)
    if codec == "h264":
        assert f"{configuration[3] / 10}" == level_for(*size, RATE)
    elif codec == "h265":
        assert f"{configuration[12] / 30}" == h265_level_for(*size, RATE)
    else:
        level = configuration[1] & 31
        assert f"{2 + level // 4}.{level % 4}" == av1_level_for(*size, RATE)


def test_levels_follow_the_standards_tables() -> None:
    assert h265_level_for(1920, 1080, RATE) == "4.0"
    assert h265_level_for(1920, 1080, Fraction(60)) == "4.1"
    assert h265_level_for(2160, 3840, RATE) == "5.0"
    assert h265_level_for(3840, 2160, Fraction(60)) == "5.1"
    assert av1_level_for(1920, 1080, RATE) == "4.0"
    assert av1_level_for(3840, 2160, Fraction(30)) == "5.0"
    assert level_for(2160, 3840, RATE) == "5.1"


@pytest.mark.parametrize("codec", get_args(Codec))
@pytest.mark.parametrize("hardware", [False, True])
def test_a_size_that_no_level_allows_is_refused(codec: Codec, hardware: bool) -> None:
    with pytest.raises(BadSettingError, match="level allows 8192x8192 at 120 frames a second"):
        choose_encoder(codec, "standard", 8192, 8192, Fraction(120), hardware=hardware)


def test_encoders_that_are_told_different_things_have_different_keys() -> None:
    keys = [str(software(codec, quality).key) for codec in get_args(Codec) for quality in get_args(Quality)]
    keys += [str(encoder.key) for encoder in hardware_encoders("h264", "high")]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("codec", get_args(Codec))
def test_hardware_is_taken_where_it_works_and_else_everything_tried_is_named(codec: Codec) -> None:
    chosen = choose_encoder(codec, "standard", 640, 360, RATE, hardware=True)
    tried = hardware_encoders(codec, "standard")
    if chosen.encoder in tried:
        assert chosen.notes == ()
        return
    assert chosen.encoder == software(codec, "standard", 640, 360)
    (note,) = chosen.notes
    assert note.startswith(f"No hardware encoder works here, so {chosen.encoder.name} encodes in software.")
    assert all(f"{encoder.name}: " in note for encoder in tried)


def test_a_card_that_is_not_there_is_told_in_ffmpegs_first_words() -> None:
    vaapi = Encoder(
        "h264_vaapi",
        "h264",
        (("c:v", "h264_vaapi"),),
        pix_fmt="",
        filters=(("format", (("pix_fmts", "nv12"),)), ("hwupload", ())),
        global_args=("-vaapi_device", "/dev/dri/no-such-card"),
    )
    assert why_not(vaapi, 640, 360, RATE) == "No VA display found for device /dev/dri/no-such-card"


def test_the_first_candidate_that_works_is_taken_and_tried_once_in_a_process() -> None:
    asked: list[Codec] = []
    broken = Encoder("h264_nothing", "h264", (("c:v", "h264_nothing"),))

    def candidates(codec: Codec, quality: Quality) -> tuple[Encoder, ...]:
        asked.append(codec)
        return broken, OPEN_H264, software("h264")

    for _ in range(2):
        chosen = choose_encoder("h264", "standard", 320, 180, RATE, hardware=True, candidates=candidates)
        assert (chosen.encoder, chosen.notes) == (OPEN_H264, ())
    assert asked == ["h264"]


def x264(**options: str) -> Encoder:
    told = {**dict(software("h264").options), **options}
    return Encoder("pretended", "h264", tuple(told.items()), reorder=2)


@pytest.mark.parametrize(
    ("encoder", "reason"),
    [
        (Encoder("pretended", "h264", x264().options), "differ in their parameters"),
        (x264(g="12", keyint_min="12"), r"its key frames are at \[0, 12, 24, 36, 48\]"),
        (
            Encoder("pretended", "h264", x264().options, filters=(("lutyuv", (("y", "val/2"),)),), reorder=2),
            "does not show what was encoded",
        ),
        (
            Encoder("pretended", "h264", x264().options, filters=(("scale", (("w", "160"), ("h", "90"))),), reorder=2),
            r"is damaged \(160x90\)",
        ),
        (Encoder("pretended", "h264", (("c:v", "libx264"), ("bsf:v", "noise=drop=1"))), "without a picture"),
    ],
    ids=["lead depends on length", "key frames", "wrong picture", "wrong size", "no packets"],
)
def test_an_encoder_whose_segments_come_out_wrong_is_not_taken(encoder: Encoder, reason: str) -> None:
    said = why_not(encoder, 320, 180, RATE)
    assert said is not None
    assert re.search(reason, said)
    chosen = choose_encoder(
        "h264", "standard", 320, 180, RATE, hardware=True, candidates=lambda codec, quality: (encoder,)
    )
    assert chosen.encoder == software("h264")
    assert f"Tried pretended: {said}." in chosen.notes[0]


def test_an_encoder_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_trial, "LONGEST_SECONDS", 0.0)
    assert why_not(software("h265", "high", 1920, 1080), 1920, 1080, RATE) == "took longer than 0 s"


def test_a_disk_without_room_for_the_trial_is_a_reason_and_no_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not there"))
    assert why_not(software("h264"), 320, 180, RATE) == "No such file or directory"
