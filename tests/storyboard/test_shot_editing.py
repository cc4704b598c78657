"""Edits of a storyboard's shots, as pure functions."""

from dataclasses import fields, replace
from typing import Any

import pytest
from support.planned_episodes import ferry_episode

from aianime_pipeline.errors import BadDurationError, BadInputError, MissingDescriptionError
from aianime_pipeline.storyboard import editing
from aianime_pipeline.storyboard.checked_fields import FIELDS
from aianime_pipeline.storyboard.editing import (
    ChangeShot,
    InsertShot,
    MoveShot,
    OrderShots,
    RemoveShot,
    RestoreShot,
    ShotEdit,
    with_edits,
)
from aianime_pipeline.storyboard.importing import read_storyboard, write_storyboard
from aianime_pipeline.storyboard.model import CameraMove, Framing, Shot, Storyboard
from aianime_pipeline.storyboard.planner import plan_storyboard


def planned() -> Storyboard:
    return plan_storyboard(ferry_episode(), project="渡口", language="zh", style="水墨")


def short() -> Storyboard:
    shots = tuple(Shot(n, 1000, Framing.MEDIUM, CameraMove.HOLD, f"picture {n}") for n in (1, 2, 3))
    return Storyboard("p", 1, "", shots)


def numbers(board: Storyboard, *edits: ShotEdit, removed: dict[int, Shot] | None = None) -> list[int]:
    return [shot.number for shot in with_edits(board, edits, removed=removed).shots]


def test_a_new_shot_gets_a_number_that_no_shot_has_had() -> None:
    gone = {9: Shot(9, 1000, Framing.WIDE, CameraMove.HOLD, "gone")}
    edit = InsertShot({"description": "雾。"}, after=1)
    assert numbers(short(), edit) == [1, 4, 2, 3]
    assert numbers(short(), edit, removed=gone) == [1, 10, 2, 3]
    assert numbers(short(), InsertShot({"description": "雾。"}, after=0), InsertShot({"description": "灯。"})) == [
        4, 1, 2, 3, 5,
    ]  # fmt: skip


def test_a_removed_shot_comes_back_as_it_was_under_its_number() -> None:
    assert numbers(short(), RemoveShot(2)) == [1, 3]
    back = with_edits(short(), [RemoveShot(2), RestoreShot(2, after=3)])
    assert [shot.description for shot in back.shots] == ["picture 1", "picture 3", "picture 2"]
    with pytest.raises(BadInputError, match="no removed shot 2; there are 7"):
        numbers(short(), RestoreShot(2), removed={7: short().shots[0]})


def test_shots_move_one_by_one_and_all_at_once() -> None:
    assert numbers(short(), MoveShot(3, after=0)) == [3, 1, 2]
    assert numbers(short(), MoveShot(1, after=2)) == [2, 1, 3]
    assert numbers(short(), OrderShots((3, 2, 1))) == [3, 2, 1]


