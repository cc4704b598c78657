"""A whole figure as a cut-out, lit by the scene, and its placing in a picture."""

from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from aianime_pipeline.providers.local.pictures.colours import RGB
from aianime_pipeline.providers.local.pictures.figures.accessories import AFTER_HAIR, BEFORE_HAIR
from aianime_pipeline.providers.local.pictures.figures.face import draw_brows, draw_face
from aianime_pipeline.providers.local.pictures.figures.garments import dress
from aianime_pipeline.providers.local.pictures.figures.hair import (
    draw_back_hair,
    draw_braids,
    draw_front_hair,
    draw_hair_from_behind,
)
from aianime_pipeline.providers.local.pictures.figures.person import Figure, Pose, figure_of
from aianime_pipeline.providers.local.pictures.light import Light
from aianime_pipeline.providers.local.pictures.shapes import Brush, Sheet

OVERSAMPLING = 2


@dataclass(frozen=True)
class Spot:
    """Where a figure's head is in a picture: the middle of the head and its height, in pixels."""

    x: float
    y: float
    head: float
    mirror: bool = False


def draw_person(look: Mapping[str, object], pose: Pose, brush: Brush) -> Figure:
    """All parts in order, in the look's own colours, around the brush's origin."""
    figure = figure_of(look, brush, pose)
    if pose.back:
        dress(figure)
        draw_hair_from_behind(figure)
    else:
        draw_back_hair(figure)
        dress(figure)
        draw_face(figure)
        for name, wear in BEFORE_HAIR.items():
            if name in figure.accessories:
                wear(figure)
        draw_front_hair(figure)
        draw_brows(figure)
        draw_braids(figure)
    for name, wear in AFTER_HAIR.items():
        if name in figure.accessories:
            wear(figure)
    return figure


def place_person(
    picture: Image.Image,
    look: Mapping[str, object],
    pose: Pose,
    spot: Spot,
    light: Light,
    *,
    depth: float = 0.0,
    blur: float = 0.0,
    shadow: float = 0.0,
) -> None:
    """Draw a person into an RGB picture, in place. `depth` sinks it in haze, `shadow` darkens it, `blur` in pixels."""
    box = _bounds(spot, picture.size, look, pose)
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    w, h = box[2] - box[0], box[3] - box[1]
    sheet = Sheet(w * OVERSAMPLING, h * OVERSAMPLING, cutout=True)
    brush = Brush(
        sheet, (spot.x - box[0]) * OVERSAMPLING, (spot.y - box[1]) * OVERSAMPLING, spot.head * OVERSAMPLING, spot.mirror
    )
    draw_person(look, pose, brush)
    assert sheet.cover is not None
    colour, cover = sheet.colour.reduce(OVERSAMPLING), sheet.cover.reduce(OVERSAMPLING)
    colour = lit(colour, cover, spot.head, light, depth, shadow)
    if blur >= 0.5:
        soft = cover.filter(ImageFilter.GaussianBlur(blur))
        colour, cover = colour.filter(ImageFilter.GaussianBlur(blur)), soft
    picture.paste(colour, box[:2], cover)


def _bounds(spot: Spot, size: tuple[int, int], look: Mapping[str, object], pose: Pose) -> tuple[int, int, int, int]:
    wide = 2.4 if pose.arms in ("point", "up", "hip") else 1.7
    x0, x1 = spot.x - wide * spot.head, spot.x + wide * spot.head
    y0, y1 = spot.y - 1.3 * spot.head, spot.y + 8.2 * spot.head
    return max(0, int(x0)), max(0, int(y0)), min(size[0], int(x1) + 1), min(size[1], int(y1) + 1)


def lit(colour: Image.Image, cover: Image.Image, head: float, light: Light, depth: float, shadow: float) -> Image.Image:
    """The scene's light on a cut-out: its tint, a shaded side away from the light, a bright rim towards it."""
    r, g, b = light.ambient
    # A face must stay readable at night: ambient is lifted for people.
    factors = tuple((f + (1 - f) * 0.40) * (1 - shadow) for f in (r, g, b))
    out = Image.merge(
        "RGB",
        [
            band.point([min(255, round(v * f)) for v in range(256)])
            for band, f in zip(colour.split(), factors, strict=True)
        ],
    )
    away = ImageChops.subtract(cover, _shifted(cover, light.side * head * 0.075, -head * 0.03))
    away = away.filter(ImageFilter.GaussianBlur(max(0.6, head * 0.008))).point([round(v * 0.42) for v in range(256)])
    shade: RGB = (44, 36, 84) if light.disc != "sun" else (74, 36, 76)
    out = Image.composite(
        Image.composite(Image.new("RGB", out.size, shade), out, Image.new("L", out.size, 140)), out, away
    )
    strength = light.key_strength * (1 - shadow * 0.6)
    rim = ImageChops.subtract(cover, _shifted(cover, -light.side * head * 0.022, head * 0.014))
    rim = rim.filter(ImageFilter.GaussianBlur(max(0.4, head * 0.006))).point(
        [round(v * 0.8 * strength) for v in range(256)]
    )
    glowing = ImageChops.screen(out, Image.new("RGB", out.size, light.key))
    out = Image.composite(glowing, out, rim)
    if depth > 0:
        out = Image.blend(out, Image.new("RGB", out.size, light.haze), min(0.92, depth))
    return out


def _shifted(cover: Image.Image, dx: float, dy: float) -> Image.Image:
    """The cover moved by a few pixels, empty where nothing moves in (but filled where it runs out of the picture)."""
    moved = Image.new("L", cover.size, 0)
    x, y = round(dx), round(dy)
    moved.paste(cover, (x, y))
    if y < 0 and cover.height > -y:
        moved.paste(cover.crop((0, cover.height + y, cover.width, cover.height)), (x, cover.height + y))
    return moved
