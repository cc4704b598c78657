"""One person's change of one shot stage: found, compared with the version that the person saw, recorded and told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, ReviewRecord, ShotStage, Take
from aianime_pipeline.errors import BadSettingError, NotFoundError, StaleVersionError, StateError
from aianime_pipeline.production.episodes.rows import ShotView, load_shots
from aianime_pipeline.production.events import record_event
from aianime_pipeline.production.shots.stages import Event, ReviewMode, Stage, State, after
from aianime_pipeline.production.tasks.stopping import go_on
from aianime_pipeline.production.written_text import checked_text

Versions = Mapping[int, int]
"""Of shots by their number: the version of the stage that the person saw. Shots that are not named are not compared."""


@dataclass(frozen=True)
class Changing:
    """A stage that a person is about to change, locked until the transaction ends."""

    session: Session
    episode: Episode
    number: int
    stage: Stage
    row: ShotStage
    who: str

    @property
    def mode(self) -> ReviewMode:
        return mode_of(self.episode, self.stage)

    @property
    def take(self) -> Take | None:
        """The selected one."""
        return self.session.get(Take, self.row.selected_take_id) if self.row.selected_take_id is not None else None

    def needs_take(self, event: str) -> Take:
        """Raises StateError where nothing has been made yet."""
        if (take := self.take) is None:
            raise StateError(f"Shot {self.number} has no {self.stage} yet that could be {event}.", shot=self.number)
        return take

    def move(self, event: Event, verdict: str, *, reason: str = "", take: Take | None = None) -> State:
        """Change the state, and say so. A worker that is still at it keeps its take, but does not select it. Raises
        StateError where the table does not allow it."""
        before = State(self.row.state)
        state = _after(before, event, self.mode, self.number)
        self.row.state, self.row.claimed_by = state.value, None
        self.row.version += 1
        self.record(verdict, before, state, reason=reason, take=take)
        return state

    def record(self, verdict: str, before: State, state: State, *, reason: str, take: Take | None) -> None:
        self.session.add(
            ReviewRecord(
                take_id=take.id if take is not None else None,
                stage_id=self.row.id,
                kind="person",
                reviewer=self.who,
                verdict=verdict,
                reason=reason,
                state_before=before.value,
                state_after=state.value,
            )
        )
        record_event(
            self.session,
            "review",
            project_id=self.episode.project_id,
            episode_id=self.episode.id,
            shot=self.number,
            stage=self.stage.value,
            state=state.value,
            verdict=verdict,
            reviewer=self.who,
            reason=reason,
            version=self.row.version,
        )


def mode_of(episode: Episode, stage: Stage) -> ReviewMode:
    return ReviewMode(getattr(episode.project, f"review_{stage}"))


def changing(
    session: Session,
    episode: Episode,
    stage: Stage,
    numbers: Collection[int],
    who: str,
    versions: Versions | None = None,
) -> list[Changing]:
    """The stages of these shots, locked in one order whatever theirs is, so that two batches cannot wait in a circle.

    Raises NotFoundError for a shot that is not there, StaleVersionError where the person saw an older version.
    """
    go_on(session, episode.id)
    views = {view.number: view for view in load_shots(session, episode.id)}
    if unknown := sorted(set(numbers) - set(views)):
        raise NotFoundError(f"There is no shot {', '.join(map(str, unknown))} in {episode.key}.", shots=unknown)
    found = []
    for number in sorted(set(numbers)):
        row = _locked(session, views[number], stage)
        if row is None:
            raise StateError(f"Shot {number} has no {stage} yet.", shot=number)
        seen = (versions or {}).get(number)
        if seen is not None and seen != row.version:
            raise _stale(session, number, stage, row, seen)
        found.append(Changing(session, episode, number, stage, row, who))
    return found


def checked_reason(reason: str, needed_for: str | None) -> str:
    """The reason without space around it. Raises BadSettingError where one is needed or it is no text."""
    if needed_for is not None and not reason.strip():
        raise BadSettingError(needed_for)
    checked_text(reason, "The reason")
    return reason.strip()


def _locked(session: Session, view: ShotView, stage: Stage) -> ShotStage | None:
    return session.scalars(
        sa.select(ShotStage)
        .where(ShotStage.shot_id == view.row_id, ShotStage.stage == stage.value)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _stale(session: Session, number: int, stage: Stage, row: ShotStage, seen: int) -> StaleVersionError:
    last = session.scalars(
        sa.select(ReviewRecord).where(ReviewRecord.stage_id == row.id).order_by(ReviewRecord.id.desc()).limit(1)
    ).first()
    by = f" {last.reviewer} {last.verdict} it at {last.created_at:%H:%M:%S} UTC." if last is not None else ""
    return StaleVersionError(
        f"Shot {number}'s {stage} has changed since you looked: it is {row.state} in version {row.version}, "
        f"you saw {seen}.{by}",
        shot=number,
        stage=stage.value,
        state=row.state,
        version=row.version,
        seen=seen,
        last_by=last.reviewer if last is not None else None,
    )


def _after(state: State, event: Event, mode: ReviewMode, number: int) -> State:
    try:
        return after(state, event, mode)
    except StateError as error:
        raise StateError(f"Shot {number}: {error.message}", shot=number, **error.details) from error
