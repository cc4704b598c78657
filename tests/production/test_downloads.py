"""Which file a person fetches, under which name; and the ZIP served from its objects, as it was packed."""

import shutil
import uuid
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.histories import History
from support.making import KEY, Studio

from aianime_pipeline.db.models import Asset, AssetVersion, Episode, Export, PackageTask
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import NotFoundError, ObjectMissingError
from aianime_pipeline.production import downloads
from aianime_pipeline.production.cleanup import run_cleanup
from aianime_pipeline.production.downloads import Download
from aianime_pipeline.production.generations import remember_object
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.storage.s3 import S3ObjectStore

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@pytest.fixture
def ready(studio: Studio, tmp_path: Path) -> Studio:
    """One shot with everything, and a film."""
    studio.storyboard(tmp_path, 1)
    with studio.place.database.write() as session:
        session.execute(sa.update(Episode).values(title="渡口: 夜/雨"))
    studio.make_all()
    studio.film()
    return studio


@pytest.fixture
def ready_on_a_bucket(studio: Studio, tmp_path: Path, s3_variables: dict[str, str]) -> Studio:
    url, endpoint = s3_variables["AIANIME_OBJECTS_URL"], s3_variables["AIANIME_S3_ENDPOINT"]
    studio.place.store = S3ObjectStore(f"{url}/{uuid.uuid4().hex}", endpoint, scratch=tmp_path / "scratch")
    studio.storyboard(tmp_path, 1)
    studio.make_all()
    studio.film()
    return studio


def whole(place: Installation, download: Download) -> bytes:
    return b"".join(download.read(place.store, 0, download.size))


