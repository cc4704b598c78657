"""What a render keeps for the next one, and what it makes again."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.film_media import Media, as_picture
from support.small_films import shots, timeline_of

from aianime_pipeline.errors import FilmMismatchError
from aianime_pipeline.film.render import FilmReport, render_film
from aianime_pipeline.film.segments import segment_key
from aianime_pipeline.film.timeline import Timeline


def test_a_second_render_makes_nothing_and_gives_the_same_bytes(
    film: tuple[Timeline, FilmReport], film_folder: Path
) -> None:
    timeline, report = film
    again = render_film(timeline, film_folder / "again.mp4", cache=film_folder / "cache", title="月光\n'夜'; {x}")
    assert (again.segments_made, again.segments_kept, again.sound_made) == (0, 5, False)
    assert again.path.read_bytes() == report.path.read_bytes()
    assert again.warnings == report.warnings


def test_one_changed_shot_makes_one_segment_and_keeps_the_sound(
    film: tuple[Timeline, FilmReport], media: Media, film_folder: Path
) -> None:
    timeline, _ = film
    changed = as_picture(media.picture("green.png", "0x20a040"))
    clips = list(timeline.clips)
    clips[1] = replace(clips[1], source=changed.path, digest=changed.digest)
    report = render_film(
        replace(timeline, clips=tuple(clips)), film_folder / "changed.mp4", cache=film_folder / "cache"
    )
    assert (report.segments_made, report.segments_kept, report.sound_made) == (1, 4, False)
    louder = replace(timeline, music=replace(timeline.music, gain_db=-6.0))
    report = render_film(louder, film_folder / "louder.mp4", cache=film_folder / "cache")
    assert (report.segments_made, report.sound_made) == (0, True)


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
