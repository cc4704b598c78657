"""Renders in processes of their own: several at once, and one that may write only so much."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest
from support.film_media import Media, as_picture, heard, seen
from support.small_films import assert_nothing_stray

from aianime_pipeline.errors import BadSettingError, StorageError
from aianime_pipeline.film.probe import probe_film
from aianime_pipeline.film.render import render_film
from aianime_pipeline.film.timeline import Timeline, TimelineShot, build_timeline
from aianime_pipeline.storyboard.model import CameraMove

RENDER = """
import json, resource, sys
from dataclasses import replace
from pathlib import Path
from film.test_render_processes import film
from aianime_pipeline.errors import PipelineError
from aianime_pipeline.film.presets.presets import ExportPreset
from aianime_pipeline.film.render import render_film

picture, output, cache, wishes = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), json.loads(sys.argv[4])

def limited(bytes):
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, bytes))

def told(progress):
    if progress.step == wishes.get("limit_at"):
        limited(wishes["limit"])

if "limit" in wishes and "limit_at" not in wishes:
    limited(wishes["limit"])
preset = None
if "preset" in wishes:
    preset = ExportPreset("own", quality="draft", **wishes["preset"])
if wishes.get("waits"):
    print("ready", flush=True)
    sys.stdin.readline()
try:
    report = render_film(
        film(picture),
        output,
        cache=cache,
        preset=preset,
        on_progress=told,
        cache_bytes=wishes.get("cache_bytes", 10**9),
    )
    print(json.dumps({"made": report.segments_made, "frames": report.frames}))
except PipelineError as error:
    print(json.dumps({"error": type(error).__name__, "message": error.message}))
"""
TESTS = Path(__file__).resolve().parent.parent


def film(picture: Path) -> Timeline:
    """A still under each camera move, with a subtitle."""
    shots = [TimelineShot(n, 1000, as_picture(picture), move, dialogue="好。") for n, move in enumerate(CameraMove)]
    return build_timeline(shots, width=320, height=180, rate=Fraction(24)).timeline


BESIDE = (".srt", ".vtt", ".ass", ".jpg")
FRAMES = 24 * len(CameraMove)


def start(media: Media, output: Path, cache: Path, **wishes: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", RENDER, str(media.picture()), str(output), str(cache), json.dumps(wishes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    )


def at_once(*processes: subprocess.Popen[bytes]) -> list[dict[str, object]]:
    """Let them go when all are ready; their answers."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    return [answer(process) for process in processes]


def answer(process: subprocess.Popen[bytes]) -> dict[str, object]:
    out, _ = process.communicate(timeout=120)
    answered: dict[str, object] = json.loads(out)
    return answered


