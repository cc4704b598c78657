"""`aianime film`: the commands that edit shots: their order, their length, and how they begin.

What each means and refuses is the timeline's subject (film/timeline); here is only how a person writes it.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from aianime_pipeline.cli.arguments import (
    EpisodeKey,
    Json,
    ShotNumber,
    Version,
    counted,
    exactly_one,
    frames_of,
    narrow,
    one_of,
)
from aianime_pipeline.cli.film_changes import apply_edit, length_text, seconds_text
from aianime_pipeline.errors import BadInputError

if TYPE_CHECKING:
    from aianime_pipeline.film.timeline import Clip, Edited, Timeline

Frames = Annotated[str, typer.Argument(metavar="FRAMES", help="Such as 6, or -6 for earlier; 0.5s is half a second.")]


def move(
    episode_key: EpisodeKey,
    shot: ShotNumber,
    to: Annotated[
        int | None, typer.Option(parser=counted, metavar="PLACE", help="The place in the film, counted from 1.")
    ] = None,
    before: Annotated[int | None, typer.Option(parser=counted, metavar="SHOT", help="Right before this shot.")] = None,
    after: Annotated[int | None, typer.Option(parser=counted, metavar="SHOT", help="Right after this shot.")] = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Give a shot another place in the film; its line, subtitles and effects go along."""
    exactly_one(to=to, before=before, after=after)

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import move

        timeline.clip_of(shot)
        if to is not None:
            _check_place(to, len(timeline.clips))
            return move(timeline, shot, to - 1)
        beside = timeline.clip_of(before if before is not None else after or 0)
        if beside.shot == shot:
            raise BadInputError(f"Shot {shot} cannot stand beside itself; name another shot.", shot=shot)
        others = [clip for clip in timeline.clips if clip.shot != shot]
        return move(timeline, shot, others.index(beside) + (after is not None))

    def told(was: "Timeline", now: "Timeline") -> str:
        return f"Shot {shot} is number {_place(now, shot)} of {len(now.clips)} now, {_place(was, shot)} before."

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def remove(episode_key: EpisodeKey, shot: ShotNumber, version: Version = None, as_json: Json = False) -> None:
    """Take a shot out of the film, with its line, subtitles and effects. Its takes stay."""

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import remove

        return remove(timeline, shot)

    def told(was: "Timeline", now: "Timeline") -> str:
        gone = length_text(was.clip_of(shot).frames, was.rate)
        return f"Shot {shot}, {gone}, is out of the film; restore brings it back."

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def restore(
    episode_key: EpisodeKey,
    shot: ShotNumber,
    to: Annotated[
        int | None,
        typer.Option(
            parser=counted, metavar="PLACE", help="The place in the film, counted from 1; its old one if left out."
        ),
    ] = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Put a shot that was removed into the film again, as the storyboard has it."""
    from aianime_pipeline.film.timeline import insert, shot_parts
    from aianime_pipeline.production.films.composites import current_timeline
    from aianime_pipeline.production.installation import installation

    base = current_timeline(installation(), episode_key).base

    def change(timeline: "Timeline") -> "Edited":
        if to is not None:
            _check_place(to, len(timeline.clips) + 1)
        return insert(timeline, shot_parts(base, shot), to - 1 if to is not None else _old_place(base, timeline, shot))

    def told(was: "Timeline", now: "Timeline") -> str:
        return f"Shot {shot} is in the film again, as number {_place(now, shot)} of {len(now.clips)}."

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def trim(
    episode_key: EpisodeKey,
    shot: ShotNumber,
    source_in: Annotated[
        str | None, typer.Option("--in", metavar="F", help="First frame of its source, such as 12 or 0.5s.")
    ] = None,
    source_out: Annotated[
        str | None, typer.Option("--out", metavar="F", help="The frame of its source before which it ends.")
    ] = None,
    hold: Annotated[str | None, typer.Option(metavar="F", help="Hold its last frame for so long.")] = None,
    length: Annotated[
        str | None, typer.Option(metavar="S", help="Its length: 2.5 or 2.5s, 60f; +6f and -0.5s change it by so much.")
    ] = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Make a shot longer or shorter, or show another part of it; the rest of the film moves along."""
    if length is None and (source_in, source_out, hold) == (None, None, None):
        raise BadInputError("Say what to trim: --length, or --in, --out and --hold.")
    if length is not None and (source_out, hold) != (None, None):
        raise BadInputError("--length says where the shot ends: give it with --in at most, without --out and --hold.")

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import set_frames, trim

        given = {"source_in": source_in, "source_out": source_out, "hold": hold}
        frames = {name: frames_of(text, timeline.rate, bare="f") for name, text in given.items() if text is not None}
        edited = trim(timeline, shot, **frames)
        if length is None:
            return edited
        wanted = frames_of(length, timeline.rate, bare="s")
        if narrow(length).startswith(("+", "-")):
            wanted += timeline.clip_of(shot).frames
        longer = set_frames(edited.timeline, shot, wanted)
        return replace(longer, notes=(*edited.notes, *longer.notes))

    def told(was: "Timeline", now: "Timeline") -> str:
        had, has = was.clip_of(shot), now.clip_of(shot)
        return (
            f"Shot {shot} is {length_text(has.frames, now.rate)} long now, {length_text(had.frames, was.rate)} before: "
            f"{_shown_part(has)}."
        )

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def roll(
    episode_key: EpisodeKey, shot: ShotNumber, frames: Frames, version: Version = None, as_json: Json = False
) -> None:
    """Shift the cut at a shot's beginning: one shot grows by what the other loses, the film stays as long as it is."""

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import roll

        return roll(timeline, shot, frames_of(frames, timeline.rate, bare="f"))

    def told(was: "Timeline", now: "Timeline") -> str:
        by = now.start_of[shot] - was.start_of[shot]
        where = seconds_text(now.start_of[shot] / now.rate)
        return f"Shot {shot} begins {abs(by)} frames {'later' if by > 0 else 'earlier'} now, at {where}."

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def slip(
    episode_key: EpisodeKey, shot: ShotNumber, frames: Frames, version: Version = None, as_json: Json = False
) -> None:
    """Show a later or earlier part of a shot's source, at the same length."""

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import slip

        return slip(timeline, shot, frames_of(frames, timeline.rate, bare="f"))

    def told(was: "Timeline", now: "Timeline") -> str:
        return f"Shot {shot} shows {_shown_part(now.clip_of(shot))} now; before, {_shown_part(was.clip_of(shot))}."

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def transition(
    episode_key: EpisodeKey,
    shot: ShotNumber,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="cut, dissolve, fade_black, flash_white or wipe.")],
    frames: Annotated[
        str | None, typer.Option(metavar="N", help="How long, such as 12 or 0.5s; as usual if left out.")
    ] = None,
    before: Annotated[
        str | None, typer.Option(metavar="N", help="How much of it lies before the cut; as usual if left out.")
    ] = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """How a shot begins. A transition lies over the cut and never changes the film's length."""
    from aianime_pipeline.storyboard.model import Transition

    chosen = Transition(one_of("The transition", kind, [one.value for one in Transition]))

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import set_transition

        length, lying = (
            None if text is None else frames_of(text, timeline.rate, bare="f") for text in (frames, before)
        )
        return set_transition(timeline, shot, chosen, length, before=lying)

    def told(was: "Timeline", now: "Timeline") -> str:
        return f"Shot {shot} begins with {beginning(now.clip_of(shot))} now, {beginning(was.clip_of(shot))} before."

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def beginning(clip: "Clip") -> str:
    """`a cut`, `a dissolve of 12 frames (6 before the cut)`."""
    found = clip.transition
    if found is None:
        return "a cut"
    return (
        f"a {found.kind} of {found.frames} frame{'' if found.frames == 1 else 's'} ({found.in_offset} before the cut)"
    )


def _shown_part(clip: "Clip") -> str:
    if clip.kind == "still":
        return "a still"
    held = f", the last held for {clip.hold}" if clip.hold else ""
    of = f" of {clip.source_frames}" if clip.source_frames is not None else ""
    return f"frames {clip.source_in} to {clip.source_out}{of}{held}"


def _place(timeline: "Timeline", shot: int) -> int:
    return [clip.shot for clip in timeline.clips].index(shot) + 1


def _check_place(place: int, most: int) -> None:
    if not 1 <= place <= most:
        raise BadInputError(f"The film has no place {place}; it has 1 to {most}.")


def _old_place(base: "Timeline", timeline: "Timeline", shot: int) -> int:
    """After the nearest shot before it in the storyboard that is still in the film."""
    order = [clip.shot for clip in base.clips]
    base.clip_of(shot)
    there = [clip.shot for clip in timeline.clips]
    for before in reversed(order[: order.index(shot)]):
        if before in there:
            return there.index(before) + 1
    return 0
