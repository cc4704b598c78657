"""Media for the film's tests, built with ffmpeg, and an independent ear and eye on what came out."""

import contextlib
import hashlib
import re
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.film.ffmpeg import ffmpeg_binary
from aianime_pipeline.film.timeline import Music, Picture, VoiceFile


def ffmpeg(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [ffmpeg_binary(), "-hide_banner", "-nostdin", "-y", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Media:
    """Builds a file once per test session, by its name and what it is made of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, name: str, *arguments: str) -> Path:
        path = self.folder / hashlib.sha256(repr(arguments).encode()).hexdigest()[:12] / name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            ffmpeg(*arguments, path)
        return path

    def video(self, name: str, *, size: str = "320x180", rate: str = "24", seconds: float = 2.0) -> Path:
        return self.make(name, "-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}", "-pix_fmt", "yuv420p")

    def talking_video(self, name: str, *, size: str = "640x360", rate: str = "30", seconds: float = 2.0) -> Path:
        picture = f"testsrc2=s={size}:r={rate}:d={seconds}"
        sound = f"sine=440:r=44100:d={seconds}"
        return self.make(name, "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-ac", "1")

    def picture(self, name: str = "picture.png", colour: str = "0xc81e3c") -> Path:
        return self.make(name, "-f", "lavfi", "-i", f"color={colour}:s=640x360", "-frames:v", "1", "-update", "1")

    def voice(self, name: str = "voice.wav", *, seconds: float = 1.0, rate: int = 22050) -> Path:
        return self.make(name, "-f", "lavfi", "-i", f"aevalsrc=0.4*sin(2*PI*1000*t):s={rate}:d={seconds}")

    def music(self, name: str = "music.wav", *, seconds: float = 3.0) -> Path:
        return self.make(name, "-f", "lavfi", "-i", f"anoisesrc=c=pink:seed=7:a=0.3:r=44100:d={seconds}")


def as_picture(path: Path, *, keeps_own_sound: bool = False) -> Picture:
    kind = "still" if path.suffix == ".png" else "video"
    return Picture(path, digest(path), kind, keeps_own_sound)


def as_voice(path: Path, seconds: float) -> VoiceFile:
    return VoiceFile(path, digest(path), round(seconds * 48_000))


def as_music(path: Path, gain_db: float = -12.0) -> Music:
    return Music(path, digest(path), gain_db)


def heard(path: Path) -> NDArray[np.float32]:
    """The sound as ffmpeg's own player path decodes it: stereo at 48 kHz."""
    done = ffmpeg("-loglevel", "error", "-i", path, "-map", "0:a:0", "-f", "f32le", "-ac", "2", "-ar", "48000", "-")
    return np.frombuffer(done.stdout, np.float32).reshape(-1, 2)


def seen(path: Path) -> list[NDArray[np.uint8]]:
    """Every frame, fully decoded, as RGB."""
    sizes = re.search(rb"Video: .*?, (\d+)x(\d+)", _streams(path))
    assert sizes is not None
    width, height = (int(size) for size in sizes.groups())
    done = ffmpeg(
        "-loglevel", "error", "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough",
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-",
    )  # fmt: skip
    assert not done.stderr
    return list(np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3))


def ebur128(path: Path) -> tuple[float, float]:
    """Integrated loudness and true peak by ffmpeg's own meter."""
    words = ffmpeg("-i", path, "-af", "ebur128=peak=true", "-f", "null", "-").stderr.decode()
    loudness, peak = re.findall(r"I:\s+(\S+) LUFS", words), re.findall(r"Peak:\s+(\S+) dBFS", words)
    return float(loudness[-1]), float(peak[-1])


def _streams(path: Path) -> bytes:
    return subprocess.run([ffmpeg_binary(), "-hide_banner", "-i", str(path)], capture_output=True, check=False).stderr


def ffmpeg_children() -> list[int]:
    """The ffmpeg processes that this very process runs now."""
    pids: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            pids += map(int, (task / "children").read_text().split())
    return [pid for pid in pids if b"ffmpeg" in Path(f"/proc/{pid}/cmdline").read_bytes()]
