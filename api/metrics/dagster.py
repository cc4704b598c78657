"""How Dagster stands: runs in the queue of the run coordinator, and when each daemon beat last."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aianime_pipeline.dagster_client.client import DagsterClient, ask_dagster
from aianime_pipeline.dagster_client.model import Daemon, RunStatus
from aianime_pipeline.db.models.base import now

_SECONDS = 3.0


@dataclass(frozen=True)
class DagsterFigures:
    read_at: datetime
    queued_runs: int
    daemons: Sequence[Daemon]


def read_dagster(url: str) -> DagsterFigures:
    """Raises DagsterClientError where it is away."""

    async def ask(dagster: DagsterClient) -> DagsterFigures:
        daemons, queued = await asyncio.gather(dagster.daemons(), dagster.count_runs([RunStatus.QUEUED]))
        return DagsterFigures(now(), queued, daemons)

    return ask_dagster(url, ask, timeout_seconds=_SECONDS, connect_seconds=_SECONDS)
