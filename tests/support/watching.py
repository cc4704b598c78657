"""A film as its viewer gets it: every picture decoded, every sample heard, every subtitle read; and its script file."""

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 48_000
_SAMPLED_EVERY = 16

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Cue:
    """A subtitle; milliseconds from the film's beginning, `end` is the first it is not seen."""

    start: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class WatchedFilm:
    """`frames` were decoded, each at its place. `changes[n]` is how much picture n differs from the one before it
    (0 to 255, mean over a grid of points). `sound` is mono at 48 kHz, from the film's beginning."""

    width: int
    height: int
    rate: Fraction
    frames: int
    changes: npt.NDArray[np.float64]
    sound: Samples
    cues: tuple[Cue, ...]
    subtitle_language: str | None

    @property
    def samples(self) -> int:
        return len(self.sound)


def watch(path: Path) -> WatchedFilm:
    """The whole film, decoded. Asserts that picture n is seen from n / rate on."""
    with av.open(str(path)) as container:
        picture = container.streams.video[0]
        picture.thread_type = "AUTO"
        rate = picture.average_rate
        assert rate is not None
        frames, changes, before = 0, [0.0], None
        for frame in container.decode(picture):
            assert frame.pts is not None
            assert frame.time_base is not None
            assert abs(frame.pts * frame.time_base - frames / rate) < 1 / (10 * rate), (
                f"picture {frames} is out of place"
            )
            points = _points(frame)
            if before is not None:
                changes.append(float(np.abs(points - before).mean()))
            before, frames = points, frames + 1
        size = picture.width, picture.height
    cues, language = _soft_cues(path)
    return WatchedFilm(*size, Fraction(rate), frames, np.array(changes), _sound(path), cues, language)


def read_script(path: Path) -> tuple[Cue, ...]:
    """The cues of a SubRip file."""
    cues = []
    for number, block in enumerate(path.read_text(encoding="utf-8").strip().split("\n\n"), start=1):
        head, times, *lines = block.split("\n")
        assert head == str(number)
        start, end = times.split(" --> ")
        cues.append(Cue(_milliseconds(start), _milliseconds(end), tuple(lines)))
    return tuple(cues)


def cues_between(cues: tuple[Cue, ...], start: Fraction, end: Fraction) -> list[Cue]:
    """The cues that begin in this part of the film, in seconds. Asserts that none of them lasts beyond it."""
    found = [cue for cue in cues if start * 1000 - 1 <= cue.start < end * 1000 - 1]
    assert all(cue.end <= end * 1000 + 1 for cue in found)
    assert all(earlier.end <= later.start for earlier, later in pairwise(found))
    return found


def letters(text: str) -> str:
    """`text` without white space, so that line breaks do not matter."""
    return re.sub(r"\s+", "", text)


def wide_letters(line: str) -> int:
    """Characters that take a Chinese character's room, punctuation among them."""
    return sum(ord(letter) >= 0x2E80 or letter in "“”‘’…—" for letter in line)


def _points(frame: av.VideoFrame) -> npt.NDArray[np.int16]:
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    points: npt.NDArray[np.int16] = rows[::_SAMPLED_EVERY, : plane.width : _SAMPLED_EVERY].astype(np.int16)
    return points


def _sound(path: Path) -> Samples:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        parts = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
        parts += resampler.resample(None)
        return np.concatenate([part.to_ndarray()[0] for part in parts])


def _soft_cues(path: Path) -> tuple[tuple[Cue, ...], str | None]:
    """The soft subtitle track: its cues and its language. A sample is two bytes of length and the text."""
    with av.open(str(path)) as container:
        if not container.streams.subtitles:
            return (), None
        track = container.streams.subtitles[0]
        cues = []
        for packet in container.demux(track):
            text = bytes(packet)[2:].decode("utf-8")
            if text:
                assert packet.pts is not None
                assert packet.duration is not None
                assert packet.time_base is not None
                start, end = packet.pts * packet.time_base, (packet.pts + packet.duration) * packet.time_base
                cues.append(Cue(round(start * 1000), round(end * 1000), tuple(text.split("\n"))))
        return tuple(cues), track.language


def _milliseconds(stamp: str) -> int:
    match = re.fullmatch(r"(\d\d):(\d\d):(\d\d),(\d\d\d)", stamp)
    assert match is not None, stamp
    hours, minutes, seconds, thousandths = map(int, match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
