"""Lists in pages: at most 50 at a time, in a stable order, each page naming where the next begins."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import sqlalchemy as sa
from fastapi import Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import InstrumentedAttribute, Session

from aianime_pipeline.errors import BadCursorError

MOST = 50

Item = TypeVar("Item", bound=BaseModel)
Row = TypeVar("Row")


class Page(BaseModel, Generic[Item]):
    items: Annotated[list[Item], Field(max_length=MOST)]
    next: str | None = Field(description="`cursor` of the next page; null at the end.")


@dataclass(frozen=True)
class Paging:
    """`limit` and `cursor` of a request. Use as `paging: Paging = paged()`."""

    limit: int
    cursor: str | None

    def page(
        self,
        session: Session,
        query: sa.Select[Row],
        key: InstrumentedAttribute[Any],
        show: Callable[[Row], Item],
        *,
        newest_first: bool = False,
    ) -> Page[Item]:
        """The page of the query's rows in the order of `key`, a unique column of ints or strings of the table. Raises
        BadCursorError."""
        rows: Sequence[Row] = session.scalars(self._part(query, key, newest_first)).all()
        return _page([*rows], self.limit, lambda row: getattr(row, key.key), show)

    def joined(
        self,
        session: Session,
        query: sa.Select[*tuple[Any, ...]],
        key: InstrumentedAttribute[Any],
        show: Callable[..., Item],
        *,
        newest_first: bool = False,
    ) -> Page[Item]:
        """As `page`, of a query with several columns, each of which `show` is given. Raises BadCursorError."""
        rows = session.execute(self._part(query.add_columns(key), key, newest_first)).all()
        return _page([*rows], self.limit, lambda row: row[-1], lambda row: show(*row[:-1]))

    def _part(
        self, query: sa.Select[*tuple[Any, ...]], key: InstrumentedAttribute[Any], newest_first: bool
    ) -> sa.Select[*tuple[Any, ...]]:
        column: sa.ColumnElement[Any] = sa.type_coerce(key, key.type)
        if self.cursor is not None:
            last = _read(self.cursor, int if issubclass(key.type.python_type, int) else str)
            query = query.where(column < last if newest_first else column > last)
        return query.order_by(column.desc() if newest_first else column).limit(self.limit + 1)

    def slice(self, rows: Sequence[Row], key: Callable[[Row], int | str], show: Callable[[Row], Item]) -> Page[Item]:
        """The page of a list that is there already, in ascending order of `key`. Raises BadCursorError."""
        found = list(rows)
        if self.cursor is not None:
            last = _read(self.cursor, type(key(found[0])) if found else str)
            found = [row for row in found if key(row) > last]  # type: ignore[operator]
        return _page(found[: self.limit + 1], self.limit, key, show)


async def _asked(
    limit: Annotated[int, Query(ge=1, le=MOST, description="Items on a page.")] = MOST,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> Paging:
    """Asynchronous, so that it waits for no thread."""
    return Paging(limit, cursor)


def paged() -> Any:
    return Depends(_asked)


def _page(found: Sequence[Row], limit: int, key: Callable[[Row], int | str], show: Callable[[Row], Item]) -> Page[Item]:
    more = len(found) > limit
    shown = found[:limit]
    return Page(items=[show(row) for row in shown], next=_write(key(shown[-1])) if more else None)


def _write(key: int | str) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def _read(cursor: str, kind: type[int | str]) -> int | str:
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
        if "\0" in text:
            raise ValueError(text)
        if kind is int:
            number = int(text)
            if abs(number) > 2**63 - 1:
                raise ValueError(text)
            return number
    except (ValueError, binascii.Error) as error:
        raise BadCursorError("The cursor is not one that a page gave.", field="query.cursor") from error
    return text
