"""The episode's film as a Dagster run makes it: when its gate is open, and the one that is there is of other takes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aianime_pipeline.errors import FilmNotReadyError, PipelineError, WorkHeldError
from aianime_pipeline.production.exports.exporting import export_film
from aianime_pipeline.production.films.gate import Waiting
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.runs import Run, StageProgress
from aianime_pipeline.production.shots.stages import Stage, State


@dataclass(frozen=True)
class FilmResult:
    """`report` is what was measured (reports.py); `digest` the film's object, `data_version` what it was made
    from."""

    digest: str
    data_version: str
    made: bool
    report: dict[str, Any]
    path: Path


def bring_film_up_to_date(place: Installation, run: Run, progress: StageProgress) -> FilmResult | list[Waiting]:
    """Make the film unless the one that is there is of the same takes. A closed gate gives the waiting shots.

    Raises PipelineError when the film cannot be made, WorkHeldError when another living process is at it.
    """
    progress.counts.total = 1
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
    progress.counts.made, progress.counts.kept = int(result.made), int(not result.made)
    progress.step("done", 100.0)
    return FilmResult(result.digest, result.key, result.made, result.report, result.path)
