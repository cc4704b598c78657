"""Making one stage of one shot: claim it, write the take, ask the provider, keep the result, give the claim back."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Generation, ShotStage, Take
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import PipelineError, ProvidersPausedError
from aianime_pipeline.production.claims import claim, holder
from aianime_pipeline.production.events import tell_shot
from aianime_pipeline.production.generations import (
    Finished,
    RunCancelled,
    StillAtProvider,
    Subject,
    Work,
    find_open,
    generate,
    resume,
)
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.makers.backends import Route
from aianime_pipeline.production.runs import Run
from aianime_pipeline.production.shots.failures import Failure, classify
from aianime_pipeline.production.shots.inspection import inspect_take
from aianime_pipeline.production.shots.requests import (
    Inputs,
    document_digest,
    image_request,
    shot_seed,
    speech_request,
    video_request,
)
from aianime_pipeline.production.shots.stages import Event, ReviewMode, Stage, State, after
from aianime_pipeline.production.written_text import reason_of
from aianime_pipeline.providers.capabilities import ImageRequest, SpeechRequest, VideoRequest

_HELD_POLL_SECONDS = 0.5


class ChangedMeanwhile(Exception):
    """Another worker, or a person, changed the stage since it was looked at: look again."""


@dataclass(frozen=True)
class ShotJob:
    """A stage of a shot that is due. `version` is that of the stage's row when it was found due."""

    episode: Episode
    stage: Stage
    shot_id: int
    number: int
    stage_id: int
    version: int
    mode: ReviewMode
    inputs: Inputs


@dataclass(frozen=True)
class Made:
    state: State
    take: int
    digest: str
    cost_micros: int


@dataclass(frozen=True)
class _Claimed:
    before: State
    feedback: str
    """A reviewer's words on the take before, when this is a retake."""


def make_shot(place: Installation, run: Run, job: ShotJob) -> Made:
    """Raises PipelineError when it failed for good, ChangedMeanwhile, StillAtProvider, ProvidersPausedError,
    RunCancelled."""
    claimed = _claim(place, run, job)
    take_id: int | None = None
    try:
        submitted = find_open(place, _subject(job), job.inputs)
        take_id, seed = _begin_take(place, run, job, submitted)
        with ExitStack() as stack:
            keeper = _Keeper(run, job, take_id)
            work = Work(
                _subject(job),
                job.inputs,
                _request(place, job, stack, seed, claimed.feedback),
                inspect=lambda path: inspect_take(job.stage, path),
                keep=keeper.keep,
                seed=seed,
                began=keeper.began,
            )
            finished = generate(place, run, work) if submitted is None else resume(place, run, submitted, work)
        if keeper.state is None:
            # What was paid for is kept as a take; somebody else decides about the shot by now.
            raise ChangedMeanwhile
        return Made(keeper.state, keeper.number, finished.stored.digest, finished.cost_micros)
    except (RunCancelled, ProvidersPausedError) as stopped:
        words = "the run was cancelled" if isinstance(stopped, RunCancelled) else str(stopped)
        _give_back(place, run, job, take_id, claimed.before, words)
        raise
    except StillAtProvider:
        _leave_at_provider(place, run, job)
        raise
    except (PipelineError, OSError) as error:
        failed = after(State.GENERATING, Event.FAILED, job.mode)
        _give_back(place, run, job, take_id, failed, reason_of(error), failure=classify(error, now()))
        raise


def _claim(place: Installation, run: Run, job: ShotJob) -> _Claimed:
    """Waits while a living worker holds the stage."""
    while not run.stop.is_set():
        with place.database.write() as session:
            row = session.get_one(ShotStage, job.stage_id, with_for_update=True)
            if holder(session, row) is None:
                if row.version != job.version:
                    raise ChangedMeanwhile
                if claim(session, row, run.worker_id):
                    before = State(row.state)
                    claimed = _Claimed(before, _feedback(session, row))
                    row.state = after(before, Event.CLAIMED, job.mode).value
                    row.version += 1
                    tell_shot(session, job.episode, job.number, row)
                    return claimed
        run.stop.wait(_HELD_POLL_SECONDS)
    raise RunCancelled


def _feedback(session: Session, row: ShotStage) -> str:
    take = session.get(Take, row.selected_take_id) if row.selected_take_id is not None else None
    return take.reason if take is not None and take.verdict == "rejected" else ""


def _subject(job: ShotJob) -> Subject:
    project = job.episode.project
    return Subject(project.id, job.episode.id, project.currency, job.shot_id, project.slug)


