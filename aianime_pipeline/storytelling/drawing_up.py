"""An answer that keeps the rules → shots. What the screenplay says itself (words, speaker, transitions) is law."""

from collections.abc import Sequence
from dataclasses import dataclass

from aianime_pipeline.screenplay.model import Scene
from aianime_pipeline.storyboard.model import DEFAULT_WANTS, Priority, Shot, Transition
from aianime_pipeline.storyboard.planner import SILENT_WANTS
from aianime_pipeline.storyboard.planning.directions import direction_transition
from aianime_pipeline.storyboard.planning.people import is_narrator, names_in, speaker_names
from aianime_pipeline.storyboard.speech_length import CHINESE
from aianime_pipeline.storytelling.items import SceneItem
from aianime_pipeline.storytelling.schemas import ShotAnswer


@dataclass
class Directions:
    """A scene's directions on their way into the shots: each goes with what stands behind it."""

    waiting: list[SceneItem]
    carried: tuple[str, ...] = ()
    """From the scene before; for the first shot."""

    def before(self, number: int) -> tuple[str, ...]:
        """Those in front of item `number`, and carried ones; each once."""
        found = [item for item in self.waiting if item.number <= number]
        self.waiting = [item for item in self.waiting if item.number > number]
        texts = (*self.carried, *(item.text for item in found))
        self.carried = ()
        return texts

    def rest(self) -> tuple[str, ...]:
        found, self.waiting = self.waiting, []
        return tuple(item.text for item in found)


def draw_up(
    answers: Sequence[ShotAnswer],
    items: Sequence[SceneItem],
    scene: Scene,
    *,
    names: Sequence[str],
    props: Sequence[str],
    negative_prompt: str,
    carried: tuple[str, ...] = (),
) -> list[Shot]:
    """The shots, not yet numbered."""
    by_number = {item.number: item for item in items}
    directions = Directions([item for item in items if item.type == "direction"], carried)
    spelling = {name.casefold(): name for name in reversed(names)}
    shots = []
    for index, answer in enumerate(answers):
        first = min((*answer.shows, *answer.speaks), default=0)
        told = directions.before(max([first, *(number for number in answer.shows if _is_direction(number, by_number))]))
        if index == len(answers) - 1:
            told += directions.rest()
        shots.append(_shot(answer, by_number, scene, told, spelling, props, negative_prompt))
    return shots


def _shot(
    answer: ShotAnswer,
    by_number: dict[int, SceneItem],
    scene: Scene,
    directions: tuple[str, ...],
    spelling: dict[str, str],
    props: Sequence[str],
    negative_prompt: str,
) -> Shot:
    spoken = [by_number[number] for number in answer.speaks]
    shown = [by_number[number] for number in answer.shows if number in by_number]
    speakers = speaker_names(spoken[0].speaker) if spoken else ()
    mentioned = " ".join((answer.description, *(item.text for item in (*shown, *spoken))))
    return Shot(
        number=0,
        duration_ms=-(-round(answer.seconds * 1000) // 100) * 100,
        framing=answer.framing,
        camera_move=answer.camera_move,
        description=answer.description,
        dialogue=_joined([item.text for item in spoken]),
        speakers=speakers,
        voice_over=bool(spoken) and (spoken[0].type == "os" or (bool(speakers) and all(map(is_narrator, speakers)))),
        emotion=next((item.emotion for item in spoken if item.emotion), answer.emotion),
        transition=_asked(directions) or answer.transition,
        prompt=answer.prompt,
        # Empty: the project's own is used, as it is when the picture is made.
        negative_prompt=", ".join(filter(None, (negative_prompt, extra))) if (extra := answer.negative_prompt) else "",
        scene=scene.number,
        place=scene.place,
        time_of_day=scene.time_of_day,
        interior=scene.interior,
        characters=tuple(
            dict.fromkeys(spelling[name.casefold()] for name in answer.characters if name.casefold() in spelling)
        ),
        props=tuple(dict.fromkeys((*(name for name in answer.props if name in props), *names_in(mentioned, props)))),
        priority=_priority(shown, spoken),
        wants=DEFAULT_WANTS if spoken else SILENT_WANTS,
        note="\n".join(directions),
    )


def _is_direction(number: int, by_number: dict[int, SceneItem]) -> bool:
    return number in by_number and by_number[number].type == "direction"


def _joined(texts: Sequence[str]) -> str:
    return ("" if any(map(CHINESE.search, texts)) else " ").join(texts)


def _asked(directions: Sequence[str]) -> Transition | None:
    return next((found for text in directions if (found := direction_transition(text))), None)


def _priority(shown: Sequence[SceneItem], spoken: Sequence[SceneItem]) -> Priority:
    if any(item.type == "closeup" for item in shown):
        return "P0"
    return "P1" if shown or spoken else "P2"
