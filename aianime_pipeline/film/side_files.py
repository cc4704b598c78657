"""What lies beside a film: its subtitles as SubRip, WebVTT and ASS in each language, and its poster frame."""

from collections.abc import Iterator
from pathlib import Path

from aianime_pipeline.film.cache import part_beside
from aianime_pipeline.film.finishing import Finishing
from aianime_pipeline.film.posters import poster_frame
from aianime_pipeline.film.subtitle_files import to_ass, to_vtt
from aianime_pipeline.film.subtitles import to_srt


def write_side_files(finishing: Finishing, film: Path) -> dict[str, Path]:
    """Write them beside the finished `film`; returned by kind and language, such as `srt.zh`, and `poster`. The first
    language's files are called as the film is, the others' have the language in their name.

    Raises DiskFullError, UnreadableMediaError.
    """
    files: dict[str, Path] = {}
    for language, suffix, text in _texts(finishing):
        first = language == finishing.languages[0]
        path = film.with_name(f"{film.stem}{'' if first else f'.{language}'}.{suffix}")
        with part_beside(path) as part:
            part.write_text(text, encoding="utf-8", newline="\n")
            part.replace(path)
        files[f"{suffix}.{language}"] = path
    if finishing.preset.poster_second is not None:
        files["poster"] = _write_poster(finishing, film)
    return files


def _texts(finishing: Finishing) -> Iterator[tuple[str, str, str]]:
    timeline = finishing.timeline
    for language in finishing.languages:
        cues = timeline.cues(language)
        yield language, "srt", to_srt(cues)
        yield language, "vtt", to_vtt(cues, language)
        yield (
            language,
            "ass",
            to_ass(
                cues,
                finishing.style,
                width=timeline.width,
                height=timeline.height,
                title=finishing.tags.get("title", ""),
            ),
        )


def _write_poster(finishing: Finishing, film: Path) -> Path:
    """A JPEG as large as the film; a film that is shorter than the poster's moment gives its last frame."""
    timeline, second = finishing.timeline, finishing.preset.poster_second
    assert second is not None
    share = min(1.0, float(second / timeline.seconds))
    path = film.with_suffix(".jpg")
    with part_beside(path) as part:
        poster_frame(film, at=share).save(part, "JPEG", quality=90)
        part.replace(path)
    return path
