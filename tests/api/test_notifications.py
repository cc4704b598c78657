"""Notices over HTTP: everybody their own, and nothing of a project that they do not see."""

from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.callers import Callers

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import ProjectMember, User
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notices.telling import tell

NOTIFICATIONS = "/api/v1/notifications"
REVIEWER, DIRECTOR = "reviewer-of-moonlit", "director-of-moonlit"


def say(place: Installation, text: str, *, kind: str = "task_done", **values: Any) -> None:
    with place.database.write() as session:
        assert tell(session, key=text, kind=kind, text=text, **values)


@pytest.fixture
def told(place: Installation, callers: Callers) -> None:
    for person in ("director", "reviewer"):
        callers.person(person)
    callers.person("director", "harbour")
    moonlit, harbour = callers.project().id, callers.project("harbour").id
    say(place, "all of moonlit", project_id=moonlit)
    say(place, "all of harbour", project_id=harbour)
    say(place, "the reviewer's of moonlit", project_id=moonlit, user=REVIEWER)
    say(place, "the reviewer's of harbour", project_id=harbour, user=REVIEWER)
    say(place, "the reviewer's own", user=REVIEWER)
    say(place, "the installation's", kind="budget")
    say(place, "moonlit's money", project_id=moonlit, kind="budget")


def texts(client: TestClient, **params: Any) -> list[str]:
    answer = client.get(NOTIFICATIONS, params=params)
    assert answer.status_code == 200, answer.text
    return [one["text"] for one in answer.json()["items"]]


@pytest.mark.usefixtures("told")
def test_everybody_is_told_their_own_and_what_is_of_their_projects(callers: Callers) -> None:
    assert texts(callers.person("reviewer")) == ["the reviewer's own", "the reviewer's of moonlit", "all of moonlit"]
    assert texts(callers.person("director")) == ["moonlit's money", "all of moonlit"]
    assert texts(callers.person("director", "harbour")) == ["all of harbour"]
    assert texts(callers.person("stranger")) == []
    everything = ["moonlit's money", "the installation's", "all of harbour", "all of moonlit"]
    assert texts(callers.person("admin")) == everything
    assert texts(callers.key("admin", [Action.VIEW, Action.USAGE_VIEW])) == [
        text for text in everything if text != "the installation's"
    ]
    assert texts(callers.key("director", [Action.VIEW])) == ["all of moonlit"]
    assert callers.key("director", [Action.DOWNLOAD]).get(NOTIFICATIONS).status_code == 403


@pytest.mark.usefixtures("told")
def test_who_leaves_a_project_is_not_told_of_it_any_more(place: Installation, callers: Callers) -> None:
    with place.database.write() as session:
        user = session.scalars(sa.select(User.id).where(User.name == REVIEWER)).one()
        session.execute(sa.delete(ProjectMember).where(ProjectMember.user_id == user))
    assert texts(callers.person("reviewer")) == ["the reviewer's own"]


@pytest.mark.usefixtures("told")
def test_reading_is_everybodys_own_and_all_at_once_or_some(callers: Callers) -> None:
    reviewer, director = callers.person("reviewer"), callers.person("director")
    page = reviewer.get(NOTIFICATIONS).json()["items"]
    assert [one["mine"] for one in page] == [True, True, False]
    assert reviewer.get(f"{NOTIFICATIONS}/count").json() == {"unread": 3}
    body = {"ids": [page[1]["id"], page[1]["id"]]}
    assert reviewer.post(f"{NOTIFICATIONS}/read", json=body).json() == {"marked": 1, "unread": 2}
    assert reviewer.post(f"{NOTIFICATIONS}/read", json=body).json() == {"marked": 0, "unread": 2}
    assert texts(reviewer, unread=True) == ["the reviewer's own", "all of moonlit"]
    up_to = {"up_to": page[-1]["id"]}
    assert reviewer.post(f"{NOTIFICATIONS}/read", json=up_to).json() == {"marked": 1, "unread": 1}
    assert texts(reviewer, unread=True) == ["the reviewer's own"], "what was told since is still new"
    everything = {"up_to": page[0]["id"]}
    assert reviewer.post(f"{NOTIFICATIONS}/read", json=everything).json() == {"marked": 1, "unread": 0}
    read = reviewer.get(NOTIFICATIONS).json()["items"]
    assert len(read) == 3
    assert all(one["read_at"] for one in read)
    assert director.get(f"{NOTIFICATIONS}/count").json() == {"unread": 2}


@pytest.mark.usefixtures("told")
def test_what_is_not_theirs_nobody_can_read_or_count(callers: Callers) -> None:
    admin_sees = callers.person("admin").get(NOTIFICATIONS).json()["items"]
    ids = [one["id"] for one in admin_sees if one["text"] != "all of moonlit"]
    reviewer = callers.person("reviewer")
    answer = reviewer.post(f"{NOTIFICATIONS}/read", json={"ids": [*ids, 999_999]})
    assert answer.json() == {"marked": 0, "unread": 3}
    stranger = callers.person("stranger")
    assert stranger.post(f"{NOTIFICATIONS}/read", json={"up_to": 999_999}).json() == {"marked": 0, "unread": 0}


@pytest.mark.usefixtures("told")
def test_the_list_is_of_one_project_where_it_is_asked_for_and_comes_in_pages(callers: Callers) -> None:
    reviewer = callers.person("reviewer")
    assert texts(reviewer, project="moonlit") == ["the reviewer's of moonlit", "all of moonlit"]
    assert reviewer.get(NOTIFICATIONS, params={"project": "harbour"}).status_code == 404
    first = reviewer.get(NOTIFICATIONS, params={"limit": 2}).json()
    second = reviewer.get(NOTIFICATIONS, params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["text"] for one in second["items"]] == ["all of moonlit"]
    assert second["items"][0]["project"] == "moonlit"
    assert second["next"] is None


@pytest.mark.parametrize("body", [{}, {"ids": [1], "up_to": 1}, {"ids": []}, {"ids": [2**63]}, {"ids": ["1"]}])
def test_what_was_read_is_said_in_one_of_two_ways(callers: Callers, body: dict[str, object]) -> None:
    assert callers.person("stranger").post(f"{NOTIFICATIONS}/read", json=body).status_code == 422
