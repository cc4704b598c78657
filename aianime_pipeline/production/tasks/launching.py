"""Launching a task's run at once, by whoever took the wish: so that nobody waits for the daemon to come round.

Dagster's launch takes neither a key nor an id of ours. Where it is unknown whether it took one, nothing is repeated:
the lease runs out, and the outbox looks for a run with the task's tags before it launches another.
"""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from aianime_pipeline.dagster_client.client import DagsterClient, ask_dagster
from aianime_pipeline.errors import (
    DagsterClientError,
    DagsterRefusedError,
    DagsterUnavailableError,
    DagsterUnknownError,
)
from aianime_pipeline.partitions import PARTITIONS_NAME
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.tasks.leasing import give_back, launched, lease_next
from aianime_pipeline.production.tasks.orders import TaskOrder, run_order

_WAIT_SECONDS = 10.0
_SEEN_SECONDS = 2.0


class HeldUp(StrEnum):
    AWAY = "away"
    REFUSES = "refuses"
    UNKNOWN = "unknown"
    """It may have been launched."""


@dataclass(frozen=True)
class Launch:
    """`run_id` None: the task waits, and `why` says for what, in the words of an operator; `held_up` is what is wrong
    with Dagster, where something is."""

    run_id: str | None
    why: str = ""
    held_up: HeldUp | None = None


def launch_now(place: Installation, task_id: int) -> Launch:
    """Launch the task's run if it is its turn and Dagster is there. It is kept whatever happens."""
    with place.database.write() as session:
        orders = lease_next(session, "whoever asked for it", room=place.settings.tasks_at_once, only=task_id)
    if not orders:
        return _not_its_turn(place)
    (order,) = orders
    try:
        run_id = _launch(place, order)
    except (DagsterUnavailableError, DagsterRefusedError) as error:
        # Certainly not launched: the daemon does it as soon as it is there.
        with place.database.write() as session:
            give_back(session, order.task, order.attempt)
        return _held_up(error)
    except DagsterClientError as error:
        words = f"it is not known whether Dagster took it ({error.message}); the outbox finds out"
        return Launch(None, words, HeldUp.UNKNOWN)
    with place.database.write() as session:
        launched(session, order.task, order.attempt, run_id)
    return Launch(run_id)


def _held_up(error: DagsterUnavailableError | DagsterRefusedError) -> Launch:
    held_up = HeldUp.AWAY if isinstance(error, DagsterUnavailableError) else HeldUp.REFUSES
    return Launch(
        None, f"Dagster does not take it now ({error.message}); it is launched as soon as Dagster does", held_up
    )


_seen: dict[str, tuple[float, Launch]] = {}
"""By Dagster's address: what was last said to those whose turn it was not, and when."""


def _not_its_turn(place: Installation) -> Launch:
    """Others go first. Whether these wait for Dagster is asked once for all who come within some seconds."""
    url = place.settings.dagster_url
    moment, launch = _seen.get(url, (-math.inf, Launch(None)))
    if time.monotonic() - moment > _SEEN_SECONDS:
        launch = Launch(None, "it is launched when its turn comes")
        try:
            ask_dagster(url, lambda dagster: dagster.version(), timeout_seconds=_SEEN_SECONDS, connect_seconds=1.0)
        except (DagsterUnavailableError, DagsterRefusedError) as error:
            launch = _held_up(error)
        _seen[url] = time.monotonic(), launch
    return launch


def _launch(place: Installation, order: TaskOrder) -> str:
    run = run_order(order)

    async def launch(dagster: DagsterClient) -> str:
        if run.partition is not None:
            await add_partitions(dagster, [run.partition])
        return await dagster.launch(
            run.job, partition=run.partition, assets=run.assets, config=run.config, tags=run.tags
        )

    return ask_dagster(place.settings.dagster_url, launch, timeout_seconds=_WAIT_SECONDS, connect_seconds=1.0)


async def add_partitions(dagster: DagsterClient, episodes: Iterable[str]) -> None:
    """Episodes are partitions within seconds of their import; whoever is faster does not wait for that. Raises
    DagsterUnavailableError, DagsterRefusedError."""
    for episode in episodes:
        try:
            await dagster.add_partition(PARTITIONS_NAME, episode)
        except DagsterUnknownError as error:
            # Added or not: of what is to be done with it nothing was.
            raise DagsterUnavailableError(error.message, **error.details) from error
