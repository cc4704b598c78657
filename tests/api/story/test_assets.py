"""Assets over HTTP: looks, voices, reference pictures, versions, the style."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient
from support.making import KEY, Studio
from support.picture_bombs import picture_bomb
from support.stories import TWO_EPISODES, write_screenplay

from aianime_pipeline.production.importing import import_file

AsRole = Callable[[str], TestClient]


@pytest.fixture
def designer(studio: Studio, tmp_path: Path, as_role: AsRole) -> TestClient:
    import_file(studio.place, write_screenplay(tmp_path, TWO_EPISODES), project="p")
    return as_role("designer")


def asset(client: TestClient, name: str) -> int:
    items = client.get("/projects/p/assets").json()["items"]
    return int(next(one["id"] for one in items if one["name"] == name))


def png(width: int = 80, height: int = 80) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "green").save(written, "PNG")
    return written.getvalue()


def test_assets_are_listed_by_project_and_kind_and_as_an_episode_uses_them(designer: TestClient) -> None:
    everything = designer.get("/projects/p/assets").json()["items"]
    characters = designer.get("/projects/p/assets", params={"kind": "character"}).json()["items"]
    assert {"林夏", "周掌柜"} <= {one["name"] for one in characters}
    assert {one["kind"] for one in characters} == {"character"}
    assert len(everything) > len(characters)
    shown = designer.get(f"/episodes/{KEY}/assets").json()["items"]
    assert {one["name"] for one in shown} == {"林夏", "青石渡口"}
    assert [(one["keeps"], one["used"]["version"]) for one in shown] == [(None, 1), (None, 1)]


def test_a_changed_look_is_a_version_that_an_episode_may_pass_over(designer: TestClient) -> None:
    number = asset(designer, "林夏")
    kept = designer.put(f"/episodes/{KEY}/assets/{number}", json={"version": 1})
    assert (kept.json()["keeps"], kept.json()["used"]["version"]) == (1, 1)
    changed = designer.patch(
        f"/assets/{number}", json={"version": 1, "sheet": {"hair": {"colour": "a02030"}}, "voice": {"pitch": 60}}
    )
    assert changed.status_code == 200, changed.text
    found = changed.json()
    assert (found["current"]["version"], found["current"]["created_by"]) == (2, "designer-of-p")
    assert (found["current"]["sheet"]["hair"]["colour"], found["current"]["voice"]["pitch"]) == ("a02030", 60)
    assert found["versions"] == 2
    first = designer.get(f"/assets/{number}/versions", params={"limit": 1}).json()
    second = designer.get(f"/assets/{number}/versions", params={"limit": 1, "cursor": first["next"]}).json()
    assert [one["version"] for one in first["items"] + second["items"]] == [2, 1]
    assert second["next"] is None
    assert designer.get(f"/assets/{number}/episodes").json() == {"items": [{"episode": KEY, "keeps": 1}], "next": None}
    followed = designer.put(f"/episodes/{KEY}/assets/{number}", json={"version": None})
    assert (followed.json()["keeps"], followed.json()["used"]["version"]) == (None, 2)
    late = designer.patch(f"/assets/{number}", json={"version": 1, "description": "红发"})
    assert (late.status_code, late.json()["details"]["last_by"]) == (409, "designer-of-p")


def test_what_a_look_cannot_have_answers_422_with_the_field(designer: TestClient) -> None:
    number, place = asset(designer, "林夏"), asset(designer, "青石渡口")
    answer = designer.patch(f"/assets/{number}", json={"version": 1, "sheet": {"hair": {"colour": "red"}}})
    assert (answer.status_code, answer.json()["details"]) == (422, {"field": "sheet.hair.colour"})
    assert designer.patch(f"/assets/{place}", json={"version": 1, "voice": {"pitch": 3}}).status_code == 422
    assert designer.put(f"/episodes/{KEY}/assets/{number}", json={"version": 9}).status_code == 404


def test_a_picture_that_is_brought_is_the_reference_until_it_is_dropped(designer: TestClient) -> None:
    number = asset(designer, "林夏")
    brought = designer.post(f"/assets/{number}/reference", data={"version": 1}, files={"file": ("face.png", png())})
    assert brought.status_code == 200, brought.text
    current = brought.json()["current"]
    assert (current["version"], current["state"], current["uploaded"]) == (2, "ready", True)
    picture = designer.get(f"/assets/{number}/versions/2/file")
    assert picture.status_code == 200
    assert Image.open(io.BytesIO(picture.content)).size == (80, 80)
    dropped = designer.post(f"/assets/{number}/reference/drop", json={"version": 2}).json()["current"]
    assert (dropped["version"], dropped["state"], dropped["reference"]) == (3, "pending", None)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", picture_bomb(), png(20, 20)])
def test_what_is_no_picture_answers_422_and_names_no_path(designer: TestClient, tmp_path: Path, data: bytes) -> None:
    number = asset(designer, "林夏")
    answer = designer.post(f"/assets/{number}/reference", data={"version": 1}, files={"file": ("x.png", data)})
    assert (answer.status_code, answer.json()["code"]) == (422, "ERR_PICTURE")
    assert str(tmp_path) not in answer.text


def test_the_style_is_the_designers_to_change(designer: TestClient, as_role: AsRole) -> None:
    assert designer.patch("/projects/p/style", json={"style": "水墨"}).json() == {
        "project": "p", "style": "水墨", "negative_prompt": "",
    }  # fmt: skip
    assert designer.get("/projects/p/style").json()["style"] == "水墨"
    assert as_role("reviewer").patch("/projects/p/style", json={"style": "x"}).status_code == 403


def test_foreign_assets_are_not_there(designer: TestClient, as_role: AsRole) -> None:
    number = asset(designer, "林夏")
    stranger = as_role("stranger")
    for path in ("", "/versions", "/episodes"):
        assert stranger.get(f"/assets/{number}{path}").status_code == 404
    assert stranger.patch(f"/assets/{number}", json={"version": 1}).status_code == 404
    assert stranger.get("/projects/p/assets").status_code == 404
    assert as_role("reviewer").patch(f"/assets/{number}", json={"version": 1}).status_code == 403