def decoded(path: Path) -> str:
    whole = hashlib.md5(heard(path).tobytes())
    for frame in seen(path):
        whole.update(frame.tobytes())
    return whole.hexdigest()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def alone(media: Media, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The film as it comes out where nobody disturbs."""
    folder = tmp_path_factory.mktemp("alone")
    return decoded(render_film(film(media.picture()), folder / "film.mp4", cache=folder / "cache").path)


@pytest.mark.parametrize("names", [("film.mp4", "film.mp4"), ("one.mp4", "other.mp4")])
def test_two_processes_may_render_from_one_cache_at_once_however_small_it_is(
    media: Media, tmp_path: Path, alone: str, names: tuple[str, str]
) -> None:
    """Also to one place; each wants the cache emptied when it is done, while the other still uses it."""
    output, cache = tmp_path / "out", tmp_path / "cache"
    answers = at_once(*(start(media, output / name, cache, waits=True, cache_bytes=0) for name in names))
    assert [told.get("frames", told) for told in answers] == [FRAMES] * 2
    for name in names:
        assert decoded(output / name) == alone
    assert names_in(output) == sorted(Path(name).stem + kind for name in set(names) for kind in (".mp4", *BESIDE))
    assert names_in(cache) == [".in-use", "segments", "sound"]
    assert not [name for name in names_in(cache / "segments") if name.startswith(".")]
    assert len(names_in(cache / "segments")) == len(CameraMove), "a film's own pieces stay"
    assert len(names_in(cache / "sound")) == 1
    assert answer(start(media, tmp_path / "third.mp4", cache))["made"] == 0


def test_two_presets_may_be_rendered_at_once(media: Media, tmp_path: Path) -> None:
    wishes = [
        {"resolution": "480p", "subtitles": "burned", "poster_second": None},
        {"resolution": "480p", "aspect": "1:1", "fit": "crop", "poster_second": None},
    ]
    outputs = [tmp_path / "out" / f"{number}.mp4" for number in range(2)]
    cache = tmp_path / "cache"
    answers = at_once(*(start(media, out, cache, preset=p, waits=True) for out, p in zip(outputs, wishes, strict=True)))
    assert [told.get("frames", told) for told in answers] == [FRAMES] * 2
    for output, size, tracks in zip(outputs, [(854, 480), (480, 480)], [0, 1], strict=True):
        facts = probe_film(output)
        assert facts.picture is not None
        assert (facts.picture.width, facts.picture.height) == size
        assert len(facts.subtitles) == tracks
        assert len(seen(output)) == FRAMES
    assert names_in(tmp_path / "out") == sorted(f"{n}{kind}" for n in range(2) for kind in (".mp4", *BESIDE[:3]))
    assert not [path for path in cache.rglob("*") if path.name.startswith(".part")]


def test_a_file_size_limit_is_told_as_a_full_disk_and_leaves_nothing(media: Media, tmp_path: Path) -> None:
    """In turn: no segment fits, the segments fit but the film does not."""
    output, cache = tmp_path / "out" / "film.mp4", tmp_path / "cache"
    for limit, fits in [(1_000, 0), (12_000, len(CameraMove))]:
        told = answer(start(media, output, cache, limit=limit))
        assert told["error"] == "DiskFullError", told
        assert "space" in str(told["message"])
        assert_nothing_stray(output, cache)
        assert len(names_in(cache / "segments")) == fits


@pytest.mark.parametrize("step", ["segments", "sound", "join", "check"])
def test_a_disk_that_fills_up_in_any_step_leaves_neither_half_a_film_nor_stray_files(
    media: Media, tmp_path: Path, step: str
) -> None:
    """Of the sound nothing is left to do but itself; in the check the film's seal is written."""
    output, cache = tmp_path / "out" / "film.mp4", tmp_path / "cache"
    if step == "sound":
        answer(start(media, tmp_path / "other" / "film.mp4", cache))
        shutil.rmtree(cache / "sound")
    told = answer(start(media, output, cache, limit=100, limit_at="segments" if step == "sound" else step))
    assert told["error"] == "DiskFullError", told
    if step == "sound":
        assert "cache/sound" in str(told["message"])
    assert_nothing_stray(output, cache)
    assert answer(start(media, output, cache))["frames"] == FRAMES
    assert names_in(output.parent) == sorted(f"film{kind}" for kind in (".mp4", *BESIDE))


def test_a_disk_that_is_full_for_the_files_beside_a_film_leaves_the_earlier_ones(media: Media, tmp_path: Path) -> None:
    output, cache = tmp_path / "out" / "film.mp4", tmp_path / "cache"
    answer(start(media, output, cache))
    output.with_suffix(".jpg").unlink()
    before = {path: path.read_bytes() for path in output.parent.iterdir()}
    told = answer(start(media, output, cache, limit=300))
    assert told["error"] == "DiskFullError", told
    assert {path: path.read_bytes() for path in output.parent.iterdir()} == before
    assert answer(start(media, output, cache)) == {"made": 0, "frames": FRAMES}
    assert output.with_suffix(".jpg").stat().st_size > 300


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Root may write whatever the folder's mode says, so for root it is a disk that is mounted so."""
    folder.mkdir()
    if os.geteuid():
        folder.chmod(0o555)
        yield
        return
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_place_where_nothing_can_be_written_is_told_before_any_work(media: Media, tmp_path: Path) -> None:
    folder, cache, file = tmp_path / "fixed", tmp_path / "cache", tmp_path / "a file"
    file.write_bytes(b"x")
    timeline = film(media.picture())
    with read_only(folder):
        for output, kept in [(folder / "film.mp4", cache), (file / "film.mp4", cache), (tmp_path / "f.mp4", folder)]:
            with pytest.raises(StorageError, match=r"cannot be written in .*(fixed|a file)"):
                render_film(timeline, output, cache=kept)
    (tmp_path / "sub.mp4").mkdir()
    with pytest.raises(BadSettingError, match="folder"):
        render_film(timeline, tmp_path / "sub.mp4", cache=cache)
    assert not [path for path in cache.rglob("*") if path.is_file() and path.name != ".in-use"]
    assert names_in(tmp_path) == ["a file", "cache", "fixed", "sub.mp4"]
