"""Asset `shot_images`: see production/shots/work.py for what bringing it up to date means."""

import dagster as dg

from aianime_pipeline.assets.episode_partitions import OWNERS, episodes
from aianime_pipeline.assets.reference_images import reference_images
from aianime_pipeline.assets.reporting import ShotEvents, bring_shots_up_to_date
from aianime_pipeline.assets.storyboards import storyboards
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.resources import MakeRequest


@dg.asset(
    deps=[storyboards, reference_images],
    partitions_def=episodes,
    group_name="shots",
    kinds={"image"},
    owners=OWNERS,
    code_version="1",
    description="The key frame of every shot. "
    "Approved, locked and current shots are left alone; each new one is kept the moment it is there.",
)
def shot_images(context: dg.AssetExecutionContext, request: MakeRequest) -> ShotEvents:
    yield from bring_shots_up_to_date(context, request, Stage.IMAGE, StageName.IMAGES)
