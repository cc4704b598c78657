"""Shots and takes as people see them, and asking for another take. On both databases."""

from pathlib import Path
from typing import Any

import pytest
from support.making import KEY, Studio

from aianime_pipeline.db.models import Task
from aianime_pipeline.errors import BadSettingError, NotFoundError, StateError
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.reviews import lock_shots, skip_shots
from aianime_pipeline.production.shots.currency import InputsNow
from aianime_pipeline.production.shots.reading import (
    ShotStanding,
    compared,
    find_shot,
    find_take,
    shot_standings,
    takes_of,
)
from aianime_pipeline.production.shots.retaking import ask_for_takes
from aianime_pipeline.production.shots.stages import Decision, Stage, State
from aianime_pipeline.production.storyboards.editing import edit_storyboard
from aianime_pipeline.production.tasks.asking import Asked
from aianime_pipeline.storyboard.editing import ChangeShot, MoveShot, RemoveShot


@pytest.fixture
def three(studio: Studio, tmp_path: Path) -> Studio:
    """The images made, and waiting for a person."""
    studio.images_in_review(tmp_path)
    return studio


def standings(studio: Studio, **options: Any) -> list[ShotStanding]:
    with studio.place.database.read() as session:
        episode = find_episode(session, KEY)
        inputs = InputsNow(studio.place, session, episode)
        return [compared(one, inputs) for one in shot_standings(session, episode, **options)]


def retake(studio: Studio, stage: Stage, *shots: int) -> Asked:
    asked: Asked = studio.does(ask_for_takes, stage, shots, who="lin")
    return asked


def test_each_shot_says_where_its_stages_stand_in_the_order_of_the_film(three: Studio) -> None:
    three.review(Stage.IMAGE, reject=[2], reason="too dark")
    three.does(edit_storyboard, [MoveShot(3, after=0)], version=1, who="lin")
    found = standings(three)
    assert [(one.view.number, one.position) for one in found] == [(3, 1), (1, 2), (2, 3)]
    image, video, voice = found[2].stages
    assert (image.state, image.reason, image.retakes, image.takes, image.wanted) == (
        State.REJECTED, "too dark", 1, 1, True,
    )  # fmt: skip
    assert image.selected is not None
    assert image.version == three.stage_row(2, Stage.IMAGE).version
    assert (video.state, video.version, video.selected, video.takes) == (State.PENDING, 0, None, 0)
    assert voice.stage is Stage.VOICE


def test_shots_are_found_by_the_state_of_a_stage(three: Studio) -> None:
    three.review(Stage.IMAGE, approve=[1])
    assert [one.view.number for one in standings(three, stage=Stage.IMAGE, states={State.REVIEW})] == [2, 3]
    assert [one.view.number for one in standings(three, stage=Stage.VIDEO, states={State.REVIEW})] == []
    assert [one.view.number for one in standings(three, states={State.APPROVED})] == [1]


def test_a_shot_that_changed_says_that_its_take_is_out_of_date(three: Studio) -> None:
    three.does(edit_storyboard, [ChangeShot(2, {"description": "other."})], version=1, who="lin")
    assert [one.view.number for one in standings(three) if one.stages[0].out_of_date] == [2]


def test_a_take_tells_how_it_was_made_what_it_cost_and_what_was_said_of_it(three: Studio) -> None:
    three.review(Stage.IMAGE, reject=[2], reason="too dark")
    three.make(Stage.IMAGE)
    with three.place.database.read() as session:
        newest, first = takes_of(session, find_episode(session, KEY), 2, Stage.IMAGE)
        assert find_take(session, first.take.id).take.number == 1
    assert (newest.take.number, newest.selected, newest.reviews) == (2, True, ())
    assert (first.episode, first.shot, first.stage, first.selected) == (KEY, 2, Stage.IMAGE, False)
    assert [(one.reviewer, one.verdict, one.reason) for one in first.reviews] == [("a person", "rejected", "too dark")]
    assert first.generation is not None
    assert first.generation.state == "succeeded"
    assert (first.cost_micros, first.currency) == (0, "CNY")
    assert first.file is not None
    assert first.file.media_type == "image/png"
    assert first.take.inputs["description"] == "picture 2."
    assert [(use.name, use.version) for use in first.assets] == [("林夏", 1)]


def test_the_takes_of_a_removed_shot_are_there_still(three: Studio) -> None:
    three.does(edit_storyboard, [RemoveShot(2)], version=1, who="lin")
    with three.place.database.read() as session:
        episode = find_episode(session, KEY)
        assert [one.take.number for one in takes_of(session, episode, 2, Stage.IMAGE)] == [1]
        assert takes_of(session, episode, 1, Stage.VIDEO) == []
        with pytest.raises(NotFoundError, match="There is no shot 9"):
            takes_of(session, episode, 9, Stage.IMAGE)
        with pytest.raises(NotFoundError, match="There is no shot 2"):
            find_shot(session, episode, 2)
        with pytest.raises(NotFoundError, match="There is no take 99"):
            find_take(session, 99)


def test_another_take_is_a_task_that_makes_the_named_shots_again(three: Studio) -> None:
    asked = retake(three, Stage.IMAGE, 3, 1, 3)
    assert (asked.task.action, asked.task.settings) == ("images", {"force": True, "shots": [1, 3]})
    assert (asked.task.origin, asked.task.requested_by) == ("person", "lin")
    made = three.make(Stage.IMAGE, three.run(shots=[1, 3], force=True))
    assert sorted(one.number for one in made.outcome.where(Decision.MAKE)) == [1, 3]


def test_what_would_not_be_made_again_is_refused_at_once(three: Studio) -> None:
    three.review(Stage.IMAGE, approve=[1])
    three.does(lock_shots, Stage.IMAGE, [1], who="wu")
    three.does(skip_shots, [2], reason="", who="wu")
    three.does(edit_storyboard, [ChangeShot(3, {"wants": ["image"]})], version=1, who="lin")
    for stage, shots, told in (
        (Stage.IMAGE, [1], "Shot 1's image is locked"),
        (Stage.IMAGE, [2], "Shot 2 is left out"),
        (Stage.VIDEO, [3], "wants no video of shot 3"),
    ):
        with pytest.raises(StateError, match=told):
            retake(three, stage, *shots)
    with pytest.raises(NotFoundError, match="There is no shot 8, 9"):
        retake(three, Stage.IMAGE, 1, 9, 8)
    with pytest.raises(BadSettingError, match="Name the shots"):
        retake(three, Stage.IMAGE)
    assert three.rows(Task) == []
