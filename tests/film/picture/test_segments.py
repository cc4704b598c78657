"""Segments: exact frames, one set of parameters, kept by content, remade when damaged."""

import os
import signal
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from support.film_media import Media, ffmpeg_children, seen
from support.film_pieces import begins, clip, encoder, film_of, made, planes_of

from aianime_pipeline.errors import FfmpegFailedError, UnreadableMediaError
from aianime_pipeline.film.ffmpeg import FfmpegCancelled
from aianime_pipeline.film.picture.graph import skippable
from aianime_pipeline.film.picture.pieces import plan_pieces
from aianime_pipeline.film.picture.recipe import FrameFormat, time_scale
from aianime_pipeline.film.picture.segments import segment_key
from aianime_pipeline.film.sources import probe_media
from aianime_pipeline.film.timeline import Clip
from aianime_pipeline.storyboard.model import CameraMove, Transition

RATE = Fraction(24)
FRAME = FrameFormat(320, 180, RATE)


def key_of(one: Clip, frame: FrameFormat = FRAME) -> str:
    (piece,) = plan_pieces(film_of([one], rate=frame.rate, size=(frame.width, frame.height)))
    return segment_key(piece, frame, encoder(frame.width, frame.height, frame.rate))


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
    segments = made(clips, tmp_path, rate=rate)
    assert [len(seen(segment.path)) for segment in segments] == [30, 7, 40, 13, 1, 2]
    assert len({parameters(segment.path) for segment in segments}) == 1


def test_a_tall_video_gets_bars_and_a_short_one_holds_its_last_frame(media: Media, tmp_path: Path) -> None:
    source = media.video("tall.mp4", size="180x320", rate="12", seconds=1.0)
    (segment,) = made([clip(source, 36)], tmp_path)
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
    for segment in made([clip(source, 5, n) for n, source in enumerate(sources)], tmp_path):
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
    (segment,) = made([clip(late, 24)], tmp_path)
    frames = seen(segment.path)
    assert np.abs(frames[0].astype(int) - frames[11]).mean() < 2
    assert np.abs(frames[0].astype(int) - frames[20]).mean() > 3


def test_what_was_made_is_kept_and_only_what_changed_is_made(media: Media, tmp_path: Path) -> None:
    clips = [clip(media.video("v.mp4"), 12, 1), clip(media.picture(), 12, 2)]
    assert [segment.made for segment in made(clips, tmp_path)] == [True, True]
    assert [segment.made for segment in made(clips, tmp_path)] == [False, False]
    clips[1] = replace(clips[1], camera_move=CameraMove.PUSH, shot=20)
    assert [segment.made for segment in made(clips, tmp_path)] == [False, True]
    assert [segment.made for segment in made(clips[::-1], tmp_path)] == [False, False]


def test_the_key_depends_on_all_that_is_seen_and_on_nothing_else(media: Media) -> None:
    one = clip(media.video("v.mp4"), 12)
    key = key_of(one)
    assert key == key_of(replace(one, shot=5, source=Path("moved"), wanted_frames=3, own_gain_db=3.0, slate="no"))
    assert key == key_of(replace(one, camera_move=CameraMove.PUSH)), "a video plays as it is"
    others = [
        key_of(replace(one, source_out=13)),
        key_of(replace(one, source_in=1, source_out=13)),
        key_of(replace(one, hold=1)),
        key_of(replace(one, source_out=11, hold=1)),
        key_of(replace(one, digest="0" * 64)),
        key_of(replace(one, kind="still")),
        key_of(replace(one, kind="still", camera_move=CameraMove.PUSH)),
        key_of(one, replace(FRAME, width=640, height=360)),
        key_of(one, replace(FRAME, rate=Fraction(25))),
        key_of(one, replace(FRAME, fit="crop")),
    ]
    assert len({key, *others}) == 11


def test_another_encoder_has_segments_of_its_own(media: Media) -> None:
    (piece,) = plan_pieces(film_of([clip(media.video("v.mp4"), 12)]))
    better = replace(encoder(), options=(*encoder().options, ("crf", "12")))
    assert segment_key(piece, FRAME, encoder()) != segment_key(piece, FRAME, better)


