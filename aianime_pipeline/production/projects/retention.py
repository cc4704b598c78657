"""How long a project keeps what it no longer needs, in days.

| kept | what | days |
| --- | --- | --- |
| `superseded_takes` | files of takes in whose place another counts, and of results that nothing shows | 30 |
| `drafts` | exports with slates in them | 30 |
| `exports` | finished exports besides the episode's film, which always stays | forever |
| `events` | what happened, for those who watch | 30 |
| `notices` | what people were told | 180 |
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Project
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.films.settings import record_changes

FOREVER = "forever"
MOST_DAYS = 36_500

_WORDS = {FOREVER, "for ever", "none"}


@dataclass(frozen=True)
class Retention:
    """Days from 1, None for ever. No day less: what was shown a moment ago may still be in use."""

    superseded_takes: int | None = 30
    drafts: int | None = 30
    exports: int | None = None
    events: int | None = 30
    notices: int | None = 180

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> Self:
        """What a project's row says; what it does not say is as usual. Raises BadSettingError."""
        return cls().changed(document or {})

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """With other days, as numbers or as a person writes them. Raises BadSettingError naming the field."""
        known = [field.name for field in fields(self)]
        if unknown := [name for name in changes if name not in known]:
            raise BadSettingError(f"There is no keeping of {', '.join(unknown)}; there is {', '.join(known)}.")
        return type(self)(**vars(self) | {name: _days(name, value) for name, value in changes.items()})

    def to_document(self) -> dict[str, Any]:
        return {name: FOREVER if days is None else days for name, days in vars(self).items()}

    def cutoff(self, name: str, moment: datetime) -> datetime | None:
        """What is older than this may go at `moment`; None: nothing."""
        days: int | None = getattr(self, name)
        return None if days is None else moment - timedelta(days=days)


def retention_of(project: Project) -> Retention:
    """Raises BadSettingError naming the project, for a row that somebody wrote by hand."""
    try:
        return Retention.of(project.retention)
    except BadSettingError as error:
        raise BadSettingError(f"Project {project.slug}: {error.message}", project=project.slug) from error


def set_retention(session: Session, project: Project, retention: Retention, *, who: str) -> None:
    """As usual is stored as nothing, so that it follows what is usual in later releases. What changes is recorded."""
    before = retention_of(project)
    record_changes(session, project, who, "retention", before.to_document(), retention.to_document())
    project.retention = None if retention == Retention() else retention.to_document()


def _days(name: str, value: object) -> int | None:
    if value is None or (isinstance(value, str) and value.lower() in _WORDS):
        return None
    text = str(value) if type(value) in (int, str) else ""
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_DAYS:
        return int(text)
    raise BadSettingError(f"{name} is {value!r}; it takes days from 1 to {MOST_DAYS}, or {FOREVER}.")
