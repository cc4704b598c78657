"""Text from a script, made fit for files that cannot hold every character.

XML 1.0 has no place for most control characters, not even escaped; a line of an EDL ends where a line break is.
"""

import re

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")


def xml_safe(text: str) -> str:
    """Without what XML 1.0 forbids; `<`, `&` and quotes are left for the writer to escape."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """Every run of white space and control characters as one space."""
    return xml_safe(_BREAKS.sub(" ", text)).strip()
