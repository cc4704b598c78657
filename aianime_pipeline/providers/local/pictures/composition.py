"""A shot's picture, put together from back to front: place, weather, crowd, people, things, weather, grade."""

from collections.abc import Callable
from dataclasses import replace

from PIL import Image, ImageDraw, ImageFilter

from aianime_pipeline.providers.capabilities import ImageRequest, PictureBrief
from aianime_pipeline.providers.local.looks import look_for
from aianime_pipeline.providers.local.pictures.backdrops.painting import paint_backdrop
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import scaled
from aianime_pipeline.providers.local.pictures.figures.cutout import Spot, place_person
from aianime_pipeline.providers.local.pictures.figures.person import Pose
from aianime_pipeline.providers.local.pictures.framing import LENSES
from aianime_pipeline.providers.local.pictures.light import Light, glow, graded, light_for
from aianime_pipeline.providers.local.pictures.props import place_thing
from aianime_pipeline.providers.local.pictures.reading import Reading, read_picture
from aianime_pipeline.providers.local.pictures.seeding import dice
from aianime_pipeline.providers.local.pictures.staging import Placed, heads_of, stage_people
from aianime_pipeline.providers.local.pictures.things import STANDS
from aianime_pipeline.providers.local.pictures.weather import weather_before, weather_behind
from aianime_pipeline.storyboard.model import Framing

OPEN_WATER = ("river", "lake", "sea")
GROUND_SIZES = {"car": 4.2, "horse": 3.4, "fire": 1.6, "door": 6.0, "lamp": 5.0, "table": 2.6, "cat": 1.3}
"""Widths of things that stand on the ground, in head heights."""


def compose(request: ImageRequest, brief: PictureBrief) -> Image.Image:
    reading = read_picture(request, brief)
    light = light_for(reading)
    framing, size = brief.framing, (request.width, request.height)
    picture, light = _place(reading, light, framing, size)
    weather_behind(picture, reading, light)
    people = stage_people(reading, framing, *size)
    insert = _insert(reading, framing, people)
    if insert:
        _insert_shot(picture, reading, light, insert)
    else:
        _standing_things(picture, reading, light, framing, people)
        if reading.crowd and framing not in (Framing.EXTREME_CLOSE_UP, Framing.CLOSE_UP):
            _crowd(picture, reading, light, framing)
        afloat = _afloat(reading, framing)
        for placed in people:
            _person(picture, reading, light, placed, grounded=bool(LENSES[framing].feet) and not afloat)
        if afloat and people:
            _hull(picture, reading, light, people)
    weather_before(picture, reading, light)
    return graded(picture, light, reading.mood, reading.wishes)


def _place(reading: Reading, light: Light, framing: Framing, size: tuple[int, int]) -> tuple[Image.Image, Light]:
    """The backdrop as this framing and this take see it: a part of it, perhaps from the other side, out of focus."""
    width, height = size
    lens, rng = LENSES[framing], dice("camera", reading.seed)
    small = lens.blur >= 0.005
    picture, _ = paint_backdrop(width, height, reading, light, 1 if small else 2, _far_boat(reading, framing))
    if rng.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        light = replace(light, side=-light.side)
    zoom = lens.zoom * (1 + 0.08 * reading.wishes.distance) * rng.uniform(1.0, 1.07)
    w, h = max(1.0, width / max(1.0, zoom)), max(1.0, height / max(1.0, zoom))
    x, y = rng.uniform(0, 1) * (width - w), (height - h) * rng.uniform(0.35, 0.6 if lens.blur else 0.9)
    if lens.feet:
        y = height - h
    picture = picture.resize(size, Image.Resampling.BICUBIC, box=(x, y, x + w, y + h))
    if lens.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(lens.blur * height))
    return picture, light


def _far_boat(reading: Reading, framing: Framing) -> Callable[[Stage], None] | None:
    """An empty boat on the water behind, where nobody stands in one."""
    if "boat" not in reading.things or reading.place not in OPEN_WATER or LENSES[framing].feet:
        return None

    def paint(stage: Stage) -> None:
        picture, unit = stage.brush.sheet.colour, stage.brush.unit
        place_thing(
            picture,
            "boat",
            stage.aspect * unit * 0.30,
            unit * (stage.horizon + 0.10),
            unit * 0.26,
            stage.light,
            depth=0.18,
        )

    return paint


def _insert(reading: Reading, framing: Framing, people: list[Placed]) -> str | None:
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


