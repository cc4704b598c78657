"""What lies beside a film: its subtitles as SubRip, WebVTT and ASS in each language, and its poster frame."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from aianime_pipeline.film.cache import part_beside
from aianime_pipeline.film.finishing import Finishing
from aianime_pipeline.film.posters import poster_frame
from aianime_pipeline.film.subtitles.cues import to_srt
from aianime_pipeline.film.subtitles.files import to_ass, to_vtt


@contextmanager
def side_files(finishing: Finishing, film: Path, output: Path) -> Iterator[Callable[[], dict[str, Path]]]:
    """Write what is to lie beside `output`, of which `film` has the contents, under names of their own. What is given
    puts them in their places and returns those by kind and language, such as `srt.zh`, and `poster`: only then, so
    that a full disk leaves no film without its files. The first language's files are called as the film is, the
    others' have the language in their name.

    Raises DiskFullError, StorageError, UnreadableMediaError.
    """
    parts: dict[str, tuple[Path, Path]] = {}
    with ExitStack() as stack:

        def begun(kind: str, path: Path) -> Path:
            parts[kind] = stack.enter_context(part_beside(path)), path
            return parts[kind][0]

        for language, suffix, text in _texts(finishing):
            first = language == finishing.languages[0]
            path = output.with_name(f"{output.stem}{'' if first else f'.{language}'}.{suffix}")
            begun(f"{suffix}.{language}", path).write_text(text, encoding="utf-8", newline="\n")
        if finishing.preset.poster_second is not None:
            _write_poster(finishing, film, begun("poster", output.with_suffix(".jpg")))

        def put_in_place() -> dict[str, Path]:
            for part, path in parts.values():
                part.replace(path)
            return {kind: path for kind, (_, path) in parts.items()}

        yield put_in_place


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


def _write_poster(finishing: Finishing, film: Path, part: Path) -> None:
    """A JPEG as large as the film; a film that is shorter than the poster's moment gives its last frame."""
    timeline, second = finishing.timeline, finishing.preset.poster_second
    assert second is not None
    share = min(1.0, float(second / timeline.seconds))
    poster_frame(film, at=share).save(part, "JPEG", quality=90)