@pytest.mark.parametrize(
    ("edit", "field", "told"),
    [
        (ChangeShot(9, {}), "shot", "there is no shot 9"),
        (InsertShot({"description": "a"}, after=9), "after", "there is no shot 9"),
        (MoveShot(2, after=2), "after", "behind itself"),
        (OrderShots((1, 2)), "shots", "3 missing"),
        (OrderShots((1, 2, 3, 4)), "shots", "4 unknown"),
        (OrderShots((1, 2, 3, 3)), "shots", "one twice"),
        (ChangeShot(1, {"number": 7}), "number", "a shot has no 'number' that could be changed"),
        (ChangeShot(1, {"framing": "huge"}), "framing", "one of extreme_close_up"),
        (ChangeShot(1, {"speakers": ["甲", "乙", "丙"]}), "speakers", "2 names at most"),
        (ChangeShot(1, {"characters": ["甲", "甲"]}), "characters", "each once"),
        (ChangeShot(1, {"time_of_day": "noon"}), "time_of_day", "one of dawn, day, dusk, night, null"),
        (ChangeShot(1, {"voice_over": "yes"}), "voice_over", "true or false"),
        (ChangeShot(1, {"wants": ["smell"]}), "wants", "a list of image"),
        (ChangeShot(1, {"place": "a\nb"}), "place", "one line"),
        (ChangeShot(1, {"note": "a\0"}), "note", "its character 2 is no text"),
        (ChangeShot(1, {"prompt": "字" * 5001}), "prompt", "5,001 characters"),
        (ChangeShot(1, {"dialogue": None}), "dialogue", "a text"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_with_its_place_and_field(edit: ShotEdit, field: str, told: str) -> None:
    with pytest.raises(BadInputError, match=told) as error:
        with_edits(short(), [ChangeShot(1, {"emotion": "calm"}), edit])
    assert error.value.details == {"edit": 2, "field": field}


def test_a_shot_keeps_a_description_and_a_length_and_a_storyboard_a_shot() -> None:
    with pytest.raises(MissingDescriptionError, match="shot 4 needs a description"):
        with_edits(short(), [InsertShot({})])
    for length in (0, 60_001, 1.5, True):
        with pytest.raises(BadDurationError):
            with_edits(short(), [ChangeShot(1, {"duration_ms": length})])
    with pytest.raises(BadInputError, match="one shot at least"):
        with_edits(short(), [RemoveShot(1), RemoveShot(2), RemoveShot(3)])


def test_every_field_of_a_shot_can_be_changed_but_its_number_and_what_a_file_brought() -> None:
    assert set(FIELDS) == {field.name for field in fields(Shot)} - {"number", "warnings", "extra"}
    changes: dict[str, Any] = {
        "description": "灯。", "duration_ms": 2500, "framing": "wide", "camera_move": "push", "dialogue": "走。",
        "speakers": ["林夏"], "transition": "dissolve", "wants": ["image"], "time_of_day": None, "priority": "P0",
    }  # fmt: skip
    (changed, *_) = with_edits(short(), [ChangeShot(1, changes)]).shots
    assert (changed.framing, changed.camera_move, changed.speakers) == (Framing.WIDE, CameraMove.PUSH, ("林夏",))
    assert (changed.duration_ms, changed.wants, changed.priority) == (2500, frozenset({"image"}), "P0")


def test_a_planned_prompt_says_what_was_changed_and_a_written_one_stays() -> None:
    board = planned()
    shot = next(shot for shot in board.shots if shot.characters and shot.framing is not Framing.WIDE)
    changes = {"description": "一盏灯，灭了。", "framing": "wide", "characters": ["沈渡"]}
    after = with_edits(board, [ChangeShot(shot.number, changes)])
    prompt = next(one.prompt for one in after.shots if one.number == shot.number)
    assert shot.description.strip("。") in shot.prompt
    assert "一盏灯，灭了" in prompt
    assert shot.description.strip("。") not in prompt
    assert "远景，环境为主" in prompt
    assert "人物：沈渡，" in prompt
    assert prompt.startswith("水墨，")
    written = with_edits(board, [ChangeShot(shot.number, {"prompt": "my words"}), ChangeShot(shot.number, changes)])
    assert next(one.prompt for one in written.shots if one.number == shot.number) == "my words"


def test_an_edited_storyboard_is_written_to_a_file_and_read_back_in_its_order() -> None:
    edits = [
        InsertShot({"description": "雾。", "dialogue": "谁？", "speakers": ["林夏"]}, after=1),
        MoveShot(3, after=0),
    ]
    edited = with_edits(short(), edits)
    for name in ("board.json", "board.csv"):
        read = read_storyboard(write_storyboard(edited, name), filename=name)
        assert [(one.number, one.description, one.dialogue) for one in read.shots] == [
            (one.number, one.description, one.dialogue) for one in edited.shots
        ]


def test_the_files_own_word_for_a_framing_does_not_outlive_it() -> None:
    table = "镜号,时长,画面描述,景别\n1,2,雾。,巨大的景\n"
    board = read_storyboard(table.encode(), filename="board.csv")
    assert board.shots[0].framing_text == "巨大的景"
    board = replace(board, shots=(replace(board.shots[0], warnings=("景别 “巨大的景” is not a word we know",)),))
    (changed,) = with_edits(board, [ChangeShot(1, {"framing": "wide"})]).shots
    assert (changed.framing_text, changed.warnings) == ("", ())


def test_a_storyboard_has_an_end_for_new_shots_and_for_those_that_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "MOST_SHOTS", 3)
    for edit in (InsertShot({"description": "one more"}), RestoreShot(7)):
        with pytest.raises(BadInputError, match="has 3 shots already"):
            with_edits(short(), [edit], removed={7: short().shots[0]})
