"""The ground that a place is painted on: its sheet, its light, its chances, and where the horizon lies."""

import random
from dataclasses import dataclass, field

from aianime_pipeline.providers.local.pictures.colours import RGB, mix
from aianime_pipeline.providers.local.pictures.light import Light
from aianime_pipeline.providers.local.pictures.reading import Reading
from aianime_pipeline.providers.local.pictures.shapes import Brush, vertical


@dataclass(frozen=True)
class Lamp:
    """A light in the place, added after everything is painted. Lengths as on the stage."""

    x: float
    y: float
    radius: float
    colour: RGB
    strength: float = 1.0


@dataclass
class Stage:
    """`layout` is the same for every picture of a place, `take` differs with every seed."""

    brush: Brush
    aspect: float
    light: Light
    reading: Reading
    layout: random.Random
    take: random.Random
    horizon: float = 0.58
    lamps: list[Lamp] = field(default_factory=list)

    @property
    def night(self) -> bool:
        return self.reading.hour == "night"

    @property
    def ancient(self) -> bool:
        return self.reading.era == "ancient"

    @property
    def snowy(self) -> bool:
        return "snow" in self.reading.weather

    def on(self, colour: RGB, depth: float = 0.0) -> RGB:
        return self.light.on(colour, depth)

    def lamp(self, x: float, y: float, radius: float, strength: float = 1.0, colour: RGB | None = None) -> None:
        self.lamps.append(Lamp(x, y, radius, colour or self.light.lamp, strength))

    def band(self, top: float, bottom: float, above: RGB, below: RGB) -> None:
        """A run of colour over the whole width, in stage heights."""
        sheet, unit = self.brush.sheet, self.brush.unit
        y0, y1 = max(0, round(top * unit)), min(sheet.height, round(bottom * unit) + 1)
        if y1 > y0:
            sheet.colour.paste(vertical((sheet.width, y1 - y0), [(0.0, above), (1.0, below)]), (0, y0))

    def veil(self, top: float, bottom: float, colour: RGB, above: float, below: float) -> None:
        """Haze over what is painted so far, from `above` to `below` as opacity 0 to 1."""
        self.brush.fade_within(
            [(-0.1, top), (self.aspect + 0.1, top), (self.aspect + 0.1, bottom), (-0.1, bottom)], None, colour,
                colour, round(255 * above), round(255 * below)
        )  # fmt: skip

    def ground(self, near: RGB, far: RGB | None = None, haze: float = 0.55) -> None:
        far = far or near
        if self.snowy:
            near, far = mix(near, (236, 240, 250), 0.78), mix(far, (236, 240, 250), 0.8)
        self.band(self.horizon, 1.0, self.on(far, haze), self.on(near))
