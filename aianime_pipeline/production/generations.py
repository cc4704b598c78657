"""One paid request to a provider, from intent to settled usage.

The order of the rows is what makes a payment happen once: the intent is committed before the provider is asked, the
job's id right after its answer, and only then is polled. After a crash, polling goes on from the row. A request of
which it is unknown whether it arrived is marked ambiguous and never repeated by itself, unless the provider takes no
money.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import Generation, MediaObject, ProviderUsage
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import PipelineError, ProviderError
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.requests import Inputs
from aianime_pipeline.production.runs import Run
from aianime_pipeline.providers.capabilities import (
    ErrorKind,
    ImageRequest,
    JobState,
    JobStatus,
    MusicRequest,
    Produced,
    SpeechRequest,
    VideoRequest,
)
from aianime_pipeline.storage.store import StoredObject

_FIRST_POLL_SECONDS = 0.02
_LONGEST_POLL_SECONDS = 5.0
_ATTEMPTS = 3
_FIRST_PAUSE_SECONDS = 0.25

_log = structlog.get_logger(__name__)

MediaRequest = ImageRequest | VideoRequest | SpeechRequest | MusicRequest


class RunCancelled(Exception):
    """The run was told to stop. Not a failure of the work."""


@dataclass(frozen=True)
class Subject:
    """For whom a generation is: rows by id."""

    project_id: int
    episode_id: int
    currency: str
    shot_id: int | None = None


@dataclass(frozen=True)
class Finished:
    """A result in the store. `facts` are the provider's words on the file."""

    generation_id: int
    stored: StoredObject
    facts: dict[str, object]
    cost_micros: int


