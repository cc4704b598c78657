"""What a shot's brief says, in the words of the drawing: place, hour, weather, mood, things, people, wishes.

The tables of words are in `scene_words.py`; drawing never looks at text.
"""

import re
from dataclasses import dataclass, field

from aianime_pipeline.providers.capabilities import AssetBrief, ImageRequest, PictureBrief
from aianime_pipeline.providers.local.colour_reading import colours_of_things
from aianime_pipeline.providers.local.look_words import ERA_WORDS
from aianime_pipeline.providers.local.looks import complete_look, look_for
from aianime_pipeline.providers.local.pictures import scene_words as words
from aianime_pipeline.providers.local.pictures.flames import flame_colour
from aianime_pipeline.providers.local.pictures.places import ANCIENT, INDOOR, MODERN, PLACE_WORDS, place_named
from aianime_pipeline.providers.local.pictures.poses import Bearing, bearings
from aianime_pipeline.providers.local.pictures.seeding import digest_number
from aianime_pipeline.providers.local.pictures.things import BURNING, THING_WORDS, things_named
from aianime_pipeline.providers.local.pictures.vocabulary import all_meanings, mentions, strongest_meaning
from aianime_pipeline.providers.local.pictures.wishes import Wishes, read_wishes
from aianime_pipeline.screenplay.model import TimeOfDay


@dataclass(frozen=True)
class Person:
    name: str
    look: dict[str, object]
    expression: str
    speaks: bool
    bearing: Bearing = field(default_factory=Bearing)
    carries: str = ""
    """A thing that is in the hand in every picture, as the look says."""


@dataclass(frozen=True)
class Reading:
    """A brief, understood. `layout` seeds what a place always looks like, `seed` how this take sees it."""

    place: str
    era: str
    indoor: bool
    hour: TimeOfDay
    weather: frozenset[str]
    mood: str
    things: tuple[str, ...]
    thing_colours: dict[str, str] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    crowd: bool = False
    back_view: bool = False
    wishes: Wishes = field(default_factory=Wishes)
    layout: int = 0
    seed: int = 0
    flame: str | None = None
    """The colour of the flames where the text names one, six hexadecimal digits."""
    lettering: str = ""
    """What is written on the thing shown."""
    hanging: bool = False
    """The thing shown hangs."""
    dropped: bool = False
    """What could be held has fallen."""
    prints: bool = False
    """Red prints of fingers or hands on the paper shown."""
    under_water: bool = False
    aboard: bool = False
    """The people of the picture are in the boat that it shows."""


def read_picture(request: ImageRequest, brief: PictureBrief) -> Reading:
    """What is to be drawn for a shot. Understands nothing → a plausible default, never an error."""
    place_text = f"{brief.place}\n{brief.location.name if brief.location else ''}"
    told = _without_names(brief)
    scene_text = f"{told}\n{brief.location.description if brief.location else ''}"
    place = _place(brief, place_text, scene_text)
    people = _people(brief, request.style)
    era = _era(place, people, f"{place_text}\n{scene_text}\n{request.style}")
    indoor = place in INDOOR if brief.interior is None or place in INDOOR else brief.interior == "int"
    if indoor and place not in INDOOR:
        place = (
            "hall"
            if place in ("gate", "temple", "market")
            else "cafe"
            if era == "modern" and place == "street"
            else "room"
        )
    if not people:
        people = _nameless(brief, era)
    things, colours = _things(brief)
    return Reading(
        place=place,
        era=era,
        indoor=indoor,
        hour=brief.time_of_day or strongest_meaning(f"{told}\n{brief.place}", words.HOUR_WORDS) or "day",
        weather=_weather(f"{place_text}\n{scene_text}", place),
        mood=_mood(brief),
        things=things,
        thing_colours=colours,
        people=people,
        crowd=mentions(f"{brief.description}", words.CROWD_WORDS),
        back_view=mentions(brief.description, words.BACK_WORDS),
        wishes=read_wishes(request.feedback),
        layout=_layout(brief),
        seed=digest_number("take", request.seed),
        flame=_flame(brief, people, things),
        lettering=_lettering(brief.description),
        hanging=mentions(brief.description, words.HANGING),
        dropped=mentions(brief.description, words.DROPPED),
        prints=mentions(brief.description, words.BLOODY),
        under_water=mentions(brief.description, words.UNDER_WATER),
        aboard=mentions(brief.description, words.ABOARD),
    )


def _without_names(brief: PictureBrief) -> str:
    """The description without the people's names: 小雨 is no rain and 阿萤 no firefly."""
    text = brief.description
    for name in sorted((asset.name for asset in brief.characters), key=len, reverse=True):
        for form in (name, re.sub(r"[（(].*?[）)]", "", name)):
            text = text.replace(form, "□") if form.strip() else text
    return text


