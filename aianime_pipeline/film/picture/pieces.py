"""The picture of a film cut into pieces: the body of each clip, and each transition between two. Pure arithmetic.

A piece is what is encoded and kept, so an edit costs what it touches: a body knows nothing of its neighbours, a
transition only of the two clips it lies between. Together the pieces cover every frame of the film exactly once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from aianime_pipeline.film.drawing.overlays import LaidOver
from aianime_pipeline.film.timeline import OVERLAPPING, Clip, ClipTransition, Timeline
from aianime_pipeline.storyboard.model import Transition


@dataclass(frozen=True)
class Shown:
    """Frames of a clip's source in a piece, counted at the film's rate: frame `first` is held for `before` frames, then
    come `count` frames from `first` on, and the last of them is held for `after` more.

    For a still, `extent` is how many frames its camera move has in all, handles included, and `first` counts in the
    move; for a video it is 0.
    """

    clip: Clip
    first: int
    count: int
    before: int = 0
    after: int = 0
    extent: int = 0

    @property
    def frames(self) -> int:
        return self.before + self.count + self.after

    def frame(self, place: int) -> int:
        """Which frame of the source (or of the camera move) is seen at `place` of the piece."""
        return self.first + min(max(place - self.before, 0), self.count - 1)


@dataclass(frozen=True)
class Piece:
    """`frames` frames of the film from `start` on: `body` alone, or the transition `kind` in which `outgoing` and
    `incoming` meet, with `before_cut` of its frames before the cut. In a dissolve and a wipe both last as long as the
    piece; in a fade and a flash one comes after the other, and either may be missing. `overlays` are cut to the piece,
    their frames counted from its first.
    """

    start: int
    frames: int
    body: Shown | None = None
    before_cut: int = 0
    kind: Transition = Transition.CUT
    outgoing: Shown | None = None
    incoming: Shown | None = None
    overlays: tuple[LaidOver, ...] = ()

    @property
    def sides(self) -> tuple[Shown, ...]:
        """What is shown, in the order in which it begins."""
        return tuple(side for side in (self.body, self.outgoing, self.incoming) if side is not None)

    @property
    def shot(self) -> int:
        """The shot it belongs to; a transition belongs to the shot that begins with it."""
        return self.sides[-1].clip.shot

    def __str__(self) -> str:
        if self.body is not None:
            return f"shot {self.shot}"
        words = str(self.kind).replace("_", " ")
        return f"the {words} of " + " and ".join(f"shot {side.clip.shot}" for side in self.sides)


def plan_pieces(timeline: Timeline, overlays: Sequence[LaidOver] = ()) -> tuple[Piece, ...]:
    """The pieces of a film in their order; a clip that its transitions cover wholly has no body.

    `overlays` are laid over each other in their order, their frames counted from the film's beginning.
    """
    return tuple(replace(piece, overlays=_cut(overlays, piece)) for piece in _pieces(timeline))


def _pieces(timeline: Timeline) -> Iterator[Piece]:
    clips = timeline.clips
    around = zip((None, *clips), clips, (*clips[1:], None), timeline.starts, strict=False)
    for before, clip, after, start in around:
        own = clip.transition
        if own is not None:
            yield _transition(before, clip, after, own, start)
        first = own.out_offset if own is not None else 0
        end = clip.frames - (after.transition.in_offset if after is not None and after.transition is not None else 0)
        if end > first:
            yield Piece(start + first, end - first, body=_shown(clip, after, first, end))


def _transition(before: Clip | None, clip: Clip, after: Clip | None, own: ClipTransition, cut: int) -> Piece:
    into, out = own.in_offset, own.out_offset
    overlaps = own.kind in OVERLAPPING
    outgoing = incoming = None
    if before is not None and (overlaps or into):
        outgoing = _shown(before, clip, before.frames - into, before.frames + (out if overlaps else 0))
    if overlaps or out:
        incoming = _shown(clip, after, -into if overlaps else 0, out)
    return Piece(cut - into, own.frames, before_cut=into, kind=own.kind, outgoing=outgoing, incoming=incoming)


def _shown(clip: Clip, after: Clip | None, begin: int, end: int) -> Shown:
    """What a clip shows from frame `begin` to before `end`, counted from its first, as far outside it as you like."""
    if clip.kind == "still":
        head = _handle(clip.transition, before_cut=True)
        tail = _handle(after.transition, before_cut=False) if after is not None else 0
        return Shown(clip, head + begin, end - begin, extent=head + clip.frames + tail)
    begin, end = clip.source_in + begin, clip.source_in + end
    # A last frame that is held stays held, even where the source would go on.
    has = clip.source_out if clip.hold else clip.source_frames
    first, last = max(begin, 0), max(end - 1, 0)
    if has is not None:
        first, last = min(first, has - 1), min(last, has - 1)
    count = last + 1 - first
    before = min(max(-begin, 0), end - begin - count)
    return Shown(clip, first, count, before, end - begin - count - before)


def _handle(transition: ClipTransition | None, *, before_cut: bool) -> int:
    """How many frames a clip is seen beyond its cut."""
    if transition is None or transition.kind not in OVERLAPPING:
        return 0
    return transition.in_offset if before_cut else transition.out_offset


def _cut(overlays: Sequence[LaidOver], piece: Piece) -> tuple[LaidOver, ...]:
    """The parts of `overlays` that lie over a piece."""
    end = piece.start + piece.frames
    return tuple(
        overlay.during(max(overlay.first, piece.start) - piece.start, min(overlay.end, end) - piece.start)
        for overlay in overlays
        if overlay.first < end and overlay.end > piece.start
    )
