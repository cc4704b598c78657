"""`GET /api/v1/events` of a real server, with real log-ins."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.api_process import ApiProcess, EventStream, api_process
from support.people import People
from support.processes import wait_until

from aianime_pipeline.accounts.callers import key_hash
from aianime_pipeline.db.models import ApiKey, Project, ProjectMember, User
from aianime_pipeline.production.events import record_event
from aianime_pipeline.production.installation import Installation
from api.app import create_app

KEY = "aia_" + "k" * 40


@pytest.fixture
def server(place: Installation, tmp_path: Path) -> Iterator[ApiProcess]:
    with api_process(place, tmp_path / "api.log") as served:
        yield served


def happens(place: Installation, slug: str, shot: int) -> None:
    with place.database.write() as session:
        project = session.scalars(sa.select(Project).where(Project.slug == slug)).one()
        record_event(session, "shot", project_id=project.id, shot=shot)


def test_a_member_watches_a_project_comes_back_and_is_sent_away_when_their_account_is_closed(
    place: Installation, people: People, server: ApiProcess
) -> None:
    token = people.token("reviewer")
    people.token("director", "other")
    stream = EventStream(server.port, token)
    assert stream.answer.status == 200
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert stream.headers["Cache-Control"] == "no-store"
    assert stream.headers["X-Request-ID"]
    got = stream.events()
    assert next(got).kind == "ready"
    happens(place, "other", 1)
    began = time.monotonic()
    happens(place, "moonlit", 2)
    first = next(got)
    assert time.monotonic() - began < 1
    assert (first.kind, first.data["shot"], first.data["project"]) == ("shot", 2, "moonlit")
    stream.close()

    happens(place, "moonlit", 3)
    again = EventStream(server.port, token, last=first.id)
    got = again.events()
    assert (next(got).kind, next(got).data["shot"]) == ("ready", 3)
    with place.database.write() as session:
        session.execute(sa.update(User).where(User.name == "reviewer-of-moonlit").values(disabled=True))
    began = time.monotonic()
    assert list(got) == []
    assert time.monotonic() - began < 2
    assert EventStream(server.port, token, last=first.id).answer.status == 401


def test_log_out_everywhere_and_a_revoked_key_end_streams_and_leaving_a_project_ends_its_events(
    place: Installation, people: People, server: ApiProcess
) -> None:
    tokens = {who: people.token(who) for who in ("reviewer", "designer", "post")}
    with place.database.write() as session:
        users = {user.name.partition("-")[0]: user for user in session.scalars(sa.select(User))}
        key = ApiKey(
            user_id=users["post"].id, name="k", prefix=KEY[:8], key_hash=key_hash(KEY), scopes=["project.view"]
        )
        session.add(key)
    by_key = EventStream(server.port, KEY)
    streams = {who: EventStream(server.port, token) for who, token in tokens.items()} | {"key": by_key}
    got = {who: stream.events() for who, stream in streams.items()}
    assert {next(one).kind for one in got.values()} == {"ready"}
    happens(place, "moonlit", 1)
    assert [next(one).data["shot"] for one in got.values()] == [1, 1, 1, 1]
    with place.database.write() as session:
        session.execute(sa.update(User).where(User.id == users["reviewer"].id).values(token_version=2))
        session.execute(sa.delete(ProjectMember).where(ProjectMember.user_id == users["designer"].id))
        session.execute(sa.update(ApiKey).values(revoked_at=sa.func.current_timestamp()))
    assert list(got["reviewer"]) == []
    assert list(got["key"]) == []
    happens(place, "moonlit", 2)
    assert next(got["post"]).data["shot"] == 2
    with place.database.write() as session:
        project = session.scalars(sa.select(Project)).one()
        session.add(ProjectMember(project_id=project.id, user_id=users["designer"].id, roles=["designer"]))
    happens(place, "moonlit", 3)
    assert next(got["designer"]).data["shot"] == 3


def test_a_person_has_eight_streams_and_the_ninth_takes_one_that_has_ended(
    place: Installation, people: People, server: ApiProcess
) -> None:
    token, other = people.token("reviewer"), people.token("admin")
    with place.database.write() as session:
        user = session.scalars(sa.select(User).where(User.name == "reviewer-of-moonlit")).one()
        session.add(ApiKey(user_id=user.id, name="k", prefix=KEY[:8], key_hash=key_hash(KEY), scopes=[]))

    def opened(bearer: str) -> EventStream:
        stream = EventStream(server.port, bearer)
        assert stream.answer.status == 200, stream.answer.read()
        assert next(stream.events()).kind == "ready"
        return stream

    def is_refused() -> bool:
        stream = EventStream(server.port, KEY)
        if stream.answer.status == 200:
            stream.close()
            return False
        assert stream.answer.status == 429
        assert json.loads(stream.answer.read())["code"] == "ERR_TOO_MANY_STREAMS"
        assert stream.headers["Retry-After"] == "5"
        return True

    streams = [opened(bearer) for bearer in (token, KEY) * 4]
    assert is_refused(), "an API key counts with its user"
    opened(other).close()
    streams.pop().close()
    wait_until(lambda: not is_refused())
    streams.append(opened(token))
    wait_until(is_refused)
    streams.pop().vanish()
    wait_until(lambda: not is_refused())
    for stream in streams:
        stream.close()


def test_the_server_ends_quickly_with_streams_open(place: Installation, people: People, server: ApiProcess) -> None:
    token = people.token("admin")
    streams = [EventStream(server.port, token) for _ in range(5)]
    readers = [threading.Thread(target=list, args=(stream.events(),)) for stream in streams]
    for reader in readers:
        reader.start()
    assert server.stop() < 3
    for reader in readers:
        reader.join(5)
        assert not reader.is_alive()


def test_what_is_asked_for_has_to_be_there_and_to_be_seen(place: Installation, people: People) -> None:
    client = TestClient(create_app(place), raise_server_exceptions=False)
    people.token("director", "other")
    with place.database.write() as session:
        user = session.scalars(sa.select(User)).one()
        session.add(ApiKey(user_id=user.id, name="k", prefix="", key_hash=key_hash(KEY), scopes=["usage.view"]))

    def status(query: str, bearer: str) -> tuple[int, str]:
        answer = client.get(f"/api/v1/events{query}", headers={"Authorization": f"Bearer {bearer}"})
        return answer.status_code, answer.json()["message"]

    stranger = people.token("stranger")
    unseen, missing = status("?project=other", stranger), status("?project=never", stranger)
    assert unseen[0] == missing[0] == 404
    assert unseen[1].replace("other", "never") == missing[1]
    assert status("?episode=other-e001", stranger)[0] == 404
    assert status("?project=OTHER", stranger)[0] == 422
    assert status("", KEY)[0] == 403
    assert client.get("/api/v1/events").status_code == 401
