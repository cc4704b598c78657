"""Where a mark stands in a frame, and the plate on which a label is written."""

from collections.abc import Sequence
from typing import Literal

from PIL import Image, ImageDraw

from aianime_pipeline.film.drawing.lettering import Ink, draw_lines
from aianime_pipeline.film.drawing.overlays import Overlay

Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]
CORNERS: tuple[Corner, ...] = ("top_left", "top_right", "bottom_left", "bottom_right")

_SMOOTH = 4
"""Plates are drawn this much larger and reduced, because Pillow's shapes have hard edges."""


def in_corner(
    size: tuple[int, int], corner: Corner, margins: tuple[int, int], width: int, height: int
) -> tuple[int, int]:
    """Where the top left pixel of a thing of that size goes, `margins` (x, y) pixels from the frame's edges."""
    x = margins[0] if corner.endswith("left") else width - margins[0] - size[0]
    y = margins[1] if corner.startswith("top") else height - margins[1] - size[1]
    return max(0, x // 2 * 2), max(0, y // 2 * 2)


def clear_of(y: int, x: int, size: tuple[int, int], others: Sequence[Overlay]) -> int:
    """The `y` from which a thing at (x, y) covers none of the others: its own, or further down."""
    for other in sorted(others, key=lambda other: other.y):
        across = other.x < x + size[0] and x < other.x + other.size[0]
        if across and other.y < y + size[1] and y < other.y + other.size[1]:
            y = (other.y + other.size[1] + size[1] // 6 + 1) // 2 * 2
    return y


def frame_margins(width: int, height: int) -> tuple[int, int]:
    """How far marks stay from the edges, in pixels across and down. A phone's clock and an app's buttons lie over the
    top of a frame that is taller than wide."""
    shorter = min(width, height)
    return round(shorter * 0.045), round(height * 0.075 if height > width else shorter * 0.045)


def plate(
    lines: Sequence[str], size: int, ink: Ink, *, fill: tuple[int, int, int, int], edge: tuple[int, int, int, int]
) -> Image.Image:
    """Lettering on a plate with round corners and a thin edge; both colours are RGBA."""
    drawn = draw_lines(lines, size, ink)
    left, top, right, bottom = drawn.picture.getchannel("A").getbbox() or (0, 0, 1, 1)
    across, down = round(size * 0.42), round(size * 0.3)
    extent = (right - left + across * 2, bottom - top + down * 2)
    picture = _rounded(extent, radius=size * 0.3, line=max(1.0, size * 0.035), fill=fill, edge=edge)
    picture.alpha_composite(drawn.picture.crop((left, top, right, bottom)), (across, down))
    return picture


def _rounded(
    extent: tuple[int, int],
    *,
    radius: float,
    line: float,
    fill: tuple[int, int, int, int],
    edge: tuple[int, int, int, int],
) -> Image.Image:
    large = Image.new("RGBA", (extent[0] * _SMOOTH, extent[1] * _SMOOTH), (*fill[:3], 0))
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, large.width - 1, large.height - 1),
        radius=radius * _SMOOTH,
        fill=fill,
        outline=edge,
        width=max(1, round(line * _SMOOTH)),
    )
    return large.resize(extent, Image.Resampling.BOX)


def faded(picture: Image.Image, opacity: float) -> Image.Image:
    """The picture with its alpha times `opacity`."""
    alpha = picture.getchannel("A").point([round(level * opacity) for level in range(256)])
    shown = picture.copy()
    shown.putalpha(alpha)
    return shown
