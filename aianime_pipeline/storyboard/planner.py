"""Plan a storyboard from an episode of a screenplay: by rules, the same every time, with no model needed.

The steps live in `planning`: blocks become beats, a beat is staged (size, move, who is seen), described and timed. Here
they are put in order, transitions are set between scenes, and nothing of the screenplay is left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from aianime_pipeline.errors import NoSceneError
from aianime_pipeline.screenplay.model import Scene, ScreenplayEpisode
from aianime_pipeline.storyboard.model import (
    DEFAULT_WANTS,
    Framing,
    Priority,
    Shot,
    Storyboard,
    StoryboardNotice,
    Transition,
    Want,
)
from aianime_pipeline.storyboard.planning.beats import Beat, action_ms, feels_strongly, scene_beats
from aianime_pipeline.storyboard.planning.cues import Cue, cues_in
from aianime_pipeline.storyboard.planning.describing import blocking, describe, time_words
from aianime_pipeline.storyboard.planning.directions import direction_kind, direction_transition, tells_of_later
from aianime_pipeline.storyboard.planning.people import known_names, names_in
from aianime_pipeline.storyboard.planning.prompts import image_prompt
from aianime_pipeline.storyboard.planning.rules import PlanningRules
from aianime_pipeline.storyboard.planning.staging import Continuity, SceneSetting, Staging, stage
from aianime_pipeline.storyboard.planning.weather import SceneWeather
from aianime_pipeline.storyboard.speech_length import speech_ms

PLANNER_VERSION = 1
"""Raised when the same screenplay is planned otherwise: storyboards that nobody edited are then planned anew."""

DEFAULT_RULES = PlanningRules()
SILENT_WANTS: frozenset[Want] = frozenset({"image", "video"})


def plan_storyboard(
    episode: ScreenplayEpisode,
    *,
    project: str,
    language: str,
    style: str = "",
    negative_prompt: str = "",
    props: Sequence[str] = (),
    rules: PlanningRules = DEFAULT_RULES,
) -> Storyboard:
    """A first storyboard of `episode`, in its own `language` (`zh` or `en`). Same input, same storyboard.

    `props` are the names of known props; a shot lists those that its text mentions.
    Raises NoSceneError where the episode has no scene.
    """
    drafts = plan_scenes(
        episode, language=language, style=style, negative_prompt=negative_prompt, props=props, rules=rules
    )
    shots = numbered(shot for scene in drafts for shot in scene)
    return Storyboard(
        project=project,
        episode=episode.number,
        title=episode.title or "",
        shots=shots,
        style=style,
        negative_prompt=negative_prompt,
        language=language,
        notices=empty_scene_notices(episode, shots),
    )


def plan_scenes(
    episode: ScreenplayEpisode,
    *,
    language: str,
    style: str = "",
    negative_prompt: str = "",
    props: Sequence[str] = (),
    rules: PlanningRules = DEFAULT_RULES,
) -> list[list[Shot]]:
    """The shots of each scene, at least one, not yet numbered. Raises NoSceneError."""
    if not episode.scenes:
        raise NoSceneError(
            f"Episode {episode.number} has no scene, so there is nothing to plan; add at least one scene heading.",
            episode=episode.number,
        )
    by_setting = groupby(_shots(episode, language, props, rules), key=lambda drafted: id(drafted[0]))
    return [
        [
            replace(shot, negative_prompt=negative_prompt, prompt=_prompt(shot, setting, style, language))
            for setting, shot in drafts
        ]
        for _, drafts in by_setting
    ]


def numbered(shots: Iterable[Shot]) -> tuple[Shot, ...]:
    return tuple(replace(shot, number=number) for number, shot in enumerate(shots, start=1))


def _shots(
    episode: ScreenplayEpisode, language: str, props: Sequence[str], rules: PlanningRules
) -> Iterator[tuple[SceneSetting, Shot]]:
    continuity = Continuity()
    names = known_names(episode)
    carried: tuple[str, ...] = ()
    for index, scene in enumerate(episode.scenes):
        scene_before = episode.scenes[index - 1] if index else None
        setting = SceneSetting(scene, names, index == 0, scene_before is not None and scene_before.place == scene.place)
        beats, trailing = scene_beats(scene, names, rules)
        beats[0] = replace(beats[0], directions=carried + beats[0].directions)
        last_scene = index == len(episode.scenes) - 1
        carried = () if last_scene else tuple(text for text in trailing if direction_transition(text))
        closing = tuple(text for text in trailing if text not in carried)
        continuity.speakers = []
        continuity.last_seen = ()
        weather = SceneWeather(scene.interior)
        for position, beat in enumerate(beats):
            shot = _shot(beat, setting, continuity, language, props, rules)
            told = " ".join((scene.heading if position == 0 else "", beat.text, *beat.directions))
            shot = replace(shot, description=weather.described(told, shot.description, language))
            if position == 0:
                shot = replace(shot, transition=_scene_transition(beat, scene, scene_before))
            if position == len(beats) - 1 and closing:
                shot = replace(shot, note=_note((*beat.directions, *closing)))
            yield setting, shot


def _shot(
    beat: Beat,
    setting: SceneSetting,
    continuity: Continuity,
    language: str,
    props: Sequence[str],
    rules: PlanningRules,
) -> Shot:
    staging = stage(beat, setting, continuity)
    spoken = beat.kind in ("speech", "voice_over")
    scene = setting.scene
    return Shot(
        number=0,
        duration_ms=_duration_ms(beat, setting, rules),
        framing=staging.framing,
        camera_move=staging.camera_move,
        description=describe(beat, staging, setting, language),
        blocking=blocking(staging, setting, language),
        dialogue=beat.text if spoken else "",
        speakers=beat.speakers if spoken else (),
        voice_over=beat.kind == "voice_over",
        emotion=beat.emotion,
        transition=_direction_transition(beat) or Transition.CUT,
        scene=scene.number,
        place=scene.place,
        time_of_day=scene.time_of_day,
        interior=scene.interior,
        characters=staging.characters,
        props=names_in(" ".join((beat.text, *_told(beat))), props),
        priority=_priority(beat, staging),
        wants=DEFAULT_WANTS if spoken else SILENT_WANTS,
        note=_note(beat.directions),
    )


def _told(beat: Beat) -> list[str]:
    """The directions that tell something; a scene's list of props does not say which shot shows them."""
    return [text for text in beat.directions if direction_kind(text) != "props"]


