"""Subtitle files that people hand in, such as a translation: SubRip and WebVTT into cues. Pure.

What a player would do with markup is not wanted here: tags of style are taken off, everything else is text.
"""

import html
import re
from dataclasses import dataclass
from itertools import pairwise

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.subtitles.cues import LINES_PER_CUE, SubtitleCue, spread_line
from aianime_pipeline.film.subtitles.line_breaking import break_lines

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?")
_STYLE_TAG = re.compile(r"</?(?:b|i|u|s|c|ruby|rt|lang|font|v)(?:[.\s][^>]*)?>|\{\\an?\d+\}", re.IGNORECASE)
_VOICE = re.compile(r"<v(?:\.[^\s>]+)?\s+([^>]+)>", re.IGNORECASE)
_NOT_CUES = ("WEBVTT", "NOTE", "STYLE", "REGION")


@dataclass(frozen=True)
class _Block:
    line: int
    lines: list[str]


def read_subtitles(text: str) -> tuple[SubtitleCue, ...]:
    """The cues of a SubRip or WebVTT text, in the order of their times.

    A cue of more than two lines, or of lines too wide for the screen, is broken again and spread over its time. Raises
    BadInputError with the number of the line that cannot be read, and for two cues on screen at once.
    """
    is_vtt = text.lstrip("\ufeff").startswith("WEBVTT")
    cues: list[SubtitleCue] = []
    for block in _blocks(text.lstrip("\ufeff")):
        if block.lines[0].startswith(_NOT_CUES):
            continue
        cues += _cues(block, is_vtt)
    if not cues:
        raise BadInputError("There is no subtitle in the file; SubRip (.srt) or WebVTT (.vtt) is wanted.")
    cues.sort(key=lambda cue: cue.start_ms)
    for earlier, later in pairwise(cues):
        if later.start_ms < earlier.end_ms:
            raise BadInputError(
                f"Two subtitles are on screen at {later.start_ms} ms: {earlier.text!r} and {later.text!r}; "
                "end the first before the second begins."
            )
    return tuple(cues)


def _blocks(text: str) -> list[_Block]:
    """Runs of lines with nothing between them."""
    blocks: list[_Block] = []
    gap = True
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            gap = True
        elif gap:
            blocks.append(_Block(number, [line]))
            gap = False
        else:
            blocks[-1].lines.append(line)
    return blocks


def _cues(block: _Block, is_vtt: bool) -> tuple[SubtitleCue, ...]:
    place = next((place for place, line in enumerate(block.lines[:2]) if "-->" in line), None)
    found = _TIMES.fullmatch(block.lines[place]) if place is not None else None
    if place is None or found is None:
        raise BadInputError(
            f"Line {block.line}: {block.lines[0][:60]!r} begins no subtitle; right would be a line such as "
            "00:00:01,500 --> 00:00:03,000 and the text below it.",
            line=block.line,
        )
    start, end = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:])
    if end <= start:
        raise BadInputError(f"Line {block.line + place}: the subtitle ends before it begins.", line=block.line + place)
    words = "\n".join(block.lines[place + 1 :])
    voice = _VOICE.search(words) if is_vtt else None
    lines = [_plain(line, is_vtt) for line in words.split("\n")]
    lines = [line for line in lines if line]
    if not lines:
        return ()
    speaker = html.unescape(voice[1]).strip() if voice else ""
    if len(lines) <= LINES_PER_CUE and all(break_lines(line) == [line] for line in lines):
        return (SubtitleCue(start, end, tuple(lines), speaker),)
    return spread_line(" ".join(lines), start_ms=start, end_ms=end, speaker=speaker)


def _plain(line: str, is_vtt: bool) -> str:
    bare = _STYLE_TAG.sub("", line)
    return " ".join((html.unescape(bare) if is_vtt else bare).replace("--\u2060>", "-->").split())


def _milliseconds(clock: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = clock
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole * 1000 + int((thousandths or "0").ljust(3, "0"))
