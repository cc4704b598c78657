"""Every thing that can be drawn, and its placing in a picture."""

from collections.abc import Callable

from PIL import Image

from aianime_pipeline.providers.local.pictures import things_carried as carried
from aianime_pipeline.providers.local.pictures import things_held as held
from aianime_pipeline.providers.local.pictures import things_old as old
from aianime_pipeline.providers.local.pictures import things_standing as standing
from aianime_pipeline.providers.local.pictures.colours import RGB, from_hex
from aianime_pipeline.providers.local.pictures.figures.cutout import lit, oversampling, shown
from aianime_pipeline.providers.local.pictures.light import Light, glow
from aianime_pipeline.providers.local.pictures.shapes import Brush, Sheet

Draw = Callable[[Brush, RGB], None]


GLOWS: dict[str, tuple[float, float, float, RGB]] = {
    "lantern": (0.0, 0.05, 1.7, (255, 168, 84)),
    "candle": (0.0, -0.36, 1.9, (255, 188, 104)),
    "oil_lamp": (0.0, -0.20, 2.1, (255, 184, 100)),
    "torch": (0.0, -0.32, 1.8, (255, 150, 70)),
    "fire": (0.0, 0.0, 2.2, (255, 142, 60)),
    "lamp": (0.0, -0.38, 1.5, (255, 226, 168)),
    "phone": (0.0, 0.0, 0.9, (150, 200, 255)),
    "moon": (0.0, 0.0, 1.5, (214, 226, 255)),
    "computer": (0.0, -0.1, 0.9, (150, 200, 255)),
}
"""Things that shine: where, how far, in which colour."""

FLAME: dict[str, tuple[float, float, float, RGB]] = {
    "candle": (0.0, -0.17, 0.30, (255, 178, 72)),
    "oil_lamp": (0.0, -0.03, 0.44, (255, 170, 64)),
    "torch": (0.0, -0.12, 0.40, (244, 120, 46)),
    "lantern": (0.0, 0.16, 0.20, (255, 220, 150)),
    "fire": (0.0, 0.34, 0.84, (240, 104, 44)),
}
"""Things that burn: where the flame's foot is, how tall it is, its usual colour."""

DRAWERS: dict[str, tuple[Draw, RGB]] = {
    "boat": (standing.boat_cabin, (122, 84, 62)),
    "hull": (standing.boat, (122, 84, 62)),
    "lantern": (held.lantern, (206, 62, 48)),
    "candle": (standing.candle, (238, 226, 204)),
    "oil_lamp": (old.oil_lamp, (168, 124, 74)),
    "torch": (old.torch, (120, 82, 58)),
    "bell": (old.bell, (196, 152, 82)),
    "plaque": (old.plaque, (190, 150, 104)),
    "ledger": (old.ledger, (74, 84, 112)),
    "shoe": (old.shoe, (236, 212, 104)),
    "teapot": (old.teapot, (150, 92, 70)),
    "hairpin": (old.hairpin, (200, 164, 84)),
    "lamp": (standing.lamp, (250, 236, 200)),
    "letter": (held.letter, (244, 236, 216)),
    "book": (held.book, (62, 84, 124)),
    "sword": (held.sword, (66, 52, 60)),
    "knife": (held.knife, (70, 52, 50)),
    "umbrella": (held.umbrella, (196, 84, 70)),
    "phone": (held.phone, (96, 160, 226)),
    "cup": (held.cup, (236, 236, 232)),
    "jar": (standing.jar, (120, 84, 62)),
    "fan": (held.fan, (240, 232, 212)),
    "flute": (held.flute, (128, 170, 128)),
    "pendant": (carried.pendant, (146, 200, 166)),
    "ring": (carried.ring, (150, 206, 246)),
    "key": (carried.key, held.GOLD),
    "box": (held.box, (134, 80, 56)),
    "photo": (carried.photo, (130, 160, 186)),
    "flower": (held.flower, (232, 128, 152)),
    "fire": (standing.fire, (236, 92, 40)),
    "moon": (standing.moon, (250, 246, 222)),
    "car": (standing.car, (86, 104, 136)),
    "horse": (standing.horse, (136, 90, 62)),
    "bird": (standing.bird, (60, 62, 78)),
    "door": (standing.door, (136, 76, 56)),
    "watch": (carried.watch, held.GOLD),
    "computer": (standing.computer, (90, 150, 216)),
    "table": (standing.table, held.WOOD),
    "cat": (standing.cat, (86, 80, 88)),
    "bow": (held.bow, (120, 72, 50)),
    "guqin": (standing.guqin, (104, 64, 48)),
    "bag": (carried.bag, (146, 106, 74)),
    "money": (carried.money, (206, 210, 220)),
}


def place_thing(
    picture: Image.Image,
    thing: str,
    x: float,
    y: float,
    size: float,
    light: Light,
    *,
    colour: str | None = None,
    depth: float = 0.0,
    mirror: bool = False,
    shadow: float = 0.0,
    flame: str | None = None,
) -> None:
    """Draw a thing into an RGB picture, in place; `size` is its box in pixels, `flame` the colour that it burns in."""
    draw, own = DRAWERS[thing]
    pad = size * 0.75
    box = (
        max(0, int(x - pad)),
        max(0, int(y - pad)),
        min(picture.width, int(x + pad) + 1),
        min(picture.height, int(y + pad) + 1),
    )
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    large, seen = oversampling(picture.height), (box[2] - box[0], box[3] - box[1])
    sheet = Sheet(round(seen[0] * large), round(seen[1] * large), cutout=True)
    brush = Brush(sheet, (x - box[0]) * large, (y - box[1]) * large, size * large, mirror)
    draw(brush, from_hex(colour) if colour else own)
    paint, cover = shown(sheet, seen)
    picture.paste(lit(paint, cover, size * 0.5, light, depth, shadow), box[:2], cover)
    if thing in FLAME:
        _burn(picture, thing, box, brush, flame)
    if thing in GLOWS:
        dx, dy, reach, shine = GLOWS[thing]
        if flame and thing in FLAME:
            shine = from_hex(flame)
        strength = 0.75 if light.lamps_lit or thing in ("fire", "moon", "oil_lamp", "torch") else 0.3
        glow(picture, x + (-dx if mirror else dx) * size, y + dy * size, reach * size, shine, strength)


def _burn(picture: Image.Image, thing: str, box: tuple[int, int, int, int], brush: Brush, colour: str | None) -> None:
    """The flame itself, which no other light tints."""
    fx, fy, tall, usual = FLAME[thing]
    sheet = Sheet(brush.sheet.width, brush.sheet.height, cutout=True)
    own = Brush(sheet, brush.x, brush.y, brush.unit, brush.mirror)
    old.flame(own, from_hex(colour) if colour else usual, fx, fy, tall)
    paint, cover = shown(sheet, (box[2] - box[0], box[3] - box[1]))
    picture.paste(paint, box[:2], cover)
