"""The painter of each kind of place, and the whole backdrop of a picture."""

from collections.abc import Callable

from PIL import Image

from aianime_pipeline.providers.local.pictures.backdrops import city, interiors, interiors_old, nature, settlements
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.light import Light, glow
from aianime_pipeline.providers.local.pictures.reading import Reading
from aianime_pipeline.providers.local.pictures.seeding import dice
from aianime_pipeline.providers.local.pictures.shapes import Brush, Sheet

PAINTERS: dict[str, Callable[[Stage], None]] = {
    "river": nature.river, "lake": nature.lake, "sea": nature.sea, "mountains": nature.mountains,
    "forest": nature.forest,
    "bamboo": nature.bamboo_grove, "snowfield": nature.snowfield, "desert": nature.desert, "plain": nature.plain,
    "heaven": nature.heaven,
    "village": settlements.village, "ancient_street": settlements.ancient_street, "market": settlements.market,
    "gate": settlements.gate,
    "temple": settlements.temple, "courtyard": settlements.courtyard, "bridge": settlements.bridge,
    "graveyard": settlements.graveyard,
    "city": city.city, "street": city.street, "park": city.park, "rooftop": city.rooftop,
    "office": interiors.office, "cafe": interiors.cafe, "school": interiors.school, "hospital": interiors.hospital,
    "apartment": interiors.apartment, "bedroom": interiors.bedroom, "kitchen": interiors.kitchen,
    "room": interiors.room,
    "hall": interiors_old.hall, "palace": interiors_old.palace, "cave": interiors_old.cave, "car": interiors.car,
}  # fmt: skip

Extra = Callable[[Stage], None]


def paint_backdrop(
    width: int, height: int, reading: Reading, light: Light, oversampling: int, extras: Extra | None = None
) -> tuple[Image.Image, Stage]:
    """The place without people, RGB, width × height. `extras` may add things to the stage before the lamps shine."""
    sheet = Sheet(width * oversampling, height * oversampling, base=light.on((120, 120, 120)))
    stage = Stage(
        brush=Brush(sheet, 0, 0, height * oversampling),
        aspect=width / height,
        light=light,
        reading=reading,
        layout=dice("layout", reading.layout),
        take=dice("take", reading.seed),
    )
    PAINTERS[reading.place](stage)
    if extras:
        extras(stage)
    picture = sheet.colour.reduce(oversampling) if oversampling > 1 else sheet.colour
    for lamp in stage.lamps:
        glow(picture, lamp.x * height, lamp.y * height, lamp.radius * height, lamp.colour, lamp.strength)
    return picture, stage
