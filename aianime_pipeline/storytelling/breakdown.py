"""Prose → a screenplay, chapter by chapter and part by part, each with the names and the scene before it in mind.

Spoken words are those of the prose: an answer that invents or loses a line goes back. A part that no usable answer
comes for is kept as one scene with an action for each paragraph, as a text is kept without a model, and marked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from aianime_pipeline.errors import PipelineError
from aianime_pipeline.screenplay.model import Block, Notice, Scene, Screenplay, ScreenplayEpisode
from aianime_pipeline.storytelling.answers import ATTEMPTS, AskText, ask
from aianime_pipeline.storytelling.chapters import Chapter, Paragraph, parts_of, read_prose
from aianime_pipeline.storytelling.forms import TakenForm
from aianime_pipeline.storytelling.material import material
from aianime_pipeline.storytelling.naming import Names
from aianime_pipeline.storytelling.patience import FAILURES, Patience, Shortfall
from aianime_pipeline.storytelling.prompts import BREAK_DOWN
from aianime_pipeline.storytelling.scene_making import made_scene
from aianime_pipeline.storytelling.schemas import SceneAnswer, ScenesAnswer
from aianime_pipeline.storytelling.verbatim import Source, letters_of

LEAST_KEPT = 0.2
"""How much of the prose's letters must come back in blocks: what is seen may be told briefly, but not left out."""


@dataclass(frozen=True)
class BrokenDown:
    """`told` counts the parts that the model broke down; the others are in `by_rules`. `failure` is the last one."""

    screenplay: Screenplay
    told: int
    by_rules: tuple[Shortfall, ...] = ()
    failure: PipelineError | None = None


def break_down(model: AskText, text: str, *, attempts: int = ATTEMPTS) -> BrokenDown:
    """The screenplay of a prose text, an episode for each chapter. Raises what `model` raises beyond
    `patience.FAILURES`."""
    prose = read_prose(text)
    telling = _Telling(TakenForm.of(model), prose.language, attempts)
    episodes = tuple(telling.episode(chapter) for chapter in prose.chapters)
    screenplay = Screenplay(prose.title, prose.language, episodes, tuple(telling.notices))
    return BrokenDown(screenplay, telling.told, tuple(telling.by_rules), telling.failure)


class _Telling:
    """One text on its way: what each part leaves to the next."""

    def __init__(self, model: AskText, language: str, attempts: int) -> None:
        self._model, self._language, self._attempts = model, language, attempts
        self._names = Names()
        self._last: SceneAnswer | None = None
        self._patience = Patience()
        self.told = 0
        self.by_rules: list[Shortfall] = []
        self.notices: list[Notice] = []
        self.failure: PipelineError | None = None

    def episode(self, chapter: Chapter) -> ScreenplayEpisode:
        scenes: list[Scene] = []
        title = chapter.title
        parts = parts_of(chapter)
        for index, part in enumerate(parts, start=1):
            answer = self._answer(chapter, part, index, len(parts))
            if answer is None:
                scenes.append(_kept(part))
                continue
            title = title or answer.title or None
            made = self._scenes(answer, part)
            if answer.scenes[0].continues_last_scene and scenes and index > 1 and scenes[-1].place:
                scenes[-1] = _continued(scenes[-1], made.pop(0))
            scenes += made
        numbered = (replace(scene, number=f"{chapter.number}-{index}") for index, scene in enumerate(scenes, start=1))
        return ScreenplayEpisode(chapter.number, title, chapter.line, tuple(numbered))

    def _answer(self, chapter: Chapter, part: Sequence[Paragraph], index: int, count: int) -> ScenesAnswer | None:
        """None where the rules have to keep the part."""
        where = f"chapter {chapter.number}" + (f", part {index} of {count}" if count > 1 else "")
        if self._patience.lost:
            self._fall_back(part, where, f"not asked for any more: {self._patience.lost}")
            return None
        try:
            answer = self._ask(chapter, part, f"{index} of {count}")
        except FAILURES as error:
            self.failure = error
            self._fall_back(part, where, self._patience.failed(error))
            return None
        self._patience.answered()
        self.told += 1
        self._names.learn(answer.figures)
        self._last = answer.scenes[-1]
        return answer

    def _ask(self, chapter: Chapter, part: Sequence[Paragraph], which: str) -> ScenesAnswer:
        last = self._last
        text = material(
            prose=[{"paragraph": number, "text": one.text} for number, one in enumerate(part, start=1)],
            context={
                "language": self._language,
                "chapter": chapter.number,
                "chapter_title": chapter.title,
                "part": which,
                "known_figures": self._names.to_document(),
                "last_scene": None
                if last is None
                else {
                    "place": last.place,
                    "time": last.time_text or last.time_of_day,
                    "characters": list(last.characters),
                    "summary": last.summary,
                    "last_words": last.blocks[-1].text,
                },
            },
        )
        check = partial(broken_rules, source=Source(part))
        return ask(self._model, BREAK_DOWN, text, ScenesAnswer, attempts=self._attempts, check=check)

    def _scenes(self, answer: ScenesAnswer, part: Sequence[Paragraph]) -> list[Scene]:
        source = Source(part)
        line = part[0].line
        scenes = []
        for one in answer.scenes:
            scene = made_scene(one, source, after=line, names=self._names, language=self._language)
            scenes.append(scene)
            line = scene.blocks[-1].line
        return scenes

    def _fall_back(self, part: Sequence[Paragraph], where: str, reason: str) -> None:
        self.by_rules.append(Shortfall(where, reason))
        self.notices.append(Notice(part[0].line, f"{where} was kept as one scene by rules: {reason}"))
        self._last = None


def broken_rules(answer: ScenesAnswer, source: Source) -> Iterator[str]:
    """What an answer must keep to, in words for the model: spoken words are the prose's, and nothing is left out."""
    blocks = [
        (f"scene {number}, block {place}", block)
        for number, scene in enumerate(answer.scenes, start=1)
        for place, block in enumerate(scene.blocks, start=1)
    ]
    for where, block in blocks:
        if block.type == "dialogue" and not block.speaker:
            yield f"{where}: a dialogue needs its speaker"
        if block.type in ("dialogue", "os") and (clause := source.invented(block.text)):
            yield f"{where}: {clause!r} is not in the prose; spoken words are taken from it word for word"
    for quotation in source.lost_speech(block.text for _, block in blocks):
        yield f"the spoken words {quotation!r} are in no block"
    told = sum(len(letters_of(block.text)) for _, block in blocks)
    if told < LEAST_KEPT * source.length:
        yield f"only {told} of the prose's {source.length} letters came back; leave out nothing that is seen or heard"


def _kept(part: Sequence[Paragraph]) -> Scene:
    """As a text is kept without a model."""
    blocks = tuple(Block("action", paragraph.text, paragraph.line) for paragraph in part)
    return Scene(number="", heading="", line=part[0].line, place="", blocks=blocks)


def _continued(scene: Scene, more: Scene) -> Scene:
    cast = {entry.name: entry for entry in (*scene.cast, *more.cast)}
    return replace(scene, cast=tuple(cast.values()), blocks=(*scene.blocks, *more.blocks))
