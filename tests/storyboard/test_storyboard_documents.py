"""Storyboards as stored documents."""

import json
from dataclasses import replace
from typing import Any

import pytest
from support.planned_episodes import ferry_episode
from support.storyboards import write_v4_storyboard

from aianime_pipeline.errors import StoryboardFormatError
from aianime_pipeline.storyboard.document import from_document, shot_from_document, shot_to_document, to_document
from aianime_pipeline.storyboard.model import (
    CameraMove,
    Framing,
    ScenePlan,
    Shot,
    Storyboard,
    StoryboardNotice,
    Transition,
)
from aianime_pipeline.storyboard.planner import plan_storyboard
from aianime_pipeline.storyboard.v4 import read_v4, write_v4

FULL_SHOT = Shot(
    number=7,
    duration_ms=2500,
    framing=Framing.OVER_SHOULDER,
    camera_move=CameraMove.TILT_UP,
    description="d",
    framing_text="f",
    camera_text="c",
    blocking="b",
    dialogue="l",
    speakers=("林夏", "沈渡"),
    voice_over=True,
    emotion="e",
    transition=Transition.WIPE,
    prompt="p",
    negative_prompt="n",
    scene="3-2",
    place="渡口",
    time_of_day="dusk",
    interior="int_ext",
    characters=("林夏",),
    props=("铃",),
    priority="P0",
    wants=frozenset({"music", "image"}),
    note="x",
    warnings=("w",),
    extra={"镜号": 7, "深": [{"a": None}]},
)


def through_json(document: dict[str, Any]) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(json.dumps(document))
    return stored


def test_every_field_of_a_shot_survives() -> None:
    assert shot_from_document(through_json(shot_to_document(FULL_SHOT))) == FULL_SHOT
    assert shot_to_document(FULL_SHOT)["wants"] == ["image", "music"]


def test_imported_and_planned_storyboards_survive() -> None:
    imported = read_v4(json.dumps(write_v4_storyboard()))
    planned = plan_storyboard(ferry_episode(), project="m", language="zh")
    full = Storyboard("p", 2, "t", (FULL_SHOT,), "s", "n", "en", (StoryboardNotice("m", 1, 2),), {"版本": "4.0"})
    full = replace(full, planned_by=(ScenePlan("1-1", "a model"), ScenePlan("1-2", "planner", "why")))
    for storyboard in (imported, planned, full):
        assert from_document(through_json(to_document(storyboard))) == storyboard


def test_an_import_that_was_stored_still_exports_as_it_came() -> None:
    text = json.dumps(write_v4_storyboard(), ensure_ascii=False, indent=2) + "\n"
    assert write_v4(from_document(through_json(to_document(read_v4(text))))).decode() == text


def test_a_document_shares_nothing_with_the_storyboard() -> None:
    document = shot_to_document(FULL_SHOT)
    document["extra"]["深"][0]["a"] = 1
    assert FULL_SHOT.extra["深"] == [{"a": None}]


def test_fields_that_an_older_document_lacks_have_their_default() -> None:
    document = shot_to_document(replace(FULL_SHOT, priority="P1"))
    del document["priority"]
    assert shot_from_document(document).priority == "P1"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "unknown fields ['colour']"),
        ({"framing": "sideways"}, "framing is “sideways”"),
    ],
)
def test_a_document_that_is_not_ours_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(StoryboardFormatError) as raised:
        shot_from_document(shot_to_document(FULL_SHOT) | change)
    assert message in raised.value.message


def test_a_document_without_its_shots_is_refused() -> None:
    document = to_document(Storyboard("p", 1, "t", ()))
    del document["shots"]
    with pytest.raises(StoryboardFormatError, match="lacks"):
        from_document(document)
