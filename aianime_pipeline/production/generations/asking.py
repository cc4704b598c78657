"""The whole way of one request: a result that is there already, else route, intent, submission, and what follows.

A passing fault is asked again, three times in all for each route; a provider that is down, limited or out of money is
passed over for the next one; a limit spends no attempt. Nothing is asked again of which it is not known whether it was
taken.
"""

from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from aianime_pipeline.asked_in import asked_in
from aianime_pipeline.db.models import Generation, MediaObject
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import PipelineError, ProviderError, ProvidersPausedError
from aianime_pipeline.production.generations.finishing import find_open, finish, resume
from aianime_pipeline.production.generations.intents import Intent, note_failure, note_success, write_intent
from aianime_pipeline.production.generations.settling import (
    remember_object,
    settle_refusal,
    settle_unusable,
    update,
)
from aianime_pipeline.production.generations.work import Finished, RunCancelled, Work
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.makers.backends import Route
from aianime_pipeline.production.runs import Run
from aianime_pipeline.providers.capabilities import ErrorKind, JobState
from aianime_pipeline.providers.routing import MOVES_ON, WAITS, Blocked
from aianime_pipeline.providers.vendor import Answer
from aianime_pipeline.storage.store import StoredObject

_ATTEMPTS = 3
_FIRST_PAUSE_SECONDS = 0.25
_LIMIT_POLL = timedelta(seconds=1)

_log = structlog.get_logger(__name__)


def generate(place: Installation, run: Run, work: Work) -> Finished:
    """Ask a provider and keep what it makes, or take what was made of the same before.

    Raises ProviderError or MediaError when it failed for good, the errors of the budgets, ProvidersPausedError where
    all that may be asked is down or limited for longer than the run has patience, StillAtProvider, RunCancelled.
    """
    kept = _finished_before(place, work)
    if kept is not None:
        with place.database.write() as session:
            remember_object(session, kept.stored)
            work.keep(session, kept)
        return kept
    # Here, since the threads that work for a run inherit no context.
    with asked_in(run.asked_in):
        return _Asking(place, run, work).result()


def generate_or_resume(place: Installation, run: Run, work: Work) -> Finished:
    """As `generate`, going on with what was submitted for this work before. The caller holds the work's claim."""
    row = find_open(place, work.subject, work.inputs)
    if row is None:
        return generate(place, run, work)
    with asked_in(row.asked_in or run.asked_in):
        return resume(place, run, row, work)


class _Asking:
    """One request with its attempts."""

    def __init__(self, place: Installation, run: Run, work: Work) -> None:
        self._place, self._run, self._work = place, run, work
        self._routes = place.routes(work.inputs.capability, work.subject.project)
        self._attempts: dict[str, int] = {}
        self._last: ProviderError | None = None

    def result(self) -> Finished:
        while True:
            routes = [route for route in self._routes if self._attempts.get(route.name, 0) < _ATTEMPTS]
            if not routes:
                assert self._last is not None
                raise self._last
            attempt = sum(self._attempts.values()) + 1
            intent = self._intent(routes, attempt)
            try:
                return self._through(intent)
            except ProviderError as error:
                if error.details.get("unlearnt"):
                    raise
                note_failure(self._place, intent.route, error)
                if error.kind not in MOVES_ON:
                    raise
                self._moved(intent.route, error)

    def _intent(self, routes: list[Route], attempt: int) -> Intent:
        """That of the first route that may be asked, after waiting until one may."""
        try:
            while isinstance(found := write_intent(self._place, self._run, self._work, routes, attempt), list):
                self._wait(found)
            return found
        finally:
            self._run.waits.end()

    def _through(self, intent: Intent) -> Finished:
        answer = _submit(self._place, intent, self._work.subject.currency)
        note_success(self._place, intent.route)
        return finish(self._place, self._run, intent.generation_id, intent.route, self._work, answer)

    def _moved(self, route: Route, error: ProviderError) -> None:
        """Count the attempt, and pause before the same provider would be asked again."""
        self._last = error
        _log.warning("a generation failed and goes on", route=route.name, kind=error.kind, error=error.message)
        if error.kind in WAITS:
            return
        used = self._attempts.get(route.name, 0) + 1
        self._attempts[route.name] = _ATTEMPTS if error.kind != ErrorKind.TRANSIENT else used
        if len(self._routes) == 1 and used < _ATTEMPTS and error.kind == ErrorKind.TRANSIENT:
            self._pause(2.0 ** (used - 1) * _FIRST_PAUSE_SECONDS)

    def _wait(self, blocks: list[Blocked]) -> None:
        """Until one of them may be asked again. Raises ProvidersPausedError where that takes too long."""
        first = min(blocks, key=lambda block: block.until)
        until = first.until
        patient_until = self._run.patient_until
        if self._is_closed_for_good(blocks) or (patient_until is not None and until > patient_until):
            raise _paused(blocks, until, self._last)
        self._run.waits.begin(first.words)
        self._pause(max(0.02, min(until - now(), _LIMIT_POLL).total_seconds()))

    def _is_closed_for_good(self, blocks: list[Blocked]) -> bool:
        """Waiting for a person (money, a key) holds no run."""
        return self._last is not None and self._last.kind in (ErrorKind.NO_MONEY, ErrorKind.AUTH) and bool(blocks)

    def _pause(self, seconds: float) -> None:
        if self._run.stop.wait(seconds):
            raise RunCancelled


