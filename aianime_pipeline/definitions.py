"""The one entry of workspace.yaml. Loads with no database, no network and no secret: services open on first use."""

import dagster as dg

from aianime_pipeline.assets import ALL_ASSETS
from aianime_pipeline.checks import ALL_CHECKS
from aianime_pipeline.checks.standing import INSTALLATION
from aianime_pipeline.jobs import ALL_JOBS
from aianime_pipeline.resources import MakeRequest
from aianime_pipeline.sensors import ALL_SENSORS


def build_defs() -> dg.Definitions:
    return dg.Definitions(
        assets=[*ALL_ASSETS, INSTALLATION],
        asset_checks=ALL_CHECKS,
        jobs=ALL_JOBS,
        sensors=ALL_SENSORS,
        resources={"request": MakeRequest.configure_at_launch()},
        # The shots of a stage are made concurrently inside its step; a process per step would only cost its start.
        executor=dg.in_process_executor,
    )


defs = build_defs()
