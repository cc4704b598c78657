"""The job `clean_up` as the outbox launches it."""

import dagster as dg
import pytest
from support.histories import History

from aianime_pipeline import jobs
from aianime_pipeline.db.models import Task
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.tasks.actions import TaskAction, TaskSettings
from aianime_pipeline.production.tasks.orders import TaskOrder, run_order


@pytest.fixture
def history(place: Installation, monkeypatch: pytest.MonkeyPatch) -> History:
    monkeypatch.setattr(jobs, "installation", lambda: place)
    found = History(place)
    found.passes(-3)
    found.put()
    return found


def launched(history: History, settings: TaskSettings) -> tuple[dg.ExecuteInProcessResult, Task]:
    with history.place.database.write() as session:
        task = Task(action="cleanup", settings={}, origin="person", requested_by="li", result={}, state="running")
        session.add(task)
    order = run_order(TaskOrder(task.id, 1, TaskAction.CLEANUP, settings, None, None, "li", 1, False))
    done = jobs.clean_up.execute_in_process(run_config=order.config, tags=order.tags)
    with history.place.database.read() as session:
        return done, session.get_one(Task, task.id)


def test_its_tasks_result_is_what_it_removed(history: History) -> None:
    done, task = launched(history, TaskSettings())
    assert done.success
    assert (task.result["dry_run"], task.result["removed"]["objects"]["count"]) == (False, 1)
    assert history.stored() == history.known() == set()


def test_a_dry_run_removes_nothing(history: History) -> None:
    _, task = launched(history, TaskSettings(dry_run=True))
    assert (task.result["dry_run"], task.result["removed"]["objects"]["count"]) == (True, 1)
    assert len(history.stored()) == len(history.known()) == 1


def test_started_by_hand_it_only_lists(history: History) -> None:
    assert jobs.clean_up.execute_in_process().success
    assert len(history.stored()) == 1
