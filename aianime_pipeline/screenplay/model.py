"""A screenplay as data: episodes of scenes of blocks. Frozen; parsers build it, the planner reads it."""

from dataclasses import dataclass, field
from typing import Literal

BlockType = Literal["action", "dialogue", "os", "direction", "closeup"]
BLOCK_TYPES: tuple[BlockType, ...] = ("action", "dialogue", "os", "direction", "closeup")

Interior = Literal["int", "ext", "int_ext"]

TimeOfDay = Literal["dawn", "day", "dusk", "night"]


@dataclass(frozen=True)
class Notice:
    """Something a person should know about their file. `line` counts from 1; None when no line is meant."""

    line: int | None
    message: str


@dataclass(frozen=True)
class CastEntry:
    """One entry of a scene's cast line. `count` is 2 for `船工*2`, None for `若干` (several)."""

    name: str
    count: int | None = 1


@dataclass(frozen=True)
class Block:
    """One paragraph of a scene. `speaker` and `emotion` only for dialogue and os; `line` is the source line."""

    type: BlockType
    text: str
    line: int
    speaker: str | None = None
    emotion: str | None = None


@dataclass(frozen=True)
class Scene:
    """`number` as written (`3-2`) or counted; `heading` the line as it stands in the file."""

    number: str
    heading: str
    line: int
    place: str
    time_text: str | None = None
    """Time of day as written (`清晨`, `日`, `NIGHT`)."""
    time_of_day: TimeOfDay | None = None
    interior: Interior | None = None
    cast: tuple[CastEntry, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class ScreenplayEpisode:
    number: int
    title: str | None
    line: int
    scenes: tuple[Scene, ...]


@dataclass(frozen=True)
class Screenplay:
    """A whole file: usually one episode or one season. `language` is `zh` or `en` (by its letters)."""

    title: str | None
    language: str
    episodes: tuple[ScreenplayEpisode, ...]
    notices: tuple[Notice, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CollectedAsset:
    """A character, location or prop that the screenplay mentions; becomes a project asset."""

    kind: Literal["character", "location", "prop"]
    name: str
    description: str
    """What the screenplay itself says of it (may be empty), for the picture."""
    scenes: tuple[str, ...]
    """Numbers of the scenes where it appears, in order."""
