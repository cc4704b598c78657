"""What people decide about takes. See tests/support/making.py for the studio."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from support.making import KEY, Studio
from support.stories import shot

from aianime_pipeline.db.models import Event, ReviewRecord
from aianime_pipeline.errors import BadSettingError, NotFoundError, StaleVersionError, StateError
from aianime_pipeline.production.episodes.rows import find_episode, load_shots
from aianime_pipeline.production.films.gate import waiting_shots
from aianime_pipeline.production.reviews import (
    lock_shots,
    review_shots,
    select_take,
    skip_shots,
    undo_verdicts,
    unlock_shots,
    unskip_shots,
)
from aianime_pipeline.production.shots.stages import Decision, Stage, State


@pytest.fixture
def three(studio: Studio, tmp_path: Path) -> Studio:
    studio.images_in_review(tmp_path)
    return studio


def records(studio: Studio) -> list[tuple[str, str, str, str]]:
    return [(row.reviewer, row.verdict, row.state_before, row.state_after) for row in studio.rows(ReviewRecord)]


def test_every_verdict_is_on_record_with_who_why_and_what_it_changed(three: Studio) -> None:
    three.review(Stage.IMAGE, approve=[1], reject=[2], reason="too dark")
    approved, rejected = three.rows(ReviewRecord)
    assert (approved.kind, approved.reviewer, approved.verdict) == ("person", "a person", "approved")
    assert (rejected.verdict, rejected.reason) == ("rejected", "too dark")
    assert (rejected.state_before, rejected.state_after) == ("review", "rejected")
    assert rejected.take_id == three.takes(2, Stage.IMAGE)[0].id


def test_a_rejection_counts_one_retake_and_taking_it_back_takes_that_back_too(three: Studio) -> None:
    three.review(Stage.IMAGE, reject=[1], reason="no")
    assert three.stage_row(1, Stage.IMAGE).retakes == 1
    assert three.does(undo_verdicts, Stage.IMAGE, [1], who="a person") == {1: State.REVIEW}
    row = three.stage_row(1, Stage.IMAGE)
    assert (row.retakes, row.reason, three.takes(1, Stage.IMAGE)[0].verdict) == (0, "", "none")
    three.review(Stage.IMAGE, reject=[1], reason="still no")
    assert three.stage_row(1, Stage.IMAGE).retakes == 1


def test_over_the_cap_of_retakes_only_a_person_who_names_the_shot_has_it_made_again(three: Studio) -> None:
    three.set_project(retake_cap=1)
    for reason in ("one", "two"):
        three.review(Stage.IMAGE, reject=[3], reason=reason)
        three.make(Stage.IMAGE)
    assert len(three.takes(3, Stage.IMAGE)) == 2
    left = three.make(Stage.IMAGE).outcome.results[3]
    assert left.decision is Decision.WAIT
    assert left.reason == "rejected 2 times, the last time: two; name the shot to have it made again"
    three.make(Stage.IMAGE, three.run(shots=[3]))
    assert len(three.takes(3, Stage.IMAGE)) == 3


def test_a_verdict_on_an_older_version_is_refused_whole_and_says_who_decided(three: Studio) -> None:
    seen = {number: three.stage_row(number, Stage.IMAGE).version for number in (1, 2)}
    with three.place.database.write() as session:
        episode = find_episode(session, KEY)
        review_shots(session, episode, Stage.IMAGE, approve=[2], reject=[], reason="", reviewer="lin")
    with pytest.raises(
        StaleVersionError, match=r"Shot 2's image has changed since you looked.* lin approved it"
    ) as error:
        three.does(
            review_shots, Stage.IMAGE, approve=[1], reject=[2], reason="x", reviewer="wu", versions=seen
        )  # fmt: skip
    assert error.value.details["last_by"] == "lin"
    assert three.stage_row(1, Stage.IMAGE).state == "review"
    assert three.stage_row(2, Stage.IMAGE).state == "approved"


def test_an_undo_needs_a_verdict_and_a_retake_that_has_not_begun(three: Studio) -> None:
    with pytest.raises(StateError, match="nobody has decided about take 1 yet"):
        three.does(undo_verdicts, Stage.IMAGE, [1], who="a person")
    three.review(Stage.IMAGE, reject=[1], reason="no")
    three.make(Stage.IMAGE)
    with pytest.raises(StateError, match="nobody has decided about take 2 yet"):
        three.does(undo_verdicts, Stage.IMAGE, [1], who="a person")


def test_an_earlier_take_that_is_selected_is_looked_at_as_the_mode_says(three: Studio) -> None:
    three.review(Stage.IMAGE, reject=[1], reason="no")
    three.make(Stage.IMAGE)
    three.review(Stage.IMAGE, approve=[1])
    assert three.does(select_take, Stage.IMAGE, 1, 1, who="a person") is State.REVIEW
    # The second was approved before: it counts at once.
    assert three.does(select_take, Stage.IMAGE, 1, 2, who="a person") is State.APPROVED
    first, second = three.takes(1, Stage.IMAGE)
    assert three.stage_row(1, Stage.IMAGE).selected_take_id == second.id
    assert (first.verdict, second.verdict) == ("none", "approved")


def test_only_a_take_that_is_there_and_ready_can_be_selected(three: Studio) -> None:
    with pytest.raises(StateError, match="counts already"):
        three.does(select_take, Stage.IMAGE, 1, 1, who="a person")
    with pytest.raises(NotFoundError, match="has no take 7 of its image; it has 1"):
        three.does(select_take, Stage.IMAGE, 1, 7, who="a person")
    with pytest.raises(NotFoundError, match="There is no shot 9"):
        three.does(select_take, Stage.IMAGE, 9, 1, who="a person")


def test_what_is_locked_is_not_made_again_nor_decided_until_it_is_unlocked_with_a_reason(three: Studio) -> None:
    three.review(Stage.IMAGE, approve=[1])
    three.does(lock_shots, Stage.IMAGE, [1], who="a person")
    three.make(Stage.IMAGE, three.run(shots=[1], force=True))
    assert len(three.takes(1, Stage.IMAGE)) == 1
    with pytest.raises(StateError, match="A shot that is locked cannot be rejected; allowed now: unlocked"):
        three.review(Stage.IMAGE, reject=[1], reason="no")
    with pytest.raises(BadSettingError, match="Unlocking needs a reason"):
        three.does(unlock_shots, Stage.IMAGE, [1], reason=" ", who="a person")
    three.does(unlock_shots, Stage.IMAGE, [1], reason="new costume", who="a person")
    assert three.stage_row(1, Stage.IMAGE).state == "approved"
    assert records(three)[-2:] == [
        ("a person", "locked", "approved", "locked"),
        ("a person", "unlocked", "locked", "approved"),
    ]


def test_a_locked_shot_goes_into_the_film_like_an_approved_one(three: Studio) -> None:
    three.review(Stage.IMAGE, approve=None)
    three.does(lock_shots, Stage.IMAGE, [1, 2, 3], who="a person")
    three.make(Stage.VIDEO)
    three.make(Stage.VOICE)
    with three.place.database.read() as session:
        assert waiting_shots(load_shots(session, three.episode.id)) == []


def test_a_shot_that_is_left_out_is_not_made_and_not_waited_for_and_comes_back_to_where_it_was(three: Studio) -> None:
    three.review(Stage.IMAGE, approve=[1, 3])
    three.does(skip_shots, [2], reason="the scene is cut", who="a person")
    made = three.make(Stage.VIDEO)
    assert made.outcome.results[2].decision is Decision.SKIP
    three.make(Stage.VOICE)
    with three.place.database.read() as session:
        assert waiting_shots(load_shots(session, three.episode.id)) == []
    with pytest.raises(StateError, match="Shot 2 is left out already, by a person"):
        three.does(skip_shots, [2], reason="", who="a person")
    three.does(unskip_shots, [2], who="a person")
    assert three.stage_row(2, Stage.IMAGE).state == "review"
    with pytest.raises(StateError, match="Shot 2 is not left out"):
        three.does(unskip_shots, [2], who="a person")


def test_the_film_shows_the_slate_of_a_shot_that_is_left_out(three: Studio) -> None:
    three.review(Stage.IMAGE, approve=[1, 3])
    three.does(skip_shots, [2], reason="the scene is cut", who="a person")
    three.make(Stage.VIDEO)
    three.make(Stage.VOICE)
    film = three.film()
    assert not isinstance(film, list)
    assert film.report["slates"] == [{"shot": 2, "reason": "image is skipped", "shown": "card"}]
    assert "Left out on purpose, so that the film shows its slate: shot 2." in film.report["warnings"]


def test_a_locked_shot_cannot_be_left_out(three: Studio) -> None:
    three.review(Stage.IMAGE, approve=[1])
    three.does(lock_shots, Stage.IMAGE, [1], who="a person")
    with pytest.raises(StateError, match="A shot that is locked cannot be skipped"):
        three.does(skip_shots, [1, 2], reason="", who="a person")
    assert three.stage_row(2, Stage.IMAGE).state == "review"


def test_whoever_watches_hears_of_every_change_in_the_order_in_which_it_was_committed(three: Studio) -> None:
    three.review(Stage.IMAGE, approve=[1])
    three.review(Stage.IMAGE, reject=[2], reason="no")
    with three.place.database.read() as session:
        events = session.scalars(sa.select(Event).order_by(Event.id)).all()
    told = [(event.document["shot"], event.document["state"]) for event in events if event.kind == "review"]
    assert told == [(1, "approved"), (2, "rejected")]
    assert {event.episode_id for event in events if event.kind in ("review", "shot")} == {three.episode.id}
    assert three.episode.changed_since is not None


def test_a_take_that_a_person_chose_is_not_made_again_for_being_out_of_date(three: Studio, tmp_path: Path) -> None:
    three.set_project(review_image="none")
    three.storyboard(tmp_path, [shot(1, 画面描述="a lamp.")])
    three.make(Stage.IMAGE)
    assert three.does(select_take, Stage.IMAGE, 1, 1, who="a person") is State.APPROVED
    done = three.make(Stage.IMAGE)
    assert done.outcome.results[1].decision is Decision.KEEP
    assert done.outcome.results[1].take == 1
