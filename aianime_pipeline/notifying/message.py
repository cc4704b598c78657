"""A message: one notice or several of a digest, as text that fits into what a channel takes. Pure."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aianime_pipeline.providers.cleaning import one_line

MOST_NOTICES = 50
"""In one message."""

_LONGEST_TEXT = 2_000
"""Characters of one notice."""
_LONGEST_SUBJECT = 120


@dataclass(frozen=True)
class Item:
    """A notice. `project` is its project's short name; `link` may be relative to the installation's address."""

    id: int
    kind: str
    at: datetime
    text: str
    link: str = ""
    project: str | None = None


@dataclass(frozen=True)
class Message:
    """`id` stays the same however often it is tried."""

    id: str
    items: tuple[Item, ...]


def entry(item: Item, public_url: str) -> str:
    """A notice as one line. A relative link needs `public_url` and is left out without it."""
    text = cut(one_line(item.text), len, _LONGEST_TEXT)
    link = item.link
    if link.startswith("/"):
        link = f"{public_url.rstrip('/')}{link}" if public_url else ""
    return f"{text} {one_line(link)}".strip()


def subject(message: Message) -> str:
    """The message in a few words, on one line."""
    if len(message.items) == 1:
        return cut(one_line(message.items[0].text), len, _LONGEST_SUBJECT)
    return f"{len(message.items)} notices"


def written(
    message: Message, public_url: str, size: Callable[[str], int], most: int, escape: Callable[[str], str] = str
) -> str:
    """The text whose `size` is `most` or less; what does not fit is counted at its end, and stands in the app."""
    entries = [escape(entry(item, public_url)) for item in message.items]
    if len(entries) == 1:
        return cut(entries[0], size, most)
    text = ""
    for kept in range(len(entries), 0, -1):
        rest = [f"… and {len(entries) - kept} more"] if kept < len(entries) else []
        text = "\n".join([f"{len(entries)} notices", *(f"• {one}" for one in entries[:kept]), *rest])
        if size(text) <= most:
            return text
    return cut(text, size, most)


def cut(text: str, size: Callable[[str], int], most: int) -> str:
    """The longest beginning of the text that fits, with a sign that it was cut."""
    if size(text) <= most:
        return text
    length = bisect_right(range(len(text)), most, key=lambda length: size(text[:length] + "…")) - 1
    return text[: max(length, 0)] + "…"
