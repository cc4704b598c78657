"""A timeline in the middle of an edit, and how it is made whole again. Pure.

An edit changes the clips; what hangs on them may then no longer fit: a transition longer than its neighbours, two
subtitles on screen at once, a sound before the film's beginning. `settled` shortens what can be shortened and says
so. Speech alone is never cut or shifted here: an edit that leaves it no room is refused with what would be right.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.timeline.model import Timeline, milliseconds, samples_at
from aianime_pipeline.film.timeline.parts import (
    OVERLAPPING,
    SAMPLE_RATE,
    Clip,
    ClipTransition,
    SoundClip,
    SubtitleLine,
    SubtitleTrack,
)


@dataclass(frozen=True)
class RoughCut(Timeline):
    """A timeline's parts, of which nothing has been checked yet."""

    def __post_init__(self) -> None:
        pass

    @classmethod
    def of(cls, timeline: Timeline, **changes: Any) -> "RoughCut":
        return cls(**{**_parts(timeline), **changes})

    def checked(self) -> Timeline:
        """Raises what Timeline raises."""
        return Timeline(**_parts(self))


@dataclass(frozen=True)
class Edited:
    """What an edit gave; `notes` are sentences about what had to give way to it."""

    timeline: Timeline
    notes: tuple[str, ...] = ()


def settled(rough: RoughCut, notes: Sequence[str] = ()) -> Edited:
    """The timeline made of a rough cut, after `notes` those on what had to be shortened or left out for it. A rough
    cut that is in order comes back as it is.

    Raises BadInputError where a spoken line has no room, and what Timeline raises.
    """
    require_room_for_speech(rough)
    clips, about_transitions = fitting_transitions(rough.clips)
    rough = replace(rough, clips=clips)
    effects, about_effects = _effects_within(rough)
    subtitles, about_subtitles = _subtitles_apart(rough)
    whole = replace(rough, effects=effects, subtitles=subtitles).checked()
    return Edited(whole, (*notes, *about_transitions, *about_effects, *about_subtitles))


def require_room_for_speech(rough: RoughCut) -> None:
    """Raises BadInputError where lines overlap, begin before the film or go on after it."""
    speech = rough.placed_speech
    if speech and speech[0].start < 0:
        shot = speech[0].clip.shot
        raise BadInputError(
            f"The line of shot {shot} would begin {seconds_text(-speech[0].start)} before the film: "
            f"let it begin so much later in its shot first.",
            shot=shot,
        )
    for earlier, later in pairwise(speech):
        if later.start < earlier.end:
            over = earlier.end - later.start
            raise BadInputError(
                f"The line of shot {earlier.clip.shot} would still be spoken for {seconds_text(over)} when that of "
                f"shot {later.clip.shot} begins: shot {earlier.clip.shot} needs {frames_for(over, rough.rate)} frames "
                "more, or one of the lines another place.",
                shot=earlier.clip.shot,
            )
    if speech and speech[-1].end > rough.total_samples:
        over, shot = speech[-1].end - rough.total_samples, speech[-1].clip.shot
        raise BadInputError(
            f"The line of shot {shot} would go on for {seconds_text(over)} after the film's end: the last shot, "
            f"{rough.clips[-1].shot}, needs {frames_for(over, rough.rate)} frames more.",
            shot=shot,
        )


def fitting_transitions(clips: Sequence[Clip]) -> tuple[tuple[Clip, ...], list[str]]:
    """The clips with their transitions as long as there is room for them. Where the two of one clip are too long
    together, each may have half of it, and more where the other needs less."""
    ins = [clip.transition.in_offset if clip.transition is not None else 0 for clip in clips]
    outs = [clip.transition.out_offset if clip.transition is not None else 0 for clip in clips]
    ins[0] = 0
    if (first := clips[0].transition) is not None and first.kind in OVERLAPPING:
        outs[0] = 0
    for place, clip in enumerate(clips[:-1]):
        outs[place], ins[place + 1] = _shared(outs[place], ins[place + 1], clip.frames)
    outs[-1] = min(outs[-1], clips[-1].frames)
    found, notes = [], []
    for place, clip in enumerate(clips):
        fitted = _with_offsets(clip, ins[place], outs[place])
        if fitted is not clip:
            notes.append(_transition_note(clip, fitted, first=place == 0))
        found.append(fitted)
    return tuple(found), notes


def frames_for(samples: int, rate: Fraction) -> int:
    """The least frames in which so many samples are over."""
    return math.ceil(Fraction(samples, SAMPLE_RATE) * rate)


def seconds_text(samples: int) -> str:
    return f"{samples / SAMPLE_RATE:.3f}".rstrip("0").rstrip(".") + " s"


def _parts(timeline: Timeline) -> dict[str, Any]:
    return {part.name: getattr(timeline, part.name) for part in fields(timeline)}


