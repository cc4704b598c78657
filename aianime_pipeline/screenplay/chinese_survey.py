"""What only a look over the whole Chinese screenplay tells: the names in it, an outline at its top, slips in names.

Lines are (number, line as it stands, cleaned line).
"""

import re
from collections.abc import Container, Iterable, Iterator

from aianime_pipeline.screenplay.chinese_cast import read_cast, read_profile
from aianime_pipeline.screenplay.chinese_headings import read_episode_heading, read_scene_heading
from aianime_pipeline.screenplay.chinese_lines import CAST_FIELDS, read_field, split_fields
from aianime_pipeline.screenplay.chinese_preamble import PROFILE_KEYS, section_name
from aianime_pipeline.screenplay.chinese_speech import is_narrator
from aianime_pipeline.screenplay.model import Notice, ScreenplayEpisode

_TOGETHER = re.compile("[/／、&，,]")

Lines = list[tuple[int, str, str]]


def names_in(lines: Lines) -> frozenset[str]:
    """Names that cast lines and profiles give, wherever they stand: they settle what is speech."""
    names: set[str] = set()
    in_profiles = False
    for _, _, line in lines:
        section = section_name(line)
        if section is not None or read_scene_heading(line) is not None:
            in_profiles = section in PROFILE_KEYS
        elif in_profiles and (profile := read_profile(line)) is not None:
            names.add(profile.name)
        for part in split_fields(line):
            if (read := read_field(part)) is not None and read[0] in CAST_FIELDS:
                names.update(entry.name for entry in read_cast(read[1])[0])
    return frozenset(names)


def outline_lines(lines: Lines) -> frozenset[int]:
    """Lines of a table of contents: episode headings before the first scene whose numbers come again.

    `第1集：归来` … `第20集：重逢` at the top of a season, then `第1集` with its scenes.
    """
    headings: list[tuple[int, int]] = []
    for number, _, line in lines:
        if read_scene_heading(line) is not None:
            break
        if (episode := read_episode_heading(line)) is not None:
            headings.append((number, episode.number))
    if not headings or all(number != headings[-1][1] for _, number in headings[:-1]):
        return frozenset()
    return frozenset(line for line, _ in headings[:-1])


def speakers_without_cast(episodes: Iterable[ScreenplayEpisode], known: Container[str]) -> Iterator[Notice]:
    """One notice for each speaker in no cast line and no profile, at their first words: often a name mistyped.

    None for a scene without a cast line, and none for voices that are nobody's.
    """
    told: set[str] = set()
    for scene in (scene for episode in episodes for scene in episode.scenes if scene.cast):
        for block in scene.blocks:
            name = block.speaker
            if name is None or name in known or name in told or is_narrator(name):
                continue
            told.add(name)
            parts = [part.strip() for part in _TOGETHER.split(name.partition("（")[0])]
            if not all(part in known for part in parts):
                yield Notice(block.line, f"{name[:40]} speaks and is in no cast line; is the name right?")
