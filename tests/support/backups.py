"""What an installation has: every row and every object, to be compared."""

import shutil
from typing import Any

import sqlalchemy as sa

from aianime_pipeline.backup.tables import TABLES
from aianime_pipeline.production.installation import Installation

Rows = dict[str, list[tuple[Any, ...]]]


def rows_of(place: Installation) -> Rows:
    """Every row of every table, as the database has it: SQL's NULL and JSON's null apart."""
    found: Rows = {}
    with place.database.read() as session:
        for table in TABLES:
            nulls = [column.is_(sa.null()) for column in table.columns]
            query = sa.select(table, *nulls).order_by(*table.primary_key.columns)
            found[table.name] = [tuple(row) for row in session.execute(query)]
    return found


def objects_of(place: Installation) -> dict[str, bytes]:
    found = {}
    for one in place.store.digests():
        with place.store.open(one.digest) as file:
            found[one.digest] = file.read()
    return found


def destroy(place: Installation) -> None:
    """All rows and all objects."""
    with place.database.write() as session:
        for table in reversed(TABLES):
            session.execute(sa.delete(table))
    shutil.rmtree(place.settings.objects)
