"""A shot's picture, put together from back to front: place, weather, crowd, people, things, weather, grade."""

from collections.abc import Callable
from dataclasses import replace

from PIL import Image, ImageDraw, ImageFilter

from aianime_pipeline.providers.capabilities import ImageRequest, PictureBrief
from aianime_pipeline.providers.local.pictures.backdrops.painting import paint_backdrop
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import from_hex, mix
from aianime_pipeline.providers.local.pictures.crowds import draw_crowd
from aianime_pipeline.providers.local.pictures.figures.cutout import Spot, oversampling, place_person
from aianime_pipeline.providers.local.pictures.figures.skirts import STANCE_DROP
from aianime_pipeline.providers.local.pictures.framing import LENSES
from aianime_pipeline.providers.local.pictures.holding import draw_held, draw_umbrella
from aianime_pipeline.providers.local.pictures.inserts import draw_insert, insert_of
from aianime_pipeline.providers.local.pictures.light import Light, graded, light_for
from aianime_pipeline.providers.local.pictures.props import place_thing
from aianime_pipeline.providers.local.pictures.reading import Reading, read_picture
from aianime_pipeline.providers.local.pictures.seeding import dice
from aianime_pipeline.providers.local.pictures.staging import Placed, heads_of, stage_people
from aianime_pipeline.providers.local.pictures.things import STANDS, Stand
from aianime_pipeline.providers.local.pictures.under_water import submerge
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
    light = _by_firelight(light, reading)
    people = stage_people(reading, framing, *size)
    insert = insert_of(reading, framing, people)
    if insert:
        draw_insert(picture, reading, light, insert)
    else:
        _standing_things(picture, reading, light, framing, people)
        if reading.crowd and framing not in (Framing.EXTREME_CLOSE_UP, Framing.CLOSE_UP):
            draw_crowd(picture, reading, light, framing)
        afloat = _afloat(reading, framing)
        for placed in people:
            _person(picture, reading, light, placed, grounded=bool(LENSES[framing].feet) and not afloat)
        if afloat and people:
            _hull(picture, reading, light, people)
    weather_before(picture, reading, light)
    if reading.under_water:
        submerge(picture, reading)
    return graded(picture, light, reading.mood, reading.wishes)


def _by_firelight(light: Light, reading: Reading) -> Light:
    """A coloured flame is the main light on people wherever the day does not outshine it."""
    if reading.flame is None or not (light.lamps_lit or reading.indoor):
        return light
    return replace(light, key=mix(light.key, from_hex(reading.flame), 0.75), key_strength=max(0.9, light.key_strength))


def _place(reading: Reading, light: Light, framing: Framing, size: tuple[int, int]) -> tuple[Image.Image, Light]:
    """The backdrop as this framing and this take see it: a part of it, perhaps from the other side, out of focus."""
    width, height = size
    lens, rng = LENSES[framing], dice("camera", reading.seed)
    large = oversampling(height, lens.blur * height)
    picture, _ = paint_backdrop(width, height, reading, light, large, _far_boat(reading, framing))
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
    if "boat" not in reading.things or reading.place not in OPEN_WATER or _afloat(reading, framing):
        return None
    if LENSES[framing].feet and not reading.people:
        return None  # It is drawn large, with the standing things.

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


def _standing_things(
    picture: Image.Image, reading: Reading, light: Light, framing: Framing, people: list[Placed]
) -> None:
    """Things of the ground, the sky and the table, up to three."""
    rng = dice("things", reading.seed)
    w, h = picture.size
    head = people[-1].spot.head if people else h * LENSES[framing].head if LENSES[framing].feet else h * 0.10
    free = 0.18 if not people or people[-1].spot.x > w / 2 else 0.82
    close = framing in (Framing.EXTREME_CLOSE_UP, Framing.CLOSE_UP, Framing.MEDIUM_CLOSE_UP, Framing.OVER_SHOULDER)
    held = {p.holds for p in people if p.holds}
    for thing in [t for t in reading.things if t not in held][:3]:
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
        elif _lies(reading, stand, framing, bool(people)):
            size = min(h * 0.26, w * 0.3) if not LENSES[framing].feet else head * 1.3
            place_thing(
                picture, thing, w * free, h * 0.90 - size * 0.3, size, light, colour=colour, flame=reading.flame
            )
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


def _lies(reading: Reading, stand: Stand, framing: Framing, people: bool) -> bool:
    """Whether a thing that could be held or stand on a table lies before the viewer; in wide views it is too small."""
    if framing in (Framing.WIDE, Framing.VERY_WIDE):
        return False
    fallen = reading.dropped and bool(LENSES[framing].feet)
    return stand == "table" or (stand == "held" and (not people or fallen))


def _afloat(reading: Reading, framing: Framing) -> bool:
    """Whether the people of the picture stand in a boat."""
    in_it = "boat" in reading.things and reading.place in OPEN_WATER and reading.aboard
    return in_it and bool(LENSES[framing].feet) and bool(reading.people)


def _hull(picture: Image.Image, reading: Reading, light: Light, people: list[Placed]) -> None:
    """The boat's near side, in front of everybody's feet."""
    head = max(p.spot.head for p in people)
    left, right = min(p.spot.x for p in people), max(p.spot.x for p in people)
    feet = max(_feet(p) for p in people)
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
        _ground_shadow(picture, spot, _feet(placed))
    if placed.holds == "umbrella":
        draw_umbrella(picture, reading, light, placed)
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
        draw_held(picture, reading, light, placed)


def _feet(placed: Placed) -> float:
    """Where the floor is under somebody, in pixels from the top."""
    low = STANCE_DROP.get(placed.pose.stance, 0.0) * (heads_of(placed.person) - 1.0) / 5.6
    return placed.spot.y + (heads_of(placed.person) - low - 0.4) * placed.spot.head


def _ground_shadow(picture: Image.Image, spot: Spot, feet: float) -> None:
    rx, ry = spot.head * 1.15, spot.head * 0.24
    box = (round(spot.x - rx * 1.4), round(feet - ry * 1.6), round(spot.x + rx * 1.4), round(feet + ry * 1.6))
    mask = Image.new("L", (max(2, box[2] - box[0]), max(2, box[3] - box[1])), 0)
    ImageDraw.Draw(mask).ellipse((rx * 0.3, ry * 0.5, mask.width - rx * 0.3, mask.height - ry * 0.5), fill=135)
    mask = mask.filter(ImageFilter.GaussianBlur(max(0.5, ry * 0.35)))
    picture.paste((14, 12, 28), box[:2], mask)
