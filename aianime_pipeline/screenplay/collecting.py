"""Characters, locations and props that a screenplay mentions, with what it says of them: the project's assets.

Conservative on purpose: an asset costs a picture. A speaker is a character, a scene's place is a location; a prop must
be named as one (`道具：油灯`) or stand in 【】 or 《》 in two scenes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from aianime_pipeline.screenplay.chinese_cast import read_cast, read_profile, split_description
from aianime_pipeline.screenplay.chinese_lines import PROP_FIELDS, read_field
from aianime_pipeline.screenplay.chinese_preamble import PLACE_KEYS, PROFILE_KEYS, PROP_KEYS
from aianime_pipeline.screenplay.chinese_speech import is_narrator
from aianime_pipeline.screenplay.model import CollectedAsset, Interior, Scene, ScreenplayEpisode

NO_METADATA: Mapping[str, str] = MappingProxyType({})

_CROWDS = frozenset(
    [
        "众人",
        "众",
        "大家",
        "所有人",
        "全体",
        "齐声",
        "合",
        "全场",
        "群演",
        "人群",
        "all",
        "everyone",
        "everybody",
        "crowd",
    ]
)
_TOGETHER = re.compile(r"[/／、&＆，,]")
_NAMED_THING = re.compile(r"[【《](?P<name>[^】》：:]{1,10})[】》]")
_AGE = re.compile(r"(?:[，,]\s*)?\d{1,3}岁(?:左右|上下)?")
_NOT_A_THING = re.compile(r"特写|闪回|回忆|字幕|画面|镜头|转场|音效|空镜|旁白|画外|黑屏|切|淡|蒙太奇|[完终]$")
_INSIDE: dict[Interior, tuple[str, str]] = {
    "int": ("内景", "interior"),
    "ext": ("外景", "exterior"),
    "int_ext": ("内外景", "interior and exterior"),
}

INTERIOR_WORDS = frozenset(word for words in _INSIDE.values() for word in words)
"""A location that is described by these alone is not described."""


@dataclass
class _Found:
    """One asset on the way: descriptions and scenes in the order of their discovery."""

    name: str
    descriptions: dict[str, None] = field(default_factory=dict)
    scenes: dict[str, None] = field(default_factory=dict)


_Register = dict[str, _Found]


def collect_assets(
    episodes: Iterable[ScreenplayEpisode], *, metadata: Mapping[str, str] = NO_METADATA
) -> tuple[CollectedAsset, ...]:
    """Characters, then locations, then props, each in the order of their first scene.

    `metadata` is the screenplay's: its 人物小传 and similar sections describe what the scenes name. A figure that
    only the profiles name and no scene shows is not collected.
    """
    scenes = [scene for episode in episodes for scene in episode.scenes]
    characters = _collect_characters(scenes)
    locations = _collect_locations(scenes)
    props = _collect_props(scenes)
    _describe(characters, metadata, PROFILE_KEYS)
    _describe_at_first_mention(characters, scenes)
    _describe_variants(characters)
    _describe(locations, metadata, PLACE_KEYS)
    _describe_by_interior(locations, scenes)
    _describe(props, metadata, PROP_KEYS)
    return (
        *(CollectedAsset("character", *_facts(found)) for found in characters.values()),
        *(CollectedAsset("location", *_facts(found)) for found in locations.values()),
        *(CollectedAsset("prop", *_facts(found)) for found in props.values()),
    )


def character_names(speaker: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    """The figures behind a speaker or a cast entry: none for a narrator or a crowd, several for `船工甲/船工乙`.

    A name with a slash or comma in it is cut only where every part is known as a figure, or where `、` joins them.
    """
    name = split_description(speaker).name
    if not name or is_narrator(name) or name.lower() in _CROWDS:
        return ()
    parts = [part.strip() for part in _TOGETHER.split(name)]
    together = len(parts) > 1 and all(parts)
    if together and ("、" in name or set(parts) <= set(known)):
        return tuple(part for part in dict.fromkeys(parts) if not is_narrator(part) and part.lower() not in _CROWDS)
    return (name,)


def _collect_characters(scenes: list[Scene]) -> _Register:
    mentions = [(scene, name) for scene in scenes for name in _mentions(scene)]
    known = {split_description(name).name for _, name in mentions}
    found: _Register = {}
    for scene, mention in mentions:
        for name in character_names(mention, known):
            _note(found, name, scene)
    return found


def _mentions(scene: Scene) -> Iterator[str]:
    yield from (entry.name for entry in scene.cast)
    yield from (block.speaker for block in scene.blocks if block.speaker)


def _collect_locations(scenes: list[Scene]) -> _Register:
    found: _Register = {}
    for scene in scenes:
        if scene.place.strip():
            _note(found, scene.place.strip(), scene)
    return found


def _collect_props(scenes: list[Scene]) -> _Register:
    declared = _declared_props(scenes)
    found = declared | {
        name: thing for name, thing in _named_things(scenes).items() if len(thing.scenes) > 1 and name not in declared
    }
    for scene in scenes:
        for name in found:
            if any(name in text for text in _seen_texts(scene)):
                _note(found, name, scene)
    order = {scene.number: index for index, scene in enumerate(scenes)}
    for prop in found.values():
        prop.scenes = dict.fromkeys(sorted(prop.scenes, key=order.__getitem__))
    return dict(sorted(found.items(), key=lambda item: order[next(iter(item[1].scenes))]))


def _declared_props(scenes: list[Scene]) -> _Register:
    found: _Register = {}
    for scene in scenes:
        fields = (read_field(block.text) for block in scene.blocks if block.type == "direction")
        for name, value in filter(None, fields):
            if name not in PROP_FIELDS:
                continue
            entries, profiles = read_cast(value)
            for entry in entries:
                _note(found, entry.name, scene)
            for profile in profiles:
                if profile.name in found:
                    found[profile.name].descriptions[profile.description] = None
    return found


def _named_things(scenes: list[Scene]) -> _Register:
    found: _Register = {}
    for scene in scenes:
        for text in _seen_texts(scene):
            for match in _NAMED_THING.finditer(text):
                if match["name"].strip() and not _NOT_A_THING.search(match["name"]):
                    _note(found, match["name"].strip(), scene)
    return found


def _seen_texts(scene: Scene) -> list[str]:
    return [block.text for block in scene.blocks if block.type in ("action", "closeup")]


def _note(register: _Register, name: str, scene: Scene) -> None:
    register.setdefault(name, _Found(name)).scenes[scene.number] = None


def _describe(register: _Register, metadata: Mapping[str, str], keys: tuple[str, ...]) -> None:
    for key in keys:
        for line in metadata.get(key, "").split("\n"):
            profile = read_profile(line)
            if profile is None or not profile.description:
                continue
            for name, found in register.items():
                if name.casefold() == profile.name.casefold():
                    found.descriptions[profile.description] = None


def _describe_at_first_mention(characters: _Register, scenes: list[Scene]) -> None:
    """`林夏（女，22岁，白衣）提着灯走来` in the first action that puts brackets behind the name."""
    texts = [text for scene in scenes for text in _seen_texts(scene)]
    for name, found in characters.items():
        # In English the cue is often only the first of the names: `MARA VOSS (24, grey coat)`.
        pattern = re.compile(rf"{re.escape(name)}(?: [A-Z][A-Z'’.\-]*)*\s?[（(]([^（()）]{{2,120}})[）)]")
        match = next(filter(None, map(pattern.search, texts)), None)
        if match is not None:
            found.descriptions[match[1].strip()] = None


def _describe_variants(characters: _Register) -> None:
    """`林夏（少年）` is also 林夏: a variant of which nothing is said looks like her, but for her age."""
    for name, found in characters.items():
        base = characters.get(name.partition("（")[0])
        if base is not None and base is not found and not found.descriptions:
            found.descriptions |= dict.fromkeys(filter(None, (_AGE.sub("", text) for text in base.descriptions)))


def _describe_by_interior(locations: _Register, scenes: list[Scene]) -> None:
    for scene in scenes:
        if scene.interior is not None and scene.place.strip():
            chinese, english = _INSIDE[scene.interior]
            word = english if scene.place.isascii() else chinese
            locations[scene.place.strip()].descriptions[word] = None


def _facts(found: _Found) -> tuple[str, str, tuple[str, ...]]:
    return found.name, "；".join(found.descriptions), tuple(found.scenes)
