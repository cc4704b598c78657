import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.errors import DiskFullError, ObjectDamagedError, PackageIncompleteError
from aianime_pipeline.packaging.check import check_package
from aianime_pipeline.packaging.config import PackageConfig
from aianime_pipeline.packaging.package import PackagePlan, PackageSubject, Wanted, plan_package
from aianime_pipeline.packaging.write import PackagingCancelled, iterate_package, require_objects, write_package
from aianime_pipeline.storage.folder import FolderStore

CREATED = datetime(2026, 11, 3, 14, 30, 22, tzinfo=UTC)
SUBJECT = PackageSubject("moonlit", "月下", "moonlit-e012", 12, "渡口")
ALL = PackageConfig()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def episode(store: FolderStore, shots: int = 3) -> list[Wanted]:
    wanted = []
    for shot in range(1, shots + 1):
        origin = {"take": f"t{shot}", "provider": "local", "model": "brush-1", "seed": shot}
        image = store.put_bytes(b"picture %d" % shot, "image/png")
        video = store.put_bytes(os.urandom(3000 + shot), "video/mp4")
        voice = store.put_bytes(b"voice %d" % shot, "audio/wav")
        wanted += [
            Wanted("shot_image", image, shot, origin=origin),
            Wanted("shot_video", video, shot, origin=origin),
            Wanted("voice", voice, shot, "林夏", origin=origin),
        ]
    return [
        *wanted,
        Wanted("film", store.put_bytes(os.urandom(2_500_000), "video/mp4")),
        Wanted("subtitles", store.put_bytes(b"", "application/x-subrip"), label="zh"),
        Wanted("storyboard", store.put_bytes(b"{}", "application/json")),
        Wanted("storyboard", store.put_bytes(b"shot\n", "text/csv")),
        Wanted("screenplay", store.put_bytes("第十二集".encode(), "text/plain"), label="第十二集"),
    ]


def planned(wanted: list[Wanted], config: PackageConfig = ALL) -> PackagePlan:
    return plan_package(wanted, config, SUBJECT, created=CREATED)


def object_path(store: FolderStore, digest: str) -> Path:
    with store.local_path(digest) as path:
        path.chmod(0o644)
        return path


def test_the_written_package_holds_every_file_and_is_sound(store: FolderStore, tmp_path: Path) -> None:
    wanted = episode(store)
    output = tmp_path / "out" / "moonlit-e012.zip"
    write_package(planned(wanted), store, output)

    assert check_package(output) == []
    with zipfile.ZipFile(output) as package:
        assert package.testzip() is None
        assert package.namelist() == [
            "manifest.json",
            "shots/s001_image.png",
            "shots/s001_video.mp4",
            "voices/s001_林夏.wav",
            "shots/s002_image.png",
            "shots/s002_video.mp4",
            "voices/s002_林夏.wav",
            "shots/s003_image.png",
            "shots/s003_video.mp4",
            "voices/s003_林夏.wav",
            "film/moonlit-e012.mp4",
            "film/moonlit-e012_zh.srt",
            "storyboard/moonlit-e012.json",
            "storyboard/moonlit-e012.csv",
            "screenplay/第十二集.txt",
        ]
        for name, one in zip(package.namelist()[1:], wanted, strict=True):
            assert one.stored is not None
            with store.open(one.stored.digest) as reader:
                assert package.read(name) == reader.read()
    assert [path.name for path in output.parent.iterdir()] == ["moonlit-e012.zip"]


def test_the_manifest_tells_of_every_file_where_it_came_from(store: FolderStore) -> None:
    plan = planned(episode(store))
    manifest = json.loads(plan.manifest)
    assert (manifest["format"], manifest["version"]) == ("aianime-package", 1)
    assert manifest["project"] == {"slug": "moonlit", "title": "月下"}
    assert manifest["episode"] == {"key": "moonlit-e012", "number": 12, "title": "渡口"}
    assert manifest["created"] == "2026-11-03T14:30:22+00:00"
    assert "人工智能" in manifest["ai_label"]
    assert manifest["includes"] == ALL.to_document()
    assert manifest["files"][2] == {
        "name": "voices/s001_林夏.wav",
        "kind": "voice",
        "shot": 1,
        "label": "林夏",
        "size": 7,
        "sha256": hashlib.sha256(b"voice 1").hexdigest(),
        "media_type": "audio/wav",
        "origin": {"take": "t1", "provider": "local", "model": "brush-1", "seed": 1},
    }


def test_only_what_the_settings_include_is_packed(store: FolderStore) -> None:
    plan = planned(episode(store), PackageConfig(shot_images=False, voices=False, film=False, storyboard=False))
    assert {file.kind for file in plan.files} == {"shot_video", "subtitles", "screenplay"}


def test_the_same_plan_is_the_same_bytes_wherever_it_is_made(store: FolderStore) -> None:
    wanted = episode(store)
    first = b"".join(iterate_package(planned(wanted), store))
    assert b"".join(iterate_package(planned(wanted), store)) == first


