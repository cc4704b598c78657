"""`Idempotency-Key`: a request that starts work or costs money, sent again, is answered the same and does nothing more.

A route that does so takes `once: OnceOnly`, and asks through `asking.py` or, for work outside the database, as
`routes/backfills.py`.
"""

import hashlib
import uuid
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from sqlalchemy.orm import Session

from aianime_pipeline.accounts import idempotency
from aianime_pipeline.accounts.idempotency import Keyed

REPLAY_HEADER = "Idempotent-Replay"
_MOST = 128

_Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=_MOST,
        pattern=r"^[!-~]([ -~]*[!-~])?$",
        description="A word of the caller's for this request. The same request with the same word within a week is "
        "answered as the first was, with the header `Idempotent-Replay: true`, and nothing is begun again. Take a new "
        "one for each wish.",
        examples=["0b5d7c9e-images-of-e001"],
    ),
]


class Once:
    """A request's key, if it has one, with what it asks for."""

    def __init__(self, key: str | None, digest: str, response: Response) -> None:
        self._key, self._digest, self._response = key, digest, response

    def of(self, who: str) -> Keyed | None:
        return Keyed(who, self._key, self._digest) if self._key is not None else None

    def answer(self, session: Session, who: str) -> dict[str, Any] | None:
        """What the same request was answered before; None: it is the first, and its key is kept with what is done in
        the transaction. Raises IdempotencyKeyReusedError."""
        keyed = self.of(who)
        row = idempotency.begin(session, keyed) if keyed is not None else None
        return self.replayed(row.answer) if row is not None else None

    def keep(self, session: Session, who: str, answer: dict[str, Any], status: int) -> None:
        if (keyed := self.of(who)) is not None:
            idempotency.keep(session, keyed, answer, status)

    def replayed(self, answer: dict[str, Any] | None) -> dict[str, Any] | None:
        if answer is not None:
            self._response.headers[REPLAY_HEADER] = "true"
        return answer

    def wish(self, who: str) -> str:
        """One word for this wish in all that is asked of others for it: the same for the same key."""
        if self._key is None:
            return uuid.uuid4().hex
        return hashlib.sha256("\n".join((who, self._key, self._digest)).encode()).hexdigest()


async def _once(request: Request, response: Response, key: _Key = None) -> Once:
    asked = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    asked.update(await request.body())
    return Once(key, asked.hexdigest(), response)


OnceOnly = Annotated[Once, Depends(_once)]
