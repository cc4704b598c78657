"""The built-in reviewer's opinion of storyboards."""

from dataclasses import replace
from typing import Any

import pytest
from support.planned_episodes import ferry_episode, lighthouse_episode

from aianime_pipeline.reviewing.opinion import Opinion, Verdict
from aianime_pipeline.reviewing.storyboards import review_storyboard
from aianime_pipeline.screenplay.collecting import collect_assets
from aianime_pipeline.screenplay.model import ScreenplayEpisode
from aianime_pipeline.storyboard.model import CameraMove, Framing, Shot, Storyboard
from aianime_pipeline.storyboard.planner import plan_storyboard

FRAMINGS = [Framing.WIDE, Framing.MEDIUM, Framing.CLOSE_UP]
LOOKS = {("character", "林夏"), ("location", "渡口")}


def board(count: int = 6, **changes: Any) -> Storyboard:
    """Shots of four seconds; `changes` are the second one's."""
    shots = [
        Shot(number, 4000, FRAMINGS[number % 3], CameraMove.HOLD, f"林夏走到第{number}级石阶。", place="渡口",
             characters=("林夏",), dialogue="雾散了。")
        for number in range(1, count + 1)
    ]  # fmt: skip
    if count > 1:
        shots[1] = replace(shots[1], **changes)
    return Storyboard("p", 1, "灯", tuple(shots))


def found(opinion: Opinion) -> list[str]:
    return [problem.code for problem in opinion.problems]


@pytest.mark.parametrize(
    ("episode", "language"), [(ferry_episode(), "zh"), (lighthouse_episode(), "en")], ids=["ferry", "lighthouse"]
)
def test_what_the_planner_plans_has_no_fault(episode: ScreenplayEpisode, language: str) -> None:
    planned = plan_storyboard(episode, project="p", language=language)
    assets = {(asset.kind, asset.name) for asset in collect_assets([episode])}
    shown = {("character", name) for shot in planned.shots for name in shot.characters}
    opinion = review_storyboard(planned, assets | shown)
    assert (opinion.verdict, opinion.score, opinion.problems) == (Verdict.APPROVE, 100, ())


def test_a_storyboard_without_shots_is_rejected() -> None:
    opinion = review_storyboard(board(0), LOOKS)
    assert (opinion.verdict, opinion.score, found(opinion)) == (Verdict.REJECT, 0, ["no_shots"])


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"description": "  "}, "no_description", "shot 2 does not say what is seen"),
        ({"dialogue": "这条河上没有桥，渡船也早就不在了，" * 3}, "speech_too_long", "the line of shot 2 takes"),
    ],
)
def test_what_cannot_be_made_is_rejected(changes: dict[str, Any], code: str, words: str) -> None:
    opinion = review_storyboard(board(**changes), LOOKS)
    assert (opinion.verdict, found(opinion)) == (Verdict.REJECT, [code])
    assert opinion.reasons.startswith(words)
    assert "shot 2" in opinion.wishes


@pytest.mark.parametrize(
    ("changes", "code", "score"),
    [
        ({"dialogue": "这条河上没有桥，渡船也早就不在了，你别再等了。"}, "speech_too_long", 90),
        ({"duration_ms": 500, "dialogue": ""}, "shot_length", 90),
        ({"duration_ms": 60_000}, "shot_length", 90),
        ({"characters": ("周掌柜",)}, "no_asset", 90),
        ({"place": "茶铺"}, "no_asset", 90),
        ({"props": ("铜铃",)}, "no_asset", 90),
    ],
)
def test_what_may_be_meant_takes_from_the_score(changes: dict[str, Any], code: str, score: int) -> None:
    opinion = review_storyboard(board(**changes), LOOKS)
    assert (opinion.verdict, found(opinion), opinion.score) == (Verdict.APPROVE, [code], score)


def test_a_line_that_nobody_is_to_speak_may_be_as_long_as_it_is() -> None:
    silent = board(dialogue="这条河上没有桥，" * 9, wants=frozenset({"image", "video"}))
    assert review_storyboard(silent, LOOKS).problems == ()


def test_a_shot_that_comes_twice_is_found() -> None:
    twice = board()
    same = replace(twice.shots[0], number=7)
    opinion = review_storyboard(replace(twice, shots=(twice.shots[0], same, *twice.shots[1:])), LOOKS)
    assert found(opinion) == ["same_shot_again"]
    assert opinion.reasons == "shots 1 and 7 show the same"


@pytest.mark.parametrize(("count", "code"), [(2, True), (3, False), (290, False), (320, True)])
def test_an_episode_is_neither_over_at_once_nor_endless(count: int, code: bool) -> None:
    assert ("total_length" in found(review_storyboard(board(count), LOOKS))) is code


def test_one_framing_throughout_is_monotonous() -> None:
    alike = board(8)
    shots = tuple(replace(shot, framing=Framing.MEDIUM) for shot in alike.shots)
    opinion = review_storyboard(replace(alike, shots=shots), LOOKS)
    assert set(found(opinion)) == {"monotonous"}
    assert "shots 1 to 8 are all medium" in opinion.reasons


def test_one_sort_of_fault_does_not_take_the_whole_score() -> None:
    opinion = review_storyboard(board(30), set())
    assert found(opinion) == ["no_asset", "no_asset"]
    many = replace(board(), shots=tuple(replace(shot, props=("a", "b", "c")) for shot in board(30).shots))
    assert review_storyboard(many, set()).score == 60
