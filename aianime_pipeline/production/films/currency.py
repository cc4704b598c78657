"""What an episode's film would be made of now: by it the film that is there is found to be of other takes. Pure."""

from collections.abc import Sequence

from aianime_pipeline.production.episodes.rows import ShotView
from aianime_pipeline.production.shots.requests import document_digest
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.storyboard.document import shot_to_document


def film_made_of(views: Sequence[ShotView], version: int) -> str:
    """Digest of the shots, their selected takes, and the edit by its `version`, 0 where there is none."""
    shots = [[shot_to_document(view.shot), view.skipped, [_object(view, stage) for stage in Stage]] for view in views]
    return document_digest([shots, version])


def _object(view: ShotView, stage: Stage) -> str | None:
    take = view.stages[stage].take if stage in view.stages else None
    return take.object_digest if take is not None else None
