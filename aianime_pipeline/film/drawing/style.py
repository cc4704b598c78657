"""How a project's subtitles look: one style for the burned-in pictures and for the `.ass` file."""

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self

from aianime_pipeline.errors import BadSettingError

Backing = Literal["none", "shadow", "box"]
"""What lies behind the letters, so that they can be read on any picture."""

_BACKINGS = ("none", "shadow", "box")
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_BOUNDS = {
    "size": (0.02, 0.15),
    "portrait_size": (0.02, 0.15),
    "outline_width": (0.0, 0.2),
    "backing_opacity": (0.0, 1.0),
    "margin_bottom": (0.0, 0.8),
    "portrait_margin_bottom": (0.0, 0.8),
}
SMALLEST_TEXT = 8
"""Pixels; below that the strokes of a Chinese character run into each other."""


@dataclass(frozen=True)
class SubtitleStyle:
    """Sizes are shares of the frame's shorter side, margins (below the last line) of its height, the outline's width
    of the letters' size. Frames taller than wide have values of their own: their viewers hold a phone, whose apps
    write titles and buttons over the lower fifth. Colours are `#rrggbb`.

    `backing` is drawn in `backing_colour`; a box takes the outline's place. Raises BadSettingError.
    """

    size: float = 0.055
    portrait_size: float = 0.062
    colour: str = "#ffffff"
    outline_colour: str = "#101014"
    outline_width: float = 0.07
    backing: Backing = "shadow"
    backing_colour: str = "#000000"
    backing_opacity: float = 0.55
    margin_bottom: float = 0.055
    portrait_margin_bottom: float = 0.24
    bold: bool = True
    speaker_shown: bool = False

    def __post_init__(self) -> None:
        for name, (least, most) in _BOUNDS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise _wrong(name, value, "a number")
            if not least <= value <= most:
                raise _wrong(name, value, f"from {least:g} to {most:g}")
            object.__setattr__(self, name, float(value))  # 1 and 1.0 are the same style, and one in JSON
        for name in ("colour", "outline_colour", "backing_colour"):
            value = getattr(self, name)
            if not isinstance(value, str) or not _COLOUR.fullmatch(value):
                raise _wrong(name, value, "a colour such as #ffcc00")
            object.__setattr__(self, name, value.lower())
        for name in ("bold", "speaker_shown"):
            if not isinstance(getattr(self, name), bool):
                raise _wrong(name, getattr(self, name), "true or false")
        if self.backing not in _BACKINGS:
            raise _wrong("backing", self.backing, f"one of {', '.join(_BACKINGS)}")

    def text_size(self, width: int, height: int) -> int:
        """Pixels from a line's top to its bottom without the space between lines (the em), before it is made to fit."""
        share = self.portrait_size if height > width else self.size
        return max(SMALLEST_TEXT, round(share * min(width, height)))

    def margin(self, width: int, height: int) -> int:
        """Pixels that stay free below the last line."""
        return round((self.portrait_margin_bottom if height > width else self.margin_bottom) * height)

    def to_document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """What is not said is as by default. Raises BadSettingError for a name that is none and for a bad value."""
        known = [field.name for field in fields(cls)]
        if not isinstance(document, Mapping):
            raise BadSettingError("A subtitle style is an object of names and values.")
        for name in document:
            if name not in known:
                raise BadSettingError(f"A subtitle style has no {name!r}; it has {', '.join(known)}.", name=str(name))
        return cls(**document)


def rgb(colour: str) -> tuple[int, int, int]:
    """`#rrggbb` as three numbers from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _wrong(name: str, value: object, right: str) -> BadSettingError:
    return BadSettingError(f"The subtitle style's {name} is {value!r}; it must be {right}.", name=name)
