"""From a row that was submitted to a result that is kept: polling, fetching, looking, storing; by any process."""

import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Generation
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import MediaError, PipelineError, ProviderError
from aianime_pipeline.production.generations.settling import (
    settle_refusal,
    settle_success,
    settle_unusable,
    update,
)
from aianime_pipeline.production.generations.work import (
    Finished,
    Inspect,
    RunCancelled,
    StillAtProvider,
    Subject,
    Work,
)
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.makers.backends import Route
from aianime_pipeline.production.runs import Run
from aianime_pipeline.production.shots.requests import Inputs
from aianime_pipeline.providers.capabilities import Capability, ErrorKind, JobState
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, ResultFile
from aianime_pipeline.storage.store import StoredObject

_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 5.0
_PAUSE_SHARE = 0.08
"""A job is looked at again after this share of the time that it has taken so far: a short one is not kept waiting, a
long one is not asked after too often."""

_POLL_FAULTS = 20
"""Polls in a row of which nothing was learnt, before a run leaves the job to whoever comes next."""

_log = structlog.get_logger(__name__)


def find_open(place: Installation, subject: Subject, inputs: Inputs) -> Generation | None:
    """What was submitted for this work and is not finished. The caller holds the work's claim, so whoever began it is
    gone.

    Intents of dead processes are closed: those of makers that take no money are failed, of any other it is not known
    whether they arrived. Raises ProviderError(AMBIGUOUS) where a person has to say so first.
    """
    of_this = Generation.shot_id == subject.shot_id
    if subject.shot_id is None:
        of_this = Generation.shot_id.is_(None) & (Generation.request_digest == inputs.digest)
        of_this &= Generation.project_id == subject.project_id
    with place.database.read() as session:
        left = session.scalars(
            sa.select(Generation)
            .where(of_this, Generation.capability == inputs.capability.value)
            .where(Generation.state.in_(("intent", "submitted", "ambiguous")))
            .order_by(Generation.id)
        ).all()
    found: Generation | None = None
    for row in left:
        backend = place.route_named(row.route or "local/animatic", inputs.capability).backend
        if row.state == "submitted" and (backend.durable or backend.charges):
            found = row
            continue
        words = row.error or "its process died"
        if not backend.charges:
            settle_refusal(place, row.id, ProviderError(words, kind=ErrorKind.TRANSIENT))
            continue
        if row.state == "intent":
            settle_refusal(place, row.id, ProviderError(words, kind=ErrorKind.AMBIGUOUS))
        raise unknown_charge(row.id, row.provider, words)
    return found


def submitted_shots(session: Session, episode_id: int, capability: Capability) -> set[int]:
    """Shots by id that have a job at a vendor."""
    found = session.scalars(
        sa.select(Generation.shot_id).where(
            Generation.episode_id == episode_id,
            Generation.capability == capability.value,
            Generation.state == "submitted",
        )
    )
    return {shot_id for shot_id in found if shot_id is not None}


def resume(place: Installation, run: Run, row: Generation, work: Work) -> Finished:
    """Go on with a submitted generation. Raises as `generate`, and StillAtProvider."""
    route = place.route_named(row.route or "local/animatic", work.inputs.capability)
    # Whoever fetches it has it among its results, and in its cost.
    update(place, row.id, run_id=run.run_id, worker_id=run.worker_id)
    return finish(place, run, row.id, route, work, remembered(row))


def remembered(row: Generation) -> Answer:
    """The answer as its row knows it."""
    kept = row.answer
    if kept is None:
        return Answer(JobState.RUNNING, row.job_id or "")
    return Answer(
        JobState.SUCCEEDED,
        row.job_id or "",
        file=ResultFile(kept.get("media_type", ""), url=kept["url"], authorised=kept.get("authorised", False)),
        units=Units(**kept["units"]) if kept.get("units") else None,
        facts=kept.get("facts", {}),
    )


