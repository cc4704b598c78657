"""Headings of the Chinese short-drama layout: which line opens an episode, which opens a scene, and what it says.

Real seasons are typed by several hands, so both functions are lenient where a line can mean nothing else, and say no
where it could be a sentence: `第一集团军到了` is no episode, `2-3个船工走来` no scene.
"""

import re
from dataclasses import dataclass

from aianime_pipeline.screenplay.characters import halfwidth
from aianime_pipeline.screenplay.model import Interior
from aianime_pipeline.screenplay.numerals import NUMERAL, read_number
from aianime_pipeline.screenplay.times import CHINESE_TIME, INTERIOR, interior


@dataclass(frozen=True)
class EpisodeHeading:
    number: int
    title: str | None


@dataclass(frozen=True)
class SceneHeading:
    """`episode` and `scene` as far as the line numbers them (`3-2`, `场景一`, no number at all)."""

    episode: int | None
    scene: str | None
    place: str
    time_text: str | None
    interior: Interior | None


_PAIRS = {"【": "】", "[": "]", "〖": "〗", "(": ")", "《": "》"}
_EPISODE = re.compile(
    rf"(?:《[^》]*》[ \-:·]*)?(?:第\s*(?P<zh>{NUMERAL})\s*[集话話回]|(?:EP|Episode)[. ]*(?P<en>\d{{1,4}})(?!\d))"
    r"(?P<rest>.*)",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[\s(\[【·:\-—]*(?:完|终|結束|结束|剧终|END|待续|未完待续)[\s)\]】。.!]*", re.IGNORECASE)
_SENTENCE = re.compile(r"[。！？!?；;…]")
_TITLE_MARKS = " \t:、.-—–·~|/"
# 第一集团, 第二集中, 第3集的结尾: the word goes on, so the line is a sentence.
_GOES_ON = "团合中里的结尾末开前后就与和至到完体市成约锦是会要有在"

_EPISODE_AND_SCENE = re.compile(
    rf"(?:(?:场次?|场景)\s*:?\s*)?第?\s*(?P<episode>{NUMERAL})\s*[-‐‑‒–—―~_]+\s*"
    r"(?P<scene>\d{1,3}(?:-\d{1,2})?(?:[A-Za-z](?![A-Za-z]))?)(?!\d)(?:\s*场)?"
)
_EPISODE_THEN_SCENE = re.compile(
    rf"第\s*(?P<episode>{NUMERAL})\s*[集话話回][\s,、\-]*第?\s*(?P<scene>{NUMERAL})\s*场(?:景|次|戏)?"
)
_SCENE_ONLY = re.compile(
    rf"(?:第\s*(?P<a>{NUMERAL})\s*[场幕](?:戏|景)?|(?:场景|场次|场|Scene|SC)\s*[.#:]?\s*(?P<b>{NUMERAL})(?!\d))",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?P<scene>\d{1,3})\s*[.、,:)\s]\s*(?!\d)")
_UNNUMBERED = re.compile(r"(?:内景|外景|内外景|内/外景?|INT\.|EXT\.)", re.IGNORECASE)
# `2-3个船工走来` counts people, `3-2 天台` is a place: a measure word stands right behind the number.
_MEASURE = re.compile(r"[个名人天年月位艘条只次步米岁点元万倍比的秒下]|日后|日前|分钟|小时|号[^ ,:]|\s+[个名]")

_SEPARATORS = " \t,、，/.。·:;|-—–_"
_TIME = re.compile(CHINESE_TIME)
_INTERIOR = re.compile(INTERIOR, re.IGNORECASE)
_ATTRIBUTES = rf"(?:{CHINESE_TIME}|{INTERIOR})"
_TRAILING = re.compile(rf"(?:^|(?<=[\s,、/.。·:;|\-—–_)\]】]))({_ATTRIBUTES})[\s,、/.。·:;|\-—–_]*$", re.IGNORECASE)
_TRAILING_GLUED = re.compile(
    rf"(?:(?P<t1>{CHINESE_TIME})/?(?P<i1>{INTERIOR})|(?P<i2>{INTERIOR})/?(?P<t2>{CHINESE_TIME}))[\s。.]*$",
    re.IGNORECASE,
)
_TRAILING_BRACKET = re.compile(rf"[(\[【]\s*({_ATTRIBUTES}(?:[\s,、/·]*{_ATTRIBUTES})?)\s*[)\]】]\s*$", re.IGNORECASE)


def read_episode_heading(line: str) -> EpisodeHeading | None:
    """The episode that a line opens; None for every other line, also for `第3集完`, which closes one."""
    if read_scene_heading(line) is not None:
        return None
    line = _undecorated(line)
    match = _EPISODE.fullmatch(halfwidth(line))
    if match is None:
        return None
    number = read_number(match["zh"] or match["en"])
    rest = line[match.start("rest") :]
    if number is None or (rest.strip() and _ENDED.fullmatch(halfwidth(rest))):
        return None
    if not rest.strip(_TITLE_MARKS + "：　"):
        return EpisodeHeading(number, None)
    glued = halfwidth(rest[0]) not in _TITLE_MARKS + '《【([「“"'
    if glued and (len(rest) > 12 or rest[0] in _GOES_ON or _SENTENCE.search(rest) or "，" in rest or match["en"]):
        return None
    return EpisodeHeading(number, _undecorated(rest.strip(_TITLE_MARKS + "：　")) or None)


