"""Asset checks of the AI review line: what waits for the AI reviewer is looked at, and every shot's verdict is told.

They run before what is made from the asset is begun, so that one run goes from images over their review to videos. A
verdict never stops a run: what is not approved is left out by the next stage itself.
"""

from collections.abc import Iterator

import dagster as dg

from aianime_pipeline.assets.episode_partitions import episode_check
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.reviews.ai import ShotReview, StageReview, review_stage, reviews_by_ai
from aianime_pipeline.production.runs import cost_micros
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.resources import MakeRequest

NOTHING = "nothing to review"

_MICROS = 1_000_000
_COLUMNS = [
    dg.TableColumn("shot", "int"),
    dg.TableColumn("verdict"),
    dg.TableColumn("score"),
    dg.TableColumn("reasons"),
    dg.TableColumn("state"),
    dg.TableColumn("reviewer"),
]


def _review_check(name: str, asset: str, stage: Stage, description: str) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(name=f"{name}s", specs=[episode_check(name, asset, description, blocking=True)])
    def check(context: dg.AssetCheckExecutionContext, request: MakeRequest) -> Iterator[dg.AssetCheckResult]:
        place, run = request.run_of(context)
        found = review_stage(place, run, stage)
        with place.database.read() as session:
            project = find_episode(session, run.episode_key).project
            cost = cost_micros(session, run.run_id)
        words = f"{NOTHING}: nobody asked for an AI review" if not reviews_by_ai(project, stage) else NOTHING
        yield dg.AssetCheckResult(
            check_name=name,
            asset_key=dg.AssetKey(asset),
            passed=found.passed,
            severity=dg.AssetCheckSeverity.WARN,
            description=_in_words(found) or words,
            metadata={
                "reviewed": found.reviewed,
                "run_cost_so_far": f"{cost / _MICROS:.6f} {project.currency}",
                "table": _table(found),
            },
        )

    return check


def _in_words(found: StageReview) -> str:
    """Such as `3 approved, 1 rejected`."""
    verdicts = [one.verdict for one in found.shots]
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts))


def _table(found: StageReview) -> dg.TableMetadataValue:
    return dg.MetadataValue.table([_row(one) for one in found.shots], schema=dg.TableSchema(columns=_COLUMNS))


def _row(one: ShotReview) -> dg.TableRecord:
    score = one.score if one.score is not None else ""
    return dg.TableRecord(
        {
            "shot": one.shot,
            "verdict": one.verdict,
            "score": score,
            "reasons": one.reasons,
            "state": one.state.value,
            "reviewer": one.reviewer,
        }
    )


REVIEW_CHECKS = [
    _review_check(
        "image_review", "shot_images", Stage.IMAGE, "The AI reviewer approves every image that it was asked about."
    ),
    _review_check(
        "video_review", "shot_videos", Stage.VIDEO, "The AI reviewer approves every video that it was asked about."
    ),
    _review_check(
        "voice_review", "voice_lines", Stage.VOICE, "The AI reviewer approves every line that it was asked about."
    ),
]
