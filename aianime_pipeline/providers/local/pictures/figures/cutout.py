"""A whole figure as a cut-out, lit by the scene, and its placing in a picture."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from PIL import Image, ImageChops, ImageFilter

from aianime_pipeline.providers.local.pictures.colours import RGB
from aianime_pipeline.providers.local.pictures.figures.accessories import AFTER_HAIR, BEFORE_HAIR
from aianime_pipeline.providers.local.pictures.figures.arms import arms_of
from aianime_pipeline.providers.local.pictures.figures.face import draw_brows, draw_face
from aianime_pipeline.providers.local.pictures.figures.garments import dress
from aianime_pipeline.providers.local.pictures.figures.hair import draw_front_hair
from aianime_pipeline.providers.local.pictures.figures.hair_behind import draw_back_hair, draw_hair_from_behind
from aianime_pipeline.providers.local.pictures.figures.hair_tied import draw_braids
from aianime_pipeline.providers.local.pictures.figures.person import Figure, Pose, figure_of
from aianime_pipeline.providers.local.pictures.light import Light
from aianime_pipeline.providers.local.pictures.shapes import Brush, Sheet

SOFT, LARGE = 1.2, 1000


def oversampling(picture_height: int, blur: float = 0.0) -> float:
    """How much larger than shown a cut-out is drawn, so that its edges are smooth: not at all under a blur of more
    than SOFT pixels, and less on pictures of LARGE pixels, whose steps are small anyway."""
    return 1.0 if blur >= SOFT else 1.5 if picture_height >= LARGE else 2.0


@dataclass(frozen=True)
class Spot:
    """Where a figure's head is in a picture: the middle of the head and its height, in pixels."""

    x: float
    y: float
    head: float
    mirror: bool = False


def draw_person(look: Mapping[str, object], pose: Pose, brush: Brush) -> Figure:
    """All parts in order, in the look's own colours, around the brush's origin."""
    body = figure_of(look, brush.turned(pose.lean, 0.0, 3.0), pose)
    # A child has little neck; who bows the head shortens it.
    low = (0.075 if body.child else 0.0) + (0.045 if pose.bowed else 0.0)
    # The head leans on the neck, not on its own middle.
    head = replace(body, brush=body.brush.turned(pose.tilt, 0.0, 0.55).moved(0.0, low))
    if pose.back:
        dress(body)
        draw_hair_from_behind(head)
    else:
        draw_back_hair(head)
        dress(body)
        draw_face(head)
        for name, wear in BEFORE_HAIR.items():
            if name in head.accessories:
                wear(body if name == "scarf" else head)
        draw_front_hair(head)
        draw_brows(head)
        draw_braids(head)
    for name, wear in AFTER_HAIR.items():
        if name in head.accessories:
            wear(head)
    return body


def hand_place(look: Mapping[str, object], pose: Pose, spot: Spot) -> tuple[float, float]:
    """The middle of the right hand on the picture, in pixels."""
    brush = Brush(Sheet(1, 1), spot.x, spot.y, spot.head, spot.mirror)
    figure = figure_of(look, brush.turned(pose.lean, 0.0, 3.0), pose)
    return figure.brush.at(*arms_of(figure)[1].hand)


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
    large = oversampling(picture.height, blur)
    sheet = Sheet(round(w * large), round(h * large), cutout=True)
    brush = Brush(sheet, (spot.x - box[0]) * large, (spot.y - box[1]) * large, spot.head * large, spot.mirror)
    draw_person(look, pose, brush)
    colour, cover = shown(sheet, (w, h))
    colour = lit(colour, cover, spot.head, light, depth, shadow)
    if blur >= 0.5:
        soft = cover.filter(ImageFilter.GaussianBlur(blur))
        colour, cover = colour.filter(ImageFilter.GaussianBlur(blur)), soft
    picture.paste(colour, box[:2], cover)


def shown(sheet: Sheet, size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    """The colour and the cover of a cut-out at the size at which it is seen."""
    assert sheet.cover is not None
    if sheet.colour.size == size:
        return sheet.colour, sheet.cover
    return sheet.colour.resize(size, Image.Resampling.BOX), sheet.cover.resize(size, Image.Resampling.BOX)


def _bounds(spot: Spot, size: tuple[int, int], look: Mapping[str, object], pose: Pose) -> tuple[int, int, int, int]:
    wide = (
        2.5 if pose.arms in ("point", "up", "hip", "reach", "lift", "open", "offer") or pose.stance != "stand" else 1.9
    )
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
    away = away.filter(ImageFilter.GaussianBlur(max(0.6, head * 0.016))).point([round(v * 0.36) for v in range(256)])
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
