"""The Chinese short-drama layout → `Screenplay`: a whole season in one file, episodes of scenes of blocks.

This module walks through the lines and keeps the place (which episode, which scene); what a single line means is
read in `chinese_headings`, `chinese_lines` and `chinese_preamble`.
"""

import re
from dataclasses import dataclass, field

from aianime_pipeline.errors import DuplicateEpisodeError, NoSceneError
from aianime_pipeline.screenplay.characters import language_of, split_lines, without_marks
from aianime_pipeline.screenplay.chinese_cast import Profile, read_cast
from aianime_pipeline.screenplay.chinese_headings import (
    EpisodeHeading,
    SceneHeading,
    read_episode_heading,
    read_scene_heading,
)
from aianime_pipeline.screenplay.chinese_lines import (
    CAST_FIELDS,
    PLACE_FIELDS,
    TIME_FIELDS,
    read_field,
    read_form,
    read_line,
    split_fields,
)
from aianime_pipeline.screenplay.chinese_preamble import read_preamble
from aianime_pipeline.screenplay.chinese_speech import COLONS, is_name
from aianime_pipeline.screenplay.chinese_survey import names_in, outline_lines, speakers_without_cast
from aianime_pipeline.screenplay.model import Block, CastEntry, Interior, Notice, Scene, Screenplay, ScreenplayEpisode
from aianime_pipeline.screenplay.times import time_of_day

SCENE_HEADING_EXAMPLES = "`3-2日，外，青石渡口` or `1-1 夜 内 咖啡厅` (episode-scene, time of day, 内/外, place)"
CAST_NOTES = "人物"
"""Metadata key for descriptions that stood in cast lines: `人物：林夏（女，22岁，白衣）`."""

_RULE = re.compile(r"[-=_*~—─━·.#\s]{3,}")


@dataclass
class _OpenScene:
    heading: SceneHeading
    text: str
    line: int
    number: str
    cast: list[CastEntry] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


@dataclass
class _OpenEpisode:
    number: int
    title: str | None
    line: int
    has_heading: bool
    scenes: list[_OpenScene] = field(default_factory=list)
    before_first_scene: list[str] = field(default_factory=list)


def parse_chinese(text: str) -> Screenplay:
    """Raises NoSceneError, and DuplicateEpisodeError naming both lines."""
    lines = [(number, raw.strip(), without_marks(raw)) for number, raw in enumerate(split_lines(text), 1)]
    reader = _Reader(known=names_in(lines), outline=outline_lines(lines))
    for number, raw, line in lines:
        if line and not _RULE.fullmatch(line):
            reader.read(number, raw, line)
        elif line:
            reader.rules += 1
    return reader.finish(text)


