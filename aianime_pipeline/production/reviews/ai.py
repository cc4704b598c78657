"""The AI review line: takes that wait for the AI reviewer are looked at, and their shots go where the verdict sends
them.

Each take is claimed while it is looked at, and what is said of it is written with the move of its stage in one
transaction. Whoever decides meanwhile has decided: the opinion is then dropped.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Project, ReviewRecord, ShotStage, Take
from aianime_pipeline.errors import ProvidersPausedError
from aianime_pipeline.production.claims import claim, holder
from aianime_pipeline.production.episodes.rows import StageView, find_episode, load_shots
from aianime_pipeline.production.events import record_event
from aianime_pipeline.production.generations import RunCancelled, StillAtProvider
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.reviews.opinions import Asked, opinion_on
from aianime_pipeline.production.runs import Run
from aianime_pipeline.production.shots.requests import load_assets
from aianime_pipeline.production.shots.stages import BY_AI, DONE, Event, ReviewMode, Stage, State, after
from aianime_pipeline.reviewing.opinion import Opinion, Verdict

AT_ONCE = 4
"""Takes that are looked at side by side in one run."""

_EVENTS = {
    Verdict.APPROVE: Event.AI_APPROVED,
    Verdict.REJECT: Event.AI_REJECTED,
    Verdict.UNSURE: Event.AI_UNSURE,
}
_WORDS = {Verdict.APPROVE: "approved", Verdict.REJECT: "rejected", Verdict.UNSURE: "unsure"}
WAITING = "waiting"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ShotReview:
    """Where a shot stands with the AI reviewer. `verdict` is approved, rejected or unsure; or waiting, with the reason
    why nothing was said yet."""

    shot: int
    state: State
    verdict: str
    reviewer: str = ""
    score: int | None = None
    reasons: str = ""

    @property
    def passed(self) -> bool:
        """Approved by the AI reviewer, or by a person whatever it said."""
        return self.verdict == _WORDS[Verdict.APPROVE] or self.state in DONE


@dataclass(frozen=True)
class StageReview:
    """`reviewed` is how many takes were looked at now; `shots` are all whose selected take the AI reviewer has judged,
    or is still to judge."""

    reviewed: int
    shots: tuple[ShotReview, ...]

    @property
    def passed(self) -> bool:
        return all(one.passed for one in self.shots)


def review_stage(place: Installation, run: Run, stage: Stage) -> StageReview:
    """Look at every take of a stage that waits for the AI reviewer and that nobody holds; of named shots only at
    theirs.

    What the vision model can only be asked later stays waiting. Raises NotFoundError, RunCancelled.
    """
    with place.database.read() as session:
        episode = find_episode(session, run.episode_key)
        assets = load_assets(session, episode.id)
        waiting = [
            (view, mine)
            for view in load_shots(session, episode.id)
            if (mine := view.stages.get(stage)) is not None
            and mine.state is State.AI_REVIEWING
            and (run.shots is None or view.number in run.shots)
        ]
    due = [(Asked(episode, view, stage, mine.take, assets), mine) for view, mine in waiting if mine.take is not None]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"review-{stage}") as pool:
        try:
            said = list(pool.map(lambda one: _review(place, run, *one), due))
        except BaseException:
            run.stop.set()
            raise
    later = {asked.view.number: why for (asked, _), why in zip(due, said, strict=True) if why}
    with place.database.read() as session:
        return StageReview(len(due) - len(later), tuple(_standing(session, episode, stage, later)))


def reviews_by_ai(project: Project, stage: Stage) -> bool:
    return ReviewMode(getattr(project, f"review_{stage}")) in BY_AI


def _review(place: Installation, run: Run, asked: Asked, seen: StageView) -> str:
    """Why nothing was said; empty when it was."""
    if run.stop.is_set():
        raise RunCancelled
    if why := _claim(place, run, seen):
        return why
    try:
        opinion = opinion_on(place, run, asked)
    except (ProvidersPausedError, StillAtProvider) as later:
        _give_back(place, run, seen)
        return str(later)
    except BaseException:
        _give_back(place, run, seen)
        raise
    return _keep(place, run, asked, seen, opinion)


def _claim(place: Installation, run: Run, seen: StageView) -> str:
    """Why it was not to be had; empty when it was. The version stays: a person who looks at it sees what it is."""
    with place.database.write() as session:
        row = session.get_one(ShotStage, seen.row.id, with_for_update=True)
        if (held_by := holder(session, row)) is not None and held_by.id != run.worker_id:
            return f"somebody else is at it (run {held_by.run_id})"
        if not _is_as_seen(row, seen) or not claim(session, row, run.worker_id):
            return "it was changed meanwhile"
    return ""


def _is_as_seen(row: ShotStage, seen: StageView) -> bool:
    return row.version == seen.row.version and row.state == State.AI_REVIEWING.value


def _give_back(place: Installation, run: Run, seen: StageView) -> None:
    with place.database.write() as session:
        row = session.get_one(ShotStage, seen.row.id, with_for_update=True)
        if row.claimed_by == run.worker_id:
            row.claimed_by = None


def _keep(place: Installation, run: Run, asked: Asked, seen: StageView, opinion: Opinion) -> str:
    """Why the opinion was dropped; empty when it counts."""
    with place.database.write() as session:
        row = session.get_one(ShotStage, seen.row.id, with_for_update=True)
        if row.claimed_by != run.worker_id or not _is_as_seen(row, seen):
            _log.info("somebody decided before the AI reviewer", shot=asked.view.number, stage=asked.stage.value)
            return "it was changed meanwhile"
        project = session.get_one(Project, asked.episode.project_id)
        state = _move(row, session.get_one(Take, asked.take.id), project, asked.stage, opinion)
        _record(session, row, asked, opinion, state)
    return ""


def _move(row: ShotStage, take: Take, project: Project, stage: Stage, opinion: Opinion) -> State:
    """The stage's new state, with what follows from it for its take."""
    mode, event = ReviewMode(getattr(project, f"review_{stage}")), _EVENTS[opinion.verdict]
    if event is Event.AI_REJECTED and mode is ReviewMode.AI and row.retakes >= project.retake_cap:
        # Whether yet another take helps, only a person can tell.
        event = Event.AI_UNSURE
    state = after(State(row.state), event, mode)
    row.state, row.claimed_by, row.reason = state.value, None, ""
    row.version += 1
    if state is State.APPROVED:
        take.verdict, take.reason = "approved", ""
    elif state is State.REJECTED:
        # The next take is made with these words.
        take.verdict = "rejected"
        take.reason = row.reason = opinion.wishes
        row.retakes += 1
    else:
        row.reason = opinion.reasons
    return state


