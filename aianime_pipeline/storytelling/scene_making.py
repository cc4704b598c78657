"""A scene as a model answered it → a scene of our screenplay: one name for each figure, a heading, source lines."""

from aianime_pipeline.screenplay.chinese_speech import is_narrator
from aianime_pipeline.screenplay.model import Block, CastEntry, Interior, Scene
from aianime_pipeline.storytelling.naming import Names
from aianime_pipeline.storytelling.schemas import BlockAnswer, SceneAnswer
from aianime_pipeline.storytelling.verbatim import Source

NARRATORS = {"zh": "旁白", "en": "NARRATOR"}
"""Speaker of an os that names nobody, by the story's language."""

_INSIDE: dict[str, dict[Interior, str]] = {
    "zh": {"int": "内", "ext": "外", "int_ext": "内外"},
    "en": {"int": "INT.", "ext": "EXT.", "int_ext": "INT./EXT."},
}
_TIMES = {"dawn": "晨", "day": "日", "dusk": "黄昏", "night": "夜"}


def made_scene(answer: SceneAnswer, source: Source, *, after: int, names: Names, language: str) -> Scene:
    """Not yet numbered. Its blocks begin at line `after` of the file or behind it."""
    blocks: list[Block] = []
    for one in answer.blocks:
        after = source.line_of(one.text, after)
        blocks.append(_block(one, after, names, language))
    spoken = [block.speaker for block in blocks if block.type == "dialogue" and block.speaker]
    there = [names.canonical(name) for name in answer.characters]
    cast = dict.fromkeys(name for name in (*there, *spoken) if name and not is_narrator(name))
    return Scene(
        number="",
        heading=" ".join(answer.heading.split()) or _heading(answer, language),
        line=blocks[0].line,
        place=answer.place,
        time_text=answer.time_text or None,
        time_of_day=answer.time_of_day,
        interior=answer.interior,
        cast=tuple(CastEntry(name) for name in cast),
        blocks=tuple(blocks),
    )


def _block(answer: BlockAnswer, line: int, names: Names, language: str) -> Block:
    if answer.type not in ("dialogue", "os"):
        return Block(answer.type, answer.text, line)
    speaker = names.canonical(answer.speaker) if answer.speaker else NARRATORS.get(language, NARRATORS["en"])
    # A narrator has no face that could speak.
    heard = "os" if is_narrator(speaker) else answer.type
    return Block(heard, answer.text, line, speaker, answer.emotion or None)


def _heading(answer: SceneAnswer, language: str) -> str:
    spoken_in = "zh" if language == "zh" else "en"
    inside = _INSIDE[spoken_in][answer.interior] if answer.interior else ""
    if spoken_in == "zh":
        time = answer.time_text or (_TIMES[answer.time_of_day] if answer.time_of_day else "")
        return " ".join(filter(None, (time, inside, answer.place)))
    time = (answer.time_text or answer.time_of_day or "").upper()
    place = " ".join(filter(None, (inside, answer.place.upper())))
    return f"{place} - {time}" if time else place
