"""ZIPs over HTTP: what goes in, asked for, and how they stand."""

from collections.abc import Callable, Sequence

from starlette.testclient import TestClient
from support.making import KEY, Studio

from aianime_pipeline.db.models import PackageTask, Task

Person = Callable[[str], TestClient]
Tasks = Callable[[], Sequence[Task]]

PACKAGE = f"/api/v1/episodes/{KEY}/package"


def test_what_goes_into_the_zip_is_chosen_field_by_field(three: Studio, person: Person) -> None:
    post = person("post")
    assert set(post.get(PACKAGE).json()["config"].values()) == {True}
    changed = post.patch(PACKAGE, json={"shot_images": False, "voices": None}).json()["config"]
    assert (changed["shot_images"], changed["voices"], changed["film"]) == (False, True, True)
    assert post.get(PACKAGE).json()["config"] == changed
    nothing = post.patch(PACKAGE, json=dict.fromkeys(changed, False))
    assert (nothing.status_code, nothing.json()["code"]) == (422, "ERR_SETTING")
    assert post.get(PACKAGE).json()["config"] == changed


def test_a_zip_is_asked_for_packed_and_named_where_it_is_downloaded(
    three: Studio, person: Person, tasks: Tasks
) -> None:
    post = person("post")
    before = post.get(PACKAGE).json()
    assert (before["state"], before["task"], before["url"]) == ("pending", None, None)
    asked = post.post(PACKAGE)
    assert (asked.status_code, asked.json()["task"]["action"]) == (202, "package")
    assert post.get(PACKAGE).json()["task"] == tasks()[0].id
    three.make_all()
    three.export()
    made = three.package()
    seen = post.get(PACKAGE).json()
    assert (seen["state"], seen["bytes"], seen["files"]) == ("done", made.bytes, made.files)
    assert post.head(seen["url"]).status_code == 200


def test_a_zip_whose_process_is_gone_is_not_being_packed(three: Studio, person: Person) -> None:
    with three.place.database.write() as session:
        session.add(PackageTask(episode_id=three.episode.id, config={}, state="packing", claimed_by="nobody"))
    seen = person("post").get(PACKAGE).json()
    assert (seen["state"], seen["reason"]) == ("pending", "The process that packed it is gone; pack it again.")


def test_who_only_looks_neither_chooses_nor_packs(three: Studio, person: Person, tasks: Tasks) -> None:
    reviewer = person("reviewer")
    assert reviewer.get(PACKAGE).status_code == 200
    assert reviewer.patch(PACKAGE, json={"film": False}).status_code == 403
    assert reviewer.post(PACKAGE).status_code == 403
    assert tasks() == []