def _insert_shot(picture: Image.Image, reading: Reading, light: Light, thing: str) -> None:
    """The thing large, on a surface or in the air, with a soft light behind it."""
    rng = dice("insert", reading.seed)
    w, h = picture.size
    size = min(h * 0.62, w * 0.66)
    x, y = w * rng.uniform(0.44, 0.56), h * 0.50
    if STANDS[thing] in ("held", "table"):
        top = h * 0.74
        pen = ImageDraw.Draw(picture, "RGBA")
        wood = light.on((116, 82, 64))
        for k in range(48):
            y0, y1 = top + (h - top) * k / 48, top + (h - top) * (k + 1) / 48 + 1
            pen.rectangle((0, y0, w, y1), fill=(*scaled(wood, 1.05 - 0.55 * k / 48), 255))
        pen.line((0, top, w, top), fill=(*scaled(wood, 1.25), 255), width=max(1, round(h * 0.004)))
        pen.ellipse((x - size * 0.5, h * 0.79, x + size * 0.5, h * 0.86), fill=(10, 8, 16, 110))
    glow(picture, x, y, size * 1.25, light.key, 0.45)
    place_thing(
        picture, thing, x, y, size, light, colour=reading.thing_colours.get(thing), mirror=bool(rng.getrandbits(1))
    )


def _standing_things(
    picture: Image.Image, reading: Reading, light: Light, framing: Framing, people: list[Placed]
) -> None:
    """Things of the ground, the sky and the table, up to three."""
    rng = dice("things", reading.seed)
    w, h = picture.size
    head = people[-1].spot.head if people else h * LENSES[framing].head if LENSES[framing].feet else h * 0.10
    free = 0.18 if not people or people[-1].spot.x > w / 2 else 0.82
    close = framing in (Framing.EXTREME_CLOSE_UP, Framing.CLOSE_UP, Framing.MEDIUM_CLOSE_UP, Framing.OVER_SHOULDER)
    held = next((p.holds for p in people if p.holds), None)
    for thing in [t for t in reading.things if t != held][:3]:
        colour, stand = reading.thing_colours.get(thing), STANDS[thing]
        if stand == "sky" and thing == "bird" and not reading.indoor:
            place_thing(
                picture, thing, w * rng.uniform(0.25, 0.75), h * rng.uniform(0.12, 0.24), h * 0.16, light, depth=0.25
            )
        elif stand == "ground" and not close and not (thing == "door" and reading.indoor is False) and thing != "table":
            size = min(head * GROUND_SIZES.get(thing, 2.0), h * 0.5)
            place_thing(
                picture,
                thing,
                w * (free + rng.uniform(-0.04, 0.04)),
                h * LENSES[framing].feet - size * 0.42 if LENSES[framing].feet else h * 0.80 - size * 0.3,
                size,
                light,
                colour=colour,
                depth=0.06,
            )
            free = 1 - free
        elif (stand == "table" or (stand == "held" and not people)) and framing not in (
            Framing.WIDE,
            Framing.VERY_WIDE,
        ):
            size = min(h * 0.26, w * 0.3) if not LENSES[framing].feet else head * 1.3
            place_thing(picture, thing, w * free, h * 0.90 - size * 0.3, size, light, colour=colour)
            free = 1 - free
        elif thing == "boat" and LENSES[framing].feet and not people:
            place_thing(
                picture,
                thing,
                w * rng.uniform(0.20, 0.36),
                h * 0.68,
                min(h * 0.30, w * 0.42),
                light,
                colour=colour,
                depth=0.10,
            )


def _crowd(picture: Image.Image, reading: Reading, light: Light, framing: Framing) -> None:
    """People without names, behind those who have one, in the place's own clothes and half lost in the haze."""
    rng = dice("crowd", reading.seed)
    w, h = picture.size
    head = min(h * max(0.04, LENSES[framing].head * 0.62), w * 0.14)
    count = min(16, max(7, round(w / head / 1.7)))
    era = "古装" if reading.era == "ancient" else "现代"
    spots = sorted(((k + rng.random()) / count, rng.uniform(0.82, 1.1)) for k in range(count))
    for share, grow in sorted(spots, key=lambda s: s[1]):
        look = look_for(
            "character", f"crowd {rng.randint(0, 40)}", f"{era} {rng.choice(('男', '女', '女', '男', '老人'))}"
        )
        size = head * grow
        feet = h * (LENSES[framing].feet or 0.98) - head * 1.1 + (grow - 0.82) * head
        y = feet - size * 6.1 if LENSES[framing].feet else h * 0.46 + (grow - 1) * h * 0.2
        pose = Pose(
            turn=rng.uniform(0, 0.8),
            expression=rng.choice(("calm", "worried", "surprised", "happy")),
            back=rng.random() < 0.2,
            arms=rng.choice(("rest", "rest", "chest", "clasped")),
        )
        place_person(
            picture,
            look,
            pose,
            Spot(w * share, y, size, rng.random() < 0.5),
            light,
            depth=0.24,
            blur=LENSES[framing].blur * h * 0.8,
            shadow=0.10,
        )


