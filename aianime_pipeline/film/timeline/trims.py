"""What an editor does to the length of a clip: trim, hold, roll a cut, slip. Pure; the rules are those of `edits`."""

from dataclasses import replace

from aianime_pipeline.errors import BadDurationError, BadInputError
from aianime_pipeline.film.timeline.anchors import anchored_as
from aianime_pipeline.film.timeline.edits import with_clip
from aianime_pipeline.film.timeline.limits import later_begun, longer, longer_before, place_of, shorter
from aianime_pipeline.film.timeline.model import Timeline
from aianime_pipeline.film.timeline.parts import Clip
from aianime_pipeline.film.timeline.rough import Edited, RoughCut, settled


def trim(
    timeline: Timeline,
    shot: int,
    *,
    source_in: int | None = None,
    source_out: int | None = None,
    hold: int | None = None,
) -> Edited:
    """Another part of the source, or another hold, in frames; the rest of the film moves along (a ripple trim). What
    is not given stays. Raises BadDurationError, BadInputError."""
    clip = timeline.clip_of(shot)
    return with_clip(
        timeline,
        replace(
            clip,
            source_in=clip.source_in if source_in is None else source_in,
            source_out=clip.source_out if source_out is None else source_out,
            hold=clip.hold if hold is None else hold,
        ),
    )


def set_hold(timeline: Timeline, shot: int, frames: int) -> Edited:
    """The last frame of a video is held for so many frames. Raises BadInputError for a still, BadDurationError."""
    if timeline.clip_of(shot).kind == "still":
        raise BadInputError(f"Shot {shot} is a still and has no hold: set its length instead.", shot=shot)
    return trim(timeline, shot, hold=frames)


def set_frames(timeline: Timeline, shot: int, frames: int) -> Edited:
    """The shot becomes so many frames long, from the in-point it has: a video shows what its source has, and holds
    the last frame where that is not enough. Raises BadDurationError, BadInputError."""
    clip = timeline.clip_of(shot)
    if frames < 1:
        raise BadDurationError(f"Shot {shot} is to have {frames} frames; it needs at least one.", shot=shot)
    if frames > clip.frames:
        return with_clip(timeline, longer(_unheld(clip), frames - _unheld(clip).frames))
    return with_clip(timeline, shorter(clip, clip.frames - frames))


def roll(timeline: Timeline, shot: int, frames: int) -> Edited:
    """The cut at the beginning of `shot` goes so many frames later, or earlier where negative: one clip grows by what
    the other loses, and the film stays as long as it is. Sounds, subtitles and markers stay where they are in it.

    Raises BadInputError at the film's beginning, BadDurationError where one of the clips does not have the frames.
    """
    place = place_of(timeline, shot)
    if place == 0:
        raise BadInputError(f"Shot {shot} begins the film: there is no cut to roll; trim it instead.", shot=shot)
    before, clip = timeline.clips[place - 1 : place + 1]
    if frames >= 0:
        rolled = longer(before, frames), later_begun(clip, frames)
    else:
        rolled = shorter(before, -frames), longer_before(clip, -frames)
    notes = []
    if rolled[0].hold > before.hold:
        held = rolled[0].hold - before.hold
        notes.append(f"Shot {before.shot} holds its last frame for {held} frames more: its source has no others.")
    clips = (*timeline.clips[: place - 1], *rolled, *timeline.clips[place + 1 :])
    return settled(anchored_as(timeline, RoughCut.of(timeline, clips=clips)), notes)


def slip(timeline: Timeline, shot: int, frames: int) -> Edited:
    """The clip shows a part of its source that lies so many frames later, or earlier where negative, at the same
    length. Raises BadInputError for a still, BadDurationError where the source does not go so far."""
    clip = timeline.clip_of(shot)
    if clip.kind == "still":
        raise BadInputError(f"Shot {shot} is a still: there is no other part of it to show.", shot=shot)
    latest = 0 if clip.source_frames is None else clip.source_frames - clip.source_out
    if not -clip.source_in <= frames <= latest:
        raise BadDurationError(
            f"Shot {shot} can be slipped by {-clip.source_in} to {latest} frames, and {frames} are wanted.", shot=shot
        )
    return with_clip(timeline, replace(clip, source_in=clip.source_in + frames, source_out=clip.source_out + frames))


def _unheld(clip: Clip) -> Clip:
    """The clip without its hold, so that a longer one shows its source first."""
    return replace(clip, hold=0)