def test_hostile_names_stay_inside_and_apart(store: FolderStore, tmp_path: Path) -> None:
    stored = store.put_bytes(b"voice", "audio/wav")
    labels = ["../../etc/passwd", "CON", "a" * 300, "林/夏", "林\\夏", "\u202egpj", "", "💥\0", "mei", "MEI"]
    plan = planned([Wanted("voice", stored, 1, label) for label in labels])
    write_package(plan, store, tmp_path / "p.zip")
    assert check_package(tmp_path / "p.zip") == []
    with zipfile.ZipFile(tmp_path / "p.zip") as package:
        package.extractall(tmp_path / "out")
    assert len(list((tmp_path / "out" / "voices").iterdir())) == len(labels)


def test_every_missing_file_is_named_with_its_shot_and_kind(store: FolderStore) -> None:
    wanted = episode(store)
    wanted[0] = replace(wanted[0], stored=None)
    wanted[5] = replace(wanted[5], stored=None)
    wanted[9] = replace(wanted[9], stored=None)
    with pytest.raises(PackageIncompleteError) as caught:
        planned(wanted)
    assert "3 files are missing for the package of moonlit-e012" in caught.value.message
    assert "image of shot 1, voice of shot 2 (林夏), film." in caught.value.message
    assert caught.value.details["missing"][0] == {"kind": "shot_image", "shot": 1, "label": ""}


def test_what_the_settings_leave_out_may_be_missing(store: FolderStore) -> None:
    wanted = [Wanted("film", None), Wanted("shot_image", store.put_bytes(b"1", "image/png"), 1)]
    assert len(planned(wanted, PackageConfig(film=False)).files) == 1


def test_a_package_of_nothing_is_refused(store: FolderStore) -> None:
    with pytest.raises(PackageIncompleteError, match="would be empty"):
        planned([Wanted("film", store.put_bytes(b"film", "video/mp4"))], PackageConfig(film=False))


def test_a_time_without_zone_is_refused(store: FolderStore) -> None:
    with pytest.raises(ValueError, match="time zone"):
        plan_package(episode(store), ALL, SUBJECT, created=datetime(2026, 1, 1))


def test_an_object_that_left_the_store_is_named_before_anything_is_written(store: FolderStore, tmp_path: Path) -> None:
    plan = planned(episode(store))
    store.delete(plan.files[4].digest)
    output = tmp_path / "p.zip"
    output.write_bytes(b"the package of yesterday")
    with pytest.raises(PackageIncompleteError, match=r"1 file is missing .*: video of shot 2"):
        write_package(plan, store, output)
    assert output.read_bytes() == b"the package of yesterday"


