"""Weather goes on: once a scene says that it rains, its later shots are in the rain, until the text says it stopped."""

import re

from aianime_pipeline.screenplay.model import Interior

_STARTS = {
    "rain": re.compile(r"(?<![谷])雨(?![伞衣靴具])|\brain(?:s|ing|y)?\b|\bdownpour\b|\bdrizzle\b", re.IGNORECASE),
    "snow": re.compile(
        r"(?:下|飘|落|大|风|飞|漫天|细|暴|积)雪|雪(?:花|片|地|中|夜|落|下)|\bsnow(?:s|ing|y)?\b", re.IGNORECASE
    ),
    "fog": re.compile(r"雾|\bfog(?:gy)?\b|\bmist(?:y|s)?\b", re.IGNORECASE),
}
_ENDS = {
    "rain": re.compile(r"雨(?:过|住|停|歇|后)|\brain (?:has )?(?:stops?|stopped|ends?|ended)\b", re.IGNORECASE),
    "snow": re.compile(r"雪(?:住|停|霁|后|化)|\bsnow (?:has )?(?:stops?|stopped|melts?|melted)\b", re.IGNORECASE),
    "fog": re.compile(r"雾(?:散|退|开|消)|\b(?:fog|mist) (?:lifts?|lifted|clears?|cleared)\b", re.IGNORECASE),
}
_SAID = {
    "zh": {"rain": "雨中", "snow": "雪中", "fog": "雾中"},
    "en": {"rain": "in the rain", "snow": "in the snow", "fog": "in the fog"},
}


class SceneWeather:
    """The weather of one scene as its text tells it, beat by beat. Inside a room there is none."""

    def __init__(self, interior: Interior | None) -> None:
        self._inside = interior == "int"
        self._now: list[str] = []

    def described(self, text: str, description: str, language: str) -> str:
        """The description of a beat whose words are `text`, with the weather that still holds and is not said."""
        if self._inside:
            return description
        for kind, ends in _ENDS.items():
            if ends.search(text):
                self._now = [other for other in self._now if other != kind]
            elif _STARTS[kind].search(text) and kind not in self._now:
                self._now.append(kind)
        said = _SAID["zh" if language == "zh" else "en"]
        unsaid = [said[kind] for kind in self._now if not _STARTS[kind].search(description)]
        if not unsaid:
            return description
        if language == "zh":
            return f"{description.rstrip('。')}，{'、'.join(unsaid)}。"
        return f"{description.rstrip('.')}, {' and '.join(unsaid)}."
