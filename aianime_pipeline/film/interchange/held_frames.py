"""A held frame as a picture of its own, for a format that cannot hold one."""

from fractions import Fraction
from pathlib import Path

from aianime_pipeline.film.ffmpeg import Cancelled, run_ffmpeg
from aianime_pipeline.film.interchange.edit_list import PictureItem
from aianime_pipeline.film.sources import MEDIA_FORMATS


def held_name(item: PictureItem) -> str:
    """The same for the same frame of the same file."""
    return f"{item.file.stem}-frame-{item.source_in}.png"


def take_held_frame(item: PictureItem, rate: Fraction, held: Path, cancelled: Cancelled | None) -> None:
    """Counted like the render counts: in frames of the film's rate, from the beginning; past the end it is the last.

    Raises FfmpegFailedError, FfmpegCancelled.
    """
    chain = f"fps={rate.numerator}/{rate.denominator}:round=near,tpad=stop_mode=clone:stop=-1"
    chain += f",trim=start_frame={item.source_in}:end_frame={item.source_in + 1}"
    run_ffmpeg(
        [
            *("-format_whitelist", MEDIA_FORMATS, "-i", str(item.file.source.absolute())),
            *("-map", "0:v:0", "-vf", chain, "-frames:v", "1", str(held)),
        ],
        cancelled=cancelled,
        doing=f"take the held frame of shot {item.clip.shot}",
    )
