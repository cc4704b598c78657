"""Definitions of the shape of ours, whose runs do next to nothing, for tests of what is asked of Dagster."""

import time

import dagster as dg
from pydantic import Field

from aianime_pipeline.partitions import PARTITIONS_NAME

EPISODES = dg.DynamicPartitionsDefinition(name=PARTITIONS_NAME)
PATIENCE_SECONDS = 600


class Wanted(dg.ConfigurableResource):  # type: ignore[type-arg]
    shots: list[int] = Field(default=[])


@dg.asset(partitions_def=EPISODES)
def pictures(context: dg.AssetExecutionContext, wanted: Wanted) -> None:
    context.log.info(f"shots: {wanted.shots}")


@dg.asset(partitions_def=EPISODES, deps=[pictures])
def film() -> None:
    """Nothing is made."""


@dg.asset_check(asset=film)
def plays() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@dg.asset_check(asset=film)
def sounds() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@dg.op
def wait() -> None:
    """Until it is told to end."""
    time.sleep(PATIENCE_SECONDS)


@dg.job
def endless() -> None:
    wait()


make = dg.define_asset_job("make", selection=dg.AssetSelection.assets(pictures, film))
defs = dg.Definitions(
    assets=[pictures, film],
    asset_checks=[plays, sounds],
    jobs=[make, endless],
    resources={"wanted": Wanted.configure_at_launch()},
    executor=dg.in_process_executor,
)
