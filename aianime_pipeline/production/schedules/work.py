"""What a schedule asks for at each of its times: an action with its settings, of which episodes. Pure.

The settings of a schedule are those of its action (tasks/actions.py) and, where the action is about episodes,
`episodes`: `"all"`, also those that will come, or numbers such as `"3-8,12"`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.tasks.actions import OF_EPISODES, TaskAction, TaskSettings
from aianime_pipeline.scheduling.numbers import ALL, EpisodeNumbers

SCHEDULED = (
    TaskAction.PIPELINE,
    TaskAction.IMAGES,
    TaskAction.VIDEOS,
    TaskAction.FILM,
    TaskAction.PACKAGE,
    TaskAction.CLEANUP,
    TaskAction.REPORT,
)


@dataclass(frozen=True)
class ScheduledWork:
    """`episodes` None: the action is about no episode. `settings` are the action's own."""

    action: TaskAction
    episodes: EpisodeNumbers | None
    settings: dict[str, Any]

    @classmethod
    def of(cls, action: object, settings: object, *, has_project: bool) -> Self:
        """Raises BadSettingError."""
        if action not in SCHEDULED:
            raise BadSettingError(f"action is {action!r}; it takes one of {', '.join(SCHEDULED)}.")
        known = TaskAction(str(action))
        if not isinstance(settings, Mapping):
            raise BadSettingError(f'settings is {settings!r}; it takes an object such as {{"episodes": "all"}}.')
        if (known in OF_EPISODES) != has_project:
            raise BadSettingError(f"{known} is {'of a project: name it' if not has_project else 'of no project'}.")
        own = dict(settings)
        episodes = EpisodeNumbers.of(own.pop("episodes", ALL)) if has_project else None
        return cls(known, episodes, TaskSettings.of(known, own).to_document(known))

    def to_document(self) -> dict[str, Any]:
        return self.settings if self.episodes is None else {"episodes": str(self.episodes), **self.settings}
