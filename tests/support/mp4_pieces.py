"""Small finished pieces of a film, as ffmpeg writes them, and one of everything that a film is joined of."""

import hashlib
import re
from pathlib import Path

from support.film_media import Media, ffmpeg

from aianime_pipeline.film.mp4 import PictureSegment
from aianime_pipeline.film.subtitles.cues import SubtitleCue
from aianime_pipeline.film.subtitles.track import write_subtitle_track

ENCODERS = {
    "h264": "-c:v libx264 -preset veryfast -g 12 -bf 2 -x264-params open-gop=0:stitchable=1",
    "h265": "-c:v libx265 -tag:v hvc1 -preset ultrafast -x265-params log-level=none:open-gop=0:bframes=2:keyint=12",
    "av1": "-c:v libsvtav1 -preset 12 -g 12",
}
_ALIKE = "-pix_fmt yuv420p -video_track_timescale 24000 -fflags +bitexact -flags:v +bitexact -f mp4"


def segment(media: Media, frames: int, *, codec: str = "h264", options: str = "", hue: int = 0) -> Path:
    """A segment as the film's recipe makes it: B-frames, an edit list, and a `free` box as its seal."""
    few = "-bsf:v setts=dts=N-2" if codec == "h264" and frames <= 2 else ""
    said = f"{ENCODERS[codec]} {_ALIKE} {few} {options}".split()
    picture = f"testsrc2=s=320x180:r=24,hue=h={hue}"
    name = f"segment-{frames}.mp4"
    made = media.make(name, "-f", "lavfi", "-i", picture, *said, "-frames:v", str(frames))
    sealed = made.with_name(f"sealed-{name}")
    sealed.write_bytes(made.read_bytes() + b"\0\0\0\x10freeThe seal")
    return sealed


def segments(media: Media, *frames: int, codec: str = "h264") -> list[PictureSegment]:
    return [
        PictureSegment(segment(media, count, codec=codec, hue=30 * shot), count, f"shot {shot}")
        for shot, count in enumerate(frames, start=1)
    ]


def sound(media: Media, seconds: float) -> Path:
    """AAC in an MP4 with an edit list for the encoder's priming."""
    tone = f"sine=440:r=48000:d={seconds}"
    return media.make("sound.m4a", "-f", "lavfi", "-i", tone, "-ac", "2", "-c:a", "aac", "-movie_timescale", "48000")


def subtitles(path: Path, *lines: str) -> Path:
    """One line every half second."""
    write_subtitle_track([SubtitleCue(500 * n + 100, 500 * n + 400, (line,)) for n, line in enumerate(lines)], path)
    return path


def frame_digests(path: Path, *, stream: str = "0:v:0") -> list[str]:
    """Of every decoded frame (or block of sound); fails where the decoder has anything to say."""
    done = ffmpeg("-v", "warning", "-i", path, "-map", stream, "-f", "framehash", "-")
    complaints = [line for line in done.stderr.decode().splitlines() if "timescale not set" not in line]
    assert not complaints, complaints
    return re.findall(r"[0-9a-f]{64}", done.stdout.decode())


def bytes_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
