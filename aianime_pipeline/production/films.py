"""The episode's film as a Dagster run makes it: when its gate is open, and the one that is there is of other takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aianime_pipeline.db.models import CompositeTask
from aianime_pipeline.errors import FilmNotReadyError, PipelineError, WorkHeldError
from aianime_pipeline.production.composite_rows import find_task, locked_task
from aianime_pipeline.production.episodes import ShotView, find_episode, load_shots
from aianime_pipeline.production.film_exports import export_film
from aianime_pipeline.production.film_gate import Waiting
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.requests import document_digest
from aianime_pipeline.production.runs import Run, StageProgress
from aianime_pipeline.production.stages import Stage, State
from aianime_pipeline.storyboard.document import shot_to_document


@dataclass(frozen=True)
class FilmResult:
    """`report` is what was measured (film_reports.py); `digest` the film's object, `data_version` what it was made
    from."""

    digest: str
    data_version: str
    made: bool
    report: dict[str, Any]
    path: Path


def film_made_of(views: Sequence[ShotView], task: CompositeTask | None) -> str:
    """Digest of what an episode's film would be made of now: its shots, their selected takes, and the edit. Pure."""
    shots = [[shot_to_document(view.shot), view.skipped, [_object(view, stage) for stage in Stage]] for view in views]
    return document_digest([shots, task.version if task is not None else 0])


def _object(view: ShotView, stage: Stage) -> str | None:
    take = view.stages[stage].take if stage in view.stages else None
    return take.object_digest if take is not None else None


def bring_film_up_to_date(place: Installation, run: Run, progress: StageProgress) -> FilmResult | list[Waiting]:
    """Make the film unless the one that is there is of the same takes. A closed gate gives the waiting shots.

    Raises PipelineError when the film cannot be made, WorkHeldError when another living process is at it.
    """
    progress.counts.total = 1
    with place.database.read() as session:
        episode = find_episode(session, run.episode_key)
        made_of = film_made_of(load_shots(session, episode.id), find_task(session, episode))
    try:
        result = export_film(place, run, run.episode_key, who=f"run {run.run_id}", stage=progress)
    except FilmNotReadyError as error:
        progress.counts.waiting = 1
        return [Waiting(one["shot"], Stage(one["stage"]), State(one["state"])) for one in error.details["waiting"]]
    except WorkHeldError:
        raise
    except (PipelineError, OSError):
        progress.counts.failed = 1
        raise
    with place.database.write() as session:
        locked_task(session, episode).made_of = made_of
    progress.counts.made, progress.counts.kept = int(result.made), int(not result.made)
    progress.step("done", 100.0)
    return FilmResult(result.digest, result.key, result.made, result.report, result.path)