def check_every_kind_of_range(place: Installation, download: Download, data: bytes) -> None:
    size = len(data)
    edges = [0, 1, 29, 30, 31, size // 3, size // 2, size - 23, size - 1, size]
    for start in edges:
        for stop in (stop for stop in edges if stop >= start):
            assert b"".join(download.read(place.store, start, stop)) == data[start:stop]


def test_the_zip_comes_from_its_objects_byte_for_byte(ready: Studio) -> None:
    packed = ready.package().path
    data = packed.read_bytes()
    shutil.rmtree(packed.parent)
    found = downloads.package_file(ready.place, KEY)
    assert (found.name, found.media_type, found.size) == ("p-e001_渡口_夜_雨.zip", "application/zip", len(data))
    assert whole(ready.place, found) == data
    check_every_kind_of_range(ready.place, found, data)


@on_sqlite
def test_the_zip_comes_from_the_objects_of_a_bucket(ready_on_a_bucket: Studio, tmp_path: Path) -> None:
    data = ready_on_a_bucket.package().path.read_bytes()
    found = downloads.package_file(ready_on_a_bucket.place, KEY)
    check_every_kind_of_range(ready_on_a_bucket.place, found, data)
    copy = tmp_path / "copy.zip"
    copy.write_bytes(whole(ready_on_a_bucket.place, found))
    with zipfile.ZipFile(copy) as package:
        assert package.testzip() is None


def test_the_zip_is_the_one_that_was_packed_until_it_is_packed_anew(ready: Studio) -> None:
    first = ready.package()
    data = first.path.read_bytes()
    before = downloads.package_file(ready.place, KEY)
    ready.make(Stage.VOICE, ready.run(force=True))
    ready.film()
    # What was superseded may go by now, but what the ZIP holds may not.
    run_cleanup(ready.place, dry_run=False, moment=now() + timedelta(days=90))
    still = downloads.package_file(ready.place, KEY)
    assert (whole(ready.place, still), still.tag) == (data, before.tag)
    ready.package()
    anew = downloads.package_file(ready.place, KEY)
    assert anew.tag != before.tag
    assert whole(ready.place, anew) == first.path.read_bytes() != data


@on_sqlite
def test_a_zip_of_a_version_that_kept_no_manifest_is_served_once_it_was_looked_at(ready: Studio) -> None:
    data = ready.package().path.read_bytes()
    with ready.place.database.write() as session:
        session.execute(sa.update(PackageTask).values(manifest_digest=None, contents=None))
    with pytest.raises(NotFoundError, match="pack it first"):
        downloads.package_file(ready.place, KEY)
    assert not ready.package().made
    assert whole(ready.place, downloads.package_file(ready.place, KEY)) == data


@on_sqlite
def test_a_zip_that_lost_a_file_says_so_before_its_first_byte(ready: Studio) -> None:
    ready.package()
    (task,) = ready.rows(PackageTask)
    assert task.manifest_digest is not None
    found = downloads.package_file(ready.place, KEY)
    (take,) = ready.takes(1, Stage.VOICE)
    assert take.object_digest is not None
    ready.place.store.delete(take.object_digest)
    for ask in (lambda: found.read(ready.place.store, 0, found.size), lambda: found.require(ready.place.store)):
        with pytest.raises(ObjectMissingError, match="voice of shot 1"):
            ask()
    ready.place.store.delete(task.manifest_digest)
    with pytest.raises(ObjectMissingError, match="pack it again") as gone:
        downloads.package_file(ready.place, KEY)
    assert str(ready.place.settings.home) not in gone.value.message


def test_what_was_made_is_found_by_what_it_is_of(ready: Studio) -> None:
    place = ready.place
    (take,) = ready.takes(1, Stage.VIDEO)
    assert take.generation_id is not None
    export = ready.export(draft=True)
    (last,) = [row.id for row in ready.rows(Export) if row.draft]
    found = {
        "take": downloads.take_file(place, take.id),
        "generation": downloads.generation_result(place, take.generation_id),
        "film": downloads.film_file(place, KEY),
        "subtitles": downloads.subtitles_file(place, KEY),
        "export": downloads.export_film_file(place, last),
    }
    assert {name: (one.name, one.media_type) for name, one in found.items()} == {
        "take": ("p-e001_s001_video_take1.mp4", "video/mp4"),
        "generation": (f"p_generation_{take.generation_id}.mp4", "video/mp4"),
        "film": ("p-e001_渡口_夜_雨.mp4", "video/mp4"),
        "subtitles": ("p-e001_渡口_夜_雨.srt", "application/x-subrip"),
        "export": ("p-e001_渡口_夜_雨_main_draft.mp4", "video/mp4"),
    }
    assert whole(place, found["export"]) == export.path.read_bytes()
    assert found["take"].tag == found["generation"].tag == take.object_digest
    for one in found.values():
        assert len(whole(place, one)) == one.size > 0


def test_the_files_beside_an_export_go_by_their_kind(ready: Studio) -> None:
    ready.export(draft=True, formats=["otio", "edl"])
    (row,) = [row for row in ready.rows(Export) if row.draft]
    assert {"edit.otio", "edit.edl"} < set(row.files)
    for kind, file in row.files.items():
        found = downloads.export_side_file(ready.place, row.id, kind)
        assert found.name.endswith(Path(file["name"]).suffix)
        assert "/" not in found.name
        assert len(whole(ready.place, found)) == found.size
    for kind in ("../../secret.key", "digest", ""):
        with pytest.raises(NotFoundError, match="there are: ass"):
            downloads.export_side_file(ready.place, row.id, kind)


def test_a_reference_picture_goes_by_its_version(place: Installation) -> None:
    history = History(place)
    stored = place.store.put_bytes(b"a face", "image/png")
    with place.database.write() as session:
        asset = Asset(project_id=history.project_id, kind="character", name='林夏\r\n"../x')
        session.add(asset)
        session.flush()
        remember_object(session, stored)
        for number, digest in ((1, stored.digest), (2, None)):
            session.add(
                AssetVersion(
                    asset_id=asset.id, version=number, description="", sheet={}, voice={}, reference_digest=digest
                )
            )
    found = downloads.reference_picture(place, asset.id, 1)
    assert found.name == "p_林夏_.._x_v1.png"
    assert whole(place, found) == b"a face"
    for number, why in ((2, "is pending"), (3, "no version 3")):
        with pytest.raises(NotFoundError, match=why):
            downloads.reference_picture(place, asset.id, number)


def test_what_was_cleaned_up_is_told_apart_from_what_never_was(place: Installation) -> None:
    history = History(place)
    old = history.take()
    history.take()
    history.passes(365)
    history.cleanup()
    with pytest.raises(ObjectMissingError, match=f"take {old.id} is not there any more"):
        downloads.take_file(place, old.id)
    assert old.generation_id is not None
    with pytest.raises(ObjectMissingError, match="not there any more"):
        downloads.generation_result(place, old.generation_id)
    for find, what in MISSING:
        with pytest.raises(NotFoundError, match=what):
            find(place)


MISSING: list[tuple[Callable[[Installation], Download], str]] = [
    (lambda place: downloads.take_file(place, 10**12), "no take"),
    (lambda place: downloads.generation_result(place, 10**12), "no generation"),
    (lambda place: downloads.film_file(place, KEY), "no film yet"),
    (lambda place: downloads.subtitles_file(place, KEY), "no subtitles yet"),
    (lambda place: downloads.package_file(place, KEY), "no ZIP yet"),
    (lambda place: downloads.export_film_file(place, 10**12), "no export"),
    (lambda place: downloads.export_side_file(place, 10**12, "srt.zh"), "no export"),
    (lambda place: downloads.reference_picture(place, 10**12, 1), "no version"),
]


def test_a_file_that_the_store_lost_is_told_without_a_path(place: Installation) -> None:
    history = History(place)
    take = history.take()
    found = downloads.take_file(place, take.id)
    assert take.object_digest is not None
    place.store.delete(take.object_digest)
    for ask in (lambda: found.read(place.store, 0, found.size), lambda: found.require(place.store)):
        with pytest.raises(ObjectMissingError, match="not there any more") as gone:
            ask()
        assert str(place.settings.home) not in gone.value.message
        assert take.object_digest not in gone.value.message