def finish(place: Installation, run: Run, generation_id: int, route: Route, work: Work, answer: Answer) -> Finished:
    """Poll until the job has ended, then fetch and keep. What is kept is paid for; what fails is released."""
    try:
        done = _await(place, run, generation_id, route, answer)
    except PipelineError as error:
        if not _is_unlearnt(error):
            settle_refusal(place, generation_id, error)
        raise
    except RunCancelled:
        if answer.job_id and route.backend.cancel(answer.job_id, route.model):
            settle_refusal(place, generation_id, ProviderError("the run was cancelled", kind=ErrorKind.TRANSIENT))
        raise
    try:
        facts, stored = collected(place, generation_id, route, done, work.inputs.capability, work.inspect)
    except (MediaError, ProviderError) as error:
        if isinstance(error, ProviderError) and not error.details.get("unusable") and route.backend.charges:
            # The job is done and paid for, its file may still come: the row stays, and whoever comes next goes on.
            error.details["unlearnt"] = True
            raise
        settle_unusable(place, generation_id, done, work.subject.currency, error)
        raise
    except OSError as error:
        if not route.backend.charges:
            settle_unusable(place, generation_id, done, work.subject.currency, error)
        raise
    return settle_success(place, generation_id, done, work.subject.currency, facts, stored, work.keep)


def _is_unlearnt(error: PipelineError) -> bool:
    return bool(error.details.get("unlearnt"))


def _await(place: Installation, run: Run, generation_id: int, route: Route, answer: Answer) -> Answer:
    began, started, faults, asked = now(), time.monotonic(), 0, False
    while answer.state in (JobState.QUEUED, JobState.RUNNING):
        elapsed = time.monotonic() - started
        # Where the clock is set back meanwhile, the patience ends all the same.
        over = run.patient_until is not None and (
            now() > run.patient_until or elapsed > place.settings.patience_seconds
        )
        if over and asked and route.backend.durable:
            update(place, generation_id, next_poll_at=now() + timedelta(seconds=_LONGEST_PAUSE))
            raise StillAtProvider(route.backend.name, began)
        if run.stop.wait(min(max(_FIRST_PAUSE, elapsed * _PAUSE_SHARE), _LONGEST_PAUSE)):
            raise RunCancelled(answer.job_id)
        try:
            asked = True
            answer = route.backend.poll(answer.job_id, route.model)
            faults = 0
        except ProviderError as error:
            faults += 1
            if error.kind not in (ErrorKind.TRANSIENT, ErrorKind.RATE_LIMITED) or faults >= _POLL_FAULTS:
                error.details["unlearnt"] = True
                raise
            _log.warning("a job could not be asked after", generation=generation_id, error=error.message)
    if answer.state is JobState.SUCCEEDED:
        return answer
    words = answer.error or f"The job {answer.job_id} is {answer.state}."
    if answer.error_kind is None and route.backend.charges:
        # The job is gone, and nobody says why: only a person can find out whether it was charged.
        raise unknown_charge(generation_id, route.backend.name, words)
    raise ProviderError(words, kind=answer.error_kind or ErrorKind.TRANSIENT, job=answer.job_id)


def unknown_charge(generation_id: int, provider: str, words: str) -> ProviderError:
    return ProviderError(
        f"It is not known whether the request {generation_id} to {provider} was charged ({words.rstrip('.')}). Look it "
        f"up at the provider, then say so:  aianime generations resolve {generation_id} --charged  or  --not-charged",
        kind=ErrorKind.AMBIGUOUS,
        generation=generation_id,
    )


def collected(
    place: Installation, generation_id: int, route: Route, answer: Answer, capability: Capability, inspect: Inspect
) -> tuple[dict[str, object], StoredObject]:
    """The result of a job that has succeeded: facts about it, and its object in the store. Raises ProviderError, and
    MediaError where it is not what it should be."""
    folder = place.settings.scratch / "generations" / str(generation_id)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if capability in (Capability.TEXT, Capability.PICTURE_REVIEW):
            return dict(answer.facts), place.store.put_bytes((answer.text or "").encode(), "text/plain")
        produced = route.backend.collect(answer, route.model, folder)
        facts = _plain(produced.metadata) | inspect(produced.path)
        return facts, place.store.put_file(produced.path, produced.media_type)
    finally:
        _remove(folder)


def _plain(facts: Mapping[str, Any]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if name not in ("cost_micros", "currency")}


def _remove(folder: Path) -> None:
    for left in folder.iterdir():
        left.unlink()
    folder.rmdir()
