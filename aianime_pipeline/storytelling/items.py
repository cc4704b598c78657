"""A scene as numbered items, which shots refer to: so a model can neither invent a spoken word nor change one.

A line that is too long for the longest shot is several items, cut as the rule-based planner cuts it. Directions at the
end of a scene that ask for a transition belong to the scene after it, as in the planner.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any

from aianime_pipeline.screenplay.model import Block, BlockType, Scene
from aianime_pipeline.storyboard.planning.directions import direction_transition
from aianime_pipeline.storyboard.planning.rules import PlanningRules
from aianime_pipeline.storyboard.planning.splitting import split_to_length
from aianime_pipeline.storyboard.speech_length import speech_ms

ITEMS_AT_ONCE = 16
"""A longer scene is asked for in parts: so many shots fit into 4,000 tokens, which every model may answer."""


@dataclass(frozen=True)
class SceneItem:
    """`needs_ms` is how long a spoken item's shot should be, with the breath around it; 0 for what is not spoken."""

    number: int
    type: BlockType
    text: str
    speaker: str | None = None
    emotion: str = ""
    needs_ms: int = 0

    @property
    def spoken(self) -> bool:
        return self.type in ("dialogue", "os")

    @property
    def must_be_seen(self) -> bool:
        return self.type in ("action", "closeup")

    def to_document(self) -> dict[str, Any]:
        """As the model reads it."""
        document: dict[str, Any] = {"item": self.number, "type": self.type}
        if self.spoken:
            document |= {"speaker": self.speaker, "emotion": self.emotion, "needs_seconds": self.needs_ms / 1000}
        return document | {"text": self.text}


def scene_items(scene: Scene, rules: PlanningRules, *, keep_all: bool = True) -> tuple[SceneItem, ...]:
    """Every block of the scene that says something; without `keep_all` not what `carried_directions` gives away."""
    carried = () if keep_all else carried_directions(scene)
    blocks = [block for block in scene.blocks if block.text.strip()]
    kept = [block for index, block in enumerate(blocks) if not _is_carried(block, index, blocks, carried)]
    parts = [part for block in kept for part in _parts(block, rules)]
    return tuple(SceneItem(number, *part) for number, part in enumerate(parts, start=1))


def carried_directions(scene: Scene) -> tuple[str, ...]:
    """Transitions asked for behind the last thing that is seen or heard."""
    blocks = [block for block in scene.blocks if block.text.strip()]
    trailing = list(_trailing(blocks))
    return tuple(block.text for block in reversed(trailing) if direction_transition(block.text))


def parts_of(items: Sequence[SceneItem]) -> list[Sequence[SceneItem]]:
    """Runs of items of about the same length, each to be asked for at once."""
    count = max(1, ceil(len(items) / ITEMS_AT_ONCE))
    cuts = [round(index * len(items) / count) for index in range(count + 1)]
    return [items[begin:end] for begin, end in pairwise(cuts)]


def _trailing(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in reversed(blocks):
        if block.type != "direction":
            return
        yield block


def _is_carried(block: Block, index: int, blocks: Sequence[Block], carried: Sequence[str]) -> bool:
    is_trailing = all(later.type == "direction" for later in blocks[index:])
    return is_trailing and block.text in carried


def _parts(block: Block, rules: PlanningRules) -> Iterator[tuple[BlockType, str, str | None, str, int]]:
    if block.type not in ("dialogue", "os"):
        yield block.type, block.text.strip(), None, "", 0
        return
    for text in split_to_length(block.text, rules.shot_max_ms - rules.speech_tail_ms, speech_ms):
        wanted = max(speech_ms(text) + rules.speech_tail_ms, rules.speech_min_ms)
        yield block.type, text, block.speaker, block.emotion or "", -(-wanted // 100) * 100
