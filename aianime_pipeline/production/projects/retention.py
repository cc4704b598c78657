"""How long a project keeps what it no longer needs, as its row says it."""

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Project
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.cleanup.retention import Retention
from aianime_pipeline.production.films.settings import record_changes


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
