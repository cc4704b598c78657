"""Which form of structured answer a model takes: its schema, any JSON object, or words alone.

Many gateways in front of a model refuse the form `json_schema`, some `json_object` too. A refusal costs nothing, but
time; so it is remembered for the calls that follow.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.capabilities import ErrorKind, StructuredForm, TextRequest

AskText = Callable[[TextRequest], str]
"""A request → the model's answer as it came. Raises ProviderError. Called from one thread at a time."""

_FORMS: Final[tuple[StructuredForm | None, ...]] = (None, "json_object", "plain")
"""First as the model's option says, which is the schema where nothing is said."""

_SPEAKS_OF_THE_FORM = re.compile(
    r"response[_ ]?format|json[_ ]?(?:schema|object|mode)|structured[_ ]?(?:output|answer)|text\.format|guided[_ ]json",
    re.IGNORECASE,
)


class TakenForm:
    """An `AskText` that goes on in a plainer form where a form is refused, and stays with what was taken."""

    def __init__(self, model: AskText) -> None:
        self._model = model
        self._form = 0

    @classmethod
    def of(cls, model: AskText) -> "TakenForm":
        """The model itself where its form is remembered already."""
        return model if isinstance(model, cls) else cls(model)

    def __call__(self, request: TextRequest) -> str:
        while True:
            try:
                return self._model(replace(request, structured=_FORMS[self._form]))
            except ProviderError as error:
                if not _refuses_the_form(error) or self._form + 1 == len(_FORMS):
                    raise
                self._form += 1


def _refuses_the_form(error: ProviderError) -> bool:
    words = f"{error.message} {error.details.get('code', '')} {error.details.get('param', '')}"
    return error.kind == ErrorKind.BAD_INPUT and _SPEAKS_OF_THE_FORM.search(words) is not None