def _afloat(reading: Reading, framing: Framing) -> bool:
    """Whether the people of the picture stand in a boat."""
    return "boat" in reading.things and reading.place in OPEN_WATER and bool(LENSES[framing].feet)


def _hull(picture: Image.Image, reading: Reading, light: Light, people: list[Placed]) -> None:
    """The boat's near side, in front of everybody's feet."""
    head = max(p.spot.head for p in people)
    left, right = min(p.spot.x for p in people), max(p.spot.x for p in people)
    feet = max(p.spot.y + (heads_of(p.person) - 0.4) * p.spot.head for p in people)
    size = (right - left) * 1.25 + head * 7
    place_thing(
        picture,
        "hull",
        (left + right) / 2,
        feet - head * 0.35 - size * 0.11,
        size,
        light,
        colour=reading.thing_colours.get("boat"),
    )


def _person(picture: Image.Image, reading: Reading, light: Light, placed: Placed, grounded: bool) -> None:
    spot = placed.spot
    if grounded:
        _ground_shadow(picture, spot, spot.y + (heads_of(placed.person) - 0.4) * spot.head)
    if placed.holds == "umbrella":
        _umbrella(picture, reading, light, placed)
    place_person(
        picture,
        placed.person.look,
        placed.pose,
        spot,
        light,
        depth=placed.depth,
        blur=placed.blur,
        shadow=placed.shadow,
    )
    if placed.holds and placed.holds != "umbrella" and not placed.pose.back:
        _held(picture, reading, light, placed)


def _ground_shadow(picture: Image.Image, spot: Spot, feet: float) -> None:
    rx, ry = spot.head * 1.15, spot.head * 0.24
    box = (round(spot.x - rx * 1.4), round(feet - ry * 1.6), round(spot.x + rx * 1.4), round(feet + ry * 1.6))
    mask = Image.new("L", (max(2, box[2] - box[0]), max(2, box[3] - box[1])), 0)
    ImageDraw.Draw(mask).ellipse((rx * 0.3, ry * 0.5, mask.width - rx * 0.3, mask.height - ry * 0.5), fill=135)
    mask = mask.filter(ImageFilter.GaussianBlur(max(0.5, ry * 0.35)))
    picture.paste((14, 12, 28), box[:2], mask)


def _hand(placed: Placed) -> tuple[float, float]:
    """The raised hand on the picture, in pixels."""
    stretch = (heads_of(placed.person) - 1.0) / 5.6
    side = -1 if placed.spot.mirror else 1
    return placed.spot.x + side * 0.40 * placed.spot.head, placed.spot.y + (
        0.5 + (1.20 - 0.5) * stretch
    ) * placed.spot.head


def _held(picture: Image.Image, reading: Reading, light: Light, placed: Placed) -> None:
    thing = placed.holds or ""
    x, y = _hand(placed)
    big = {
        "sword": 2.6,
        "flute": 1.5,
        "bow": 2.0,
        "lantern": 0.95,
        "bag": 0.9,
        "box": 0.75,
        "book": 0.75,
        "fan": 0.8,
    }.get(thing, 0.58)
    size = placed.spot.head * big
    lift = {"sword": -0.36, "lantern": 0.42, "bag": 0.40, "flower": -0.30, "phone": -0.18, "letter": -0.10}.get(
        thing, -0.12
    )
    place_thing(
        picture,
        thing,
        x,
        y + lift * size,
        size,
        light,
        colour=reading.thing_colours.get(thing),
        mirror=placed.spot.mirror,
    )


def _umbrella(picture: Image.Image, reading: Reading, light: Light, placed: Placed) -> None:
    x, y = _hand(placed)
    size = placed.spot.head * 2.6
    place_thing(
        picture,
        "umbrella",
        (x + placed.spot.x) / 2,
        y - size * 0.42,
        size,
        light,
        colour=reading.thing_colours.get("umbrella"),
    )