def _shared(own: int, following: int, frames: int) -> tuple[int, int]:
    if own + following <= frames:
        return own, following
    half = frames // 2
    if own <= half:
        return own, frames - own
    if following <= half:
        return frames - following, following
    return frames - half, half


def _with_offsets(clip: Clip, in_offset: int, out_offset: int) -> Clip:
    had = clip.transition
    if had is None or (had.in_offset, had.out_offset) == (in_offset, out_offset):
        return clip
    if in_offset + out_offset < min(2, had.frames):
        return replace(clip, transition=None)
    return replace(clip, transition=ClipTransition(had.kind, in_offset, out_offset))


def _transition_note(clip: Clip, fitted: Clip, *, first: bool) -> str:
    had, has = clip.transition, fitted.transition
    assert had is not None
    if has is None:
        if first and had.kind in OVERLAPPING:
            return f"Shot {clip.shot} begins the film now: it cannot begin with a {had.kind}, so it begins with a cut."
        return f"Shot {clip.shot} begins with a cut now: there is no room left for its {had.kind}."
    if first:
        return (
            f"Shot {clip.shot} begins the film now: of its {had.kind} only the {has.frames} frames after the cut stay."
        )
    return (
        f"The {had.kind} at the beginning of shot {clip.shot} is {has.frames} frames long now instead of "
        f"{had.frames}: its neighbours are too short."
    )


def _effects_within(rough: RoughCut) -> tuple[tuple[SoundClip, ...], list[str]]:
    """The effects without what would sound before the film."""
    found, notes = [], []
    starts = rough.start_of
    for effect in rough.effects:
        before = -(samples_at(starts[effect.shot], rough.rate) + effect.offset)
        if before <= 0:
            found.append(effect)
        elif before >= effect.length:
            notes.append(f"An effect of shot {effect.shot} is gone: it would be over before the film begins.")
        else:
            notes.append(
                f"An effect of shot {effect.shot} lost its first {seconds_text(before)}: the film begins there."
            )
            found.append(without_head(effect, before))
    return tuple(found), notes


def without_head(sound: SoundClip, samples: int) -> SoundClip:
    """The sound without its first samples, the others where they were."""
    length = sound.length - samples
    fade_out = min(sound.fade_out, length)
    return replace(
        sound,
        offset=sound.offset + samples,
        source_in=sound.source_in + samples,
        length=length,
        fade_in=min(sound.fade_in, length - fade_out),
        fade_out=fade_out,
    )


def _subtitles_apart(rough: RoughCut) -> tuple[tuple[SubtitleTrack, ...], list[str]]:
    """The subtitle tracks with each line within the film and gone when the next one comes."""
    at = {shot: milliseconds(start / rough.rate) for shot, start in rough.start_of.items()}
    end = milliseconds(rough.seconds)
    tracks, notes = [], []
    for track in rough.subtitles:
        spans = _spans_apart(
            [(at[line.shot] + line.start_ms, at[line.shot] + line.end_ms) for line in track.lines], end
        )
        lines = []
        for line, span in zip(track.lines, spans, strict=True):
            if span is None:
                notes.append(
                    f"The subtitle {_quoted(line)} ({track.language}) of shot {line.shot} is gone: no time is left "
                    "for it."
                )
                continue
            now = replace(line, start_ms=span[0] - at[line.shot], end_ms=span[1] - at[line.shot])
            if now != line:
                notes.append(
                    f"The subtitle {_quoted(line)} ({track.language}) of shot {line.shot} is seen for "
                    f"{now.end_ms - now.start_ms} ms now instead of {line.end_ms - line.start_ms}."
                )
            lines.append(now)
        if lines or not track.lines:
            tracks.append(replace(track, lines=tuple(lines)))
    return tuple(tracks), notes


def _spans_apart(spans: Sequence[tuple[int, int]], end: int) -> list[tuple[int, int] | None]:
    """Each span shortened as little as its neighbours and the film (to `end`, in ms) allow; None where nothing is
    left of it. A span goes on until the next begins; of two that begin together the first goes first."""
    found: list[tuple[int, int] | None] = [None] * len(spans)
    last: int | None = None
    for place in sorted(range(len(spans)), key=lambda place: spans[place][0]):
        start, stop = spans[place]
        start = max(start, 0)
        stop = end if stop > end + 1 else stop
        before = found[last] if last is not None else None
        if last is not None and before is not None and start < before[1]:
            if start <= before[0]:
                start = before[1]
            elif start < before[1] - 1:  # by one millisecond the rounding of two clips' moments may differ
                found[last] = (before[0], start)
        if start < stop:
            found[place] = start, stop
            last = place
    return found


def _quoted(line: SubtitleLine) -> str:
    text = " ".join(line.lines)
    return repr(text if len(text) <= 40 else text[:39] + "…")
