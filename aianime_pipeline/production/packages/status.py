"""How an episode's ZIP stands: what goes into it, and whether it is there."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, PackageTask, Task
from aianime_pipeline.packaging.config import PackageConfig, package_config
from aianime_pipeline.production.claims import holder
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.states import UNFINISHED


@dataclass(frozen=True)
class PackageStanding:
    """`state` is pending, packing, done or failed; `bytes`, `files` and `packed_at` are those of the last ZIP. `task`
    is the number of the one that will pack, or packs, None where nobody asked."""

    config: PackageConfig
    state: str
    reason: str
    bytes: int | None
    files: int | None
    packed_at: datetime | None
    task: int | None


def read_package(session: Session, episode: Episode) -> PackageStanding:
    query = sa.select(PackageTask).where(PackageTask.episode_id == episode.id)
    row = session.scalar(query.execution_options(populate_existing=True))
    task = session.scalar(
        sa.select(sa.func.max(Task.id)).where(
            Task.episode_id == episode.id,
            Task.action == TaskAction.PACKAGE.value,
            Task.state.in_([state.value for state in UNFINISHED]),
        )
    )
    if row is None:
        return PackageStanding(PackageConfig(), "pending", "", None, None, None, task)
    state, reason = row.state, row.reason
    if state == "packing" and holder(session, row) is None:
        state, reason = "pending", "The process that packed it is gone; pack it again."
    return PackageStanding(package_config(row.config), state, reason, row.size, row.files, row.finished_at, task)
