"""The film's whole sound: mixed from its sources, brought to its loudness, encoded in stretches, put together.

Everything is kept by its content: the finished sound, so that a change in the pictures alone leaves it as it is; its
stretches, so that a changed line costs a few seconds of sound; the decoded sources, so that other music costs no
decoding of the lines. Nothing here grows in memory with the film's length.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from aianime_pipeline.errors import BadSettingError, UnreadableMediaError
from aianime_pipeline.film.cache import content_key, part_beside, seal, sealed_facts
from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled
from aianime_pipeline.film.sound.aac import ENCODER, write_track
from aianime_pipeline.film.sound.buses import HeardSound, heard_sounds, music_ramps, spoken_spans
from aianime_pipeline.film.sound.loudness import Loudness, decibels, factor, integrated
from aianime_pipeline.film.sound.mixing import (
    LINE_LUFS,
    MOST_LEVELLING_DB,
    BoundSound,
    Mix,
    MusicBed,
    bound,
    levelling_db,
)
from aianime_pipeline.film.sound.sources import SourceSound, decoded_source
from aianime_pipeline.film.sound.stretches import EncodedStretch, Level, Stretches, StretchLoudness
from aianime_pipeline.film.timeline import Music, Timeline

SOUND = "sound"
TARGET_LUFS = -16.0
LOUDNESS_TOLERANCE = 0.5
HIGHEST_TRUE_PEAK = -1.5
"""dBTP, of the encoded sound as a player decodes it."""

_RECIPE = "sound-2"
_CEILING = -2.0
"""dBTP of the samples: AAC overshoots by a few tenths."""
_CEILING_STEP = 0.25
_GAIN_STEP = 0.4
"""The gain comes in steps (dB), as coarse as the tolerance allows: a small change somewhere then leaves the gain, and
with it all the other stretches, as they were."""
_WELL_WITHIN = 0.35
_ROUNDS = 6
_QUIETEST_TARGET, _LOUDEST_TARGET = -40.0, -8.0
_TOLD_LEVELLING_DB = 0.5

Share = Callable[[float], None]
"""Told how much is done, from 0 to 1."""


@dataclass(frozen=True)
class SoundMix:
    """`lufs` and `true_peak` (dBTP) are measured on the decoded AAC, and None for a silent film, whose gain is 0.
    `made` is False where the mix was kept from an earlier film. `levelled` has the dB by which each shot's line was
    raised or lowered to be as loud as the others, where that is to be heard."""

    path: Path
    made: bool
    lufs: float | None
    true_peak: float | None
    gain_db: float
    warnings: tuple[str, ...]
    levelled: dict[int, float] = field(default_factory=dict)


def mix_sound(
    timeline: Timeline,
    *,
    cache: Path,
    target_lufs: float = TARGET_LUFS,
    workers: int = 2,
    cancelled: Cancelled | None = None,
    on_share: Share | None = None,
) -> SoundMix:
    """The timeline's sound as AAC in an MP4, exactly `timeline.total_samples` long, at `target_lufs` within 0.5 LU.

    Raises UnreadableMediaError for a source that cannot be used, BadSettingError for a target that no film has,
    DiskFullError, FfmpegCancelled.
    """
    if not _QUIETEST_TARGET <= target_lufs <= _LOUDEST_TARGET:
        raise BadSettingError(f"A film's loudness is -40 to -8 LUFS, not {target_lufs}; -16 is usual.")
    path = cache / SOUND / f"{sound_key(timeline, target_lufs)}.m4a"
    facts = sealed_facts(path)
    made = facts is None
    if facts is None:
        mixing = _Mixing(timeline, path.parent, target_lufs, workers, cancelled, on_share)
        with part_beside(path) as part:
            facts = _make(mixing, part)
            seal(part, facts)
            part.replace(path)
    return SoundMix(
        path=path,
        made=made,
        lufs=facts["lufs"],
        true_peak=facts["true_peak"],
        gain_db=facts["gain_db"],
        warnings=tuple(facts["warnings"]),
        levelled={int(shot): decibel for shot, decibel in facts["levelled"].items()},
    )


def sound_key(timeline: Timeline, target_lufs: float = TARGET_LUFS) -> str:
    """Digest of all that is heard."""
    music = timeline.music
    return content_key(
        _RECIPE,
        samples=timeline.total_samples,
        # The shot's number is in the warnings that are kept with the sound.
        heard=[(sound.shot, *sound.key(0)) for sound in heard_sounds(timeline)],
        spoken=spoken_spans(timeline),
        music=None if music is None else asdict(replace(music, source=Path())),
        target=target_lufs,
        encoder=ENCODER,
    )


@dataclass(frozen=True)
class _Mixing:
    """What is to be mixed, and how."""

    timeline: Timeline
    folder: Path
    target: float
    workers: int
    cancelled: Cancelled | None
    on_share: Share | None

    def share(self, begin: float, end: float) -> Share:
        """Progress within a step that takes the whole from `begin` to `end`."""

        def told(share: float) -> None:
            if self.cancelled is not None and self.cancelled():
                raise FfmpegCancelled("mix the sound")
            if self.on_share is not None:
                self.on_share(begin + (end - begin) * share)

        return told


def _make(mixing: _Mixing, part: Path) -> dict[str, Any]:
    timeline = mixing.timeline
    sounds, music, notes = _sources(mixing)
    mix = Mix(timeline.total_samples, sounds, music, spoken_spans(timeline))
    stretches = Stretches(mix, mixing.folder, workers=mixing.workers, cancelled=mixing.cancelled)
    raw = stretches.raw(mixing.share(0.3, 0.5))
    unlevelled = _together(raw, mix.total)
    level = _find_level(mixing, stretches, raw, unlevelled)
    level, encoded, heard = _encode(mixing, stretches, level)
    write_track(part, (packet for stretch in encoded for packet in stretch.packets()), mix.total)
    return {
        "lufs": heard.lufs,
        "true_peak": heard.true_peak,
        "gain_db": level.gain_db,
        "warnings": [*notes, *_loudness_warnings(mixing.target, unlevelled, heard)],
        "levelled": {
            str(sound.heard.shot): levelling_db(sound.source)
            for sound in sounds
            if sound.heard.bus == "speech" and abs(levelling_db(sound.source)) >= _TOLD_LEVELLING_DB
        },
    }


def _sources(mixing: _Mixing) -> tuple[list[BoundSound], MusicBed | None, list[str]]:
    """All sources, decoded, and what is to be told of them."""
    heard = heard_sounds(mixing.timeline)
    told = mixing.share(0.0, 0.3)
    found: list[SourceSound] = []
    with ThreadPoolExecutor(max(1, mixing.workers), thread_name_prefix="sound") as pool:
        try:
            for source in pool.map(lambda sound: _decoded(mixing, sound), heard):
                found.append(source)
                told(len(found) / (len(heard) + 1))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    pairs = list(zip(heard, found, strict=True))
    silent = sorted({sound.shot for sound, source in pairs if sound.bus == "own" and not source.channels})
    for sound, source in pairs:
        if not source.channels and sound.bus != "own":
            raise UnreadableMediaError(
                f"{sound.source.name} (shot {sound.shot}) has no sound in it.", path=str(sound.source), shot=sound.shot
            )
    sounds = [bound(sound, source) for sound, source in pairs if source.channels]
    notes = []
    if silent:
        notes.append(f"Shots {_list(silent)} should keep their own sound, and have none: they are silent.")
    notes += _levelling_warnings(sounds)
    music = None
    if mixing.timeline.music is not None:
        music = _music(mixing, mixing.timeline.music)
        if not music.source.heard_to:
            notes.append(f"The music {mixing.timeline.music.source.name} is silent.")
    return sounds, music, notes


def _decoded(mixing: _Mixing, sound: HeardSound) -> SourceSound:
    return decoded_source(
        sound.source,
        sound.digest,
        need=sound.source_end,
        cache=mixing.folder,
        measured=sound.bus == "speech",
        cancelled=mixing.cancelled,
    )


def _music(mixing: _Mixing, music: Music) -> MusicBed:
    total = mixing.timeline.total_samples
    source = decoded_source(music.source, music.digest, need=total, cache=mixing.folder, cancelled=mixing.cancelled)
    if not source.channels or not source.samples:
        raise UnreadableMediaError(f"The music {music.source.name} has no sound in it.", path=str(music.source))
    loops = source.complete and 0 < source.heard_to < total
    return MusicBed(source, factor(music.gain_db), music.ducking_db, music_ramps(music, total), loops)


def _find_level(mixing: _Mixing, stretches: Stretches, raw: list[StretchLoudness], unlevelled: Loudness) -> Level:
    """The gain that brings the mix to its loudness. Where the limiter has to work it takes some loudness away, which
    is measured and given back; so is what only now passes the meter's gate for silence."""
    if unlevelled.lufs is None or unlevelled.true_peak is None:
        return Level(0.0, _CEILING)
    total = mixing.timeline.total_samples
    level = Level(_in_steps(mixing.target - unlevelled.lufs), _CEILING)
    best, closest = level, float("inf")
    for turn in range(_ROUNDS):
        found = stretches.limited(
            raw, level, mixing.share(0.5 + 0.2 * turn / _ROUNDS, 0.5 + 0.2 * (turn + 1) / _ROUNDS)
        )
        lufs = _together(found, total).lufs
        missing = 0.0 if lufs is None else mixing.target - lufs
        if abs(missing) < closest:
            best, closest = level, abs(missing)
        if not (step := _in_steps(missing)):
            break
        level = Level(_in_steps(level.gain_db + step), _CEILING)
    return best


