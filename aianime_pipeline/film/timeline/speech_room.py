"""Room for spoken lines where nobody can be asked: in a merge, and at another frame rate. Pure.

A clip is held longer for its own line; a line waits only where no clip can be held for it. No line is ever cut.
"""

import itertools
from dataclasses import replace

from aianime_pipeline.film.timeline.limits import longer, place_of
from aianime_pipeline.film.timeline.model import PlacedSound
from aianime_pipeline.film.timeline.rough import RoughCut, frames_for, seconds_text


def with_room_for_speech(rough: RoughCut) -> tuple[RoughCut, list[str]]:
    """The rough cut in which no lines overlap and none begins before the film or goes on after it."""
    notes: list[str] = []
    for _ in range(4 * len(rough.speech)):
        mended, said = _first_mended(rough)
        if mended is rough:
            break
        rough = mended
        notes += said
    rough, said = _all_waiting(rough)
    notes += said
    rough, said = _ended_after_speech(rough)
    return rough, notes + said


def _first_mended(rough: RoughCut) -> tuple[RoughCut, list[str]]:
    """With the first clip that is too short for its line held longer; the same where there is none."""
    speech = rough.placed_speech
    for earlier, later in itertools.pairwise(speech):
        over = earlier.end - later.start
        if over > 0 and place_of(rough, later.clip.shot) > place_of(rough, earlier.clip.shot):
            return _held(rough, earlier.clip.shot, frames_for(over, rough.rate), earlier.clip.shot)
    return rough, []


def _all_waiting(rough: RoughCut) -> tuple[RoughCut, list[str]]:
    """With each line that still begins too early put off until it may."""
    notes, free = [], 0
    for placed in rough.placed_speech:
        late = free - placed.start
        if late > 0:
            rough = _put_off(rough, placed, late)
            notes.append(
                f"The line of shot {placed.clip.shot} begins {seconds_text(late)} later: there was no room for it "
                "before."
            )
        free = max(placed.start, free) + placed.clip.length
    return rough, notes


def _ended_after_speech(rough: RoughCut) -> tuple[RoughCut, list[str]]:
    notes: list[str] = []
    while rough.speech and (over := max(line.end for line in rough.placed_speech) - rough.total_samples) > 0:
        last = max(rough.placed_speech, key=lambda line: line.end)
        rough, said = _held(rough, rough.clips[-1].shot, frames_for(over, rough.rate), last.clip.shot)
        notes += said
    return rough, notes


def _held(rough: RoughCut, shot: int, frames: int, speaking: int) -> tuple[RoughCut, list[str]]:
    clips = list(rough.clips)
    place = place_of(rough, shot)
    clips[place] = longer(clips[place], frames)
    note = f"Shot {shot} is {frames} frames longer, so that the line of shot {speaking} can be spoken to its end."
    return replace(rough, clips=tuple(clips)), [note]


def _put_off(rough: RoughCut, placed: PlacedSound, samples: int) -> RoughCut:
    speech = list(rough.speech)
    speech[speech.index(placed.clip)] = replace(placed.clip, offset=placed.clip.offset + samples)
    return replace(rough, speech=tuple(speech))
