"""What a render keeps for the next one, and what it makes again."""

from dataclasses import replace
from pathlib import Path

from support.film_media import Media, as_picture
from support.small_films import shots, timeline_of

from aianime_pipeline.film.render import FilmReport, render_film
from aianime_pipeline.film.timeline import Timeline


def test_a_second_render_makes_nothing_and_gives_the_same_bytes(
    film: tuple[Timeline, FilmReport], film_folder: Path
) -> None:
    timeline, report = film
    again = render_film(timeline, film_folder / "again.mp4", cache=film_folder / "cache", title="月光\n'夜'; {x}")
    assert (again.segments_made, again.segments_kept, again.sound_made) == (0, 5, False)
    assert again.path.read_bytes() == report.path.read_bytes()
    assert again.warnings == report.warnings


def test_a_film_that_lies_there_already_is_left_as_it_is(film: tuple[Timeline, FilmReport], film_folder: Path) -> None:
    timeline, report = film
    before = report.path.stat()
    again = render_film(timeline, report.path, cache=film_folder / "cache", title="月光\n'夜'; {x}")
    assert (again.kept, again.segments_made, again.sound_made) == (True, 0, False)
    assert again == replace(
        report, kept=True, segments_made=0, segments_kept=5, sound_made=False, timings={}, files=again.files
    )
    assert (report.path.stat().st_mtime_ns, report.path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert again.files == report.files


def test_a_film_that_was_damaged_is_made_again(media: Media, tmp_path: Path) -> None:
    timeline = timeline_of(shots(media)[:2], media)
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache")
    whole = report.path.read_bytes()
    report.path.write_bytes(whole[:5000] + b"x" + whole[5001:])
    assert not render_film(timeline, report.path, cache=tmp_path / "cache").kept
    assert report.path.read_bytes() == whole


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


def test_the_cache_is_trimmed_to_its_bytes_but_never_below_the_film(media: Media, tmp_path: Path) -> None:
    timeline = timeline_of(shots(media), media)
    render_film(timeline_of(shots(media)[:2], media, size=(64, 36)), tmp_path / "a.mp4", cache=tmp_path / "cache")
    render_film(timeline, tmp_path / "b.mp4", cache=tmp_path / "cache", cache_bytes=0)
    assert len([path for path in (tmp_path / "cache").rglob("*") if path.suffix in (".mp4", ".m4a")]) == 6
    again = render_film(timeline, tmp_path / "b.mp4", cache=tmp_path / "cache", cache_bytes=0)
    assert (again.segments_made, again.sound_made) == (0, False)
