"""What a task can be about, and its settings. Pure.

| action | does | settings |
| --- | --- | --- |
| `pipeline` | brings an episode up to date, up to a stage | `to`, `shots`, `force` |
| `images`, `videos`, `voices` | one stage of an episode, with what it is made from | `shots`, `force` |
| `review` | has takes in AI review looked at | |
| `film`, `package` | the episode's film, its ZIP | |
| `export` | one export of the film | `preset`, `draft`, `formats` |
| `cleanup` | removes what nobody needs any more | `dry_run` |
| `report` | tells how projects stand | |

Those with `force` take `retry_of`, too: the task that this one goes on with, so that what that one made is not made
once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.runs import StageName


class TaskAction(StrEnum):
    PIPELINE = "pipeline"
    IMAGES = "images"
    VIDEOS = "videos"
    VOICES = "voices"
    REVIEW = "review"
    FILM = "film"
    PACKAGE = "package"
    EXPORT = "export"
    CLEANUP = "cleanup"
    REPORT = "report"


OF_EPISODES = frozenset(set(TaskAction) - {TaskAction.CLEANUP, TaskAction.REPORT})
"""Actions that are about one episode each."""

_TO = tuple(stage.value for stage in StageName if stage is not StageName.REFERENCES)


@dataclass(frozen=True)
class TaskSettings:
    """`to` is the last stage of a pipeline; `shots` the only ones to be worked on, empty for all; `preset` the name of
    an export preset, empty for the project's main one; `retry_of` the first task of a chain of retries."""

    to: StageName = StageName.PACKAGE
    shots: tuple[int, ...] = ()
    force: bool = False
    dry_run: bool = False
    preset: str = ""
    draft: bool = False
    formats: tuple[str, ...] = ()
    retry_of: int | None = None

    @classmethod
    def of(cls, action: TaskAction, document: Mapping[str, Any]) -> Self:
        """Raises BadSettingError for what the action does not take."""
        taken = _TAKES[action]
        if unknown := sorted(set(document) - taken):
            words = ", ".join(sorted(taken - {"retry_of"})) or "no settings"
            raise BadSettingError(f"{action} does not take {', '.join(unknown)}; it takes {words}.")
        to = str(document.get("to", StageName.PACKAGE))
        if to not in _TO:
            raise BadSettingError(f"to is {to!r}; it takes one of {', '.join(_TO)}.")
        shots = document.get("shots", [])
        if not isinstance(shots, list | tuple) or any(type(shot) is not int or shot < 1 for shot in shots):
            raise BadSettingError(f"shots is {shots!r}; it takes the numbers of shots, such as [3, 4].")
        for name in ("force", "dry_run", "draft"):
            if type(document.get(name, False)) is not bool:
                raise BadSettingError(f"{name} is {document[name]!r}; it takes true or false.")
        preset, formats = document.get("preset", ""), document.get("formats", [])
        if not isinstance(preset, str):
            raise BadSettingError(f"preset is {preset!r}; it takes the name of an export preset.")
        if not isinstance(formats, list | tuple) or not all(isinstance(one, str) for one in formats):
            raise BadSettingError(f'formats is {formats!r}; it takes names of formats, such as ["otio"].')
        retry_of = document.get("retry_of")
        if retry_of is not None and (type(retry_of) is not int or retry_of < 1):
            raise BadSettingError(f"retry_of is {retry_of!r}; it takes the number of a task.")
        return cls(
            StageName(to),
            tuple(sorted(set(shots))),
            document.get("force", False),
            document.get("dry_run", False),
            preset,
            document.get("draft", False),
            tuple(dict.fromkeys(formats)),
            retry_of,
        )

    def to_document(self, action: TaskAction) -> dict[str, Any]:
        written = {
            "to": self.to.value,
            "shots": list(self.shots),
            "force": self.force,
            "dry_run": self.dry_run,
            "preset": self.preset,
            "draft": self.draft,
            "formats": list(self.formats),
        }
        document = {name: written[name] for name in sorted(_TAKES[action] & set(written))}
        return document if self.retry_of is None else document | {"retry_of": self.retry_of}


_TAKES: dict[TaskAction, frozenset[str]] = {
    TaskAction.PIPELINE: frozenset({"to", "shots", "force", "retry_of"}),
    TaskAction.IMAGES: frozenset({"shots", "force", "retry_of"}),
    TaskAction.VIDEOS: frozenset({"shots", "force", "retry_of"}),
    TaskAction.VOICES: frozenset({"shots", "force", "retry_of"}),
    TaskAction.REVIEW: frozenset(),
    TaskAction.FILM: frozenset(),
    TaskAction.PACKAGE: frozenset(),
    TaskAction.EXPORT: frozenset({"preset", "draft", "formats"}),
    TaskAction.CLEANUP: frozenset({"dry_run"}),
    TaskAction.REPORT: frozenset(),
}
