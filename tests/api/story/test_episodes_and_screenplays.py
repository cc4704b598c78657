"""Episodes and their screenplays over HTTP."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient
from support.stories import TWO_EPISODES
from support.told_events import events_after

from aianime_pipeline.production.installation import Installation

AsRole = Callable[[str], TestClient]
SEASON = {"file": ("season.txt", TWO_EPISODES.encode(), "text/plain")}


@pytest.fixture
def writer(as_role: AsRole) -> TestClient:
    """Who brought two episodes as one file."""
    found = as_role("storyboarder")
    brought = found.post("/projects/p/screenplays", files=SEASON)
    assert brought.status_code == 200, brought.text
    assert brought.json()["episodes"] == ["p-e001", "p-e002"]
    return found


def test_an_episode_is_made_found_and_renamed(as_role: AsRole, place: Installation) -> None:
    director = as_role("director")
    made = director.post("/projects/p/episodes", json={"title": "渡口"})
    assert (made.status_code, made.json()["key"], made.json()["screenplay"]) == (201, "p-e001", None)
    assert director.post("/projects/p/episodes", json={"number": 12}).json()["key"] == "p-e012"
    taken = director.post("/projects/p/episodes", json={"number": 12})
    assert (taken.status_code, taken.json()["details"]) == (409, {"number": 12})
    assert director.post("/projects/p/episodes", json={}).json()["number"] == 13
    for _ in range(2):
        assert director.patch("/episodes/p-e012", json={"title": "归来"}).json()["title"] == "归来"
    with place.database.read() as session:
        told = [event.document for event in events_after(session, 0) if event.kind == "episode"]
    assert told == [{"change": "renamed", "who": "director-of-p"}]
    first = director.get("/projects/p/episodes", params={"limit": 2}).json()
    second = director.get("/projects/p/episodes", params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["number"] for one in first["items"] + second["items"]] == [1, 12, 13]
    for title in ("a\u0000", "x" * 201):
        assert director.patch("/episodes/p-e012", json={"title": title}).status_code == 422
    half = director.patch(
        "/episodes/p-e012", content=b'{"title": "\\ud800"}', headers={"Content-Type": "application/json"}
    )
    assert half.status_code == 422


def test_a_season_is_read_scene_by_scene_and_edited_block_by_block(writer: TestClient) -> None:
    read = writer.get("/episodes/p-e001/screenplay").json()
    assert (read["version"], read["revision"], read["state"], read["source"]) == (1, 1, "draft", "season.txt")
    (scene,) = read["scenes"]
    assert (scene["place"], scene["time_of_day"], scene["cast"]) == (
        "青石渡口", "dawn", [{"name": "林夏", "count": 1}],
    )  # fmt: skip
    assert scene["blocks"][1] == {
        "at": 2, "type": "dialogue", "text": "这是阿萤的铃铛。", "speaker": "林夏", "emotion": "低声",
    }  # fmt: skip
    edits = [
        {"op": "insert", "scene": 1, "at": 1, "block": {"type": "closeup", "text": "铃铛。"}},
        {"op": "change", "scene": 1, "at": 3, "block": {"type": "os", "text": "谁？", "speaker": "林夏"}},
        {"op": "move", "scene": 1, "at": 1, "to": 3},
        {"op": "remove", "scene": 1, "at": 1},
    ]
    edited = writer.patch("/episodes/p-e001/screenplay", json={"version": 1, "revision": 1, "edits": edits})
    assert edited.status_code == 200, edited.text
    assert (edited.json()["version"], edited.json()["state"], edited.json()["changed_by"]) == (
        2, "editing", "storyboarder-of-p",
    )  # fmt: skip
    assert [block["text"] for block in edited.json()["scenes"][0]["blocks"]] == ["谁？", "铃铛。"]
    versions = writer.get("/episodes/p-e001/screenplay/versions").json()["items"]
    assert [(one["version"], one["based_on"]) for one in versions] == [(2, 1), (1, None)]
    before = writer.get("/episodes/p-e001/screenplay", params={"version": 1}).json()
    assert [len(scene["blocks"]) for scene in before["scenes"]] == [2]
    assert writer.get("/episodes/p-e001/screenplay", params={"version": 9}).status_code == 404


def test_an_edit_of_an_older_text_answers_409_with_who_was_faster(writer: TestClient, as_role: AsRole) -> None:
    body = {"version": 1, "revision": 1, "edits": [{"op": "remove", "scene": 1, "at": 1}]}
    assert writer.patch("/episodes/p-e001/screenplay", json=body).status_code == 200
    late = as_role("director").patch("/episodes/p-e001/screenplay", json=body)
    assert (late.status_code, late.json()["code"]) == (409, "ERR_STALE_VERSION")
    assert late.json()["details"]["last_by"] == "storyboarder-of-p"


def test_an_edit_that_cannot_be_answers_422_with_its_place_and_field(writer: TestClient) -> None:
    wrong = [
        {"op": "remove", "scene": 1, "at": 1},
        {"op": "insert", "scene": 1, "block": {"type": "dialogue", "text": "走。"}},
    ]
    answer = writer.patch("/episodes/p-e001/screenplay", json={"version": 1, "revision": 1, "edits": wrong})
    assert (answer.status_code, answer.json()["details"]) == (422, {"edit": 2, "field": "speaker"})
    assert writer.get("/episodes/p-e001/screenplay").json()["version"] == 1


def test_a_locked_screenplay_answers_409_to_edits_and_files(writer: TestClient, as_role: AsRole) -> None:
    seen = {"version": 1, "revision": 1}
    assert writer.post("/episodes/p-e001/screenplay/lock", json=seen).status_code == 403
    director = as_role("director")
    locked = director.post("/episodes/p-e001/screenplay/lock", json=seen)
    assert (locked.json()["state"], locked.json()["revision"]) == ("locked", 2)
    edit = {"version": 1, "revision": 2, "edits": [{"op": "remove", "scene": 1, "at": 1}]}
    other = {"file": ("e1.txt", TWO_EPISODES.split("第2集")[0].replace("铃铛", "灯").encode(), "text/plain")}
    for answer in (
        writer.patch("/episodes/p-e001/screenplay", json=edit),
        writer.post("/episodes/p-e001/screenplay", files=other),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "ERR_SCREENPLAY_LOCKED")
        assert answer.json()["details"]["locked_by"] == "director-of-p"
    unlocked = director.post("/episodes/p-e001/screenplay/unlock", json={"version": 1, "revision": 2})
    assert unlocked.json()["state"] == "draft"
    assert writer.post("/episodes/p-e001/screenplay", files=other).json()["episodes"] == ["p-e001"]


def test_a_file_for_an_episode_goes_to_that_episode(writer: TestClient) -> None:
    one = {"file": ("one.txt", TWO_EPISODES.split("第2集")[0].encode(), "text/plain")}
    assert writer.post("/episodes/p-e002/screenplay", files=one).json()["episodes"] == ["p-e002"]
    assert writer.get("/episodes/p-e002").json()["screenplay"] == {"version": 2, "revision": 1, "state": "draft"}
    both = writer.post("/episodes/p-e002/screenplay", files=SEASON)
    assert both.status_code == 422


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("board.csv", "镜号,时长,画面描述\n1,2,雾。\n".encode()),
        ("story.txt", "只是散文，没有场景。".encode()),
        ("story.docx", b"PK\x03\x04broken"),
        ("../../etc/passwd", b""),
        ("a.txt", bytes(range(256)) * 10),
    ],
)
def test_a_file_that_is_no_screenplay_answers_422_and_names_no_path(
    writer: TestClient, tmp_path: object, name: str, data: bytes
) -> None:
    answer = writer.post("/episodes/p-e001/screenplay", files={"file": (name, data)})
    assert answer.status_code == 422, answer.text
    assert str(tmp_path) not in answer.text
    assert "etc/" not in answer.text


def test_who_may_not_write_reads_only_and_strangers_see_nothing(writer: TestClient, as_role: AsRole) -> None:
    reviewer, stranger = as_role("reviewer"), as_role("stranger")
    assert reviewer.get("/episodes/p-e001/screenplay").status_code == 200
    assert reviewer.post("/episodes/p-e001/screenplay", files=SEASON).status_code == 403
    assert stranger.get("/episodes/p-e001/screenplay").status_code == 404
    assert stranger.post("/projects/p/screenplays", files=SEASON).status_code == 404
