"""One normalised piece of picture per clip, made once and kept by its content.

A finished segment has been decoded to its last frame and counted; a kept one has its seal checked. Encoding two at a
time with one thread each is 10 to 20 % faster than one with all threads; a single one gets all.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
import ffmpeg

from aianime_pipeline.errors import MediaError, UnreadableMediaError
from aianime_pipeline.film import recipe
from aianime_pipeline.film.cache import Facts, content_key, part_beside, seal, sealed_facts
from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled, run_ffmpeg
from aianime_pipeline.film.motion import moving_still
from aianime_pipeline.film.sources import MEDIA_FORMATS, MediaFacts, probe_media
from aianime_pipeline.film.timeline import Clip

SEGMENTS = "segments"
"""The folder of the cache in which they lie."""


@dataclass(frozen=True)
class Segment:
    """`made` is False where it was kept from an earlier film. `source_seconds` is None for a still. Only segments of
    equal `parameters` (time scale and decoder configuration) can be joined."""

    clip: Clip
    path: Path
    made: bool
    source_seconds: float | None
    parameters: str


@dataclass(frozen=True)
class _Frame:
    """What all segments of a film share."""

    width: int
    height: int
    rate: Fraction


def prepare_segments(
    clips: Sequence[Clip],
    *,
    cache: Path,
    width: int,
    height: int,
    rate: Fraction,
    workers: int = 2,
    cancelled: Cancelled | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Segment, ...]:
    """The segments of `clips`, in their order; what is missing or damaged in the cache is made, `workers` at a time.

    `on_progress` gets the frames encoded so far and the frames to encode. Segments that were finished before a failure
    or a cancellation stay. Raises UnreadableMediaError and FfmpegFailedError naming the shot, DiskFullError,
    FfmpegCancelled.
    """
    frame = _Frame(width, height, rate)
    paths = [cache / SEGMENTS / f"{segment_key(clip, width, height, rate)}.mp4" for clip in clips]
    known: dict[Path, Facts] = {}
    missing: dict[Path, Clip] = {}
    for clip, path in zip(clips, paths, strict=True):
        if path in known or path in missing:
            continue
        facts = sealed_facts(path)
        if facts is None:
            missing[path] = clip
        else:
            known[path] = facts
    known.update(_make_all(missing, frame, workers, cancelled, on_progress))
    return tuple(
        Segment(clip, path, path in missing, known[path]["source_seconds"], known[path]["parameters"])
        for clip, path in zip(clips, paths, strict=True)
    )


def segment_key(clip: Clip, width: int, height: int, rate: Fraction) -> str:
    """Digest of all that a segment's bytes come from; where it stands in the film is no part of it."""
    picture = recipe.fitted(ffmpeg.input("source"), width, height, rate, clip.frames)
    command = recipe.segment(picture, "segment", width, height, rate, clip.frames, threads=0)
    return content_key(
        recipe.RECIPE,
        source=clip.digest,
        kind=clip.kind,
        move=clip.camera_move,
        command=command.get_args(),
    )


