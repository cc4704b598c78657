"""The painter of each kind of place, and the whole backdrop of a picture."""

from collections.abc import Callable

from PIL import Image

from aianime_pipeline.providers.local.pictures.backdrops import (
    boats,
    city,
    compounds,
    crossings,
    great_halls,
    interiors,
    interiors_trade,
    nature,
    settlements,
    shores,
)
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.light import Light, glow
from aianime_pipeline.providers.local.pictures.reading import Reading
from aianime_pipeline.providers.local.pictures.seeding import dice
from aianime_pipeline.providers.local.pictures.shapes import Brush, Sheet

PAINTERS: dict[str, Callable[[Stage], None]] = {
    "river": shores.river, "lake": shores.lake, "sea": shores.sea, "mountains": nature.mountains,
    "forest": nature.forest,
    "bamboo": nature.bamboo_grove, "snowfield": nature.snowfield, "desert": nature.desert, "plain": nature.plain,
    "heaven": nature.heaven,
    "village": settlements.village, "ancient_street": settlements.ancient_street, "market": settlements.market,
    "gate": compounds.gate,
    "temple": compounds.temple, "courtyard": compounds.courtyard, "bridge": crossings.bridge,
    "graveyard": crossings.graveyard,
    "city": city.city, "street": city.street, "park": city.park, "rooftop": city.rooftop,
    "office": interiors.office, "cafe": interiors.cafe, "school": interiors.school, "hospital": interiors.hospital,
    "apartment": interiors.apartment, "bedroom": interiors.bedroom, "kitchen": interiors.kitchen,
    "room": interiors.room,
    "boat_deck": boats.boat_deck, "boat_cabin": boats.boat_cabin, "clinic": interiors_trade.clinic,
    "teashop": interiors_trade.teashop, "study": interiors_trade.study,
    "hall": great_halls.hall, "palace": great_halls.palace, "cave": great_halls.cave, "car": interiors.car,
}  # fmt: skip

Extra = Callable[[Stage], None]


def paint_backdrop(
    width: int, height: int, reading: Reading, light: Light, oversampling: float, extras: Extra | None = None
) -> tuple[Image.Image, Stage]:
    """The place without people, RGB, width × height. `extras` may add things to the stage before the lamps shine."""
    sheet = Sheet(round(width * oversampling), round(height * oversampling), base=light.on((120, 120, 120)))
    stage = Stage(
        brush=Brush(sheet, 0, 0, sheet.height),
        aspect=width / height,
        light=light,
        reading=reading,
        layout=dice("layout", reading.layout),
        take=dice("take", reading.seed),
    )
    PAINTERS[reading.place](stage)
    if extras:
        extras(stage)
    picture = sheet.colour.resize((width, height), Image.Resampling.BOX) if oversampling > 1 else sheet.colour
    for lamp in stage.lamps:
        glow(picture, lamp.x * height, lamp.y * height, lamp.radius * height, lamp.colour, lamp.strength)
    return picture, stage
