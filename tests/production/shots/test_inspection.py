"""The look at every file that a provider gave, before it counts as a take."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import EpsImagePlugin, Image
from support.picture_bombs import picture_bomb

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film import stills
from aianime_pipeline.production.shots.inspection import inspect_picture

POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 10\n%%EndComments\nshowpage\n%%EOF\n"


@pytest.fixture
def ghostscript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `gs` that only leaves a file behind to show that it was started. Gives that file."""
    mark, program = tmp_path / "started", tmp_path / "bin" / "gs"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    return mark


def test_postscript_that_is_called_a_png_is_refused_and_starts_no_other_program(
    ghostscript: Path, tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(POSTSCRIPT)
    with pytest.raises(UnreadableMediaError, match="does not open"):
        inspect_picture(path)
    assert not ghostscript.exists()
    with pytest.raises(subprocess.CalledProcessError), Image.open(path) as picture:
        picture.load()
    assert ghostscript.exists(), "else this test would not notice"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF", "GIF", "BMP"])
def test_a_picture_of_any_usual_format_is_taken_whatever_it_is_called(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.new("RGB", (32, 18), "red").save(path, kind)
    assert inspect_picture(path) == {"width": 32, "height": 18}


OPENED_IN_A_PROCESS_OF_ITS_OWN = """
import resource, sys, warnings
from pathlib import Path
from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.production.shots.inspection import inspect_picture
warnings.simplefilter(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    print(inspect_picture(Path(sys.argv[1])))
except UnreadableMediaError as error:
    print(error.message)
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
print(grown)
"""


@pytest.mark.parametrize("warnings", ["default", "error"])
@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (15_000, 10_000), (10_000, 10_001)])
def test_a_picture_of_more_than_a_hundred_megapixels_is_refused_without_being_opened(
    width: int, height: int, warnings: str, tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(picture_bomb(width, height))
    assert path.stat().st_size < 4_000_000
    ended = subprocess.run(
        [sys.executable, "-c", OPENED_IN_A_PROCESS_OF_ITS_OWN, path, warnings],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    said, grown = ended.stdout.splitlines()
    assert said.startswith("The picture that came back has ")
    assert said.endswith("pixels; it is opened up to 100 megapixels.")
    assert int(grown) < 64, "MiB"


def test_a_picture_of_the_largest_size_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stills, "MOST_PIXELS", 320 * 180)
    path = tmp_path / "picture.png"
    path.write_bytes(picture_bomb(320, 180))
    assert inspect_picture(path) == {"width": 320, "height": 180}
    path.write_bytes(picture_bomb(320, 181))
    with pytest.raises(UnreadableMediaError, match="has 320x181 pixels"):
        inspect_picture(path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF", "GIF", "BMP"])
def test_a_picture_that_ends_too_early_or_is_damaged_is_refused_or_taken_but_never_breaks(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "picture"
    noise = Image.effect_noise((64, 64), 90).convert("RGB")
    noise.save(path, kind)
    whole = path.read_bytes()
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        for data in (whole[:length], whole[:length] + b"\xff\x00\xff" + whole[length + 3 :]):
            path.write_bytes(data)
            try:
                assert inspect_picture(path)["width"] > 0
            except UnreadableMediaError as error:
                assert "came back" in error.message  # noqa: PT017
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableMediaError):
        inspect_picture(path)
