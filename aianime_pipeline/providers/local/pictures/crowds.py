"""People without names, behind those who have one."""

from PIL import Image

from aianime_pipeline.providers.local.looks import look_for
from aianime_pipeline.providers.local.pictures.figures.cutout import Spot, hand_place, place_person
from aianime_pipeline.providers.local.pictures.figures.person import Pose
from aianime_pipeline.providers.local.pictures.framing import LENSES
from aianime_pipeline.providers.local.pictures.light import Light
from aianime_pipeline.providers.local.pictures.props import place_thing
from aianime_pipeline.providers.local.pictures.reading import Reading
from aianime_pipeline.providers.local.pictures.seeding import dice
from aianime_pipeline.storyboard.model import Framing


def draw_crowd(picture: Image.Image, reading: Reading, light: Light, framing: Framing) -> None:
    """In the place's own clothes and half lost in the haze; with torches if the shot names some."""
    rng = dice("crowd", reading.seed)
    w, h = picture.size
    head = min(h * max(0.04, LENSES[framing].head * 0.62), w * 0.14)
    count = min(16, max(7, round(w / head / 1.7)))
    era = "古装" if reading.era == "ancient" else "现代"
    torches = "torch" in reading.things
    spots = sorted(((k + rng.random()) / count, rng.uniform(0.82, 1.1)) for k in range(count))
    for share, grow in sorted(spots, key=lambda s: s[1]):
        look = look_for(
            "character", f"crowd {rng.randint(0, 40)}", f"{era} {rng.choice(('男', '女', '女', '男', '老人'))}"
        )
        size = head * grow
        feet = h * (LENSES[framing].feet or 0.98) - head * 1.1 + (grow - 0.82) * head
        y = feet - size * 6.1 if LENSES[framing].feet else h * 0.46 + (grow - 1) * h * 0.2
        holds = torches and rng.random() < 0.55
        pose = Pose(
            turn=rng.uniform(0, 0.8),
            expression=rng.choice(("calm", "worried", "surprised", "happy")),
            back=not holds and rng.random() < 0.2,
            arms="lift" if holds else rng.choice(("rest", "rest", "chest", "clasped", "folded")),
            tilt=rng.uniform(-0.05, 0.05),
        )
        spot = Spot(w * share, y, size, rng.random() < 0.5)
        blur = LENSES[framing].blur * h * 0.8
        place_person(picture, look, pose, spot, light, depth=0.24, blur=blur, shadow=0.10)
        if holds:
            x, top = hand_place(look, pose, spot)
            place_thing(picture, "torch", x, top - size * 0.35, size * 1.5, light, flame=reading.flame)
