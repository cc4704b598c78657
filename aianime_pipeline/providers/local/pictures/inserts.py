"""Pictures of one thing: an oil lamp whose flame turns blue, a bell at a boat's bow, a page with a name on it."""

from PIL import Image, ImageDraw, ImageFilter

from aianime_pipeline.providers.local.pictures.colours import RGB, from_hex, mix, scaled
from aianime_pipeline.providers.local.pictures.lettering import write
from aianime_pipeline.providers.local.pictures.light import Light, glow
from aianime_pipeline.providers.local.pictures.props import FLAME, place_thing
from aianime_pipeline.providers.local.pictures.reading import Reading
from aianime_pipeline.providers.local.pictures.seeding import dice
from aianime_pipeline.providers.local.pictures.shapes import Brush, Sheet
from aianime_pipeline.providers.local.pictures.staging import Placed
from aianime_pipeline.providers.local.pictures.things import STANDS
from aianime_pipeline.storyboard.model import Framing

WRITTEN: dict[str, tuple[float, float, float, float, RGB]] = {
    "plaque": (0.0, 0.06, 0.30, 0.36, (34, 26, 30)),
    "ledger": (0.24, 0.08, 0.15, 0.26, (40, 30, 34)),
    "letter": (0.0, 0.05, 0.16, 0.50, (46, 34, 38)),
    "book": (0.0, 0.0, 0.16, 0.30, (240, 232, 214)),
    "photo": (0.0, 0.33, 0.10, 0.60, (60, 50, 54)),
    "phone": (0.0, 0.0, 0.10, 0.32, (246, 250, 255)),
}
"""Where the lettering is on a thing, the size of a letter, the room for all, its ink; in the thing's own size."""


BOTTOMS = {"ledger": 0.36, "shoe": 0.30, "box": 0.34, "letter": 0.34, "money": 0.30, "bell": 0.34, "teapot": 0.38}
"""Where a thing's lower edge is under its middle, in its own size, if not near its box's."""


def insert_of(reading: Reading, framing: Framing, people: list[Placed]) -> str | None:
    """The thing that the whole picture is about, if it is about a thing."""
    things = [
        t
        for t in reading.things
        if t not in ("moon", "table", "door") and (STANDS[t] in ("held", "table") or not people)
    ]
    close = framing in (Framing.EXTREME_CLOSE_UP, Framing.CLOSE_UP, Framing.MEDIUM_CLOSE_UP)
    if not things or not close:
        return None
    return things[0] if framing is Framing.EXTREME_CLOSE_UP or not people else None


def draw_insert(picture: Image.Image, reading: Reading, light: Light, thing: str) -> None:
    """The thing large: hanging, on a surface, or in the air; with a soft light behind it."""
    rng = dice("insert", reading.seed)
    w, h = picture.size
    size = min(h * 0.62, w * 0.66)
    x, y = w * rng.uniform(0.44, 0.56), h * 0.50
    if STANDS[thing] in ("held", "table"):
        y = h * 0.825 - BOTTOMS.get(thing, 0.46) * size
    hanging = reading.hanging and thing in ("bell", "lantern", "plaque", "pendant", "ring", "key")
    if hanging:
        y = h * 0.52
        _hung(picture, reading, light, x, y - size * 0.36)
    elif STANDS[thing] in ("held", "table"):
        _surface(picture, reading, light, x, size, wet="boat" in reading.things)
    if thing in FLAME:
        _firelight(picture, reading, light, x, y, size)
    else:
        glow(picture, x, y, size * 1.25, light.key, 0.45)
    mirror = bool(rng.getrandbits(1))
    colour = reading.thing_colours.get(thing)
    if hanging and thing == "plaque":
        _others_behind(picture, reading, light, thing, size)
    place_thing(picture, thing, x, y, size, light, colour=colour, mirror=mirror, flame=reading.flame)
    if reading.prints and thing in ("ledger", "letter", "book"):
        _prints(picture, reading, x, y, size)
    if reading.lettering and thing in WRITTEN:
        dx, dy, letter, room, ink = WRITTEN[thing]
        upright = "\n".join(reading.lettering) if thing == "plaque" else reading.lettering
        _letters(
            picture, x + dx * size * (-1 if mirror else 1), y + dy * size, upright, letter * size, room * size, ink
        )


def _letters(picture: Image.Image, x: float, y: float, text: str, size: float, room: float, ink: RGB) -> None:
    """Lines around a middle, the letters made smaller until all of them have room."""
    pen = ImageDraw.Draw(picture)
    lines = text.split("\n")
    each = max(6, round(min(size, room * 1.6 / len(lines), room / max(len(line) for line in lines))))
    for k, line in enumerate(lines):
        write(pen, x, y + (k - (len(lines) - 1) / 2) * each * 1.08, line, each, ink, room * 2, "mm")


