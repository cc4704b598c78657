"""Asset `composite_films`: the episode's film. It has the one gate: every shot must be approved."""

import time
from collections.abc import Iterator

import dagster as dg

from aianime_pipeline.assets.episode_partitions import OWNERS, episode_check, episodes
from aianime_pipeline.assets.shot_images import shot_images
from aianime_pipeline.assets.shot_videos import shot_videos
from aianime_pipeline.assets.voice_lines import voice_lines
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.films.gate import Waiting
from aianime_pipeline.production.films.making import FilmResult, bring_film_up_to_date
from aianime_pipeline.production.runs import StageName, stage_run
from aianime_pipeline.resources import MakeRequest

READY_CHECK = "ready"


@dg.asset(
    deps=[shot_images, shot_videos, voice_lines],
    partitions_def=episodes,
    group_name="film",
    kinds={"video", "ffmpeg"},
    owners=OWNERS,
    code_version="1",
    output_required=False,
    check_specs=[episode_check(READY_CHECK, "composite_films", "Every shot that the film needs is approved.")],
    description="The episode's film: picture, speech, ducked music, subtitles. While shots wait for review it is not "
    "made, the check `ready` names them, and the run ends well.",
)
def composite_films(
    context: dg.AssetExecutionContext, request: MakeRequest
) -> Iterator[dg.AssetObservation | dg.AssetCheckResult | dg.MaterializeResult[None]]:
    place, run = request.run_of(context)
    began = time.monotonic()
    with place.database.read() as session:
        episode = find_episode(session, run.episode_key)
    with stage_run(place.database, run, episode.id, StageName.FILM) as progress:
        try:
            result = bring_film_up_to_date(place, run, progress)
        except BaseException:
            # A cancelled run: what works for it in other threads ends too.
            run.stop.set()
            raise
    if isinstance(result, FilmResult):
        yield _materialization(result, time.monotonic() - began)
        return
    yield dg.AssetObservation(
        asset_key=context.asset_key,
        partition=context.partition_key,
        metadata={"waiting_shots": sorted({one.shot for one in result}), "waiting": dg.MetadataValue.md(_list(result))},
    )
    yield dg.AssetCheckResult(
        check_name=READY_CHECK,
        passed=False,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"waiting": dg.MetadataValue.md(_list(result))},
    )


def _materialization(result: FilmResult, seconds: float) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        data_version=dg.DataVersion(result.data_version),
        metadata={
            "made": result.made,
            "seconds_to_make": seconds,
            "film": dg.MetadataValue.path(str(result.path)),
            **{name: result.report[name] for name in ("frames", "seconds", "bytes", "segments_made", "segments_kept")},
            "loudness_lufs": str(result.report["lufs"]),
            "grown_shots": [grown["number"] for grown in result.report["grown"]],
            "warnings": dg.MetadataValue.md("\n".join(f"- {warning}" for warning in result.report["warnings"])),
            "report": dg.MetadataValue.json(result.report),
        },
        check_results=[dg.AssetCheckResult(check_name=READY_CHECK, passed=True)],
    )


def _list(waiting: list[Waiting]) -> str:
    return "\n".join(f"- {one}" for one in waiting)
