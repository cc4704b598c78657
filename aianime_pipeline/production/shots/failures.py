"""Failures of attempts, by what helps against them; and when a shot is not tried again by itself. Pure.

Only what passes by itself is tried again by itself. What needs a person waits for one, and what cannot work as it was
asked stays failed until something else is asked.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from aianime_pipeline.errors import (
    BadInputError,
    BudgetCurrencyError,
    BudgetExceededError,
    BudgetMissingError,
    DiskFullError,
    PipelineError,
    PriceMissingError,
    ProviderError,
)
from aianime_pipeline.moments import has_come
from aianime_pipeline.production.written_text import reason_of
from aianime_pipeline.providers.capabilities import ErrorKind

MOST_FAILURES = 3
"""Attempts of a shot's stage that fail before it is left to a person: a soft failure first."""

LEAST_FOR_A_STOP = 3
_STOP_SHARE = 3
"""A batch stops once more than one in so many of its shots failed for one cause, and at least LEAST_FOR_A_STOP."""

_BACKOFF = timedelta(seconds=30)
_LONGEST_BACKOFF = _BACKOFF * int(4 ** (MOST_FAILURES - 2))


class FailureKind(StrEnum):
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    NEEDS_PERSON = "needs_person"


@dataclass(frozen=True)
class Failure:
    """`code` is the error's stable code, with a provider's kind of refusal behind it."""

    kind: FailureKind
    code: str
    reason: str
    at: datetime

    def to_document(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "code": self.code, "reason": self.reason, "at": self.at.isoformat()}


_OF_PROVIDERS = {
    ErrorKind.TRANSIENT: FailureKind.TRANSIENT,
    ErrorKind.RATE_LIMITED: FailureKind.TRANSIENT,
    ErrorKind.CONCURRENCY_FULL: FailureKind.TRANSIENT,
    ErrorKind.BAD_INPUT: FailureKind.PERMANENT,
    ErrorKind.MODERATED: FailureKind.NEEDS_PERSON,
    ErrorKind.AUTH: FailureKind.NEEDS_PERSON,
    ErrorKind.NO_MONEY: FailureKind.NEEDS_PERSON,
    ErrorKind.AMBIGUOUS: FailureKind.NEEDS_PERSON,
}

_NEED_A_PERSON = (
    BudgetExceededError,
    BudgetCurrencyError,
    BudgetMissingError,
    PriceMissingError,
    DiskFullError,
)


def classify(error: Exception, moment: datetime) -> Failure:
    """What kind of failure an error is. Unknown ones pass by themselves, or not: they are tried again, and counted."""
    code = error.code if isinstance(error, PipelineError) else "ERR_SYSTEM"
    kind = FailureKind.TRANSIENT
    if isinstance(error, ProviderError):
        kind = _OF_PROVIDERS[ErrorKind(error.kind)]
        code = f"{code}:{error.kind}"
    elif isinstance(error, _NEED_A_PERSON):
        kind = FailureKind.NEEDS_PERSON
    elif isinstance(error, BadInputError):
        kind = FailureKind.PERMANENT
    return Failure(kind, code, reason_of(error), moment)


def from_document(document: Mapping[str, Any]) -> Failure:
    return Failure(
        FailureKind(document["kind"]), document["code"], document["reason"], datetime.fromisoformat(document["at"])
    )


def try_again_at(failures: Sequence[Failure]) -> datetime | None:
    """When a stage with these failures, the oldest first, is tried again by itself; None when a person has to look."""
    if not failures or len(failures) >= MOST_FAILURES or failures[-1].kind is not FailureKind.TRANSIENT:
        return None
    return failures[-1].at + _BACKOFF * int(4 ** (len(failures) - 1))


def is_tried_again(again_at: datetime, moment: datetime) -> bool:
    """Whether what `try_again_at` says has come."""
    return has_come(again_at, moment, _LONGEST_BACKOFF)


def stops_batch(codes: Collection[str], total: int) -> str | None:
    """The cause for which a batch of `total` shots stops early, None while it goes on. `codes` are its failures'."""
    for code, count in Counter(codes).most_common(1):
        if count >= LEAST_FOR_A_STOP and count * _STOP_SHARE > total:
            return code
    return None


def holds_back(failed: Collection[Sequence[Failure]], wanted: int) -> str | None:
    """The cause for which no further shots of an episode's stage are begun by themselves: a batch that stopped early
    would else be begun again, without those that failed, until none is left. `failed` are the failures of each failed
    shot, `wanted` is how many shots the stage has."""
    given_up = [failures[-1].code for failures in failed if failures and try_again_at(failures) is None]
    return stops_batch(given_up, wanted)
