"""Presets, the style of subtitles and the watermark over HTTP, each change recorded with who made it."""

import io
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.testclient import TestClient
from support.making import Studio
from support.picture_bombs import picture_bomb

from aianime_pipeline.db.models import ProjectChange

Person = Callable[[str], TestClient]

PROJECT = "/api/v1/projects/p"


def picture(width: int = 40) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", (width, 20), (255, 0, 0, 255)).save(file, "PNG")
    return file.getvalue()


def changed(studio: Studio) -> set[tuple[str, str]]:
    with studio.place.database.read() as session:
        return {(row.who, row.field) for row in session.scalars(sa.select(ProjectChange))}


def test_a_preset_of_the_projects_own_is_made_changed_chosen_and_removed(three: Studio, person: Person) -> None:
    director = person("director")
    made = director.put(f"{PROJECT}/presets/festival", json={"resolution": "4k", "ai_label": False})
    assert made.status_code == 200, made.text
    assert (made.json()["resolution"], made.json()["rate"], made.json()["kind"]) == ("4k", "24", "own")
    assert ("director-of-p", "presets.festival.ai_label") in changed(three)
    chosen = director.put(f"{PROJECT}/main-preset", json={"preset": "festival"}).json()
    assert (chosen["main"]["name"], chosen["main"]["resolution"]) == ("main", "4k")
    said = director.put(f"{PROJECT}/main-preset", json={"preset": {"aspect": "1:1", "poster_second": "1/2"}}).json()
    assert (said["main"]["aspect"], said["main"]["poster_second"]) == ("1:1", "1/2")
    assert director.put(f"{PROJECT}/main-preset", json={"preset": None}).json()["main"] is None
    assert director.delete(f"{PROJECT}/presets/festival").status_code == 204
    assert director.get(f"{PROJECT}/presets").json()["own"] == []
    assert director.delete(f"{PROJECT}/presets/festival").status_code == 404


@pytest.mark.parametrize("name", ["main", "web-14", "two words", "x-DRAFT"])
def test_a_name_that_a_preset_cannot_have_is_refused(three: Studio, person: Person, name: str) -> None:
    answer = person("director").put(f"{PROJECT}/presets/{name}", json={})
    assert (answer.status_code, answer.json()["code"]) == (422, "ERR_SETTING")


def test_the_style_of_subtitles_is_set_whole(three: Studio, person: Person) -> None:
    director = person("director")
    assert director.put(f"{PROJECT}/subtitle-style", json={"backing": "box"}).json()["backing"] == "box"
    assert director.put(f"{PROJECT}/subtitle-style", json={"colour": "#FFCC00"}).json()["backing"] == "shadow"
    assert person("reviewer").get(f"{PROJECT}/subtitle-style").json()["colour"] == "#ffcc00"
    assert director.put(f"{PROJECT}/subtitle-style", json={"size": 2}).status_code == 422


def test_a_watermark_is_uploaded_shown_and_taken_off(three: Studio, person: Person) -> None:
    director = person("director")
    put = director.put(f"{PROJECT}/watermark", files={"picture": picture()}, data={"corner": "bottom_left"})
    assert put.status_code == 200, put.text
    assert person("reviewer").get(f"{PROJECT}/watermark").json()["watermark"] == {
        "corner": "bottom_left", "width": 0.12, "opacity": 0.8, "margin": 0.04,
    }  # fmt: skip
    assert ("director-of-p", "watermark.object") in changed(three)
    assert director.delete(f"{PROJECT}/watermark").status_code == 204
    assert director.get(f"{PROJECT}/watermark").json() == {"watermark": None}


@pytest.mark.parametrize("data", [b"", b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture_bomb()])
def test_what_is_no_picture_that_can_be_used_is_refused(three: Studio, person: Person, data: bytes) -> None:
    answer = person("director").put(f"{PROJECT}/watermark", files={"picture": data})
    assert (answer.status_code, answer.json()["code"]) == (422, "ERR_MEDIA_UNREADABLE")


def test_only_who_may_edit_the_project_changes_what_its_films_are_like(three: Studio, person: Person) -> None:
    post = person("post")
    assert post.get(f"{PROJECT}/presets").status_code == 200
    for answer in (
        post.put(f"{PROJECT}/presets/x", json={}),
        post.put(f"{PROJECT}/main-preset", json={"preset": None}),
        post.put(f"{PROJECT}/subtitle-style", json={}),
        post.put(f"{PROJECT}/watermark", files={"picture": picture()}),
        post.delete(f"{PROJECT}/watermark"),
    ):
        assert answer.status_code == 403
    assert changed(three) == set()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_watermark_is_looked_at_before_it_waits_for_others_who_write(three: Studio, person: Person) -> None:
    director, answers = person("director"), []
    with three.place.database.write():

        def put() -> None:
            answers.append(director.put(f"{PROJECT}/watermark", files={"picture": b"no picture"}).status_code)

        sending = threading.Thread(target=put)
        sending.start()
        sending.join(10)
        assert answers == [422]
    sending.join()
