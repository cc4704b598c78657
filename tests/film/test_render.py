"""Whole films, small ones: what came out is decoded and counted."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from support.film_media import Media, as_music, as_picture, as_voice, ebur128, ffmpeg, ffmpeg_children, heard, seen

from aianime_pipeline.errors import BadSettingError, DiskFullError, FilmMismatchError, UnreadableMediaError
from aianime_pipeline.film import render as render_module
from aianime_pipeline.film.ffmpeg import FfmpegCancelled
from aianime_pipeline.film.probe import check_against, probe_film
from aianime_pipeline.film.render import AI_LABEL, FilmReport, Progress, render_film
from aianime_pipeline.film.timeline import Timeline, TimelineShot, build_timeline, samples_at
from aianime_pipeline.storyboard.model import CameraMove

LINE = "你终于来了。{x} <i>我</i>等了整整三年 --> 每一天都在想你，👨‍👩‍👧‍👦 שלום。"


def shots(media: Media) -> list[TimelineShot]:
    """Unlike sizes, rates and sounds; one line that needs more time than its shot has; a shot of a single frame."""
    talking, tall = media.talking_video("talk30.mp4"), media.video("tall12.mp4", size="180x320", rate="12", seconds=1)
    line = as_voice(media.voice(seconds=1.5), 1.5)
    return [
        TimelineShot(1, 1500, as_picture(talking, keeps_own_sound=True)),
        TimelineShot(2, 1000, as_picture(media.picture()), CameraMove.PUSH, line, LINE, "阿月"),
        TimelineShot(3, 2000, as_picture(tall, keeps_own_sound=True)),
        TimelineShot(4, 41, as_picture(media.picture())),
        TimelineShot(5, 1000, as_picture(talking), dialogue="三年后"),
    ]


def timeline_of(
    wanted: Sequence[TimelineShot], media: Media, *, size: tuple[int, int] = (320, 180), rate: Fraction = Fraction(24)
) -> Timeline:
    width, height = size
    music = as_music(media.music())
    return build_timeline(wanted, width=width, height=height, rate=rate, music=music).timeline


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp('it\'s a "film" 100%')


@pytest.fixture(scope="module")
def film(media: Media, place: Path) -> tuple[Timeline, FilmReport]:
    timeline = timeline_of(shots(media), media)
    return timeline, render_film(timeline, place / "第1集.mp4", cache=place / "cache", title="月光\n'夜'; {x}")


def test_a_film_has_exactly_its_frames_and_its_sound(film: tuple[Timeline, FilmReport]) -> None:
    timeline, report = film
    frames = seen(report.path)
    assert len(frames) == timeline.total_frames == report.frames
    assert frames[0].shape == (180, 320, 3)
    assert len(heard(report.path)) == timeline.total_samples
    assert report.sound_seconds == report.picture_seconds == timeline.seconds
    assert [(shot.number, shot.wanted_frames, shot.frames) for shot in report.grown] == [(2, 24, 47)]
    assert report.bytes == report.path.stat().st_size
    assert report.warnings == (
        "Shot 3 lasts 2.00 s and its video 1.00 s: the last frame is held.",
        "Shots 3 should keep their own sound, and have none: they are silent.",
    )


def test_each_shot_is_seen_from_its_first_frame_to_its_last(film: tuple[Timeline, FilmReport]) -> None:
    timeline, report = film
    frames = seen(report.path)
    reds = [frame[90, 160, 0] > 150 and frame[90, 160, 1] < 60 for frame in frames]
    starts = timeline.starts
    expected = [starts[1] <= n < starts[2] or n == starts[3] for n in range(len(frames))]
    assert reds == expected


def test_a_line_is_heard_at_its_sample(media: Media, place: Path) -> None:
    wanted = [replace(shot, picture=replace(shot.picture, keeps_own_sound=False)) for shot in shots(media)]
    timeline = build_timeline(wanted, width=320, height=180, rate=Fraction(24000, 1001)).timeline
    report = render_film(timeline, place / "line.mp4", cache=place / "cache")
    sound = np.abs(heard(report.path)[:, 0])
    loud = np.nonzero(sound > sound.max() / 2)[0]
    (cue,) = timeline.speech
    assert cue.start == samples_at(timeline.starts[1], timeline.rate) + 7200
    assert loud[0] == pytest.approx(cue.start, abs=48)
    assert loud[-1] == pytest.approx(cue.end, abs=48)


def test_own_sound_and_picture_stay_together(media: Media, place: Path) -> None:
    flash = media.make(
        "flash.mp4", "-f", "lavfi", "-i", "color=white:s=320x180:r=30:d=2",
        "-f", "lavfi", "-i", "aevalsrc='0.5*sin(2*PI*1000*t)*gte(t,1)':s=44100:d=2",
        "-vf", "drawbox=t=fill:c=black:enable='lt(t,1)'",
    )  # fmt: skip
    wanted = [
        TimelineShot(n, 1210, as_picture(path, keeps_own_sound=True))
        for n, path in enumerate([media.talking_video("talk30.mp4"), media.video("mute.mp4"), flash], start=1)
    ]
    timeline = build_timeline(wanted, width=320, height=180, rate=Fraction(24)).timeline
    report = render_film(timeline, place / "flash.mp4", cache=place / "cache")
    first = timeline.starts[2]
    bright = [n for n, frame in enumerate(seen(report.path)) if n >= first and frame.mean() > 128]
    assert bright[0] == first + 24
    sound = np.abs(heard(report.path)[:, 0])
    tail = samples_at(first, timeline.rate)
    assert tail + np.argmax(sound[tail:] > sound[tail:].max() / 2) == pytest.approx(tail + 48_000, abs=48)
    mute = slice(samples_at(timeline.starts[1], timeline.rate) + 1100, tail - 1100)
    assert sound[mute].max() < 0.001


def test_the_loudness_is_right_by_another_meter(film: tuple[Timeline, FilmReport]) -> None:
    _, report = film
    loudness, peak = ebur128(report.path)
    assert loudness == pytest.approx(-16, abs=0.5)
    assert peak < -1.5
    assert report.lufs == pytest.approx(loudness, abs=0.2)
    assert report.true_peak == pytest.approx(peak, abs=0.3)


def test_the_subtitles_are_in_the_film_and_beside_it_to_the_letter(film: tuple[Timeline, FilmReport]) -> None:
    timeline, report = film
    track = probe_film(report.path).subtitles
    assert track is not None
    assert track.language == "zho"
    assert [(int(start * 1000), int(end * 1000), text) for start, end, text in track.cues] == [
        (cue.start_ms, cue.end_ms, cue.text) for cue in timeline.subtitles
    ]
    assert "{x} <i>我</i>" in "".join(text for _, _, text in track.cues)
    script = report.path.with_suffix(".srt").read_text(encoding="utf-8")
    assert script.count(" --> ") == len(timeline.subtitles)
    first, last = timeline.subtitles[0], [cue for cue in timeline.subtitles if cue.speaker][-1]
    assert first.start_ms == round(timeline.speech[0].start / 48)
    assert last.end_ms == round(timeline.speech[0].end / 48)


def test_the_film_says_its_title_and_that_it_is_generated(film: tuple[Timeline, FilmReport]) -> None:
    tags = probe_film(film[1].path).tags
    assert tags["title"] == "月光 '夜'; {x}"
    assert tags["comment"] == tags["description"] == AI_LABEL
    data = film[1].path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_second_render_makes_nothing_and_gives_the_same_bytes(film: tuple[Timeline, FilmReport], place: Path) -> None:
    timeline, report = film
    again = render_film(timeline, place / "again.mp4", cache=place / "cache", title="月光\n'夜'; {x}")
    assert (again.segments_made, again.segments_kept, again.sound_made) == (0, 5, False)
    assert again.path.read_bytes() == report.path.read_bytes()
    assert again.warnings == report.warnings


def test_one_changed_shot_makes_one_segment_and_keeps_the_sound(
    film: tuple[Timeline, FilmReport], media: Media, place: Path
) -> None:
    timeline, _ = film
    changed = as_picture(media.picture("green.png", "0x20a040"))
    clips = list(timeline.clips)
    clips[1] = replace(clips[1], source=changed.path, digest=changed.digest)
    report = render_film(replace(timeline, clips=tuple(clips)), place / "changed.mp4", cache=place / "cache")
    assert (report.segments_made, report.segments_kept, report.sound_made) == (1, 4, False)
    louder = replace(timeline, music=replace(timeline.music, gain_db=-6.0))
    report = render_film(louder, place / "louder.mp4", cache=place / "cache")
    assert (report.segments_made, report.sound_made) == (0, True)


@pytest.mark.parametrize(
    ("size", "rate"),
    [((180, 320), Fraction(25)), ((320, 180), Fraction(24000, 1001)), ((320, 180), Fraction(30000, 1001))],
)
def test_other_sizes_and_rates_are_exact_too(
    media: Media, tmp_path: Path, size: tuple[int, int], rate: Fraction
) -> None:
    timeline = timeline_of(shots(media), media, size=size, rate=rate)
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache")
    frames = seen(report.path)
    assert len(frames) == timeline.total_frames
    assert frames[0].shape == (size[1], size[0], 3)
    assert len(heard(report.path)) == timeline.total_samples
    facts = probe_film(report.path)
    assert facts.picture is not None
    assert (facts.picture.rate, facts.picture.start, facts.picture.gaps) == (rate, 0, 0)


def test_many_short_shots_at_an_odd_rate_do_not_drift(media: Media, tmp_path: Path) -> None:
    picture = as_picture(media.picture())
    wanted = [TimelineShot(n, 42 * (1 + n % 4), picture) for n in range(150)]
    timeline = build_timeline(wanted, width=64, height=36, rate=Fraction(24000, 1001)).timeline
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache")
    assert report.segments_made == 4
    assert report.frames == timeline.total_frames
    assert check_against(probe_film(report.path), timeline) == []


def test_a_silent_film_has_a_silent_track_and_says_so(media: Media, tmp_path: Path) -> None:
    timeline = build_timeline(
        [TimelineShot(1, 500, as_picture(media.picture()))], width=320, height=180, rate=Fraction(24)
    ).timeline
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache")
    assert (report.lufs, report.true_peak) == (None, None)
    assert "silent" in report.warnings[0]
    assert np.abs(heard(report.path)).max() == 0
    assert len(heard(report.path)) == 24_000
    assert probe_film(report.path).subtitles is None
    assert report.path.with_suffix(".srt").read_text() == ""


def test_progress_never_falls_and_ends_at_a_hundred(media: Media, tmp_path: Path) -> None:
    told: list[Progress] = []
    render_film(timeline_of(shots(media), media), tmp_path / "f.mp4", cache=tmp_path / "cache", on_progress=told.append)
    percents = [progress.percent for progress in told]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert list(dict.fromkeys(progress.step for progress in told)) == ["segments", "sound", "join", "check"]
    assert told[0].seconds_left is None
    assert told[-1].seconds_left == 0


@pytest.mark.parametrize("step", ["segments", "sound", "join", "check"])
def test_a_cancellation_in_any_step_leaves_nothing_but_finished_pieces(media: Media, tmp_path: Path, step: str) -> None:
    reached: list[str] = []
    output = tmp_path / "out" / "film.mp4"
    with pytest.raises(FfmpegCancelled):
        render_film(
            timeline_of(shots(media), media),
            output,
            cache=tmp_path / "cache",
            on_progress=lambda progress: reached.append(progress.step),
            cancelled=lambda: step in reached,
        )
    assert_nothing_stray(output, tmp_path / "cache")


def test_a_failed_render_leaves_the_earlier_film_as_it_was(media: Media, tmp_path: Path) -> None:
    output, page = tmp_path / "film.mp4", tmp_path / "page.mp4"
    page.write_text("<html>")
    render_film(timeline_of(shots(media)[:1], media), output, cache=tmp_path / "cache")
    before = output.read_bytes(), output.with_suffix(".srt").read_bytes()
    with pytest.raises(UnreadableMediaError, match="Shot 3"):
        render_film(
            timeline_of([*shots(media)[:1], TimelineShot(3, 500, as_picture(page))], media),
            output,
            cache=tmp_path / "cache",
        )
    assert (output.read_bytes(), output.with_suffix(".srt").read_bytes()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "film.mp4", "film.srt", "page.mp4"]


def test_a_film_that_is_not_its_timeline_is_refused_with_both_numbers(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = render_module.concat_list
    monkeypatch.setattr(render_module, "concat_list", lambda segments, rate: whole(segments[:-1], rate))
    timeline = timeline_of(shots(media), media)
    with pytest.raises(FilmMismatchError, match=rf"{timeline.starts[-1]} frames instead of {timeline.total_frames}"):
        render_film(timeline, tmp_path / "out" / "film.mp4", cache=tmp_path / "cache")
    assert_nothing_stray(tmp_path / "out" / "film.mp4", tmp_path / "cache")


def test_a_segment_with_other_parameters_is_never_joined(media: Media, tmp_path: Path) -> None:
    timeline = timeline_of(shots(media), media)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aianime_pipeline.film.recipe.time_scale", lambda rate: 12_000)
        odd = replace(timeline, clips=timeline.clips[:1], speech=(), subtitles=())
        first = render_film(odd, tmp_path / "odd.mp4", cache=tmp_path / "odd")
        assert first.frames == timeline.clips[0].frames
    report = render_film(timeline, tmp_path / "good.mp4", cache=tmp_path / "cache")
    right = {path.name: path for path in (tmp_path / "cache" / "segments").iterdir()}
    (wrong,) = (tmp_path / "odd" / "segments").iterdir()
    from aianime_pipeline.film.segments import segment_key

    key = f"{segment_key(timeline.clips[0], 320, 180, timeline.rate)}.mp4"
    right[key].write_bytes(wrong.read_bytes())
    with pytest.raises(FilmMismatchError, match="cannot be joined"):
        render_film(timeline, report.path, cache=tmp_path / "cache")


def test_the_cache_is_trimmed_to_its_bytes_but_never_below_the_film(media: Media, tmp_path: Path) -> None:
    timeline = timeline_of(shots(media), media)
    render_film(timeline_of(shots(media)[:2], media, size=(64, 36)), tmp_path / "a.mp4", cache=tmp_path / "cache")
    render_film(timeline, tmp_path / "b.mp4", cache=tmp_path / "cache", cache_bytes=0)
    assert len([path for path in (tmp_path / "cache").rglob("*") if path.suffix in (".mp4", ".m4a")]) == 6
    again = render_film(timeline, tmp_path / "b.mp4", cache=tmp_path / "cache", cache_bytes=0)
    assert (again.segments_made, again.sound_made) == (0, False)


def test_only_mp4_is_promised(media: Media, tmp_path: Path) -> None:
    with pytest.raises(BadSettingError, match=r"film\.mov"):
        render_film(timeline_of(shots(media), media), tmp_path / "film.mov", cache=tmp_path)


RENDER = """
import json, resource, sys
from fractions import Fraction
from pathlib import Path
from aianime_pipeline.errors import PipelineError
from aianime_pipeline.film.render import render_film
from aianime_pipeline.film.timeline import Picture, TimelineShot, build_timeline
from aianime_pipeline.storyboard.model import CameraMove