def _duration_ms(beat: Beat, setting: SceneSetting, rules: PlanningRules) -> int:
    """Rounded up to a tenth of a second."""
    match beat.kind:
        case "place":
            opening = 500 * (setting.first_of_episode + (setting.scene.interior == "ext"))
            wanted = min(rules.establishing_min_ms + opening, rules.establishing_max_ms)
        case "speech" | "voice_over":
            shortest = rules.establishing_min_ms if beat.establishing else rules.speech_min_ms
            wanted = min(max(speech_ms(beat.text) + rules.speech_tail_ms, shortest), rules.shot_max_ms)
        case "closeup":
            wanted = min(max(action_ms(beat.text), rules.closeup_min_ms), rules.action_max_ms)
        case _:
            shortest = rules.establishing_min_ms if beat.establishing else rules.action_min_ms
            wanted = min(max(action_ms(beat.text), shortest), rules.action_max_ms)
    return -(-wanted // 100) * 100


def _scene_transition(beat: Beat, scene: Scene, before: Scene | None) -> Transition:
    """How a scene begins: as its directions ask; else by how far it is in time from the one before."""
    asked = _direction_transition(beat) or direction_transition(scene.heading)
    if asked is not None:
        return asked
    if before is None:
        return Transition.FADE_BLACK
    if any(tells_of_later(text) for text in (*beat.directions, scene.heading)):
        return Transition.FADE_BLACK
    changed = (scene.time_of_day or scene.time_text) != (before.time_of_day or before.time_text)
    return Transition.DISSOLVE if changed else Transition.CUT


def _direction_transition(beat: Beat) -> Transition | None:
    return next((found for text in beat.directions if (found := direction_transition(text))), None)


def _priority(beat: Beat, staging: Staging) -> Priority:
    """P0 carries the story's feeling, P2 could be missed without losing the thread."""
    if beat.kind == "closeup" or (beat.kind == "speech" and feels_strongly(beat)):
        return "P0"
    if Cue.REVEAL in cues_in(beat.text) and staging.framing is not Framing.VERY_WIDE:
        return "P0"
    return "P2" if beat.kind == "place" else "P1"


def _note(directions: Sequence[str]) -> str:
    return "\n".join(directions)


def _prompt(shot: Shot, setting: SceneSetting, style: str, language: str) -> str:
    return image_prompt(
        language=language,
        style=style,
        framing=shot.framing,
        place=shot.place,
        time=time_words(setting, language),
        interior=shot.interior,
        characters=shot.characters,
        props=shot.props,
        description=shot.description,
    )


def empty_scene_notices(episode: ScreenplayEpisode, shots: Sequence[Shot]) -> tuple[StoryboardNotice, ...]:
    return tuple(
        StoryboardNotice(
            f"Scene {scene.number} (line {scene.line}) has no action or dialogue; it got one shot of its place.",
            shot=next((shot.number for shot in shots if shot.scene == scene.number), None),
        )
        for scene in episode.scenes
        if all(block.type == "direction" or not block.text.strip() for block in scene.blocks)
    )
