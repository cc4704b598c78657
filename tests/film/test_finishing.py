"""What a film is finished with: sizes, codecs, subtitles in the picture, labels, marks, files beside it."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from support.film_media import Media, as_picture, as_voice, ebur128, seen
from support.small_films import timeline_of

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.drawing.watermark import Watermark
from aianime_pipeline.film.finishing import AI_LABEL, AIGC_TAG
from aianime_pipeline.film.presets.presets import ExportPreset
from aianime_pipeline.film.probe import probe_film
from aianime_pipeline.film.render import render_film
from aianime_pipeline.film.subtitles.reading import read_subtitles
from aianime_pipeline.film.timeline import Timeline, TimelineShot
from aianime_pipeline.film.timeline.subtitle_tracks import with_subtitle_track

PLAIN = ExportPreset("plain", resolution="480p", ai_label=False, poster_second=None)
ENGLISH = "1\n00:00:01,200 --> 00:00:02,000\nYou came at last.\n"


def episode(media: Media) -> Timeline:
    """A red picture of one second, then a grey one of two seconds with a line."""
    line = as_voice(media.voice(), 1.0)
    grey = as_picture(media.picture("grey.png", "0x606060"))
    wanted = [
        TimelineShot(1, 1000, as_picture(media.picture())),
        TimelineShot(2, 2000, grey, voice=line, dialogue="你终于来了🙂。", speaker="阿月"),
        TimelineShot(3, 1000, grey),
    ]
    return timeline_of(wanted, media)


def ink(frame: NDArray[np.uint8], *, left: float, top: float, right: float, bottom: float) -> int:
    """The brightest of a part of a frame, its sides given from 0 to 1."""
    height, width, _ = frame.shape
    part = frame[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
    return int(part.max())


def test_burned_in_subtitles_are_seen_while_the_words_are_spoken_and_no_longer(media: Media, tmp_path: Path) -> None:
    preset = replace(PLAIN, subtitles="burned")
    timeline = episode(media)
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache", preset=preset)
    frames = seen(report.path)
    assert frames[0].shape[:2] == (480, 854)
    (cue,) = timeline.cues("zh")
    lit = [n for n, frame in enumerate(frames) if ink(frame, left=0.2, top=0.8, right=0.8, bottom=1) > 225]
    assert lit == [n for n in range(len(frames)) if cue.start_ms <= n * 1000 / 24 < cue.end_ms]
    assert probe_film(report.path).subtitles == ()
    assert set(report.files) == {"srt.zh", "vtt.zh", "ass.zh"}
    assert "The font has no glyph for '🙂': it is left out of subtitle 1." in report.warnings


def test_another_subtitle_makes_only_the_segments_under_it(media: Media, tmp_path: Path) -> None:
    preset = replace(PLAIN, subtitles="burned")
    timeline = episode(media)
    render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache", preset=preset)
    (track,) = timeline.subtitles
    said = replace(track, lines=(replace(track.lines[0], lines=("别的话。",)),))
    report = render_film(
        replace(timeline, subtitles=(said,)), tmp_path / "film.mp4", cache=tmp_path / "cache", preset=preset
    )
    assert (report.segments_made, report.segments_kept, report.sound_made) == (1, 2, False)


def test_several_languages_are_several_tracks_and_files(media: Media, tmp_path: Path) -> None:
    timeline = with_subtitle_track(episode(media), "en", read_subtitles(ENGLISH))
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache", preset=PLAIN)
    tracks = probe_film(report.path).subtitles
    assert [(track.language, len(track.cues)) for track in tracks] == [("zho", 1), ("eng", 1)]
    names = {kind: path.name for kind, path in report.files.items()}
    assert names["srt.zh"], names["vtt.en"] == ("film.srt", "film.en.vtt")
    assert "You came at last." in report.files["ass.en"].read_text(encoding="utf-8")
    one = replace(PLAIN, languages=("en",))
    report = render_film(timeline, tmp_path / "en.mp4", cache=tmp_path / "cache", preset=one)
    assert [track.language for track in probe_film(report.path).subtitles] == ["eng"]
    with pytest.raises(BadSettingError, match="subtitles in fr; the film has them in zh, en"):
        render_film(timeline, tmp_path / "fr.mp4", cache=tmp_path / "cache", preset=replace(PLAIN, languages=("fr",)))


def test_the_label_is_seen_in_the_first_seconds_and_said_in_the_metadata(media: Media, tmp_path: Path) -> None:
    dark = as_picture(media.picture("dark.png", "0x202020"))
    timeline = timeline_of([TimelineShot(n, 1500, dark) for n in range(1, 5)], media)
    preset = replace(PLAIN, ai_label=True)
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache", preset=preset)
    frames = seen(report.path)
    lit = [n for n, frame in enumerate(frames) if ink(frame, left=0, top=0, right=0.5, bottom=0.3) > 200]
    assert lit[0] == 0
    assert 2 * 24 <= len(lit) == lit[-1] + 1 < len(frames)
    tags = probe_film(report.path).tags
    assert tags["comment"] == tags["description"] == AI_LABEL
    assert json.loads(tags[AIGC_TAG])["Label"] == "1"
    bare = render_film(timeline, tmp_path / "bare.mp4", cache=tmp_path / "cache", preset=PLAIN)
    assert ink(seen(bare.path)[0], left=0, top=0, right=0.5, bottom=0.3) < 60
    assert not {"comment", "description", AIGC_TAG} & set(probe_film(bare.path).tags)
    assert any("does not say that it was made with AI" in warning for warning in bare.warnings)


def test_a_draft_says_so_in_picture_and_title(media: Media, tmp_path: Path) -> None:
    dark = as_picture(media.picture("dark.png", "0x202020"))
    timeline = timeline_of([TimelineShot(1, 1000, dark, slate="there is no image")], media)
    report = render_film(
        timeline, tmp_path / "film.mp4", cache=tmp_path / "cache", preset=PLAIN, draft=True, title="第一集"
    )
    assert all(ink(frame, left=0.5, top=0, right=1, bottom=0.3) > 150 for frame in seen(report.path))
    assert probe_film(report.path).tags["title"] == "DRAFT 样片 第一集"
    assert report.slates == {1: "there is no image"}


def test_a_watermark_lies_in_its_corner_from_the_first_frame_to_the_last(media: Media, tmp_path: Path) -> None:
    mark = tmp_path / "mark.png"
    Image.new("RGBA", (200, 100), (255, 255, 255, 255)).save(mark)
    timeline = episode(media)
    watermark = Watermark(mark, corner="bottom_left", opacity=1.0)
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache", preset=PLAIN, watermark=watermark)
    for frame in seen(report.path):
        assert ink(frame, left=0, top=0.6, right=0.25, bottom=1) > 240
        assert ink(frame, left=0.5, top=0, right=1, bottom=0.4) < 230
    off = replace(PLAIN, watermark=False)
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache", preset=off, watermark=watermark)
    assert ink(seen(report.path)[-1], left=0, top=0.6, right=0.25, bottom=1) < 120


@pytest.mark.parametrize(
    ("preset", "size", "codec"),
    [
        (replace(PLAIN, aspect="9:16", rate=Fraction(25), quality="draft"), (480, 854), "h264"),
        (
            replace(PLAIN, aspect="1:1", rate=Fraction(30), codec="h265", fit="crop", quality="draft"),
            (480, 480),
            "hevc",
        ),
        (replace(PLAIN, rate=Fraction(24000, 1001), codec="av1", quality="draft"), (854, 480), "av1"),
    ],
    ids=["vertical", "square-h265-cropped", "film-rate-av1"],
)
def test_a_preset_makes_the_same_film_in_another_shape(
    media: Media, tmp_path: Path, preset: ExportPreset, size: tuple[int, int], codec: str
) -> None:
    timeline = episode(media)
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache", preset=preset)
    facts = probe_film(report.path)
    assert facts.picture is not None
    assert ((facts.picture.width, facts.picture.height), facts.picture.codec) == (size, codec)
    assert facts.picture.rate == preset.rate
    assert abs(facts.picture.seconds - timeline.seconds) <= 1 / preset.rate
    frames = seen(report.path)
    assert len(frames) == report.frames
    assert frames[0].shape == (size[1], size[0], 3)
    middle, corner = frames[0][size[1] // 2, size[0] // 2], frames[0][4, size[0] // 2]
    assert middle[0] > 150
    assert middle[1] < 60
    has_bars = preset.fit == "pad" and preset.aspect == "9:16"
    assert (corner.max() < 30) == has_bars


@pytest.mark.parametrize("loudness", [-14, -23])
def test_a_preset_says_how_loud_the_film_is(media: Media, tmp_path: Path, loudness: int) -> None:
    timeline = episode(media)
    preset = replace(PLAIN, loudness=loudness)
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache", preset=preset)
    integrated, peak = ebur128(report.path)
    assert integrated == pytest.approx(loudness, abs=0.5)
    assert peak < -1.5


def test_the_poster_is_the_frame_of_its_second(media: Media, tmp_path: Path) -> None:
    timeline = episode(media)
    for second, red in [(Fraction(1, 2), True), (Fraction(3, 2), False), (Fraction(99), False)]:
        preset = replace(PLAIN, poster_second=second)
        report = render_film(timeline, tmp_path / f"{second.numerator}.mp4", cache=tmp_path / "cache", preset=preset)
        with Image.open(report.files["poster"]) as poster:
            assert poster.format == "JPEG"
            assert poster.size == (854, 480)
            pixel = poster.getpixel((427, 200))
        assert isinstance(pixel, tuple)
        assert (pixel[0] > 150 and pixel[1] < 60) == red
