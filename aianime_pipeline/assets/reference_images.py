"""Asset `reference_images`: the episode's view of the project's characters, locations and props."""

import time

import dagster as dg

from aianime_pipeline.assets.episode_partitions import OWNERS, episodes
from aianime_pipeline.assets.storyboards import storyboards
from aianime_pipeline.production.assets.references import make_references
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.runs import StageName, stage_run
from aianime_pipeline.production.shots.requests import document_digest
from aianime_pipeline.resources import MakeRequest


@dg.asset(
    deps=[storyboards],
    partitions_def=episodes,
    group_name="story",
    kinds={"image"},
    owners=OWNERS,
    code_version="1",
    description="Reference pictures of the characters, locations and props that the episode shows. They belong to the "
    "project: whichever episode needs one first makes it, the others wait for it.",
)
def reference_images(context: dg.AssetExecutionContext, request: MakeRequest) -> dg.MaterializeResult[None]:
    place, run = request.run_of(context)
    began = time.monotonic()
    with place.database.read() as session:
        episode = find_episode(session, run.episode_key)
    with stage_run(place.database, run, episode.id, StageName.REFERENCES) as progress:
        results = sorted(make_references(place, run, progress), key=lambda result: (result.kind, result.name))
    if failed := [result for result in results if result.failed]:
        raise dg.Failure(
            description=f"{len(failed)} of {len(results)} reference pictures failed, the others were kept: "
            + "; ".join(f"{result.name}: {result.reason}" for result in failed),
            allow_retries=False,
        )
    rows = [
        f"| {result.kind} | {result.name.replace('|', '/')} | {result.version} | {place.store.address(result.digest)} |"
        for result in results
        if result.digest is not None
    ]
    return dg.MaterializeResult(
        data_version=dg.DataVersion(document_digest([[r.kind, r.name, r.digest] for r in results])),
        metadata={
            "assets": len(results),
            "made": progress.counts.made,
            "kept": progress.counts.kept,
            "seconds": time.monotonic() - began,
            "table": dg.MetadataValue.md(
                "\n".join(["| kind | name | version | picture |", "|---|---|---|---|", *rows])
            ),
        },
    )
