"""The finished pieces become one file: pictures, sound and subtitle tracks are copied together, nothing is encoded."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from aianime_pipeline.film.cache import part_beside
from aianime_pipeline.film.ffmpeg import Cancelled
from aianime_pipeline.film.finishing import Finishing
from aianime_pipeline.film.mp4.join import PictureSegment, TextTrack, join_movie
from aianime_pipeline.film.picture.segments import Segment
from aianime_pipeline.film.sound.track import SoundMix
from aianime_pipeline.film.subtitles.track import track_language, write_subtitle_track


def join_film(
    finishing: Finishing,
    segments: Sequence[Segment],
    sound: SoundMix,
    film: Path,
    *,
    cancelled: Cancelled | None,
    on_share: Callable[[float], None] | None,
) -> None:
    """Write the MP4 at `film`. Raises FilmMismatchError naming the segments that do not fit together, DiskFullError,
    FfmpegCancelled."""
    with ExitStack() as stack:
        texts: list[TextTrack] = []
        for language in finishing.soft_languages:
            lines = stack.enter_context(part_beside(film.with_suffix(".text.mp4")))
            write_subtitle_track(finishing.timeline.cues(language), lines)
            texts.append(TextTrack(lines, language=track_language(language), default=not texts))
        join_movie(
            film,
            pictures=[PictureSegment(segment.path, segment.frames, str(segment.piece)) for segment in segments],
            sound=sound.path,
            texts=texts,
            tags=finishing.tags,
            cancelled=cancelled,
            on_share=on_share,
        )
