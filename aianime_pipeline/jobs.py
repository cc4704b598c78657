"""The jobs that people find in the Dagster UI, besides materializing assets by hand."""

import dagster as dg

from aianime_pipeline.assets import ALL_ASSETS
from aianime_pipeline.resources import REMAKE_JOB

MAKE_JOB = "make_episode"

make_episode = dg.define_asset_job(
    MAKE_JOB,
    selection=dg.AssetSelection.assets(*ALL_ASSETS),
    description="Bring an episode up to date, from its screenplay to its ZIP.",
)

remake_shots = dg.define_asset_job(
    REMAKE_JOB,
    selection=dg.AssetSelection.assets(*ALL_ASSETS),
    config={"resources": {"request": {"config": {"shots": [], "force": True}}}},
    description="Make the named shots again, and what follows from them: set resources.request.config.shots.",
)
