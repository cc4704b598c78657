"""After failures: is it worth asking on? And what is kept as the rules have it, because no model's answer was.

A story is many requests. One scene that a vendor moderates says nothing of the next; a key that is refused, or an empty
account, says everything. And a model that gives no usable answer three times running is asked no more: each attempt is
paid for.
"""

from dataclasses import dataclass

from aianime_pipeline.errors import PipelineError, ProviderError, StateError, StoryAnswerError
from aianime_pipeline.providers.capabilities import ErrorKind

FAILURES = (ProviderError, StateError, StoryAnswerError)
"""What leaves the work to the rules: a provider's refusal, a budget or pause that allows no request, no usable answer.
Anything else is a fault of ours and is not hidden."""

FAILURES_TO_STOP = 3

_OF_THIS_TEXT = frozenset({ErrorKind.BAD_INPUT, ErrorKind.MODERATED})


@dataclass(frozen=True)
class Shortfall:
    """`where` is a scene, a chapter or such, in words; `reason` why the rules did it."""

    where: str
    reason: str


class Patience:
    """Of one piece of work, from its first request to its last."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self.lost = ""
        """Why nothing more is asked; empty while it is."""

    def answered(self) -> None:
        self._in_a_row = 0

    def failed(self, error: PipelineError) -> str:
        """The failure's reason in words."""
        self._in_a_row += 1
        of_this_text = isinstance(error, StoryAnswerError) or (
            isinstance(error, ProviderError) and error.kind in _OF_THIS_TEXT
        )
        if not of_this_text:
            self.lost = error.message
        elif self._in_a_row >= FAILURES_TO_STOP:
            self.lost = f"{self._in_a_row} failures in a row, the last: {error.message}"
        return error.message
