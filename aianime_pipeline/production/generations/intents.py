"""Which provider is asked now, and the row that says so before it is.

Everything that decides is read and written in one transaction that holds the provider's row: how it stands, how many of
its jobs are open, how much was asked of it in the last minute, and what the budgets allow. So the limits hold however
many processes ask at once.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import database_time, insert_unless_there
from aianime_pipeline.db.models import Generation, Project, ProviderState, Worker
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import ProviderError
from aianime_pipeline.production.budgets.reserving import reserve
from aianime_pipeline.production.claims import SILENT_AFTER
from aianime_pipeline.production.generations.work import Work
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.makers.backends import Route
from aianime_pipeline.production.runs import Run
from aianime_pipeline.providers.prices import price_on
from aianime_pipeline.providers.routing import WAITS, Blocked, Health, Standing, after_failure, after_success, choose
from aianime_pipeline.providers.vendor import Call

_OPEN = ("intent", "submitted")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Intent:
    """A row that is written, and what is to be sent."""

    generation_id: int
    route: Route
    call: Call


def write_intent(
    place: Installation, run: Run, work: Work, routes: Sequence[Route], attempt: int
) -> Intent | list[Blocked]:
    """The intent for the first of `routes` that may be asked now, or why none may. Raises the errors of `reserve` where
    a budget does not allow it: nothing is written then."""
    passed: list[Blocked] = []
    for route in routes:
        with place.database.write() as session:
            _lock(session, route)
            found = choose([standing(session, route)], now())
            if not isinstance(found, str):
                passed += found
                continue
            return _written(session, run, work, route, attempt)
    return passed


def _written(session: Session, run: Run, work: Work, route: Route, attempt: int) -> Intent:
    subject, model = work.subject, route.model
    call = Call(model, work.request, str(uuid.uuid4()))
    price = price_on(model.prices, datetime.now(UTC).date(), model.options)
    expected = route.backend.expected(call)
    micros = price.micros(expected) if price is not None else None
    provider, vendor_name = route.maker
    row = Generation(
        project_id=subject.project_id,
        episode_id=subject.episode_id,
        shot_id=subject.shot_id,
        capability=work.inputs.capability.value,
        provider=provider,
        model=vendor_name,
        route=route.name,
        request_digest=work.inputs.digest,
        request_key=work.key,
        request_id=call.request_id,
        requested_by=run.requested_by,
        asked_in=run.asked_in,
        attempt=attempt,
        reserved_micros=micros or 0,
        expected=asdict(expected),
        price=price.to_document() if price is not None else None,
        run_id=run.run_id,
        worker_id=run.worker_id,
    )
    session.add(row)
    session.flush()
    if route.backend.charges:
        project = session.get_one(Project, subject.project_id)
        reserve(session, row, project, micros, price.currency if price is not None else subject.currency, now())
    work.began(session, row, route)
    return Intent(row.id, route, call)


def standing(session: Session, route: Route) -> Standing:
    """How a route stands, as the rows say now."""
    provider, moment = route.backend.name, now()
    # What seems to be asked later than in a minute was, before the clock was set back.
    lately = Generation.created_at.between(moment - _MINUTE, moment + _MINUTE)
    health = {
        row.name: Health(row.failures, row.closed_until, row.limited_until, row.reason)
        for row in session.scalars(
            sa.select(ProviderState)
            .where(ProviderState.name.in_((provider, route.name)))
            .execution_options(populate_existing=True)
        )
    }
    limits, open_jobs, requests, tokens, oldest = route.limits, 0, 0, 0, None
    if limits.concurrency is not None:
        open_jobs = _open_jobs(session, provider)
    if limits.requests_per_minute is not None or limits.tokens_per_minute is not None:
        rows = session.execute(
            sa.select(Generation.created_at, Generation.expected).where(Generation.provider == provider, lately)
        ).all()
        requests = len(rows)
        tokens = sum(
            int((expected or {}).get("tokens_in", 0)) + int((expected or {}).get("tokens_out", 0))
            for _, expected in rows
        )
        oldest = min((created for created, _ in rows), default=None)
    return Standing(
        route=route.name,
        provider=health.get(provider, Health()),
        model=health.get(route.name, Health()),
        limits=limits,
        open_jobs=open_jobs,
        requests=requests,
        tokens=tokens,
        minute_frees=None if oldest is None else oldest + _MINUTE,
    )


def _open_jobs(session: Session, provider: str) -> int:
    """Jobs at the vendor, and requests on their way: an intent whose process died is none."""
    heard = database_time(session) - SILENT_AFTER
    alive = sa.select(Worker.id).where(Worker.ended_at.is_(None), Worker.beat_at > heard)
    on_its_way = sa.and_(Generation.state == "intent", Generation.worker_id.in_(alive))
    counted = sa.select(sa.func.count()).select_from(Generation)
    at_vendor = counted.where(
        Generation.provider == provider,
        sa.or_(Generation.state == "submitted", on_its_way),
        Generation.state.in_(_OPEN),
    )
    return session.scalar(at_vendor) or 0


def note_success(place: Installation, route: Route) -> None:
    """A provider that answers is healthy, whatever it said before. Writes only where it stood otherwise."""
    with place.database.read() as session:
        sick = session.scalars(
            sa.select(ProviderState).where(
                ProviderState.name.in_((route.backend.name, route.name)),
                sa.or_(ProviderState.failures > 0, ProviderState.reason != ""),
            )
        ).all()
    for name in [row.name for row in sick]:
        # Each by itself: whoever holds one row waits for no other.
        with place.database.write() as session:
            health = _health_of(session, name)
            if (better := after_success(health, now())) != health:
                _change(session, name, better)


def note_failure(place: Installation, route: Route, error: ProviderError) -> None:
    """What a refusal says of the provider. A limit is the model's, everything else the provider's."""
    name = route.name if error.kind in WAITS else route.backend.name
    with place.database.write() as session:
        _ensure_state(session, name)
        health = _health_of(session, name)
        retry_after = error.details.get("retry_after")
        _change(session, name, after_failure(health, error.kind, error.message, now(), retry_after))


def _health_of(session: Session, name: str) -> Health:
    """As it is now; nobody else changes it until the transaction ends."""
    row = session.get_one(ProviderState, name, with_for_update=True, populate_existing=True)
    return Health(row.failures, row.closed_until, row.limited_until, row.reason)


def _change(session: Session, name: str, health: Health) -> None:
    session.execute(
        sa.update(ProviderState).where(ProviderState.name == name).values(**asdict(health), changed_at=now())
    )


def _lock(session: Session, route: Route) -> None:
    """Hold the provider's row until the transaction ends: two processes never count at the same time."""
    name = route.backend.name
    _ensure_state(session, name)
    session.execute(sa.select(ProviderState.name).where(ProviderState.name == name).with_for_update())


def _ensure_state(session: Session, name: str) -> None:
    values = {"name": name, "failures": 0, "reason": "", "changed_at": now()}
    insert_unless_there(session, ProviderState, "name", values)
