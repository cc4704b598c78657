"""A person's edits of a screenplay's blocks. Pure: each gives a new episode, or is refused and says which and why.

Scenes and blocks are named by their place, counted from 1. Several edits follow each other: the places of one are those
that the ones before it have left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.screenplay.limits import MOST_BLOCKS
from aianime_pipeline.screenplay.model import BLOCK_TYPES, Block, BlockType, Scene, ScreenplayEpisode

SPOKEN: frozenset[BlockType] = frozenset({"dialogue", "os"})
"""Types of blocks that have a speaker and an emotion."""

MOST_CHARACTERS = 10_000
"""Of a block's text. The longest speech of a short drama has some hundred."""
MOST_NAME_CHARACTERS = 100
"""Of a speaker, and of an emotion."""


@dataclass(frozen=True)
class BlockWords:
    """What a block says. `speaker` and `emotion` only of dialogue and os; dialogue has a speaker always."""

    type: BlockType
    text: str
    speaker: str | None = None
    emotion: str | None = None


@dataclass(frozen=True)
class InsertBlock:
    """The new block has place `at` of the scene afterwards; None: the last."""

    scene: int
    words: BlockWords
    at: int | None = None


@dataclass(frozen=True)
class ChangeBlock:
    """The block says `words` from now on."""

    scene: int
    block: int
    words: BlockWords


@dataclass(frozen=True)
class RemoveBlock:
    scene: int
    block: int


@dataclass(frozen=True)
class MoveBlock:
    """The block has place `at` of the scene `to_scene` afterwards; None: the last, the same scene."""

    scene: int
    block: int
    at: int | None = None
    to_scene: int | None = None


BlockEdit = InsertBlock | ChangeBlock | RemoveBlock | MoveBlock


def with_edits(episode: ScreenplayEpisode, edits: Sequence[BlockEdit]) -> ScreenplayEpisode:
    """All or nothing. Raises BadInputError for a place that is not there, and for words that no block can have;
    `details` have `edit`, its place in the list from 1, and the `field` that is wrong."""
    for place, edit in enumerate(edits, start=1):
        try:
            episode = _edited(episode, edit)
        except BadInputError as error:
            raise BadInputError(f"Edit {place}: {error.message}", edit=place, **error.details) from error
    return episode


def checked_words(words: BlockWords) -> BlockWords:
    """The words without space around them. Raises BadInputError with the `field`."""
    if words.type not in BLOCK_TYPES:
        raise _bad("type", f"{words.type!r} is no type of block; there are {', '.join(BLOCK_TYPES)}.")
    text = words.text.strip()
    if not text:
        raise _bad("text", "a block needs a text; to take it out, remove it.")
    if len(text) > MOST_CHARACTERS:
        raise _bad("text", f"the text has {len(text):,} characters; a block has {MOST_CHARACTERS:,} at most.")
    speaker, emotion = _name("speaker", words.speaker), _name("emotion", words.emotion)
    if words.type not in SPOKEN and (speaker or emotion):
        field = "speaker" if speaker else "emotion"
        raise _bad(field, f"a block of {words.type} has no {field}; only {' and '.join(sorted(SPOKEN))} have.")
    if words.type == "dialogue" and speaker is None:
        raise _bad("speaker", "dialogue needs a speaker; what nobody in the scene says is os.")
    return BlockWords(words.type, text, speaker, emotion)


def _edited(episode: ScreenplayEpisode, edit: BlockEdit) -> ScreenplayEpisode:
    scene = _scene(episode, edit.scene)
    match edit:
        case InsertBlock():
            if sum(len(one.blocks) for one in episode.scenes) >= MOST_BLOCKS:
                raise BadInputError(f"the episode has {MOST_BLOCKS:,} blocks already, the most that one can have.")
            at = _place(scene, edit.scene, edit.at)
            return _with_blocks(episode, edit.scene, _inserted(scene.blocks, at, _block(scene, at, edit.words)))
        case ChangeBlock():
            there = _found(scene, edit.scene, edit.block)
            changed = _as_block(edit.words, there.line)
            blocks = (*scene.blocks[: edit.block - 1], changed, *scene.blocks[edit.block :])
            return _with_blocks(episode, edit.scene, blocks)
        case RemoveBlock():
            _found(scene, edit.scene, edit.block)
            return _with_blocks(episode, edit.scene, _without(scene.blocks, edit.block))
        case MoveBlock():
            moved = _found(scene, edit.scene, edit.block)
            episode = _with_blocks(episode, edit.scene, _without(scene.blocks, edit.block))
            number = edit.to_scene if edit.to_scene is not None else edit.scene
            target = _scene(episode, number)
            return _with_blocks(episode, number, _inserted(target.blocks, _place(target, number, edit.at), moved))


def _block(scene: Scene, at: int, words: BlockWords) -> Block:
    """A new block stands in no file: it has the line of the one before it."""
    line = scene.blocks[at - 2].line if at > 1 else scene.line
    return _as_block(words, line)


def _as_block(words: BlockWords, line: int) -> Block:
    checked = checked_words(words)
    return Block(checked.type, checked.text, line, checked.speaker, checked.emotion)


def _scene(episode: ScreenplayEpisode, number: int) -> Scene:
    if not 1 <= number <= len(episode.scenes):
        raise _bad("scene", f"there is no scene {number}; there are {len(episode.scenes)}.")
    return episode.scenes[number - 1]


def _found(scene: Scene, number: int, block: int) -> Block:
    if not 1 <= block <= len(scene.blocks):
        raise _bad("block", f"there is no block {block} in scene {number}; there are {len(scene.blocks)}.")
    return scene.blocks[block - 1]


def _place(scene: Scene, number: int, at: int | None) -> int:
    last = len(scene.blocks) + 1
    if at is None:
        return last
    if not 1 <= at <= last:
        raise _bad("at", f"there is no place {at} in scene {number}; a block can stand at 1 to {last}.")
    return at


def _inserted(blocks: tuple[Block, ...], at: int, block: Block) -> tuple[Block, ...]:
    return (*blocks[: at - 1], block, *blocks[at - 1 :])


def _without(blocks: tuple[Block, ...], number: int) -> tuple[Block, ...]:
    return (*blocks[: number - 1], *blocks[number:])


def _with_blocks(episode: ScreenplayEpisode, number: int, blocks: tuple[Block, ...]) -> ScreenplayEpisode:
    scenes = list(episode.scenes)
    scenes[number - 1] = replace(scenes[number - 1], blocks=blocks)
    return replace(episode, scenes=tuple(scenes))


def _name(field: str, value: str | None) -> str | None:
    found = (value or "").strip()
    if len(found) > MOST_NAME_CHARACTERS:
        raise _bad(field, f"the {field} has {len(found)} characters; it has {MOST_NAME_CHARACTERS} at most.")
    if found and not found.isprintable():
        raise _bad(field, f"the {field} is {found!r}; it takes one line of text.")
    return found or None


def _bad(field: str, message: str) -> BadInputError:
    details: dict[str, Any] = {"field": field}
    return BadInputError(message, **details)
