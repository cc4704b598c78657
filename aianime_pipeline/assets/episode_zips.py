"""Asset `episode_zips`: the episode's ZIP by its PackageConfig."""

import time

import dagster as dg

from aianime_pipeline.assets.composite_films import composite_films
from aianime_pipeline.assets.episode_partitions import OWNERS, episodes
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.packages.packing import bring_package_up_to_date
from aianime_pipeline.production.runs import StageName, stage_run
from aianime_pipeline.resources import MakeRequest


@dg.asset(
    deps=[composite_films],
    partitions_def=episodes,
    group_name="film",
    kinds={"zip"},
    owners=OWNERS,
    code_version="1",
    description="The film, its subtitles, every shot's image, video and voice, the storyboard and the screenplay, with "
    "a manifest that tells where each file came from.",
)
def episode_zips(context: dg.AssetExecutionContext, request: MakeRequest) -> dg.MaterializeResult[None]:
    place, run = request.run_of(context)
    began = time.monotonic()
    with place.database.read() as session:
        episode = find_episode(session, run.episode_key)
    with stage_run(place.database, run, episode.id, StageName.PACKAGE) as progress:
        try:
            result = bring_package_up_to_date(place, run, progress)
        except BaseException:
            run.stop.set()
            raise
    return dg.MaterializeResult(
        data_version=dg.DataVersion(result.data_version),
        metadata={
            "made": result.made,
            "package": dg.MetadataValue.path(str(result.path)),
            "bytes": result.bytes,
            "files": result.files,
            "seconds": time.monotonic() - began,
        },
    )