def _encode(mixing: _Mixing, stretches: Stretches, level: Level) -> tuple[Level, list[EncodedStretch], Loudness]:
    """Encoded so that no peak is too high after decoding (where AAC overshoots, again under a lower ceiling), and that
    the loudness is right: AAC takes some from noise."""
    share, total = mixing.share(0.7, 0.98), mixing.timeline.total_samples
    corrected = False
    for _ in range(_ROUNDS):
        encoded = stretches.encoded(level, share)
        heard = _together([stretch.loudness for stretch in encoded], total)
        missing = 0.0 if heard.lufs is None else mixing.target - heard.lufs
        if heard.true_peak is not None and heard.true_peak >= HIGHEST_TRUE_PEAK:
            steps = int((heard.true_peak - HIGHEST_TRUE_PEAK) / _CEILING_STEP) + 1
            level = replace(level, ceiling_db=level.ceiling_db - steps * _CEILING_STEP)
        elif abs(missing) > _WELL_WITHIN and not corrected:
            corrected, level = True, replace(level, gain_db=_in_steps(level.gain_db + missing))
        else:
            break
    return level, encoded, heard


def _together(parts: list[StretchLoudness], total: int) -> Loudness:
    hops = [hop for part in parts for hop in part.hops]
    return Loudness(integrated(hops, total), decibels(max(part.peak for part in parts)))


