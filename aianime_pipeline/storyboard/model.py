"""A storyboard as data: the ordered shots of an episode, with the field's standard words.

Free text from a file is always kept beside the standard word that was recognised in it, so that an export gives back
what came in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from aianime_pipeline.screenplay.model import Interior, TimeOfDay


class Framing(StrEnum):
    """How much of the figure is in the picture, from the nearest to the widest."""

    EXTREME_CLOSE_UP = "extreme_close_up"
    CLOSE_UP = "close_up"
    MEDIUM_CLOSE_UP = "medium_close_up"
    MEDIUM = "medium"
    MEDIUM_WIDE = "medium_wide"
    FULL = "full"
    WIDE = "wide"
    VERY_WIDE = "very_wide"
    OVER_SHOULDER = "over_shoulder"


class CameraMove(StrEnum):
    HOLD = "hold"
    PUSH = "push"
    PULL = "pull"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"
    FOLLOW = "follow"
    ORBIT = "orbit"
    RISE = "rise"
    LOWER = "lower"


class Transition(StrEnum):
    """How the shot begins from the one before it."""

    CUT = "cut"
    DISSOLVE = "dissolve"
    FADE_BLACK = "fade_black"
    FLASH_WHITE = "flash_white"
    WIPE = "wipe"


Want = Literal["image", "video", "voice", "effects", "music", "transition"]
DEFAULT_WANTS: frozenset[Want] = frozenset({"image", "video", "voice"})

Priority = Literal["P0", "P1", "P2"]


@dataclass(frozen=True)
class Shot:
    """One shot. Times in milliseconds. `speakers` has one name, or two who speak together (`船工甲/船工乙`)."""

    number: int
    duration_ms: int
    framing: Framing
    camera_move: CameraMove
    description: str
    framing_text: str = ""
    """The framing as written in the file; empty for planned shots."""
    camera_text: str = ""
    blocking: str = ""
    dialogue: str = ""
    speakers: tuple[str, ...] = ()
    voice_over: bool = False
    """True for os and narration: the speaker's mouth is not in the picture."""
    emotion: str = ""
    transition: Transition = Transition.CUT
    prompt: str = ""
    negative_prompt: str = ""
    scene: str = ""
    """Number of the screenplay's scene, empty for imported storyboards."""
    place: str = ""
    time_of_day: TimeOfDay | None = None
    interior: Interior | None = None
    characters: tuple[str, ...] = ()
    """Who is seen, the most important first."""
    props: tuple[str, ...] = ()
    priority: Priority = "P1"
    wants: frozenset[Want] = DEFAULT_WANTS
    """Without `video` the shot is a still with a camera move; without `voice` its dialogue is not spoken."""
    note: str = ""
    warnings: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    """The shot's object in the file that it came from, whole, for a lossless export. Empty for planned shots."""


@dataclass(frozen=True)
class StoryboardNotice:
    """`shot` is the number where a shot is meant, `line` a line of a CSV file."""

    message: str
    shot: int | None = None
    line: int | None = None


PLANNER = "planner"
"""Who planned what the rules planned."""


@dataclass(frozen=True)
class ScenePlan:
    """Who planned a scene of the screenplay: `planner`, or a language model's name."""

    scene: str
    by: str
    reason: str = ""
    """Why the rules planned it although a model was to; empty where nobody was to be asked."""


@dataclass(frozen=True)
class Storyboard:
    project: str
    episode: int
    title: str
    shots: tuple[Shot, ...]
    style: str = ""
    negative_prompt: str = ""
    language: str = "zh"
    notices: tuple[StoryboardNotice, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Top level of the file it came from, without the shots. Empty for planned storyboards."""
    planned_by: tuple[ScenePlan, ...] = ()
    """One entry a scene where a language model took part; empty where it was all rules, or a file."""
