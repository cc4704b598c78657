"""Every call of the client, each with something in all that it takes."""

from collections.abc import Awaitable, Callable
from typing import Any

from aianime_pipeline.dagster_client.client import DagsterClient
from aianime_pipeline.dagster_client.model import RunStatus

Question = Callable[[DagsterClient], Awaitable[Any]]


def launch(dagster: DagsterClient) -> Awaitable[Any]:
    return dagster.launch(
        "make",
        partition="moonlit-e001",
        assets=["film"],
        checks=[("film", "plays")],
        config={"resources": {"wanted": {"config": {"shots": [3]}}}},
        tags={"aianime/task": "7"},
    )


CHANGES: dict[str, Question] = {
    "launch": launch,
    "backfill_assets": lambda dagster: dagster.backfill_assets(
        ["film"], ["moonlit-e001"], config={"a": 1}, tags={"b": "c"}
    ),
    "backfill_job": lambda dagster: dagster.backfill_job("make", ["moonlit-e001"], config={"a": 1}, tags={"b": "c"}),
    "add_partition": lambda dagster: dagster.add_partition("episodes", "moonlit-e001"),
    "terminate": lambda dagster: dagster.terminate("a run"),
}
LOOKS: dict[str, Question] = {
    "run": lambda dagster: dagster.run("a run"),
    "runs": lambda dagster: dagster.runs({"aianime/task": "7"}, limit=3),
    "count_runs": lambda dagster: dagster.count_runs([RunStatus.QUEUED, RunStatus.STARTED]),
    "backfill": lambda dagster: dagster.backfill("a backfill"),
    "backfills": lambda dagster: dagster.backfills({"aianime/key": "a"}, limit=3),
    "daemons": lambda dagster: dagster.daemons(),
    "location": lambda dagster: dagster.location(),
    "version": lambda dagster: dagster.version(),
}
