"""The picture of one piece as a graph of ffmpeg: what is read, what comes through the pipe, how it is put together.

A video is decoded and fitted by ffmpeg itself; a still's frames are made here and piped. Where two stills meet they
come through the one pipe, one above the other.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path

import ffmpeg

from aianime_pipeline.errors import MediaError
from aianime_pipeline.film.picture import recipe, transitions
from aianime_pipeline.film.picture.compositing import laid_over, raw_picture
from aianime_pipeline.film.picture.motion import MovingStill, open_still
from aianime_pipeline.film.picture.pieces import Piece, Shown
from aianime_pipeline.film.picture.recipe import FrameFormat
from aianime_pipeline.film.sources import MEDIA_FORMATS, MediaFacts, MediaVideo, probe_media
from aianime_pipeline.film.timeline import OVERLAPPING
from aianime_pipeline.storyboard.model import CameraMove

_STILLS_KEPT = 4
"""Pictures kept in memory: at 1080p some 10 MB each. Neighbouring pieces show the same ones."""

_WORTH_SEEKING = Fraction(1, 2)
_MICROSECOND = Fraction(1, 1_000_000)

Frames = Iterator[bytes | memoryview]
PrivateFile = Callable[[str], Path]
"""Gives a path of one's own with that ending, for a file that is removed when the piece is done."""


class Sources:
    """What was learnt of the sources while the pieces of one film are made; used by several threads."""

    def __init__(self, frame: FrameFormat) -> None:
        self._frame = frame
        self._facts: dict[Path, MediaFacts] = {}
        self._stills: OrderedDict[tuple[str, CameraMove, int], MovingStill] = OrderedDict()
        self._lock = threading.Lock()

    def facts(self, shown: Shown) -> MediaFacts | None:
        """None for a still. Raises UnreadableMediaError naming the shot."""
        clip = shown.clip
        if clip.kind == "still":
            return None
        if clip.source not in self._facts:
            with naming_shot(clip.shot):
                self._facts[clip.source] = probe_media(clip.source, needs="video")
        return self._facts[clip.source]

    def still(self, shown: Shown) -> Frames:
        """The frames that a piece shows of a still. Raises UnreadableMediaError naming the shot."""
        clip = shown.clip
        key = clip.digest, clip.camera_move, shown.extent
        with self._lock:
            still = self._stills.get(key)
        if still is None:
            # The picture's own digest seeds the move: the same picture always moves in the same way.
            with naming_shot(clip.shot):
                still = open_still(
                    clip.source,
                    clip.camera_move,
                    width=self._frame.width,
                    height=self._frame.height,
                    frames=shown.extent,
                    seed=int(clip.digest[:8], 16),
                    bars=self._frame.fit == "pad",
                )
        with self._lock:
            self._stills[key] = still
            self._stills.move_to_end(key)
            while len(self._stills) > _STILLS_KEPT:
                self._stills.popitem(last=False)
        return still.shown(shown.first, shown.count)


@contextmanager
def naming_shot(shot: int) -> Iterator[None]:
    """Errors of media that come out of it say which shot they are about, once."""
    try:
        yield
    except MediaError as error:
        if "shot" not in error.details:
            error.message = f"Shot {shot}: {error.message}"
            error.args = (error.message,)
            error.details["shot"] = shot
        raise


