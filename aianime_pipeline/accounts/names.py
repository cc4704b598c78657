"""Names of people, as they choose them: they stand in every record of who did what, so they stay for ever."""

import unicodedata

from aianime_pipeline.db.models.accounts import folded
from aianime_pipeline.errors import BadInputError, BadUserNameError

MOST_CHARACTERS = 64
_LETTERS = ("L", "M", "Nd")
_SIGNS = ".-_"


def checked_name(name: str) -> str:
    """The name in Unicode's composed form. Raises BadUserNameError."""
    plain = unicodedata.normalize("NFC", name)
    if not (
        1 <= len(plain) <= MOST_CHARACTERS
        and len(folded(plain)) <= MOST_CHARACTERS
        and all(_fits(character) for character in plain)
        and unicodedata.category(plain[0]).startswith(("L", "Nd"))
    ):
        raise BadUserNameError(
            f"{name[:80]!r} does not fit as a person's name here: it takes 1 to {MOST_CHARACTERS} letters of any "
            "script, digits, and .-_ after the first.",
            name=name[:80].encode("utf-8", "replace").decode(),
        )
    return plain


def checked_line(text: str, what: str, most: int, *, least: int = 0) -> str:
    """A text of one line. Raises BadInputError."""
    plain = unicodedata.normalize("NFC", text).strip()
    if not least <= len(plain) <= most or not plain.isprintable():
        raise BadInputError(f"{what} takes {least} to {most} characters in one line.")
    return plain


def _fits(character: str) -> bool:
    return character in _SIGNS or unicodedata.category(character).startswith(_LETTERS)
