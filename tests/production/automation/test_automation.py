"""What an episode needs next, decided from its state alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aianime_pipeline.production.automation.deciding import (
    Nothing,
    ShotSituation,
    Situation,
    StageSituation,
    Wish,
    settled,
    work_due,
)
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.shots.failures import Failure, FailureKind
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.production.tasks.actions import TaskAction

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALL = frozenset(Stage)


def stage(state: State, **more: object) -> StageSituation:
    return StageSituation(state, **more)  # type: ignore[arg-type]


def shot(number: int, image: StageSituation | State, video: StageSituation | State = State.PENDING) -> ShotSituation:
    """Its voice is approved."""

    def situated(one: StageSituation | State) -> StageSituation:
        return one if isinstance(one, StageSituation) else stage(one)

    stages = {Stage.IMAGE: situated(image), Stage.VIDEO: situated(video), Stage.VOICE: stage(State.APPROVED)}
    return ShotSituation(number, ALL, stages)


def episode(*shots: ShotSituation, **changes: object) -> Situation:
    """Of a project that does everything by itself, with an approved storyboard and no film yet."""
    usual = Situation(
        auto_make=True,
        auto_export=True,
        auto_package=True,
        retake_cap=3,
        board_due=False,
        board_state=State.APPROVED,
        shots=shots,
        film_current=False,
        film_failed=False,
        zip_current=False,
        zip_failed=False,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def failed(*kinds: FailureKind, at: datetime = NOON - timedelta(hours=1)) -> StageSituation:
    failures = tuple(Failure(kind, "ERR_PROVIDER:transient", "x", at) for kind in kinds)
    return stage(State.FAILED, failures=failures)


DONE = shot(1, State.APPROVED, State.APPROVED)
T, PERSON = FailureKind.TRANSIENT, FailureKind.NEEDS_PERSON

WISHES: list[tuple[str, Situation, TaskAction, StageName | None, str]] = [
    ("a screenplay without a storyboard", episode(board_due=True, board_state=None), TaskAction.PIPELINE,
     StageName.PACKAGE, "the storyboard is to be made"),
    ("a storyboard for the AI reviewer", episode(board_state=State.AI_REVIEWING), TaskAction.PIPELINE,
     StageName.PACKAGE, "the storyboard waits for the AI reviewer"),
    ("new shots", episode(shot(1, State.PENDING), shot(2, State.PENDING)), TaskAction.PIPELINE,
     StageName.PACKAGE, "image of shots 1, 2"),
    ("an approved image", episode(shot(1, State.APPROVED), DONE), TaskAction.PIPELINE, StageName.PACKAGE,
     "video of shot 1"),
    ("a locked image", episode(shot(4, State.LOCKED)), TaskAction.PIPELINE, StageName.PACKAGE, "video of shot 4"),
    ("a rejected take", episode(shot(2, State.APPROVED, stage(State.REJECTED, retakes=1))), TaskAction.PIPELINE,
     StageName.PACKAGE, "video of shot 2"),
    ("a take whose worker is gone", episode(shot(2, State.GENERATING)), TaskAction.PIPELINE, StageName.PACKAGE,
     "image of shot 2"),
    ("a failure that passes", episode(shot(2, failed(T))), TaskAction.PIPELINE, StageName.PACKAGE, "image of shot 2"),
    ("takes for the AI reviewer", episode(shot(1, State.AI_REVIEWING)), TaskAction.REVIEW, None,
     "shot 1 wait for the AI reviewer"),
    ("everything approved", episode(DONE), TaskAction.PIPELINE, StageName.PACKAGE, "every shot is approved"),
    ("everything approved, ZIPs by hand", episode(DONE, auto_package=False), TaskAction.FILM, None,
     "every shot is approved"),
    ("a film that is not packed", episode(DONE, film_current=True), TaskAction.PACKAGE, None,
     "there is a film that is not packed"),
    ("films by hand", episode(shot(1, State.PENDING), auto_export=False), TaskAction.PIPELINE, StageName.VOICES,
     "image of shot 1"),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "action", "to", "why"), [row[1:] for row in WISHES], ids=[row[0] for row in WISHES])
def test_what_is_due_is_asked_for(seen: Situation, action: TaskAction, to: StageName | None, why: str) -> None:
    assert work_due(seen, NOON) == Wish(action, to, (why,))


NOTHINGS: list[tuple[str, Situation, str]] = [
    ("a person decides", episode(shot(1, State.REVIEW), shot(2, State.HUMAN_REVIEW)), "shots 1, 2 wait for a person"),
    ("a storyboard for a person", episode(board_state=State.REVIEW), "the storyboard waits for a person"),
    ("a rejected storyboard", episode(board_state=State.REJECTED), "the storyboard waits for a person"),
    ("over the cap", episode(shot(1, stage(State.REJECTED, retakes=4))), "shot 1 wait for a person"),
    ("a failure for a person", episode(shot(1, failed(PERSON))), "shot 1 failed and need a person"),
    ("three failures", episode(shot(1, failed(T, T, T))), "shot 1 failed and need a person"),
    ("somebody is at it", episode(shot(1, stage(State.GENERATING, held=True))), "shot 1 are being worked on"),
    ("no screenplay", episode(board_state=None), "there is no storyboard"),
    ("all there", episode(DONE, film_current=True, zip_current=True), "everything is done"),
    ("a film that failed", episode(DONE, film_failed=True), "the film could not be made"),
    ("nothing by itself", episode(DONE, auto_make=False, auto_export=False, auto_package=False),
     "the project makes nothing by itself"),
    ("a person stopped it", episode(shot(1, State.PENDING), stopped="task 3 was cancelled by wu"),
     "task 3 was cancelled by wu"),
    ("shots by hand", episode(shot(1, State.PENDING), auto_make=False),
     "shots are not finished, and the project does not make them by itself"),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "why"), [row[1:] for row in NOTHINGS], ids=[row[0] for row in NOTHINGS])
def test_what_waits_is_not_asked_for_and_says_why(seen: Situation, why: str) -> None:
    found = work_due(seen, NOON)
    assert isinstance(found, Nothing)
    assert why in found.why


def test_a_failure_that_passes_is_tried_again_later_each_time() -> None:
    found = work_due(episode(shot(1, failed(T, at=NOON))), NOON)
    assert isinstance(found, Nothing)
    assert found.until == NOON + timedelta(seconds=30)
    again = work_due(episode(shot(1, failed(T, T, at=NOON))), NOON)
    assert isinstance(again, Nothing)
    assert again.until == NOON + timedelta(seconds=120)


def test_a_shot_that_is_left_out_keeps_nothing_waiting() -> None:
    left_out = ShotSituation(9, frozenset(), {Stage.IMAGE: stage(State.SKIPPED)})
    found = work_due(episode(DONE, left_out), NOON)
    assert isinstance(found, Wish)
    assert found.why == ("every shot is approved",)


def test_sixty_approvals_in_a_minute_are_looked_at_once_or_twice() -> None:
    looks, since = 0, None
    last = NOON
    for tick in range(0, 90, 5):
        moment = NOON + timedelta(seconds=tick)
        if tick <= 60:
            last = moment
            since = since or moment
        if since is not None and settled(since, last, moment + timedelta(seconds=1)):
            looks += 1
            since = None
    assert 1 <= looks <= 2


def test_after_a_batch_stopped_early_no_further_shots_are_begun_by_themselves() -> None:
    gave_up = [shot(number, failed(PERSON)) for number in (1, 2, 3)]
    rest = [shot(number, State.PENDING) for number in range(4, 9)]
    found = work_due(episode(*gave_up, *rest), NOON)
    assert isinstance(found, Nothing)
    assert found.why == (
        "shots 1, 2, 3 failed and need a person",
        "shots 4, 5, 6, 7, 8 are not begun: too many others failed for the same cause (ERR_PROVIDER:transient)",
    )
    enough = work_due(episode(*gave_up, *rest, shot(9, State.PENDING)), NOON)
    assert isinstance(enough, Wish)
    assert enough.why == ("image of shots 4, 5, 6, 7, 8, 9",)


def test_what_is_begun_already_goes_on_after_a_batch_stopped_early() -> None:
    gave_up = [shot(number, failed(PERSON)) for number in (1, 2, 3)]
    found = work_due(episode(*gave_up, shot(4, State.PENDING), shot(5, stage(State.REJECTED, retakes=1))), NOON)
    assert isinstance(found, Wish)
    assert found.why == ("image of shot 5",)
