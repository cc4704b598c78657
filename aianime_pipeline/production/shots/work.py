"""Bringing one stage of an episode's shots up to date: decide per shot, make what is due, keep each at once.

Each finished shot is committed with its take, its object and its usage before the next thing happens, so that a crash
loses nothing that was paid for. A shot that fails does not stop the others.
"""

from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

import structlog

from aianime_pipeline.db.models import Episode, ReviewRecord, ShotStage, Take
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import NotFoundError, PipelineError, ProvidersPausedError
from aianime_pipeline.production.episodes.rows import (
    AUTO_REVIEWER,
    ShotView,
    StageView,
    find_episode,
    load_shots,
)
from aianime_pipeline.production.events import tell_shot
from aianime_pipeline.production.generations import StillAtProvider, submitted_shots
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.makers.backends import Vendor
from aianime_pipeline.production.runs import Run, StageProgress, began_at
from aianime_pipeline.production.shots.currency import spoken_language
from aianime_pipeline.production.shots.early_stop import Causes
from aianime_pipeline.production.shots.failures import classify, is_tried_again, try_again_at
from aianime_pipeline.production.shots.held_back import cause_of_stop, failures_of
from aianime_pipeline.production.shots.making import ChangedMeanwhile, ShotJob, make_shot
from aianime_pipeline.production.shots.requests import CAPABILITY, Inputs, load_assets, stage_inputs
from aianime_pipeline.production.shots.stages import (
    DONE,
    IN_REVIEW,
    NOT_BEGUN,
    Decision,
    Event,
    ReviewMode,
    Stage,
    State,
    after,
    decide,
)
from aianime_pipeline.production.storyboards.keeping import storyboard_row
from aianime_pipeline.production.written_text import reason_of

