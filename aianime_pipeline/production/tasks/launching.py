"""Launching a task's run at once, by whoever took the wish: so that nobody waits for the daemon to come round.

Dagster's launch takes neither a key nor an id of ours. Where it is unknown whether it took one, nothing is repeated:
the lease runs out, and the outbox looks for a run with the task's tags before it launches another.
"""

from dataclasses import dataclass

from aianime_pipeline.dagster_client.client import ask_dagster
from aianime_pipeline.errors import DagsterClientError, DagsterRefusedError, DagsterUnavailableError
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.tasks.leasing import give_back, launched, lease_next
from aianime_pipeline.production.tasks.orders import TaskOrder, run_order

_WAIT_SECONDS = 10.0


@dataclass(frozen=True)
class Launch:
    """`run_id` None: the task waits, and `why` says for what."""

    run_id: str | None
    why: str = ""


def launch_now(place: Installation, task_id: int) -> Launch:
    """Launch the task's run if it is its turn and Dagster is there. It is kept whatever happens."""
    with place.database.write() as session:
        orders = lease_next(session, "whoever asked for it", room=place.settings.tasks_at_once, only=task_id)
    if not orders:
        return Launch(None, "it is launched when its turn comes")
    (order,) = orders
    try:
        run_id = _launch(place, order)
    except (DagsterUnavailableError, DagsterRefusedError) as error:
        # Certainly not launched: the daemon does it as soon as it is there.
        with place.database.write() as session:
            give_back(session, order.task, order.attempt)
        return Launch(None, f"Dagster does not take it now ({error.message}); it is launched as soon as Dagster does")
    except DagsterClientError as error:
        return Launch(None, f"it is not known whether Dagster took it ({error.message}); the outbox finds out")
    with place.database.write() as session:
        launched(session, order.task, order.attempt, run_id)
    return Launch(run_id)


def _launch(place: Installation, order: TaskOrder) -> str:
    run = run_order(order)
    return ask_dagster(
        place.settings.dagster_url,
        lambda dagster: dagster.launch(
            run.job, partition=run.partition, assets=run.assets, config=run.config, tags=run.tags
        ),
        timeout_seconds=_WAIT_SECONDS,
        connect_seconds=1.0,
    )
