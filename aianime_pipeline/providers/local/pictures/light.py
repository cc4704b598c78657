"""The light of a scene: colours of the sky by hour and weather, what light does to surfaces, and the final grade."""

from dataclasses import dataclass, replace

from PIL import Image, ImageChops, ImageEnhance, ImageFilter

from aianime_pipeline.providers.local.pictures.colours import RGB, mix, scaled, tinted
from aianime_pipeline.providers.local.pictures.reading import Reading
from aianime_pipeline.providers.local.pictures.wishes import Wishes

Factors = tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """`sky` from the zenith to the horizon; `ambient` multiplies every surface; `key` colours the main light."""

    sky: tuple[RGB, RGB, RGB]
    haze: RGB
    ambient: Factors
    key: RGB
    key_strength: float
    lamp: RGB = (255, 196, 112)
    lamps_lit: bool = False
    stars: float = 0.0
    disc: str = "none"
    """sun, moon or none."""
    side: int = 1
    """Where the main light comes from: 1 right, -1 left."""
    grade: Factors = (1.0, 1.0, 1.0)
    vignette: float = 0.25

    def on(self, colour: RGB, depth: float = 0.0) -> RGB:
        """A surface's colour in this light, `depth` 0 near to 1 lost in the haze."""
        return mix(tinted(colour, self.ambient), self.haze, depth)


HOURS = {
    "dawn": Light(
        sky=((92, 122, 178), (196, 178, 202), (255, 216, 184)), haze=(240, 212, 200), ambient=(0.92, 0.84, 0.86),
        key=(255, 214, 170), key_strength=0.75, disc="sun", vignette=0.22,
    ),
    "day": Light(
        sky=((52, 122, 206), (118, 182, 234), (214, 238, 250)), haze=(208, 230, 244), ambient=(1.0, 0.99, 0.97),
        key=(255, 250, 232), key_strength=0.42, disc="none", vignette=0.14,
    ),
    "dusk": Light(
        sky=((62, 54, 112), (206, 98, 104), (255, 186, 104)), haze=(236, 148, 116), ambient=(0.90, 0.68, 0.66),
        key=(255, 176, 96), key_strength=0.95, lamps_lit=True, disc="sun", vignette=0.28, stars=0.08,
    ),
    "night": Light(
        sky=((10, 16, 44), (24, 42, 90), (70, 98, 150)), haze=(60, 84, 134), ambient=(0.40, 0.46, 0.70),
        key=(178, 208, 255), key_strength=0.8, lamps_lit=True, disc="moon", stars=1.0, vignette=0.34,
    ),
}  # fmt: skip

SKIES: dict[str, tuple[tuple[tuple[RGB, RGB, RGB], RGB], ...]] = {
    "dawn": (
        (((92, 122, 178), (196, 178, 202), (255, 216, 184)), (240, 212, 200)),
        (((110, 150, 186), (190, 206, 206), (252, 232, 196)), (228, 226, 212)),
        (((96, 100, 158), (214, 158, 184), (255, 196, 168)), (240, 196, 194)),
    ),
    "day": (
        (((52, 122, 206), (118, 182, 234), (214, 238, 250)), (208, 230, 244)),
        (((70, 138, 200), (146, 196, 222), (226, 238, 238)), (216, 230, 234)),
        (((42, 104, 192), (96, 168, 226), (196, 228, 246)), (196, 222, 242)),
    ),
    "dusk": (
        (((62, 54, 112), (206, 98, 104), (255, 186, 104)), (236, 148, 116)),
        (((52, 66, 122), (188, 118, 138), (255, 206, 146)), (226, 164, 146)),
        (((84, 46, 96), (226, 96, 82), (255, 172, 84)), (240, 138, 98)),
    ),
    "night": (
        (((10, 16, 44), (24, 42, 90), (70, 98, 150)), (60, 84, 134)),
        (((8, 22, 40), (18, 54, 82), (58, 116, 138)), (52, 96, 120)),
        (((20, 14, 46), (46, 36, 92), (106, 92, 156)), (84, 78, 136)),
        (((12, 18, 34), (30, 42, 68), (86, 98, 124)), (70, 82, 108)),
    ),
}  # fmt: skip
"""Skies and their hazes, one of them for each place at an hour: two places in one night are not under one sky."""

MOOD_GRADES: dict[str, tuple[Factors, float]] = {
    "sad": ((0.90, 0.95, 1.05), 0.10),
    "tense": ((1.05, 0.95, 0.92), 0.14),
    "dread": ((0.88, 0.96, 0.96), 0.20),
    "bright": ((1.05, 1.02, 0.97), -0.06),
    "cold": ((0.90, 0.97, 1.07), 0.08),
    "tender": ((1.05, 0.99, 1.00), 0.0),
    "calm": ((1.0, 1.0, 1.0), 0.0),
}
SATURATION = {"sad": 0.78, "dread": 0.74, "cold": 0.82, "tense": 1.02, "bright": 1.12, "tender": 1.03, "calm": 1.0}


