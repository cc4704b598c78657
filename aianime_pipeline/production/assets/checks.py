"""What a person may say of an asset: its words, its look, its voice, and the picture that they bring. Pure but for the
picture's decoding."""

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from aianime_pipeline.errors import BadInputError, BadPictureError, UnreadableMediaError
from aianime_pipeline.film.stills import opened_still
from aianime_pipeline.production.assets.collecting import AssetKind
from aianime_pipeline.production.written_text import checked_text, shown_text
from aianime_pipeline.providers.local.looks import complete_look
from aianime_pipeline.providers.local.voices import TIMBRES

MOST_DESCRIPTION = 4_000
"""Characters."""
MOST_WORD = 100
"""Characters of a word in a look."""
MOST_PICTURE_BYTES = 20_000_000
MOST_PICTURE_PIXELS = 40_000_000
"""Of an upload; each takes up to eight bytes while it is read."""
SMALLEST_SIDE, LARGEST_SIDE = 64, 2048
"""Pixels: what is smaller shows nobody, what is larger is kept smaller. References that are made have 1280."""

_FIXED = ("recipe", "kind", "name")
_COLOURS = frozenset({"skin", "colour", "main", "second", "accent", "cloak", "towel", "scarf", "flame"})
_COLOUR = re.compile(r"(?:[0-9a-f]{6})?")
_VOICE = {"variant": sorted(TIMBRES), "gender": ["female", "male"], "age": ["child", "young", "adult", "elder"]}
_VOICE_NUMBERS = {"pitch": (0, 99), "rate": (80, 360)}
"""As the embedded voice takes them; the rate in words a minute."""


def checked_description(description: str) -> str:
    """The words in one line. Raises BadInputError."""
    words = " ".join(checked_text(description, "The description").split())
    if len(words) > MOST_DESCRIPTION:
        raise BadInputError(
            f"The description has {len(words):,} characters; it takes {MOST_DESCRIPTION:,} at most.",
            field="description",
        )
    return words


def changed_look(
    kind: AssetKind, name: str, description: str, base: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """The look `base` with those fields changed, each to a value of the kind that it has. Raises BadInputError with the
    `field`, such as `sheet.hair.colour`."""
    whole = complete_look(kind, name, description, base)
    return _changed(whole, changes, "sheet")


def changed_voice(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The voice with another `variant`, `gender` or `age`, another `pitch` (0 to 99) or `rate` (80 to 360 words a
    minute). Raises BadInputError with the `field`."""
    for name, value in changes.items():
        if name in _VOICE:
            if value not in _VOICE[name]:
                raise _bad(f"voice.{name}", value, f"one of {', '.join(_VOICE[name])}")
        elif name in _VOICE_NUMBERS:
            least, most = _VOICE_NUMBERS[name]
            if type(value) is not int or not least <= value <= most:
                raise _bad(f"voice.{name}", value, f"a whole number from {least} to {most}")
        else:
            raise _no_field(f"voice.{shown_text(name)[:MOST_WORD]}", (*_VOICE, *_VOICE_NUMBERS))
    return {**base, **changes}


def reference_png(data: bytes, folder: Path) -> bytes:
    """The picture that somebody brought as a PNG of its pixels alone: upright, without what else is in the file, no
    side over `LARGEST_SIDE`, what is transparent white. `folder` is for the file while it is read. Raises
    BadPictureError."""
    if len(data) > MOST_PICTURE_BYTES:
        raise BadPictureError(f"The picture has more than {MOST_PICTURE_BYTES:,} bytes.")
    file = folder / "picture"
    file.write_bytes(data)
    try:
        with opened_still(file, "The file") as picture:
            if picture.width * picture.height > MOST_PICTURE_PIXELS:
                raise BadPictureError(
                    f"The picture has {picture.width}x{picture.height} pixels; it is read up to "
                    f"{MOST_PICTURE_PIXELS // 1_000_000} megapixels."
                )
            if min(picture.size) < SMALLEST_SIDE:
                size = f"{picture.width}x{picture.height}"
                raise BadPictureError(f"The picture has {size} pixels; each side takes {SMALLEST_SIDE} at least.")
            shown = picture if picture.mode in ("L", "RGB", "RGBA", "CMYK") else picture.convert("RGBA")
            shown.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
            return _on_white(ImageOps.exif_transpose(shown))
    except UnreadableMediaError as error:
        # Pillow names the file where it lies.
        raise BadPictureError(error.message.replace(str(file), file.name)) from error
    finally:
        file.unlink()


def _on_white(picture: Image.Image) -> bytes:
    shown = picture.convert("RGBA")
    ground = Image.new("RGBA", shown.size, "white")
    ground.alpha_composite(shown)
    written = io.BytesIO()
    ground.convert("RGB").save(written, "PNG")
    return written.getvalue()


def _changed(base: Mapping[str, Any], changes: Mapping[str, Any], where: str) -> dict[str, Any]:
    changed = dict(base)
    for name, value in changes.items():
        field = f"{where}.{shown_text(name)[:MOST_WORD]}"
        if name not in base or (where == "sheet" and name in _FIXED):
            raise _no_field(field, [one for one in base if where != "sheet" or one not in _FIXED])
        had = base[name]
        if isinstance(had, Mapping):
            if not isinstance(value, Mapping):
                raise _bad(field, value, "an object with the fields to be changed")
            changed[name] = _changed(had, value, field)
        else:
            changed[name] = _checked_value(field, name, had, value)
    return changed


def _checked_value(field: str, name: str, had: Any, value: Any) -> Any:
    if name in _COLOURS and isinstance(had, str):
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise _bad(field, value, "a colour such as a7a9ba, or nothing")
    elif isinstance(had, bool):
        if not isinstance(value, bool):
            raise _bad(field, value, "true or false")
    elif isinstance(had, int | float):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _bad(field, value, "a number")
        if not 0 <= value < 2**31:  # which no NaN is
            raise _bad(field, value, "a number from 0 on")
    elif isinstance(had, list):
        if not isinstance(value, list) or len(value) > MOST_WORD or not all(_is_word(one) for one in value):
            raise _bad(field, value, "a list of words")
    elif not _is_word(value):
        raise _bad(field, value, f"a word of {MOST_WORD} characters at most")
    return value


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MOST_WORD and (value == "" or value.isprintable())


def _bad(field: str, value: Any, right: str) -> BadInputError:
    return BadInputError(f"{field} is {str(value)[:80]!r}; it takes {right}.", field=field)


def _no_field(field: str, known: Any) -> BadInputError:
    return BadInputError(f"There is no {field} to be changed; there are {', '.join(known)}.", field=field)
