"""What hangs on clips, merged from three sides: lines, effects, subtitles, markers. Pure; see `merge`.

Where only one side changed a whole track, it is taken as it is, in its own order. Else shot by shot: the side that
changed anything there; and where both did, field by field if the shot has as many of them as before.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from aianime_pipeline.film.timeline.parts import Marker, SoundClip, SubtitleLine, SubtitleTrack

_Value = TypeVar("_Value")
_Hanging = TypeVar("_Hanging", bound=SoundClip | SubtitleLine | Marker)
_Items = tuple[_Hanging, ...]
_Result = tuple[_Items[_Hanging], list[str]]
_Both = Callable[[int, _Items[_Hanging], _Items[_Hanging], _Items[_Hanging]], _Result[_Hanging]]


def three_way(base: _Value, mine: _Value, theirs: _Value) -> _Value:
    """Mine where it differs from the base, else theirs."""
    return theirs if mine == base else mine


def merged_speech(
    order: Sequence[int], base: _Items[SoundClip], mine: _Items[SoundClip], theirs: _Items[SoundClip]
) -> _Result[SoundClip]:
    """The recordings of the side that changed them, where and as loud as the person wanted them."""
    return _by_shot(base, mine, theirs, order, _both_spoke)


def merged_effects(
    order: Sequence[int], base: _Items[SoundClip], mine: _Items[SoundClip], theirs: _Items[SoundClip]
) -> _Result[SoundClip]:
    return _by_shot(base, mine, theirs, order, _gathered)


def merged_markers(
    order: Sequence[int], base: _Items[Marker], mine: _Items[Marker], theirs: _Items[Marker]
) -> _Result[Marker]:
    return _by_shot(base, mine, theirs, order, _gathered)


def merged_subtitles(
    order: Sequence[int],
    base: tuple[SubtitleTrack, ...],
    mine: tuple[SubtitleTrack, ...],
    theirs: tuple[SubtitleTrack, ...],
) -> tuple[tuple[SubtitleTrack, ...], list[str]]:
    """The subtitles of each language that neither side took out."""
    sides = [{track.language: track.lines for track in side} for side in (base, mine, theirs)]
    names = [[track.language for track in side] for side in (base, mine, theirs)]
    languages = three_way(names[0], names[1], names[2])
    languages = languages + [name for side in names[1:] for name in side if name not in languages]
    tracks, notes = [], []
    for language in dict.fromkeys(languages):
        had, yours, new = (side.get(language) for side in sides)
        if had is not None and (yours is None or new is None):
            notes += _note_on_language(language, had, yours, new)
            continue
        if yours is None or new is None:
            lines, said = _on(yours or new or (), order), list[str]()
        else:
            lines, said = _by_shot(had or (), yours, new, order, _both_wrote(language))
        notes += said
        # A track that is empty on its own side stays; one whose shots are all gone does not.
        if lines or three_way(had, yours, new) == ():
            tracks.append(SubtitleTrack(language, lines))
    return tuple(tracks), notes


def _by_shot(
    base: _Items[_Hanging],
    mine: _Items[_Hanging],
    theirs: _Items[_Hanging],
    order: Sequence[int],
    both: _Both[_Hanging],
) -> _Result[_Hanging]:
    if mine == base:
        return _on(theirs, order), []
    if theirs in (base, mine):
        return _on(mine, order), []
    found: list[_Hanging] = []
    notes: list[str] = []
    for shot in order:
        had, yours, new = (tuple(item for item in side if item.shot == shot) for side in (base, mine, theirs))
        if yours == had:
            found += new
        elif new in (had, yours):
            found += yours
        else:
            merged, said = both(shot, had, yours, new)
            found += merged
            notes += said
    return tuple(found), notes


def _on(items: _Items[_Hanging], shots: Sequence[int]) -> _Items[_Hanging]:
    there = set(shots)
    return tuple(item for item in items if item.shot in there)


def _gathered(shot: int, base: _Items[_Hanging], mine: _Items[_Hanging], theirs: _Items[_Hanging]) -> _Result[_Hanging]:
    """What both still have of the base, and what each added."""
    kept = [item for item in theirs if item not in base or item in mine]
    return (*kept, *(item for item in mine if item not in base and item not in kept)), []


def _both_spoke(
    shot: int, base: _Items[SoundClip], mine: _Items[SoundClip], theirs: _Items[SoundClip]
) -> _Result[SoundClip]:
    if not mine:
        return (), [f"Shot {shot} has another line in the storyboard now; you took its line out, and it stays out."]
    if not theirs:
        return (), [f"Shot {shot} has no line in the storyboard any more: your edits of it are gone with it."]
    if not len(base) == len(mine) == len(theirs):
        return theirs, [f"The lines of shot {shot} are others now: your edits of them could not be kept."]
    merged = [_sound(*sounds) for sounds in zip(base, mine, theirs, strict=True)]
    notes = []
    for had, yours, sound in zip(base, mine, merged, strict=True):
        if sound.digest != yours.digest and (sound.fade_in, sound.fade_out) != (
            three_way(had.fade_in, yours.fade_in, sound.fade_in),
            three_way(had.fade_out, yours.fade_out, sound.fade_out),
        ):
            notes.append(f"The line of shot {shot} is shorter now: its fades are shorter too.")
        if sound.digest == yours.digest != had.digest:
            notes.append(f"Shot {shot} has another recording in the storyboard now; the one that you chose is kept.")
    return tuple(merged), notes


def _sound(base: SoundClip, mine: SoundClip, theirs: SoundClip) -> SoundClip:
    parts = base, mine, theirs
    recorded = three_way(*((sound.digest, sound.source, sound.source_in, sound.length) for sound in parts))
    digest, source, source_in, length = recorded
    fade_out = min(three_way(*(sound.fade_out for sound in parts)), length)
    return replace(
        theirs,
        digest=digest,
        source=source,
        source_in=source_in,
        length=length,
        offset=three_way(*(sound.offset for sound in parts)),
        gain_db=three_way(*(sound.gain_db for sound in parts)),
        fade_in=min(three_way(*(sound.fade_in for sound in parts)), length - fade_out),
        fade_out=fade_out,
    )


def _both_wrote(language: str) -> _Both[SubtitleLine]:
    def both(
        shot: int, base: _Items[SubtitleLine], mine: _Items[SubtitleLine], theirs: _Items[SubtitleLine]
    ) -> _Result[SubtitleLine]:
        whose = f"of shot {shot} ({language})"
        if not mine:
            return (), [f"The subtitle {whose} is {_text(theirs)} now; you took it out, and it stays out."]
        if not theirs:
            return mine, [f"The subtitle {whose} is no longer in the storyboard; yours, {_text(mine)}, is kept."]
        notes = []
        if _words(mine) != _words(base) and _words(theirs) not in (_words(base), _words(mine)):
            notes.append(
                f"The subtitle {whose} is {_text(theirs)} in the storyboard now; yours, {_text(mine)}, is kept."
            )
        if len(base) == len(mine) == len(theirs):
            return tuple(_line(*lines) for lines in zip(base, mine, theirs, strict=True)), notes
        if _words(mine) == _words(base):
            notes.append(
                f"The subtitles {whose} are others now, {_text(theirs)}: your times of them could not be kept."
            )
            return theirs, notes
        return _over_the_time_of(mine, base, theirs), notes

    return both


def _line(base: SubtitleLine, mine: SubtitleLine, theirs: SubtitleLine) -> SubtitleLine:
    parts = base, mine, theirs
    start, end = three_way(*((line.start_ms, line.end_ms) for line in parts))
    return replace(
        theirs,
        start_ms=start,
        end_ms=end,
        lines=three_way(*(line.lines for line in parts)),
        speaker=three_way(*(line.speaker for line in parts)),
    )


def _over_the_time_of(
    mine: _Items[SubtitleLine], base: _Items[SubtitleLine], theirs: _Items[SubtitleLine]
) -> _Items[SubtitleLine]:
    """The person's subtitles over the time in which the words are spoken now, unless they set another time."""
    if not base or _span(mine) != _span(base):
        return mine
    (was, was_end), (now, now_end) = _span(base), _span(theirs)
    moved = [
        tuple(now + (at - was) * (now_end - now) // (was_end - was) for at in (line.start_ms, line.end_ms))
        for line in mine
    ]
    if any(start >= end for start, end in moved):
        return mine
    return tuple(replace(line, start_ms=start, end_ms=end) for line, (start, end) in zip(mine, moved, strict=True))


def _span(lines: _Items[SubtitleLine]) -> tuple[int, int]:
    return min(line.start_ms for line in lines), max(line.end_ms for line in lines)


def _words(lines: _Items[SubtitleLine]) -> tuple[str, ...]:
    return tuple(" ".join(line.lines) for line in lines)


def _text(lines: _Items[SubtitleLine]) -> str:
    return repr(" / ".join(_words(lines)))


def _note_on_language(
    language: str,
    base: _Items[SubtitleLine] | None,
    mine: _Items[SubtitleLine] | None,
    theirs: _Items[SubtitleLine] | None,
) -> list[str]:
    if mine is not None and mine != base:
        return [f"The subtitles in {language} are no longer in the storyboard: they are gone, and your edits too."]
    if theirs is not None and theirs != base:
        return [f"The subtitles in {language} were changed in the storyboard; you took them out, and they stay out."]
    return []