def light_for(reading: Reading) -> Light:
    skies = SKIES[reading.hour]
    sky, haze = skies[reading.layout // 2 % len(skies)]
    light = replace(HOURS[reading.hour], sky=sky, haze=haze, side=1 if reading.layout % 2 else -1)
    light = _under_weather(light, reading)
    if reading.indoor:
        light = _indoors(light, reading)
    factors, vignette = MOOD_GRADES[reading.mood]
    return replace(light, grade=factors, vignette=max(0.05, light.vignette + vignette))


def _under_weather(light: Light, reading: Reading) -> Light:
    weather, night = reading.weather, reading.hour == "night"
    if weather & {"rain", "thunder"}:
        grey: RGB = (38, 48, 68) if night else (120, 132, 148)
        top, middle, low = (mix(c, scaled(grey, f), 0.72) for c, f in zip(light.sky, (0.7, 0.9, 1.15), strict=True))
        r, g, b = light.ambient
        return replace(
            light, sky=(top, middle, low), haze=mix(light.haze, grey, 0.6), ambient=(r * 0.82, g * 0.88, b * 0.95),
            key=mix(light.key, (200, 216, 240), 0.5), key_strength=light.key_strength * 0.8, stars=0.0, disc="none",
                lamps_lit=True,
        )  # fmt: skip
    if "snow" in weather:
        grey = (58, 72, 112) if night else (204, 216, 232)
        top, middle, low = (mix(c, grey, 0.55) for c in light.sky)
        return replace(light, sky=(top, middle, low), haze=mix(light.haze, grey, 0.6), stars=light.stars * 0.2)
    if "fog" in weather:
        pale = mix(light.haze, (92, 112, 150) if night else (226, 232, 236), 0.5)
        top, middle, low = (mix(c, pale, t) for c, t in zip(light.sky, (0.35, 0.6, 0.8), strict=True))
        return replace(light, sky=(top, middle, low), haze=pale, stars=light.stars * 0.3)
    return light


def _indoors(light: Light, reading: Reading) -> Light:
    if reading.hour == "night":
        warm = reading.era == "ancient" or reading.place in (
            "apartment",
            "bedroom",
            "cafe",
            "kitchen",
            "hall",
            "room",
            "palace",
        )
        ambient: Factors = (0.74, 0.60, 0.54) if warm else (0.62, 0.68, 0.78)
        if reading.place in ("cave", "car"):
            ambient = (0.46, 0.48, 0.62)
        return replace(
            light, ambient=ambient, key=(255, 200, 124) if warm else (214, 232, 255), key_strength=0.7, lamps_lit=True
        )
    r, g, b = light.ambient
    dim = 0.62 if reading.place == "cave" else 0.9
    return replace(
        light, ambient=(r * dim, g * dim * 0.98, b * dim * 0.96), lamps_lit=light.lamps_lit or reading.place == "cave"
    )


def glow(picture: Image.Image, x: float, y: float, radius: float, colour: RGB, strength: float = 1.0) -> None:
    """Add a round light to an RGB picture, in place. `x`, `y`, `radius` in pixels."""
    r = max(2, round(radius))
    x0, y0 = round(x) - r, round(y) - r
    box = (max(0, x0), max(0, y0), min(picture.width, x0 + 2 * r), min(picture.height, y0 + 2 * r))
    if box[2] <= box[0] or box[3] <= box[1] or strength <= 0:
        return
    falloff = _falloff(min(2 * r, 256)).resize((2 * r, 2 * r), Image.Resampling.BILINEAR)
    falloff = falloff.crop((box[0] - x0, box[1] - y0, box[2] - x0, box[3] - y0))
    mask = falloff.point([min(255, round(v * strength)) for v in range(256)])
    light = ImageChops.multiply(Image.new("RGB", mask.size, colour), Image.merge("RGB", (mask, mask, mask)))
    picture.paste(ImageChops.screen(picture.crop(box), light), box)


def _falloff(size: int) -> Image.Image:
    ramp = Image.radial_gradient("L").resize((size, size), Image.Resampling.BILINEAR)
    return ramp.point([round(255 * max(0.0, 1 - v / 181) ** 2.2) for v in range(256)])


def graded(picture: Image.Image, light: Light, mood: str, wishes: Wishes) -> Image.Image:
    """The finished colours: bloom of the bright parts, mood, vignette, and what a reviewer asked for."""
    out = _bloom(picture)
    factors = tinted((200, 200, 200), light.grade)
    r, g, b = (c / 200 for c in factors)
    if wishes.warmth:
        r, b = r * (1 + 0.12 * wishes.warmth), b * (1 - 0.14 * wishes.warmth)
    out = Image.merge(
        "RGB", [band.point(_curve(f, wishes.light)) for band, f in zip(out.split(), (r, g, b), strict=True)]
    )
    saturation = SATURATION[mood]
    if saturation != 1.0:
        out = ImageEnhance.Color(out).enhance(saturation)
    return ImageChops.multiply(out, _vignette(out.size, light.vignette))


def _curve(factor: float, light: int) -> list[int]:
    power = {1: 0.68, 0: 1.0, -1: 1.4}[light]
    gain = {1: 1.08, 0: 1.0, -1: 0.86}[light]
    return [min(255, round(255 * (v / 255) ** power * factor * gain)) for v in range(256)]


def _bloom(picture: Image.Image) -> Image.Image:
    small = picture.reduce(max(1, min(picture.size) // 180))
    bright = small.point([0 if v < 150 else round((v - 150) * 1.1) for v in range(256)] * 3)
    soft = bright.filter(ImageFilter.GaussianBlur(max(1.0, min(small.size) / 28)))
    soft = soft.point([round(v * 0.55) for v in range(256)] * 3).resize(picture.size, Image.Resampling.BILINEAR)
    return ImageChops.screen(picture, soft)


def _vignette(size: tuple[int, int], strength: float) -> Image.Image:
    ramp = Image.radial_gradient("L").point([255 - round(255 * strength * (v / 255) ** 2.2) for v in range(256)])
    ramp = ramp.resize(size, Image.Resampling.BICUBIC)
    return Image.merge("RGB", (ramp, ramp, ramp))
