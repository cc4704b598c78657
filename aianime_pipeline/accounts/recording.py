"""How a change of rights in a project is kept, and told to those who watch."""

from typing import Any

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Project, ProjectChange
from aianime_pipeline.production.events import record_event


def record_rights(session: Session, project: Project, who: str, field: str, before: Any, after: Any) -> None:
    """`field` such as `members.li` or `teams.night shift.li`; None: no entry. What stays as it is is no change."""
    if before == after:
        return
    session.add(ProjectChange(project_id=project.id, who=who, field=field, before=_held(before), after=_held(after)))
    record_event(session, "rights", project_id=project.id, field=field, who=who)


def _held(value: Any) -> dict[str, Any]:
    return {"value": value} if value is not None else {}
