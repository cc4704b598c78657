"""Smooth shapes on a sheet: splines, filled forms, tapered strokes, glows.

Everything is drawn larger than it will be shown and reduced at the end, because Pillow's polygons have hard edges.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw

from aianime_pipeline.providers.local.pictures.colours import RGB, line_of

Point = tuple[float, float]
Knot = tuple[float, float] | tuple[float, float, int]
"""A point of a curve; with a third member the curve has a corner there."""


def smooth(knots: Sequence[Knot], closed: bool = True, steps: int = 7) -> list[Point]:
    """A Catmull-Rom curve through the knots, broken at corners."""
    points = [(k[0], k[1]) for k in knots]
    corner = [len(k) > 2 for k in knots]
    n = len(points)
    if n < 3:
        return points
    out: list[Point] = []
    last = n if closed else n - 1
    for i in range(last):
        j = (i + 1) % n
        a, b = points[i], points[j]
        before = a if corner[i] or (not closed and i == 0) else points[i - 1]
        after = b if corner[j] or (not closed and j == n - 1) else points[(j + 1) % n]
        out.extend(_spline(before, a, b, after, s / steps) for s in range(steps))
    if not closed:
        out.append(points[-1])
    return out


def _spline(p0: Point, p1: Point, p2: Point, p3: Point, t: float) -> Point:
    t2, t3 = t * t, t * t * t
    a, b, c, d = -t3 + 2 * t2 - t, 3 * t3 - 5 * t2 + 2, -3 * t3 + 4 * t2 + t, t3 - t2
    return (
        (a * p0[0] + b * p1[0] + c * p2[0] + d * p3[0]) / 2,
        (a * p0[1] + b * p1[1] + c * p2[1] + d * p3[1]) / 2,
    )


def ribbon(points: Sequence[Point], width: float, taper: str = "both") -> list[Point]:
    """The outline of a stroke along the points, at most `width` thick; `taper`: both, end, start or none."""
    n = len(points)
    left: list[Point] = []
    right: list[Point] = []
    for i, (x, y) in enumerate(points):
        ax, ay = points[max(0, i - 1)]
        bx, by = points[min(n - 1, i + 1)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        t = i / max(1, n - 1)
        swell = {"both": math.sin(math.pi * t) ** 0.7 if 0 < t < 1 else 0.0, "end": (1 - t) ** 0.8, "start": t**0.8}
        half = width / 2 * swell.get(taper, 1.0)
        nx, ny = -(by - ay) / length * half, (bx - ax) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


@dataclass
class Sheet:
    """Colour and, for cut-outs, what it covers. Colour is drawn with blending; the cover says where something is."""

    width: int
    height: int
    base: RGB = (24, 18, 34)
    cutout: bool = False
    colour: Image.Image = field(init=False)
    cover: Image.Image | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.colour = Image.new("RGB", (self.width, self.height), self.base)
        self.pen = ImageDraw.Draw(self.colour, "RGBA")
        self.cover_pen: ImageDraw.ImageDraw | None = None
        if self.cutout:
            self.cover = Image.new("L", (self.width, self.height), 0)
            self.cover_pen = ImageDraw.Draw(self.cover)


@dataclass(frozen=True)
class Brush:
    """Draws on a sheet in units of its own: `unit` pixels each, from the origin, mirrored if asked.

    `angle` (radians, clockwise before mirroring) turns everything around the origin but the axes of ovals.
    """

    sheet: Sheet
    x: float
    y: float
    unit: float
    mirror: bool = False
    angle: float = 0.0

    def at(self, px: float, py: float) -> Point:
        if self.angle:
            c, s = math.cos(self.angle), math.sin(self.angle)
            px, py = px * c - py * s, px * s + py * c
        return self.x + (-px if self.mirror else px) * self.unit, self.y + py * self.unit

    def moved(self, dx: float, dy: float, scale: float = 1.0, flip: bool = False) -> Brush:
        x, y = self.at(dx, dy)
        return Brush(self.sheet, x, y, self.unit * scale, self.mirror ^ flip, self.angle)

    def turned(self, angle: float, px: float, py: float) -> Brush:
        """This brush turned by `angle` around a point of its own."""
        if not angle:
            return self
        x, y = self.at(px, py)
        there = Brush(self.sheet, x, y, self.unit, self.mirror, self.angle + angle)
        ox, oy = there.at(-px, -py)
        return Brush(self.sheet, ox, oy, self.unit, self.mirror, self.angle + angle)

    def _all(self, points: Sequence[Point]) -> list[Point]:
        return [self.at(px, py) for px, py in points]

    def fill(self, points: Sequence[Point], colour: RGB, alpha: int = 255, cover: bool = True) -> None:
        if len(points) < 3:
            return
        placed = self._all(points)
        self.sheet.pen.polygon(placed, fill=(*colour, alpha))
        if cover and alpha == 255 and self.sheet.cover_pen:
            self.sheet.cover_pen.polygon(placed, fill=255)

    def form(
        self,
        knots: Sequence[Knot],
        colour: RGB,
        *,
        alpha: int = 255,
        line: float = 0.0,
        line_colour: RGB | None = None,
        cover: bool = True,
        steps: int = 7,
    ) -> list[Point]:
        """A smooth filled shape, with a line of `line` units around it. Returns its outline, to clip others by."""
        points = smooth(knots, True, steps)
        self.fill(points, colour, alpha, cover)
        if line:
            self.outline(points, line, line_colour or line_of(colour))
        return points

    def outline(self, points: Sequence[Point], width: float, colour: RGB, closed: bool = True) -> None:
        pixels = width * self.unit
        if pixels < 0.7:
            return
        placed = self._all(points)
        if closed:
            placed.extend(placed[:2])
        w = max(1, round(pixels))
        self.sheet.pen.line(placed, fill=(*colour, 255), width=w, joint="curve" if w > 2 else None)
        if self.sheet.cover_pen:
            self.sheet.cover_pen.line(placed, fill=255, width=w, joint="curve" if w > 2 else None)

    def stroke(
        self,
        knots: Sequence[Knot],
        width: float,
        colour: RGB,
        *,
        alpha: int = 255,
        taper: str = "both",
        cover: bool = True,
        steps: int = 7,
    ) -> None:
        """A stroke along a curve, thick in the middle or at one end. Too thin to be seen is not drawn."""
        if width * self.unit < 0.5:
            return
        self.fill(ribbon(smooth(knots, False, steps), width, taper), colour, alpha, cover)

    def oval(
        self, cx: float, cy: float, rx: float, ry: float, colour: RGB, alpha: int = 255, cover: bool = True
    ) -> None:
        (x, y), a, b = self.at(cx, cy), abs(rx) * self.unit, abs(ry) * self.unit
        if a < 0.3 or b < 0.3:
            return
        box = (x - a, y - b, x + a, y + b)
        self.sheet.pen.ellipse(box, fill=(*colour, alpha))
        if cover and alpha == 255 and self.sheet.cover_pen:
            self.sheet.cover_pen.ellipse(box, fill=255)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: RGB, alpha: int = 255) -> None:
        self.fill([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour, alpha)

    def within(self, clip: Sequence[Point], shape: Sequence[Point], colour: RGB, alpha: int = 255) -> None:
        """Fill `shape`, but only where it lies inside `clip`."""
        self.fade_within(clip, shape, colour, colour, alpha, alpha)

    def fade_within(
        self,
        clip: Sequence[Point],
        shape: Sequence[Point] | None,
        top: RGB,
        bottom: RGB,
        top_alpha: int = 255,
        bottom_alpha: int = 255,
    ) -> None:
        """A vertical run of colour inside `clip` (and inside `shape`, if given)."""
        placed, inner = self._all(clip), self._all(shape) if shape is not None else None
        flat = top == bottom and top_alpha == bottom_alpha
        x0, y0, x1, y1 = _bounds(placed, self.sheet)
        if inner is not None and flat:
            # Only where both are; a run of colour goes by the whole of `clip`.
            a, b, c, d = _bounds(inner, self.sheet)
            x0, y0, x1, y1 = max(x0, a), max(y0, b), min(x1, c), min(y1, d)
        if x1 <= x0 or y1 <= y0:
            return
        size = (x1 - x0, y1 - y0)
        mask = _polygon_mask(size, placed, x0, y0)
        if inner is not None:
            mask = ImageChops.multiply(mask, _polygon_mask(size, inner, x0, y0))
        if flat:
            if top_alpha != 255:
                mask = mask.point([v * top_alpha // 255 for v in range(256)])
            self.sheet.colour.paste(top, (x0, y0, x1, y1), mask)
            return
        if (top_alpha, bottom_alpha) != (255, 255):
            mask = ImageChops.multiply(mask, vertical(size, [(0.0, (top_alpha,) * 3), (1.0, (bottom_alpha,) * 3)], "L"))
        paint = vertical(size, [(0.0, top), (1.0, bottom)]) if top != bottom else Image.new("RGB", size, top)
        self.sheet.colour.paste(paint, (x0, y0), mask)


def _bounds(points: Sequence[Point], sheet: Sheet) -> tuple[int, int, int, int]:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (
        max(0, math.floor(min(xs))),
        max(0, math.floor(min(ys))),
        min(sheet.width, math.ceil(max(xs)) + 1),
        min(sheet.height, math.ceil(max(ys)) + 1),
    )


def _polygon_mask(size: tuple[int, int], points: Sequence[Point], x0: int, y0: int) -> Image.Image:
    mask = Image.new("L", size, 0)
    if len(points) > 2:
        ImageDraw.Draw(mask).polygon([(x - x0, y - y0) for x, y in points], fill=255)
    return mask


def vertical(size: tuple[int, int], stops: Sequence[tuple[float, RGB]], mode: str = "RGB") -> Image.Image:
    """A run of colours from top to bottom; stops are (0 to 1, colour) in order."""
    height = max(1, size[1])
    column = Image.new("RGB", (1, height))
    data: list[RGB] = []
    for y in range(height):
        t = y / max(1, height - 1)
        for (t0, c0), (t1, c1) in pairwise(stops):
            if t <= t1:
                s = (t - t0) / (t1 - t0) if t1 > t0 else 0.0
                s = min(1.0, max(0.0, s))
                data.append(tuple(round(a + (b - a) * s) for a, b in zip(c0, c1, strict=True)))  # type: ignore[arg-type]
                break
        else:
            data.append(stops[-1][1])
    column.putdata(data)
    run = column.resize(size, Image.Resampling.NEAREST)
    return run.getchannel(0) if mode == "L" else run