@pytest.mark.parametrize("damage", ["cut", "emptied", "flipped"])
def test_a_damaged_segment_is_noticed_and_made_again(media: Media, tmp_path: Path, damage: str) -> None:
    clips = [clip(media.video("v.mp4"), 24)]
    (segment,) = made(clips, tmp_path)
    data = bytearray(segment.path.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 0xFF
    segment.path.write_bytes(data[: {"cut": len(data) // 2, "emptied": 0, "flipped": len(data)}[damage]])
    (again,) = made(clips, tmp_path)
    assert again.made
    assert len(seen(again.path)) == 24


def test_a_source_that_is_no_video_is_named_with_its_shot_and_leaves_nothing(media: Media, tmp_path: Path) -> None:
    page = tmp_path / "page.mp4"
    page.write_text("<html>")
    cache = tmp_path / "cache"
    with pytest.raises(UnreadableMediaError, match=r"Shot 7: page\.mp4") as caught:
        made([clip(media.video("v.mp4"), 12, 1), clip(page, 12, 7)], cache)
    assert caught.value.details["shot"] == 7
    assert not [path for path in cache.rglob("*.mp4") if path.name.startswith(".")]


def test_a_picture_that_cannot_be_read_is_named_with_its_shot(tmp_path: Path) -> None:
    page = tmp_path / "page.png"
    page.write_text("<html>")
    with pytest.raises(UnreadableMediaError, match="Shot 9: ") as caught:
        made([clip(page, 12, 9)], tmp_path / "cache")
    assert caught.value.message == str(caught.value)
    assert list((tmp_path / "cache" / "segments").iterdir()) == []


def test_ffmpeg_killed_in_the_middle_is_an_error_and_finished_segments_stay(media: Media, tmp_path: Path) -> None:
    clips = [clip(media.video("v.mp4"), 12, 1), clip(media.picture(), 4000, 2, camera_move=CameraMove.PUSH)]
    made(clips[:1], tmp_path)

    def kill(done: int, total: int) -> None:
        if 0 < done < total:
            for pid in ffmpeg_children():
                os.kill(pid, signal.SIGKILL)

    with pytest.raises(FfmpegFailedError, match="Shot 2: ffmpeg could not encode shot 2"):
        made(clips, tmp_path, on_progress=kill)
    left = list((tmp_path / "segments").iterdir())
    assert [path.stem for path in left] == [key_of(clips[0])]


def test_a_cancellation_stops_all_workers_and_leaves_no_part(media: Media, tmp_path: Path) -> None:
    clips = [clip(media.picture(), 4000 + n, n, camera_move=CameraMove.PUSH) for n in range(4)]
    running = threading.Event()
    with pytest.raises(FfmpegCancelled):
        made(
            clips,
            tmp_path,
            cancelled=running.is_set,
            on_progress=lambda done, total: running.set() if done else None,
        )
    assert list((tmp_path / "segments").iterdir()) == []


def test_progress_counts_frames_to_the_last(media: Media, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    clips = [clip(media.video("v.mp4"), 24, 1), clip(media.picture(), 36, 2)]
    made(clips, tmp_path, on_progress=lambda *now: told.append(now))
    assert told[-1] == (60, 60)
    assert told == sorted(told)


def test_pieces_of_all_kinds_share_one_set_of_parameters(media: Media, tmp_path: Path) -> None:
    video, still = media.video("v.mp4", rate="30", size="160x120"), media.picture()
    clips = [clip(video, 6, 0, transition=begins(Transition.FADE_BLACK, 0, 1))]
    for shot, kind in enumerate([Transition.DISSOLVE, Transition.WIPE, Transition.FLASH_WHITE], start=1):
        clips.append(clip(still if shot % 2 else video, 6, shot, transition=begins(kind, shot % 2, 1)))
    segments = made(clips, tmp_path)
    assert [segment.frames for segment in segments] == [1, 4, 2, 5, 1, 4, 2, 5]
    assert [len(seen(segment.path)) for segment in segments] == [segment.frames for segment in segments]
    assert len({segment.parameters for segment in segments}) == 1
    assert len({parameters(segment.path) for segment in segments}) == 1
    assert [segment.source_seconds for segment in segments[3:5]] == [None, pytest.approx(2.0, abs=0.1)]


def test_a_film_of_another_shape_is_cut_at_its_sides_or_shown_between_bars(media: Media, tmp_path: Path) -> None:
    """A white disc on grey must stay round, whole, and in the middle."""
    disc = "geq=lum='if(lt(hypot(X-159.5,Y-89.5),60),235,90)':cb=128:cr=128"
    drawn = f"color=s=320x180:r=24:d=0.5,format=yuv444p,{disc}"
    video = media.make("disc.mp4", "-f", "lavfi", "-i", drawn, "-pix_fmt", "yuv420p")
    still = media.make("disc.png", "-i", str(video), "-frames:v", "1", "-update", "1")
    for source in (video, still):
        for fit, size, bar in (("crop", 90 * 2, False), ("pad", 180 * 180 / 320, True)):
            (frame, *_) = planes_of(made([clip(source, 3)], tmp_path, size=(180, 180), fit=fit))
            rows, columns = np.nonzero(frame.y > 170)
            wanted = 120 * size / 180
            assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == pytest.approx((wanted, wanted), rel=0.06)
            assert (rows.mean(), columns.mean()) == pytest.approx((89.5, 89.5), abs=1.5)
            assert (frame.y[10, 90] < 20) == bar


def test_a_video_in_the_middle_shows_its_own_frames_however_it_is_reached(media: Media, tmp_path: Path) -> None:
    """By seeking or by decoding from the beginning: the same frames, whatever the container and the rates."""
    counting = (
        "color=black:s=320x180:r={rate}:d=4,format=yuv420p,geq=lum='16+mod(N\\,14)*15':cb=128:cr='16+floor(N/14)*12'"
    )
    makers = {
        "open.mp4": ("24", ["-c:v", "libx264", "-g", "12", "-bf", "3", "-x264-params", "open-gop=1"]),
        "half.mp4": ("48", ["-c:v", "libx264", "-g", "24"]),
        "thirty.mkv": ("30", ["-c:v", "libx264", "-g", "10"]),
        "hevc.mp4": ("24", ["-c:v", "libx265", "-x265-params", "log-level=none:keyint=12", "-tag:v", "hvc1"]),
        "vp9.webm": ("25", ["-c:v", "libvpx-vp9", "-g", "15", "-deadline", "realtime", "-cpu-used", "8"]),
    }
    for name, (rate, options) in makers.items():
        source = media.make(name, "-f", "lavfi", "-i", counting.format(rate=rate), "-crf", "12", *options)
        (whole,) = made([clip(source, 90, source_frames=95)], tmp_path)
        frames = planes_of([whole])
        video = probe_media(source).video
        assert video is not None
        assert skippable(11, RATE, video) == 0
        assert skippable(77, RATE, video) >= 48
        for begin in (13, 36, 61, 77):
            (part,) = made([clip(source, 8, source_in=begin)], tmp_path)
            for place, frame in enumerate(planes_of([part])):
                wanted = frames[begin + place]
                assert frame.colour(160, 90) == pytest.approx(wanted.colour(160, 90), abs=4), (name, begin, place)


def test_two_films_that_make_the_same_segment_at_once_both_get_it(media: Media, tmp_path: Path) -> None:
    clips = [clip(media.video("v.mp4"), 24)]
    found: list[Path] = []
    both = threading.Barrier(2)

    def make() -> None:
        both.wait()
        found.extend(segment.path for segment in made(clips, tmp_path))

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]
    assert len(seen(found[0])) == 24
    assert list((tmp_path / "segments").iterdir()) == [found[0]]


def test_every_frame_lasts_a_whole_number_of_ticks() -> None:
    for rate in [Fraction(n) for n in (12, 23, 24, 25, 30, 48, 50, 60, 120)] + [
        Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)
    ]:
        assert (time_scale(rate) / rate).denominator == 1
        assert time_scale(rate) >= 12_000
    assert time_scale(Fraction(24)) == time_scale(Fraction(24000, 1001)) == 24_000
