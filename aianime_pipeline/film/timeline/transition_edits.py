"""How a shot begins, as an editor sets it. Pure; the rules are those of `edits`."""

from dataclasses import replace

from aianime_pipeline.errors import BadDurationError, BadInputError
from aianime_pipeline.film.timeline.build import default_transition, transition_of
from aianime_pipeline.film.timeline.edits import with_clip
from aianime_pipeline.film.timeline.limits import TransitionLimits, transition_limits
from aianime_pipeline.film.timeline.model import Timeline
from aianime_pipeline.film.timeline.parts import ClipTransition
from aianime_pipeline.film.timeline.rough import Edited
from aianime_pipeline.storyboard.model import Transition


def set_transition(
    timeline: Timeline, shot: int, kind: Transition, frames: int | None = None, *, before: int | None = None
) -> Edited:
    """How the shot begins: by a cut, or by a transition of so many frames, `before` of them before its cut. Without
    `frames` it is as long as usual, or as there is room for; without `before` it lies as usual, or as there is room.

    Raises BadInputError, BadDurationError with the most that is possible.
    """
    clip = timeline.clip_of(shot)
    if kind is Transition.CUT:
        if frames:
            raise BadInputError(
                f"Shot {shot} is to begin with a cut of {frames} frames; a cut has no length.", shot=shot
            )
        return with_clip(timeline, replace(clip, transition=None))
    limits = transition_limits(timeline, shot, kind)
    usual = default_transition(kind, timeline.rate)
    wanted = usual.frames if frames is None else frames
    if wanted < 1 or limits.frames < 2 or (frames is not None and frames > limits.frames):
        raise BadDurationError(
            f"The {kind} at the beginning of shot {shot} can have from 1 to {limits.frames} frames ({limits.before} "
            f"before the cut and {limits.after} after it are free); {wanted} are wanted."
            if limits.frames >= 2
            else f"There is no room for a {kind} at the beginning of shot {shot}: {limits.before} frames before its "
            f"cut and {limits.after} after it are free.",
            shot=shot,
            most=limits.frames,
        )
    length = min(wanted, limits.frames)
    asked = transition_of(kind, length).in_offset if timeline.clips[0].shot != shot else 0
    lying = _before_cut(limits, length, asked) if before is None else _asked_before_cut(limits, length, before, shot)
    notes = []
    if length < wanted:
        notes.append(
            f"The {kind} at the beginning of shot {shot} is {length} frames long instead of {wanted}: its neighbours "
            "are too short."
        )
    elif before is None and lying != asked:
        notes.append(
            f"Of the {length} frames of the {kind} at the beginning of shot {shot}, {lying} lie before the cut instead "
            f"of {asked}: there is no room for more on the other side."
        )
    edited = with_clip(timeline, replace(clip, transition=ClipTransition(kind, lying, length - lying)))
    return replace(edited, notes=(*notes, *edited.notes))


def _before_cut(limits: TransitionLimits, length: int, asked: int) -> int:
    return max(min(asked, limits.before), length - limits.after)


def _asked_before_cut(limits: TransitionLimits, length: int, before: int, shot: int) -> int:
    least, most = max(0, length - limits.after), min(length, limits.before)
    if not least <= before <= most:
        raise BadDurationError(
            f"Of {length} frames, {before} cannot lie before the cut of shot {shot}: from {least} to {most} can.",
            shot=shot,
        )
    return before
