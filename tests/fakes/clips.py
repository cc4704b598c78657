"""Short real clips for the fakes, each made once in a process."""

import tempfile
from functools import cache
from pathlib import Path

from aianime_pipeline.film.ffmpeg import run_ffmpeg


@cache
def clip(width: int, height: int, frames: int, rate: int = 24) -> bytes:
    """An MP4 with moving pictures and no sound. Sides in pixels, even."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        source = f"testsrc2=s={width}x{height}:r={rate}"
        encoding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-frames:v", str(frames)]
        run_ffmpeg(["-f", "lavfi", "-i", source, *encoding, str(path)])
        return path.read_bytes()