def _make_all(
    missing: dict[Path, Clip],
    frame: _Frame,
    workers: int,
    cancelled: Cancelled | None,
    on_progress: Callable[[int, int], None] | None,
) -> dict[Path, Facts]:
    """All segments of `missing`. The first failure stops the others."""
    if not missing:
        return {}
    workers = max(1, min(workers, len(missing)))
    threads = 0 if workers == 1 else max(1, len(os.sched_getaffinity(0)) // workers)
    failed = threading.Event()
    tally = _Tally(sum(clip.frames for clip in missing.values()), on_progress)

    def stop() -> bool:
        return failed.is_set() or (cancelled is not None and cancelled())

    def make(path: Path, clip: Clip) -> Facts:
        try:
            if stop():
                raise FfmpegCancelled(f"encode shot {clip.shot}")
            return _make(clip, path, frame, threads, stop, lambda frames: tally.report(path, frames))
        except BaseException:
            failed.set()
            raise

    with ThreadPoolExecutor(workers, thread_name_prefix="segment") as pool:
        futures = {path: pool.submit(make, path, clip) for path, clip in missing.items()}
    errors = [error for future in futures.values() if (error := future.exception()) is not None]
    # A neighbour that was stopped because of a failure is not the failure.
    for error in sorted(errors, key=lambda error: isinstance(error, FfmpegCancelled)):
        raise error
    return {path: future.result() for path, future in futures.items()}


def _make(
    clip: Clip, path: Path, frame: _Frame, threads: int, cancelled: Cancelled, on_frames: Callable[[int], None]
) -> Facts:
    try:
        source = probe_media(clip.source, needs="video") if clip.kind == "video" else None
        with part_beside(path) as part:
            _encode(clip, source, part, frame, threads, cancelled, on_frames)
            parameters = _check(part, clip, frame)
            facts = {"frames": clip.frames, "source_seconds": source and source.seconds, "parameters": parameters}
            seal(part, facts)
            part.replace(path)
    except MediaError as error:
        error.message = f"Shot {clip.shot}: {error.message}"
        error.args = (error.message,)
        error.details["shot"] = clip.shot
        raise
    on_frames(clip.frames)
    return facts


def _encode(
    clip: Clip,
    source: MediaFacts | None,
    part: Path,
    frame: _Frame,
    threads: int,
    cancelled: Cancelled,
    on_frames: Callable[[int], None],
) -> None:
    width, height, rate = frame.width, frame.height, frame.rate
    frames = None
    if clip.kind == "still":
        # The picture's own digest seeds the move: the same picture always moves in the same way.
        seed = int(clip.digest[:8], 16)
        move = clip.camera_move
        frames = moving_still(clip.source, move, width=width, height=height, frames=clip.frames, seed=seed)
        picture = recipe.piped_frames(width, height, rate)
    else:
        from_bt709 = source is not None and source.video is not None and source.video.bt709
        video = ffmpeg.input(str(clip.source.absolute()), format_whitelist=MEDIA_FORMATS, threads=threads)["V:0"]
        picture = recipe.fitted(video, width, height, rate, clip.frames, from_bt709=from_bt709)
    run_ffmpeg(
        recipe.segment(picture, str(part.absolute()), width, height, rate, clip.frames, threads=threads),
        stdin=frames,
        on_seconds=lambda seconds: on_frames(min(clip.frames, int(seconds * rate))),
        cancelled=cancelled,
        doing=f"encode shot {clip.shot}",
    )


def _check(part: Path, clip: Clip, frame: _Frame) -> str:
    """Decode the whole segment: every frame there, at its time, of its size. Returns its decoder parameters, which
    all segments of a film must share. Raises UnreadableMediaError."""
    count, parameters = 0, ""
    try:
        with av.open(str(part)) as container:
            stream = container.streams.video[0]
            parameters = f"{stream.time_base} {(stream.codec_context.extradata or b'').hex()}"
            for count, picture in enumerate(container.decode(stream), start=1):
                expected = Fraction(count - 1) / frame.rate
                assert picture.pts is not None
                assert picture.time_base is not None
                if picture.pts * picture.time_base != expected:
                    raise UnreadableMediaError(f"frame {count} came out at {picture.time} s, not {float(expected)} s.")
                if (picture.width, picture.height) != (frame.width, frame.height) or picture.is_corrupt:
                    raise UnreadableMediaError(f"frame {count} came out damaged ({picture.width}x{picture.height}).")
    except av.error.FFmpegError as error:
        raise UnreadableMediaError(f"its segment cannot be decoded ({error.strerror}).") from error
    if count != clip.frames:
        raise UnreadableMediaError(f"its segment came out with {count} frames instead of {clip.frames}.")
    return parameters


class _Tally:
    """Frames encoded so far over all segments in the making."""

    def __init__(self, total: int, on_progress: Callable[[int, int], None] | None) -> None:
        self._total, self._on_progress = total, on_progress
        self._frames: dict[Path, int] = {}
        self._lock = threading.Lock()

    def report(self, path: Path, frames: int) -> None:
        with self._lock:
            self._frames[path] = max(frames, self._frames.get(path, 0))
            if self._on_progress is not None:
                self._on_progress(sum(self._frames.values()), self._total)
