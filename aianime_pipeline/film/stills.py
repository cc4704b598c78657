"""Opening a still picture that came from outside: only real pictures, and one error for whatever is wrong with one.

No file name is believed. What Pillow's readers raise for damaged files is many things, and each of them means only that
the picture cannot be used.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from aianime_pipeline.errors import UnreadableMediaError

PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "TIFF", "GIF", "BMP")
"""Pillow's names of the still pictures that are read. It would give PostScript to another program to draw."""

MOST_PIXELS = 100_000_000
"""Several times what vendors make. A small file may say that it has any number, and each takes up to eight bytes when
it is read."""

PILLOW_GIVES_UP = (
    *(OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError),
    *(OverflowError, MemoryError, RuntimeError, struct.error),
)
"""What its readers raise for damaged files (found by damaging some thousands)."""


@contextmanager
def opened_still(path: Path, called: str = "") -> Iterator[Image.Image]:
    """Open a picture, whatever its name; in messages it is `called` so, or by its name.

    Raises UnreadableMediaError for what is no picture, is damaged or has more than `MOST_PIXELS`; also for what goes
    wrong inside the block, where its pixels are read.
    """
    name = called or path.name
    try:
        with Image.open(path, formats=PICTURE_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _too_many_pixels(path, name, f"{picture.width}x{picture.height}")
            yield picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(path, name, "too many") from error
    except PILLOW_GIVES_UP as error:
        raise UnreadableMediaError(
            f"{name} does not open as a picture ({error}). A PNG, JPEG or WebP file would be right.", path=str(path)
        ) from error


def _too_many_pixels(path: Path, name: str, count: str) -> UnreadableMediaError:
    return UnreadableMediaError(
        f"{name} has {count} pixels; it is opened up to {MOST_PIXELS // 1_000_000} megapixels.", path=str(path)
    )
