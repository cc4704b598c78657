"""Asset `shot_videos`: see production/shots/work.py for what bringing it up to date means."""

import dagster as dg

from aianime_pipeline.assets.episode_partitions import OWNERS, episodes
from aianime_pipeline.assets.reporting import ShotEvents, bring_shots_up_to_date
from aianime_pipeline.assets.shot_images import shot_images
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.resources import MakeRequest


@dg.asset(
    deps=[shot_images],
    partitions_def=episodes,
    group_name="shots",
    kinds={"video"},
    owners=OWNERS,
    code_version="1",
    description="The moving clip of every shot whose image is approved. "
    "A shot that wants no video is a still with a camera move in the film.",
)
def shot_videos(context: dg.AssetExecutionContext, request: MakeRequest) -> ShotEvents:
    yield from bring_shots_up_to_date(context, request, Stage.VIDEO, StageName.VIDEOS)
