"""The film's edit over HTTP: read, replaced by who saw the newest, thrown away."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from support.making import KEY, Studio

Person = Callable[[str], TestClient]

TIMELINE = f"/api/v1/episodes/{KEY}/timeline"


@pytest.fixture
def made(three: Studio) -> Studio:
    three.make_all()
    return three


def test_an_edit_is_stored_and_who_saw_an_older_one_is_told_who_was_faster(made: Studio, person: Person) -> None:
    post, director = person("post"), person("director")
    seen = post.get(TIMELINE).json()
    assert (seen["version"], [clip["shot"] for clip in seen["timeline"]["clips"]]) == (0, [1, 2, 3])
    turned = seen["timeline"] | {"clips": seen["timeline"]["clips"][::-1]}
    stored = post.put(TIMELINE, json={"version": 0, "timeline": turned})
    assert stored.status_code == 200, stored.text
    assert [clip["shot"] for clip in stored.json()["timeline"]["clips"]] == [3, 2, 1]
    late = director.put(TIMELINE, json={"version": 0, "timeline": seen["timeline"]})
    assert (late.status_code, late.json()["code"]) == (409, "ERR_STALE_VERSION")
    assert late.json()["details"]["edited_by"] == "post-of-p"
    film = director.get(f"/api/v1/episodes/{KEY}/film").json()
    assert (film["version"], film["edited_by"]) == (stored.json()["version"], "post-of-p")


def test_thrown_away_edits_leave_the_storyboards_timeline(made: Studio, person: Person) -> None:
    post = person("post")
    seen = post.get(TIMELINE).json()
    turned = seen["timeline"] | {"clips": seen["timeline"]["clips"][::-1]}
    version = post.put(TIMELINE, json={"version": 0, "timeline": turned}).json()["version"]
    assert post.delete(TIMELINE, params={"version": 0}).status_code == 409
    assert post.delete(TIMELINE, params={"version": version}).json()["version"] == version + 1
    assert post.get(TIMELINE).json()["timeline"] == seen["timeline"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, "ERR_BAD_INPUT"),
        ({"format": "aianime-timeline", "version": 1, "clips": "none"}, "ERR_BAD_INPUT"),
        ({"language": "a\0b"}, "ERR_VALIDATION"),
        ({"language": "\ud800"}, "ERR_VALIDATION"),
        ({"clips": [[[[]]]] * 3, "deep": None}, "ERR_BAD_INPUT"),
    ],
)
def test_what_is_no_timeline_is_refused(made: Studio, person: Person, document: Any, code: str) -> None:
    post = person("post")
    post.headers["Content-Type"] = "application/json"
    answer = post.put(TIMELINE, content=json.dumps({"version": 0, "timeline": document}))
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_document_that_is_nested_without_end_is_refused(made: Studio, person: Person) -> None:
    nested: Any = []
    for _ in range(100):
        nested = [nested]
    answer = person("post").put(TIMELINE, json={"version": 0, "timeline": {"clips": nested}})
    assert (answer.status_code, answer.json()["code"]) == (422, "ERR_VALIDATION")


def test_who_only_looks_does_not_edit(made: Studio, person: Person) -> None:
    reviewer = person("reviewer")
    assert reviewer.get(TIMELINE).status_code == 200
    assert reviewer.put(TIMELINE, json={"version": 0, "timeline": {}}).status_code == 403
    assert reviewer.delete(TIMELINE, params={"version": 0}).status_code == 403
