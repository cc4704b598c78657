"""Whole films, small ones: what came out is decoded and counted."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from support.film_media import Media, as_picture, ebur128, ffmpeg, heard, seen
from support.small_films import shots, timeline_of

from aianime_pipeline.film.finishing import AI_LABEL
from aianime_pipeline.film.probe import check_against, probe_film
from aianime_pipeline.film.render import FilmReport, render_film
from aianime_pipeline.film.timeline import Timeline, TimelineShot, build_timeline, samples_at


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
        "The last frame is held where a video is shorter than its shot: 3 (1.00 s of 2.00 s).",
        "Shots 3 should keep their own sound, and have none: they are silent.",
        "The lines of shots 2 are much louder than the others, and were levelled by 12 dB only.",
    )


def test_each_shot_is_seen_from_its_first_frame_to_its_last(film: tuple[Timeline, FilmReport]) -> None:
    timeline, report = film
    frames = seen(report.path)
    reds = [frame[90, 160, 0] > 150 and frame[90, 160, 1] < 60 for frame in frames]
    starts = timeline.starts
    expected = [starts[1] <= n < starts[2] or n == starts[3] for n in range(len(frames))]
    assert reds == expected


def test_a_line_is_heard_at_its_sample(media: Media, film_folder: Path) -> None:
    wanted = [replace(shot, picture=replace(shot.picture, keeps_own_sound=False)) for shot in shots(media)]
    timeline = build_timeline(wanted, width=320, height=180, rate=Fraction(24000, 1001)).timeline
    report = render_film(timeline, film_folder / "line.mp4", cache=film_folder / "cache")
    sound = np.abs(heard(report.path)[:, 0])
    loud = np.nonzero(sound > sound.max() / 2)[0]
    (cue,) = timeline.placed_speech
    assert cue.start == samples_at(timeline.starts[1], timeline.rate) + 7200
    assert loud[0] == pytest.approx(cue.start, abs=48)
    assert loud[-1] == pytest.approx(cue.end, abs=48)


def test_own_sound_and_picture_stay_together(media: Media, film_folder: Path) -> None:
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
    report = render_film(timeline, film_folder / "flash.mp4", cache=film_folder / "cache")
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
    (track,) = probe_film(report.path).subtitles
    cues = timeline.cues("zh")
    assert track.language == "zho"
    assert [(int(start * 1000), int(end * 1000), text) for start, end, text in track.cues] == [
        (cue.start_ms, cue.end_ms, cue.text) for cue in cues
    ]
    assert "{x} <i>我</i>" in "".join(text for _, _, text in track.cues)
    script = report.path.with_suffix(".srt").read_text(encoding="utf-8")
    assert script.count(" --> ") == len(cues)
    first, last = cues[0], [cue for cue in cues if cue.speaker][-1]
    (line,) = timeline.placed_speech
    assert first.start_ms == round(line.start / 48)
    assert last.end_ms == round(line.end / 48)


def test_the_film_says_its_title_and_that_it_is_generated(film: tuple[Timeline, FilmReport]) -> None:
    tags = probe_film(film[1].path).tags
    assert tags["title"] == "月光 '夜'; {x}"
    assert tags["comment"] == tags["description"] == AI_LABEL
    data = film[1].path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


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
    assert report.segments_made == 8  # four lengths, each with and without the label over it
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
    assert probe_film(report.path).subtitles == ()
    assert set(report.files) == {"poster"}
    assert not report.path.with_suffix(".srt").exists()


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
