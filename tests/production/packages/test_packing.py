import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from support.making import KEY, Studio
from support.stories import shot

from aianime_pipeline.db.models import PackageTask
from aianime_pipeline.errors import BadSettingError, ObjectMissingError, PackageIncompleteError, WorkHeldError
from aianime_pipeline.packaging.check import check_package
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.episodes.status import episode_status
from aianime_pipeline.production.generations import RunCancelled
from aianime_pipeline.production.packages.packing import set_package_config
from aianime_pipeline.production.shots.stages import Stage

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@pytest.fixture
def ready(studio: Studio, tmp_path: Path) -> Studio:
    """One shot with everything, and a film."""
    studio.storyboard(tmp_path, 1)
    studio.make_all()
    studio.film()
    return studio


def kinds(path: Path) -> list[str]:
    return sorted(file["kind"] for file in manifest(path)["files"])


def manifest(path: Path) -> Any:
    with zipfile.ZipFile(path) as package:
        return json.loads(package.read("manifest.json"))


def configure(studio: Studio, **changes: bool) -> None:
    with studio.place.database.write() as session:
        set_package_config(session, find_episode(session, KEY), changes)


def test_a_package_holds_everything_of_the_episode_and_checks_out(ready: Studio) -> None:
    result = ready.package()
    assert result.path == ready.place.settings.output(KEY) / f"{KEY}.zip"
    assert (result.made, result.bytes) == (True, result.path.stat().st_size)
    assert check_package(result.path) == []
    assert kinds(result.path) == ["film", "shot_image", "shot_video", "storyboard", "subtitles", "voice"]
    assert episode_status(ready.place, KEY)["package"] == {"path": str(result.path), "bytes": result.bytes}


@on_sqlite
def test_the_manifest_says_where_each_file_came_from(ready: Studio) -> None:
    files = {file["kind"]: file for file in manifest(ready.package().path)["files"]}
    (take,) = ready.takes(1, Stage.IMAGE)
    origin = files["shot_image"]["origin"]
    assert (origin["take"], origin["seed"], origin["provider"], origin["model"]) == (
        1,
        take.seed,
        "quick",
        "quick-image-1",
    )
    assert origin["inputs"]["prompt"] == "picture 1."
    assert files["shot_image"]["sha256"] == take.object_digest


@on_sqlite
def test_a_package_of_the_same_content_is_kept_byte_for_byte(ready: Studio) -> None:
    first = ready.package()
    before = (first.path.read_bytes(), first.path.stat().st_mtime_ns)
    second = ready.package()
    assert (second.made, second.data_version) == (False, first.data_version)
    assert (first.path.read_bytes(), first.path.stat().st_mtime_ns) == before


@on_sqlite
@pytest.mark.parametrize("harm", ["removed", "renamed", "cut"])
def test_a_package_that_somebody_changed_comes_back_byte_for_byte(ready: Studio, harm: str) -> None:
    path = ready.package().path
    wanted = path.read_bytes()
    match harm:
        case "removed":
            path.unlink()
        case "renamed":
            path.rename(path.with_name("mine.zip"))
        case "cut":
            path.write_bytes(wanted[:-1])
    ready.package()
    assert path.read_bytes() == wanted


@on_sqlite
def test_other_settings_pack_anew(ready: Studio) -> None:
    ready.package()
    configure(ready, voices=False, shot_images=False)
    result = ready.package()
    assert result.made
    assert kinds(result.path) == ["film", "shot_video", "storyboard", "subtitles"]
    assert manifest(result.path)["includes"]["voices"] is False
    assert not ready.package().made
    configure(ready, voices=True, shot_images=True)
    assert ready.package().made


@on_sqlite
def test_settings_that_cannot_be_are_refused_and_change_nothing(ready: Studio) -> None:
    with pytest.raises(BadSettingError, match="'music' is not a package setting"):
        configure(ready, music=False)
    everything = dict.fromkeys(
        ("shot_images", "shot_videos", "voices", "film", "subtitles", "storyboard", "screenplay"), False
    )
    with pytest.raises(BadSettingError, match="switch everything off"):
        configure(ready, **everything)
    assert len(kinds(ready.package().path)) == 6


@on_sqlite
def test_another_take_packs_anew(ready: Studio) -> None:
    ready.package()
    ready.make(Stage.VOICE, ready.run(force=True))
    ready.film()
    assert ready.package().made


@on_sqlite
def test_a_file_that_was_never_made_fails_the_package_and_is_named(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, [shot(1), shot(2)])
    studio.make(Stage.IMAGE)
    studio.make(Stage.VIDEO, studio.run(shots=[1]))
    with pytest.raises(PackageIncompleteError) as missing:
        studio.package()
    assert "film, subtitles, voice of shot 1 (林夏), video of shot 2, voice of shot 2 (林夏)" in missing.value.message
    (task,) = studio.rows(PackageTask)
    assert (task.state, task.claimed_by, task.reason) == ("failed", None, missing.value.message)
    assert not studio.place.settings.output(KEY).exists()


@on_sqlite
def test_an_object_that_is_lost_fails_the_package_and_its_file_is_named(ready: Studio) -> None:
    digest = ready.takes(1, Stage.VOICE)[0].object_digest
    assert digest is not None
    ready.place.store.delete(digest)
    with pytest.raises((PackageIncompleteError, ObjectMissingError), match=r"voice of shot 1"):
        ready.package()
    (task,) = ready.rows(PackageTask)
    assert (task.state, task.claimed_by) == ("failed", None)
    folder = ready.place.settings.output(KEY)
    assert {path.suffix for path in folder.iterdir()} == {".mp4", ".srt", ".vtt", ".ass", ".jpg"}


@on_sqlite
def test_a_cancelled_package_leaves_nothing_half_done(ready: Studio) -> None:
    run = ready.run()
    run.stop.set()
    with pytest.raises(RunCancelled):
        ready.package(run)
    (task,) = ready.rows(PackageTask)
    assert (task.state, task.claimed_by) == ("pending", None)
    folder = ready.place.settings.output(KEY)
    assert {path.suffix for path in folder.iterdir()} == {".mp4", ".srt", ".vtt", ".ass", ".jpg"}
    assert ready.package().made


def test_a_package_that_another_living_run_writes_is_refused(ready: Studio) -> None:
    ready.package()
    other = ready.run()
    with ready.place.database.write() as session:
        session.get_one(PackageTask, 1).claimed_by = other.worker_id
    with pytest.raises(WorkHeldError, match="being packed by another run"):
        ready.package()


@on_sqlite
def test_names_of_the_story_do_not_lead_out_of_the_package(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, [shot(1, 角色="../../etc/passwd")], 集标题="../x")
    studio.make_all()
    studio.film()
    result = studio.package()
    assert check_package(result.path) == []
    with zipfile.ZipFile(result.path) as package:
        assert not [name for name in package.namelist() if ".." in name.split("/") or name.startswith("/")]
