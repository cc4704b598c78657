"""A language model that is not there, and that can still tell a story: it answers each request of `storytelling`.

It reads the fenced parts of the message and does by the simplest rules what the instructions ask: prose into scenes
(what stands in quotation marks is spoken), looks for whoever has none, and a shot for each item of a scene. Its stories
are dull and its answers right. Shared by the fake server and by tests that need no server.
"""

import json
import re
import zlib
from collections.abc import Mapping
from typing import Any

PART = re.compile(
    r"^<<<(?P<sign>[0-9A-F]{12}) (?P<name>\w+)>>>\n(?P<body>.*?)\n<<<end (?P=sign) (?P=name)>>>$", re.M | re.S
)

_SAYING = re.compile(r"([\u4e00-\u9fff]{2,3})(?:低声|轻声|大声)?(?:说|问|道|答|喊)[：:]?$")
_SAID = re.compile(r"^\s*(?:said|asked|answered|whispered) ([A-Z]\w+)")
_QUOTATION = re.compile(r"“([^“”]+)”|\"([^\"]+)\"")
_PLACES = re.compile(r"渡口|茶铺|医馆|船舱|街上|lighthouse|kitchen|harbour|stairs")
_TIMES = {"清晨": "dawn", "夜": "night", "黄昏": "dusk", "morning": "dawn", "night": "night"}
_COLOURS = {
    "zh": ("月白长衫", "玄青斗篷", "褐色短褂", "鹅黄短袄", "靛蓝布衣"),
    "en": ("a white coat", "a black cloak", "a brown jacket", "a yellow dress", "a blue shirt"),
}


def parts_in(text: str) -> dict[str, Any]:
    """The fenced parts of a message, by name."""
    return {match["name"]: json.loads(match["body"]) for match in PART.finditer(text)}


def write(text: str) -> dict[str, Any] | None:
    """The answer to a message of `storytelling`; None for any other message."""
    parts = parts_in(text)
    if "prose" in parts:
        return break_down(parts["prose"], parts["context"])
    if "scene" in parts:
        return board(parts["scene"], parts["context"])
    if "scenes" in parts:
        return describe(parts["scenes"], parts["known"], parts["context"])
    return None


def break_down(prose: list[dict[str, Any]], context: Mapping[str, Any]) -> dict[str, Any]:
    """A scene for each place that a paragraph names; quotations are dialogue, all else is action."""
    language = context["language"]
    scenes: list[dict[str, Any]] = []
    last = context["last_scene"]
    for paragraph in prose:
        place = _PLACES.search(paragraph["text"])
        if not scenes or (place and place[0] != scenes[-1]["place"]):
            continues = not scenes and last is not None and (place is None or place[0] == last["place"])
            scenes.append(_scene(place[0] if place else (last or {}).get("place", ""), paragraph["text"], language))
            scenes[-1]["continues_last_scene"] = continues
        scenes[-1]["blocks"] += _blocks(paragraph["text"], language)
    for scene in scenes:
        scene["characters"] = list(dict.fromkeys(block["speaker"] for block in scene["blocks"] if block["speaker"]))
        scene["summary"] = scene["blocks"][0]["text"][:30]
    names = dict.fromkeys(name for scene in scenes for name in scene["characters"])
    return {"title": "", "figures": [{"name": name, "aliases": []} for name in names], "scenes": scenes}


def _scene(place: str, text: str, language: str) -> dict[str, Any]:
    time = next((word for word in _TIMES if word in text), "")
    return {
        "continues_last_scene": False,
        "heading": "",
        "place": place or ("路上" if language == "zh" else "road"),
        "time_text": time,
        "time_of_day": _TIMES.get(time),
        "interior": "ext" if place in ("渡口", "街上", "harbour", "") else "int",
        "characters": [],
        "blocks": [],
        "summary": "",
    }


def _blocks(text: str, language: str) -> list[dict[str, Any]]:
    blocks = []
    at = 0
    for quotation in _QUOTATION.finditer(text):
        before, after = text[at : quotation.start()], text[quotation.end() :]
        saying = _SAYING.search(before.strip()) or _SAID.search(after)
        name = saying[1] if saying else ("路人" if language == "zh" else "Stranger")
        blocks += _action(before[: saying.start()] if saying and saying.re is _SAYING else before)
        spoken = quotation[1] or quotation[2]
        blocks.append({"type": "dialogue", "text": spoken, "speaker": name, "emotion": ""})
        at = quotation.end() + (saying.end() if saying and saying.re is _SAID else 0)
    return blocks + _action(text[at:])


