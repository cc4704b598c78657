"""A rebuilt timeline and a person's edits of the one before it, made into one. Pure.

A three-way merge: `base` is what the person began with, `mine` what they made of it, `theirs` what the storyboard and
its takes give now. Field by field, the person's value is kept where they changed it, else the new one is taken. Clips
are known by their shot. What cannot be kept is said in a note that names the shot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.timeline.document import with_files
from aianime_pipeline.film.timeline.edits import shot_parts
from aianime_pipeline.film.timeline.merge_clips import merged_clip
from aianime_pipeline.film.timeline.merge_parts import (
    merged_effects,
    merged_markers,
    merged_speech,
    merged_subtitles,
    three_way,
)
from aianime_pipeline.film.timeline.model import Timeline, without_files
from aianime_pipeline.film.timeline.parts import Music, TrackGains
from aianime_pipeline.film.timeline.retime import retimed
from aianime_pipeline.film.timeline.rough import RoughCut, settled
from aianime_pipeline.film.timeline.speech_room import with_room_for_speech


@dataclass(frozen=True)
class Merged:
    """`notes` are sentences about what was kept against the storyboard, and what could not be kept."""

    timeline: Timeline
    notes: tuple[str, ...] = ()


def merge(base: Timeline, mine: Timeline, theirs: Timeline) -> Merged:
    """The person's edits on the rebuilt timeline. Where only one side changed anything, that side as it is. Never
    raises for timelines that are in order: where nothing else is possible, the rebuilt one comes back with a note."""
    files = {digest: path for timeline in (base, mine, theirs) for digest, path in _files(timeline)}
    bare = tuple(without_files(timeline) for timeline in (base, mine, theirs))
    try:
        merged = _merged_at_one_rate(*bare)
    except BadInputError as error:
        return Merged(theirs, (f"Your edits could not be kept, and the new timeline stands alone: {error.message}",))
    return Merged(with_files(merged.timeline, lambda digest: files[digest]), merged.notes)


def merged_order(base: Sequence[int], mine: Sequence[int], theirs: Sequence[int]) -> tuple[list[int], bool]:
    """The shots of the merged film in their order, and whether the storyboard's new order had to give way.

    A shot that either side took out stays out. The person's order is kept where they changed it; a shot that only one
    side has comes after the one that it follows there.
    """
    gone = (set(base) - set(mine)) | (set(base) - set(theirs))
    common = set(base) & set(mine) & set(theirs)
    orders = [[shot for shot in order if shot in common] for order in (base, mine, theirs)]
    kept_mine = [shot for shot in mine if shot not in gone]
    kept_theirs = [shot for shot in theirs if shot not in gone]
    if orders[1] == orders[0]:
        return _woven(kept_theirs, kept_mine), False
    return _woven(kept_mine, kept_theirs), orders[2] not in (orders[0], orders[1])


def _woven(order: Sequence[int], other: Sequence[int]) -> list[int]:
    """`order` with those that only `other` has, each after the one that it follows there."""
    found = list(order)
    for place, shot in enumerate(other):
        if shot not in found:
            found.insert(found.index(other[place - 1]) + 1 if place else 0, shot)
    return found


def _merged_at_one_rate(base: Timeline, mine: Timeline, theirs: Timeline) -> Merged:
    """Frames of unlike rates cannot be compared: the sides are brought to the rate that the person began with."""
    if base.rate == mine.rate == theirs.rate:
        return _merged(base, mine, theirs)
    if mine in (base, theirs):
        return Merged(theirs)
    if theirs == base:
        return Merged(mine)
    rate: Fraction = three_way(base.rate, mine.rate, theirs.rate)
    merged = _merged(base, retimed(mine, base.rate), retimed(theirs, base.rate))
    note = f"The film has {rate} frames a second now instead of {base.rate}: cuts moved to the nearest frame."
    return Merged(retimed(merged.timeline, rate), (*merged.notes, *([note] if rate != base.rate else [])))


def _merged(base: Timeline, mine: Timeline, theirs: Timeline) -> Merged:
    sides = (base, mine, theirs)
    order, outdone = merged_order(*([clip.shot for clip in side.clips] for side in sides))
    if not order:
        return Merged(
            theirs, ("Of the shots that you kept the storyboard has none left: the new timeline stands alone.",)
        )
    notes = _notes_on_shots(base, mine, theirs)
    if outdone:
        notes.append("The storyboard has another order now; yours is kept.")
    clips = []
    by_shot = tuple({clip.shot: clip for clip in side.clips} for side in sides)
    for shot in order:
        clip, said = merged_clip(*(side.get(shot) for side in by_shot))
        clips.append(clip)
        notes += said
    speech, about_speech = merged_speech(order, *(side.speech for side in sides))
    effects, about_effects = merged_effects(order, *(side.effects for side in sides))
    subtitles, about_subtitles = merged_subtitles(order, *(side.subtitles for side in sides))
    markers, _ = merged_markers(order, *(side.markers for side in sides))
    music, about_music = _merged_music(base.music, mine.music, theirs.music)
    width, height = three_way(*((side.width, side.height) for side in sides))
    rough = RoughCut(
        width=width,
        height=height,
        rate=base.rate,
        clips=tuple(clips),
        speech=speech,
        effects=effects,
        music=music,
        gains=_fieldwise(base.gains, mine.gains, theirs.gains),
        subtitles=subtitles,
        markers=markers,
        language=three_way(*(side.language for side in sides)),
    )
    roomy, about_room = with_room_for_speech(rough)
    done = settled(roomy, (*notes, *about_speech, *about_effects, *about_subtitles, *about_music, *about_room))
    return Merged(done.timeline, done.notes)


def _notes_on_shots(base: Timeline, mine: Timeline, theirs: Timeline) -> list[str]:
    """On shots that one side took out while the other was at work on them."""
    has_mine, has_theirs = ({clip.shot for clip in side.clips} for side in (mine, theirs))
    notes = []
    for clip in base.clips:
        shot = clip.shot
        if shot in has_mine and shot not in has_theirs and shot_parts(mine, shot) != shot_parts(base, shot):
            notes.append(f"Shot {shot} is no longer in the storyboard: it is gone, and your edits of it too.")
        if shot in has_theirs and shot not in has_mine and shot_parts(theirs, shot) != shot_parts(base, shot):
            notes.append(f"Shot {shot} was changed in the storyboard, but you took it out of the film: it stays out.")
    return notes


def _merged_music(base: Music | None, mine: Music | None, theirs: Music | None) -> tuple[Music | None, list[str]]:
    if base is None or mine is None or theirs is None or len({base.digest, mine.digest, theirs.digest}) == 3:
        both = mine != base and theirs not in (base, mine)
        return three_way(base, mine, theirs), ["The storyboard has other music now; yours is kept."] if both else []
    return _fieldwise(base, mine, theirs), []


def _fieldwise(base: Any, mine: Any, theirs: Any) -> Any:
    """Each field of a dataclass by itself: levels and fades, of which any may go with any other."""
    parts: tuple[Music | TrackGains, ...] = (base, mine, theirs)
    return replace(
        theirs, **{one.name: three_way(*(getattr(part, one.name) for part in parts)) for one in fields(base)}
    )


def _files(timeline: Timeline) -> Iterator[tuple[str, Path]]:
    for clip in timeline.clips:
        yield clip.digest, clip.source
    for sound in (*timeline.speech, *timeline.effects):
        yield sound.digest, sound.source
    if timeline.music is not None:
        yield timeline.music.digest, timeline.music.source