picture, digest, output, cache, limit = sys.argv[1:]
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
shots = [TimelineShot(n, 1000, Picture(Path(picture), digest, "still"), move) for n, move in enumerate(CameraMove)]
timeline = build_timeline(shots, width=320, height=180, rate=Fraction(24)).timeline
try:
    report = render_film(timeline, Path(output), cache=Path(cache))
    print(json.dumps({"made": report.segments_made, "frames": report.frames}))
except PipelineError as error:
    print(json.dumps({"error": type(error).__name__, "message": error.message}))
"""


def start(media: Media, output: Path, cache: Path, limit: int = 0) -> subprocess.Popen[bytes]:
    picture = as_picture(media.picture())
    arguments = [str(picture.path), picture.digest, str(output), str(cache), str(limit)]
    return subprocess.Popen([sys.executable, "-c", RENDER, *arguments], stdout=subprocess.PIPE)


def answer(process: subprocess.Popen[bytes]) -> dict[str, object]:
    out, _ = process.communicate(timeout=120)
    answered: dict[str, object] = json.loads(out)
    return answered


def test_two_processes_may_render_into_one_cache_at_once(media: Media, tmp_path: Path) -> None:
    both = [start(media, tmp_path / f"{n}.mp4", tmp_path / "cache") for n in range(2)]
    assert [answer(process)["frames"] for process in both] == [11 * 24] * 2
    assert len(seen(tmp_path / "0.mp4")) == len(seen(tmp_path / "1.mp4")) == 11 * 24
    assert answer(start(media, tmp_path / "2.mp4", tmp_path / "cache"))["made"] == 0


@pytest.mark.parametrize("limit", [3_000, 60_000, 1_000_000])
def test_a_file_size_limit_is_told_as_a_full_disk_and_leaves_nothing(media: Media, tmp_path: Path, limit: int) -> None:
    """In turn: no segment fits, the segments fit but the film does not, only the mixed samples do not."""
    output, cache = tmp_path / "out" / "film.mp4", tmp_path / "cache"
    told = answer(start(media, output, cache, limit))
    assert told["error"] == "DiskFullError", told
    assert "space" in str(told["message"])
    assert_nothing_stray(output, cache)


def test_a_disk_that_is_really_full_is_told_and_leaves_nothing(media: Media, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("a small disk can be mounted by root only")
    try:
        timeline = timeline_of(shots(media), media)
        with pytest.raises(DiskFullError, match="space"):
            render_film(timeline, disk / "film.mp4", cache=disk / "cache")
        assert_nothing_stray(disk / "film.mp4", disk / "cache")
        assert not ffmpeg_children()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_sources_own_timestamps_never_reach_the_film(media: Media, tmp_path: Path) -> None:
    """The source begins at one hour."""
    offset = tmp_path / "offset.ts"
    ffmpeg("-i", media.talking_video("talk30.mp4"), "-c", "copy", "-output_ts_offset", "3600", offset)
    timeline = build_timeline(
        [TimelineShot(1, 1000, as_picture(offset, keeps_own_sound=True))], width=320, height=180, rate=Fraction(24)
    ).timeline
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache")
    assert np.abs(heard(report.path)[4_800:20_000]).max() > 0.05
    assert np.abs(seen(report.path)[0].astype(int) - seen(report.path)[-1]).mean() > 2


def assert_nothing_stray(output: Path, cache: Path) -> None:
    assert not output.exists()
    assert not output.with_suffix(".srt").exists()
    assert not (output.parent.exists() and [path for path in output.parent.iterdir() if path.name.startswith(".part")])
    assert not [path for path in cache.rglob("*") if path.name.startswith(".part")]
