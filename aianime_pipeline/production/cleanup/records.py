"""What goes without a look at objects: old exports, events and notices, and keys of requests that were long ago."""

from collections.abc import Collection

import sqlalchemy as sa

from aianime_pipeline.db.models import Base, Episode, Event, Export, IdempotencyKey, Notice
from aianime_pipeline.production.cleanup.report import CleanupReport
from aianime_pipeline.production.cleanup.rules import Rules, old_events, old_exports, old_keys, old_notices
from aianime_pipeline.production.films.composite_rows import locked_task, unpublish_export
from aianime_pipeline.production.films.composite_states import CompositeState
from aianime_pipeline.production.installation import Installation

_REMOVED_AT_ONCE = 1_000


def remove_exports(place: Installation, rules: Rules, report: CleanupReport) -> Collection[int]:
    """With their published files. Returns the ids of those that go, in a dry run would go."""
    with place.database.read() as session:
        found = old_exports(session, rules)
    gone = {export for export, episode in found if report.dry_run or _removed(place, export, episode)}
    report.removed["exports"].add(len(gone))
    return gone


def _removed(place: Installation, export_id: int, episode_id: int) -> bool:
    with place.database.write() as session:
        episode = session.get_one(Episode, episode_id)
        task = locked_task(session, episode)
        export = session.get(Export, export_id, populate_existing=True)
        # Whoever exports may be about to show it again.
        if export is None or task.state == CompositeState.EXPORTING:
            return False
        unpublish_export(place, episode.key, export)
        session.delete(export)
    return True


def remove_records(place: Installation, rules: Rules, report: CleanupReport) -> None:
    """Events, and notices with all that hangs on them, and keys of requests."""
    report.removed["events"].add(_remove(place, Event, old_events(rules), report.dry_run))
    report.removed["notices"].add(_remove(place, Notice, old_notices(rules), report.dry_run))
    report.removed["keys"].add(_remove_keys(place, old_keys(rules), report.dry_run))


def _remove_keys(place: Installation, old: sa.ColumnElement[bool], dry_run: bool) -> int:
    if dry_run:
        with place.database.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey).where(old)) or 0
    with place.database.write() as session:
        return int(session.execute(sa.delete(IdempotencyKey).where(old)).rowcount)  # type: ignore[attr-defined]


def _remove(place: Installation, table: type[Base], old: sa.Select[int], dry_run: bool) -> int:
    if dry_run:
        with place.database.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(old.subquery())) or 0
    count, key = 0, sa.inspect(table).primary_key[0]
    while True:
        with place.database.write() as session:
            ids = session.scalars(old.order_by(key).limit(_REMOVED_AT_ONCE)).all()
            removed = session.execute(sa.delete(table).where(key.in_(ids)))
            count += int(removed.rowcount)  # type: ignore[attr-defined]
        if len(ids) < _REMOVED_AT_ONCE:
            return count