def _in_steps(gain_db: float) -> float:
    """Rounded to the nearest step."""
    return round(round(gain_db / _GAIN_STEP) * _GAIN_STEP, 1)


def _levelling_warnings(sounds: list[BoundSound]) -> list[str]:
    """Lines that could not be brought to where the others are."""
    far: dict[str, list[int]] = {}
    for sound in sounds:
        lufs = sound.source.lufs
        if sound.heard.bus == "speech" and lufs is not None and abs(LINE_LUFS - lufs) > MOST_LEVELLING_DB:
            far.setdefault("quieter" if lufs < LINE_LUFS else "louder", []).append(sound.heard.shot)
    return [
        f"The lines of shots {_list(shots)} are much {how} than the others, and were levelled by "
        f"{MOST_LEVELLING_DB:.0f} dB only."
        for how, shots in far.items()
    ]


def _loudness_warnings(target: float, raw: Loudness, heard: Loudness) -> list[str]:
    if raw.lufs is None:
        return ["The film is silent: nothing in it is loud enough to be measured, so its sound was left as is."]
    warnings = []
    if heard.lufs is None or abs(heard.lufs - target) > LOUDNESS_TOLERANCE:
        warnings.append(
            f"The loudness came out at {heard.lufs or 0.0:.1f} LUFS instead of {target:.1f}: "
            "the sound is so uneven that its peaks do not allow more."
        )
    if heard.true_peak is not None and heard.true_peak >= HIGHEST_TRUE_PEAK:
        warnings.append(f"The highest peak is at {heard.true_peak:.1f} dBTP instead of under {HIGHEST_TRUE_PEAK}.")
    return warnings


def _list(numbers: list[int]) -> str:
    return ", ".join(str(number) for number in numbers)
