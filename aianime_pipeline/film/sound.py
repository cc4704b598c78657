"""The film's whole sound: mixed as samples, brought to its loudness, encoded once.

One encode over everything, because AAC joined from pieces has a gap at each joint. Kept by its content: a change in
the pictures alone leaves it as it is. Samples go through the disk, so memory does not grow with the film.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.audio_reading import PcmFile, gathered, sound_blocks
from aianime_pipeline.film.buses import CROSSFADE, decode_music, music_bus, own_sound_bus, speech_bus
from aianime_pipeline.film.cache import content_key, part_beside, seal, sealed_facts
from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled, run_ffmpeg
from aianime_pipeline.film.limiter import limited
from aianime_pipeline.film.loudness import BLOCK, Loudness, LoudnessMeter, factor
from aianime_pipeline.film.timeline import SAMPLE_RATE, Timeline

SOUND = "sound"
TARGET_LUFS = -16.0
LOUDNESS_TOLERANCE = 0.5
HIGHEST_TRUE_PEAK = -1.5
"""dBTP, of the encoded sound as a player decodes it."""

_RECIPE = "sound-1"
_CEILING = -2.0
"""dBTP of the samples: AAC overshoots by a few tenths."""
_CLOSE_ENOUGH = 0.1
_ROUNDS = 4
_AAC = {"c:a": "aac", "b:a": "192k", "ar": SAMPLE_RATE, "ac": 2}

Share = Callable[[float], None]
"""Told how much is done, from 0 to 1."""


@dataclass(frozen=True)
class SoundMix:
    """`lufs` and `true_peak` (dBTP) are measured on the decoded AAC, and None for a silent film, whose gain is 0.
    `made` is False where the mix was kept from an earlier film."""

    path: Path
    made: bool
    lufs: float | None
    true_peak: float | None
    gain_db: float
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Level:
    """How the mix becomes the film's sound: a constant gain, and a ceiling for what that makes too high."""

    gain_db: float
    ceiling_db: float


def mix_sound(
    timeline: Timeline,
    *,
    cache: Path,
    cancelled: Cancelled | None = None,
    on_share: Share | None = None,
) -> SoundMix:
    """The timeline's sound as AAC in an MP4, exactly `timeline.total_samples` long.

    Raises UnreadableMediaError for a source that cannot be used, FfmpegFailedError, DiskFullError, FfmpegCancelled.
    """
    path = cache / SOUND / f"{sound_key(timeline)}.m4a"
    facts = sealed_facts(path)
    made = facts is None
    if facts is None:
        with part_beside(path) as part:
            facts = asdict(_make(timeline, part, _Watch(cancelled, on_share)))
            seal(part, facts)
            part.replace(path)
    return SoundMix(path, made, facts["lufs"], facts["true_peak"], facts["gain_db"], tuple(facts["warnings"]))


def sound_key(timeline: Timeline) -> str:
    """Digest of all that is heard."""
    own = [
        (clip.digest, first, clip.frames, clip.shot)
        for clip, first in zip(timeline.clips, timeline.starts, strict=True)
        if clip.keeps_own_sound
    ]
    return content_key(
        _RECIPE,
        samples=timeline.total_samples,
        rate=str(timeline.rate) if own else None,
        own=own,
        speech=[(cue.digest, cue.start, cue.length) for cue in timeline.speech],
        music=None if timeline.music is None else (timeline.music.digest, timeline.music.gain_db),
        aac=_AAC,
    )


@dataclass(frozen=True)
class _Made:
    lufs: float | None
    true_peak: float | None
    gain_db: float
    warnings: tuple[str, ...]


class _Watch:
    """Progress and cancellation between two blocks."""

    def __init__(self, cancelled: Cancelled | None, on_share: Share | None) -> None:
        self.cancelled = cancelled
        self._on_share = on_share

    def __call__(self, share: float) -> None:
        if self.cancelled is not None and self.cancelled():
            raise FfmpegCancelled("mix the sound")
        if self._on_share is not None:
            self._on_share(min(share, 1.0))


def _make(timeline: Timeline, part: Path, watch: _Watch) -> _Made:
    total = timeline.total_samples
    with PcmFile(part.with_suffix(".mix")) as mix, PcmFile(part.with_suffix(".music")) as music:
        meter = LoudnessMeter()
        without_sound = _mix_buses(timeline, mix, music, meter, watch)
        raw = meter.loudness()
        level = _find_level(mix, total, raw, watch)
        for _ in range(_ROUNDS):
            _encode(mix, total, level, part, watch)
            heard = _measure_encoded(part, total)
            over = (heard.true_peak or 0.0) - HIGHEST_TRUE_PEAK if heard.true_peak is not None else -1.0
            if over < 0:
                break
            level = _Level(level.gain_db, level.ceiling_db - over - _CLOSE_ENOUGH)
    return _Made(heard.lufs, heard.true_peak, level.gain_db, _warnings(raw, heard, without_sound))


