"""Where files are put for people, and the folders for work in the making."""

import fcntl
import os
from pathlib import Path

import pytest
from support.making import KEY
from support.processes import Script

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.publishing import checked_name, export_path, publish, unpublish
from aianime_pipeline.production.scratch import scratch_folder

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

HOLDS = """
import sys
from pathlib import Path
from aianime_pipeline.production.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("a film")
    print(folder.name, flush=True)
    sys.stdin.readline()
"""


def start(parent: Path) -> tuple[Script, Path]:
    script = Script(HOLDS, parent)
    assert script.process.stdout is not None
    return script, parent / script.process.stdout.readline().strip()


def test_the_scratch_folder_of_a_killed_process_is_gone_with_the_next_and_a_living_ones_stays(tmp_path: Path) -> None:
    parent = tmp_path / "films"
    (killed, dead), (living, held) = start(parent), start(parent)
    killed.kill()
    assert (dead / "half").exists()
    with scratch_folder(parent) as mine:
        assert set(parent.iterdir()) == {held, mine}
        assert (held / "half").exists()
    living.tell("end")
    living.end()
    assert list(parent.iterdir()) == []


def test_a_folder_that_an_older_program_left_is_swept_too(tmp_path: Path) -> None:
    (tmp_path / "films" / "old").mkdir(parents=True)
    (tmp_path / "films" / "old" / "p-e001.mp4").write_bytes(b"half")
    with scratch_folder(tmp_path / "films") as mine:
        assert list((tmp_path / "films").iterdir()) == [mine]


def test_the_lock_on_a_scratch_folder_is_let_go_at_its_end(tmp_path: Path) -> None:
    with scratch_folder(tmp_path):
        pass
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(descriptor)


@on_sqlite
def test_a_copy_that_a_killed_process_left_half_way_goes_and_other_files_stay(place: Installation) -> None:
    target = export_path(place, KEY, "main", draft=False)
    target.parent.mkdir(parents=True)
    left = target.with_name(f".{target.name}.{'a' * 32}")
    others = [target.with_name(f".{KEY}.zip.{'b' * 32}"), target.with_name(f".{target.name}.mine")]
    for path in (left, *others):
        path.write_bytes(b"half")
    publish(place, place.store.put_bytes(b"film", "video/mp4").digest, target)
    assert set(target.parent.iterdir()) == {target, *others}


def test_a_folder_goes_with_the_last_published_file_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    (folder / "x-editors" / "media").mkdir(parents=True)
    for name in ("x.mp4", "x-editors/media/shot-001.mp4", "mine.txt"):
        (folder / name).write_bytes(b"1")
    unpublish(folder, ["x.mp4", "x-editors/x.otio", "x-editors/media/shot-001.mp4"])
    assert list(folder.iterdir()) == [folder / "mine.txt"]
    unpublish(folder, ["mine.txt"])
    assert not folder.exists()


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".x", "x.en", "x-DRAFT", "x-draft", "e\u0301", "x" * 60])
def test_what_could_not_be_part_of_a_files_name_is_no_presets_name(name: str) -> None:
    with pytest.raises(BadSettingError):
        checked_name(name)


def test_a_presets_name_may_be_chinese() -> None:
    assert checked_name("竖屏_1080p") == "竖屏_1080p"
