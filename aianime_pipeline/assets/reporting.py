"""What the Dagster UI is told: an observation per finished shot, a materialization with counts, table and pictures."""

import base64
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import dagster as dg

from aianime_pipeline.errors import MediaError
from aianime_pipeline.film.posters import contact_sheet
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.runs import StageName, cost_micros, stage_run
from aianime_pipeline.production.shots.currency import out_of_date_shots
from aianime_pipeline.production.shots.requests import document_digest
from aianime_pipeline.production.shots.stages import Decision, Stage
from aianime_pipeline.production.shots.work import ShotResult, StageOutcome, StageWork
from aianime_pipeline.resources import MakeRequest
from aianime_pipeline.storyboard.model import Shot

MICROS = 1_000_000

_IN_THIS_RUN: dict[Decision | None, str] = {
    Decision.MAKE: "made",
    Decision.KEEP: "kept",
    Decision.WAIT: "waiting",
    Decision.SKIP: "skipped",
    None: "failed",
}

ShotEvents = Iterator[dg.AssetObservation | dg.MaterializeResult[None]]


def bring_shots_up_to_date(
    context: dg.AssetExecutionContext, request: MakeRequest, stage: Stage, name: StageName
) -> ShotEvents:
    """One shot stage as a Dagster step. Raises dagster.Failure naming each failed shot, after the others were kept."""
    place, run = request.run_of(context)
    began = time.monotonic()
    with place.database.read() as session:
        episode = find_episode(session, run.episode_key)
    with stage_run(place.database, run, episode.id, name) as progress:
        work = StageWork(place, run, stage, progress)
        for result in work.results():
            if result.decision in (Decision.MAKE, None):
                yield _observation(context, place, result, episode.project.currency)
    outcome = work.outcome
    if failed := outcome.where(None):
        raise dg.Failure(
            description=f"{len(failed)} of {len(outcome.results)} shots failed, the others were kept: "
            + "; ".join(f"shot {result.number}: {result.reason}" for result in failed),
            metadata={"failed_shots": [result.number for result in failed], "table": _shot_table(outcome)},
            allow_retries=False,
        )
    with place.database.read() as session:
        cost = cost_micros(session, run.run_id)
        out_of_date = out_of_date_shots(place, session, episode)
    yield dg.MaterializeResult(
        data_version=dg.DataVersion(_data_version(outcome)),
        metadata={
            **{f"shots_{state}": count for state, count in _states(outcome).items()},
            "made": progress.counts.made,
            "kept": progress.counts.kept,
            "waiting": [result.number for result in outcome.where(Decision.WAIT)],
            "out_of_date": {late.value: shots for late, shots in out_of_date.items()},
            "run_cost_so_far": f"{cost / MICROS:.6f} {episode.project.currency}",
            "seconds": time.monotonic() - began,
            "table": _shot_table(outcome),
            **_pictures(place, stage, outcome),
        },
    )


def _observation(
    context: dg.AssetExecutionContext, place: Installation, result: ShotResult, currency: str
) -> dg.AssetObservation:
    metadata: dict[str, dg.MetadataValue | str | int] = {
        "shot": result.number,
        "state": result.state.value,
        "cost": f"{result.cost_micros / MICROS:.6f} {currency}",
    }
    if result.take is not None:
        metadata["take"] = result.take
    if result.reason:
        metadata["reason"] = result.reason
    if result.digest is not None:
        metadata["link"] = dg.MetadataValue.path(place.store.address(result.digest))
    return dg.AssetObservation(asset_key=context.asset_key, partition=context.partition_key, metadata=metadata)


def _data_version(outcome: StageOutcome) -> str:
    """Digest of the selected takes."""
    return document_digest([[number, result.digest] for number, result in sorted(outcome.results.items())])


def _states(outcome: StageOutcome) -> Counter[str]:
    return Counter(result.state.value for result in outcome.results.values())


def _shot_table(outcome: StageOutcome) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "shot": number,
                    "state": result.state.value,
                    "in_this_run": _IN_THIS_RUN[result.decision],
                    "take": result.take if result.take is not None else "",
                    "current": result.current,
                    "reason": result.reason,
                }
            )
            for number, result in sorted(outcome.results.items())
        ],
        schema=dg.TableSchema(
            columns=[
                dg.TableColumn("shot", "int"),
                dg.TableColumn("state"),
                dg.TableColumn("in_this_run"),
                dg.TableColumn("take"),
                dg.TableColumn("current", "bool"),
                dg.TableColumn("reason"),
            ]
        ),
    )


def _pictures(place: Installation, stage: Stage, outcome: StageOutcome) -> dict[str, dg.MetadataValue]:
    """A contact sheet small enough to live in the event log; sounds have none."""
    digests = [
        (number, result.digest) for number, result in sorted(outcome.results.items()) if result.digest is not None
    ]
    if stage is Stage.VOICE or not digests:
        return {}
    with ExitStack() as stack:
        paths = [stack.enter_context(place.store.local_path(digest)) for _, digest in digests]
        try:
            sheet = contact_sheet(paths, labels=[str(number) for number, _ in digests])
        except MediaError as error:
            # A damaged picture is the film's business; no step fails for its thumbnail.
            return {"contact_sheet": dg.MetadataValue.text(f"cannot be drawn: {error.message}")}
    encoded = base64.b64encode(sheet).decode()
    return {"contact_sheet": dg.MetadataValue.md(f"![contact sheet](data:image/jpeg;base64,{encoded})")}


def storyboard_table(shots: Sequence[Shot]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "shot": shot.number,
                    "seconds": shot.duration_ms / 1000,
                    "framing": shot.framing.value,
                    "camera": shot.camera_move.value,
                    "speaker": "/".join(shot.speakers),
                    "dialogue": shot.dialogue,
                    "description": shot.description,
                }
            )
            for shot in shots
        ],
        schema=dg.TableSchema(
            columns=[
                dg.TableColumn("shot", "int"),
                dg.TableColumn("seconds", "float"),
                dg.TableColumn("framing"),
                dg.TableColumn("camera"),
                dg.TableColumn("speaker"),
                dg.TableColumn("dialogue"),
                dg.TableColumn("description"),
            ]
        ),
    )