def _action(text: str) -> list[dict[str, Any]]:
    words = text.strip(" \n，,。.")
    return [{"type": "action", "text": text.strip(), "speaker": "", "emotion": ""}] if words else []


def describe(scenes: list[dict[str, Any]], known: list[dict[str, Any]], context: Mapping[str, Any]) -> dict[str, Any]:
    """Whoever speaks or is in a cast gets clothes by chance of the name; nobody who has a look gets another."""
    language = "zh" if context["language"] == "zh" else "en"
    looks = {entry["name"]: entry["appearance"] for entry in known}
    names = dict.fromkeys(name for scene in scenes for name in scene["cast"])
    names |= dict.fromkeys(block["speaker"] for scene in scenes for block in scene["blocks"] if block.get("speaker"))
    characters = []
    for name in names:
        if name in ("旁白", "NARRATOR"):
            continue
        chance = zlib.crc32(name.encode())
        worn = _COLOURS[language][chance % len(_COLOURS[language])]
        characters.append(
            {
                "name": name,
                "aliases": [],
                "appearance": "" if looks.get(name) else worn,
                "gender": ("female", "male")[chance % 2],
                "age": 20 + chance % 40,
            }
        )
    places = [place for place in dict.fromkeys(scene["place"] for scene in scenes) if place and not looks.get(place)]
    worn = "青石台阶，木棚" if language == "zh" else "wet stone and old timber"
    return {
        "characters": characters,
        "locations": [{"name": place, "appearance": worn} for place in places],
        "props": [],
    }


def board(scene: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """A view of the place where the scene begins with speech, then a shot for each item but directions."""
    limits = context["seconds"]
    items = [item for item in scene["items"] if item["type"] != "direction"]
    shots = []
    if context["part_of_the_scene"].startswith("1 ") and items[0]["type"] in ("dialogue", "os", "closeup"):
        shots.append(_shot(scene, context, seconds=2.5, framing="wide", camera_move="pan_right"))
    for index, item in enumerate(items):
        if item["type"] in ("dialogue", "os"):
            shots.append(_spoken(scene, context, item, index))
            continue
        seen = [name for name in context["names"] if name in item["text"]]
        seconds = min(limits["longest"], max(limits["shortest"], 2 + len(item["text"]) * 0.04))
        framing = "close_up" if item["type"] == "closeup" else ("wide", "medium", "full")[index % 3]
        shot = _shot(scene, context, seconds=round(seconds, 1), framing=framing, characters=seen)
        shots.append(shot | {"shows": [item["item"]], "description": item["text"]})
    return {"shots": shots}


def _spoken(
    scene: Mapping[str, Any], context: Mapping[str, Any], item: Mapping[str, Any], index: int
) -> dict[str, Any]:
    names = [name for name in context["names"] if name in re.split(r"[/／&＆]", item["speaker"] or "")]
    framing = ("medium_close_up", "over_shoulder")[index % 2]
    shot = _shot(scene, context, seconds=item["needs_seconds"], framing=framing, characters=names)
    if item["type"] == "os" and names:
        shot["description"] = f"{names[0]}，{scene['place']}"
    return shot | {"speaks": [item["item"]], "speaker": item["speaker"], "emotion": item["emotion"]}


def _shot(
    scene: Mapping[str, Any],
    context: Mapping[str, Any],
    *,
    seconds: float,
    framing: str,
    camera_move: str = "hold",
    characters: list[str] | None = None,
) -> dict[str, Any]:
    people = "、".join(characters or ()) if context["language"] == "zh" else ", ".join(characters or ())
    seen = " ".join(part for part in (scene["place"], people) if part) or scene["heading"] or "the place"
    return {
        "shows": [],
        "speaks": [],
        "seconds": seconds,
        "framing": framing,
        "camera_move": camera_move,
        "description": seen,
        "characters": characters or [],
        "speaker": None,
        "emotion": "",
        "props": [],
        "prompt": f"{seen}, {scene['time'] or ''}, picture {context['number_of_the_first_shot']}",
        "negative_prompt": "",
        "transition": "cut",
    }
