"""How a generation ends: its state, its usage, its budgets and its object, in one transaction."""

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import Generation, MediaObject
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import ProviderError
from aianime_pipeline.production.budgets.reserving import release, settle
from aianime_pipeline.production.generations.work import Finished, Keep
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notices.telling import tell
from aianime_pipeline.production.usage.recording import record_usage
from aianime_pipeline.production.written_text import reason_of
from aianime_pipeline.providers.capabilities import ErrorKind
from aianime_pipeline.providers.prices import PER, Price, Units
from aianime_pipeline.providers.vendor import Answer
from aianime_pipeline.storage.store import StoredObject

_FOR_A_PERSON = {
    ErrorKind.MODERATED: "the vendor refused the content",
    ErrorKind.AMBIGUOUS: "it is not known whether it was charged",
    ErrorKind.NO_MONEY: "the account is out of money",
    ErrorKind.AUTH: "the key is refused",
}
"""What nobody but a person can mend; they are told in the vendor's words."""

_ENDED = ("succeeded", "failed", "cancelled")


def settle_success(
    place: Installation,
    generation_id: int,
    answer: Answer,
    currency: str,
    facts: dict[str, object],
    stored: StoredObject,
    keep: Keep,
) -> Finished:
    """The result is kept and paid for, in one transaction. A row that somebody else settled meanwhile stays as it is:
    its result is kept for this work all the same, and paid once."""
    with place.database.write() as session:
        row = session.get_one(Generation, generation_id, with_for_update=True, populate_existing=True)
        cost = 0
        remember_object(session, stored)
        if row.state not in _ENDED:
            cost = _charge(session, row, answer, currency)
            row.state, row.settled_at, row.next_poll_at = "succeeded", now(), None
            row.result_digest, row.facts = stored.digest, facts
            row.error, row.error_kind = "", None
        finished = Finished(generation_id, stored, facts, cost)
        keep(session, finished)
    return finished


def settle_refusal(place: Installation, generation_id: int, error: Exception) -> None:
    """It failed before anything was made: what was reserved is free again, unless nobody knows whether it was taken."""
    kind = error.kind if isinstance(error, ProviderError) else None
    with place.database.write() as session:
        row = session.get_one(Generation, generation_id, with_for_update=True, populate_existing=True)
        if row.state in _ENDED:
            return
        row.error_kind, row.error, row.next_poll_at = kind, reason_of(error), None
        row.state, row.settled_at = ("ambiguous" if kind == ErrorKind.AMBIGUOUS else "failed"), now()
        if kind != ErrorKind.AMBIGUOUS:
            release(session, generation_id)
        if kind in _FOR_A_PERSON:
            _tell(session, row, reason_of(error))


def _tell(session: Session, row: Generation, words: str) -> None:
    what = _FOR_A_PERSON[ErrorKind(row.error_kind or "")]
    text = f"{row.provider}/{row.model}: {what} (generation {row.id}, {row.capability}): {words}"
    key = f"generation:{row.id}:{row.error_kind}"
    tell(session, key=key, kind=f"generation_{row.error_kind}", text=text, project_id=row.project_id)


def settle_unusable(place: Installation, generation_id: int, answer: Answer, currency: str, error: Exception) -> None:
    """The job was done and is charged, though its file is of no use."""
    with place.database.write() as session:
        row = session.get_one(Generation, generation_id, with_for_update=True, populate_existing=True)
        if row.state in _ENDED:
            return
        _charge(session, row, answer, currency)
        kind = error.kind if isinstance(error, ProviderError) else None
        row.state, row.settled_at, row.next_poll_at = "failed", now(), None
        row.error_kind, row.error = kind, reason_of(error)


def charge_expected(session: Session, row: Generation, currency: str) -> None:
    """A person said that it was charged: at what was expected, since nobody knows better."""
    _charge(session, row, Answer("succeeded"), currency)  # type: ignore[arg-type]


def _charge(session: Session, row: Generation, answer: Answer, currency: str) -> int:
    """The usage row, and the budgets. Returns the cost."""
    expected = Units(**row.expected) if row.expected else Units()
    units = expected if answer.units is None else _completed(answer.units, expected)
    price = price_of(row.price) if row.price else None
    if price is not None:
        cost, currency = price.micros(units), price.currency
    else:
        # The built-in providers say themselves what a job cost.
        cost = int(answer.facts.get("cost_micros", 0))
        currency = str(answer.facts.get("currency", currency))
    began = row.submitted_at or row.created_at
    record_usage(
        session,
        row,
        units=units,
        latency_ms=max(0, round((now() - began).total_seconds() * 1000)),
        attempts=row.attempt,
        cost_micros=cost,
        currency=currency,
        price=row.price,
        at=now(),
    )
    settle(session, row.id, cost)
    return cost


def _completed(said: Units, expected: Units) -> Units:
    """What the vendor said, and for the units that it said nothing of, what was expected of a medium: a price by the
    second holds also where only tokens are reported."""
    return Units(
        requests=said.requests,
        images=said.images or expected.images,
        video_ms=said.video_ms or expected.video_ms,
        audio_ms=said.audio_ms or expected.audio_ms,
        characters=said.characters or expected.characters,
        tokens_in=said.tokens_in,
        tokens_out=said.tokens_out,
    )


def price_of(document: dict[str, Any]) -> Price:
    """The price that a row remembers."""
    rates = {word: Decimal(document[word]) for word in PER if word in document}
    return Price(date.fromisoformat(document["from"]), document["currency"], rates, document.get("when", {}))


def remember_object(session: Session, stored: StoredObject) -> None:
    """The object's row, written once however many processes store the same bytes at once. It is held until the
    transaction ends: a clean-up does not take it away before something refers to it."""
    values = {
        "digest": stored.digest,
        "size": stored.size,
        "crc32": stored.crc32,
        "media_type": stored.media_type,
        "created_at": now(),
    }
    row = sa.select(MediaObject.digest).where(MediaObject.digest == stored.digest)
    held = None
    while held is None:  # once more where it went between the two statements
        insert_unless_there(session, MediaObject, "digest", values)
        held = session.scalar(row.with_for_update(read=True, key_share=True))


def update(place: Installation, generation_id: int, **values: object) -> None:
    with place.database.write() as session:
        session.execute(sa.update(Generation).where(Generation.id == generation_id).values(**values))