class _Reader:
    """Keeps the place while the lines go by; `finish` freezes what was gathered."""

    def __init__(self, *, known: frozenset[str], outline: frozenset[int]) -> None:
        self.known = known
        self.outline = outline
        self.rules = 0
        self.episodes: list[_OpenEpisode] = []
        self.scene: _OpenScene | None = None
        self.before: list[tuple[int, str]] = []
        self.cast_notes: list[Profile] = []
        self.notices: list[Notice] = []
        self.waiting: tuple[int, str] | None = None

    def read(self, number: int, raw: str, line: str) -> None:
        if number not in self.outline and (episode := read_episode_heading(line)) is not None:
            self._open_episode(number, episode)
        elif (scene := read_scene_heading(line)) is not None:
            self._open_scene(number, raw, scene)
        elif self.scene is None:
            self._keep_outside(number, line)
        else:
            for part in split_fields(line.lstrip("#").strip() or line):
                self._read_in_scene(number, raw, part, self.scene)

    def _open_episode(self, number: int, heading: EpisodeHeading) -> None:
        self._end_waiting()
        for other in self.episodes:
            if other.number == heading.number:
                raise DuplicateEpisodeError(
                    f"episode {heading.number} begins twice, on line {other.line} and on line {number}; "
                    "give one of them its right number",
                    episode=heading.number,
                    lines=[other.line, number],
                )
        if self.episodes and heading.number != self.episodes[-1].number + 1:
            last = self.episodes[-1].number
            self.notices.append(Notice(number, f"episode {heading.number} follows episode {last}"))
        self.episodes.append(_OpenEpisode(heading.number, heading.title, number, has_heading=True))
        self.scene = None

    def _open_scene(self, number: int, raw: str, heading: SceneHeading) -> None:
        self._end_waiting()
        episode = self._episode_of(number, heading)
        written = f"{heading.episode or episode.number}-{heading.scene or len(episode.scenes) + 1}"
        if heading.episode is not None and heading.episode != episode.number:
            self.notices.append(Notice(number, f"scene {written} stands in episode {episode.number}"))
        if any(scene.number == written for scene in episode.scenes):
            self.notices.append(Notice(number, f"a second scene {written} in episode {episode.number}"))
        self.scene = _OpenScene(heading, raw, number, written)
        episode.scenes.append(self.scene)

    def _episode_of(self, number: int, heading: SceneHeading) -> _OpenEpisode:
        """The open episode; without headings in the file, the one that the scene's own number names."""
        current = self.episodes[-1] if self.episodes else None
        if current and (current.has_heading or heading.episode != current.number + 1):
            return current
        opened = _OpenEpisode(heading.episode or 1, None, number, has_heading=False)
        self.notices.append(
            Notice(number, f"no episode heading stands before this scene; read as episode {opened.number}")
        )
        self.episodes.append(opened)
        return opened

    def _keep_outside(self, number: int, line: str) -> None:
        if not self.episodes:
            self.before.append((number, line))
            return
        episode = self.episodes[-1]
        if not episode.before_first_scene:
            key = f"第{episode.number}集"
            text = f"text before the first scene of episode {episode.number} is kept in the metadata as `{key}`"
            self.notices.append(Notice(number, text))
        episode.before_first_scene.append(line)

    def _read_in_scene(self, number: int, raw: str, text: str, scene: _OpenScene) -> None:
        field_read = read_field(text)
        if field_read is not None and self._fill_scene(number, raw, *field_read, scene):
            return
        if text[-1] in COLONS and field_read is None and is_name(text[:-1].strip(), self.known):
            self._end_waiting()
            self.waiting = (number, text)
            return
        blocks, notices = read_line(text, number, self.known)
        if self.waiting is not None:
            name_line, name = self.waiting
            # The name stood on a line of its own: the words follow if this line is no other form.
            if read_form(text, number, self.known) is None:
                blocks, notices = read_line(name + text, name_line, self.known)
                self.waiting = None
            self._end_waiting()
        scene.blocks.extend(blocks)
        self.notices.extend(notices)

    def _end_waiting(self) -> None:
        """A name with no words behind it becomes action, as any line that fits no form."""
        if self.waiting is not None and self.scene is not None:
            number, text = self.waiting
            self.scene.blocks.append(Block("action", text, number))
            self.notices.append(Notice(number, f"nothing is spoken here; kept as action: {text[:40]}"))
        self.waiting = None

    def _fill_scene(self, number: int, raw: str, name: str, value: str, scene: _OpenScene) -> bool:
        """Cast, and time and place where the heading has none. A second `场景：` with time and 内/外 is a new scene."""
        heading = scene.heading
        if name in CAST_FIELDS:
            entries, profiles = read_cast(value)
            scene.cast.extend(entries)
            self.cast_notes.extend(profiles)
            if not entries:
                self.notices.append(Notice(number, f"this cast line names nobody: {raw[:40]}"))
        elif name in TIME_FIELDS and value and heading.time_text is None and not scene.blocks:
            inside: Interior | None = heading.interior
            scene.heading = SceneHeading(heading.episode, heading.scene, heading.place, value, inside)
        elif name in PLACE_FIELDS and value and not heading.place and not scene.blocks:
            read = read_scene_heading(f"场景1：{value}") or SceneHeading(None, None, value, None, None)
            scene.heading = SceneHeading(
                heading.episode,
                heading.scene,
                read.place or value,
                heading.time_text or read.time_text,
                heading.interior or read.interior,
            )
        elif name == "场景" and (opened := read_scene_heading(value)) is not None:
            self._open_scene(number, raw, opened)
        else:
            return False
        return True

    def finish(self, text: str) -> Screenplay:
        self._end_waiting()
        if not any(episode.scenes for episode in self.episodes):
            raise NoSceneError(f"no scene heading was found; one looks like {SCENE_HEADING_EXAMPLES}")
        preamble = read_preamble(self.before)
        metadata = dict(preamble.metadata)
        for episode in self.episodes:
            if episode.before_first_scene:
                metadata[f"第{episode.number}集"] = "\n".join(episode.before_first_scene)
            if not episode.scenes:
                self.notices.append(Notice(episode.line, f"episode {episode.number} has no scene"))
        self._keep_cast_notes(metadata)
        if self.rules:
            self.notices.append(Notice(None, f"lines of only dashes, stars or the like, left out: {self.rules}"))
        episodes = tuple(
            ScreenplayEpisode(episode.number, episode.title, episode.line, self._frozen_scenes(episode))
            for episode in self.episodes
        )
        self.notices.extend(speakers_without_cast(episodes, self.known))
        notices = sorted((*preamble.notices, *self.notices), key=lambda notice: notice.line or 10**9)
        return Screenplay(preamble.title, language_of(text), episodes, tuple(notices), metadata)

    def _keep_cast_notes(self, metadata: dict[str, str]) -> None:
        lines = metadata.get(CAST_NOTES, "").split("\n") if CAST_NOTES in metadata else []
        for profile in self.cast_notes:
            if (line := f"{profile.name}：{profile.description}") not in lines:
                lines.append(line)
        if lines:
            metadata[CAST_NOTES] = "\n".join(lines)

    def _frozen_scenes(self, episode: _OpenEpisode) -> tuple[Scene, ...]:
        frozen: list[Scene] = []
        for scene in episode.scenes:
            heading = scene.heading
            if not heading.place:
                self.notices.append(Notice(scene.line, f"scene {scene.number} names no place"))
            if not scene.blocks:
                self.notices.append(Notice(scene.line, f"scene {scene.number} is empty"))
            previous = next((earlier.time_of_day for earlier in reversed(frozen) if earlier.time_of_day), None)
            frozen.append(
                Scene(
                    number=scene.number,
                    heading=scene.text,
                    line=scene.line,
                    place=heading.place,
                    time_text=heading.time_text,
                    time_of_day=time_of_day(heading.time_text, previous) if heading.time_text else None,
                    interior=heading.interior,
                    cast=tuple(scene.cast),
                    blocks=tuple(scene.blocks),
                )
            )
        return tuple(frozen)
