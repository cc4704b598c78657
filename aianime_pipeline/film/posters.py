"""Small pictures of what was made: a frame of a video, and a sheet of numbered thumbnails."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from aianime_pipeline.errors import BadInputError, UnreadableMediaError
from aianime_pipeline.film.measures import sampled_frames
from aianime_pipeline.film.stills import opened_still

SHEET_BYTES = 10_000
"""A sheet is shown inline in a web page's metadata; more than this is too much there."""

_QUALITIES = (80, 65, 50, 40, 30, 20)
_SHRINK = 0.8
_NARROWEST_CELL = 16
_GROUND = (24, 24, 28)


def poster_frame(video: Path, *, at: float = 0.0, width: int | None = None) -> Image.Image:
    """The frame at the fraction `at` (0 to 1) of a video, scaled to `width` pixels if that is given.

    Raises UnreadableMediaError, BadInputError.
    """
    if not 0 <= at <= 1:
        raise BadInputError(f"A poster is taken from 0 to 1 of the video's length, not from {at}.")
    frame = next(sampled_frames(video, [at]), None)
    if frame is None:
        raise UnreadableMediaError(f"{video.name} has no frame that can be decoded.", path=str(video))
    picture = Image.fromarray(frame.to_ndarray(format="rgb24"))
    if width is not None:
        picture = picture.resize((width, max(1, round(picture.height * width / picture.width))))
    return picture


def contact_sheet(
    pictures: Sequence[Path], columns: int = 6, cell_width: int = 96, *, labels: Sequence[str] | None = None
) -> bytes:
    """Thumbnails of pictures or videos (from their middle) in rows, labelled, by their place from 1 if nothing is said,
    as a JPEG of at most SHEET_BYTES: first the quality gives way, then the size.

    Raises UnreadableMediaError for a file that is neither, BadInputError where nothing can be laid out.
    """
    if not pictures or columns < 1 or cell_width < _NARROWEST_CELL:
        raise BadInputError(
            f"A contact sheet needs pictures, a column and cells of {_NARROWEST_CELL} pixels; "
            f"it was given {len(pictures)}, {columns} and {cell_width}."
        )
    if labels is None:
        labels = [str(place) for place in range(1, len(pictures) + 1)]
    thumbnails = [_thumbnail(picture, cell_width) for picture in pictures]
    while True:
        sheet = _laid_out(thumbnails, labels, min(columns, len(thumbnails)), cell_width)
        for quality in _QUALITIES:
            data = _jpeg(sheet, quality)
            if len(data) <= SHEET_BYTES:
                return data
        if cell_width <= 8:
            raise BadInputError(f"{len(pictures)} pictures do not fit on a sheet of {SHEET_BYTES} bytes; give fewer.")
        cell_width = max(8, int(cell_width * _SHRINK))


def _thumbnail(path: Path, width: int) -> Image.Image:
    try:
        with opened_still(path) as picture:
            picture.draft("RGB", (width * 2, width * 2))
            whole = ImageOps.exif_transpose(picture).convert("RGB")
            return whole.resize((width, max(1, round(whole.height * width / whole.width))))
    except UnreadableMediaError as error:
        if not isinstance(error.__cause__, UnidentifiedImageError):
            raise
        return poster_frame(path, at=0.5, width=width)


def _laid_out(thumbnails: Sequence[Image.Image], labels: Sequence[str], columns: int, width: int) -> Image.Image:
    shape = max(picture.height / picture.width for picture in thumbnails)
    height = max(1, round(width * min(shape, 2.0)))
    rows = -(-len(thumbnails) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height), _GROUND)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(max(8, width // 7))
    for place, (picture, label) in enumerate(zip(thumbnails, labels, strict=True)):
        fitted = ImageOps.contain(picture, (width, height))
        left, top = place % columns * width, place // columns * height
        sheet.paste(fitted, (left + (width - fitted.width) // 2, top + (height - fitted.height) // 2))
        draw.text((left + 2, top + 1), label, (255, 255, 255), font, stroke_width=1, stroke_fill=(0, 0, 0))
    return sheet


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