MOST_AT_ONCE = 32
"""Threads that wait for vendors in one run."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ShotResult:
    """What became of one shot in this run. `take` is its number, `digest` the object of its selected take."""

    number: int
    state: State
    decision: Decision | None
    """None when making it failed."""
    take: int | None = None
    digest: str | None = None
    cost_micros: int = 0
    reason: str = ""
    current: bool = True
    """False: the selected take was made from something else than the storyboard says now."""


@dataclass
class StageOutcome:
    results: dict[int, ShotResult] = field(default_factory=dict)

    def where(self, decision: Decision | None) -> list[ShotResult]:
        return [result for _, result in sorted(self.results.items()) if result.decision is decision]


@dataclass(frozen=True)
class _Looked:
    """A shot as it was found, with what its stage would be made from now."""

    view: ShotView
    inputs: Inputs
    decision: Decision


class StageWork:
    """One stage of one episode in one run. `results()` is to be read to its end, in the thread that reports."""

    def __init__(self, place: Installation, run: Run, stage: Stage, progress: StageProgress) -> None:
        self._place = place
        self._run = run
        self._stage = stage
        self._progress = progress
        with place.database.read() as session:
            self._episode: Episode = find_episode(session, run.episode_key)
            self._began = began_at(session, run.root_run_id)
            board = storyboard_row(session, self._episode.id)
        # An episode without one has no shots.
        self._board_approved = board is None or State(board.review_state) in DONE
        self._mode = (
            ReviewMode.NONE if run.auto_review else ReviewMode(getattr(self._episode.project, f"review_{stage}"))
        )
        self.outcome = StageOutcome()

    def results(self) -> Iterator[ShotResult]:
        """Each shot's result the moment it is final: first what needs no work, then the others as they are made."""
        self._prepare_rows()
        looked = self._look()
        if unknown := sorted((self._run.shots or frozenset()) - {one.view.number for one in looked}):
            raise NotFoundError(
                f"{self._episode.key} has no shot {', '.join(map(str, unknown))}; it has {len(looked)} shots.",
                shots=unknown,
            )
        self._progress.counts.total = len(looked)
        due = []
        held_back = self._held_back(looked)
        for one in looked:
            state = one.view.stages[self._stage].state
            paid_for = one.view.row_id in self._submitted
            if one.decision is Decision.MAKE and held_back and state in NOT_BEGUN and not paid_for:
                yield self._note(ShotResult(one.view.number, state, Decision.WAIT, reason=held_back))
            elif one.decision is Decision.MAKE:
                due.append(one)
            else:
                yield self._note(self._leave(one))
        self._causes = Causes(len(due))
        yield from self._make_all(due)

    def _held_back(self, looked: list[_Looked]) -> str:
        """Why a run that nobody asked for begins no further shots; empty where it does."""
        if not self._run.leave_failed or self._run.shots is not None:
            return ""
        cause = cause_of_stop([one.view for one in looked], self._stage)
        return f"not begun: too many others failed for the same cause ({cause})" if cause is not None else ""

    def _make_all(self, due: list[_Looked]) -> Generator[ShotResult, None, None]:
        with ThreadPoolExecutor(self._at_once(), thread_name_prefix=f"make-{self._stage}") as pool:
            futures: list[Future[ShotResult]] = []
            try:
                futures += [pool.submit(self._make, one) for one in due]
                for future in as_completed(futures):
                    yield self._note(future.result())
            except BaseException:
                # Cancelled or interrupted: what is in work gives its claim back before the run ends.
                self._run.stop.set()
                for future in futures:
                    future.cancel()
                raise

    def _at_once(self) -> int:
        """Shots in work at once: of a vendor as many as it takes, else what the settings say of this machine."""
        settings = self._place.settings
        own = {
            Stage.IMAGE: settings.image_limit,
            Stage.VIDEO: settings.video_limit,
            Stage.VOICE: settings.voice_limit,
        }[self._stage]
        routes = self._place.routes(CAPABILITY[self._stage], self._episode.project.slug)
        vendors = [route.limits.concurrency or own for route in routes if isinstance(route.backend, Vendor)]
        return min(max(vendors, default=own), MOST_AT_ONCE)

    def _prepare_rows(self) -> None:
        with self._place.database.write() as session:
            for view in load_shots(session, self._episode.id):
                session.add_all(
                    ShotStage(shot_id=view.row_id, stage=stage.value)
                    for stage in Stage
                    if stage not in view.stages and (stage is self._stage or stage is Stage.IMAGE)
                )

    def _look(self, shot_id: int | None = None) -> list[_Looked]:
        with self._place.database.read() as session:
            views = load_shots(session, self._episode.id)
            self._submitted = submitted_shots(session, self._episode.id, CAPABILITY[self._stage])
            assets = load_assets(session, self._episode.id)
            language = spoken_language(session, self._episode)
        project = self._episode.project
        looked = []
        for view in views:
            if shot_id is None or view.row_id == shot_id:
                inputs = stage_inputs(self._place, project, view, self._stage, assets, language)
                looked.append(_Looked(view, inputs, self._decide(view, inputs)))
        return looked

    def _decide(self, view: ShotView, inputs: Inputs) -> Decision:
        mine = view.stages[self._stage]
        if view.row_id in self._submitted and self._stage in view.wanted and not mine.is_settled_by_person:
            return Decision.MAKE  # it is paid for: its result is fetched whatever else is wished
        named = self._run.shots is not None and view.number in self._run.shots
        if self._run.leave_failed and not named and mine.state is State.FAILED and self._is_left_alone(mine):
            return Decision.WAIT
        lost = mine.take is not None and not self._is_stored(mine.take)
        return decide(
            mine.state,
            wanted=self._stage in view.wanted,
            ready_before=self._board_approved and (self._stage is not Stage.VIDEO or view.stages[Stage.IMAGE].approved),
            current=mine.take is not None and inputs.made(mine.take.inputs_digest) and not lost,
            by_person=mine.by_person,
            named=named,
            others_named=self._run.shots is not None and not named,
            # A result whose file is gone is missing, whoever approved it: there is nothing to keep.
            force=lost or (self._run.force and not self._made_already(mine.take)),
            charges=self._place.charges(inputs.capability, self._episode.project.slug),
            over_cap=self._over_cap(mine),
        )

    def _is_stored(self, take: Take) -> bool:
        return take.object_digest is not None and self._place.store.exists(take.object_digest)

    def _made_already(self, take: Take | None) -> bool:
        """Whether `force` is served: by a take of this chain of runs, or by whoever made one since the chain began.

        A run that was killed is started again by Dagster, also when a person has made its shots meanwhile.
        """
        if take is None:
            return False
        in_chain = take.root_run_id == self._run.root_run_id
        return in_chain or (self._began is not None and take.created_at >= self._began)

    def _leave(self, looked: _Looked) -> ShotResult:
        """The result of a shot that is not made now; moves its state where the decision asks for it."""
        mine, decision = looked.view.stages[self._stage], looked.decision
        state, reason = mine.state, mine.row.reason
        named = self._run.shots is None or looked.view.number in self._run.shots
        if decision is Decision.SKIP:
            state = self._move(looked.view, Event.SKIPPED)
        elif state in IN_REVIEW and self._run.auto_review and named:
            state = self._move(looked.view, Event.APPROVED)
            decision = Decision.KEEP if state in DONE else Decision.WAIT
        elif state is State.FAILED and decision is Decision.WAIT and self._run.leave_failed:
            reason = _why_left(mine)
        elif state is State.REJECTED and decision is Decision.WAIT and self._over_cap(mine) and named:
            reason = f"rejected {mine.row.retakes} times, the last time: {reason}; name the shot to have it made again"
        elif state not in IN_REVIEW and decision is Decision.WAIT and not reason:
            reason = self._why_not_yet()
        take = mine.take
        return ShotResult(
            number=looked.view.number,
            state=state,
            decision=decision,
            take=take.number if take is not None else None,
            digest=take.object_digest if take is not None else None,
            reason=reason,
            current=take is None or decision is Decision.SKIP or looked.inputs.made(take.inputs_digest),
        )

    @staticmethod
    def _is_left_alone(mine: StageView) -> bool:
        """By a run that nobody asked for: it needs a person, or its pause is not over."""
        again = try_again_at(failures_of(mine))
        return again is None or not is_tried_again(again, now())

    def _why_not_yet(self) -> str:
        if not self._board_approved:
            return "the storyboard is not approved"
        return "its image is not approved" if self._stage is Stage.VIDEO else "not asked for in this run"

    def _over_cap(self, mine: StageView) -> bool:
        return mine.row.retakes > self._episode.project.retake_cap

    def _move(self, view: ShotView, event: Event) -> State:
        """The state afterwards. What somebody changed since it was looked at stays as they left it."""
        looked_at = view.stages[self._stage]
        with self._place.database.write() as session:
            row = session.get_one(ShotStage, looked_at.row.id, with_for_update=True)
            if row.version != looked_at.row.version:
                return State(row.state)
            state = after(State(row.state), event, self._mode)
            if state.value != row.state:
                # Without its claim, a worker that is still at it keeps its take, but does not select it.
                row.state, row.claimed_by = state.value, None
                row.version += 1
                if event is Event.APPROVED:
                    session.add(self._auto_record(row, looked_at.state, state))
                tell_shot(session, self._episode, view.number, row)
        return state

    @staticmethod
    def _auto_record(row: ShotStage, before: State, state: State) -> ReviewRecord:
        return ReviewRecord(
            take_id=row.selected_take_id,
            stage_id=row.id,
            kind="auto",
            reviewer=AUTO_REVIEWER,
            verdict="approved",
            state_before=before.value,
            state_after=state.value,
        )

    def _note(self, result: ShotResult) -> ShotResult:
        counts = self._progress.counts
        match result.decision:
            case Decision.MAKE:
                counts.made += 1
                counts.waiting += result.state in IN_REVIEW
            case Decision.KEEP:
                counts.kept += 1
            case Decision.WAIT:
                counts.waiting += 1
            case Decision.SKIP:
                counts.skipped += 1
            case None:
                counts.failed += 1
        self.outcome.results[result.number] = result
        self._progress.write()
        return result

    def _make(self, looked: _Looked) -> ShotResult:
        """Runs in one of the pool's threads."""
        if (stopped := self._causes.stopped) is not None:
            return ShotResult(looked.view.number, looked.view.stages[self._stage].state, Decision.WAIT, reason=stopped)
        while True:
            view = looked.view
            row = view.stages[self._stage].row
            job = ShotJob(
                episode=self._episode,
                stage=self._stage,
                shot_id=view.row_id,
                number=view.number,
                stage_id=row.id,
                version=row.version,
                mode=self._mode,
                inputs=looked.inputs,
            )
            try:
                made = make_shot(self._place, self._run, job)
            except ChangedMeanwhile:
                again = self._look(view.row_id)
                if not again:
                    return ShotResult(view.number, State.SKIPPED, Decision.SKIP, reason="no longer in the storyboard")
                looked = again[0]
                if looked.decision is not Decision.MAKE:
                    return self._leave(looked)
            except (StillAtProvider, ProvidersPausedError) as waits:
                with self._place.database.read() as session:
                    state = State(session.get_one(ShotStage, row.id).state)
                return ShotResult(view.number, state, Decision.WAIT, reason=str(waits))
            except (PipelineError, OSError) as error:
                _log.warning("a shot failed", shot=view.number, stage=self._stage.value, error=str(error))
                self._causes.add(classify(error, now()).code)
                return ShotResult(view.number, State.FAILED, None, reason=reason_of(error))
            else:
                return ShotResult(view.number, made.state, Decision.MAKE, made.take, made.digest, made.cost_micros)


def _why_left(mine: StageView) -> str:
    again = try_again_at(failures_of(mine))
    return f"{mine.row.reason}; tried again from {again:%H:%M:%S} UTC on" if again is not None else mine.row.reason
