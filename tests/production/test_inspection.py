"""The look at every file that a provider gave, before it counts as a take."""

import os
import subprocess
from pathlib import Path

import pytest
from PIL import EpsImagePlugin, Image

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.production.inspection import inspect_picture

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
