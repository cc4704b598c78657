"""What the Dagster instance says of runs: how they stand, why they failed, and which are silent."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import structlog

from aianime_pipeline.errors import error_codes
from aianime_pipeline.production.claims import dead_workers, runs_with_workers
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.tasks.comparing import Look
from aianime_pipeline.production.tasks.judging import RunState, SeenRun
from aianime_pipeline.production.tasks.orders import ATTEMPT_TAG, TASK_TAG

NEVER_BEAT_AFTER = 150.0
"""Seconds. A run that has begun, of which no process of ours has ever been heard for so long, and that said nothing to
Dagster either, has lost its process before it came to us."""

_WORDS = 500
_log = structlog.get_logger(__name__)
_AT_WORK = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
_STATES = {
    dg.DagsterRunStatus.QUEUED: RunState.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED: RunState.QUEUED,
    dg.DagsterRunStatus.MANAGED: RunState.QUEUED,
    dg.DagsterRunStatus.STARTING: RunState.RUNNING,
    dg.DagsterRunStatus.STARTED: RunState.RUNNING,
    dg.DagsterRunStatus.CANCELING: RunState.RUNNING,
    dg.DagsterRunStatus.SUCCESS: RunState.SUCCEEDED,
    dg.DagsterRunStatus.CANCELED: RunState.CANCELLED,
}


def look_in(instance: dg.DagsterInstance) -> Look:
    """How tasks' runs stand on this instance. Raises what the instance raises: a failed look is no «gone»."""

    def look(attempts: Mapping[int, int]) -> Mapping[int, SeenRun]:
        # The newest come first. Asked for an attempt, too, the database would go through all first attempts.
        runs = instance.get_runs(dg.RunsFilter(tags={TASK_TAG: [str(task) for task in attempts]}))
        newest: dict[int, dg.DagsterRun] = {}
        for run in runs:
            task = int(run.tags[TASK_TAG])
            if run.tags.get(ATTEMPT_TAG) == str(attempts[task]):
                newest.setdefault(task, run)
        return {task: _seen(instance, run) for task, run in newest.items()}

    return look


def _seen(instance: dg.DagsterInstance, run: dg.DagsterRun) -> SeenRun:
    if run.status is not dg.DagsterRunStatus.FAILURE:
        return SeenRun(run.run_id, _STATES[run.status])
    failures = step_failures(instance, run.run_id)
    if failures:
        return SeenRun(run.run_id, RunState.FAILED, "; ".join(failures)[:_WORDS])
    return SeenRun(run.run_id, RunState.LOST, _why_failed(instance, run.run_id)[:_WORDS])


def _why_failed(instance: dg.DagsterInstance, run_id: str) -> str:
    for record in instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.RUN_FAILURE).records:
        event = record.event_log_entry.dagster_event
        if event is not None and event.message:
            return event.message
    return "its run failed"


def report_silent_runs(place: Installation, instance: dg.DagsterInstance, *, most: int = 200) -> list[str]:
    """Runs at work whose processes are all dead are reported failed, or cancelled where that was asked for. Returns
    their ids. Runs of which no process of ours was ever heard are given NEVER_BEAT_AFTER from the first of this
    process's looks on, by a clock that does not jump."""
    records = instance.get_run_records(dg.RunsFilter(statuses=_AT_WORK), limit=most)
    with place.database.read() as session:
        ids = [record.dagster_run.run_id for record in records]
        known, dead = runs_with_workers(session, ids), dead_workers(session, ids)
    silent = []
    for run_id in _quiet_since.keys() - (set(ids) - known):
        del _quiet_since[run_id]
    for record in records:
        run = record.dagster_run
        if run.run_id in dead or (run.run_id not in known and _is_mute(instance, record)):
            _report(instance, run)
            silent.append(run.run_id)
    return silent


_quiet_since: dict[str, tuple[object, float]] = {}
"""Of each run that no process of ours works for yet: the last that it said, and when that was first seen."""


def _is_mute(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    run_id = record.dagster_run.run_id
    last = instance.get_records_for_run(run_id, limit=1, ascending=False).records
    said = (record.update_timestamp, last[0].storage_id if last else None)
    before, since = _quiet_since.get(run_id, (None, 0.0))
    if before != said:
        _quiet_since[run_id] = said, time.monotonic()
        return False
    return time.monotonic() - since > NEVER_BEAT_AFTER


def _report(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    if run.status is dg.DagsterRunStatus.CANCELING:
        instance.report_run_canceled(run, "It was being cancelled, and its process is gone.")
    else:
        instance.report_run_failed(run, "The process of this run is gone; whatever comes next goes on with its work.")


def cancel_runs(instance: dg.DagsterInstance, run_ids: Sequence[str], *, seconds: float = math.inf) -> None:
    """Have these runs end, as many as `seconds` reach for: one that is queued at once, one that runs when its step
    hears of it."""
    until = time.monotonic() + seconds
    for run_id in run_ids:
        if time.monotonic() >= until:
            return
        run = instance.get_run_by_id(run_id)
        if run is not None and not run.is_finished and run.status is not dg.DagsterRunStatus.CANCELING:
            try:
                instance.run_coordinator.cancel_run(run_id)
            except dg.DagsterError as error:
                # Its code server may be gone: the others do not wait for it. It ends with its process (silent_runs).
                _log.warning("a run cannot be cancelled", run=run_id, error=str(error))


def step_failures(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """The failed steps in the words of their errors, without tracebacks."""
    problems = []
    for record in instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records:
        event = record.event_log_entry.dagster_event
        if event is not None:
            data = event.step_failure_data
            problems.append(f"{event.step_key}: {_plainly(data)}")
    return problems


def _plainly(data: Any) -> str:
    if data.user_failure_data is not None and data.user_failure_data.description:
        return str(data.user_failure_data.description)
    error = data.error
    codes = error_codes()
    # Dagster wraps the error of ours; what that one was raised from is a detail.
    while error is not None and error.cls_name not in codes and error.cause is not None:
        error = error.cause
    if error is None:
        return "failed"
    message = str(error.message).strip().partition(": ")[2] or str(error.message).strip()
    return f"{codes[error.cls_name]}: {message}" if error.cls_name in codes else message
