"""Presets, watermarks and timelines that do not go together: the film is made as far as they do, or it is said why
not, before any work."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.film_media import Media, as_picture, seen
from support.small_films import assert_nothing_stray

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.drawing.watermark import Watermark
from aianime_pipeline.film.presets.presets import ExportPreset
from aianime_pipeline.film.probe import probe_film
from aianime_pipeline.film.render import render_film
from aianime_pipeline.film.timeline import Timeline, TimelineShot, build_timeline

PLAIN = ExportPreset("plain", resolution="480p", quality="draft", ai_label=False, poster_second=None)


def film(media: Media, *, ms: int = 125, dialogue: str = "好。") -> Timeline:
    shot = TimelineShot(1, ms, as_picture(media.picture()), dialogue=dialogue, translations=(("en", "Good."),))
    return build_timeline([shot], width=320, height=180, rate=Fraction(24)).timeline


@pytest.mark.parametrize("subtitles", ["soft", "burned"])
@pytest.mark.parametrize("languages", [("ja",), ("zh-Hant",), ("ZH",)])
def test_a_language_that_the_film_has_not_is_refused_with_those_it_has(
    media: Media, tmp_path: Path, subtitles: str, languages: tuple[str, ...]
) -> None:
    preset = replace(PLAIN, subtitles=subtitles, languages=languages)  # type: ignore[arg-type]
    output, cache = tmp_path / "out" / "film.mp4", tmp_path / "cache"
    with pytest.raises(BadSettingError, match=rf"subtitles in {languages[0]}; the film has them in zh, en"):
        render_film(film(media), output, cache=cache, preset=preset)
    assert_nothing_stray(output, cache)
    assert not cache.exists(), "nothing was begun"


def test_a_film_without_a_word_has_no_subtitle_whatever_the_preset_says(media: Media, tmp_path: Path) -> None:
    shot = TimelineShot(1, 125, as_picture(media.picture()))
    timeline = build_timeline([shot], width=320, height=180, rate=Fraction(24)).timeline
    for subtitles in ("soft", "burned"):
        output = tmp_path / f"{subtitles}.mp4"
        preset = replace(PLAIN, subtitles=subtitles)  # type: ignore[arg-type]
        report = render_film(timeline, output, cache=tmp_path / "cache", preset=preset)
        assert report.files == {}
        assert probe_film(output).subtitles == ()
        assert max(int(frame.min(axis=2).max()) for frame in seen(output)) < 100


def test_a_small_film_can_become_4k_upright_in_av1(media: Media, tmp_path: Path) -> None:
    preset = replace(PLAIN, resolution="4k", aspect="9:16", codec="av1", rate=Fraction(25), subtitles="burned")
    report = render_film(film(media, ms=42), tmp_path / "film.mp4", cache=tmp_path / "cache", preset=preset)
    facts = probe_film(report.path)
    assert facts.picture is not None
    assert (facts.picture.width, facts.picture.height, facts.picture.codec) == (2160, 3840, "av1")
    frames = seen(report.path)
    assert len(frames) == report.frames == 1
    assert frames[0][1920, 1080, 0] > 150, "the picture in the middle"
    assert frames[0][200, 1080].max() < 30, "bars above it"
    assert frames[0][2600:].min(axis=2).max() > 220, "the subtitle below"


@pytest.mark.parametrize("size", [(3000, 2000), (3000, 3), (3, 3000), (1, 1)])
def test_a_watermark_of_any_size_lies_small_in_its_corner(media: Media, tmp_path: Path, size: tuple[int, int]) -> None:
    mark = tmp_path / "mark.png"
    Image.new("RGBA", size, (255, 255, 255, 255)).save(mark)
    watermark = Watermark(mark, corner="top_left", opacity=1.0)
    preset = replace(PLAIN, subtitles="none")
    bare = render_film(film(media), tmp_path / "bare.mp4", cache=tmp_path / "cache", preset=preset)
    marked = render_film(
        film(media), tmp_path / "marked.mp4", cache=tmp_path / "cache", preset=preset, watermark=watermark
    )
    change = np.abs(seen(marked.path)[1].astype(int) - seen(bare.path)[1]).max(axis=2) > 60
    rows, columns = np.nonzero(change)
    assert len(rows)
    assert columns.max() <= 854 * 0.2
    assert change.mean() < 0.05
    assert rows.max() < 480