def _surface(picture: Image.Image, reading: Reading, light: Light, x: float, size: float, wet: bool) -> None:
    w, h = picture.size
    top = h * 0.74
    pen = ImageDraw.Draw(picture, "RGBA")
    wood = light.on((96, 74, 62) if wet else (116, 82, 64))
    for k in range(48):
        y0, y1 = top + (h - top) * k / 48, top + (h - top) * (k + 1) / 48 + 1
        pen.rectangle((0, y0, w, y1), fill=(*scaled(wood, 1.05 - 0.55 * k / 48), 255))
    rng = dice("grain", reading.seed)
    for _ in range(14):
        y, x0 = rng.uniform(top + h * 0.02, h), rng.uniform(-0.2, 0.9) * w
        pen.line((x0, y, x0 + w * rng.uniform(0.1, 0.4), y), fill=(*scaled(wood, 0.6), 70), width=max(1, h // 480))
    pen.line((0, top, w, top), fill=(*scaled(wood, 1.25), 255), width=max(1, round(h * 0.004)))
    pen.ellipse((x - size * 0.5, h * 0.79, x + size * 0.5, h * 0.86), fill=(10, 8, 16, 110))


def _hung(picture: Image.Image, reading: Reading, light: Light, x: float, y: float) -> None:
    """What the thing hangs from: a boat's bow or a beam, with the cord."""
    w, h = picture.size
    sheet = Sheet(w, h)
    sheet.colour.paste(picture)
    b = Brush(sheet, 0, 0, h)
    a, u, v = w / h, x / h, y / h
    wood = light.on((104, 74, 56))
    if "boat" in reading.things:
        b.form(
            [(-0.1, 0.40), (u * 0.4, 0.30), (u, 0.13), (u + 0.22, -0.02, 1), (u + 0.10, -0.1, 1), (u - 0.1, 0.0),
                (-0.1, 0.12)],
            wood, line=0.006,
        )  # fmt: skip
        for k in (0.10, 0.20):
            b.stroke([(-0.1, 0.14 + k), (u * 0.4, 0.06 + k), (u * 0.98, -0.04 + k)], 0.006, scaled(wood, 0.6))
        start = 0.10
    else:
        b.fill([(-0.1, -0.02), (a + 0.1, -0.02), (a + 0.1, 0.07), (-0.1, 0.07)], wood)
        b.box(-0.1, 0.06, a + 0.1, 0.075, scaled(wood, 0.6))
        start = 0.05
    b.stroke([(u, start), (u + 0.004, (start + v) / 2), (u, v)], 0.010, light.on((170, 82, 74)), taper="none")
    picture.paste(sheet.colour)


def _others_behind(picture: Image.Image, reading: Reading, light: Light, thing: str, size: float) -> None:
    """More of the same on cords, out of focus."""
    rng = dice("others", reading.seed)
    w, h = picture.size
    for k in range(7):
        x, y, s = w * (k + rng.uniform(0.2, 0.8)) / 7, h * rng.uniform(0.24, 0.5), size * rng.uniform(0.34, 0.5)
        ImageDraw.Draw(picture).line((x, 0, x, y), fill=light.on((120, 84, 70)), width=max(1, h // 360))
        place_thing(picture, thing, x, y, s, light, depth=0.25, colour=reading.thing_colours.get(thing))
    picture.paste(picture.filter(ImageFilter.GaussianBlur(h * 0.006)))


def _firelight(picture: Image.Image, reading: Reading, light: Light, x: float, y: float, size: float) -> None:
    """The flame's colour on everything around."""
    colour = from_hex(reading.flame) if reading.flame else light.lamp
    tint = Image.new("RGB", picture.size, scaled(colour, 0.42))
    picture.paste(Image.blend(picture, tint, 0.30 if reading.flame else 0.12))
    glow(picture, x, y - size * 0.2, size * 1.7, colour, 0.6)
    glow(picture, x, y - size * 0.3, size * 0.7, mix(colour, (255, 255, 255), 0.3), 0.5)


def _prints(picture: Image.Image, reading: Reading, x: float, y: float, size: float) -> None:
    """A row of red finger prints, the last one small."""
    rng = dice("prints", reading.seed)
    pen = ImageDraw.Draw(picture, "RGBA")
    for row in range(2):
        for k in range(4):
            small = row == 1 and k == 3
            r = size * (0.022 if small else rng.uniform(0.034, 0.044))
            px, py = x + size * (-0.40 + 0.105 * k), y + size * (-0.06 + 0.19 * row)
            pen.ellipse((px - r, py - r * 1.3, px + r, py + r * 1.3), fill=(176, 40, 42, 220))
            for i in range(1, 4):
                q = r * i / 4
                pen.arc((px - q, py - q * 1.3, px + q, py + q * 1.3), 150, 390, fill=(214, 120, 110, 200))
