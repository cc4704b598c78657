"""Installations that are backed up, and others, empty, into which the backup goes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.making import Studio
from support.postgres import PostgresServer

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.schema import upgrade
from aianime_pipeline.production.installation import Installation, open_store
from aianime_pipeline.settings import read_settings, settings

Build = Callable[..., Installation]


@pytest.fixture(autouse=True)
def _settings_of_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AIANIME_DAGSTER_CONFIG", "AIANIME_DAGSTER_DATABASE_URL", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("AIANIME_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def made(studio: Studio, tmp_path: Path) -> Studio:
    """An episode with takes, a film and a ZIP."""
    studio.storyboard(tmp_path, 2)
    studio.make_all()
    studio.film()
    studio.package()
    return studio


@pytest.fixture
def empty(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    """`empty(kind, **variables)`: another installation with a database of that kind, which this process now has."""
    opened: list[Database] = []
    databases: list[str] = []

    def build(kind: str, **variables: str) -> Installation:
        home = tmp_path / f"other-{len(opened)}"
        if kind == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres")
            databases.append(server.new_database())
            variables["AIANIME_DATABASE_URL"] = server.url(databases[-1])
        chosen = read_settings({"AIANIME_HOME": str(home), **variables})
        opened.append(Database(chosen.database_url))
        upgrade(opened[-1])
        monkeypatch.setenv("AIANIME_HOME", str(home))
        settings.cache_clear()
        return Installation(chosen, opened[-1], open_store(chosen))

    yield build
    for database in opened:
        database.close()
    for name in databases:
        request.getfixturevalue("postgres").drop_database(name)
