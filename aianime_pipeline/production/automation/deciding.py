"""The pipeline runs itself: which work an episode has that nobody asked for yet. The decision is pure.

It is asked of the episode's state, not of what happened: a tick that was missed costs nothing. What is found is one
wish for the episode as a whole, so that sixty approvals in a minute make one run, not sixty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aianime_pipeline.moments import has_come
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.shots.failures import Failure, holds_back, is_tried_again, try_again_at
from aianime_pipeline.production.shots.stages import DONE, IN_WORK, NOT_BEGUN, Stage, State
from aianime_pipeline.production.tasks.actions import TaskAction

QUIET = timedelta(seconds=5)
"""An episode in which something has just changed is looked at when nothing more changes for so long: a person who
approves one shot after the other is at it still."""

LONGEST = timedelta(seconds=45)
"""But at the latest so long after the first change."""


@dataclass(frozen=True)
class StageSituation:
    """One stage of one shot. `held`: a living worker has it."""

    state: State
    retakes: int = 0
    failures: tuple[Failure, ...] = ()
    held: bool = False


@dataclass(frozen=True)
class ShotSituation:
    number: int
    wanted: frozenset[Stage]
    stages: Mapping[Stage, StageSituation]


@dataclass(frozen=True)
class Situation:
    """An episode as the decision sees it. `board_due`: a storyboard is to be made from the screenplay;
    `board_state`: where its review stands, None while there is no storyboard; `film_current` and `zip_current`: they
    are there and of what is selected now."""

    auto_make: bool
    auto_export: bool
    auto_package: bool
    retake_cap: int
    board_due: bool
    board_state: State | None
    shots: Sequence[ShotSituation]
    film_current: bool
    film_failed: bool
    zip_current: bool
    zip_failed: bool
    stopped: str = ""
    """By whom a person's stop is on the episode, and how it goes on; empty where it is not stopped."""


@dataclass(frozen=True)
class Wish:
    """`why` names what makes the work due, one reason for each kind of it."""

    action: TaskAction
    to: StageName | None
    why: tuple[str, ...]


@dataclass(frozen=True)
class Nothing:
    """`why` says what is waited for; `until`: when it is worth another look without anything having changed."""

    why: tuple[str, ...]
    until: datetime | None = None


@dataclass
class _Found:
    """Shots by what is to be done with them."""

    due: dict[Stage, list[int]] = field(default_factory=dict)
    ai: list[int] = field(default_factory=list)
    persons: list[int] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)
    later: list[datetime] = field(default_factory=list)
    in_work: list[int] = field(default_factory=list)
    held_back: dict[str, list[int]] = field(default_factory=dict)
    """By the cause for which too many others failed."""


def settled(since: datetime | None, last: datetime | None, moment: datetime) -> bool:
    """Whether an episode that changed first at `since` and last at `last` is to be looked at now."""
    if since is None or last is None:
        return True
    # What changed later than now did so before the clock was set back.
    return has_come(last + QUIET, moment, QUIET) or has_come(since + LONGEST, moment, LONGEST)


def work_due(episode: Situation, moment: datetime) -> Wish | Nothing:
    """The next work of an episode that has no task open."""
    if not (episode.auto_make or episode.auto_export or episode.auto_package):
        return Nothing(("the project makes nothing by itself",))
    if episode.stopped:
        return Nothing((episode.stopped,))
    if episode.auto_make and (wish := _production(episode, moment)) is not None:
        return wish
    found = _look(episode, moment)
    if not episode.auto_make and (found.due or found.ai):
        return Nothing(("shots are not finished, and the project does not make them by itself",))
    if (wish := _finishing(episode, found)) is not None:
        return wish
    return Nothing(tuple(_waits(episode, found)), min(found.later, default=None))


def _production(episode: Situation, moment: datetime) -> Wish | None:
    if episode.board_due:
        return Wish(TaskAction.PIPELINE, _furthest(episode), ("the storyboard is to be made",))
    if episode.board_state is State.AI_REVIEWING:
        return Wish(TaskAction.PIPELINE, _furthest(episode), ("the storyboard waits for the AI reviewer",))
    if episode.board_state is None or episode.board_state not in DONE:
        return None
    found = _look(episode, moment)
    if found.due:
        why = [f"{stage} of {_shots(found.due[stage])}" for stage in Stage if stage in found.due]
        return Wish(TaskAction.PIPELINE, _furthest(episode), tuple(why))
    if found.ai:
        return Wish(TaskAction.REVIEW, None, (f"{_shots(found.ai)} wait for the AI reviewer",))
    return None


