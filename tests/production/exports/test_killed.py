"""Processes that export and are killed at once, as the kernel does it when memory runs out: the next export makes the
right film, and nothing of the dead ones is left. And two processes that export the same episode at once."""

import shutil
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from support.making import KEY, Studio
from support.processes import Script

from aianime_pipeline.db.models import CompositeTask, Export
from aianime_pipeline.production.exports.claims import cancel_export
from aianime_pipeline.production.exports.records import ExportResult
from aianime_pipeline.production.films.composites import delete_composite, read_composite

EXPORT = """
import sys, time
from pathlib import Path
from aianime_pipeline.db.engine import Database
from aianime_pipeline.errors import WorkHeldError
from aianime_pipeline.production.exports.exporting import export_film
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.settings import Settings
from aianime_pipeline.storage.folder import FolderStore
from support.making import KEY, quick_provider

settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2])
place = Installation(settings=settings, database=Database(sys.argv[2]), store=FolderStore(settings.objects))
place.provider = quick_provider(place)
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
try:
    result = export_film(place, None, KEY, who="a killed process")
    print("made" if result.made else "kept", result.digest, time.monotonic() - began, flush=True)
except WorkHeldError:
    print("held", flush=True)
"""


@pytest.fixture
def three(studio: Studio, tmp_path: Path) -> Studio:
    studio.storyboard(tmp_path, 3)
    studio.make_all()
    return studio


def process(studio: Studio) -> Script:
    settings = studio.place.settings
    started = Script(EXPORT, settings.home, studio.place.database.url.render_as_string(hide_password=False))
    started.says("ready")
    return started


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def begin_anew(studio: Studio) -> None:
    """As if nothing had ever been exported."""
    delete_composite(studio.place, KEY)
    shutil.rmtree(studio.place.settings.segments)


def assert_same_film(found: Path, wanted: Path) -> None:
    """What is seen and heard. The bytes may differ: a segment that is encoded alone gets all the threads."""
    seen, wanted_frames = pictures(found), pictures(wanted)
    assert len(seen) == len(wanted_frames) == 72
    assert max(np.abs(one - other).mean() for one, other in zip(seen, wanted_frames, strict=True)) < 0.5
    assert packets(found, "audio") == packets(wanted, "audio")
    assert packets(found, "subtitle") == packets(wanted, "subtitle")


def pictures(film: Path) -> list[np.ndarray[Any, np.dtype[np.int16]]]:
    with av.open(str(film)) as container:
        return [frame.to_ndarray(format="rgb24").astype(np.int16) for frame in container.decode(video=0)]


def packets(film: Path, kind: str) -> list[tuple[int | None, bytes]]:
    with av.open(str(film)) as container:
        streams = [stream for stream in container.streams if stream.type == kind]
        return [(packet.pts, bytes(packet)) for packet in container.demux(streams)]


def check_like(studio: Studio, result: ExportResult, wanted: Path, cache: set[str], output: set[str]) -> None:
    settings = studio.place.settings
    assert_same_film(result.path, wanted)
    assert list((settings.scratch / "films").iterdir()) == []
    assert files_of(settings.segments) == cache
    assert files_of(settings.output(KEY)) == output
    found = read_composite(studio.place, KEY)
    assert (found.state, [export.state for export in found.exports]) == ("done", ["done"])


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_an_export_killed_at_any_moment_is_made_right_by_the_next_one_and_leaves_nothing(
    three: Studio, tmp_path: Path
) -> None:
    settings = three.place.settings
    three.export()
    begin_anew(three)
    began = time.monotonic()
    wanted = Path(shutil.copyfile(three.export().path, tmp_path / "wanted.mp4"))
    takes = time.monotonic() - began
    cache, output = files_of(settings.segments), files_of(settings.output(KEY))
    killed = 0
    for share in (0.05, 0.3, 0.5, 0.7, 0.9):
        begin_anew(three)
        victim = process(three)
        victim.tell("go")
        time.sleep(takes * share)
        killed += victim.process.poll() is None
        victim.kill()
        check_like(three, three.export(), wanted, cache, output)
    assert killed >= 3


def test_the_task_of_a_killed_export_is_free_at_once_and_says_what_happened(three: Studio) -> None:
    victim = process(three)
    victim.tell("go")
    until = time.monotonic() + 60
    while not three.rows(Export):
        assert time.monotonic() < until
        time.sleep(0.01)
    victim.kill()
    found = read_composite(three.place, KEY)
    assert (found.state, found.reason) == ("editing", "The process that exported it is gone; export it again.")
    cancel_export(three.place, KEY, who="wu")
    (task,), (row,) = three.rows(CompositeTask), three.rows(Export)
    assert (task.state, task.claimed_by, row.state) == ("editing", None, "failed")
    assert three.export().made


def test_of_two_processes_that_export_an_episode_at_once_one_makes_it_and_the_other_is_told(three: Studio) -> None:
    both = [process(three), process(three)]
    for one in both:
        one.tell("go")
    told = sorted(one.end().split()[0] for one in both)
    assert told in (["held", "made"], ["kept", "made"])
    assert read_composite(three.place, KEY).state == "done"
    assert len(three.rows(Export)) == 1
    assert len(three.asked("music")) == 1
