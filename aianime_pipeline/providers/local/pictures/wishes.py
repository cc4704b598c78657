"""A reviewer's words as wishes for the next take."""

from dataclasses import dataclass

from aianime_pipeline.providers.local.pictures.vocabulary import all_meanings

WISH_WORDS = {
    "brighter": (
        "太暗", "暗了", "过暗", "亮一点", "更亮", "亮些", "提亮", "看不清", "too dark", "brighter", "lighter",
        "underexposed",
    ),
    "darker": ("太亮", "过亮", "过曝", "暗一点", "暗一些", "更暗", "压暗", "too bright", "darker", "overexposed"),
    "closer": (
        "太远", "近一点", "近一些", "再近", "拉近", "靠近", "特写", "放大", "人太小", "too far", "closer", "zoom in",
        "tighter", "bigger",
    ),
    "wider": (
        "太近", "远一点", "远一些", "再远", "拉远", "全景", "人太大", "too close", "wider", "zoom out", "further",
        "farther", "smaller",
    ),
    "warmer": ("太冷", "暖一点", "暖色", "更暖", "温暖", "too cold", "warmer", "warm"),
    "cooler": ("太暖", "冷一点", "冷色", "更冷", "too warm", "cooler", "colder"),
}  # fmt: skip


@dataclass(frozen=True)
class Wishes:
    """A reviewer's words as steps: -1, 0 or 1 each."""

    light: int = 0
    distance: int = 0
    """1 is closer."""
    warmth: int = 0


def read_wishes(feedback: str) -> Wishes:
    found = set(all_meanings(feedback, WISH_WORDS))
    return Wishes(
        light=("brighter" in found) - ("darker" in found),
        distance=("closer" in found) - ("wider" in found),
        warmth=("warmer" in found) - ("cooler" in found),
    )
