"""The service in this process, over its ASGI interface, on both databases; and people of every role to call it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.api_world import World, build_world
from support.callers import Callers
from support.making import Studio
from support.people import People

from aianime_pipeline.production.installation import Installation
from api.app import create_app


@pytest.fixture
def people(place: Installation) -> People:
    return People(place)


@pytest.fixture
def client(place: Installation) -> Iterator[TestClient]:
    """Nobody is logged in. An error that nobody foresaw is a 500, as for a real client."""
    with TestClient(create_app(place), base_url="http://api.test", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def as_person(client: TestClient, people: People) -> Callable[[str], TestClient]:
    """The client of that person: «admin», «stranger» who is in no project, or the name of a role in the project
    `moonlit`, which is made with the first of them."""

    def log_in(who: str) -> TestClient:
        logged_in = TestClient(client.app, base_url="http://api.test", raise_server_exceptions=False)
        logged_in.headers["Authorization"] = f"Bearer {people.token(who)}"
        return logged_in

    return log_in


@pytest.fixture
def callers(place: Installation, client: TestClient, people: People) -> Callers:
    """People of several projects, and keys that are cut down."""
    return Callers(place, client, people)


@pytest.fixture
def world(studio: Studio, tmp_path: Path) -> World:
    """One of everything that a path can name, in the project `p`."""
    return build_world(studio, tmp_path)
