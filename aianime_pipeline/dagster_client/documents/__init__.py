"""The GraphQL documents, each in a file of its own; what is asked for is always called `answer`."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Document:
    text: str

    @property
    def changes(self) -> bool:
        """It asks Dagster to do something."""
        return self.text.startswith("mutation ")


@cache
def document(name: str) -> Document:
    return Document(files(__package__).joinpath(f"{name}.graphql").read_text(encoding="utf-8"))
