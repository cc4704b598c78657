"""Fountain → `Screenplay`: sections that name an episode become episodes, elements become blocks.

What Fountain keeps out of the film (notes, boneyard, synopses, other sections) is kept in the metadata and counted in
a notice. The rules of the syntax itself are in `fountain_elements`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from aianime_pipeline.errors import DuplicateEpisodeError, NoSceneError
from aianime_pipeline.screenplay.characters import language_of
from aianime_pipeline.screenplay.chinese_headings import EpisodeHeading, read_episode_heading
from aianime_pipeline.screenplay.chinese_preamble import PREAMBLE
from aianime_pipeline.screenplay.chinese_speech import is_narrator, is_voice_over_label
from aianime_pipeline.screenplay.fountain_elements import SCENE_PREFIX, Element, Speech, read_elements
from aianime_pipeline.screenplay.fountain_source import FountainSource, plain, read_source_lines
from aianime_pipeline.screenplay.model import Block, BlockType, CastEntry, Notice, Scene, Screenplay, ScreenplayEpisode
from aianime_pipeline.screenplay.times import CONTINUED_ENGLISH, interior, time_of_day

_SCENE_NUMBER = re.compile(r"\s*#(?P<number>[A-Za-z0-9.\-]+)#\s*$")
_DASH = re.compile(r"\s+[-–—]+\s+")
_CONTINUED_SPEECH = re.compile(r"cont(?:['’.]?d|\.|inued|inuing)?\.?", re.IGNORECASE)
_CLOSE_UP = re.compile(
    r"^(?:(?:EXTREME |BIG )?CLOSE(?:[ -]?UP)?(?: SHOT)?(?: ON| OF)?|ECU|CU|INSERT(?: SHOT)?|特写)"
    r"(?:\s*[:：\-–—.]+\s*|\s+)(?P<seen>\S.*)$"
)
_DIRECTION = re.compile(
    r"^(?:FADE (?:IN|OUT|TO)|CUT TO|SMASH CUT|MATCH CUT|DISSOLVE|SUPER|TITLE|THE END|BACK TO|INTERCUT|MONTAGE|END OF|"
    r"FLASHBACK|END FLASHBACK|CARD)\b"
)
_LEFT_OUT = {
    "notes": ("note", "notes"),
    "boneyard": ("boneyard passage", "boneyard passages"),
    "synopses": ("synopsis", "synopses"),
    "sections": ("section", "sections"),
}
_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_EPISODE_IN_WORDS = re.compile(rf"^episode\s+(?P<number>{'|'.join(_WORDS)})\b[\s:.\-–—]*(?P<title>.*)$", re.IGNORECASE)


@dataclass
class _OpenScene:
    heading: Element
    number: str
    place: str
    time_text: str | None
    blocks: list[Block] = field(default_factory=list)


@dataclass
class _OpenEpisode:
    number: int
    title: str | None
    line: int
    scenes: list[_OpenScene] = field(default_factory=list)


def parse_fountain(text: str) -> Screenplay:
    """Raises NoSceneError, and DuplicateEpisodeError naming both lines."""
    source = read_source_lines(text)
    reader = _Reader(source)
    for element in read_elements(source.lines):
        reader.read(element)
    return reader.finish(text)


def read_episode_section(text: str) -> EpisodeHeading | None:
    """`Episode 2: The Bell`, `Episode Two`, `EP 2`, `第2集`. None for `Act One` and the like."""
    if match := _EPISODE_IN_WORDS.match(text):
        return EpisodeHeading(_WORDS.index(match["number"].lower()) + 1, match["title"].strip() or None)
    return read_episode_heading(text)


class _Reader:
    def __init__(self, source: FountainSource) -> None:
        self.source = source
        self.episodes: list[_OpenEpisode] = []
        self.left_out: dict[str, list[str]] = {"notes": list(source.notes), "boneyard": list(source.boneyard)}
        self.notices: list[Notice] = []
        self.page_breaks = 0

    def read(self, element: Element) -> None:
        if element.kind == "section":
            self._read_section(element)
        elif element.kind == "synopsis":
            self._leave_out("synopses", element.text)
        elif element.kind == "page_break":
            self.page_breaks += 1
        elif element.kind == "heading":
            self._open_scene(element)
        elif not self.episodes or not self.episodes[-1].scenes:
            self._keep_outside(element)
        else:
            self.episodes[-1].scenes[-1].blocks.extend(self._blocks(element))

    def _read_section(self, element: Element) -> None:
        heading = read_episode_section(element.text)
        if heading is None:
            self._leave_out("sections", element.text)
            return
        for other in self.episodes:
            if other.number == heading.number:
                raise DuplicateEpisodeError(
                    f"episode {heading.number} begins twice, on line {other.line} and on line {element.line}; "
                    "give one of them its right number",
                    episode=heading.number,
                    lines=[other.line, element.line],
                )
        self.episodes.append(_OpenEpisode(heading.number, heading.title, element.line))

    def _open_scene(self, element: Element) -> None:
        if not self.episodes:
            number = re.search(r"\d+", self.source.title_page.get("Episode", ""))
            self.episodes.append(_OpenEpisode(int(number[0][:3]) if number else 1, None, element.line))
        episode = self.episodes[-1]
        text = plain(element.text)
        written = _SCENE_NUMBER.search(text)
        place, time_text = _place_and_time(_SCENE_NUMBER.sub("", text))
        number_text = written["number"] if written else f"{episode.number}-{len(episode.scenes) + 1}"
        episode.scenes.append(_OpenScene(element, number_text, place, time_text))

    def _leave_out(self, kind: str, text: str) -> None:
        self.left_out.setdefault(kind, []).append(text)

    def _keep_outside(self, element: Element) -> None:
        if not self.left_out.get(PREAMBLE):
            text = f"text before the first scene is kept in the metadata as `{PREAMBLE}`"
            self.notices.append(Notice(element.line, text))
        texts = [_as_one_line(speech) for speech in element.speeches] or [element.text]
        self.left_out.setdefault(PREAMBLE, []).extend(texts)

    def _blocks(self, element: Element) -> Iterable[Block]:
        if element.kind == "speech":
            if any(speech.dual for speech in element.speeches):
                text = f"{element.text} speaks at the same time as the one before; the two will follow one another"
                self.notices.append(Notice(element.line, text))
            return [block for speech in element.speeches for block in _speech_blocks(speech)]
        if element.kind != "action":
            return [Block("direction", element.text, element.line)] if element.text else []
        if match := _CLOSE_UP.match(element.text):
            return [Block("closeup", match["seen"], element.line)]
        return [Block("direction" if _DIRECTION.match(element.text) else "action", element.text, element.line)]

    def finish(self, text: str) -> Screenplay:
        if not any(episode.scenes for episode in self.episodes):
            raise NoSceneError(
                "no scene heading was found; one looks like `INT. FERRY - NIGHT` after a blank line, or `.FERRY` forced"
            )
        metadata = {key: value for key, value in self.source.title_page.items() if value}
        title_key = next((key for key in metadata if key.lower() in ("title", "标题", "剧名")), None)
        title = metadata.pop(title_key) if title_key else None
        for kind, texts in self.left_out.items():
            if texts:
                metadata[kind] = "\n".join(texts)
            if texts and kind != PREAMBLE:
                what = _LEFT_OUT[kind][len(texts) > 1]
                notice = f"{len(texts)} {what} left out of the scenes; kept in the metadata as `{kind}`"
                self.notices.append(Notice(None, notice))
        if self.page_breaks:
            self.notices.append(Notice(None, f"page breaks left out: {self.page_breaks}"))
        episodes = tuple(self._frozen(episode) for episode in self.episodes)
        notices = tuple(sorted(self.notices, key=lambda notice: notice.line or 10**9))
        return Screenplay(title.replace("\n", " ") if title else None, language_of(text), episodes, notices, metadata)

    def _frozen(self, episode: _OpenEpisode) -> ScreenplayEpisode:
        if not episode.scenes:
            self.notices.append(Notice(episode.line, f"episode {episode.number} has no scene"))
        scenes: list[Scene] = []
        for scene in episode.scenes:
            previous = next((earlier.time_of_day for earlier in reversed(scenes) if earlier.time_of_day), None)
            prefix = SCENE_PREFIX.match(plain(scene.heading.text))
            if not scene.blocks:
                self.notices.append(Notice(scene.heading.line, f"scene {scene.number} is empty"))
            scenes.append(
                Scene(
                    number=scene.number,
                    heading=scene.heading.text,
                    line=scene.heading.line,
                    place=scene.place,
                    time_text=scene.time_text,
                    time_of_day=time_of_day(scene.time_text, previous) if scene.time_text else None,
                    interior=interior(prefix[0]) if prefix else None,
                    cast=_seen_speakers(scene.blocks),
                    blocks=tuple(scene.blocks),
                )
            )
        return ScreenplayEpisode(episode.number, episode.title, episode.line, tuple(scenes))


def _place_and_time(heading: str) -> tuple[str, str | None]:
    prefix = SCENE_PREFIX.match(heading)
    rest = heading[prefix.end() :].strip() if prefix else heading.strip()
    dashes = list(_DASH.finditer(rest))
    if dashes:
        last = rest[dashes[-1].end() :].strip()
        if time_of_day(last) is not None or CONTINUED_ENGLISH.search(last):
            return rest[: dashes[-1].start()].strip(), last
    return rest, None


def _speech_blocks(speech: Speech) -> list[Block]:
    voice_over = False
    manners: list[str] = ["singing"] if speech.sung else []
    for extension in speech.extensions:
        if is_voice_over_label(extension):
            voice_over = True
        elif not _CONTINUED_SPEECH.fullmatch(extension):
            manners.append(extension)
    if not speech.text:
        return [Block("direction", _as_one_line(speech), speech.line)]
    if speech.parenthetical:
        manners.append(speech.parenthetical)
    kind: BlockType = "os" if voice_over or is_narrator(speech.speaker) else "dialogue"
    return [Block(kind, speech.text, speech.line, speech.speaker, ", ".join(manners) or None)]


def _as_one_line(speech: Speech) -> str:
    brackets = [f"({text})" for text in (*speech.extensions, speech.parenthetical) if text]
    return " ".join([speech.speaker, *brackets]) + (f": {speech.text}" if speech.text else "")


def _seen_speakers(blocks: list[Block]) -> tuple[CastEntry, ...]:
    """Fountain has no cast line: who speaks and is seen is the scene's cast, in the order of their first words."""
    names = dict.fromkeys(block.speaker for block in blocks if block.type == "dialogue" and block.speaker)
    return tuple(CastEntry(name) for name in names)
