"""Asset `storyboards`: the episode's shots, planned from the screenplay or kept as a person made them."""

import time
from dataclasses import replace

import dagster as dg

from aianime_pipeline.assets.episode_partitions import OWNERS, episodes
from aianime_pipeline.assets.reporting import storyboard_table
from aianime_pipeline.assets.screenplays import screenplays
from aianime_pipeline.db.models import Episode
from aianime_pipeline.production.episodes.rows import find_episode, load_shots
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.makers.text import story_model
from aianime_pipeline.production.runs import Run, StageName, stage_run
from aianime_pipeline.production.shots.stages import AWAITS_PERSON, DONE
from aianime_pipeline.production.storyboards.keeping import (
    StoryboardState,
    approved_by_nobody,
    bring_storyboard_up_to_date,
    reviewed_by_ai,
)
from aianime_pipeline.production.storytelling import bring_told_storyboard_up_to_date, describe_looks
from aianime_pipeline.resources import MakeRequest


def _brought_up_to_date(place: Installation, run: Run, episode: Episode) -> StoryboardState:
    """By the language model that is routed, with the looks that it gives the cast first; else by the planner."""
    # Everything waits for the story: a run has patience for it.
    patient = replace(run, patient_until=None)
    story = story_model(place, patient, episode.project.slug, episode_id=episode.id)
    if story is None:
        return bring_storyboard_up_to_date(place, episode.id)
    describe_looks(place, [episode.key], story)
    return bring_told_storyboard_up_to_date(place, episode.id, story)


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
        state = _brought_up_to_date(place, run, episode)
        state = replace(state, review=reviewed_by_ai(place, episode.id))
        if run.auto_review and state.review in AWAITS_PERSON:
            state = replace(state, review=approved_by_nobody(place, episode.id))
        progress.counts.total = state.shots
        progress.counts.waiting = 0 if state.review in DONE else state.shots
        progress.counts.made, progress.counts.kept = (state.shots, 0) if state.changed else (0, state.shots)
    if state.review not in DONE:
        context.log.info(f"The storyboard of {episode.key} is {state.review}: its images wait for that.")
    with place.database.read() as session:
        shots = [view.shot for view in load_shots(session, episode.id)]
    if state.by_rules:
        context.log.warning(
            f"The language model was of no use for {len(state.by_rules)} scenes: the rules planned them."
        )
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
            "review": state.review.value,
            "source": state.source,
            "scenes_by_rules": [f"{plan.scene}: {plan.reason}" for plan in state.by_rules],
            "changed": state.changed,
            "out_of_date": state.out_of_date,
            "seconds": time.monotonic() - began,
            "table": storyboard_table(shots),
        },
    )
