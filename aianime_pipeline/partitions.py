"""Episode keys: the partitions of every asset, such as `moonlit-e012`. Pure; definitions.py makes Dagster's object."""

import re
from dataclasses import dataclass

from aianime_pipeline.errors import BadEpisodeKeyError

PARTITIONS_NAME = "episodes"
LAST_NUMBER = 9999

# One text per episode: a second way to write its number would be a second partition.
_KEY = re.compile(r"(?P<project>[a-z0-9]+(?:-[a-z0-9]+)*)-e(?P<number>(?!000)[0-9]{3}|[1-9][0-9]{3})")


@dataclass(frozen=True, order=True)
class EpisodeKey:
    """`number` from 1 to 9999; three digits at least, so that keys sort as episodes do."""

    project: str
    number: int

    def __str__(self) -> str:
        return f"{self.project}-e{self.number:03d}"


def parse_episode_key(text: str) -> EpisodeKey:
    """Raises BadEpisodeKeyError."""
    found = _KEY.fullmatch(text)
    if found is None:
        raise BadEpisodeKeyError(
            f"{text!r} is not an episode's key; right would be the project's short name, -e and the number in three "
            "digits, such as moonlit-e012.",
            key=text,
        )
    return EpisodeKey(found["project"], int(found["number"]))
