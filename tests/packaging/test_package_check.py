import json
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aianime_pipeline.packaging.check import check_package
from aianime_pipeline.packaging.config import PackageConfig
from aianime_pipeline.packaging.package import PackagePlan, PackageSubject, Wanted, plan_package
from aianime_pipeline.packaging.write import write_package
from aianime_pipeline.storage.folder import FolderStore

Contents = dict[str, bytes]

FILM = "film/moonlit-e012.mp4"
IMAGE = "shots/s001_image.png"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def plan(store: FolderStore) -> PackagePlan:
    wanted = [
        Wanted("film", store.put_bytes(os.urandom(50_000), "video/mp4")),
        Wanted("shot_image", store.put_bytes(b"picture", "image/png"), 1),
    ]
    subject = PackageSubject("moonlit", "月下", "moonlit-e012", 12)
    return plan_package(wanted, PackageConfig(), subject, created=datetime(2026, 11, 3, tzinfo=UTC))


@pytest.fixture
def package(plan: PackagePlan, store: FolderStore, tmp_path: Path) -> Path:
    write_package(plan, store, tmp_path / "p.zip")
    return tmp_path / "p.zip"


def rewritten(package: Path, change: Callable[[Contents], object], compression: int = zipfile.ZIP_STORED) -> list[str]:
    """The problems of the same package, its contents changed and zipped again by the standard library."""
    with zipfile.ZipFile(package) as source:
        contents = {name: source.read(name) for name in source.namelist()}
    change(contents)
    with zipfile.ZipFile(package, "w", compression) as target:
        for name, data in contents.items():
            target.writestr(name, data)
    return check_package(package)


def test_a_sound_package_zipped_again_by_somebody_else_is_still_sound(package: Path) -> None:
    assert check_package(package) == []
    assert rewritten(package, lambda contents: None) == []


@pytest.mark.parametrize("part", ["first byte", "last byte"])
def test_a_changed_byte_of_a_file_is_found(package: Path, plan: PackagePlan, part: str) -> None:
    span_start = plan.layout.starts[2] - (1 if part == "last byte" else plan.files[0].size)
    with package.open("r+b") as file:
        file.seek(span_start)
        byte = file.read(1)
        file.seek(span_start)
        file.write(bytes([byte[0] ^ 1]))
    (problem,) = check_package(package)
    assert problem.startswith(f"{FILM} cannot be read: Bad CRC-32")


def test_a_file_exchanged_for_another_of_its_size_is_found(package: Path) -> None:
    assert rewritten(package, lambda contents: contents.update({IMAGE: b"PICTURE"})) == [
        f"{IMAGE} has other bytes than manifest.json says (SHA-256)."
    ]


def test_a_file_of_another_size_is_found(package: Path) -> None:
    assert rewritten(package, lambda contents: contents.update({IMAGE: b""})) == [f"{IMAGE} has 0 bytes instead of 7."]


def test_a_file_that_is_gone_is_found(package: Path) -> None:
    assert rewritten(package, lambda contents: contents.pop(FILM)) == [
        f"{FILM} is in manifest.json but not in the ZIP."
    ]


def test_a_file_that_was_added_is_found(package: Path) -> None:
    assert rewritten(package, lambda contents: contents.update({"shots/extra.png": b""})) == [
        "shots/extra.png is in the ZIP but not in manifest.json."
    ]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_found(package: Path) -> None:
    with zipfile.ZipFile(package, "a") as target:
        target.writestr(IMAGE, b"picture")
    assert check_package(package) == [f"{IMAGE} is there twice."]


def test_a_compressed_file_is_found(package: Path) -> None:
    problems = rewritten(package, lambda contents: None, zipfile.ZIP_DEFLATED)
    assert problems == [
        f"{name} is compressed; the files of a package are stored as they are." for name in (FILM, IMAGE)
    ]


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (None, "it is not in the ZIP"),
        (b"not JSON", "Expecting value"),
        (b"[]", "list indices"),
        (b"\xff", "can't decode"),
        (json.dumps({"format": "other", "version": 1}).encode(), "it is other 1, not aianime-package 1"),
        (json.dumps({"format": "aianime-package", "version": 1}).encode(), "'files'"),
        (json.dumps({"format": "aianime-package", "version": 1, "files": [7]}).encode(), "subscriptable"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_told(package: Path, manifest: bytes | None, words: str) -> None:
    def change(contents: Contents) -> None:
        del contents["manifest.json"]
        if manifest is not None:
            contents["manifest.json"] = manifest

    (problem,) = rewritten(package, change)
    assert problem.startswith("manifest.json cannot be used: ")
    assert words in problem


def test_a_package_that_was_cut_off_is_no_zip(package: Path) -> None:
    os.truncate(package, package.stat().st_size - 30)
    (problem,) = check_package(package)
    assert problem.startswith("p.zip cannot be read as a ZIP")


def test_a_local_header_that_disagrees_with_the_directory_is_found(package: Path, plan: PackagePlan) -> None:
    with package.open("r+b") as file:
        file.seek(plan.layout.starts[2] + 30)
        file.write(b"X")
    (problem,) = check_package(package)
    assert problem.startswith(f"{IMAGE} cannot be read: ")


@pytest.mark.parametrize("content", [b"", b"not a ZIP at all", None])
def test_what_is_no_zip_is_a_problem_and_not_a_crash(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "other.zip"
    if content is not None:
        path.write_bytes(content)
    (problem,) = check_package(path)
    assert problem.startswith("other.zip cannot be read as a ZIP")
