"""Renders killed at any moment, as the kernel does it when memory runs out: the next one makes the right film, and
nothing of the dead one is left."""

import hashlib
import json
import os
import random
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
from support.film_media import Media, as_picture, as_voice, heard, seen
from support.processes import Script, wait_until

from aianime_pipeline.film.cache import part_beside, sweep_parts
from aianime_pipeline.film.render import render_film
from aianime_pipeline.film.timeline import Timeline, TimelineShot, VoiceFile, build_timeline
from aianime_pipeline.storyboard.model import CameraMove, Transition

COUNTED = ("open", "os.rename", "subprocess.Popen")
STEPS = {"segments": 4, "join": 2, "check": 2, "files": 2}
"""How often a render is killed while it makes its segments and the sound, joins them, checks the film, writes the files
beside it."""

FILM = """
import json, os, signal, sys, threading
from pathlib import Path
from film.test_render_killed import COUNTED, STEPS, timeline
from aianime_pipeline.film.render import render_film

talking, still, voice, output, cache, step, wanted, later = sys.argv[1:]
film = timeline(Path(talking), Path(still), Path(voice))
now, counts = "", dict.fromkeys(["", *STEPS], 0)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def hear(event, arguments):
    # Whatever touches the disk or starts a process is a moment to die in.
    global now
    if event not in COUNTED:
        return
    if event == "os.rename" and str(arguments[1]) == output:
        now = "files"
    counts[now] += 1
    if now == step and counts[step] == int(wanted):
        if float(later):
            threading.Timer(float(later), die).start()
        else:
            die()

def told(progress):
    global now
    if now != "files" and progress.step in STEPS:
        now = progress.step

sys.addaudithook(hear)
render_film(film, Path(output), cache=Path(cache), on_progress=told, title="x")
print(json.dumps(counts))
"""

ENDLESS = """
import sys
from aianime_pipeline.film.ffmpeg import run_ffmpeg

def told(seconds):
    print("runs", flush=True)

run_ffmpeg(["-re", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=24", sys.argv[1]], on_seconds=told)
"""


def timeline(talking: Path, still: Path, voice: Path) -> Timeline:
    """Small, but with everything: two videos, a moving still, a dissolve, own sound, a line with its subtitle."""
    line: VoiceFile = as_voice(voice, 0.3)
    first, second = as_picture(talking, keeps_own_sound=True), as_picture(still)
    shots = [
        TimelineShot(1, 750, first),
        TimelineShot(2, 750, second, CameraMove.PUSH, line, "你终于来了。", transition=Transition.DISSOLVE),
        TimelineShot(3, 500, first),
    ]
    return build_timeline(shots, width=320, height=180, rate=Fraction(24)).timeline


def sources(media: Media) -> list[Path]:
    return [media.talking_video("talk30.mp4"), media.picture(), media.voice(seconds=0.3)]


def contents(film: Path) -> tuple[int, str, dict[str, str]]:
    """The decoded frames and samples, and every file beside the film."""
    decoded = hashlib.md5(heard(film).tobytes())
    frames = seen(film)
    for frame in frames:
        decoded.update(frame.tobytes())
    beside = {
        path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in sorted(film.parent.iterdir()) if path != film
    }
    return len(frames), decoded.hexdigest(), beside


def processes_with(word: str) -> list[int]:
    """Those that have `word` in their command line, ours not."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                words = (folder / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if word.encode() in words:
                found.append(int(folder.name))
    return found


def parts_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(".part")]


@dataclass(frozen=True)
class Undisturbed:
    """A render that nobody killed: what came out, and how often it touched the disk in each step."""

    contents: tuple[int, str, dict[str, str]]
    touches: dict[str, int]


@pytest.fixture(scope="module")
def undisturbed(media: Media, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    film = folder / "out" / "film.mp4"
    counts = json.loads(Script(FILM, *sources(media), film, folder / "cache", "", 0, 0).end())
    assert all(counts[step] for step in STEPS), counts
    return Undisturbed(contents(film), counts)


def moments() -> list[tuple[str, float, float]]:
    """In which step, at which share of its touches, how many seconds later (every other time at once)."""
    chance = random.Random(3)
    return [
        (step, round(chance.uniform(0, 0.9), 2), round(chance.uniform(0.005, 0.05), 3) * (turn % 2))
        for step, turns in STEPS.items()
        for turn in range(turns)
    ]


@pytest.mark.parametrize(("step", "share", "later"), moments())
def test_a_render_killed_at_any_moment_is_made_good_by_the_next(
    media: Media, tmp_path: Path, undisturbed: Undisturbed, step: str, share: float, later: float
) -> None:
    output, cache = tmp_path / "out" / "film.mp4", tmp_path / "cache"
    touch = 1 + int(share * (undisturbed.touches[step] - 1))
    killed = Script(FILM, *sources(media), output, cache, step, touch, later)
    killed.process.communicate(timeout=60)
    assert killed.process.returncode == -9 or (later and step in ("check", "files")), "it lived"
    wait_until(lambda: not processes_with(str(tmp_path)), seconds=5)
    if output.exists():
        assert len(seen(output)) == undisturbed.contents[0], "what has the film's name is the whole film"
    report = render_film(timeline(*sources(media)), output, cache=cache, title="x")
    assert report.frames == 48
    assert contents(output) == undisturbed.contents
    assert sorted(path.name for path in cache.iterdir()) == [".in-use", "segments", "sound"]
    assert not parts_in(tmp_path)


def test_ffmpeg_dies_with_the_process_that_runs_it(tmp_path: Path) -> None:
    script = Script(ENDLESS, tmp_path / "endless.mp4")
    script.says("runs")
    assert len(processes_with(f"{tmp_path}/endless.mp4")) == 2
    script.kill()
    wait_until(lambda: not processes_with(f"{tmp_path}/endless.mp4"), seconds=5)


def test_the_parts_of_the_dead_are_swept_and_those_of_the_living_stay(tmp_path: Path) -> None:
    left = tmp_path / f".part-1-{'0' * 32}.mp4"
    foreign = [tmp_path / ".part-of-the-story.mp4", tmp_path / "film.mp4"]
    for path in (left, *foreign):
        path.write_bytes(b"x")
    with part_beside(tmp_path / "film.mp4") as part:
        part.write_bytes(b"half a film")
        sweep_parts(tmp_path)
        assert sorted(tmp_path.iterdir()) == sorted([part, *foreign])
        part.replace(tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes() == b"half a film"
    assert sorted(tmp_path.iterdir()) == sorted(foreign)
