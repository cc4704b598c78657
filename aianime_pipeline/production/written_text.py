"""Text as a person hands it over on a command line or in a file's name: what no database keeps is found here."""

import re

from aianime_pipeline.errors import BadSettingError

# A NUL, and half a pair of UTF-16: bytes that are no UTF-8 reach Python as such halves.
# A path from the root down: its folders are of this machine, its last name may be of use.
_PLACE = re.compile(r"(?<![\w:/.~-])/(?:[^\s/'\":]+/)+(?=[^\s/'\":]+)")
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


def checked_text(text: str, what: str) -> str:
    """The text itself. Raises BadSettingError where it holds what is no text."""
    if found := _NOT_TEXT.search(text):
        raise BadSettingError(
            f"{what} is {text!r}: its character {found.start() + 1} is no text; write it as UTF-8.", value=repr(text)
        )
    return text


def shown_text(text: str) -> str:
    """The text with a sign in place of what is no text."""
    return _NOT_TEXT.sub("�", text)


def reason_of(error: BaseException) -> str:
    """What an error says, as it is stored for people who have no business with this machine's folders."""
    return _PLACE.sub("…/", str(error))