def picture_of(
    piece: Piece, frame: FrameFormat, sources: Sources, private: PrivateFile, *, threads: int
) -> tuple[ffmpeg.Stream, Frames | None]:
    """The graph that gives the piece's frames, and what is to be fed to its pipe. `threads` decode each video.

    Raises UnreadableMediaError naming the shot.
    """
    sides = piece.sides
    piped = [sources.still(side) for side in sides if side.clip.kind == "still"]
    stacked = len(piped) > 1 and piece.kind in OVERLAPPING
    if stacked:
        streams = _unstacked(frame)
        frames: Frames | None = _stacked(piped[0], piped[1], frame)
    elif len(piped) == len(sides):
        streams = [recipe.piped_frames(frame.width, frame.height, frame.rate)]
        frames = chain(*piped)
    else:
        streams = [
            recipe.piped_frames(frame.width, frame.height, frame.rate)
            if side.clip.kind == "still"
            else _video(side, frame, sources, threads, again=side is not sides[0])
            for side in sides
        ]
        frames = piped[0] if piped else None
    picture = streams[0] if piece.body is not None else _turned(piece, streams, frame, private)
    files = []
    for overlay in piece.overlays:
        files.append(private(".planes"))
        files[-1].write_bytes(raw_picture(overlay.png).data)
    return laid_over(picture, piece.overlays, files, frame.rate), frames


def _turned(piece: Piece, streams: list[ffmpeg.Stream], frame: FrameFormat, private: PrivateFile) -> ffmpeg.Stream:
    """The sides of a transition, mixed by its masks."""
    before = piece.before_cut
    path = private(".mask")
    path.write_bytes(b"".join(transitions.masks(piece.kind, before, piece.frames - before, frame.width)))
    mask = transitions.mask_input(path, frame)
    if piece.kind in OVERLAPPING:
        return transitions.mixed(streams[0], streams[1], mask)
    return transitions.through_colour(streams, piece.kind, mask, frame.rate)


def _video(shown: Shown, frame: FrameFormat, sources: Sources, threads: int, *, again: bool) -> ffmpeg.Stream:
    facts = sources.facts(shown)
    assert facts is not None
    assert facts.video is not None
    video = facts.video
    skipped = skippable(shown.first, frame.rate, video)
    options: dict[str, object] = {"format_whitelist": MEDIA_FORMATS, "threads": threads}
    if again:
        # Says nothing to ffmpeg, but ffmpeg-python takes two equal inputs for one, and one cannot feed two filters.
        options["stream_loop"] = 0
    if video.decoder:
        options["c:v"] = video.decoder
    if skipped:
        # Not "accurate": that drops the frame which is still on screen at the moment of the seek.
        options |= {"noaccurate_seek": None, "ss": f"{int(skipped / frame.rate / _MICROSECOND)}us"}
    source = ffmpeg.input(str(shown.clip.source.absolute()), **options)["V:0"]
    return recipe.fitted(source, frame, shown, skipped=skipped, from_bt709=video.bt709, alpha=video.alpha)


def skippable(first: int, rate: Fraction, video: MediaVideo) -> int:
    """How many frames of the film's rate, of a source that is shown from `first` on, need not be decoded: 0, or one
    after the last key frame before. Its moment is whole in microseconds and in the source's own ticks, so that no
    frame of the source comes to lie elsewhere by rounding."""
    if not video.key_times or not video.time_base:
        return 0
    grain = 1
    for tick in (_MICROSECOND, video.time_base):
        grain = math.lcm(grain, (1 / rate / tick).denominator)
    skipped = first // grain * grain
    nearest = max((key for key in video.key_times if key <= skipped / rate), default=Fraction(0))
    return skipped if nearest >= _WORTH_SEEKING else 0


def _stacked(upper: Frames, lower: Frames, frame: FrameFormat) -> Frames:
    """Raw frames of double height, plane by plane."""
    luma = frame.width * frame.height
    ends = (0, luma, luma * 5 // 4, luma * 3 // 2)
    for above, below in zip(upper, lower, strict=True):
        for begin, end in pairwise(ends):
            yield above[begin:end]
            yield below[begin:end]


def _unstacked(frame: FrameFormat) -> list[ffmpeg.Stream]:
    both = recipe.piped_frames(frame.width, 2 * frame.height, frame.rate).split()
    return [both[half].filter("crop", w=frame.width, h=frame.height, x=0, y=half * frame.height) for half in (0, 1)]
