"""A language model for tests without a server: it answers from a script, and by itself when that is used up."""

import json
from collections.abc import Callable
from typing import Any

from fakes.story_writer import parts_in, write

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.capabilities import ErrorKind, TextRequest

Scripted = str | dict[str, Any] | Exception | Callable[[TextRequest], "Scripted"]


class StoryModel:
    """`script`: an answer for each call in turn: a text, a JSON object, an error to raise, or a function of the
    request; None lets it answer by itself."""

    def __init__(self, *script: Scripted | None) -> None:
        self.script = list(script)
        self.asked: list[TextRequest] = []

    def __call__(self, request: TextRequest) -> str:
        self.asked.append(request)
        answer = self.script.pop(0) if self.script else None
        while callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            answer = write(request.text)
            assert answer is not None
        return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The material of each call."""
        return [parts_in(request.text) for request in self.asked]


def own_answer(change: Callable[[dict[str, Any]], None]) -> Callable[[TextRequest], dict[str, Any]]:
    """What it would answer by itself, changed."""

    def answer(request: TextRequest) -> dict[str, Any]:
        written = write(request.text)
        assert written is not None
        change(written)
        return written

    return answer


def refused(kind: ErrorKind, words: str = "no") -> ProviderError:
    return ProviderError(words, kind=kind)
