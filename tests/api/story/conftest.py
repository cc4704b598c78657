"""People of the project `p`, in which the studio works."""

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.making import Studio
from support.people import People

AsRole = Callable[[str], TestClient]


@pytest.fixture
def as_role(client: TestClient, people: People) -> AsRole:
    """The client of somebody with that role in `p`, which is made with the first of them."""

    def log_in(role: str) -> TestClient:
        logged_in = TestClient(client.app, base_url="http://api.test/api/v1", raise_server_exceptions=False)
        logged_in.headers["Authorization"] = f"Bearer {people.token(role, 'p')}"
        return logged_in

    return log_in


@pytest.fixture
def three(studio: Studio, tmp_path: Path) -> Studio:
    """Three images that wait for a person."""
    studio.images_in_review(tmp_path)
    return studio
