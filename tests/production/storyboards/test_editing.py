"""What people do with a storyboard in place, and what becomes of what was made. On both databases."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.making import KEY, Studio

from aianime_pipeline.db.models import Asset, Event, Shot, Storyboard
from aianime_pipeline.errors import (
    BadInputError,
    NotFoundError,
    StaleVersionError,
    StateError,
    StoryboardFrozenError,
)
from aianime_pipeline.production.episodes.rows import find_episode, load_shots
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.projects.keeping import get_or_create_project
from aianime_pipeline.production.reviews.storyboards import review_storyboard
from aianime_pipeline.production.shots.currency import out_of_date_shots
from aianime_pipeline.production.shots.stages import Decision, Stage
from aianime_pipeline.production.storyboards.editing import edit_storyboard, freeze_storyboard, removed_shots
from aianime_pipeline.production.storyboards.keeping import storyboard_row
from aianime_pipeline.storyboard.editing import (
    ChangeShot,
    InsertShot,
    MoveShot,
    OrderShots,
    RemoveShot,
    RestoreShot,
    ShotEdit,
)


@pytest.fixture
def three(studio: Studio, tmp_path: Path) -> Studio:
    studio.storyboard(tmp_path, 3)
    return studio


def edit(studio: Studio, *edits: ShotEdit, version: int = 1, who: str = "lin") -> Storyboard:
    with studio.place.database.write() as session:
        return edit_storyboard(session, find_episode(session, KEY), edits, version=version, who=who)


def freeze(studio: Studio, frozen: bool, version: int | None = None) -> Storyboard:
    with studio.place.database.write() as session:
        return freeze_storyboard(session, find_episode(session, KEY), frozen, version=version, who="wu")


def order(studio: Studio) -> list[int]:
    with studio.place.database.read() as session:
        return [view.number for view in load_shots(session, find_episode(session, KEY).id)]


def out_of_date(studio: Studio) -> dict[Stage, list[int]]:
    with studio.place.database.read() as session:
        return out_of_date_shots(studio.place, session, find_episode(session, KEY))


def test_shots_are_inserted_ordered_and_removed_under_numbers_that_stay(three: Studio) -> None:
    row = edit(three, InsertShot({"description": "雾。"}, after=1), RemoveShot(2))
    assert (row.version, row.state, row.changed_by) == (2, "editing", "lin")
    assert order(three) == [1, 4, 3]
    edit(three, OrderShots((3, 1, 4)), version=2)
    assert order(three) == [3, 1, 4]
    # The number of a shot that is gone is not given to another.
    edit(three, RemoveShot(4), InsertShot({"description": "灯。"}), version=3)
    assert order(three) == [3, 1, 5]
    with three.place.database.read() as session:
        assert list(removed_shots(session, find_episode(session, KEY))) == [2, 4]


def test_a_removed_shot_keeps_what_was_made_of_it_and_has_it_when_it_comes_back(three: Studio) -> None:
    three.make(Stage.IMAGE)
    edit(three, RemoveShot(2))
    made = three.make(Stage.IMAGE)
    assert sorted(made.outcome.results) == [1, 3]
    edit(three, RestoreShot(2, after=1), version=2)
    assert order(three) == [1, 2, 3]
    assert [result.decision for result in three.make(Stage.IMAGE).outcome.results.values()] == [Decision.KEEP] * 3
    assert len(three.asked("image")) == 3


def test_a_changed_shot_is_out_of_date_and_the_others_are_not(three: Studio) -> None:
    three.make(Stage.IMAGE)
    three.make(Stage.VOICE)
    edit(three, ChangeShot(2, {"description": "another picture."}), ChangeShot(3, {"dialogue": "走吧。"}))
    assert out_of_date(three) == {Stage.IMAGE: [2], Stage.VOICE: [3]}
    edit(three, MoveShot(3, after=0), version=2)
    assert out_of_date(three) == {Stage.IMAGE: [2], Stage.VOICE: [3]}


def test_an_edit_of_an_older_version_is_refused_and_told_who_changed_it(three: Studio) -> None:
    edit(three, RemoveShot(1))
    with pytest.raises(StaleVersionError, match=r"in version 2, you saw 1\. lin changed it last") as error:
        edit(three, RemoveShot(2), who="wu")
    assert error.value.details["last_by"] == "lin"
    assert order(three) == [2, 3]


def test_of_two_who_edit_at_once_one_is_refused(three: Studio) -> None:
    refused: list[StaleVersionError] = []
    begin = threading.Barrier(2)

    def change(number: int) -> None:
        begin.wait()
        try:
            edit(three, RemoveShot(number))
        except StaleVersionError as error:
            refused.append(error)

    threads = [threading.Thread(target=change, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), len(order(three))) == (1, 2)


def test_an_edit_that_cannot_be_leaves_everything_as_it_was(three: Studio) -> None:
    with pytest.raises(BadInputError, match="Edit 2: framing is 'huge'"):
        edit(three, RemoveShot(1), ChangeShot(2, {"framing": "huge"}))
    assert order(three) == [1, 2, 3]
    assert edit(three, ChangeShot(1, {"description": "picture 1."})).version == 1


def test_an_edit_begins_the_review_anew_and_names_new_assets(three: Studio) -> None:
    three.set_project(review_storyboard="human")
    assert edit(three, ChangeShot(1, {"characters": ["船工"], "place": "渡口"})).review_state == "review"
    with three.place.database.read() as session:
        assert {"船工", "渡口"} <= set(session.scalars(sa.select(Asset.name)))


def test_a_frozen_storyboard_refuses_edits_until_it_is_opened_again(three: Studio) -> None:
    with pytest.raises(StaleVersionError):
        freeze(three, True, version=7)
    assert (freeze(three, True, version=1).state, freeze(three, False).state) == ("frozen", "editing")
    freeze(three, True)
    with pytest.raises(StoryboardFrozenError):
        edit(three, RemoveShot(1), version=4)
    with pytest.raises(StateError, match="already frozen"):
        freeze(three, True)
    with three.place.database.read() as session:
        told = session.scalars(sa.select(Event.document).where(Event.kind == "storyboard")).all()
        assert [document["version"] for document in told][-3:] == [2, 3, 4]


def test_a_verdict_that_comes_too_late_is_told_who_was_faster(three: Studio) -> None:
    three.set_project(review_storyboard="human")
    edit(three, RemoveShot(1))

    def approve(who: str, version: int) -> None:
        with three.place.database.write() as session:
            review_storyboard(session, find_episode(session, KEY), approve=True, reviewer=who, version=version)

    with pytest.raises(StaleVersionError) as stale:
        approve("wu", 1)
    assert stale.value.details["last_by"] == "lin"
    approve("wu", 2)
    with pytest.raises(StateError, match=r"cannot be approved.* wu approved it at") as error:
        approve("li", 2)
    assert error.value.details["last_by"] == "wu"


def test_an_episode_without_a_storyboard_has_nothing_to_edit(place: Installation) -> None:
    from aianime_pipeline.production.episodes.rows import get_or_create_episode

    with place.database.write() as session:
        get_or_create_episode(session, get_or_create_project(session, "p", title=None, language="zh"), 1, "")
    with place.database.write() as session, pytest.raises(NotFoundError, match="has no storyboard yet"):
        edit_storyboard(session, find_episode(session, KEY), [RemoveShot(1)], version=1, who="lin")
    with place.database.read() as session:
        assert storyboard_row(session, find_episode(session, KEY).id) is None
        assert session.scalars(sa.select(Shot)).all() == []
