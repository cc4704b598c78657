"""A screenplay's episode → its storyboard by a language model, scene by scene, each with the shots before it in mind.

A scene whose shots keep breaking the rules, or for which nobody can be asked, is planned by the rule-based planner. The
storyboard says of each scene who planned it, and names in its notices those where the rules stepped in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import Any

from aianime_pipeline.screenplay.model import Scene, ScreenplayEpisode
from aianime_pipeline.storyboard.model import PLANNER, ScenePlan, Shot, Storyboard, StoryboardNotice
from aianime_pipeline.storyboard.planner import DEFAULT_RULES, empty_scene_notices, numbered, plan_scenes
from aianime_pipeline.storyboard.planning.people import cast_of, is_narrator, known_names, names_in
from aianime_pipeline.storyboard.planning.rules import PlanningRules
from aianime_pipeline.storytelling.answers import ATTEMPTS, AskText, ask
from aianime_pipeline.storytelling.board_rules import violations
from aianime_pipeline.storytelling.drawing_up import draw_up
from aianime_pipeline.storytelling.forms import TakenForm
from aianime_pipeline.storytelling.items import SceneItem, carried_directions, parts_of, scene_items
from aianime_pipeline.storytelling.material import material
from aianime_pipeline.storytelling.patience import FAILURES, Patience
from aianime_pipeline.storytelling.prompts import BOARD_SCENE
from aianime_pipeline.storytelling.schemas import BoardAnswer, ShotAnswer

BOARDING_VERSION = 1
"""Raised when the same screenplay would be asked for otherwise."""

NO_LOOKS: Mapping[str, str] = MappingProxyType({})

_SHOTS_IN_MIND = 4


@dataclass(frozen=True)
class Brief:
    """What stays the same through an episode. `looks` and `places` tell how figures and places look, by name."""

    language: str
    names: tuple[str, ...]
    looks: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    props: Sequence[str] = ()
    style: str = ""
    negative_prompt: str = ""
    rules: PlanningRules = DEFAULT_RULES
    attempts: int = ATTEMPTS
    edition: int = 1
    """Told to the model, so that being asked once more is another question, whose answer nobody has kept."""


def board_episode(
    model: AskText,
    episode: ScreenplayEpisode,
    *,
    model_name: str,
    project: str,
    language: str,
    looks: Mapping[str, str] = NO_LOOKS,
    places: Mapping[str, str] = NO_LOOKS,
    props: Sequence[str] = (),
    style: str = "",
    negative_prompt: str = "",
    rules: PlanningRules = DEFAULT_RULES,
    attempts: int = ATTEMPTS,
    edition: int = 1,
) -> Storyboard:
    """The storyboard of `episode`. `looks` has each figure that the project knows, with or without words on it;
    `planned_by` has an entry for each scene, also where the rules planned them all.

    Raises NoSceneError, and what `model` raises beyond `patience.FAILURES`.
    """
    ruled = plan_scenes(
        episode, language=language, style=style, negative_prompt=negative_prompt, props=props, rules=rules
    )
    names = _names(episode, looks)
    brief = Brief(language, names, looks, places, props, style, negative_prompt, rules, attempts, edition)
    model, patience = TakenForm.of(model), Patience()
    plans: list[ScenePlan] = []
    scenes: list[list[Shot]] = []
    carried: tuple[str, ...] = ()
    for index, scene in enumerate(episode.scenes):
        last = index == len(episode.scenes) - 1
        before = list(numbered(chain.from_iterable(scenes)))
        plan, shots = _board(model, model_name, scene, brief, before, carried, patience, last=last)
        plans.append(plan)
        scenes.append(ruled[index] if shots is None else shots)
        carried = () if last else carried_directions(scene)
    shots = list(numbered(chain.from_iterable(scenes)))
    return Storyboard(
        project=project,
        episode=episode.number,
        title=episode.title or "",
        shots=tuple(shots),
        style=style,
        negative_prompt=negative_prompt,
        language=language,
        notices=(*empty_scene_notices(episode, shots), *_notices(model_name, plans, scenes)),
        planned_by=tuple(plans),
    )


def board_scene(
    model: AskText,
    scene: Scene,
    brief: Brief,
    *,
    before: Sequence[Shot] = (),
    carried: tuple[str, ...] = (),
    last: bool = True,
) -> list[Shot]:
    """The shots of one scene, not yet numbered. `before` are the shots so far, `carried` directions from the scene
    before, `last` whether no scene follows.

    Raises StoryAnswerError, and what `model` raises.
    """
    items = scene_items(scene, brief.rules, keep_all=last)
    parts = parts_of(items)
    answers: list[ShotAnswer] = []
    for number, part in enumerate(parts, start=1):
        text = material(
            scene=_scene_document(scene, part),
            context=_context(scene, brief, before, answers, f"{number} of {len(parts)}"),
        )
        check = partial(violations, items=part, names=brief.names, rules=brief.rules)
        answers += ask(model, BOARD_SCENE, text, BoardAnswer, attempts=brief.attempts, check=check).shots
    return draw_up(
        answers,
        items,
        scene,
        names=brief.names,
        props=brief.props,
        negative_prompt=brief.negative_prompt,
        carried=carried,
    )


def _board(
    model: AskText,
    model_name: str,
    scene: Scene,
    brief: Brief,
    before: Sequence[Shot],
    carried: tuple[str, ...],
    patience: Patience,
    *,
    last: bool,
) -> tuple[ScenePlan, list[Shot] | None]:
    """None for the shots where the rules have to plan the scene."""
    if not any(item.spoken or item.must_be_seen for item in scene_items(scene, brief.rules)):
        return ScenePlan(scene.number, PLANNER), None
    if patience.lost:
        return ScenePlan(scene.number, PLANNER, f"not asked for any more: {patience.lost}"), None
    try:
        shots = board_scene(model, scene, brief, before=before, carried=carried, last=last)
    except FAILURES as error:
        return ScenePlan(scene.number, PLANNER, patience.failed(error)), None
    patience.answered()
    return ScenePlan(scene.number, model_name), shots


def _names(episode: ScreenplayEpisode, looks: Mapping[str, str]) -> tuple[str, ...]:
    """Who speaks or is in a cast line, and whom a text names of those that the project knows."""
    told = " ".join(block.text for scene in episode.scenes for block in scene.blocks)
    named = (name for name in names_in(told, looks) if not is_narrator(name))
    return tuple(dict.fromkeys((*known_names(episode), *named)))


def _scene_document(scene: Scene, items: Sequence[SceneItem]) -> dict[str, Any]:
    return {
        "number": scene.number,
        "heading": scene.heading,
        "place": scene.place,
        "time": scene.time_text or scene.time_of_day,
        "interior": scene.interior,
        "cast": list(cast_of(scene)),
        "items": [item.to_document() for item in items],
    }


def _context(
    scene: Scene, brief: Brief, before: Sequence[Shot], so_far: Sequence[ShotAnswer], part: str
) -> dict[str, Any]:
    there = " ".join((scene.place, *cast_of(scene), *(block.text for block in scene.blocks)))
    rules = brief.rules
    shown: tuple[Shot | ShotAnswer, ...] = (*before, *so_far)
    return {
        "language": brief.language,
        "style": brief.style,
        "edition": brief.edition,
        "part_of_the_scene": part,
        "names": list(brief.names),
        "looks": {name: brief.looks[name] for name in names_in(there, brief.looks) if brief.looks[name]},
        "look_of_the_place": brief.places.get(scene.place, ""),
        "props": list(names_in(there, brief.props)),
        "shots_before": [
            {
                "framing": shot.framing,
                "camera_move": shot.camera_move,
                "characters": list(shot.characters),
                "description": shot.description,
            }
            for shot in shown[-_SHOTS_IN_MIND:]
        ],
        "number_of_the_first_shot": len(before) + len(so_far) + 1,
        "seconds": {
            "shortest": rules.closeup_min_ms / 1000,
            "longest": rules.action_max_ms / 1000,
            "longest_with_speech": rules.shot_max_ms / 1000,
        },
    }


def _notices(
    model_name: str, plans: Sequence[ScenePlan], scenes: Sequence[Sequence[Shot]]
) -> Iterator[StoryboardNotice]:
    first = 1
    for plan, shots in zip(plans, scenes, strict=True):
        if plan.reason:
            told = f"Scene {plan.scene} was planned by rules, not by {model_name}: {plan.reason}"
            yield StoryboardNotice(told, shot=first)
        first += len(shots)
