"""What shots of a scene must keep to, whoever drew them up. Pure: an answer's violations, in words for the model."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from aianime_pipeline.storyboard.planning.people import is_narrator, speaker_names
from aianime_pipeline.storyboard.planning.rules import PlanningRules
from aianime_pipeline.storyboard.speech_length import speech_ms
from aianime_pipeline.storytelling.items import SceneItem
from aianime_pipeline.storytelling.schemas import BoardAnswer, ShotAnswer

SHOTS_FOR_AN_ITEM = 2
SHOTS_BESIDES = 3
"""A scene of n items has at most 2n + 3 shots: each shot costs a picture and a clip."""


def violations(
    answer: BoardAnswer, items: Sequence[SceneItem], names: Collection[str], rules: PlanningRules
) -> tuple[str, ...]:
    """Every rule that the shots break. `names` are the figures that there are."""
    by_number = {item.number: item for item in items}
    known = {name.casefold() for name in names}
    broken = list(_of_the_whole(answer.shots, items))
    for number, shot in enumerate(answer.shots, start=1):
        found = (
            *_of_references(shot, by_number),
            *_of_speech(shot, by_number),
            *_of_names(shot, known),
            *_of_length(shot, by_number, rules),
        )
        broken += [f"shot {number}: {words}" for words in found]
    return tuple(broken)


def _of_the_whole(shots: Sequence[ShotAnswer], items: Sequence[SceneItem]) -> Iterator[str]:
    most = SHOTS_FOR_AN_ITEM * len(items) + SHOTS_BESIDES
    if len(shots) > most:
        yield f"there are {len(shots)} shots; {len(items)} items take {most} at most"
    heard: defaultdict[int, list[int]] = defaultdict(list)
    for index, shot in enumerate(shots, start=1):
        for number in shot.speaks:
            heard[number].append(index)
    for item in items:
        if item.spoken and not heard[item.number]:
            yield f"item {item.number} is spoken in no shot"
        elif item.spoken and len(heard[item.number]) > 1:
            yield f"item {item.number} is spoken more than once, in shots {heard[item.number]}"
    order = list(dict.fromkeys(number for shot in shots for number in shot.speaks))
    if order != sorted(order):
        yield f"items are spoken in the order {order}; the scene's order is {sorted(order)}"
    seen = {number for shot in shots for number in shot.shows}
    for item in items:
        if item.must_be_seen and item.number not in seen:
            yield f"item {item.number} ({item.type}) is seen in no shot"
    first_seen = list(dict.fromkeys(number for shot in shots for number in shot.shows if _is_action(number, items)))
    if first_seen != sorted(first_seen):
        yield f"actions are seen in the order {first_seen}; the scene's order is {sorted(first_seen)}"


def _is_action(number: int, items: Sequence[SceneItem]) -> bool:
    return any(item.number == number and item.type == "action" for item in items)


def _of_references(shot: ShotAnswer, by_number: dict[int, SceneItem]) -> Iterator[str]:
    for number in dict.fromkeys((*shot.shows, *shot.speaks)):
        if number not in by_number:
            yield f"there is no item {number} here; the items are {min(by_number)} to {max(by_number)}"
    for number in shot.speaks:
        if number in by_number and not by_number[number].spoken:
            yield f"item {number} is of type {by_number[number].type} and is not spoken"


def _of_speech(shot: ShotAnswer, by_number: dict[int, SceneItem]) -> Iterator[str]:
    spoken = [by_number[number] for number in shot.speaks if number in by_number]
    if len({(item.speaker, item.type) for item in spoken}) > 1:
        yield f"items {list(shot.speaks)} are of different speakers or types and need a shot each"
    said_by = (shot.speaker or "").casefold()
    if said_by and not spoken:
        yield f"it names {shot.speaker!r} as speaker and speaks no item"
    for item in spoken[:1]:
        allowed = {name.casefold() for name in (item.speaker or "", *speaker_names(item.speaker))}
        if said_by and said_by not in allowed:
            yield f"item {item.number} is spoken by {item.speaker!r}, not by {shot.speaker!r}"


def _of_names(shot: ShotAnswer, known: Collection[str]) -> Iterator[str]:
    for name in shot.characters:
        if name.casefold() not in known and not is_narrator(name):
            yield f"{name!r} is none of the names in `context`"


def _of_length(shot: ShotAnswer, by_number: dict[int, SceneItem], rules: PlanningRules) -> Iterator[str]:
    spoken = [by_number[number] for number in shot.speaks if number in by_number]
    milliseconds = shot.seconds * 1000
    longest = rules.shot_max_ms if spoken else rules.action_max_ms
    shortest = rules.speech_min_ms if spoken else rules.closeup_min_ms
    if milliseconds > longest:
        yield f"{shot.seconds:g} seconds are too long; at most {longest / 1000:g}"
    if milliseconds < shortest:
        yield f"{shot.seconds:g} seconds are too short; at least {shortest / 1000:g}"
    needed = sum(speech_ms(item.text) for item in spoken)
    if milliseconds < needed <= longest:
        yield f"{shot.seconds:g} seconds are too short for what is spoken; it needs {needed / 1000:.1f}"
    if needed > longest:
        yield f"what is spoken takes {needed / 1000:.1f} seconds; divide the items among several shots"
