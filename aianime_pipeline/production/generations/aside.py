"""Results that are paid for and that no run fetches, since a person has decided about their shot meanwhile: each is
kept as a take of its shot that does not count."""

from datetime import timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Generation, Shot, ShotStage, Take
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import MediaError, PipelineError, ProviderError
from aianime_pipeline.production.events import tell_shot
from aianime_pipeline.production.generations.finishing import collected
from aianime_pipeline.production.generations.settling import settle_success, settle_unusable
from aianime_pipeline.production.generations.work import Finished
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.shots.inspection import inspect_take
from aianime_pipeline.production.shots.requests import CAPABILITY
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.providers.capabilities import Capability
from aianime_pipeline.providers.vendor import Answer

_GIVEN_UP = timedelta(days=1)
"""Vendors keep a result for about as long: after that it is not tried again to fetch one."""

_STAGE = {capability: stage for stage, capability in CAPABILITY.items()}

_log = structlog.get_logger(__name__)


def stage_of(row: Generation) -> Stage:
    """The stage of a shot that a generation is for."""
    return _STAGE[Capability(row.capability)]


def keep_aside(place: Installation, row: Generation, answer: Answer, currency: str) -> bool:
    """Fetch the result of a job that succeeded, into the take that it was begun for; the shot stays as it is. The
    generation is settled with its cost.

    False where it cannot be fetched now, and is to be tried again. What is no picture, clip or sound, belongs to no
    take, or cannot be fetched for a day is settled without its result: it is charged all the same.
    """
    with place.database.read() as session:
        of_this = sa.select(Take).where(Take.generation_id == row.id)
        take = session.scalar(of_this.order_by(Take.id.desc()).limit(1))
    if take is None:
        settle_unusable(place, row.id, answer, currency, PipelineError("no take of its shot waits for it"))
        return True
    capability = Capability(row.capability)
    route = place.route_named(row.route or "local/animatic", capability)
    try:
        facts, stored = collected(
            place, row.id, route, answer, capability, lambda path: inspect_take(stage_of(row), path)
        )
    except (PipelineError, OSError) as error:
        useless = isinstance(error, MediaError) or (isinstance(error, ProviderError) and error.details.get("unusable"))
        if useless or now() - (row.submitted_at or row.created_at) > _GIVEN_UP:
            settle_unusable(place, row.id, answer, currency, error)
            return True
        _log.warning("a result that no run fetches cannot be fetched yet", generation=row.id, error=str(error))
        return False

    def keep(session: Session, finished: Finished) -> None:
        mine = session.get_one(Take, take.id)
        mine.state, mine.object_digest, mine.facts = "ready", finished.stored.digest, finished.facts
        mine.reason = "it came after a person had decided about its shot"
        stage = session.get_one(ShotStage, mine.stage_id)
        shot = session.get_one(Shot, stage.shot_id)
        tell_shot(session, session.get_one(Episode, shot.episode_id), shot.number, stage)

    settle_success(place, row.id, answer, currency, facts, stored, keep)
    return True
