"""A look at every file before it counts as a take: it opens, and it is what was asked for."""

from pathlib import Path
from typing import Any

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.stills import opened_still
from aianime_pipeline.production.shots.stages import Stage


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
    """Its `width` and `height`, after decoding it. Raises UnreadableMediaError."""
    with opened_still(path, "The picture that came back") as picture:
        picture.load()
        return {"width": picture.width, "height": picture.height}


def inspect_video(path: Path) -> dict[str, Any]:
    import av

    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            frames = sum(1 for packet in container.demux(stream) if packet.size)
            rate = stream.average_rate
            has_sound = bool(container.streams.audio)
    except (av.FFmpegError, IndexError) as error:
        raise UnreadableMediaError(f"The video that came back does not open: {_why(error)}") from error
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
        raise UnreadableMediaError(f"The sound that came back does not open: {_why(error)}") from error
    if samples == 0:
        raise UnreadableMediaError("The sound that came back is empty.")
    return {"samples": samples}


def _why(error: Exception) -> str:
    """Without the file's path, which ffmpeg repeats: what becomes of a take is told to people elsewhere."""
    return str(getattr(error, "strerror", None) or "it has no such stream")
