"""Renders in processes of their own: two at once, and one that may write only so much."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.film_media import Media, as_picture, seen
from support.small_films import assert_nothing_stray

RENDER = """
import json, resource, sys
from fractions import Fraction
from pathlib import Path
from aianime_pipeline.errors import PipelineError
from aianime_pipeline.film.render import render_film
from aianime_pipeline.film.timeline import Picture, TimelineShot, build_timeline
from aianime_pipeline.storyboard.model import CameraMove

picture, digest, output, cache, limit = sys.argv[1:]
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
shots = [TimelineShot(n, 1000, Picture(Path(picture), digest, "still"), move) for n, move in enumerate(CameraMove)]
timeline = build_timeline(shots, width=320, height=180, rate=Fraction(24)).timeline
try:
    report = render_film(timeline, Path(output), cache=Path(cache))
    print(json.dumps({"made": report.segments_made, "frames": report.frames}))
except PipelineError as error:
    print(json.dumps({"error": type(error).__name__, "message": error.message}))
"""


def start(media: Media, output: Path, cache: Path, limit: int = 0) -> subprocess.Popen[bytes]:
    picture = as_picture(media.picture())
    arguments = [str(picture.path), picture.digest, str(output), str(cache), str(limit)]
    return subprocess.Popen([sys.executable, "-c", RENDER, *arguments], stdout=subprocess.PIPE)


def answer(process: subprocess.Popen[bytes]) -> dict[str, object]:
    out, _ = process.communicate(timeout=120)
    answered: dict[str, object] = json.loads(out)
    return answered


def test_two_processes_may_render_into_one_cache_at_once(media: Media, tmp_path: Path) -> None:
    both = [start(media, tmp_path / f"{n}.mp4", tmp_path / "cache") for n in range(2)]
    assert [answer(process)["frames"] for process in both] == [11 * 24] * 2
    assert len(seen(tmp_path / "0.mp4")) == len(seen(tmp_path / "1.mp4")) == 11 * 24
    assert answer(start(media, tmp_path / "2.mp4", tmp_path / "cache"))["made"] == 0


@pytest.mark.parametrize("limit", [3_000, 60_000, 1_000_000])
def test_a_file_size_limit_is_told_as_a_full_disk_and_leaves_nothing(media: Media, tmp_path: Path, limit: int) -> None:
    """In turn: no segment fits, the segments fit but the film does not, only the mixed samples do not."""
    output, cache = tmp_path / "out" / "film.mp4", tmp_path / "cache"
    told = answer(start(media, output, cache, limit))
    assert told["error"] == "DiskFullError", told
    assert "space" in str(told["message"])
    assert_nothing_stray(output, cache)
