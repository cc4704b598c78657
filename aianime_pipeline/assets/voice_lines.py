"""Asset `voice_lines`: see production/shots/work.py for what bringing it up to date means."""

import dagster as dg

from aianime_pipeline.assets.episode_partitions import OWNERS, episodes
from aianime_pipeline.assets.reporting import ShotEvents, bring_shots_up_to_date
from aianime_pipeline.assets.storyboards import storyboards
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.resources import MakeRequest


@dg.asset(
    deps=[storyboards],
    partitions_def=episodes,
    group_name="shots",
    kinds={"audio"},
    owners=OWNERS,
    code_version="1",
    description="The spoken dialogue of every shot that has some, each character in their own voice.",
)
def voice_lines(context: dg.AssetExecutionContext, request: MakeRequest) -> ShotEvents:
    yield from bring_shots_up_to_date(context, request, Stage.VOICE, StageName.VOICES)
