"""An episode of three shots in the project `p`, nobody's Dagster, and people of the project to ask for work in it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.making import Studio
from support.people import People

from aianime_pipeline import jobs, resources
from aianime_pipeline.db.models import Task
from aianime_pipeline.definitions import defs
from aianime_pipeline.partitions import PARTITIONS_NAME
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.tasks.leasing import order_of
from aianime_pipeline.production.tasks.orders import run_order

Person = Callable[[str], TestClient]
AWAY = "http://127.0.0.1:9"
"""Nothing listens on the port of the discard protocol."""


@pytest.fixture
def place(place: Installation) -> Installation:
    place.settings = replace(place.settings, dagster_url=AWAY)
    return place


@pytest.fixture
def three(studio: Studio, tmp_path: Path) -> Studio:
    studio.storyboard(tmp_path, 3)
    return studio


@pytest.fixture
def person(client: TestClient, people: People) -> Person:
    """Of the project `p`."""

    def log_in(who: str) -> TestClient:
        headers = {"Authorization": f"Bearer {people.token(who, 'p')}"}
        return TestClient(client.app, base_url="http://api.test", raise_server_exceptions=False, headers=headers)

    return log_in


@pytest.fixture
def tasks(place: Installation) -> Callable[[], Sequence[Task]]:
    """All that there are, in order."""

    def look() -> Sequence[Task]:
        with place.database.read() as session:
            return session.scalars(sa.select(Task).order_by(Task.id)).all()

    return look


@pytest.fixture
def set_task(place: Installation) -> Callable[..., None]:
    """What the outbox would have made of it."""

    def change(task: int, **values: Any) -> None:
        with place.database.write() as session:
            session.execute(sa.update(Task).where(Task.id == task).values(**values))

    return change


@pytest.fixture
def run_task(
    place: Installation, set_task: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], dg.ExecuteInProcessResult]:
    """The run that the outbox would launch for a task, in this process."""
    # The module, not the asset that its package calls the same.
    for module in (resources, jobs, import_module("aianime_pipeline.assets.screenplays")):
        monkeypatch.setattr(module, "installation", lambda: place)

    def run(task: int) -> dg.ExecuteInProcessResult:
        with place.database.read() as session:
            order = run_order(order_of(session, session.get_one(Task, task)))
        assert order.partition is not None
        instance = dg.DagsterInstance.ephemeral()
        instance.add_dynamic_partitions(PARTITIONS_NAME, [order.partition])
        done = defs.resolve_job_def(order.job).execute_in_process(
            instance=instance,
            partition_key=order.partition,
            asset_selection=[dg.AssetKey(asset) for asset in order.assets] or None,
            run_config=order.config,
            tags=order.tags,
            raise_on_error=False,
        )
        set_task(task, run_id=done.run_id, state="done" if done.success else "failed")
        return done

    return run
