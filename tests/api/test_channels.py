"""Channels over HTTP: whose they are, what they carry, and that no token is told."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from fakes.receiver import SECRET
from fakes.vendor import Vendor
from starlette.testclient import TestClient
from support.accounts import turned_clock
from support.callers import Callers
from support.channels import add, inside, say
from support.raw_servers import dribbling

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.accounts.users import describe_user
from aianime_pipeline.db.models import Channel, Delivery, Notice, ProjectMember, User
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notifications import posting
from aianime_pipeline.production.notifications.handing import hand_over

CHANNELS = "/api/v1/channels"
TOKEN = "t0ken-that-nobody-may-see"
SLACK = f"https://hooks.example.com/services/{TOKEN}"
REVIEWER = "reviewer-of-moonlit"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Vendor]:
    with Vendor("receiver") as server:
        yield server


def body(name: str = "c", **values: Any) -> dict[str, Any]:
    return {"name": name, "kind": "slack", "address": SLACK, **values}


def names(client: TestClient) -> list[str]:
    answer = client.get(CHANNELS)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


def carried(place: Installation, channel: str) -> list[str]:
    """The texts that are handed to it."""
    hand_over(place, datetime.now(UTC))
    with place.database.read() as session:
        query = (
            sa.select(Notice.text)
            .join(Delivery, Delivery.notice_id == Notice.id)
            .join(Channel, Channel.id == Delivery.channel_id)
            .where(Channel.name == channel)
            .order_by(Notice.id)
        )
        return list(session.scalars(query))


def test_a_channel_is_made_changed_and_removed_and_its_token_never_told(callers: Callers) -> None:
    director = callers.person("director")
    quiet = {"begins": "22:00", "ends": "08:00", "time_zone": "Asia/Shanghai"}
    made = director.post(CHANNELS, json=body("crew", project="moonlit", kinds=["task", "budget"], quiet=quiet))
    assert made.status_code == 201, made.text
    assert made.json() == {
        "name": "crew",
        "kind": "slack",
        "address": "https://hooks.example.com/…",
        "secret_variable": None,
        "project": "moonlit",
        "user": None,
        "kinds": ["budget", "task"],
        "quiet": quiet,
        "digest_minutes": 0,
        "enabled": True,
        "created_by": "director-of-moonlit",
    }
    changed = director.patch(f"{CHANNELS}/crew", json={"digest_minutes": 30, "enabled": False})
    assert (changed.json()["digest_minutes"], changed.json()["enabled"]) == (30, False)
    assert (changed.json()["kinds"], changed.json()["quiet"]) == (["budget", "task"], quiet), "the rest stays"
    assert director.patch(f"{CHANNELS}/crew", json={"quiet": None}).json()["quiet"] is None
    assert director.post(CHANNELS, json=body("crew", project="moonlit")).status_code == 422, "the name is taken"
    for answer in (director.get(CHANNELS), director.get(f"{CHANNELS}/crew"), changed):
        assert TOKEN not in answer.text
    assert director.delete(f"{CHANNELS}/crew").status_code == 204
    assert director.get(f"{CHANNELS}/crew").status_code == 404


def test_a_channel_is_its_persons_its_projects_or_an_administrators(callers: Callers) -> None:
    reviewer, director, admin = callers.person("reviewer"), callers.person("director"), callers.person("admin")
    other = callers.person("director", "harbour")
    assert reviewer.post(CHANNELS, json=body("own", user=REVIEWER)).status_code == 201
    assert reviewer.post(CHANNELS, json=body("own-moonlit", user=REVIEWER, project="moonlit")).status_code == 201
    assert director.post(CHANNELS, json=body("moonlit", project="moonlit")).status_code == 201
    assert other.post(CHANNELS, json=body("harbour", project="harbour")).status_code == 201
    assert admin.post(CHANNELS, json=body("all")).status_code == 201
    assert names(reviewer) == ["own", "own-moonlit"]
    assert names(director) == ["moonlit"], "what another person may read is not the director's"
    assert names(other) == ["harbour"]
    assert names(callers.person("stranger")) == []
    assert names(admin) == ["all", "harbour", "moonlit", "own", "own-moonlit"]
    assert names(callers.key("admin", [Action.CHANNEL_EDIT])) == ["harbour", "moonlit"]
    assert callers.key("director", [Action.VIEW]).get(CHANNELS).status_code == 403
    for hidden in ("own-moonlit", "harbour", "all", "nowhere"):
        for method, path, sent in (
            ("GET", "", None),
            ("PATCH", "", {"address": "https://elsewhere.example.com/x"}),
            ("DELETE", "", None),
            ("POST", "/try", None),
            ("GET", "/deliveries", None),
        ):
            answer = director.request(method, f"{CHANNELS}/{hidden}{path}", json=sent)
            assert answer.status_code == 404, (method, hidden)
            assert answer.json()["message"] == f"There is no channel '{hidden}', or it is not yours to see."


def test_nobody_adds_a_channel_that_carries_what_is_not_theirs(callers: Callers) -> None:
    reviewer = callers.person("reviewer")
    callers.person("director", "harbour")
    for values, status in (
        ({}, 403),
        ({"user": "admin"}, 403),
        ({"project": "moonlit"}, 403),
        ({"user": REVIEWER, "project": "harbour"}, 404),
        ({"project": "harbour"}, 404),
    ):
        assert reviewer.post(CHANNELS, json=body(**values)).status_code == status, values
    assert callers.person("admin").post(CHANNELS, json=body(user="nobody")).status_code == 404
    assert names(callers.person("admin")) == []


def test_a_persons_channel_carries_what_they_may_read_at_that_moment(place: Installation, callers: Callers) -> None:
    reviewer = callers.person("reviewer")
    callers.person("director", "harbour")
    moonlit, harbour = callers.project().id, callers.project("harbour").id
    assert reviewer.post(CHANNELS, json=body("own", user=REVIEWER)).status_code == 201

    def tell_all(when: str) -> None:
        say(place, f"moonlit {when}", kind="task_done", project_id=moonlit)
        say(place, f"money {when}", project_id=moonlit)
        say(place, f"harbour {when}", kind="task_done", project_id=harbour)
        say(place, f"installation {when}")
        say(place, f"own {when}", kind="task_done", user=REVIEWER)

    tell_all("before")
    assert carried(place, "own") == ["moonlit before", "own before"]
    shown = reviewer.get(f"{CHANNELS}/own/deliveries").json()["items"]
    assert [one["text"] for one in shown] == ["own before", "moonlit before"]
    with place.database.write() as session:
        session.execute(sa.delete(ProjectMember))
    tell_all("after")
    assert carried(place, "own") == ["moonlit before", "own before", "own after"]
    shown = reviewer.get(f"{CHANNELS}/own/deliveries").json()["items"]
    assert [one["text"] for one in shown] == ["own after", "own before"], "the project is not theirs to see any more"
    with place.database.write() as session:
        session.execute(sa.update(User).where(User.name == REVIEWER).values(disabled=True))
    tell_all("at last")
    assert carried(place, "own") == ["moonlit before", "own before", "own after"]


@pytest.mark.parametrize("variable", ["AIANIME_JWT_KEY", "PATH", "s3cret-itself"])
def test_only_variables_for_channels_sign_messages(callers: Callers, variable: str) -> None:
    reviewer = callers.person("reviewer")
    signed = body(kind="webhook", user=REVIEWER, secret_variable=variable)
    answer = reviewer.post(CHANNELS, json=signed)
    assert answer.status_code == 422
    assert variable not in answer.text
    assert reviewer.post(CHANNELS, json=signed | {"secret_variable": "CHANNEL_LI"}).status_code == 201
    assert reviewer.patch(f"{CHANNELS}/c", json={"secret_variable": variable}).status_code == 422
    if variable.isidentifier():
        own = body("admins", kind="webhook", secret_variable=variable)
        assert callers.person("admin").post(CHANNELS, json=own).status_code == 201


def test_what_an_administrators_secret_signs_goes_where_an_administrator_said(callers: Callers) -> None:
    values = body("crew", kind="webhook", secret_variable="STUDIO_SECRET", project="moonlit")
    director = callers.person("director")
    assert callers.person("admin").post(CHANNELS, json=values).status_code == 201
    assert director.patch(f"{CHANNELS}/crew", json={"enabled": False}).status_code == 200
    moved = director.patch(f"{CHANNELS}/crew", json={"address": "https://elsewhere.invalid/"})
    assert moved.status_code == 422
    assert "STUDIO_SECRET" not in moved.text


def test_a_channel_is_tried_and_says_what_became_of_it(
    place: Installation, callers: Callers, receiver: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    director = callers.person("director")
    inside(place)
    monkeypatch.setenv("CHANNEL_CREW", SECRET)
    address = f"{receiver.address}/webhook/{TOKEN}"
    values = {"kind": "webhook", "address": address, "secret_variable": "CHANNEL_CREW", "project": "moonlit"}
    assert director.post(CHANNELS, json=body("crew", **values)).status_code == 201
    assert director.post(f"{CHANNELS}/crew/try").json() == {"verdict": "taken", "words": ""}
    receiver.order({"on": "submit", "kind": "answer", "status": 400, "body": f"no {TOKEN}", "times": 1})
    refused = director.post(f"{CHANNELS}/crew/try")
    assert (refused.status_code, refused.json()["verdict"]) == (200, "not_taken")
    assert TOKEN not in refused.text
    monkeypatch.delenv("CHANNEL_CREW")
    assert "CHANNEL_CREW is not set" in director.post(f"{CHANNELS}/crew/try").json()["words"]


def test_trying_a_channel_whose_receiver_dribbles_is_answered_in_time(
    place: Installation, callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "_MOST_SECONDS", 1.0)
    director = callers.person("director")
    with dribbling(b"a" * 1000, b"HTTP/1.1 200 OK\r\nX-Slow: ") as port:
        add(inside(place), "crew", "slack", f"http://127.0.0.1:{port}/{TOKEN}", project=callers.project())
        began = time.monotonic()
        answer = director.post(f"{CHANNELS}/crew/try")
        assert time.monotonic() - began < 3
    assert (answer.status_code, answer.json()["verdict"]) == (200, "unknown")


def test_a_person_tries_channels_ten_times_in_ten_minutes_whatever_they_are_logged_in_with(
    place: Installation, callers: Callers, receiver: Vendor
) -> None:
    inside(place)
    with turned_clock() as clock:
        director, key = callers.person("director"), callers.key("director", [Action.CHANNEL_EDIT])
        other = callers.person("admin")
        for name in ("one", "two"):
            add(place, name, "slack", f"{receiver.address}/slack/{TOKEN}", project=callers.project())
        asked = len(receiver.requests())
        for name, client in zip(("one", "two") * 5, (director, key) * 5, strict=True):
            assert client.post(f"{CHANNELS}/{name}/try").status_code == 200
        clock.goes(minutes=4)
        for client in (director, key):
            answer = client.post(f"{CHANNELS}/one/try")
            assert (answer.status_code, answer.json()["code"]) == (429, "ERR_TOO_MANY_REQUESTS")
            assert answer.headers["Retry-After"] == "360"
        assert len(receiver.requests()) - asked == 10, "what is refused is not sent"
        assert other.post(f"{CHANNELS}/one/try").status_code == 200, "each person has their own count"
        clock.goes(minutes=6)
        assert director.post(f"{CHANNELS}/one/try").status_code == 200


def test_emails_go_to_the_address_of_ones_account_unless_an_administrator_says_another(
    place: Installation, callers: Callers
) -> None:
    director, admin = callers.person("director"), callers.person("admin")
    own, project = {"user": "director-of-moonlit"}, {"project": "moonlit"}
    mail = {"kind": "email", "address": "Lin@example.com"}
    assert director.post(CHANNELS, json=body("none", **mail, **own)).status_code == 403, "the account has no address"
    with place.database.write() as session:
        describe_user(session, "director-of-moonlit", email="lin@example.com")
    assert director.post(CHANNELS, json=body("own", **mail, **own)).status_code == 201
    assert director.post(CHANNELS, json=body("crew", **mail, **project)).status_code == 201
    stranger = {"kind": "email", "address": "stranger@example.org"}
    for whose in (own, project):
        refused = director.post(CHANNELS, json=body("away", **stranger, **whose))
        assert (refused.status_code, refused.json()["code"]) == (403, "ERR_NOT_ALLOWED")
    assert director.patch(f"{CHANNELS}/own", json={"address": stranger["address"]}).status_code == 403
    assert admin.patch(f"{CHANNELS}/crew", json={"address": stranger["address"]}).status_code == 200
    same = {"address": stranger["address"], "digest_minutes": 5}
    assert director.patch(f"{CHANNELS}/crew", json=same).status_code == 200, "it goes where an administrator said"
    cut_down = callers.key("admin", [Action.CHANNEL_EDIT])
    assert cut_down.post(CHANNELS, json=body("key", **stranger, **project)).status_code == 403


def test_deliveries_come_in_pages_with_the_newest_first(place: Installation, callers: Callers) -> None:
    director = callers.person("director")
    project = callers.project()
    add(place, "crew", "slack", SLACK, project=project)
    say(place, "a", "b", "c", project_id=project.id)
    assert carried(place, "crew") == ["a", "b", "c"]
    path = f"{CHANNELS}/crew/deliveries"
    first = director.get(path, params={"limit": 2}).json()
    second = director.get(path, params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["text"] for one in first["items"] + second["items"]] == ["c", "b", "a"]
    assert director.get(path, params={"state": "sent"}).json()["items"] == []
    assert director.get(path, params={"state": "lost"}).status_code == 422


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "sms"},
        {"address": "hooks"},
        {"address": "http://hooks.example.com/x"},
        {"kinds": ["films"]},
        {"digest_minutes": 2000},
        {"quiet": {"begins": "22:00", "ends": "22:00", "time_zone": "UTC"}},
        {"quiet": {"begins": "22:00", "ends": "08:00", "time_zone": "Mars"}},
        {"name": "a/b"},
        {"name": ".."},
        {"colour": "red"},
    ],
)
def test_what_is_no_channel_is_refused(callers: Callers, values: dict[str, Any]) -> None:
    reviewer = callers.person("reviewer")
    assert reviewer.post(CHANNELS, json=body() | {"user": REVIEWER} | values).status_code == 422
