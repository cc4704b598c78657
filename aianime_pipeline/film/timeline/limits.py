"""How far a clip and a transition can go: what a source still has, what a neighbour leaves over. Pure."""

from dataclasses import dataclass, replace

from aianime_pipeline.errors import BadDurationError
from aianime_pipeline.film.timeline.model import Timeline
from aianime_pipeline.film.timeline.parts import OVERLAPPING, Clip
from aianime_pipeline.storyboard.model import Transition


@dataclass(frozen=True)
class TransitionLimits:
    """The most frames that a transition can have before and after its cut."""

    before: int
    after: int

    @property
    def frames(self) -> int:
        return self.before + self.after


def place_of(timeline: Timeline, shot: int) -> int:
    """The index of a shot's clip. Raises BadInputError where the shot is not on the timeline."""
    return timeline.clips.index(timeline.clip_of(shot))


def transition_limits(timeline: Timeline, shot: int, kind: Transition = Transition.DISSOLVE) -> TransitionLimits:
    """What the transition at the beginning of a shot can have, beside those at the other ends of its two clips. At
    the film's beginning that is nothing for a dissolve or a wipe.

    Raises BadInputError where the shot is not on the timeline.
    """
    place = place_of(timeline, shot)
    clip = timeline.clips[place]
    following = timeline.clips[place + 1].transition if place + 1 < len(timeline.clips) else None
    after = clip.frames - (following.in_offset if following is not None else 0)
    if place == 0:
        return TransitionLimits(0, 0 if kind in OVERLAPPING else after)
    before = timeline.clips[place - 1]
    return TransitionLimits(
        before.frames - (before.transition.out_offset if before.transition is not None else 0), after
    )


def longer(clip: Clip, frames: int) -> Clip:
    """The clip with `frames` more at its end: what its source still has, then its last frame held."""
    if clip.kind == "still":
        return replace(clip, source_out=clip.source_out + frames)
    left = 0 if clip.hold or clip.source_frames is None else clip.source_frames - clip.source_out
    shown = min(frames, left)
    return replace(clip, source_out=clip.source_out + shown, hold=clip.hold + frames - shown)


def shorter(clip: Clip, frames: int) -> Clip:
    """The clip with `frames` fewer at its end, the held ones first. Raises BadDurationError where nothing is left."""
    _require_a_frame(clip, frames)
    held = min(frames, clip.hold)
    return replace(clip, source_out=clip.source_out - (frames - held), hold=clip.hold - held)


def longer_before(clip: Clip, frames: int) -> Clip:
    """The clip with `frames` more at its beginning. Raises BadDurationError where its source does not have them."""
    if clip.kind == "still":
        return longer(clip, frames)
    if frames > clip.source_in:
        raise BadDurationError(
            f"Shot {clip.shot} cannot begin {frames} frames earlier: its source has {clip.source_in} before its "
            "in-point.",
            shot=clip.shot,
        )
    return replace(clip, source_in=clip.source_in - frames)


def later_begun(clip: Clip, frames: int) -> Clip:
    """The clip with `frames` fewer at its beginning; of a held frame the hold is what goes last. Raises
    BadDurationError where nothing is left."""
    _require_a_frame(clip, frames)
    if clip.kind == "still":
        return shorter(clip, frames)
    skipped = min(frames, clip.source_out - clip.source_in - 1)
    return replace(clip, source_in=clip.source_in + skipped, hold=clip.hold - (frames - skipped))


def _require_a_frame(clip: Clip, frames: int) -> None:
    if frames >= clip.frames:
        raise BadDurationError(
            f"Shot {clip.shot} has {clip.frames} frames: at most {clip.frames - 1} of them can go.", shot=clip.shot
        )