def read_scene_heading(line: str) -> SceneHeading | None:
    """The scene that a line opens, or None."""
    line = _undecorated(line)
    folded = halfwidth(line)
    if match := _EPISODE_THEN_SCENE.match(folded) or _EPISODE_AND_SCENE.match(folded):
        return _numbered(line, match.end(), match["episode"], match["scene"])
    if match := _SCENE_ONLY.match(folded):
        return _numbered(line, match.end(), None, match["a"] or match["b"])
    start = match.end() if (match := _LISTED.match(folded)) else 0
    unnumbered = not start and _UNNUMBERED.match(folded)
    if len(folded) > 60 or (_SENTENCE.search(folded.rstrip("。")) and not unnumbered) or ":" in folded[start:]:
        return None
    heading = _read_attributes(line[start:], glued_to_number=False)
    if heading.place and heading.interior and (heading.time_text or (unnumbered and "。" not in heading.place)):
        scene = match["scene"] if match else None
        return SceneHeading(None, scene, heading.place, heading.time_text, heading.interior)
    return None


def _undecorated(line: str) -> str:
    """Without Markdown's `#`, rules around a title (`=== 第3集 ===`) and one pair of brackets around the whole."""
    line = line.replace("\\-", "-").strip().strip("#=*~").strip()
    if line[:2] == "--":
        line = line.strip("-").strip()
    closing = _PAIRS.get(halfwidth(line[:1]))
    if closing and halfwidth(line[-1]) == closing and closing not in halfwidth(line[1:-1]):
        line = line[1:-1].strip()
    return line


def _numbered(line: str, end: int, episode: str | None, scene: str) -> SceneHeading | None:
    rest = line[end:]
    if len(rest) > 80:
        return None
    heading = _read_attributes(rest, glued_to_number=True)
    if not (heading.time_text and heading.interior) and _MEASURE.match(halfwidth(rest)):
        return None
    episode_number = read_number(episode) if episode else None
    scene_number = read_number(scene)
    if (episode and not 0 < (episode_number or 0) < 1000) or scene_number == 0:
        return None
    if not (heading.time_text or heading.interior):
        separated = not rest or halfwidth(rest[0]) in _SEPARATORS
        if not separated or len(rest) > 32 or _SENTENCE.search(rest.rstrip("。")) or ":" in halfwidth(heading.place):
            return None
    number = str(scene_number) if scene_number is not None else scene
    return SceneHeading(episode_number, number, heading.place, heading.time_text, heading.interior)


def _read_attributes(text: str, *, glued_to_number: bool) -> SceneHeading:
    """Time and inside/outside before or after the place, in any order and with any separator or none."""
    folded = halfwidth(text)
    time, mark, start = _leading(folded, glued_to_number=glued_to_number)
    end = len(folded)
    if time is None and mark is None and (match := _TRAILING_BRACKET.search(folded)):
        inner_time, inner_mark, _ = _leading(match[1], glued_to_number=False)
        offset = match.start(1)
        time = _moved(inner_time, offset)
        mark = _moved(inner_mark, offset)
        end = match.start()
    while match := _TRAILING.search(folded[start:end]):
        span = (start + match.start(1), start + match.end(1))
        if time is None and _TIME.fullmatch(match[1]):
            time = span
        elif mark is None and _INTERIOR.fullmatch(match[1]):
            mark = span
        else:
            break
        end = span[0]
    if (
        time is None
        and mark is None
        and (match := _TRAILING_GLUED.search(folded, start, end))
        and match.start() > start
    ):
        time = match.span("t1") if match["t1"] else match.span("t2")
        mark = match.span("i1") if match["i1"] else match.span("i2")
        end = match.start()
    place = text[start:end].strip(_SEPARATORS + "　：；｜／．－")
    return SceneHeading(
        None,
        None,
        place,
        text[slice(*time)].strip() if time else None,
        interior(folded[slice(*mark)]) if mark else None,
    )


def _moved(span: tuple[int, int] | None, offset: int) -> tuple[int, int] | None:
    return (span[0] + offset, span[1] + offset) if span else None


def _leading(folded: str, *, glued_to_number: bool) -> tuple[tuple[int, int] | None, tuple[int, int] | None, int]:
    """Spans of time and of the inside/outside mark at the front, and where the place begins.

    A word counts when a separator follows it. Without one it counts only next to the other (`日外青石渡口`) or
    right behind the scene's number (`3-2日青石渡口`).
    """
    time: tuple[int, int] | None = None
    mark: tuple[int, int] | None = None
    position = start = _skip(folded, 0)
    while position < len(folded):
        if time is None and (match := _TIME.match(folded, position)):
            candidate = "time"
        elif mark is None and (match := _INTERIOR.match(folded, position)):
            candidate = "mark"
        else:
            break
        end = match.end()
        separated = end == len(folded) or folded[end] in _SEPARATORS
        other = mark if candidate == "time" else time
        goes_on = _INTERIOR.match(folded, end) if candidate == "time" else _TIME.match(folded, end)
        behind_number = glued_to_number and candidate == "time" and match.start() == 0
        if not (separated or other or goes_on or behind_number):
            break
        if candidate == "time":
            time = match.span()
        else:
            mark = match.span()
        position = start = _skip(folded, end)
    return time, mark, start


def _skip(folded: str, position: int) -> int:
    while position < len(folded) and folded[position] in _SEPARATORS:
        position += 1
    return position
