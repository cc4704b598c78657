"""Asset `storyboards`: the episode's shots, planned from the screenplay or kept as a person made them."""

import time

import dagster as dg

from aianime_pipeline.assets.episode_partitions import OWNERS, episodes
from aianime_pipeline.assets.reporting import storyboard_table
from aianime_pipeline.assets.screenplays import screenplays
from aianime_pipeline.production.episodes import find_episode, load_shots
from aianime_pipeline.production.runs import StageName, stage_run
from aianime_pipeline.production.storyboards import bring_storyboard_up_to_date
from aianime_pipeline.resources import MakeRequest


@dg.asset(
    deps=[screenplays],
    partitions_def=episodes,
    group_name="story",
    kinds={"text"},
    owners=OWNERS,
    code_version="1",
    description="The ordered shots of the episode. Planned from the screenplay while nobody edited it; a storyboard "
    "that came from a file, was edited or is frozen does not change under a run.",
)
def storyboards(context: dg.AssetExecutionContext, request: MakeRequest) -> dg.MaterializeResult[None]:
    place, run = request.run_of(context)
    began = time.monotonic()
    with place.database.read() as session:
        episode = find_episode(session, run.episode_key)
    with stage_run(place.database, run, episode.id, StageName.STORYBOARD) as progress:
        state = bring_storyboard_up_to_date(place, episode.id)
        progress.counts.total = state.shots
        progress.counts.made, progress.counts.kept = (state.shots, 0) if state.changed else (0, state.shots)
    with place.database.read() as session:
        shots = [view.shot for view in load_shots(session, episode.id)]
    if state.out_of_date:
        context.log.warning(
            f"The screenplay of {episode.key} changed, but its storyboard is {state.state} and stays as it is."
        )
    return dg.MaterializeResult(
        data_version=dg.DataVersion(state.digest),
        metadata={
            "shots": state.shots,
            "planned_seconds": sum(shot.duration_ms for shot in shots) / 1000,
            "state": state.state,
            "source": state.source,
            "changed": state.changed,
            "out_of_date": state.out_of_date,
            "seconds": time.monotonic() - began,
            "table": storyboard_table(shots),
        },
    )
