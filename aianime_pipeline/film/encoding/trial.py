"""Whether an encoder really works on this machine: it makes three small segments, and what came out is looked at.

That ffmpeg knows an encoder says nothing: the card, its driver or a free session may be missing, and drivers differ in
what they write. A film that fails at its last joint because of that is worse than one made in software.
"""

import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
import ffmpeg
import numpy as np

from aianime_pipeline.errors import MediaError, StorageError
from aianime_pipeline.film.encoding.settings import GOP, Encoder
from aianime_pipeline.film.ffmpeg import FfmpegCancelled, run_ffmpeg

LONGEST_SECONDS = 60.0
"""A driver that hangs must not hold the film."""

_BARS, _GREY = "testsrc2", "color=0x808080"
_PIECES = ((_BARS, GOP + 2), (_GREY, 10), (_BARS, 1))
"""What is encoded: unlike pictures, and unlike numbers of frames."""
_GREY_LUMA = 16 + 219 * 128 / 255
_FLAT, _COLOURFUL = 4.0, 20.0
"""How far samples may lie from what they should be, and how far those of the bars lie apart at least."""


@dataclass(frozen=True)
class _Written:
    """`lead` is by how much decoding begins before showing, in ticks."""

    parameters: bytes
    lead: int


def why_not(encoder: Encoder, width: int, height: int, rate: Fraction) -> str | None:
    """None where films of this size can be made with it, else the reason in a few words. Never raises for what the
    encoder, the driver or the disk does wrong."""
    give_up = time.monotonic() + LONGEST_SECONDS
    written: set[_Written] = set()
    try:
        with tempfile.TemporaryDirectory(prefix="encoder-") as folder:
            for number, (source, frames) in enumerate(_PIECES):
                path = Path(folder, f"{number}.mp4")
                _encode(encoder, source, path, width, height, rate, frames, give_up)
                written.add(_looked_at(path, source, width, height, rate, frames))
    except FfmpegCancelled:
        return f"took longer than {LONGEST_SECONDS:.0f} s"
    except av.error.FFmpegError as error:
        return f"cannot be decoded: {error.strerror}"
    except (MediaError, StorageError) as error:
        # ffmpeg names the cause first, and then everything that ended because of it.
        first = str(error.details.get("first_words", "")) or error.message
        return first.rpartition("] ")[2].rstrip(".")
    except OSError as error:
        return error.strerror or str(error)
    if len(written) > 1:
        return "its segments differ in their parameters and cannot be joined"
    return None


def _encode(
    encoder: Encoder, source: str, path: Path, width: int, height: int, rate: Fraction, frames: int, give_up: float
) -> None:
    # The recipe knows encoders by the module that stands on this one.
    from aianime_pipeline.film.picture.recipe import FrameFormat, segment

    size = f"{':' if '=' in source else '='}s={width}x{height}:r={rate}"
    picture = ffmpeg.input(source + size, f="lavfi").filter("format", pix_fmts="yuv420p")
    run_ffmpeg(
        segment(picture, str(path), FrameFormat(width, height, rate), frames, encoder, threads=0),
        cancelled=lambda: time.monotonic() > give_up,
        doing=f"try {encoder.name}",
    )


def _looked_at(path: Path, source: str, width: int, height: int, rate: Fraction, frames: int) -> _Written:
    """Raises MediaError saying what is wrong with a segment."""
    with av.open(str(path)) as container:
        if not container.streams.video:
            raise MediaError("it writes files without a picture")
        stream = container.streams.video[0]
        assert stream.time_base is not None
        packets = [packet for packet in container.demux(stream) if packet.size]
        keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
        if keys != list(range(0, frames, GOP)):
            raise MediaError(f"its key frames are at {keys}")
        written = _Written(stream.codec_context.extradata or b"", (packets[0].pts or 0) - (packets[0].dts or 0))
    with av.open(str(path)) as container:
        count = 0
        for count, frame in enumerate(container.decode(video=0), start=1):
            if (
                frame.time_base is None
                or frame.pts is None
                or frame.pts * frame.time_base != Fraction(count - 1) / rate
            ):
                raise MediaError(f"its frame {count} comes at {frame.time} s")
            if (frame.width, frame.height) != (width, height) or frame.is_corrupt:
                raise MediaError(f"its frame {count} is damaged ({frame.width}x{frame.height})")
            if not _right(frame, source):
                raise MediaError(f"its frame {count} does not show what was encoded")
    if count != frames:
        raise MediaError(f"{frames} frames became {count}")
    return written


def _right(frame: av.VideoFrame, source: str) -> bool:
    samples = frame.to_ndarray(format="yuv420p").astype(np.float32)
    luma, chroma = samples[: frame.height], samples[frame.height :]
    if source == _GREY:
        return bool(np.abs(luma - _GREY_LUMA).max() < _FLAT and np.abs(chroma - 128).max() < _FLAT)
    return bool(luma.std() > _COLOURFUL and chroma.std() > _COLOURFUL)
