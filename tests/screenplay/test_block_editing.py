"""Edits of a screenplay's blocks, as pure functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.planned_episodes import ferry_episode

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.screenplay import editing
from aianime_pipeline.screenplay.editing import (
    BlockWords,
    ChangeBlock,
    InsertBlock,
    MoveBlock,
    RemoveBlock,
    checked_words,
    with_edits,
)
from aianime_pipeline.screenplay.model import ScreenplayEpisode

SAYS = BlockWords("dialogue", "走。", "林夏")


def texts(episode: ScreenplayEpisode, scene: int) -> list[str]:
    return [block.text for block in episode.scenes[scene - 1].blocks]


def test_a_block_can_stand_at_any_place_of_a_scene_and_at_its_end() -> None:
    had = texts(ferry_episode(), 2)
    for at in range(1, len(had) + 2):
        edited = with_edits(ferry_episode(), [InsertBlock(2, SAYS, at)])
        assert texts(edited, 2) == [*had[: at - 1], "走。", *had[at - 1 :]]
    assert texts(with_edits(ferry_episode(), [InsertBlock(2, SAYS)]), 2) == [*had, "走。"]


def test_a_block_moves_within_its_scene_and_to_another_with_all_that_it_says() -> None:
    moved = with_edits(ferry_episode(), [MoveBlock(1, 2, to_scene=2, at=1)])
    first = moved.scenes[1].blocks[0]
    assert first == ferry_episode().scenes[0].blocks[1]
    within = with_edits(ferry_episode(), [MoveBlock(2, 1)])
    assert texts(within, 2) == [*texts(ferry_episode(), 2)[1:], texts(ferry_episode(), 2)[0]]


def test_only_the_scene_of_an_edit_changes() -> None:
    edited = with_edits(ferry_episode(), [RemoveBlock(3, 1)])
    assert [was == now for was, now in zip(ferry_episode().scenes, edited.scenes, strict=True)] == [
        True, True, False, True,
    ]  # fmt: skip


@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_moving_there_and_back_leaves_the_episode_as_it_was(scene: int, to: int, data: st.DataObject) -> None:
    episode = ferry_episode()
    block = data.draw(st.integers(1, len(episode.scenes[scene - 1].blocks)))
    room = len(episode.scenes[to - 1].blocks) + (0 if scene == to else 1)
    at = data.draw(st.integers(1, room))
    there = with_edits(episode, [MoveBlock(scene, block, at=at, to_scene=to)])
    assert with_edits(there, [MoveBlock(to, at, at=block, to_scene=scene)]) == episode


@pytest.mark.parametrize(
    ("edit", "field", "told"),
    [
        (InsertBlock(5, SAYS), "scene", "there is no scene 5; there are 4"),
        (RemoveBlock(0, 1), "scene", "there is no scene 0"),
        (RemoveBlock(2, 5), "block", "there is no block 5 in scene 2; there are 4"),
        (InsertBlock(2, SAYS, 6), "at", "a block can stand at 1 to 5"),
        (MoveBlock(2, 1, at=5), "at", "a block can stand at 1 to 4"),
        (ChangeBlock(1, 1, BlockWords("action", "  ")), "text", "a block needs a text"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_with_its_place_and_field(
    edit: editing.BlockEdit, field: str, told: str
) -> None:
    with pytest.raises(BadInputError, match=told) as error:
        with_edits(ferry_episode(), [RemoveBlock(4, 1), edit])
    assert error.value.details == {"edit": 2, "field": field}


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (BlockWords("song", "啦"), "type"),  # type: ignore[arg-type]
        (BlockWords("action", "字" * 10_001), "text"),
        (BlockWords("action", "走。", "林夏"), "speaker"),
        (BlockWords("direction", "闪回", None, "哭"), "emotion"),
        (BlockWords("dialogue", "走。", " "), "speaker"),
        (BlockWords("os", "走。", "林" * 101), "speaker"),
        (BlockWords("os", "走。", "林\n夏"), "speaker"),
    ],
)
def test_words_that_no_block_can_have_are_refused_with_the_field(words: BlockWords, field: str) -> None:
    with pytest.raises(BadInputError) as error:
        checked_words(words)
    assert error.value.details == {"field": field}


def test_an_os_of_nobody_is_the_narrators_and_space_around_words_is_none_of_them() -> None:
    assert checked_words(BlockWords("os", " 夜深了。\n", "", " ")) == BlockWords("os", "夜深了。", None, None)


def test_an_episode_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "MOST_BLOCKS", 25)
    room = 25 - sum(len(scene.blocks) for scene in ferry_episode().scenes)
    full = with_edits(ferry_episode(), [InsertBlock(1, SAYS)] * room)
    with pytest.raises(BadInputError, match="has 25 blocks already"):
        with_edits(full, [InsertBlock(1, SAYS)])
