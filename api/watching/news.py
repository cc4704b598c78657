"""One thing that is told to those who watch, who may be told it, and where in the stream it stands. Pure.

An event is named by its number and its instant: after a restore from a backup the same number may be another event.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

NOTICE = "notice"
_PLACE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


@dataclass(frozen=True)
class Place:
    """Up to where events were read: the number of the last one, and when it was written, in milliseconds of the epoch.
    Both are 0 where there was none yet. As text it is the `id` of a server-sent event."""

    number: int
    milliseconds: int

    def __str__(self) -> str:
        return f"{self.number}-{self.milliseconds}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None: no such text was ever sent as an id."""
        found = _PLACE.fullmatch(text.strip())
        return cls(int(found[1]), int(found[2])) if found is not None else None


@dataclass(frozen=True)
class News:
    """What is told, encoded once for all who are told. `place` None: it is no event of the table, and not sent again to
    whoever comes back. `user` None: it is for no single person."""

    kind: str
    project_id: int | None
    episode_id: int | None
    user: str | None
    place: Place | None
    frame: bytes


@dataclass(frozen=True)
class Sight:
    """What a person may see now. `projects` None: all; `all_else`: also what is about no project."""

    user: str
    projects: frozenset[int] | None
    all_else: bool = False

    def sees(self, news: News) -> bool:
        if news.user is not None and news.user != self.user:
            return False
        if news.project_id is None:
            return news.user is not None or self.all_else
        return self.projects is None or news.project_id in self.projects


@dataclass(frozen=True)
class Only:
    """What a stream asks for, None: everything. Notices are never left out."""

    project_id: int | None = None
    episode_id: int | None = None

    def admits(self, news: News) -> bool:
        if news.kind == NOTICE:
            return True
        if self.episode_id is not None and news.episode_id != self.episode_id:
            return False
        return self.project_id is None or news.project_id == self.project_id


def frame(kind: str, data: Mapping[str, Any], place: Place | None = None) -> bytes:
    """A server-sent event. JSON has no line ends in it, so the data is one line."""
    name = f"id: {place}\n" if place is not None else ""
    return f"{name}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def place_only(place: Place) -> bytes:
    """No event: only the id that the client says when it comes back."""
    return f"id: {place}\n\n".encode()
