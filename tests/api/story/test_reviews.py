"""Reviews over HTTP: one by one, many at once, taken back; locks; shots that are left out; storyboards."""

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient
from support.making import KEY, Studio

from aianime_pipeline.production.shots.stages import Stage

AsRole = Callable[[str], TestClient]
EPISODE = f"/episodes/{KEY}"


def seen(studio: Studio, *shots: int) -> list[dict[str, int]]:
    return [{"shot": shot, "version": studio.stage_row(shot, Stage.IMAGE).version} for shot in shots]


def states(answer: Any) -> dict[int, str]:
    assert answer.status_code == 200, answer.text
    return {one["shot"]: one["state"] for one in answer.json()["shots"]}


def test_shots_are_approved_and_rejected_in_one_request(three: Studio, as_role: AsRole) -> None:
    reviewer = as_role("reviewer")
    body = {"stage": "image", "approve": seen(three, 1, 3), "reject": seen(three, 2), "reason": "too dark"}
    decided = reviewer.post(f"{EPISODE}/reviews", json=body)
    assert states(decided) == {1: "approved", 2: "rejected", 3: "approved"}
    assert decided.json()["shots"][0]["version"] == three.stage_row(1, Stage.IMAGE).version
    listed = reviewer.get(f"{EPISODE}/reviews").json()["items"]
    assert [(one["verdict"], one["reviewer"]) for one in listed] == [
        ("approved", "reviewer-of-p"), ("rejected", "reviewer-of-p"), ("approved", "reviewer-of-p"),
    ]  # fmt: skip
    assert [one["reason"] for one in reviewer.get(f"{EPISODE}/reviews", params={"shot": 2}).json()["items"]] == [
        "too dark"
    ]
    assert reviewer.get(f"{EPISODE}/reviews", params={"verdict": "rejected", "stage": "video"}).json()["items"] == []


def test_a_stale_verdict_answers_409_with_who_decided_and_decides_nothing(three: Studio, as_role: AsRole) -> None:
    body = {"stage": "image", "approve": seen(three, 1, 2)}
    assert (
        as_role("director").post(f"{EPISODE}/reviews", json={"stage": "image", "approve": seen(three, 2)}).status_code
        == 200
    )
    late = as_role("reviewer").post(f"{EPISODE}/reviews", json=body)
    assert (late.status_code, late.json()["code"]) == (409, "ERR_STALE_VERSION")
    assert (late.json()["details"]["last_by"], late.json()["details"]["shot"]) == ("director-of-p", 2)
    assert three.stage_row(1, Stage.IMAGE).state == "review"


def test_a_request_that_decides_nothing_or_rejects_without_a_reason_answers_422(three: Studio, as_role: AsRole) -> None:
    reviewer = as_role("reviewer")
    for body in (
        {"stage": "image"},
        {"stage": "image", "reject": seen(three, 1)},
        {"stage": "image", "approve": seen(three, 1), "reject": seen(three, 1), "reason": "x"},
        {"stage": "music", "approve": seen(three, 1)},
    ):
        assert reviewer.post(f"{EPISODE}/reviews", json=body).status_code == 422
    assert (
        reviewer.post(f"{EPISODE}/reviews", json={"stage": "image", "approve": [{"shot": 9, "version": 1}]}).status_code
        == 404
    )


def test_verdicts_are_taken_back_and_approved_shots_locked_and_opened(three: Studio, as_role: AsRole) -> None:
    director, reviewer = as_role("director"), as_role("reviewer")
    reviewer.post(f"{EPISODE}/reviews", json={"stage": "image", "approve": seen(three, 1, 2)})
    undone = reviewer.post(f"{EPISODE}/reviews/undo", json={"stage": "image", "shots": seen(three, 1)})
    assert states(undone) == {1: "review"}
    assert reviewer.post(f"{EPISODE}/locks", json={"stage": "image", "shots": seen(three, 2)}).status_code == 403
    assert states(director.post(f"{EPISODE}/locks", json={"stage": "image", "shots": seen(three, 2)})) == {2: "locked"}
    refused = director.post(f"{EPISODE}/locks", json={"stage": "image", "shots": seen(three, 1)})
    assert (refused.status_code, refused.json()["code"]) == (409, "ERR_STATE")
    opened = director.post(
        f"{EPISODE}/unlocks", json={"stage": "image", "shots": seen(three, 2), "reason": "a new lamp"}
    )
    assert states(opened) == {2: "approved"}


def test_shots_are_left_out_and_taken_in_again(three: Studio, as_role: AsRole) -> None:
    artist = as_role("storyboarder")
    assert states(artist.post(f"{EPISODE}/skips", json={"shots": [3], "reason": "too long"})) == {3: "skipped"}
    assert artist.get(f"{EPISODE}/shots/3").json()["left_out"] is True
    assert artist.post(f"{EPISODE}/skips", json={"shots": [3]}).status_code == 409
    assert states(artist.post(f"{EPISODE}/unskips", json={"shots": [3]})) == {3: "review"}


def test_a_storyboard_is_decided_in_the_version_that_was_seen(three: Studio, as_role: AsRole) -> None:
    reviewer, director = as_role("reviewer"), as_role("director")
    three.set_project(review_storyboard="human")
    edit = {"version": 1, "edits": [{"op": "remove", "shot": 1}]}
    assert as_role("storyboarder").patch(f"{EPISODE}/storyboard", json=edit).json()["review"] == "review"
    stale = reviewer.post(f"{EPISODE}/storyboard/review", json={"approve": True, "version": 1})
    assert (stale.status_code, stale.json()["details"]["last_by"]) == (409, "storyboarder-of-p")
    body = {"approve": True, "version": 2}
    approved = director.post(f"{EPISODE}/storyboard/review", json=body)
    assert approved.json() == {"episode": KEY, "review": "approved", "version": 2}
    late = reviewer.post(f"{EPISODE}/storyboard/review", json=body)
    assert (late.status_code, late.json()["details"]["last_by"]) == (409, "director-of-p")
    newest = reviewer.get(f"{EPISODE}/reviews").json()["items"][0]
    assert (newest["storyboard_version"], newest["take"], newest["verdict"]) == (2, None, "approved")
