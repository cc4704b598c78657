"""A piece of quiet music as notes: which mood has which scale, tempo and instruments, and the melody made of them.

Pure and endless: `notes_of` yields notes in time order until it is stopped, so that any length is cut from one stream.
The music is composed by chance within rules and copies nothing.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Instrument = Literal["zither", "piano", "marimba", "pad", "dark_pad", "pulse"]

PADS: frozenset[Instrument] = frozenset({"pad", "dark_pad"})
"""The instruments that hold a tone for a given time."""


@dataclass(frozen=True)
class Note:
    """`start` in seconds; `pitch` a MIDI number; `level` 0–1; `pan` −1 (left) to 1; `seconds` only matters to pads."""

    start: float
    instrument: Instrument
    pitch: int
    level: float
    pan: float
    seconds: float = 0.0


@dataclass(frozen=True)
class Style:
    """`scale` and `chords` are semitones over `root` (MIDI); `density` is the share of melody beats that sound."""

    name: str
    root: int
    scale: tuple[int, ...]
    chords: tuple[tuple[int, ...], ...]
    beats_a_minute: int
    melody: Instrument
    pad: Instrument
    density: float
    accompaniment: float
    """Share of the half beats on which a soft note of the chord is plucked."""
    pulse: bool = False
    grace: bool = False
    """Ornaments: quick runs into a long note, as on a zither."""


_PENTATONIC = (0, 2, 4, 7, 9)
_MINOR_PENTATONIC = (0, 3, 5, 7, 10)
_HIRAJOSHI = (0, 2, 3, 7, 8)

STYLES: dict[str, Style] = {
    style.name: style
    for style in (
        Style(
            "ancient",
            50,
            _PENTATONIC,
            ((0, 7, 14), (-3, 4, 9), (-5, 2, 7), (0, 7, 12)),
            66,
            "zither",
            "pad",
            0.5,
            0.2,
            grace=True,
        ),
        Style(
            "calm", 48, _PENTATONIC, ((0, 7, 16), (-3, 4, 12), (5, 12, 16), (-5, 7, 14)), 70, "piano", "pad", 0.38, 0.3
        ),
        Style(
            "sad",
            45,
            _MINOR_PENTATONIC,
            ((0, 7, 15), (-4, 3, 12), (-2, 5, 10), (0, 7, 12)),
            56,
            "piano",
            "pad",
            0.34,
            0.22,
        ),
        Style(
            "tense",
            43,
            _HIRAJOSHI,
            ((0, 7, 8), (0, 6, 12), (1, 8, 13), (0, 7, 15)),
            84,
            "zither",
            "dark_pad",
            0.16,
            0.0,
            pulse=True,
        ),
        Style(
            "happy",
            53,
            _PENTATONIC,
            ((0, 7, 16), (5, 9, 12), (-3, 4, 12), (-5, 2, 14)),
            104,
            "marimba",
            "pad",
            0.5,
            0.42,
        ),
        Style(
            "heroic",
            45,
            _MINOR_PENTATONIC,
            ((0, 7, 12), (-4, 3, 8), (-2, 5, 10), (0, 7, 15)),
            92,
            "zither",
            "dark_pad",
            0.42,
            0.3,
            pulse=True,
        ),
    )
}

DEFAULT_STYLE = "calm"

_WORDS: tuple[tuple[str, str], ...] = (
    (r"紧张|悬疑|惊悚|恐怖|危|阴森|诡异|压抑|不安|tens|suspens|thrill|horror|danger|dark|eerie|ominous", "tense"),
    (r"悲|伤|哀|离别|哭|凄|孤独|忧|sad|melanchol|grie|sorrow|lonely|farewell", "sad"),
    (r"热血|战斗|史诗|激昂|战|壮|heroic|epic|battle|fight|triumph", "heroic"),
    (r"欢|快乐|喜|轻松|搞笑|活泼|甜|happy|joy|cheer|playful|funny|comic|upbeat|sweet", "happy"),
    (r"古|国风|仙|武侠|江湖|宫|禅|民乐|古筝|ancient|chinese|wuxia|xianxia|oriental|guzheng|historical", "ancient"),
    (r"平静|温馨|温柔|日常|治愈|宁静|舒缓|浪漫|calm|peace|warm|gentle|daily|quiet|soft|romantic|relax", "calm"),
)


def style_of(mood: str) -> Style:
    """The style for a mood in free words, Chinese or English; calm for none that is known."""
    name = next((name for words, name in _WORDS if re.search(words, mood, re.IGNORECASE)), DEFAULT_STYLE)
    return STYLES[name]


def notes_of(style: Style, seed: int) -> Iterator[Note]:
    """The notes of a piece, in order of their starts, without end. The same seed gives the same piece."""
    chance = random.Random(f"{style.name}:{seed}")
    beat = 60.0 / (style.beats_a_minute * chance.uniform(0.96, 1.04))
    theme, answer = _phrase(style, chance), _phrase(style, chance)
    chord_at = chance.randrange(len(style.chords))
    phrase = 0
    while True:
        melody = (theme, _varied(theme, chance), answer, theme)[phrase % 4]
        if phrase % 8 == 7:
            answer = _phrase(style, chance)
        start = phrase * _PHRASE_BEATS * beat
        notes = _melody(style, melody, start, beat, chance)
        for half in range(2):
            chord = style.chords[(chord_at + phrase * 2 + half) % len(style.chords)]
            notes += _harmony(style, chord, start + half * 8 * beat, beat, chance)
        yield from sorted(notes, key=lambda note: note.start)
        phrase += 1


_PHRASE_BEATS = 16
_MELODY_OCTAVE = 12


def _phrase(style: Style, chance: random.Random) -> tuple[int | None, ...]:
    """Scale steps, one for each beat, None for a rest: a walk in small steps that comes home at the end."""
    step = chance.choice((0, 2, 4))
    walked: list[int | None] = []
    for beat in range(_PHRASE_BEATS - 3):
        strong = beat % 4 == 0
        step = min(max(step + chance.choice((-2, -1, -1, 0, 1, 1, 2)), -2), 8)
        walked.append(step if chance.random() < style.density * (1.5 if strong else 0.85) else None)
    return (*walked, chance.choice((0, 2, 5)) if chance.random() < style.density + 0.3 else None, None, None)


def _varied(phrase: tuple[int | None, ...], chance: random.Random) -> tuple[int | None, ...]:
    return tuple(
        step + chance.choice((-1, 1)) if step is not None and chance.random() < 0.25 else step for step in phrase
    )


def _pitch(style: Style, step: int) -> int:
    octave, degree = divmod(step, len(style.scale))
    return style.root + _MELODY_OCTAVE + 12 * octave + style.scale[degree]


def _melody(
    style: Style, phrase: tuple[int | None, ...], start: float, beat: float, chance: random.Random
) -> list[Note]:
    notes = []
    for index, step in enumerate(phrase):
        if step is None:
            continue
        when = start + index * beat + abs(chance.gauss(0, 0.012))
        level = (0.85 if index % 4 == 0 else 0.62) * chance.uniform(0.85, 1.0)
        pan = 0.25 + chance.uniform(-0.1, 0.1)
        if style.grace and index % 8 == 0 and chance.random() < 0.35:
            for before in (2, 1):
                pitch = _pitch(style, step - before)
                notes.append(Note(max(when - 0.11 * before, start), style.melody, pitch, level * 0.45, pan))
        notes.append(Note(when, style.melody, _pitch(style, step), level, pan))
    return notes


def _harmony(style: Style, chord: tuple[int, ...], start: float, beat: float, chance: random.Random) -> list[Note]:
    """Eight beats: the pad's chord, soft plucked notes of it, and the pulse of a style that has one."""
    spread = (-0.4, 0.0, 0.4)
    # The pad begins before the last one has gone, so that there is no hole between two chords.
    notes = [
        Note(start, style.pad, style.root + tone, 0.8, spread[index % 3], 8 * beat + 2.5)
        for index, tone in enumerate(chord)
    ]
    for half in range(16):
        if chance.random() < style.accompaniment:
            pitch = style.root + chord[half % len(chord)] + (12 if half % 3 else 0)
            level = 0.3 * chance.uniform(0.8, 1.0)
            notes.append(Note(start + half * beat / 2, style.melody, pitch, level, -0.35 + chance.uniform(-0.1, 0.1)))
    if style.pulse:
        notes += [
            Note(start + index * beat, "pulse", style.root - 12, 0.5 if index % 4 == 0 else 0.28, 0.0)
            for index in range(8)
        ]
    return notes
