"""Store and database side by side: files that no row knows, and rows whose file is gone.

Both come in the order of the digests, so one walk through the two finds either, and little is held in memory.
"""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import MediaObject
from aianime_pipeline.production.cleanup.objects import remove_files
from aianime_pipeline.production.cleanup.references import in_columns, in_documents
from aianime_pipeline.production.cleanup.report import CleanupReport, Missing
from aianime_pipeline.production.cleanup.rules import Rules
from aianime_pipeline.production.installation import Installation

_PAGE = 5_000


def compare(place: Installation, rules: Rules, report: CleanupReport) -> None:
    """Remove files that no row and no document knows, unless they are younger than the grace: an upload comes before
    its row. Tell of the objects that something needs and that are not in the store; nothing is done about those."""
    strays: dict[str, int] = {}
    missing: list[str] = []
    for digest, size in _differences(place, rules):
        if size is None:
            missing.append(digest)
        else:
            strays[digest] = size
        if len(strays) == _PAGE:
            _remove_strays(place, rules, report, strays)
            strays = {}
        if len(missing) == _PAGE:
            _tell_missing(place, report, missing)
            missing = []
    _remove_strays(place, rules, report, strays)
    _tell_missing(place, report, missing)


def _differences(place: Installation, rules: Rules) -> Iterator[tuple[str, int | None]]:
    """Digests that only the store has, with their bytes, or only the database, with None."""
    rows = _rows(place.database)
    row = next(rows, None)
    for found in place.store.digests():
        while row is not None and row < found.digest:
            yield row, None
            row = next(rows, None)
        if row == found.digest:
            row = next(rows, None)
        elif found.put_at < rules.grace:
            yield found.digest, found.size
    while row is not None:
        yield row, None
        row = next(rows, None)


def _rows(database: Database) -> Iterator[str]:
    last = ""
    while True:
        query = sa.select(MediaObject.digest).where(MediaObject.digest > last).order_by(MediaObject.digest)
        with database.read() as session:
            page = session.scalars(query.limit(_PAGE)).all()
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1]


def _remove_strays(place: Installation, rules: Rules, report: CleanupReport, strays: dict[str, int]) -> None:
    if not strays:
        return
    with place.database.one_moment() as session:
        # Slates have no row: an edit's document may show them all the same.
        for one in in_documents(session, strays.keys()):
            strays.pop(one.digest, None)
    removed = list(strays) if report.dry_run else remove_files(place, rules, strays)
    report.removed["strays"].add(len(removed), sum(strays[digest] for digest in removed))


def _tell_missing(place: Installation, report: CleanupReport, digests: list[str]) -> None:
    gone = {digest for digest in digests if not place.store.exists(digest)}
    if not gone:
        return
    needed: dict[str, set[str]] = defaultdict(set)
    with place.database.one_moment() as session:
        for one in (*in_columns(session, gone), *in_documents(session, gone)):
            needed[one.digest].add(one.column)
    for digest, columns in sorted(needed.items()):
        report.miss(Missing(digest, tuple(sorted(columns))))