def _begin_take(place: Installation, run: Run, job: ShotJob, submitted: Generation | None) -> tuple[int, int]:
    """The take that a submitted generation is for, or a new one; those that a dead worker left behind are closed."""
    with place.database.write() as session:
        left = session.scalars(
            sa.select(Take).where(Take.stage_id == job.stage_id, Take.state == "generating").order_by(Take.id)
        ).all()
        for take in left:
            if submitted is not None and take.generation_id == submitted.id:
                return take.id, take.seed
            take.state, take.reason = "failed", "interrupted"
        last = session.scalar(sa.select(sa.func.max(Take.number)).where(Take.stage_id == job.stage_id)) or 0
        seed = shot_seed(job.episode, job.number, job.stage, last + 1)
        take = Take(
            stage_id=job.stage_id,
            number=last + 1,
            inputs=job.inputs.document,
            inputs_digest=document_digest(job.inputs.document),
            seed=seed,
            facts={},
            run_id=run.run_id,
            root_run_id=run.root_run_id,
        )
        session.add(take)
        session.flush()
        return take.id, seed


def _request(
    place: Installation, job: ShotJob, stack: ExitStack, seed: int, feedback: str
) -> ImageRequest | VideoRequest | SpeechRequest:
    def local_path(digest: str) -> Path:
        return stack.enter_context(place.store.local_path(digest))

    match job.stage:
        case Stage.IMAGE:
            return image_request(job.inputs, local_path, seed, feedback)
        case Stage.VIDEO:
            return video_request(job.inputs, local_path, seed, feedback)
        case Stage.VOICE:
            return speech_request(job.inputs, feedback)


class _Keeper:
    """Makes the take ready and selects it. `state` stays None where the claim went to somebody else meanwhile."""

    def __init__(self, run: Run, job: ShotJob, take_id: int) -> None:
        self._run, self._job, self._take_id = run, job, take_id
        self.state: State | None = None
        self.number = 0

    def began(self, session: Session, generation: Generation, _route: Route) -> None:
        """The take belongs to the generation from its intent on: after a crash the two are found together."""
        self._made_by(session.get_one(Take, self._take_id), generation)

    def keep(self, session: Session, finished: Finished) -> None:
        row = _own_row(session, self._run, self._job)
        take = session.get_one(Take, self._take_id)
        self._made_by(take, session.get_one(Generation, finished.generation_id))
        take.state = "ready"
        take.object_digest = finished.stored.digest
        take.facts = finished.facts
        self.number = take.number
        if row is None:
            return
        self.state = after(State(row.state), Event.READY, self._job.mode)
        row.state, row.reason, row.claimed_by, row.failures = self.state.value, "", None, None
        row.selected_take_id = take.id
        row.version += 1
        tell_shot(session, self._job.episode, self._job.number, row)
        if self.state is State.APPROVED:
            take.verdict = "approved"

    def _made_by(self, take: Take, generation: Generation) -> None:
        take.generation_id = generation.id
        take.inputs = self._job.inputs.by((generation.provider, generation.model))
        take.inputs_digest = document_digest(take.inputs)


def _leave_at_provider(place: Installation, run: Run, job: ShotJob) -> None:
    """The take stays in the making; whoever comes next goes on with it."""
    with place.database.write() as session:
        row = _own_row(session, run, job)
        if row is not None:
            row.claimed_by = None
            row.version += 1


def _give_back(
    place: Installation,
    run: Run,
    job: ShotJob,
    take_id: int | None,
    state: State,
    why: str,
    *,
    failure: Failure | None = None,
) -> None:
    with place.database.write() as session:
        row = _own_row(session, run, job)
        take = session.get(Take, take_id) if take_id is not None else None
        generation = session.get(Generation, take.generation_id) if take is not None and take.generation_id else None
        if take is not None and (generation is None or generation.state != "submitted"):
            # A job that goes on at its vendor will be this take, when somebody asks after it.
            take.state, take.reason = "failed", why
        if row is not None:
            row.state, row.claimed_by = state.value, None
            row.version += 1
            if failure is not None:
                row.reason = failure.reason
                row.failures = [*(row.failures or ()), failure.to_document()]
            tell_shot(session, job.episode, job.number, row)


def _own_row(session: Session, run: Run, job: ShotJob) -> ShotStage | None:
    """The stage's row, None when the claim went to somebody else meanwhile."""
    row = session.get_one(ShotStage, job.stage_id, with_for_update=True)
    return row if row.claimed_by == run.worker_id else None
