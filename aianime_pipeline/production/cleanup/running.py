"""A clean-up from its first look to its report."""

from datetime import datetime

import sqlalchemy as sa

from aianime_pipeline.db.engine import database_time
from aianime_pipeline.db.models import Task
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.cleanup.objects import remove_unneeded
from aianime_pipeline.production.cleanup.records import remove_exports, remove_records
from aianime_pipeline.production.cleanup.report import CleanupReport
from aianime_pipeline.production.cleanup.rules import load_rules
from aianime_pipeline.production.cleanup.strays import compare
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.scratch import sweep_scratch


def run_cleanup(place: Installation, *, dry_run: bool, moment: datetime | None = None) -> CleanupReport:
    """Remove what may go at `moment`, which is now unless it is said; in a `dry_run` only report it. Of this process's
    clock and the database's the one that is behind counts: by one that is ahead, what was put just now is old. May run
    beside everything else, other clean-ups too, and may be killed at any time. Raises BadSettingError for a project
    whose retention is none."""
    with place.database.read() as session:
        rules = load_rules(session, moment or min(now(), database_time(session)))
    report = CleanupReport(dry_run)
    remove_records(place, rules, report)
    exports = remove_exports(place, rules, report)
    remove_unneeded(place, rules, report, exports)
    compare(place, rules, report)
    report.removed["unfinished"].add(len(place.store.sweep(dry_run=dry_run)))
    report.removed["scratch"].add(*sweep_scratch(place.settings.scratch, before=rules.grace, dry_run=dry_run))
    return report


def clean_up_for_task(place: Installation, task_id: int | None, *, dry_run: bool) -> CleanupReport:
    """As `run_cleanup`; its report is the result of the task, if it is done for one."""
    report = run_cleanup(place, dry_run=dry_run)
    if task_id is not None:
        with place.database.write() as session:
            session.execute(sa.update(Task).where(Task.id == task_id).values(result=report.to_document()))
    return report
