"""A look at every file before it counts as a take: it opens, and it is what was asked for."""

import struct
from pathlib import Path
from typing import Any

from PIL import Image

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.production.stages import Stage

MOST_PIXELS = 100_000_000
"""Of a picture: several times what vendors make. A small file may say that it has any number, and each takes up to
eight bytes when it is read."""

_PILLOW_GIVES_UP = (
    *(OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError),
    *(OverflowError, MemoryError, RuntimeError, struct.error),
)
"""What its readers raise for damaged files."""


def inspect_take(stage: Stage, path: Path) -> dict[str, Any]:
    """Facts about the file, for the take's record. Raises UnreadableMediaError."""
    match stage:
        case Stage.IMAGE:
            return inspect_picture(path)
        case Stage.VIDEO:
            return inspect_video(path)
        case Stage.VOICE:
            return inspect_sound(path)


def inspect_picture(path: Path) -> dict[str, Any]:
    from aianime_pipeline.film.sources import PICTURE_FORMATS

    try:
        with Image.open(path, formats=PICTURE_FORMATS) as picture:
            width, height = picture.size
            if width * height <= MOST_PIXELS:
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except _PILLOW_GIVES_UP as error:
        raise UnreadableMediaError(f"The picture that came back does not open: {error}") from error
    if width * height > MOST_PIXELS:
        raise _too_many_pixels(width, height)
    return {"width": width, "height": height}


def _too_many_pixels(width: int = 0, height: int = 0) -> UnreadableMediaError:
    found = f"{width}x{height}" if width else "too many"
    return UnreadableMediaError(
        f"The picture that came back has {found} pixels; it is opened up to {MOST_PIXELS // 1_000_000} megapixels."
    )


def inspect_video(path: Path) -> dict[str, Any]:
    import av

    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            frames = sum(1 for packet in container.demux(stream) if packet.size)
            rate = stream.average_rate
            has_sound = bool(container.streams.audio)
    except (av.FFmpegError, IndexError) as error:
        raise UnreadableMediaError(f"The video that came back does not open: {error}") from error
    if frames == 0 or rate is None:
        raise UnreadableMediaError("The video that came back has no frame.")
    return {"width": stream.width, "height": stream.height, "frames": frames, "rate": str(rate), "has_sound": has_sound}


def inspect_sound(path: Path) -> dict[str, Any]:
    """`samples` at 48 kHz, by decoding."""
    import av

    samples = 0
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
            for frame in container.decode(audio=0):
                samples += sum(out.samples for out in resampler.resample(frame))
            samples += sum(out.samples for out in resampler.resample(None))
    except (av.FFmpegError, IndexError) as error:
        raise UnreadableMediaError(f"The sound that came back does not open: {error}") from error
    if samples == 0:
        raise UnreadableMediaError("The sound that came back is empty.")
    return {"samples": samples}
