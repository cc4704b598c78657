"""Who and what a screenplay shows, and how they look: asked for some scenes at a time, and merged over all of them.

The screenplay's own words are law: figures have the names that it gives them, and what it says of a look comes first.
What was once decided stays; later scenes only add. A prop becomes one only where two scenes name it: each costs a
picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from aianime_pipeline.screenplay.chinese_speech import is_narrator
from aianime_pipeline.screenplay.collecting import INTERIOR_WORDS, collect_assets
from aianime_pipeline.screenplay.model import CollectedAsset, Scene, ScreenplayEpisode
from aianime_pipeline.storyboard.planning.people import names_in
from aianime_pipeline.storytelling.answers import ATTEMPTS, AskText, ask
from aianime_pipeline.storytelling.chapters import weight
from aianime_pipeline.storytelling.forms import TakenForm
from aianime_pipeline.storytelling.material import material
from aianime_pipeline.storytelling.patience import FAILURES, Patience, Shortfall
from aianime_pipeline.storytelling.prompts import DESCRIBE_CAST
from aianime_pipeline.storytelling.schemas import CastAnswer, CharacterAnswer

SCENES_WEIGHT = 4_000
"""Chinese characters (see `chapters.weight`) of scenes that are read at once; a longer scene is read alone."""

LONGEST_LOOK = 300
"""Characters. A look goes into the prompt of every picture of its figure."""

Kind = Literal["character", "location", "prop"]

_GENDERS = {"zh": {"female": "女", "male": "男"}, "en": {"female": "female", "male": "male"}}


@dataclass(frozen=True)
class Cast:
    """`assets` have what the model added to the screenplay's own words as description, empty where it added nothing."""

    assets: tuple[CollectedAsset, ...]
    by_rules: tuple[Shortfall, ...] = ()


@dataclass
class _Look:
    """`own` is what the screenplay says, or what is kept from before."""

    own: str
    scenes: tuple[str, ...]
    added: str = ""
    aliases: dict[str, None] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return "；".join(filter(None, (self.own, self.added)))


def describe_cast(
    model: AskText,
    episodes: Sequence[ScreenplayEpisode],
    *,
    language: str,
    known: Sequence[CollectedAsset],
    attempts: int = ATTEMPTS,
) -> Cast:
    """The looks of all that the episodes show. `known` are assets with what is known of them, at least those that
    `collect_assets` finds. Raises what `model` raises beyond `patience.FAILURES`."""
    looks = _Looks(known, language)
    model, patience = TakenForm.of(model), Patience()
    by_rules: list[Shortfall] = []
    for scenes in _batches(scene for episode in episodes for scene in episode.scenes):
        if looks.know_all_of(scenes):
            continue
        where = f"scene {scenes[0].number}" + (f" to {scenes[-1].number}" if len(scenes) > 1 else "")
        if patience.lost:
            by_rules.append(Shortfall(where, f"not asked for any more: {patience.lost}"))
            continue
        text = material(
            scenes=[_scene_document(scene) for scene in scenes],
            known=looks.to_document(scenes),
            context={"language": language},
        )
        try:
            answer = ask(
                model,
                DESCRIBE_CAST,
                text,
                CastAnswer,
                attempts=attempts,
                check=partial(broken_rules, scenes=scenes, described=looks.described()),
            )
        except FAILURES as error:
            by_rules.append(Shortfall(where, patience.failed(error)))
            continue
        patience.answered()
        looks.add(answer, scenes)
    return Cast(looks.assets(), tuple(by_rules))


