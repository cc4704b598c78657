"""What goes into a film's sound and how loud: speech, the clips' own sound, and music that makes way for speech.

The music is ducked by the timeline's own speech times instead of by listening to the speech: it can then begin to
make way before the first word, and never pumps between two words.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.audio_reading import PcmFile, PlacedSound, Samples, gathered, sound_blocks
from aianime_pipeline.film.loudness import factor
from aianime_pipeline.film.sources import probe_media
from aianime_pipeline.film.timeline import SAMPLE_RATE, Music, SpeechCue, Timeline, samples_at

DUCKING_DB = -10.0
"""How far music goes down under speech."""
DUCK_BEFORE = SAMPLE_RATE // 4
DUCK_AFTER = SAMPLE_RATE * 6 // 10
CROSSFADE = SAMPLE_RATE * 2
"""Where the music's end meets its beginning again; a quarter of the piece if that is shorter."""
FADE_OUT = SAMPLE_RATE * 2

_EDGE_FADE = SAMPLE_RATE // 200
"""5 ms at both ends of a clip's own sound, so that a cut does not click."""
_LENGTH_TOLERANCE = SAMPLE_RATE // 10
"""Encoder padding may make a voice file differ from its stated length by this much."""

Mixer = Callable[[Samples, int], None]
"""Adds a bus into a block that begins at the given sample of the film. Blocks come in order."""


def speech_bus(cues: Sequence[SpeechCue]) -> Mixer:
    """Every line at its sample. Raises UnreadableMediaError where a file's length is not the timeline's."""
    waiting = [(cue, PlacedSound(partial(sound_blocks, cue.source), cue.start, cue.length)) for cue in cues]

    def mix(block: Samples, at: int) -> None:
        for _, sound in waiting:
            if sound.start >= at + len(block):
                break
            sound.add_into(block, at)
        while waiting and waiting[0][0].end <= at + len(block):
            cue, sound = waiting.pop(0)
            _check_length(cue, sound.exhaust())

    return mix


def own_sound_bus(timeline: Timeline) -> tuple[Mixer, list[int]]:
    """The sound of the clips that keep theirs, each from its cut to the next, and the shots that turned out to have
    none: those are silent."""
    sounds: list[PlacedSound] = []
    without: list[int] = []
    for clip, first in zip(timeline.clips, timeline.starts, strict=True):
        if not clip.keeps_own_sound:
            continue
        if probe_media(clip.source, needs="video").sound is None:
            without.append(clip.shot)
            continue
        start, end = (samples_at(frame, timeline.rate) for frame in (first, first + clip.frames))
        sounds.append(PlacedSound(partial(sound_blocks, clip.source), start, end - start, edge_fade=_EDGE_FADE))

    def mix(block: Samples, at: int) -> None:
        while sounds and sounds[0].start + sounds[0].length <= at:
            sounds.pop(0)
        for sound in sounds:
            if sound.start >= at + len(block):
                break
            sound.add_into(block, at)

    return mix, without


def decode_music(music: Music, pcm: PcmFile, most: int) -> None:
    """The music's samples into `pcm`, but not more than `most`. Raises UnreadableMediaError."""
    for block in gathered(sound_blocks(music.source), SAMPLE_RATE):
        pcm.append(block[: most - pcm.samples])
        if pcm.samples >= most:
            break
    if pcm.samples == 0:
        raise UnreadableMediaError(f"The music {music.source.name} has no sound in it.", path=str(music.source))


def music_bus(music: Music, pcm: PcmFile, cues: Sequence[SpeechCue], total: int) -> Mixer:
    """Music for `total` samples: looped where it is short, faded out at the end, ducked under `cues`."""
    ducking = ducking_curve(cues)
    gain = factor(music.gain_db)

    def mix(block: Samples, at: int) -> None:
        places = np.arange(at, at + len(block))
        fade = np.clip((total - places) / min(FADE_OUT, max(total // 4, 1)), 0, 1)
        block += looped(pcm, at, len(block)) * (gain * fade * ducking(places))[:, None].astype(np.float32)

    return mix


def looped(pcm: PcmFile, at: int, count: int) -> Samples:
    """`count` samples from `at` of a sound without end: each round begins while the one before it fades out, with
    equal power, so that the seam is neither a dip nor a click."""
    crossfade = min(CROSSFADE, pcm.samples // 4)
    period = pcm.samples - crossfade
    out = np.zeros((count, 2), np.float32)
    for turn in range(max(0, (at - crossfade) // period), (at + count) // period + 1):
        begins = turn * period
        first, last = max(at, begins), min(at + count, begins + pcm.samples)
        if first >= last:
            continue
        place = np.arange(first - begins, last - begins)
        weight = np.ones(len(place))
        if crossfade:
            if turn:
                weight *= np.sin(np.clip(place / crossfade, 0, 1) * (np.pi / 2))
            weight *= np.sin(np.clip((pcm.samples - place) / crossfade, 0, 1) * (np.pi / 2))
        out[first - at : last - at] += pcm.read(first - begins, last - begins) * weight[:, None].astype(np.float32)
    return out


def ducking_curve(cues: Sequence[SpeechCue]) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
    """The music's factor at any sample: 1 away from speech, down by DUCKING_DB from the first word to the last. In
    pauses too short to come up and go down again it stays down."""
    spans: list[tuple[int, int]] = []
    for cue in cues:
        if spans and cue.start - spans[-1][1] < DUCK_BEFORE + DUCK_AFTER:
            spans[-1] = (spans[-1][0], cue.end)
        else:
            spans.append((cue.start, cue.end))
    points = [(float("-inf"), 0.0)]
    for start, end in spans:
        points += [(start - DUCK_BEFORE, 0.0), (start, DUCKING_DB), (end, DUCKING_DB), (end + DUCK_AFTER, 0.0)]
    places, levels = zip(*points[1:], strict=True) if spans else ((0,), (0.0,))

    def curve(at: NDArray[np.int64]) -> NDArray[np.float64]:
        decibel: NDArray[np.float64] = np.interp(at, places, levels)
        return np.asarray(10 ** (decibel / 20), np.float64)

    return curve


def _check_length(cue: SpeechCue, decoded: int) -> None:
    if abs(decoded - cue.length) > _LENGTH_TOLERANCE:
        raise UnreadableMediaError(
            f"The voice line of shot {cue.shot} has {decoded / SAMPLE_RATE:.2f} s of sound, and the timeline was told "
            f"{cue.length / SAMPLE_RATE:.2f} s. The file is damaged or was exchanged.",
            shot=cue.shot,
            path=str(cue.source),
        )
