"""What came out of a whole episode, measured on the files: the film, its subtitles and the ZIP.

Where a shot begins and how long it lasts is reckoned here from the storyboard in the ZIP and the recordings in the
ZIP, not asked of the program.
"""

import hashlib
import json
import math
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from support.commands import Commands
from support.listening import SAMPLE_RATE, Heard, Samples, find_recording, read_wav
from support.watching import Cue, WatchedFilm, cues_between, letters, read_script, watch, wide_letters

from aianime_pipeline.db.models import CompositeTask
from aianime_pipeline.film.subtitles.cues import SHORTEST_CUE_MS
from aianime_pipeline.film.timeline import LEAD_IN_SAMPLES, TAIL_SAMPLES
from aianime_pipeline.production.episodes.rows import find_episode

REACH = SAMPLE_RATE // 2
"""A recording is looked for this far around its place."""
LAST_WORDS = (SAMPLE_RATE * 3 // 10, SAMPLE_RATE // 10)
"""Looked for by themselves: a line that ends a tenth of a second early is still much like the whole one."""
AUDIBLE = 0.05
"""Of a recording's highest peak: what is less at its end is breath and silence."""
LIKE = 0.8
"""Music under the speech and AAC leave 0.98 and more, a hard-working limiter 0.85; another recording has less than a
half."""
SUBTITLE_TOLERANCE_MS = 60
MOST_WIDE_LETTERS = 20
MOST_LINES = 2


@dataclass(frozen=True)
class SpokenLine:
    text: str
    """As it was given to the voice."""
    language: str
    recording: Samples


@dataclass(frozen=True)
class FinishedShot:
    """`first` and `end` are frames of the film, `wanted` the frames that the storyboard asks for."""

    number: int
    first: int
    end: int
    wanted: int
    written_line: str
    spoken: SpokenLine | None

    @property
    def grew(self) -> bool:
        return self.end - self.first > self.wanted


class FinishedEpisode:
    """`made` is what `make` printed."""

    def __init__(self, commands: Commands, made: dict[str, Any]) -> None:
        assert made["status"] == "done", made
        self.key: str = made["episode"]
        self.made = made
        self.film_path = Path(made["film"]["path"])
        self.package_path = Path(made["package"]["path"])
        self._commands = commands

    @cached_property
    def film(self) -> WatchedFilm:
        return watch(self.film_path)

    @cached_property
    def script(self) -> tuple[Cue, ...]:
        return read_script(self.film_path.with_suffix(".srt"))

    @cached_property
    def report(self) -> dict[str, Any]:
        """What the program says about the film."""
        with self._commands.place.database.read() as session:
            episode = find_episode(session, self.key)
            task = session.scalars(sa.select(CompositeTask).where(CompositeTask.episode_id == episode.id)).one()
            return dict(task.report)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        with zipfile.ZipFile(self.package_path) as package:
            return dict(json.loads(package.read("manifest.json")))

    @cached_property
    def storyboard(self) -> dict[str, Any]:
        with zipfile.ZipFile(self.package_path) as package:
            return dict(json.loads(package.read(f"storyboard/{self.key}.json")))

    @cached_property
    def shots(self) -> list[FinishedShot]:
        spoken = {file["shot"]: self._spoken(file) for file in self.manifest["files"] if file["kind"] == "voice"}
        rate, found, at = self.film.rate, [], 0
        for entry in self.storyboard["镜头列表"]:
            number, line = entry["镜号"], spoken.get(entry["镜号"])
            wanted = max(1, math.floor(Fraction(str(entry["时长"])) * rate + Fraction(1, 2)))
            needed = 0
            if line is not None:
                samples = LEAD_IN_SAMPLES + len(line.recording) + TAIL_SAMPLES
                needed = math.ceil(Fraction(samples, SAMPLE_RATE) * rate)
            found.append(FinishedShot(number, at, at + max(wanted, needed), wanted, entry["台词"], line))
            at = found[-1].end
        return found

    def _spoken(self, file: dict[str, Any]) -> SpokenLine:
        with zipfile.ZipFile(self.package_path) as package:
            recording = read_wav(package.read(file["name"]))
        inputs = file["origin"]["inputs"]
        return SpokenLine(inputs["text"], inputs["language"], recording)

    @property
    def spoken_shots(self) -> list[tuple[FinishedShot, SpokenLine]]:
        return [(shot, shot.spoken) for shot in self.shots if shot.spoken is not None]

    def place_of(self, shot: FinishedShot) -> int:
        """The sample at which the shot's line should begin."""
        return round(shot.first / self.film.rate * SAMPLE_RATE) + LEAD_IN_SAMPLES

    @cached_property
    def heard(self) -> dict[int, Heard]:
        """Where in the film's sound each recording is, by shot."""
        return {
            shot.number: find_recording(line.recording, self.film.sound, around=self.place_of(shot), reach=REACH)
            for shot, line in self.spoken_shots
        }

    def subtitles_of(self, shot: FinishedShot) -> list[Cue]:
        return cues_between(self.script, shot.first / self.film.rate, shot.end / self.film.rate)


def check_lengths(episode: FinishedEpisode) -> None:
    """Picture, sound, what was told of them, and the storyboard agree to the frame."""
    film, frames = episode.film, episode.shots[-1].end
    assert film.frames == frames == episode.made["film"]["frames"]
    assert abs(film.samples - frames / film.rate * SAMPLE_RATE) <= SAMPLE_RATE / film.rate
    grown = {(shot.number, shot.wanted, shot.end - shot.first) for shot in episode.shots if shot.grew}
    assert {tuple(shot.values()) for shot in episode.report["grown"]} == grown


def check_no_line_is_cut(episode: FinishedEpisode) -> None:
    """Every recording is heard whole, at its place, and no two at once."""
    one_frame = SAMPLE_RATE / episode.film.rate
    for shot, line in episode.spoken_shots:
        heard, place = episode.heard[shot.number], episode.place_of(shot)
        assert abs(heard.place - place) <= one_frame, f"shot {shot.number}"
        assert heard.likeness >= LIKE, f"shot {shot.number}"
        words_end = int(np.flatnonzero(np.abs(line.recording) > AUDIBLE * np.abs(line.recording).max())[-1]) + 1
        for last in LAST_WORDS:
            begins = max(0, words_end - last)
            ending = line.recording[begins:words_end]
            found = find_recording(ending, episode.film.sound, around=place + begins, reach=round(one_frame))
            assert found.likeness >= LIKE, f"the end of shot {shot.number}'s line"
        assert place + len(line.recording) <= shot.end / episode.film.rate * SAMPLE_RATE, f"shot {shot.number}"
    places = [(episode.heard[shot.number].place, len(line.recording)) for shot, line in episode.spoken_shots]
    assert all(start + length <= following for (start, length), (following, _) in pairwise(places))


def check_subtitles(episode: FinishedEpisode) -> None:
    """The script and the film's own track are the same; every line is read while it is heard, and can be read."""
    assert episode.film.cues == episode.script
    seen = 0
    for shot in episode.shots:
        cues = episode.subtitles_of(shot)
        seen += len(cues)
        if shot.spoken is not None:
            assert letters("".join(line for cue in cues for line in cue.lines)) == letters(shot.spoken.text)
            _check_times(episode, shot, shot.spoken, cues)
    assert seen == len(episode.script)
    for cue in episode.script:
        assert 1 <= len(cue.lines) <= MOST_LINES
        assert all(wide_letters(line) <= MOST_WIDE_LETTERS for line in cue.lines), cue


def _check_times(episode: FinishedEpisode, shot: FinishedShot, line: SpokenLine, cues: list[Cue]) -> None:
    begins = episode.heard[shot.number].place * 1000 / SAMPLE_RATE
    ends = begins + len(line.recording) * 1000 / SAMPLE_RATE
    if ends - begins < SHORTEST_CUE_MS:
        # It stays a little longer than it is heard, but never into the next shot.
        ends = min(begins + SHORTEST_CUE_MS, float(shot.end / episode.film.rate * 1000))
    assert abs(cues[0].start - begins) <= SUBTITLE_TOLERANCE_MS, f"shot {shot.number}"
    assert abs(cues[-1].end - ends) <= SUBTITLE_TOLERANCE_MS, f"shot {shot.number}"


def check_package(episode: FinishedEpisode) -> None:
    """The ZIP opens with every byte as its manifest says, and holds the film and the subtitles that lie beside it."""
    assert episode.package_path.stat().st_size == episode.made["package"]["bytes"]
    with zipfile.ZipFile(episode.package_path) as package:
        assert package.testzip() is None
        files = episode.manifest["files"]
        assert package.namelist() == ["manifest.json", *(file["name"] for file in files)]
        for file in files:
            data = package.read(file["name"])
            assert len(data) == file["size"]
            assert hashlib.sha256(data).hexdigest() == file["sha256"], file["name"]
        assert package.read(f"film/{episode.key}.mp4") == episode.film_path.read_bytes()
        assert package.read(f"film/{episode.key}.srt") == episode.film_path.with_suffix(".srt").read_bytes()


def check_all(episode: FinishedEpisode) -> None:
    for check in (check_lengths, check_no_line_is_cut, check_subtitles, check_package):
        check(episode)
