"""Tasks that pile up while Dagster is away: an installation whose Dagster queues runs and begins none, and what the two
databases hold when it is back. The way from a task to its run is real; what a run does is tested elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import sqlalchemy as sa
import yaml
from support.instance import Instance

from aianime_pipeline.db.models import Episode, Task
from aianime_pipeline.db.schema import upgrade
from aianime_pipeline.instance import ROOT
from aianime_pipeline.production.projects.keeping import get_or_create_project
from aianime_pipeline.production.tasks.orders import TASK_TAG
from aianime_pipeline.production.tasks.states import TaskState

_EPISODES_OF_ONE = 500
"""Of one project."""


def waiting_instance(folder: Path, room: int, *, dagster_database: str = "", **variables: str) -> Instance:
    """Not up yet. Its queue takes `room` runs and begins none. A laptop's, or a team's where it has a database."""
    source = ROOT / "deploy" / "dagster.yaml" if dagster_database else ROOT / "dagster.yaml"
    config = yaml.safe_load(source.read_text(encoding="utf-8"))
    config["run_coordinator"]["config"]["max_concurrent_runs"] = 0
    if dagster_database:
        config["storage"]["postgres"]["postgres_url"] = dagster_database
        del config["compute_logs"]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dagster.yaml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    instance = Instance(
        folder, AIANIME_TASKS_AT_ONCE=str(room), AIANIME_DAGSTER_CONFIG=str(file), **variables
    )  # fmt: skip
    upgrade(instance.place.database)
    return instance


def put_episodes(instance: Instance, count: int) -> list[str]:
    """Episodes without a story: tasks can be about them. Returns the keys."""
    with instance.place.database.write() as session:
        for first in range(0, count, _EPISODES_OF_ONE):
            slug = f"backlog-{first // _EPISODES_OF_ONE + 1}"
            project = get_or_create_project(session, slug, title=None, language="zh")
            session.flush()
            numbers = range(1, min(_EPISODES_OF_ONE, count - first) + 1)
            session.add_all(
                Episode(project_id=project.id, number=number, key=f"{slug}-e{number:03d}") for number in numbers
            )
        session.flush()
        return list(session.scalars(sa.select(Episode.key).order_by(Episode.id)))


@dataclass(frozen=True)
class Standing:
    """`runs` are the tasks of Dagster's runs, one entry a run; `tasks` those that have a run, by their own row."""

    tasks: Sequence[tuple[int, str]]
    runs: Sequence[tuple[int, str]]
    without_task: int
    waiting: int

    @property
    def is_one_run_a_task(self) -> bool:
        return not self.waiting and not self.without_task and sorted(self.tasks) == sorted(self.runs)


def still_waiting(instance: Instance) -> int:
    """Tasks whose run is not known yet."""
    with instance.place.database.read() as session:
        query = sa.select(sa.func.count()).select_from(Task).where(Task.state != TaskState.RUNNING.value)
        return session.scalars(query).one()


def submitted(instance: Instance) -> int:
    """Runs that Dagster has."""
    with dg.DagsterInstance.from_config(str(instance.home / "dagster")) as dagster:
        return dagster.get_runs_count()


def standing(instance: Instance) -> Standing:
    """As both databases have it, read past all of our code that launches."""
    with instance.place.database.read() as session:
        rows = session.execute(sa.select(Task.id, Task.run_id).where(Task.run_id.is_not(None))).all()
    with dg.DagsterInstance.from_config(str(instance.home / "dagster")) as dagster:
        runs = dagster.get_runs()
    return Standing(
        tasks=[(row.id, row.run_id) for row in rows],
        runs=[(int(run.tags[TASK_TAG]), run.run_id) for run in runs if TASK_TAG in run.tags],
        without_task=sum(TASK_TAG not in run.tags for run in runs),
        waiting=still_waiting(instance),
    )
