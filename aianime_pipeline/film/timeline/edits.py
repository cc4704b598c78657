"""What an editor does with whole shots: move, insert, remove, mark. Pure; lengths are in `trims`.

Every edit returns a new timeline and, as notes, what else had to give way to it. What hangs on a clip keeps its
distance from the clip's first frame, whatever happens before it. An edit that cannot be done is refused with the shot
and what would be right; a spoken line is never cut for an edit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from aianime_pipeline.errors import BadInputError, DuplicateShotNumberError
from aianime_pipeline.film.timeline.limits import place_of
from aianime_pipeline.film.timeline.model import Timeline
from aianime_pipeline.film.timeline.parts import Clip, Marker, SoundClip, SubtitleLine, SubtitleTrack
from aianime_pipeline.film.timeline.rough import Edited, RoughCut, settled

_Hanging = TypeVar("_Hanging", bound=SoundClip | SubtitleLine | Marker)


@dataclass(frozen=True)
class ShotParts:
    """A shot's clip and all that hangs on it; `subtitles` has the shot's lines by language."""

    clip: Clip
    speech: tuple[SoundClip, ...] = ()
    effects: tuple[SoundClip, ...] = ()
    subtitles: tuple[SubtitleTrack, ...] = ()
    markers: tuple[Marker, ...] = ()


def shot_parts(timeline: Timeline, shot: int) -> ShotParts:
    """What `remove` takes away and `insert` puts back. Raises BadInputError where the shot is not on the timeline."""
    tracks = (replace(track, lines=_of(track.lines, shot)) for track in timeline.subtitles)
    return ShotParts(
        timeline.clip_of(shot),
        _of(timeline.speech, shot),
        _of(timeline.effects, shot),
        tuple(track for track in tracks if track.lines),
        _of(timeline.markers, shot),
    )


def move(timeline: Timeline, shot: int, to_index: int) -> Edited:
    """The shot becomes the clip number `to_index`, counted from 0; the others keep their order.

    Raises BadInputError.
    """
    place = place_of(timeline, shot)
    _check_index(to_index, len(timeline.clips) - 1)
    clips = list(timeline.clips)
    clips.insert(to_index, clips.pop(place))
    return settled(RoughCut.of(timeline, clips=tuple(clips)))


def insert(timeline: Timeline, parts: ShotParts, index: int) -> Edited:
    """The shot becomes the clip number `index`, counted from 0; those from there on come later.

    Raises DuplicateShotNumberError where the shot stands on the timeline already, BadInputError.
    """
    shot = parts.clip.shot
    if any(clip.shot == shot for clip in timeline.clips):
        raise DuplicateShotNumberError(f"Shot {shot} is on the timeline already; move it instead.", shot=shot)
    _check_index(index, len(timeline.clips))
    order = [clip.shot for clip in timeline.clips]
    before = set(order[:index])
    lines = {track.language: track.lines for track in parts.subtitles}
    tracks = [
        replace(track, lines=_put(track.lines, lines.pop(track.language, ()), before)) for track in timeline.subtitles
    ]
    tracks += [SubtitleTrack(language, new) for language, new in lines.items()]
    return settled(
        RoughCut.of(
            timeline,
            clips=(*timeline.clips[:index], parts.clip, *timeline.clips[index:]),
            speech=_put(timeline.speech, parts.speech, before),
            effects=_put(timeline.effects, parts.effects, before),
            subtitles=tuple(tracks),
            markers=_put(timeline.markers, parts.markers, before),
        )
    )


def remove(timeline: Timeline, shot: int) -> Edited:
    """The timeline without the shot and what hangs on it. Raises BadInputError, for the only shot too."""
    place = place_of(timeline, shot)
    if len(timeline.clips) == 1:
        raise BadInputError(f"Shot {shot} is the film's only one and cannot go; a film needs one.", shot=shot)
    return settled(without_shots(RoughCut.of(timeline), {timeline.clips[place].shot}))


def without_shots(rough: RoughCut, shots: set[int]) -> RoughCut:
    """The rough cut without some shots and what hangs on them; a subtitle track that is left empty goes too."""
    tracks = ((track, tuple(line for line in track.lines if line.shot not in shots)) for track in rough.subtitles)
    return replace(
        rough,
        clips=tuple(clip for clip in rough.clips if clip.shot not in shots),
        speech=tuple(sound for sound in rough.speech if sound.shot not in shots),
        effects=tuple(sound for sound in rough.effects if sound.shot not in shots),
        subtitles=tuple(replace(track, lines=left) for track, left in tracks if left or not track.lines),
        markers=tuple(marker for marker in rough.markers if marker.shot not in shots),
    )


def add_marker(timeline: Timeline, marker: Marker) -> Edited:
    """Raises BadInputError where its shot is not on the timeline."""
    return Edited(replace(timeline, markers=(*timeline.markers, marker)))


def remove_marker(timeline: Timeline, shot: int, n: int = 0) -> Edited:
    """Without the shot's marker number `n`, counted from 0. Raises BadInputError where it has none."""
    place = nth_of(timeline.markers, shot, n, "marker")
    return Edited(replace(timeline, markers=timeline.markers[:place] + timeline.markers[place + 1 :]))


def nth_of(items: Sequence[_Hanging], shot: int, n: int, what: str) -> int:
    """The index of the shot's item number `n`, counted from 0. Raises BadInputError where it has none."""
    places = [place for place, item in enumerate(items) if item.shot == shot]
    if not 0 <= n < len(places):
        has = f"{len(places)} of them, counted from 0" if places else "none"
        raise BadInputError(f"Shot {shot} has no {what} number {n}: it has {has}.", shot=shot)
    return places[n]


def with_clip(timeline: Timeline, clip: Clip) -> Edited:
    """The timeline with this clip in the place of its shot's."""
    clips = tuple(clip if had.shot == clip.shot else had for had in timeline.clips)
    return settled(RoughCut.of(timeline, clips=clips))


def _of(items: Sequence[_Hanging], shot: int) -> tuple[_Hanging, ...]:
    return tuple(item for item in items if item.shot == shot)


def _put(items: Sequence[_Hanging], new: Sequence[_Hanging], before: set[int]) -> tuple[_Hanging, ...]:
    """The new items after the last one that hangs on a clip before theirs: in the clips' order, if they were."""
    place = max((place + 1 for place, item in enumerate(items) if item.shot in before), default=0)
    return (*items[:place], *new, *items[place:])


def _check_index(index: int, most: int) -> None:
    if not 0 <= index <= most:
        raise BadInputError(f"The place {index} is not on the timeline; it must lie from 0 to {most}.")
