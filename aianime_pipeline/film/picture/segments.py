"""The pieces of a film as files, made once and kept by their content.

A finished segment has been decoded to its last frame and counted; a kept one has its seal checked. Every two cores have
one encoder of bodies: it takes two thirds of the memory of two with a thread each, and the time is the same as long as
the next segment is encoded while the one before it is checked. A transition, short as it is, is encoded beside a body:
half its time is the start and the end of its encoder, when a core would be idle.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import ffmpeg

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.cache import Facts, content_key, part_beside, seal, sealed_facts
from aianime_pipeline.film.encoding.encoders import Encoder
from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled, run_ffmpeg
from aianime_pipeline.film.picture import recipe
from aianime_pipeline.film.picture.graph import Sources, naming_shot, picture_of
from aianime_pipeline.film.picture.pieces import Piece, Shown
from aianime_pipeline.film.picture.recipe import FrameFormat
from aianime_pipeline.film.presets.presets import Fit

SEGMENTS = "segments"
"""The folder of the cache in which they lie."""

CORES_PER_ENCODER = 2
"""Two encoders with a thread each save 5 % of the time and take 90 MiB more (docs/decisions/0011)."""


@dataclass(frozen=True)
class Segment:
    """`made` is False where it was kept from an earlier film. `source_seconds` is how long the source of the piece's
    shot is; None for a still. Only segments of equal `parameters` (time scale and decoder configuration) can be
    joined."""

    piece: Piece
    path: Path
    made: bool
    source_seconds: float | None
    parameters: str

    @property
    def frames(self) -> int:
        return self.piece.frames


@dataclass(frozen=True)
class _Making:
    """What the makers of one film's segments share."""

    frame: FrameFormat
    encoder: Encoder
    sources: Sources
    threads: int
    encoding: threading.Semaphore
    cancelled: Cancelled


