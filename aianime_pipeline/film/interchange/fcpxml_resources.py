"""The `resources` of an FCPXML: formats, assets and effects, each told once and referred to by its id."""

import xml.etree.ElementTree as ET
from fractions import Fraction

from aianime_pipeline.film.interchange.media import MediaFile
from aianime_pipeline.film.timeline import Timeline

CROSS_DISSOLVE = ("Cross Dissolve", "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265")
TITLE = ("Basic Title", ".../Titles.localized/Bumper:Opener.localized/Basic Title.localized/Basic Title.moti")
"""Both are Final Cut Pro's own, by the names it writes itself."""

_REC709 = "1-1-1 (Rec. 709)"


class Resources:
    def __init__(self, parent: ET.Element, timeline: Timeline) -> None:
        self._parent, self._rate = parent, timeline.rate
        self._ids: dict[tuple[str, ...], str] = {}
        self.film_format = self._format(timeline.width, timeline.height, still=False)

    def time(self, frames: int) -> str:
        """A whole number of frames in seconds, over the rate's own denominator so that no fraction is shortened."""
        seconds = Fraction(frames) / self._rate
        if seconds.denominator == 1:
            return f"{seconds.numerator}s"
        return f"{frames * self._rate.denominator}/{self._rate.numerator}s"

    def asset(self, file: MediaFile) -> str:
        known = self._ids.get(("asset", file.path))
        if known is not None:
            return known
        frames = file.frames(self._rate)
        facts = {"name": file.stem, "start": "0s", "duration": self.time(frames or 0)}
        if file.kind != "sound":
            facts |= {"hasVideo": "1", "format": self._format(file.width, file.height, still=file.kind == "still")}
            facts["videoSources"] = "1"
        if file.channels:
            facts |= {"hasAudio": "1", "audioSources": "1", "audioChannels": str(file.channels)}
            facts["audioRate"] = str(file.sound_rate)
        made = self._made("asset", ("asset", file.path), facts)
        source = file.url if ":" in file.url else f"./{file.url}"
        ET.SubElement(made, "media-rep", kind="original-media", src=source)
        return made.attrib["id"]

    def effect(self, name: str, uid: str) -> str:
        known = self._ids.get(("effect", uid))
        return known or self._made("effect", ("effect", uid), {"name": name, "uid": uid}).attrib["id"]

    def _format(self, width: int, height: int, *, still: bool) -> str:
        """Videos are told in the film's rate: what they have of their own, the program reads from the file."""
        key = ("format", str(width), str(height), str(still))
        if key in self._ids:
            return self._ids[key]
        facts = {"width": str(width), "height": str(height)}
        if still:
            facts["name"] = "FFVideoFormatRateUndefined"
        else:
            facts |= {"frameDuration": self.time(1), "colorSpace": _REC709}
        return self._made("format", key, facts).attrib["id"]

    def _made(self, tag: str, key: tuple[str, ...], facts: dict[str, str]) -> ET.Element:
        self._ids[key] = identifier = f"r{len(self._ids) + 1}"
        return ET.SubElement(self._parent, tag, {"id": identifier} | facts)
