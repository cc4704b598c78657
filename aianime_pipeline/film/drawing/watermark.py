"""A project's watermark: a picture that somebody brought, in a corner of the whole film.

The file is untrusted: only PNG, JPEG and WebP are read, their size is looked at before a pixel is, and what is no still
picture is refused with the reason.
"""

import hashlib
import io
import math
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from aianime_pipeline.errors import BadSettingError, NotFoundError, UnreadableMediaError
from aianime_pipeline.film.drawing.marks import CORNERS, Corner, faded, in_corner
from aianime_pipeline.film.drawing.overlays import Overlay, lay
from aianime_pipeline.film.stills import PILLOW_GIVES_UP

MOST_BYTES = 32_000_000
MOST_PIXELS = 40_000_000
_FORMATS = ("PNG", "JPEG", "WEBP")
_SHARES = {"width": (0.02, 0.5), "opacity": (0.0, 1.0), "margin": (0.0, 0.4)}


@dataclass(frozen=True)
class Watermark:
    """`source` is a file's bytes or its path. `width` is a share of the frame's width, counted over what can be seen of
    the picture; `margin` from the frame's edges a share of its shorter side. Raises BadSettingError."""

    source: bytes | Path
    corner: Corner = "top_right"
    width: float = 0.12
    opacity: float = 0.8
    margin: float = 0.04

    def __post_init__(self) -> None:
        if self.corner not in CORNERS:
            raise BadSettingError(f"The watermark's corner is {self.corner!r}; it must be one of {', '.join(CORNERS)}.")
        for name, (least, most) in _SHARES.items():
            value = getattr(self, name)
            if not isinstance(value, int | float) or not math.isfinite(value) or not least <= value <= most:
                raise BadSettingError(f"The watermark's {name} is {value!r}; it must be from {least:g} to {most:g}.")
        if self.opacity == 0:
            raise BadSettingError(
                "The watermark's opacity is 0: it could not be seen. Leave the watermark out instead."
            )

    @property
    def digest(self) -> str:
        """SHA-256 of the picture file. Raises NotFoundError, UnreadableMediaError."""
        return hashlib.sha256(_bytes(self.source)).hexdigest()


def watermark_overlay(watermark: Watermark, *, width: int, height: int, total_frames: int) -> Overlay:
    """The watermark over a film of `total_frames` frames. A picture too high for the frame is made smaller.

    Raises NotFoundError where there is no such file, UnreadableMediaError where it is no picture that can be used.
    """
    picture = read_mark(watermark.source)
    margin = round(watermark.margin * min(width, height))
    scale = min(watermark.width * width / picture.width, (height - 2 * margin) / picture.height)
    size = max(2, round(picture.width * scale)), max(2, round(picture.height * scale))
    shown = faded(picture.resize(size, Image.Resampling.LANCZOS), watermark.opacity)
    x, y = in_corner(size, watermark.corner, (margin, margin), width, height)
    laid = lay(shown, x, y, width=width, height=height)
    if laid is None:
        raise UnreadableMediaError("The watermark cannot be seen at this size and opacity.")
    return laid.during(0, total_frames)


def read_mark(source: bytes | Path) -> Image.Image:
    """The picture as RGBA, upright, cut to what can be seen of it. Raises as `watermark_overlay`."""
    data = _bytes(source)
    if b"<svg" in data[:4096].lower():
        raise UnreadableMediaError("The watermark is an SVG drawing; export it as PNG with a transparent background.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged EXIF data, which does no harm; our limit of pixels is lower
            picture = _opened(data)
    except UnreadableMediaError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except PILLOW_GIVES_UP as error:
        # Of what it does not know, Pillow says only which object of Python it was.
        why = "" if isinstance(error, UnidentifiedImageError) else f": {error}".rstrip(".")
        raise UnreadableMediaError(
            f"{_called(source)} is no PNG, JPEG or WebP picture that can be read{why}."
        ) from error
    seen = picture.getchannel("A").getbbox()
    if seen is None:
        raise UnreadableMediaError("The watermark is transparent all over: there is nothing to see.")
    return picture.crop(seen)


def _called(source: bytes | Path) -> str:
    return "The watermark" if isinstance(source, bytes) else f"The watermark {source.name}"


def _bytes(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        data = source
    else:
        try:
            with source.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError as error:
            raise NotFoundError(f"There is no watermark file {source.name}.") from error
        except OSError as error:
            raise UnreadableMediaError(f"The watermark file {source.name} cannot be read: {error.strerror}.") from error
    if not data:
        raise UnreadableMediaError("The watermark file is empty.")
    if len(data) > MOST_BYTES:
        raise UnreadableMediaError(f"The watermark file has more than {MOST_BYTES // 1_000_000} MB.")
    return data


def _opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as file:
        if file.width * file.height > MOST_PIXELS:
            raise _too_large()
        if getattr(file, "n_frames", 1) > 1:
            raise UnreadableMediaError("The watermark is an animation; a still picture is needed.")
        file.load()
        upright = ImageOps.exif_transpose(file)
        if upright.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 255
            upright = upright.point(lambda level: level / 256).convert("L")
        return upright.convert("RGBA")


def _too_large() -> UnreadableMediaError:
    return UnreadableMediaError(f"The watermark has more than {MOST_PIXELS // 1_000_000} million pixels.")
