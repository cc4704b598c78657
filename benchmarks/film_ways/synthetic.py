"""The synthetic episode: shots of five seconds from mixed sources, a line in each, music, Chinese subtitles.

Every third source is 1280x720 at 30 frames a second, the others 1920x1080 at 24; every second one has sound. The line
of a shot lies 0.15 s after its cut; 2.6 s of tone stand for speech.
"""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from aianime_pipeline.film.ffmpeg import run_ffmpeg

WIDTH, HEIGHT, RATE, SHOT_SECONDS = 1920, 1080, 24, 5
LINE_AT, LINE_SECONDS = 0.15, 2.6
MUSIC_SECONDS = 95

_TEXT = "月光落在渡口的石阶上，她终于等到了那只船。"


@dataclass(frozen=True)
class Shot:
    video: str
    line: str
    text: str
    has_sound: bool


@dataclass(frozen=True)
class Episode:
    """Paths as text, so that it can be handed to other programs as JSON. `spare` is what a shot is changed to."""

    shots: list[Shot]
    music: str
    other_music: str
    spare: str

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")


def load(path: Path) -> Episode:
    document = json.loads(path.read_text(encoding="utf-8"))
    return Episode(**{**document, "shots": [Shot(**shot) for shot in document["shots"]]})


def make_episode(folder: Path, shots: int) -> Episode:
    """Make the sources with ffmpeg. Takes about a second for each shot."""
    folder.mkdir(parents=True, exist_ok=True)

    def video(number: int) -> tuple[str, bool]:
        small, sound = number % 3 == 2, number % 2 == 0
        size, rate = ("1280x720", 30) if small else ("1920x1080", 24)
        path = folder / f"shot-{number:03}.mp4"
        drawn = f"testsrc2=s={size}:r={rate}:d={SHOT_SECONDS + 0.4},hue=h={number * 37 % 360}:s=0.7,gblur=1.5"
        # The grain of a real picture; without it x264 would have next to nothing to do.
        arguments = ["-f", "lavfi", "-i", f"{drawn},noise=alls=4:allf=t:all_seed={number}"]
        if sound:
            arguments += ["-f", "lavfi", "-i", f"anoisesrc=c=brown:a=0.2:seed={number}:r=44100:d={SHOT_SECONDS + 0.4}"]
        arguments += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-threads", "1"]
        run_ffmpeg([*arguments, str(path)])
        return str(path), sound

    def line(number: int) -> str:
        path = folder / f"line-{number:03}.wav"
        tone = f"aevalsrc='0.3*sin(2*PI*{180 + number * 7}*t)*(0.6+0.4*sin(2*PI*4*t))':s=24000:d={LINE_SECONDS}"
        run_ffmpeg(["-f", "lavfi", "-i", tone, str(path)])
        return str(path)

    def music(name: str, seed: int) -> str:
        path = folder / name
        noise = f"anoisesrc=c=pink:a=0.25:seed={seed}:r=44100:d={MUSIC_SECONDS},lowpass=f=900"
        run_ffmpeg(["-f", "lavfi", "-i", noise, "-ac", "2", str(path)])
        return str(path)

    with ThreadPoolExecutor(2) as pool:
        videos = list(pool.map(video, range(shots)))
        lines = list(pool.map(line, range(shots)))
        (spare, _), beds = video(shots), [music("music.wav", 5), music("other-music.wav", 6)]
    made = [
        Shot(path, spoken, f"{number + 1}。{_TEXT}", sound)
        for number, ((path, sound), spoken) in enumerate(zip(videos, lines, strict=True))
    ]
    return Episode(made, beds[0], beds[1], spare)


def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