def expression_of(text: str) -> str:
    for word in words.NOT_FEELINGS:
        text = text.replace(word, "□")
    return next(iter(all_meanings(text, words.EXPRESSION_WORDS)), "calm")


def _place(brief: PictureBrief, place_text: str, scene_text: str) -> str:
    frozen = brief.location.sheet.get("place") if brief.location else None
    if isinstance(frozen, str) and frozen in PLACE_WORDS:
        return frozen
    found = place_named(brief.place) or place_named(place_text) or strongest_meaning(scene_text, PLACE_WORDS)
    if found:
        return found
    return "room" if brief.interior == "int" else "plain"


def _era(place: str, people: tuple[Person, ...], text: str) -> str:
    if place in MODERN:
        return "modern"
    if place in ANCIENT:
        return "ancient"
    said = strongest_meaning(text, ERA_WORDS)
    if said:
        return said
    ancient = sum(person.look.get("era") == "ancient" for person in people)
    if people:
        return "ancient" if ancient * 2 >= len(people) and ancient else "modern"
    return "ancient"


def _people(brief: PictureBrief, style: str) -> tuple[Person, ...]:
    mood_text = brief.emotion or brief.description
    bearing = bearings([asset.name for asset in brief.characters], brief.description, brief.speaker, brief.emotion)
    people = []
    for i, asset in enumerate(brief.characters):
        speaks = brief.speaker is not None and brief.speaker == asset.name
        own = mood_text if speaks or i == 0 or not brief.emotion else ""
        expression = expression_of(own)
        if own and expression == "calm":
            expression = expression_of(brief.description)
        look = complete_look("character", asset.name, asset.description, asset.sheet, project=style)
        carries = str(look.get("carries") or "")
        people.append(
            Person(asset.name, look, expression, speaks, bearing[asset.name], carries if carries in THING_WORDS else "")
        )
    return tuple(people)


def _nameless(brief: PictureBrief, era: str) -> tuple[Person, ...]:
    """Somebody whose face the description names without saying who it is."""
    text = brief.description
    for word in words.NOT_FACES:
        text = text.replace(word, "")
    if not mentions(text, words.FACE_WORDS):
        return ()
    hint = "古装" if era == "ancient" else "现代"
    look = look_for("character", f"somebody {digest_number('face', text)}", f"{text}\n{hint}")
    return (Person("", {**look, "accessories": []}, expression_of(text), False),)


def _things(brief: PictureBrief) -> tuple[tuple[str, ...], dict[str, str]]:
    """Things by importance: props named by the shot first, those of the text after them."""
    named = list(things_named(_without_names(brief)))
    said = colours_of_things(_without_names(brief), THING_WORDS)
    colours = {thing: found.colour for thing, found in said.items() if thing not in BURNING}
    told = sorted(brief.props, key=lambda prop: prop.name.lower() in brief.description.lower())
    for prop in told:
        look = _prop_look(prop)
        thing = str(look["thing"])
        if thing in THING_WORDS:
            if look.get("coloured", True):
                colours.setdefault(thing, str(look["colour"]))
            named = [thing, *(t for t in named if t != thing)]
    return tuple(named), colours


def _prop_look(prop: AssetBrief) -> dict[str, object]:
    return complete_look("prop", prop.name, prop.description, prop.sheet)


def _flame(brief: PictureBrief, people: tuple[Person, ...], things: tuple[str, ...]) -> str | None:
    """As the shot says, else as the prop shown is described, else as somebody's lamp always burns."""
    said = flame_colour(brief.description)
    if said:
        return said
    own = [str(_prop_look(prop).get("flame") or "") for prop in brief.props]
    own += [str(person.look.get("flame") or "") for person in people]
    return next((colour for colour in own if re.fullmatch("[0-9a-f]{6}", colour)), None)


def _lettering(text: str) -> str:
    """The first short quotation of the text: what a tablet or a page in it says."""
    found = re.search('[“「『"‘]([^”」』"’]{1,8})[”」』"’]', text)
    return found.group(1).strip() if found else ""


def _weather(text: str, place: str) -> frozenset[str]:
    for word in words.NOT_WEATHER:
        text = text.replace(word, "")
    found = set(all_meanings(text, words.WEATHER_WORDS))
    if place == "snowfield":
        found.add("snow")
    if "thunder" in found and "snow" not in found:
        found.add("rain")
    return frozenset(found)


def _mood(brief: PictureBrief) -> str:
    expression = expression_of(brief.emotion) if brief.emotion else expression_of(brief.description)
    return words.MOODS.get(expression, "calm")


def _layout(brief: PictureBrief) -> int:
    if brief.location and isinstance(brief.location.sheet.get("layout"), int):
        return digest_number("layout", brief.location.sheet["layout"])
    return digest_number("layout", brief.location.name if brief.location else brief.place)
