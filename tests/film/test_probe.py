"""The probe finds what is wrong with a film, each kind of wrong by its name."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from support.film_media import Media, as_picture, as_voice, ffmpeg

from aianime_pipeline.film.probe import FilmFacts, check_against, check_joints, probe_film
from aianime_pipeline.film.progress import Progress, ProgressMeter
from aianime_pipeline.film.render import render_film
from aianime_pipeline.film.subtitles.track import track_language
from aianime_pipeline.film.timeline import Timeline, TimelineShot, build_timeline


@pytest.fixture(scope="module")
def film(media: Media, tmp_path_factory: pytest.TempPathFactory) -> tuple[Timeline, Path]:
    folder = tmp_path_factory.mktemp("probed")
    line = as_voice(media.voice(), 1.0)
    wanted = [
        TimelineShot(1, 1000, as_picture(media.video("v.mp4"))),
        TimelineShot(2, 2000, as_picture(media.picture()), voice=line, dialogue="三年后。"),
        TimelineShot(3, 1000, as_picture(media.talking_video("t.mp4"), keeps_own_sound=True)),
    ]
    timeline = build_timeline(wanted, width=320, height=180, rate=Fraction(24)).timeline
    return timeline, render_film(timeline, folder / "film.mp4", cache=folder / "cache").path


def without(facts: FilmFacts, **changes: object) -> FilmFacts:
    return replace(facts, **changes)  # type: ignore[arg-type]


def test_every_difference_is_told_with_both_numbers(film: tuple[Timeline, Path]) -> None:
    timeline, path = film
    facts = probe_film(path)
    assert check_against(facts, timeline) == []
    assert facts.picture is not None
    assert facts.sound is not None
    picture, sound, (subtitles,) = facts.picture, facts.sound, facts.subtitles
    wrong = {
        "95 frames instead of 96": without(facts, picture=replace(picture, frames=95)),
        "640x180 instead of 320x180": without(facts, picture=replace(picture, width=640)),
        "25 frames a second instead of 24": without(facts, picture=replace(picture, rate=Fraction(25))),
        "the picture starts at 0.5 s instead of 0": without(facts, picture=replace(picture, start=Fraction(1, 2))),
        "3 frames are not where they should be in time": without(facts, picture=replace(picture, gaps=3)),
        "there is no picture": without(facts, picture=None),
        "there is no sound": without(facts, sound=None),
        "3.958 s of sound instead of 4.000 s": without(facts, sound=replace(sound, seconds=Fraction(95, 24))),
        "the sound starts at 0.5 s instead of 0": without(facts, sound=replace(sound, start=Fraction(1, 2))),
        "the sound has 1 gaps": without(facts, sound=replace(sound, gaps=1)),
        "sound of 44100 Hz in 2 channels instead of 48000 Hz in 2": without(facts, sound=replace(sound, rate=44_100)),
        "0 subtitle tracks instead of 1": without(facts, subtitles=()),
        "0 subtitles (zh) instead of 1": without(facts, subtitles=(replace(subtitles, cues=()),)),
        "a subtitle track's language is eng, not zh": without(facts, subtitles=(replace(subtitles, language="eng"),)),
        "the picture is hevc instead of h264": without(facts, picture=replace(picture, codec="hevc")),
    }
    for words, damaged in wrong.items():
        assert check_against(damaged, timeline) == [words]
    start, end, _ = subtitles.cues[0]
    other = without(facts, subtitles=(replace(subtitles, cues=((start, end, "别的"),)),))
    assert "'别的' from 1.15 to 2.15 s instead of '三年后。'" in check_against(other, timeline)[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-c", "copy", "-t", "2"], "frames instead of 96"),
        (["-c", "copy", "-map", "0:v"], "there is no sound"),
        (["-c:v", "libx264", "-r", "30", "-c:a", "copy"], "30 frames a second instead of 24"),
        (["-c:v", "copy", "-c:a", "aac", "-af", "atrim=0:3"], "s of sound instead of 4.000 s"),
        (["-c", "copy", "-bsf:v", "setts=ts=TS+gte(N\\,40)*2000"], "not where they should be"),
    ],
)
def test_films_that_were_really_damaged_are_noticed(
    film: tuple[Timeline, Path], tmp_path: Path, options: list[str], words: str
) -> None:
    timeline, path = film
    damaged = tmp_path / "damaged.mp4"
    ffmpeg("-i", path, "-map_metadata", "0", *options, damaged)
    assert any(words in difference for difference in check_against(probe_film(damaged), timeline))


def test_a_joint_that_is_no_key_frame_or_is_damaged_is_noticed(film: tuple[Timeline, Path], tmp_path: Path) -> None:
    timeline, path = film
    assert check_joints(path, timeline.starts, timeline.rate) == []
    assert "the joint at frame 30" in check_joints(path, [0, 30], timeline.rate)[0]
    one_gop = tmp_path / "one.mp4"
    ffmpeg("-i", path, "-c:v", "libx264", "-g", "500", "-sc_threshold", "0", one_gop)
    assert len(check_joints(one_gop, timeline.starts, timeline.rate)) == 2


def test_languages_are_written_as_mp4_wants_them() -> None:
    assert [track_language(code) for code in ["zh", "zh-CN", "en_US", "jpn", "xx", ""]] == [
        "zho", "zho", "eng", "jpn", "und", "und",
    ]  # fmt: skip


def test_progress_weighs_the_steps_and_estimates_what_is_left() -> None:
    now, told = [0.0], list[Progress]()
    meter = ProgressMeter({"long": 3.0, "short": 1.0}, told.append, clock=lambda: now[0])
    meter.begin("long")
    now[0] = 6.0
    meter.share(0.5)
    assert (told[-1].percent, told[-1].seconds_left) == (37.5, 10.0)
    meter.begin("short")
    assert told[-1].percent == 75.0
    meter.share(-1)
    now[0] = 8.0
    meter.finish()
    assert (told[-1].percent, told[-1].seconds_left) == (100.0, 0.0)
    assert meter.seconds == {"long": 6.0, "short": 2.0}