def _mix_buses(timeline: Timeline, mix: PcmFile, music: PcmFile, meter: LoudnessMeter, watch: _Watch) -> list[int]:
    """All buses into `mix`, heard by `meter`. Returns the shots that should have kept a sound and have none."""
    total = timeline.total_samples
    own, without_sound = own_sound_bus(timeline)
    buses = [speech_bus(timeline.speech), own]
    if timeline.music is not None:
        decode_music(timeline.music, music, total + CROSSFADE)  # enough never to loop a piece that is long enough
        buses.append(music_bus(timeline.music, music, timeline.speech, total))
    for start in range(0, total, BLOCK):
        watch(start / total * 0.4)
        block = mix.read(total, total + min(BLOCK, total - start))  # silence
        for bus in buses:
            bus(block, start)
        mix.append(block)
        meter.add(block)
    return without_sound


def _find_level(mix: PcmFile, total: int, raw: Loudness, watch: _Watch) -> _Level:
    """The gain that brings the mix to its loudness. Where the limiter has to work it takes some loudness away, which
    is measured and given back."""
    if raw.lufs is None or raw.true_peak is None:
        return _Level(0.0, _CEILING)
    gain = TARGET_LUFS - raw.lufs
    if raw.true_peak + gain <= _CEILING:
        return _Level(gain, _CEILING)
    for turn in range(_ROUNDS):
        meter = LoudnessMeter()
        for start in range(0, total, BLOCK):
            watch(0.4 + 0.3 * (turn + start / total) / _ROUNDS)
            stop = min(start + BLOCK, total)
            meter.add(limited(mix.read, start, stop, gain=factor(gain), ceiling=factor(_CEILING)))
        lufs = meter.loudness().lufs
        if lufs is None or abs(TARGET_LUFS - lufs) <= _CLOSE_ENOUGH:
            break
        gain += TARGET_LUFS - lufs
    return _Level(gain, _CEILING)


def _encode(mix: PcmFile, total: int, level: _Level, part: Path, watch: _Watch) -> None:
    gain, ceiling = factor(level.gain_db), factor(level.ceiling_db)

    def blocks() -> Iterator[bytes]:
        for start in range(0, total, BLOCK):
            watch(0.7 + 0.25 * start / total)
            yield limited(mix.read, start, min(start + BLOCK, total), gain=gain, ceiling=ceiling).tobytes()

    encoded = ffmpeg.output(
        ffmpeg.input("pipe:0", format="f32le", ar=SAMPLE_RATE, ch_layout="stereo"),
        str(part.absolute()),
        format="mp4",
        fflags="+bitexact",
        map_metadata=-1,
        movie_timescale=SAMPLE_RATE,
        **{"flags:a": "+bitexact"},
        **_AAC,
    )
    run_ffmpeg(encoded, stdin=blocks(), cancelled=watch.cancelled, doing="encode the sound")


def _measure_encoded(part: Path, total: int) -> Loudness:
    """The loudness of what a player will hear. Raises UnreadableMediaError where samples are missing."""
    meter, heard = LoudnessMeter(), 0
    for block in gathered(sound_blocks(part), BLOCK):
        meter.add(block)
        heard += len(block)
    if heard != total:
        raise UnreadableMediaError(f"The sound came out with {heard} samples instead of {total}.")
    return meter.loudness()


def _warnings(raw: Loudness, heard: Loudness, without_sound: list[int]) -> tuple[str, ...]:
    warnings: list[str] = []
    if without_sound:
        warnings.append(f"Shots {_list(without_sound)} should keep their own sound, and have none: they are silent.")
    if raw.lufs is None:
        warnings.append("The film is silent: nothing in it is loud enough to be measured, so its sound was left as is.")
    elif heard.lufs is None or abs(heard.lufs - TARGET_LUFS) > LOUDNESS_TOLERANCE:
        warnings.append(
            f"The loudness came out at {heard.lufs or 0.0:.1f} LUFS instead of {TARGET_LUFS:.1f}: "
            "the sound is so uneven that its peaks do not allow more."
        )
    return tuple(warnings)


def _list(numbers: list[int]) -> Any:
    return ", ".join(str(number) for number in numbers)
