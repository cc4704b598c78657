"""The image prompt of a planned shot: style, size of the picture, place and time, who, and what is seen."""

from collections.abc import Sequence

from aianime_pipeline.screenplay.model import Interior
from aianime_pipeline.storyboard.model import Framing

FRAMING_PHRASES = {
    "zh": {
        Framing.EXTREME_CLOSE_UP: "大特写，局部细节占满画面",
        Framing.CLOSE_UP: "特写",
        Framing.MEDIUM_CLOSE_UP: "近景，胸部以上",
        Framing.MEDIUM: "中景，腰部以上",
        Framing.MEDIUM_WIDE: "中全景，膝盖以上",
        Framing.FULL: "全景，人物全身",
        Framing.WIDE: "远景，环境为主",
        Framing.VERY_WIDE: "大远景，辽阔的环境，人物很小",
        Framing.OVER_SHOULDER: "过肩镜头，前景为对方肩背，近景",
    },
    "en": {
        Framing.EXTREME_CLOSE_UP: "extreme close-up, one detail fills the frame",
        Framing.CLOSE_UP: "close-up",
        Framing.MEDIUM_CLOSE_UP: "medium close-up, chest up",
        Framing.MEDIUM: "medium shot, waist up",
        Framing.MEDIUM_WIDE: "medium wide shot, knees up",
        Framing.FULL: "full shot, whole figure",
        Framing.WIDE: "wide shot, the surroundings dominate",
        Framing.VERY_WIDE: "very wide shot, vast surroundings, tiny figures",
        Framing.OVER_SHOULDER: "over-the-shoulder shot, listener's shoulder in the foreground",
    },
}
INTERIOR_PHRASES: dict[str, dict[Interior, str]] = {
    "zh": {"int": "室内", "ext": "室外", "int_ext": "室内外之间"},
    "en": {"int": "interior", "ext": "exterior", "int_ext": "between inside and outside"},
}
_COMMAS = {"zh": "，", "en": ", "}
_LISTING = {"zh": "、", "en": ", "}
_PEOPLE = {"zh": "人物：", "en": "with "}
_THINGS = {"zh": "道具：", "en": "props: "}


def image_prompt(
    *,
    language: str,
    style: str,
    framing: Framing,
    place: str,
    time: str,
    interior: Interior | None,
    characters: tuple[str, ...],
    props: tuple[str, ...],
    description: str,
) -> str:
    """The parts that are there, in a fixed order, separated by commas of the language."""
    spoken_in = "zh" if language == "zh" else "en"
    comma = _COMMAS[spoken_in]
    people, things = people_phrase(characters, spoken_in), things_phrase(props, spoken_in)
    where = INTERIOR_PHRASES[spoken_in][interior] if interior else ""
    parts = (style, FRAMING_PHRASES[spoken_in][framing], place, time, where, people, things, description)
    return comma.join(part.strip(" ，,。") for part in parts if part.strip(" ，,。"))


def people_phrase(characters: Sequence[str], language: str) -> str:
    """Who is seen; empty where nobody is."""
    return _PEOPLE[language] + _LISTING[language].join(characters) if characters else ""


def things_phrase(props: Sequence[str], language: str) -> str:
    return _THINGS[language] + _LISTING[language].join(props) if props else ""
