"""Words of a vendor made fit for errors and logs: without any secret, on one line. Pure."""

import json
import re
from collections.abc import Sequence
from urllib.parse import quote, quote_plus

_STARS = "***"

_SIGNED_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
"""A JSON web token (RFC 7519). One is as good as the keys that signed it for as long as it is valid."""


class Secrets:
    """What must be told to nobody."""

    def __init__(self, secrets: Sequence[str]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """`text` without any of them, in any form in which an answer or an address repeats them."""
        for form in self._forms:
            text = text.replace(form, _STARS)
        return _SIGNED_TOKEN.sub(_STARS, text)


def one_line(text: str) -> str:
    """`text` without line breaks and control characters: it may go to a terminal."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _forms(secret: str) -> set[str]:
    in_json = json.dumps(secret)[1:-1]
    return {
        secret,
        in_json,
        in_json.replace("/", "\\/"),
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
    }