def generate(
    place: Installation,
    run: Run,
    subject: Subject,
    inputs: Inputs,
    request: MediaRequest,
    *,
    inspect: Callable[[Path], dict[str, object]],
    keep: Callable[[Session, Finished], None],
) -> Finished:
    """Ask the provider and keep what it makes. `inspect` looks at the file before it counts, and adds facts; `keep`
    writes the result where it belongs, in the transaction that settles the generation: a crash can never come between
    what was paid and what was kept.

    Raises ProviderError or MediaError when it failed for good, RunCancelled when the run was stopped. Passing faults
    are tried three times in all.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _attempt(place, run, subject, inputs, request, inspect, keep)
        except ProviderError as error:
            if error.kind != ErrorKind.TRANSIENT or attempt == _ATTEMPTS:
                raise
            _log.warning("a generation failed and is tried again", attempt=attempt, error=error.message)
            if run.stop.wait(2.0 ** (attempt - 1) * _FIRST_PAUSE_SECONDS):
                raise RunCancelled from error
    raise AssertionError("unreachable")


def _attempt(
    place: Installation,
    run: Run,
    subject: Subject,
    inputs: Inputs,
    request: MediaRequest,
    inspect: Callable[[Path], dict[str, object]],
    keep: Callable[[Session, Finished], None],
) -> Finished:
    generation_id = _write_intent(place, run, subject, inputs)
    began = time.monotonic()
    finished_job: JobStatus | None = None
    try:
        job_id = _submit(place, request)
        _update(place, generation_id, state="submitted", job_id=job_id, submitted_at=now())
        finished_job = _await(place, run, job_id)
        produced, stored = _collect(place, job_id, generation_id, inspect)
    except (PipelineError, OSError) as error:
        _settle_failure(place, generation_id, error)
        if finished_job is not None:
            # The job was done and is charged, though its file is of no use.
            _write_usage(place, generation_id, subject, finished_job, _milliseconds_since(began))
        raise
    except RunCancelled:
        _update(place, generation_id, state="failed", error="the run was cancelled", settled_at=now())
        raise
    finished = Finished(generation_id, stored, produced, finished_job.usage.cost_micros)
    with place.database.write() as session:
        session.execute(
            sa.update(Generation).where(Generation.id == generation_id).values(state="succeeded", settled_at=now())
        )
        remember_object(session, stored)
        _add_usage(session, generation_id, subject, finished_job, _milliseconds_since(began))
        keep(session, finished)
    return finished


def close_interrupted(place: Installation, subject: Subject, inputs: Inputs) -> None:
    """Close what dead workers left open of this work; the caller holds its claim.

    The jobs of a provider that takes no money may be made again. Raises ProviderError(ambiguous) for any other: then
    it is not known whether a request was charged, also when the provider itself could not say so.
    """
    of_this = Generation.shot_id == subject.shot_id
    if subject.shot_id is None:
        of_this = Generation.shot_id.is_(None) & (Generation.request_digest == inputs.digest)
    with place.database.read() as session:
        left = session.scalars(
            sa.select(Generation)
            .where(of_this, Generation.capability == inputs.capability.value)
            .where(Generation.state.in_(("intent", "submitted", "ambiguous")))
            .order_by(Generation.id)
        ).all()
    for row in left:
        error = row.error or "its process died"
        if not place.provider.charges:
            _update(place, row.id, state="failed", error=error, settled_at=now())
            continue
        _update(place, row.id, state="ambiguous", error=error)
        raise ProviderError(
            f"It is not known whether the request {row.id} to {row.provider} was charged ({error}). Look it up at the "
            "provider before it is made again.",
            kind=ErrorKind.AMBIGUOUS,
            generation=row.id,
        )


def _write_intent(place: Installation, run: Run, subject: Subject, inputs: Inputs) -> int:
    with place.database.write() as session:
        row = Generation(
            episode_id=subject.episode_id,
            shot_id=subject.shot_id,
            capability=inputs.capability.value,
            provider=place.provider.name,
            model=place.provider.model(inputs.capability),
            request_digest=inputs.digest,
            run_id=run.run_id,
            worker_id=run.worker_id,
        )
        session.add(row)
        session.flush()
        return row.id


def _submit(place: Installation, request: MediaRequest) -> str:
    match request:
        case ImageRequest():
            return place.provider.submit_image(request)
        case VideoRequest():
            return place.provider.submit_video(request)
        case SpeechRequest():
            return place.provider.submit_speech(request)
        case MusicRequest():
            return place.provider.submit_music(request)


def _await(place: Installation, run: Run, job_id: str) -> JobStatus:
    pause = _FIRST_POLL_SECONDS
    while True:
        status = place.provider.poll(job_id)
        if status.state is JobState.SUCCEEDED:
            return status
        if status.state in (JobState.FAILED, JobState.EXPIRED, JobState.CANCELLED):
            unknown = ErrorKind.AMBIGUOUS if place.provider.charges else ErrorKind.TRANSIENT
            raise ProviderError(
                status.error or f"The job {job_id} is {status.state}.",
                kind=status.error_kind or unknown,
                job=job_id,
            )
        if run.stop.wait(pause):
            place.provider.cancel(job_id)
            raise RunCancelled(job_id)
        pause = min(pause * 1.5, _LONGEST_POLL_SECONDS)


def _collect(
    place: Installation, job_id: str, generation_id: int, inspect: Callable[[Path], dict[str, object]]
) -> tuple[dict[str, object], StoredObject]:
    folder = place.settings.scratch / "generations" / str(generation_id)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        produced: Produced = place.provider.fetch(job_id, folder)
        facts = dict(produced.metadata) | inspect(produced.path)
        return facts, place.store.put_file(produced.path, produced.media_type)
    finally:
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()


def _update(place: Installation, generation_id: int, **values: object) -> None:
    with place.database.write() as session:
        session.execute(sa.update(Generation).where(Generation.id == generation_id).values(**values))


def _settle_failure(place: Installation, generation_id: int, error: PipelineError | OSError) -> None:
    kind = error.kind if isinstance(error, ProviderError) else None
    state = "ambiguous" if kind == ErrorKind.AMBIGUOUS else "failed"
    _update(place, generation_id, state=state, error_kind=kind, error=str(error), settled_at=now())


def _milliseconds_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _write_usage(place: Installation, generation_id: int, subject: Subject, job: JobStatus, latency_ms: int) -> None:
    with place.database.write() as session:
        _add_usage(session, generation_id, subject, job, latency_ms)


def _add_usage(session: Session, generation_id: int, subject: Subject, job: JobStatus, latency_ms: int) -> None:
    row = session.get_one(Generation, generation_id)
    usage = job.usage
    session.add(
        ProviderUsage(
            generation_id=generation_id,
            project_id=subject.project_id,
            episode_id=subject.episode_id,
            shot_id=subject.shot_id,
            provider=row.provider,
            model=row.model,
            capability=row.capability,
            images=usage.images,
            video_ms=usage.video_ms,
            characters=usage.characters,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
            latency_ms=latency_ms,
            cost_micros=usage.cost_micros,
            currency=usage.currency,
        )
    )


def remember_object(session: Session, stored: StoredObject) -> None:
    """The object's row, written once however many processes store the same bytes at once."""
    values = {
        "digest": stored.digest,
        "size": stored.size,
        "crc32": stored.crc32,
        "media_type": stored.media_type,
        "created_at": now(),
    }
    insert_unless_there(session, MediaObject, "digest", values)