def prepare_segments(
    pieces: Sequence[Piece],
    *,
    cache: Path,
    width: int,
    height: int,
    rate: Fraction,
    encoder: Encoder,
    fit: Fit = "pad",
    workers: int | None = None,
    cancelled: Cancelled | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Segment, ...]:
    """The segments of `pieces`, in their order; what is missing or damaged in the cache is made, `workers` at a time
    (by default one for every two cores).

    `on_progress` gets the frames encoded so far and the frames to encode. Segments that were finished before a failure
    or a cancellation stay. Raises UnreadableMediaError and FfmpegFailedError naming the shot, DiskFullError,
    FfmpegCancelled.
    """
    frame = FrameFormat(width, height, rate, fit)
    cores = len(os.sched_getaffinity(0))
    workers = max(1, cores // CORES_PER_ENCODER) if workers is None else workers
    paths = _paths(pieces, cache, frame, encoder)
    wanted = dict(zip(paths, pieces, strict=True))
    with ThreadPoolExecutor(cores, thread_name_prefix="seal") as pool:
        found = dict(zip(wanted, pool.map(sealed_facts, wanted), strict=True))
    known: dict[Path, Facts] = {path: facts for path, facts in found.items() if facts is not None}
    missing = {path: piece for path, piece in wanted.items() if path not in known}
    known.update(_make_all(missing, frame, encoder, workers, cancelled, on_progress))
    return tuple(
        Segment(piece, path, path in missing, known[path]["source_seconds"], known[path]["parameters"])
        for piece, path in zip(pieces, paths, strict=True)
    )


def count_unmade(pieces: Sequence[Piece], *, cache: Path, frame: FrameFormat, encoder: Encoder) -> int:
    """How many segments of `pieces` have no file in the cache yet."""
    return sum(not path.exists() for path in set(_paths(pieces, cache, frame, encoder)))


def _paths(pieces: Sequence[Piece], cache: Path, frame: FrameFormat, encoder: Encoder) -> list[Path]:
    return [cache / SEGMENTS / f"{segment_key(piece, frame, encoder)}.mp4" for piece in pieces]


def segment_key(piece: Piece, frame: FrameFormat, encoder: Encoder) -> str:
    """Digest of all that a segment's bytes come from. Where it stands in the film, and what its shot is called, is no
    part of it."""
    source = ffmpeg.input("source")
    command = recipe.segment(
        recipe.fitted(source, frame, piece.sides[0]), "segment", frame, piece.frames, encoder, threads=0
    )
    return content_key(
        recipe.RECIPE,
        sides=[None if side is None else _key_of(side) for side in (piece.body, piece.outgoing, piece.incoming)],
        transition=[piece.kind, piece.before_cut, piece.frames],
        overlays=[[lay.key, lay.first, lay.end] for lay in piece.overlays],
        fit=frame.fit,
        encoder=encoder.key,
        command=command.get_args(),
    )


def _key_of(shown: Shown) -> list[Any]:
    clip = shown.clip
    move = clip.camera_move if clip.kind == "still" else None
    return [clip.digest, clip.kind, move, shown.extent, shown.first, shown.count, shown.before, shown.after]


def _make_all(
    missing: dict[Path, Piece],
    frame: FrameFormat,
    encoder: Encoder,
    workers: int,
    cancelled: Cancelled | None,
    on_progress: Callable[[int, int], None] | None,
) -> dict[Path, Facts]:
    """All segments of `missing`. The first failure stops the others."""
    if not missing:
        return {}
    workers = max(1, min(workers, len(missing)))
    threads = max(1, len(os.sched_getaffinity(0)) // workers)
    failed = threading.Event()
    tally = _Tally(sum(piece.frames for piece in missing.values()), on_progress)

    def stop() -> bool:
        return failed.is_set() or (cancelled is not None and cancelled())

    making = _Making(frame, encoder, Sources(frame), threads, threading.Semaphore(workers), stop)

    def make(path: Path, piece: Piece) -> Facts:
        try:
            if stop():
                raise FfmpegCancelled(f"encode {piece}")
            return _make(piece, path, making, lambda frames: tally.report(path, frames))
        except BaseException:
            failed.set()
            raise

    # One more than there are encoders: it checks what was encoded, and makes ready what comes next.
    with ThreadPoolExecutor(workers + 1, thread_name_prefix="segment") as pool:
        futures = {path: pool.submit(make, path, piece) for path, piece in missing.items()}
    errors = [error for future in futures.values() if (error := future.exception()) is not None]
    # A neighbour that was stopped because of a failure is not the failure.
    for error in sorted(errors, key=lambda error: isinstance(error, FfmpegCancelled)):
        raise error
    return {path: future.result() for path, future in futures.items()}


def _make(piece: Piece, path: Path, making: _Making, on_frames: Callable[[int], None]) -> Facts:
    with naming_shot(piece.shot), part_beside(path) as part:
        source = making.sources.facts(piece.sides[-1])
        _encode(piece, part, making, on_frames)
        parameters = _check(part, piece, making.frame)
        facts = {"frames": piece.frames, "source_seconds": source and source.seconds, "parameters": parameters}
        seal(part, facts)
        part.replace(path)
    on_frames(piece.frames)
    return facts


def _encode(piece: Piece, part: Path, making: _Making, on_frames: Callable[[int], None]) -> None:
    rate, threads = making.frame.rate, making.threads
    with ExitStack() as stack:

        def private(ending: str) -> Path:
            return stack.enter_context(part_beside(part.with_suffix(ending)))

        picture, frames = picture_of(piece, making.frame, making.sources, private, threads=_decoders(threads))
        command = recipe.segment(
            picture, str(part.absolute()), making.frame, piece.frames, making.encoder, threads=threads
        )
        with making.encoding if piece.body is not None else nullcontext():
            run_ffmpeg(
                command,
                stdin=frames,
                on_seconds=lambda seconds: on_frames(min(piece.frames, int(seconds * rate))),
                cancelled=making.cancelled,
                doing=f"encode {piece}",
            )


def _decoders(threads: int) -> int:
    """Threads for decoding a source: encoding takes several times as long, and every thread has frames of its own."""
    return max(1, threads // 2)


def _check(part: Path, piece: Piece, frame: FrameFormat) -> str:
    """Decode the whole segment: every frame there, at its time, of its size. Returns its decoder parameters, which
    all segments of a film must share. Raises UnreadableMediaError. Smoothing the blocks' edges, a fifth of the work, is
    left out: nobody looks at these pictures, and it reads nothing of the file."""
    count, parameters = 0, ""
    try:
        with av.open(str(part.absolute())) as container:
            stream = container.streams.video[0]
            stream.codec_context.options = {"skip_loop_filter": "all"}
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
    if count != piece.frames:
        raise UnreadableMediaError(f"its segment came out with {count} frames instead of {piece.frames}.")
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