def _paused(blocks: list[Blocked], until: datetime, last: ProviderError | None) -> PipelineError:
    if last is not None and last.kind in (ErrorKind.NO_MONEY, ErrorKind.AUTH):
        return last
    words = "; ".join(f"{block.route}: {block.why}" for block in blocks)
    return ProvidersPausedError(
        f"No provider may be asked before {until:%H:%M:%S} UTC ({words}).",
        until=until.isoformat(),
        routes=[block.route for block in blocks],
    )


def _submit(place: Installation, intent: Intent, currency: str) -> Answer:
    """Ask, once, and write down the answer before anything else is done with it."""
    backend = intent.route.backend
    try:
        answer = backend.submit(intent.call)
    except (PipelineError, OSError) as error:
        settle_refusal(place, intent.generation_id, error)
        raise
    if answer.state in (JobState.FAILED, JobState.EXPIRED, JobState.CANCELLED):
        refused = ProviderError(answer.error or "refused", kind=answer.error_kind or ErrorKind.AMBIGUOUS)
        if answer.units is None:
            settle_refusal(place, intent.generation_id, refused)
        else:
            # A language model's refusal is charged like any other answer.
            settle_unusable(place, intent.generation_id, answer, currency, refused)
        raise refused
    file = answer.file
    came = None
    if answer.state is JobState.SUCCEEDED and file is not None and file.url is not None:
        came = {
            "url": file.url,
            "media_type": file.media_type,
            "authorised": file.authorised,
            "units": asdict(answer.units) if answer.units is not None else None,
            "facts": dict(answer.facts),
        }
    if answer.job_id or came is not None:
        # Some vendors say what they charge for when they take the request, and never again.
        said = {"expected": asdict(answer.units)} if answer.units is not None else {}
        update(
            place,
            intent.generation_id,
            **said,
            state="submitted",
            job_id=answer.job_id or None,
            answer=came,
            submitted_at=now(),
        )
    return answer


def _finished_before(place: Installation, work: Work) -> Finished | None:
    key = work.key
    if key is None:
        return None
    with place.database.read() as session:
        found = session.execute(
            sa.select(Generation, MediaObject)
            .join(MediaObject, MediaObject.digest == Generation.result_digest)
            .where(Generation.request_key == key, Generation.state == "succeeded")
            .order_by(Generation.id.desc())
            .limit(1)
        ).first()
    if found is None:
        return None
    row, media = found
    if not place.store.renew(media.digest):
        return None
    stored = StoredObject(media.digest, media.size, media.crc32, media.media_type)
    return Finished(row.id, stored, dict(row.facts or {}), 0, reused=True)
