"""The database of a test, in both kinds: `database_url` is empty, `database` has the schema, `place` is a whole
installation. Each test has its own."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from support.making import Studio, quick_provider
from support.postgres import PostgresServer
from support.quick_provider import FOLDER_VARIABLE, Steering
from support.seaweed import SeaweedServer

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.schema import upgrade
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.settings import Settings
from aianime_pipeline.storage.folder import FolderStore

_LONGEST_FIRST = ("resilience", "instance", "whole")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that no worker is left alone with it in the end."""
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in _LONGEST_FIRST))


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command or a service that runs inside a test sets where the whole process logs to."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def seaweed() -> Iterator[SeaweedServer]:
    server = SeaweedServer()
    yield server
    server.stop()


@pytest.fixture
def s3_variables(seaweed: SeaweedServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables of an installation with a prefix of its own in the bucket; those of AWS are set in this process."""
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    return seaweed.environment | {"AIANIME_OBJECTS_URL": seaweed.url(uuid.uuid4().hex)}


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """A database that has the schema; copying it is faster than migrating each time."""
    name = postgres.new_database()
    _migrate(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "aianime.db"
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of the test's database; a test that asks for it runs on both."""
    return str(request.param)


@pytest.fixture
def database_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty' / 'aianime.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.new_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def migrated_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with the schema and no rows."""
    if kind == "sqlite":
        path = tmp_path / "home" / "aianime.db"
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.lend_database(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.take_back(name)


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    opened = Database(migrated_url)
    yield opened
    opened.close()


@pytest.fixture
def place(database: Database, migrated_url: str, tmp_path: Path) -> Installation:
    """An installation under `tmp_path / "home"`; a test that makes something gives it a provider."""
    home = tmp_path / "home"
    settings = Settings(home=home, database_url=migrated_url)
    settings.scratch.mkdir(parents=True, exist_ok=True)
    return Installation(settings=settings, database=database, store=FolderStore(settings.objects))


@pytest.fixture
def studio(place: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """The installation with a provider that is steered by files, see support/quick_provider.py."""
    steering = Steering(tmp_path / "steering")
    monkeypatch.setenv(FOLDER_VARIABLE, str(steering.folder))
    place.provider = quick_provider(place)  # type: ignore[misc]
    return Studio(place, steering)
