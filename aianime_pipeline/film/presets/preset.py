"""What a film file is to be like: the fields of an export preset, their meaning, and which values are right. Pure.

Which presets there are is `presets`' subject, how they are written down and changed by words `preset_texts`'.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, get_args

from aianime_pipeline.errors import BadSettingError

Resolution = Literal["480p", "720p", "1080p", "4k"]
"""The shorter side: 480, 720, 1080 or 2160 pixels."""
Aspect = Literal["16:9", "9:16", "1:1"]
Codec = Literal["h264", "h265", "av1"]
Quality = Literal["draft", "standard", "high"]
SubtitleMode = Literal["soft", "burned", "none"]
Fit = Literal["pad", "crop"]
"""How a picture of another shape fills the frame: with bars, or cut at the sides."""
Loudness = Literal[-14, -16, -23]
"""LUFS, integrated."""

SHORTER_SIDES: Mapping[Resolution, int] = {"480p": 480, "720p": 720, "1080p": 1080, "4k": 2160}
RATES: Mapping[str, Fraction] = {
    "24": Fraction(24),
    "25": Fraction(25),
    "30": Fraction(30),
    "23.976": Fraction(24_000, 1_001),
}
"""Frames a second, by the word that people write."""
CHOICES: Mapping[str, tuple[str | int, ...]] = {
    "resolution": get_args(Resolution),
    "aspect": get_args(Aspect),
    "codec": get_args(Codec),
    "quality": get_args(Quality),
    "subtitles": get_args(SubtitleMode),
    "fit": get_args(Fit),
    "loudness": get_args(Loudness),
}
SWITCHES = ("hardware", "watermark", "ai_label")

_NAME = re.compile(r"\w[\w-]{0,47}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class ExportPreset:
    """`rate` in frames a second. `languages` are the subtitles' (empty: all that the timeline has, or its own language
    where they are burned in: then one only). `poster_second` is where the poster frame is taken, None for no poster.

    Raises BadSettingError, naming the field and what it takes.
    """

    name: str
    resolution: Resolution = "1080p"
    aspect: Aspect = "16:9"
    rate: Fraction = Fraction(24)
    codec: Codec = "h264"
    quality: Quality = "standard"
    hardware: bool = False
    fit: Fit = "pad"
    subtitles: SubtitleMode = "soft"
    languages: tuple[str, ...] = ()
    watermark: bool = True
    ai_label: bool = True
    poster_second: Fraction | None = Fraction(1)
    loudness: Loudness = -16

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise wrong("name", self.name, "1 to 48 letters, digits, hyphens and underscores")
        for field, choices in CHOICES.items():
            value = getattr(self, field)
            if isinstance(value, bool | float) or value not in choices:
                raise wrong(field, value, one_of(choices))
        for field in SWITCHES:
            if not isinstance(getattr(self, field), bool):
                raise wrong(field, getattr(self, field), "true or false")
        if not isinstance(self.rate, Fraction) or self.rate not in RATES.values():
            raise wrong("rate", self.rate, one_of(RATES))
        self._check_languages()
        poster = self.poster_second
        if poster is not None and not (isinstance(poster, Fraction) and _is_of_a_day(poster)):
            raise wrong("poster_second", poster, "seconds from 0 to a day to the microsecond, or none")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, both even."""
        short = SHORTER_SIDES[self.resolution]
        if self.aspect == "1:1":
            return short, short
        long = 2 * -(-short * 8 // 9)
        return (long, short) if self.aspect == "16:9" else (short, long)

    def _check_languages(self) -> None:
        languages = self.languages
        known = isinstance(languages, tuple) and all(
            isinstance(language, str) and _LANGUAGE.fullmatch(language) for language in languages
        )
        if not known or len(set(languages)) < len(languages):
            raise wrong("languages", languages, "language codes such as zh or en-US, each once")
        if self.subtitles == "burned" and len(languages) > 1:
            raise wrong("languages", ",".join(languages), "one at most where subtitles are burned in")
        if self.subtitles == "none" and languages:
            raise wrong("languages", ",".join(languages), "nothing where subtitles is none")


def _is_of_a_day(second: Fraction) -> bool:
    return 0 <= second <= 86_400 and second.denominator <= 1_000_000


def wrong(field: str, value: Any, takes: str) -> BadSettingError:
    """The error that says what `field` is and what it takes."""
    shown = str(value) if isinstance(value, Fraction) else repr(value)
    return BadSettingError(f"{field} is {shown}; it takes {takes}.", field=field)


def one_of(choices: Collection[str | int]) -> str:
    return f"one of {', '.join(map(str, choices))}"
