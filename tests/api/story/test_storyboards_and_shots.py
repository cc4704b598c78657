"""Storyboards, shots and takes over HTTP."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient
from support.making import KEY, Studio

from aianime_pipeline.production.shots.stages import Stage

AsRole = Callable[[str], TestClient]
BOARD = f"/episodes/{KEY}/storyboard"
SHOTS = f"/episodes/{KEY}/shots"


def test_a_storyboard_is_edited_shot_by_shot(three: Studio, as_role: AsRole) -> None:
    artist = as_role("storyboarder")
    read = artist.get(BOARD).json()
    assert (read["version"], read["state"], read["review"]) == (1, "editing", "approved")
    assert [shot["number"] for shot in read["shots"]] == [1, 2, 3]
    edits = [
        {"op": "insert", "after": 1, "fields": {"description": "雾散开。", "framing": "wide"}},
        {"op": "change", "shot": 2, "fields": {"time_of_day": "night", "duration_ms": 2500}},
        {"op": "remove", "shot": 3},
        {"op": "move", "shot": 4, "after": 0},
    ]
    edited = artist.patch(BOARD, json={"version": 1, "edits": edits})
    assert edited.status_code == 200, edited.text
    board = edited.json()
    assert (board["version"], board["changed_by"], board["removed"]) == (2, "storyboarder-of-p", [3])
    assert [(shot["number"], shot["duration_ms"]) for shot in board["shots"]] == [(4, 3000), (1, 1000), (2, 2500)]
    assert set(board["shots"][0]["wants"]) == {"image", "video", "voice"}
    more = [{"op": "restore", "shot": 3}, {"op": "order", "shots": [1, 2, 3, 4]}]
    assert [shot["number"] for shot in artist.patch(BOARD, json={"version": 2, "edits": more}).json()["shots"]] == [
        1,
        2,
        3,
        4,
    ]
    late = artist.patch(BOARD, json={"version": 1, "edits": more})
    assert (late.status_code, late.json()["details"]["last_by"]) == (409, "storyboarder-of-p")
    wrong = artist.patch(BOARD, json={"version": 3, "edits": [{"op": "remove", "shot": 9}]})
    assert (wrong.status_code, wrong.json()["details"]) == (422, {"edit": 1, "field": "shot"})


def test_a_frozen_storyboard_answers_409_to_edits_and_files(three: Studio, as_role: AsRole) -> None:
    artist = as_role("storyboarder")
    assert artist.post(f"{BOARD}/freeze", json={"version": 1}).json()["state"] == "frozen"
    edit = artist.patch(BOARD, json={"version": 2, "edits": [{"op": "remove", "shot": 1}]})
    assert (edit.status_code, edit.json()["code"]) == (409, "ERR_STORYBOARD_FROZEN")
    file = {"file": ("board.csv", "镜号,时长,画面描述\n1,2,雾。\n".encode())}
    assert artist.post(f"{BOARD}/file", files=file).status_code == 409
    assert artist.post(f"{BOARD}/unfreeze", json={"version": 2}).json()["state"] == "editing"
    assert artist.post(f"{BOARD}/file", files=file).json()["shots"] == 1
    assert artist.get(BOARD).json()["removed"] == [2, 3]


@pytest.mark.parametrize("format", ["json", "csv"])
def test_a_storyboard_taken_away_as_a_file_is_the_same_when_it_is_brought_back(
    three: Studio, as_role: AsRole, format: str
) -> None:
    artist = as_role("storyboarder")
    before = artist.get(BOARD).json()
    file = artist.get(f"{BOARD}/file", params={"format": format})
    assert file.headers["Content-Disposition"] == f'attachment; filename="{KEY}-storyboard.{format}"'
    assert artist.post(f"{BOARD}/file", files={"file": (f"b.{format}", file.content)}).status_code == 200
    after = artist.get(BOARD).json()
    for told in ("description", "dialogue", "duration_ms", "framing", "wants"):
        assert [shot[told] for shot in after["shots"]] == [shot[told] for shot in before["shots"]]


def test_shots_say_where_they_stand_and_are_found_by_it(three: Studio, as_role: AsRole) -> None:
    three.review(Stage.IMAGE, reject=[2], reason="too dark")
    reader = as_role("post")
    shots = reader.get(SHOTS).json()["items"]
    assert [(one["shot"]["number"], one["position"]) for one in shots] == [(1, 1), (2, 2), (3, 3)]
    image = shots[1]["stages"][0]
    assert (image["stage"], image["state"], image["reason"], image["retakes"]) == ("image", "rejected", "too dark", 1)
    assert image["selected"]["verdict"] == "rejected"
    waiting = reader.get(SHOTS, params={"stage": "image", "state": ["review", "failed"]}).json()["items"]
    assert [one["shot"]["number"] for one in waiting] == [1, 3]
    first = reader.get(SHOTS, params={"limit": 2}).json()
    rest = reader.get(SHOTS, params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["shot"]["number"] for one in first["items"] + rest["items"]] == [1, 2, 3]
    assert reader.get(f"{SHOTS}/2").json() == shots[1]
    assert reader.get(f"{SHOTS}/9").status_code == 404
    assert reader.get(f"/episodes/{KEY}").json()["stages"]["image"] == {"rejected": 1, "review": 2}


def test_takes_tell_how_they_were_made_and_which_counts_can_be_chosen(three: Studio, as_role: AsRole) -> None:
    three.review(Stage.IMAGE, reject=[2], reason="too dark")
    three.make(Stage.IMAGE)
    reviewer = as_role("reviewer")
    newest, first = reviewer.get(f"{SHOTS}/2/takes", params={"stage": "image"}).json()["items"]
    assert (newest["number"], newest["selected"], first["number"], first["selected"]) == (2, True, 1, False)
    assert [(one["reviewer"], one["verdict"]) for one in first["reviews"]] == [("a person", "rejected")]
    assert first["made_by"]["cost"] is None, "what it cost is for those who may see the usage"
    told = as_role("director").get(f"/takes/{first['id']}").json()
    assert told["made_by"]["cost"] == {"micros": 0, "currency": "CNY"}
    assert first["file"]["media_type"] == "image/png"
    assert reviewer.get(f"/takes/{first['id']}").json() == first
    version = three.stage_row(2, Stage.IMAGE).version
    stale = reviewer.post(f"/takes/{first['id']}/select", json={"version": version - 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "ERR_STALE_VERSION")
    chosen = reviewer.post(f"/takes/{first['id']}/select", json={"version": version})
    assert chosen.json() == {
        "take": first["id"], "shot": 2, "stage": "image", "state": "review", "version": version + 1,
    }  # fmt: skip
    assert as_role("post").post(f"/takes/{first['id']}/select", json={"version": 1}).status_code == 403


def test_another_take_is_a_task_and_the_same_request_again_is_the_same_task(three: Studio, as_role: AsRole) -> None:
    artist = as_role("key_animator")
    path, key = f"{SHOTS}/2/image/regenerate", {"Idempotency-Key": "k1"}
    asked = artist.post(path, json={"why": "the lamp is missing"}, headers=key)
    assert asked.status_code == 202, asked.text
    task = asked.json()["task"]
    assert (task["action"], task["settings"]) == ("images", {"shots": [2], "force": True})
    assert (task["requested_by"], task["why"]) == ("key_animator-of-p", "the lamp is missing")
    again = artist.post(path, json={"why": "the lamp is missing"}, headers=key)
    assert (again.json()["task"]["task"], again.headers["Idempotent-Replay"]) == (task["task"], "true")
    assert artist.post(f"{SHOTS}/2/video/regenerate").status_code == 403
    assert artist.post(f"{SHOTS}/9/image/regenerate").status_code == 404
    refused = as_role("post").post(f"{SHOTS}/2/voice/regenerate")
    assert refused.status_code == 202
    assert as_role("director").post(f"/episodes/{KEY}/skips", json={"shots": [2]}).status_code == 200
    assert artist.post(path).status_code == 409


def test_what_is_foreign_is_not_there(three: Studio, as_role: AsRole) -> None:
    take = three.takes(1, Stage.IMAGE)[0].id
    stranger = as_role("stranger")
    for path in (BOARD, f"{BOARD}/file", SHOTS, f"{SHOTS}/1", f"{SHOTS}/1/takes", f"/takes/{take}"):
        assert stranger.get(path).status_code == 404, path
    assert stranger.post(f"/takes/{take}/select", json={"version": 1}).status_code == 404
