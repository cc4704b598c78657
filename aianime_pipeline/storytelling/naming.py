"""One name for each figure through a whole story, whatever else the prose calls them."""

from collections.abc import Iterable
from typing import Any

from aianime_pipeline.screenplay.chinese_speech import is_narrator
from aianime_pipeline.storytelling.schemas import FigureAnswer

_PRONOUNS = frozenset(
    (
        *("我", "你", "您", "他", "她", "它", "我们", "你们", "他们", "她们", "咱们", "自己", "某人", "有人"),
        *("i", "me", "you", "he", "him", "she", "her", "it", "we", "us", "they", "them", "someone", "somebody"),
    )
)


class Names:
    """Figures in the order of their appearance. The name that came first stays."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}
        self._owners: dict[str, str] = {}

    def canonical(self, word: str) -> str:
        """The figure's name; the word itself where nobody is called so."""
        return self._owners.get(word.casefold(), word)

    def learn(self, figures: Iterable[FigureAnswer]) -> None:
        """A word that two are called by stays with the first."""
        figures = [figure for figure in figures if _is_name(figure.name)]
        named = {figure.name.casefold() for figure in figures}
        for figure in figures:
            self._learn(self._owner(figure, named), figure.name)
        for figure in figures:
            for alias in filter(_is_name, figure.aliases):
                if alias.casefold() not in self._owners and alias.casefold() not in named:
                    self._learn(self.canonical(figure.name), alias)

    def to_document(self) -> list[dict[str, Any]]:
        return [{"name": name, "aliases": list(aliases)} for name, aliases in self._names.items()]

    def _owner(self, figure: FigureAnswer, named: set[str]) -> str:
        """Whose name it is: known by it already, or by another that only now turns out to be theirs."""
        if figure.name.casefold() in self._owners:
            return self._owners[figure.name.casefold()]
        known = (alias.casefold() for alias in figure.aliases)
        return next(
            (self._owners[alias] for alias in known if alias in self._owners and alias not in named), figure.name
        )

    def _learn(self, name: str, word: str) -> None:
        aliases = self._names.setdefault(name, {})
        self._owners.setdefault(word.casefold(), name)
        if word != name:
            aliases[word] = None


def _is_name(word: str) -> bool:
    return bool(word) and word.casefold() not in _PRONOUNS and not is_narrator(word)