def _furthest(episode: Situation) -> StageName:
    """How far a run goes in one go: what is not ready it leaves."""
    if not episode.auto_export:
        return StageName.VOICES
    return StageName.PACKAGE if episode.auto_package else StageName.FILM


def _finishing(episode: Situation, found: _Found) -> Wish | None:
    ready = episode.board_state in DONE and bool(episode.shots) and _all_done(episode)
    if episode.auto_export and ready and not episode.film_current and not episode.film_failed:
        if episode.auto_package:
            return Wish(TaskAction.PIPELINE, StageName.PACKAGE, ("every shot is approved",))
        return Wish(TaskAction.FILM, None, ("every shot is approved",))
    if episode.auto_package and episode.film_current and not episode.zip_current and not episode.zip_failed:
        return Wish(TaskAction.PACKAGE, None, ("there is a film that is not packed",))
    return None


def _all_done(episode: Situation) -> bool:
    return all(
        stage in shot.stages and shot.stages[stage].state in DONE for shot in episode.shots for stage in shot.wanted
    )


def _look(episode: Situation, moment: datetime) -> _Found:
    found = _Found()
    stopped = {stage: _stopped(episode, stage) for stage in Stage}
    for shot in episode.shots:
        image = shot.stages.get(Stage.IMAGE)
        for stage in Stage:
            if stage not in shot.wanted:
                continue
            if stage is Stage.VIDEO and (image is None or image.state not in DONE):
                continue
            there = shot.stages.get(stage)
            cause = stopped[stage]
            if cause is not None and (there is None or there.state in NOT_BEGUN):
                found.held_back.setdefault(cause, []).append(shot.number)
            else:
                _sort(found, shot.number, stage, there, episode.retake_cap, moment)
    return found


def _stopped(episode: Situation, stage: Stage) -> str | None:
    there = [shot.stages.get(stage) for shot in episode.shots if stage in shot.wanted]
    return holds_back([one.failures for one in there if one is not None and one.state is State.FAILED], len(there))


def _sort(
    found: _Found, shot: int, stage: Stage, there: StageSituation | None, retake_cap: int, moment: datetime
) -> None:
    state = there.state if there is not None else State.PENDING
    if there is None or state in NOT_BEGUN:
        found.due.setdefault(stage, []).append(shot)
    elif state is State.AI_REVIEWING:
        (found.in_work if there.held else found.ai).append(shot)
    elif state in IN_WORK:
        # Whoever was at it is gone, or it is left at its vendor: a run goes on with it.
        if there.held:
            found.in_work.append(shot)
        else:
            found.due.setdefault(stage, []).append(shot)
    elif state is State.REJECTED:
        if there.retakes > retake_cap:
            found.persons.append(shot)
        else:
            found.due.setdefault(stage, []).append(shot)
    elif state is State.FAILED:
        again = try_again_at(there.failures)
        if again is None:
            found.given_up.append(shot)
        elif is_tried_again(again, moment):
            found.due.setdefault(stage, []).append(shot)
        else:
            found.later.append(again)
    elif state not in DONE:
        found.persons.append(shot)


def _waits(episode: Situation, found: _Found) -> list[str]:
    waits = []
    if episode.board_state is None:
        waits.append("there is no storyboard")
    elif episode.board_state not in DONE:
        waits.append("the storyboard waits for a person")
    if found.persons:
        waits.append(f"{_shots(found.persons)} wait for a person")
    if found.given_up:
        waits.append(f"{_shots(found.given_up)} failed and need a person")
    for cause, shots in found.held_back.items():
        waits.append(f"{_shots(shots)} are not begun: too many others failed for the same cause ({cause})")
    if found.later:
        waits.append("failed shots are tried again later")
    if found.in_work:
        waits.append(f"{_shots(found.in_work)} are being worked on")
    if episode.film_failed:
        waits.append("the film could not be made")
    if episode.zip_failed:
        waits.append("the ZIP could not be packed")
    return waits or ["everything is done"]


def _shots(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, sorted(set(numbers))[:12]))
    more = len(set(numbers)) - 12
    return f"shot{'s' if len(set(numbers)) > 1 else ''} {shown}" + (f" and {more} more" if more > 0 else "")
