"""What a clean-up removed, or would remove. Pure."""

from dataclasses import dataclass, field
from typing import Any

MOST_LISTED = 100

_WORDS = {
    "takes": "superseded takes",
    "results": "other results that nothing shows",
    "exports": "exports",
    "events": "events",
    "notices": "notices",
    "keys": "keys of requests that were long ago",
    "objects": "objects that nothing refers to",
    "strays": "files in the store that no row knows",
    "unfinished": "half-written files in the store",
    "scratch": "folders of work of dead processes",
}


@dataclass
class Removed:
    """`bytes` are those that the store or the disk gets back; rows count none."""

    count: int = 0
    bytes: int = 0

    def add(self, count: int, size: int = 0) -> None:
        self.count += count
        self.bytes += size


@dataclass(frozen=True)
class Missing:
    """An object whose file is gone. `needed_by` are tables and columns, such as `takes.object_digest`."""

    digest: str
    needed_by: tuple[str, ...]


@dataclass
class CleanupReport:
    """`removed` is by kind; `episodes` counts the superseded takes of each. `missing` lists the first hundred."""

    dry_run: bool
    removed: dict[str, Removed] = field(default_factory=lambda: {kind: Removed() for kind in _WORDS})
    episodes: dict[str, int] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    missing_count: int = 0

    def miss(self, one: Missing) -> None:
        self.missing_count += 1
        if len(self.missing) < MOST_LISTED:
            self.missing.append(one)

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.removed.values())

    def to_document(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "bytes": self.bytes,
            "removed": {kind: vars(one) for kind, one in self.removed.items()},
            "episodes": self.episodes,
            "missing": [{"digest": one.digest, "needed_by": list(one.needed_by)} for one in self.missing],
            "missing_count": self.missing_count,
        }

    def in_words(self) -> list[str]:
        """Lines for a person."""
        lines = [
            f"{one.count:>10,}  {_WORDS[kind]}" + (f", {megabytes(one.bytes)}" if one.bytes else "")
            for kind, one in self.removed.items()
            if one.count
        ]
        lines += [f"{count:>14,}  of {episode}" for episode, count in sorted(self.episodes.items())]
        if not lines:
            lines = ["there is nothing to remove"]
        elif self.dry_run:
            lines.append(f"{megabytes(self.bytes)} would be free; remove it with --apply")
        else:
            lines.append(f"{megabytes(self.bytes)} are free")
        if self.missing_count:
            lines.append(
                f"{self.missing_count:,} objects are not in the store; restore them, or make their shots again:"
            )
            lines += [f"  {one.digest}  {', '.join(one.needed_by)}" for one in self.missing]
        return lines


def megabytes(count: int) -> str:
    return f"{count / 1_000_000:,.1f} MB"
