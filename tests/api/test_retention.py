"""Retention, changes and the look at a clean-up over HTTP."""

import pytest
import sqlalchemy as sa
from support.callers import Callers

from aianime_pipeline.db.models import Task
from aianime_pipeline.production.installation import Installation

RETENTION = "/api/v1/projects/moonlit/retention"
CHANGES = "/api/v1/projects/moonlit/changes"


def test_a_project_says_how_long_it_keeps_things_and_who_changed_it(callers: Callers) -> None:
    director, reviewer = callers.person("director"), callers.person("reviewer")
    usual = {"superseded_takes": 30, "drafts": 30, "exports": "forever", "events": 30, "notices": 180}
    assert reviewer.get(RETENTION).json() == usual
    changed = director.patch(RETENTION, json={"drafts": 7, "notices": "forever"})
    assert changed.status_code == 200, changed.text
    assert changed.json() == usual | {"drafts": 7, "notices": "forever"}
    assert director.patch(RETENTION, json={}).json() == changed.json()
    found = reviewer.get(CHANGES).json()["items"]
    assert [(one["field"], one["before"], one["after"], one["who"]) for one in found] == [
        ("retention.notices", {"value": 180}, {"value": "forever"}, "director-of-moonlit"),
        ("retention.drafts", {"value": 30}, {"value": 7}, "director-of-moonlit"),
    ]
    first = reviewer.get(CHANGES, params={"limit": 1}).json()
    second = reviewer.get(CHANGES, params={"limit": 1, "cursor": first["next"]}).json()
    assert [one["field"] for one in second["items"]] == ["retention.drafts"]


def test_retention_and_changes_are_their_projects(callers: Callers) -> None:
    callers.person("director")
    other = callers.person("director", "harbour")
    for stranger in (other, callers.person("stranger")):
        assert stranger.get(RETENTION).status_code == 404
        assert stranger.get(CHANGES).status_code == 404
        assert stranger.patch(RETENTION, json={"drafts": 1}).status_code == 404
    assert callers.person("reviewer").patch(RETENTION, json={"drafts": 1}).status_code == 403
    other.patch(RETENTION.replace("moonlit", "harbour"), json={"drafts": 1})
    assert callers.person("reviewer").get(CHANGES).json()["items"] == []


@pytest.mark.parametrize("days", [0, 36_501, "30", "soon", 1.5, True])
def test_what_is_no_number_of_days_is_refused(callers: Callers, days: object) -> None:
    assert callers.person("director").patch(RETENTION, json={"drafts": days}).status_code == 422


def test_a_look_at_what_a_clean_up_would_remove_is_an_administrators(place: Installation, callers: Callers) -> None:
    assert callers.person("director").post("/api/v1/cleanup/preview").status_code == 403
    admin = callers.person("admin")
    asked = [
        admin.post("/api/v1/cleanup/preview", headers={"Idempotency-Key": "look"}) for _ in range(2)
    ]  # the same wish twice
    assert [one.status_code for one in asked] == [202, 202], asked[0].text
    with place.database.read() as session:
        (task,) = session.scalars(sa.select(Task))
    assert (task.action, task.settings["dry_run"], task.requested_by) == ("cleanup", True, "admin")
