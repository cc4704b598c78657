"""Things in people's hands."""

from PIL import Image

from aianime_pipeline.providers.local.pictures.figures.cutout import hand_place
from aianime_pipeline.providers.local.pictures.light import Light
from aianime_pipeline.providers.local.pictures.props import place_thing
from aianime_pipeline.providers.local.pictures.reading import Reading
from aianime_pipeline.providers.local.pictures.staging import Placed

SIZES = {
    "sword": 2.6, "flute": 1.5, "bow": 2.0, "lantern": 0.95, "bag": 0.9, "box": 0.80, "book": 0.75, "fan": 0.8,
    "oil_lamp": 0.86, "torch": 1.9, "bell": 0.42, "plaque": 0.7, "ledger": 0.8, "shoe": 0.5,
}  # fmt: skip
"""In head heights; anything else is 0.58."""
LIFTS = {
    "sword": -0.36, "lantern": 0.42, "bag": 0.40, "flower": -0.30, "phone": -0.18, "letter": -0.10, "box": 0.40,
    "oil_lamp": -0.16, "torch": -0.30, "bell": 0.42,
}  # fmt: skip
"""How far the thing's middle is below the hand, in its own size."""


def draw_held(picture: Image.Image, reading: Reading, light: Light, placed: Placed) -> None:
    thing = placed.holds or ""
    x, y = hand_place(placed.person.look, placed.pose, placed.spot)
    size = placed.spot.head * SIZES.get(thing, 0.58)
    place_thing(
        picture,
        thing,
        x,
        y + LIFTS.get(thing, -0.12) * size,
        size,
        light,
        colour=reading.thing_colours.get(thing),
        mirror=placed.spot.mirror,
        flame=reading.flame,
    )


def draw_umbrella(picture: Image.Image, reading: Reading, light: Light, placed: Placed) -> None:
    x, y = hand_place(placed.person.look, placed.pose, placed.spot)
    size = placed.spot.head * 2.6
    place_thing(
        picture,
        "umbrella",
        (x + placed.spot.x) / 2,
        min(y - size * 0.42, placed.spot.y - size * 0.20),
        size,
        light,
        colour=reading.thing_colours.get("umbrella"),
    )