def _record(session: Session, row: ShotStage, asked: Asked, opinion: Opinion, state: State) -> None:
    verdict = _WORDS[opinion.verdict]
    session.add(
        ReviewRecord(
            take_id=asked.take.id,
            stage_id=row.id,
            kind="ai",
            reviewer=opinion.reviewer,
            verdict=verdict,
            reason=opinion.reasons,
            score=opinion.score,
            feedback=opinion.feedback(),
            state_before=State.AI_REVIEWING.value,
            state_after=state.value,
        )
    )
    record_event(
        session,
        "review",
        project_id=asked.episode.project_id,
        episode_id=asked.episode.id,
        shot=asked.view.number,
        stage=asked.stage.value,
        state=state.value,
        verdict=verdict,
        reviewer=opinion.reviewer,
        reason=opinion.reasons,
        score=opinion.score,
        version=row.version,
    )


def _standing(session: Session, episode: Episode, stage: Stage, later: dict[int, str]) -> Sequence[ShotReview]:
    """The last word of the AI reviewer on each selected take, and what still waits for one."""
    found = [(view.number, mine) for view in load_shots(session, episode.id) if (mine := view.stages.get(stage))]
    takes = [mine.take.id for _, mine in found if mine.take is not None]
    query = sa.select(ReviewRecord).where(ReviewRecord.kind == "ai", ReviewRecord.take_id.in_(takes))
    last = {record.take_id: record for record in session.scalars(query.order_by(ReviewRecord.id))}
    reviews = []
    for number, mine in found:
        record = last.get(mine.take.id) if mine.take is not None else None
        if mine.state is State.AI_REVIEWING:
            reviews.append(ShotReview(number, mine.state, WAITING, reasons=later.get(number, "")))
        elif record is not None:
            said = record.verdict, record.reviewer, record.score, record.reason
            reviews.append(ShotReview(number, mine.state, *said))
    return reviews