class _Looks:
    """Looks by kind and name, in the order of their discovery."""

    def __init__(self, known: Sequence[CollectedAsset], language: str) -> None:
        self._found: dict[tuple[Kind, str], _Look] = {}
        self._language = "zh" if language == "zh" else "en"
        for asset in known:
            said = "" if asset.description in INTERIOR_WORDS else asset.description
            self._found[asset.kind, asset.name] = _Look(said, asset.scenes)
        self._new_props: dict[str, _Look] = {}

    def described(self) -> frozenset[str]:
        """Names of whom and what it is known how they look, by whatever name."""
        known = [(name, look) for (_, name), look in self._found.items() if look.words]
        return frozenset(word.casefold() for name, look in known for word in (name, *look.aliases))

    def know_all_of(self, scenes: Sequence[Scene]) -> bool:
        """Whether nothing is left to ask: everybody and every place of these scenes has its look."""
        described = self.described()
        wanted = (*_speaking(scenes), *(scene.place for scene in scenes if scene.place))
        return all(name.casefold() in described for name in wanted)

    def to_document(self, scenes: Sequence[Scene]) -> list[dict[str, Any]]:
        """What the model is told: of those whom these scenes name."""
        told = _words_of(scenes)
        there = set(names_in(told, [name for _, name in self._found]))
        return [
            {"kind": kind, "name": name, "appearance": look.words, "aliases": list(look.aliases)}
            for (kind, name), look in self._found.items()
            if name in there
        ]

    def add(self, answer: CastAnswer, scenes: Sequence[Scene]) -> None:
        for character in answer.characters:
            look = self._look("character", character.name)
            if look is not None:
                _extend(look, self._in_words(character, look))
                look.aliases |= dict.fromkeys(character.aliases)
        for location in answer.locations:
            if (look := self._look("location", location.name)) is not None:
                _extend(look, location.appearance)
        for prop in answer.props:
            self._add_prop(prop.name, prop.appearance, scenes)

    def assets(self) -> tuple[CollectedAsset, ...]:
        self._share_with_aliases()
        kept = {name: look for name, look in self._new_props.items() if len(look.scenes) > 1}
        found = self._found | {("prop", name): look for name, look in kept.items()}
        return tuple(CollectedAsset(kind, name, look.added, look.scenes) for (kind, name), look in found.items())

    def _look(self, kind: Kind, name: str) -> _Look | None:
        """Also by another spelling's case."""
        wanted = name.casefold()
        return next(
            (look for (of, known), look in self._found.items() if of == kind and known.casefold() == wanted), None
        )

    def _add_prop(self, name: str, appearance: str, scenes: Sequence[Scene]) -> None:
        look = self._look("prop", name)
        if look is None:
            look = self._new_props.setdefault(name, _Look("", ()))
            where = (scene.number for scene in scenes if names_in(_words_of([scene]), [name]))
            look.scenes = tuple(dict.fromkeys((*look.scenes, *where)))
        _extend(look, appearance)

    def _in_words(self, character: CharacterAnswer, look: _Look) -> str:
        """Gender and age in front, where nothing was known before: pictures and voices go by them."""
        if look.words or not character.appearance:
            return character.appearance
        gender = _GENDERS[self._language].get(character.gender or "", "")
        age = (
            ""
            if character.age is None
            else f"{character.age}岁"
            if self._language == "zh"
            else f"{character.age} years old"
        )
        return ("，" if self._language == "zh" else ", ").join(filter(None, (gender, age, character.appearance)))

    def _share_with_aliases(self) -> None:
        """Who speaks under two names looks the same under both."""
        for (kind, _), look in list(self._found.items()):
            for alias in look.aliases if kind == "character" else ():
                other = self._look("character", alias)
                if other is not None and not other.words:
                    other.added = look.words


def broken_rules(answer: CastAnswer, scenes: Sequence[Scene], described: frozenset[str]) -> Iterator[str]:
    """What an answer must keep to, in words for the model."""
    told = _words_of(scenes)
    named = {character.name.casefold(): character for character in answer.characters}
    for character in answer.characters:
        if is_narrator(character.name):
            yield f"{character.name!r} is a narrator and is never seen"
        elif not names_in(told, [character.name]):
            yield f"{character.name!r} is not named in these scenes"
    for name in _speaking(scenes):
        found = named.get(name.casefold())
        if name.casefold() not in described and (found is None or not found.appearance):
            yield f"{name!r} is in these scenes and has no appearance"
    pictured = {location.name.casefold() for location in answer.locations if location.appearance}
    for place in dict.fromkeys(scene.place for scene in scenes if scene.place):
        if place.casefold() not in described | pictured:
            yield f"the place {place!r} has no appearance"
    for thing in (*answer.locations, *answer.props):
        if not names_in(told, [thing.name]):
            yield f"{thing.name!r} is not named in these scenes"


def _batches(scenes: Iterator[Scene]) -> Iterator[list[Scene]]:
    batch: list[Scene] = []
    filled = 0
    for scene in scenes:
        heavy = weight(_words_of([scene]))
        if batch and filled + heavy > SCENES_WEIGHT:
            yield batch
            batch, filled = [], 0
        batch.append(scene)
        filled += heavy
    if batch:
        yield batch


def _scene_document(scene: Scene) -> dict[str, Any]:
    return {
        "number": scene.number,
        "place": scene.place,
        "time": scene.time_text or scene.time_of_day,
        "cast": [entry.name for entry in scene.cast],
        "blocks": [
            {"type": block.type, "speaker": block.speaker, "text": block.text}
            if block.speaker
            else {"type": block.type, "text": block.text}
            for block in scene.blocks
        ],
    }


def _words_of(scenes: Sequence[Scene]) -> str:
    words: list[str] = []
    for scene in scenes:
        words += [scene.place, *(entry.name for entry in scene.cast)]
        words += [word for block in scene.blocks for word in (block.speaker or "", block.text)]
    return "\n".join(words)


def _speaking(scenes: Sequence[Scene]) -> list[str]:
    """Whom a picture may show by name: the scenes' speakers and casts."""
    episode = ScreenplayEpisode(1, None, 1, tuple(scenes))
    return [asset.name for asset in collect_assets([episode]) if asset.kind == "character"]


def _extend(look: _Look, words: str) -> None:
    """What is new is put behind; what was said stays as it is."""
    if not words or words.casefold() in look.words.casefold():
        return
    longer = "；".join(filter(None, (look.added, words)))
    if len(look.own) + len(longer) <= LONGEST_LOOK or not look.words:
        look.added = longer[:LONGEST_LOOK]
