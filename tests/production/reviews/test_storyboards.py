"""The review of a storyboard before its images begin. On both databases."""

from pathlib import Path

import pytest
from support.making import KEY, Studio

from aianime_pipeline.db.models import ReviewRecord, Storyboard
from aianime_pipeline.errors import BadSettingError, StaleVersionError, StateError
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.reviews.storyboards import review_storyboard
from aianime_pipeline.production.shots.stages import Decision, Stage, State
from aianime_pipeline.production.storyboards.keeping import reviewed_by_ai


def decide(studio: Studio, *, approve: bool, reason: str = "", version: int | None = None) -> State:
    with studio.place.database.write() as session:
        episode = find_episode(session, KEY)
        return review_storyboard(session, episode, approve=approve, reason=reason, reviewer="lin", version=version)


def test_no_image_is_made_before_a_person_has_approved_the_storyboard(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, 3)
    studio.set_project(review_storyboard="human")
    with studio.place.database.write() as session:
        session.query(Storyboard).update({"review_state": "review"})
    waiting = studio.make(Stage.IMAGE).outcome.where(Decision.WAIT)
    assert [one.reason for one in waiting] == ["the storyboard is not approved"] * 3
    assert studio.asked("image") == []
    assert decide(studio, approve=True) is State.APPROVED
    assert len(studio.make(Stage.IMAGE).outcome.where(Decision.MAKE)) == 3
    [record] = studio.rows(ReviewRecord)[:1]
    assert (record.reviewer, record.verdict, record.storyboard_id is not None) == ("lin", "approved", True)


def test_a_storyboard_that_changes_is_looked_at_again_and_one_that_does_not_is_not(
    studio: Studio, tmp_path: Path
) -> None:
    studio.storyboard(tmp_path, 3)
    studio.set_project(review_storyboard="human")
    studio.storyboard(tmp_path, 3)
    assert studio.rows(Storyboard)[0].review_state == "approved"
    studio.storyboard(tmp_path, 4)
    assert studio.rows(Storyboard)[0].review_state == "review"


def test_a_rejection_needs_a_reason_and_stays_with_the_storyboard(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, 3)
    studio.set_project(review_storyboard="human")
    studio.storyboard(tmp_path, 4)
    with pytest.raises(BadSettingError, match="A rejection needs a reason"):
        decide(studio, approve=False)
    with pytest.raises(StaleVersionError, match="it is in version 2, you saw 1"):
        decide(studio, approve=True, version=1)
    assert decide(studio, approve=False, reason="too slow", version=2) is State.REJECTED
    row = studio.rows(Storyboard)[0]
    assert (row.review_reason, row.retakes) == ("too slow", 1)
    with pytest.raises(StateError, match="cannot be approved"):
        decide(studio, approve=True)


@pytest.mark.parametrize(
    ("mode", "good"),
    [("ai", State.APPROVED), ("ai_then_human", State.APPROVED), ("ai_and_human", State.HUMAN_REVIEW)],
)
def test_the_built_in_reviewer_decides_as_far_as_the_mode_lets_it(
    studio: Studio, tmp_path: Path, mode: str, good: State
) -> None:
    studio.storyboard(tmp_path, 3)
    studio.set_project(review_storyboard=mode, review_threshold=0)
    studio.storyboard(tmp_path, 4)
    assert reviewed_by_ai(studio.place, studio.episode.id) is good
    record = studio.rows(ReviewRecord)[-1]
    assert (record.kind, record.reviewer, record.state_before) == ("ai", "built-in", "ai_reviewing")
    assert record.score is not None
    # Asked again it has said what it says.
    assert reviewed_by_ai(studio.place, studio.episode.id) is good
