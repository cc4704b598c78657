"""What a task can be about, and its settings. Pure.

| action | does | settings |
| --- | --- | --- |
| `pipeline` | brings an episode up to date, up to a stage | `to`, `shots`, `force` |
| `images`, `videos`, `voices` | one stage of an episode, with what it is made from | `shots`, `force` |
| `review` | has takes in AI review looked at | |
| `film`, `package` | the episode's film, its ZIP | |
| `cleanup` | removes what nobody needs any more | `dry_run` |
| `report` | tells how projects stand | |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.runs import StageName


class Action(StrEnum):
    PIPELINE = "pipeline"
    IMAGES = "images"
    VIDEOS = "videos"
    VOICES = "voices"
    REVIEW = "review"
    FILM = "film"
    PACKAGE = "package"
    CLEANUP = "cleanup"
    REPORT = "report"


OF_EPISODES = frozenset(set(Action) - {Action.CLEANUP, Action.REPORT})
"""Actions that are about one episode each."""

_TO = tuple(stage.value for stage in StageName if stage is not StageName.REFERENCES)


@dataclass(frozen=True)
class TaskSettings:
    """`to` is the last stage of a pipeline; `shots` the only ones to be worked on, empty for all."""

    to: StageName = StageName.PACKAGE
    shots: tuple[int, ...] = ()
    force: bool = False
    dry_run: bool = False

    @classmethod
    def of(cls, action: Action, document: Mapping[str, Any]) -> Self:
        """Raises BadSettingError for what the action does not take."""
        taken = _TAKES[action]
        if unknown := sorted(set(document) - taken):
            raise BadSettingError(
                f"{action} does not take {', '.join(unknown)}; it takes {', '.join(sorted(taken)) or 'no settings'}."
            )
        to = str(document.get("to", StageName.PACKAGE))
        if to not in _TO:
            raise BadSettingError(f"to is {to!r}; it takes one of {', '.join(_TO)}.")
        shots = document.get("shots", [])
        if not isinstance(shots, list | tuple) or any(type(shot) is not int or shot < 1 for shot in shots):
            raise BadSettingError(f"shots is {shots!r}; it takes the numbers of shots, such as [3, 4].")
        for name in ("force", "dry_run"):
            if type(document.get(name, False)) is not bool:
                raise BadSettingError(f"{name} is {document[name]!r}; it takes true or false.")
        return cls(
            StageName(to), tuple(sorted(set(shots))), document.get("force", False), document.get("dry_run", False)
        )

    def to_document(self, action: Action) -> dict[str, Any]:
        written = {"to": self.to.value, "shots": list(self.shots), "force": self.force, "dry_run": self.dry_run}
        return {name: written[name] for name in sorted(_TAKES[action])}


_TAKES: dict[Action, frozenset[str]] = {
    Action.PIPELINE: frozenset({"to", "shots", "force"}),
    Action.IMAGES: frozenset({"shots", "force"}),
    Action.VIDEOS: frozenset({"shots", "force"}),
    Action.VOICES: frozenset({"shots", "force"}),
    Action.REVIEW: frozenset(),
    Action.FILM: frozenset(),
    Action.PACKAGE: frozenset(),
    Action.CLEANUP: frozenset({"dry_run"}),
    Action.REPORT: frozenset(),
}
