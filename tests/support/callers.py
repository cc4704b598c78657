"""Clients of people in several projects, and of keys that are cut down."""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from starlette.testclient import TestClient
from support.people import PROJECT, People

from aianime_pipeline.accounts.callers import KEY_PREFIX, key_hash
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import ApiKey, Project, User
from aianime_pipeline.production.installation import Installation


class Callers:
    def __init__(self, place: Installation, client: TestClient, people: People) -> None:
        self._place, self._client, self._people = place, client, people

    def person(self, who: str, project: str = PROJECT) -> TestClient:
        """«admin», «stranger», or somebody with that role in the project, whose name is `role-of-project`."""
        return self._with(self._people.token(who, project))

    def key(self, who: str, scopes: Sequence[Action], project: str = PROJECT) -> TestClient:
        """A program of that person, with a key that is cut down."""
        self._people.token(who, project)
        secret = KEY_PREFIX + secrets.token_urlsafe(32)
        name = who if who in ("admin", "stranger") else f"{who}-of-{project}"
        with self._place.database.write() as session:
            user = session.scalars(sa.select(User).where(User.name == name)).one()
            session.add(
                ApiKey(user_id=user.id, name="a", prefix=secret[:8], key_hash=key_hash(secret), scopes=[*scopes])
            )
        return self._with(secret)

    def project(self, slug: str = PROJECT) -> Project:
        with self._place.database.read() as session:
            return session.scalars(sa.select(Project).where(Project.slug == slug)).one()

    def _with(self, bearer: str) -> TestClient:
        client = TestClient(self._client.app, base_url="http://api.test", raise_server_exceptions=False)
        client.headers["Authorization"] = f"Bearer {bearer}"
        return client