def test_an_object_of_the_wrong_size_is_damaged(store: FolderStore, tmp_path: Path) -> None:
    plan = planned(episode(store))
    object_path(store, plan.files[1].digest).write_bytes(b"short")
    with pytest.raises(ObjectDamagedError, match=r"s001_video\.mp4 cannot be packed: .* has 5 bytes instead of 3001"):
        write_package(plan, store, tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()


class ShrinkingStore(FolderStore):
    """An object that loses its end between the check and the reading."""

    def size(self, digest: str) -> int:
        found = super().size(digest)
        if found > 2_000_000:
            os.truncate(object_path(self, digest), found // 2)
        return found


def test_an_object_that_ends_early_while_it_is_packed_leaves_no_package(tmp_path: Path) -> None:
    store = ShrinkingStore(tmp_path / "store")
    (tmp_path / "out").mkdir()
    with pytest.raises(ObjectDamagedError, match="too early"):
        write_package(planned(episode(store)), store, tmp_path / "out" / "p.zip")
    assert list((tmp_path / "out").iterdir()) == []


class RemoteStore(FolderStore):
    """Readers without a file behind them, as a bucket's are."""

    def open(self, digest: str) -> BinaryIO:
        with super().open(digest) as reader:
            return io.BytesIO(reader.read())


def test_a_store_without_local_files_gives_the_same_package(store: FolderStore, tmp_path: Path) -> None:
    plan = planned(episode(store))
    write_package(plan, store, tmp_path / "local.zip")
    write_package(plan, RemoteStore(store.root), tmp_path / "remote.zip")
    assert (tmp_path / "remote.zip").read_bytes() == (tmp_path / "local.zip").read_bytes()


def test_a_kernel_that_cannot_send_between_files_gives_the_same_package(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(episode(store))
    write_package(plan, store, tmp_path / "sent.zip")
    sendfile: Callable[..., int] = os.sendfile
    calls = 0

    def sometimes(output: int, source: int, offset: int, count: int) -> int:
        nonlocal calls
        calls += 1
        if calls % 2:
            raise OSError(22, "Invalid argument")
        return sendfile(output, source, offset, min(count, 1000))

    monkeypatch.setattr("aianime_pipeline.packaging.write.os.sendfile", sometimes)
    write_package(plan, store, tmp_path / "read.zip")
    assert calls > len(plan.files)
    assert (tmp_path / "read.zip").read_bytes() == (tmp_path / "sent.zip").read_bytes()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[PackagePlan, FolderStore, bytes]:
    folder = tmp_path_factory.mktemp("written")
    store = FolderStore(folder / "store")
    plan = planned(episode(store))
    write_package(plan, store, folder / "p.zip")
    return plan, store, (folder / "p.zip").read_bytes()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_range_of_the_stream_equals_that_slice_of_the_file(
    written: tuple[PackagePlan, FolderStore, bytes], data: st.DataObject
) -> None:
    plan, store, whole = written
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, len(whole)))
    assert b"".join(iterate_package(plan, store, start, stop)) == whole[start:stop]


def test_the_size_is_known_before_a_byte_is_read(written: tuple[PackagePlan, FolderStore, bytes]) -> None:
    plan, store, whole = written
    require_objects(plan, store)
    assert plan.layout.total_size == len(whole)
    assert b"".join(iterate_package(plan, store)) == whole


def test_a_range_beyond_the_package_is_refused(written: tuple[PackagePlan, FolderStore, bytes]) -> None:
    plan, store, whole = written
    with pytest.raises(ValueError, match="not a range"):
        list(iterate_package(plan, store, 0, len(whole) + 1))


def test_progress_rises_to_the_whole_size(store: FolderStore, tmp_path: Path) -> None:
    plan = planned(episode(store))
    told: list[tuple[int, int]] = []
    write_package(plan, store, tmp_path / "p.zip", on_progress=lambda done, total: told.append((done, total)))
    size = (tmp_path / "p.zip").stat().st_size
    assert told == sorted(told)
    assert told[-1] == (size, size)
    assert len(told) > len(plan.files)


def test_a_cancelled_package_leaves_what_was_there_before(store: FolderStore, tmp_path: Path) -> None:
    output = tmp_path / "out" / "p.zip"
    output.parent.mkdir()
    output.write_bytes(b"the package of yesterday")
    answers = iter([False] * 7 + [True])
    with pytest.raises(PackagingCancelled):
        write_package(planned(episode(store)), store, output, cancelled=lambda: next(answers))
    assert output.read_bytes() == b"the package of yesterday"
    assert list(output.parent.iterdir()) == [output]


def test_a_full_disk_leaves_no_package(store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> int:
        raise OSError(28, "No space left on device")

    plan = planned(episode(store))
    (tmp_path / "out").mkdir()
    monkeypatch.setattr("aianime_pipeline.packaging.write.os.sendfile", full)
    with pytest.raises(DiskFullError, match="No space left"):
        write_package(plan, store, tmp_path / "out" / "p.zip")
    assert list((tmp_path / "out").iterdir()) == []


_PACK_FOR_EVER = textwrap.dedent(
    """
    import os, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from aianime_pipeline.packaging.config import PackageConfig
    from aianime_pipeline.packaging.package import PackageSubject, Wanted, plan_package
    from aianime_pipeline.packaging.write import write_package
    from aianime_pipeline.storage.folder import FolderStore
    store = FolderStore(Path(sys.argv[1]))
    video = store.put_bytes(os.urandom(20 << 20), "video/mp4")
    subject = PackageSubject("moonlit", "", "moonlit-e001", 1)
    wanted = [Wanted("shot_video", video, shot) for shot in (1, 2)]
    plan = plan_package(wanted, PackageConfig(), subject, created=datetime(2026, 11, 3, tzinfo=UTC))
    for count in range(10_000):
        write_package(plan, store, Path(sys.argv[2]) / f"{count}.zip", on_progress=lambda done, total: print(done))
        print("written", flush=True)
    """
)


def test_a_process_killed_in_the_middle_leaves_no_half_package(tmp_path: Path) -> None:
    output = tmp_path / "out"
    drafts = 0
    for wait in (0.005, 0.02, 0.035):
        arguments = [sys.executable, "-c", _PACK_FOR_EVER, str(tmp_path / "store"), str(output)]
        child = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        while child.stdout.readline() != "written\n":
            pass
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        packages = list(output.glob("*.zip"))
        assert packages
        assert [check_package(path) for path in packages] == [[]] * len(packages)
        for draft in set(output.iterdir()) - set(packages):
            drafts += 1
            draft.unlink()
    # Not one of three caught in the middle would mean that the test looks at nothing.
    assert drafts >= 1


def test_a_draft_that_a_killed_process_left_is_swept_by_a_later_package(store: FolderStore, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    stray = out / ".aianime-0.part"
    stray.write_bytes(b"half")
    os.utime(stray, (0, 0))
    write_package(planned(episode(store)), store, out / "p.zip")
    assert [path.name for path in out.iterdir()] == ["p.zip"]


def test_thousands_of_files_with_names_in_any_script(store: FolderStore, tmp_path: Path) -> None:
    stored = [store.put_bytes(b"", "image/png"), store.put_bytes(os.urandom(77), "image/png")]
    wanted = [Wanted("shot_image", stored[shot % 2], shot, "镜头 なか 💥") for shot in range(1, 4001)]
    write_package(planned(wanted), store, tmp_path / "p.zip")
    assert check_package(tmp_path / "p.zip") == []
    with zipfile.ZipFile(tmp_path / "p.zip") as package:
        assert len(package.namelist()) == 4001
        assert package.namelist()[-1] == "shots/s4000_image_镜头_なか_💥.png"
