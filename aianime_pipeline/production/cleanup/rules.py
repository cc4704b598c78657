"""What may go, as queries: each project by its own retention, and nothing that anybody is at work on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from aianime_pipeline.accounts.idempotency import KEPT
from aianime_pipeline.db.models import (
    CompositeTask,
    Delivery,
    Episode,
    Event,
    Export,
    Generation,
    IdempotencyKey,
    Notice,
    Project,
    ReviewRecord,
    Shot,
    ShotStage,
    Take,
)
from aianime_pipeline.db.models.base import Instant
from aianime_pipeline.film.presets.presets import MAIN
from aianime_pipeline.production.films.composite_rows import ExportState
from aianime_pipeline.production.films.composite_states import CompositeState
from aianime_pipeline.production.projects.retention import Retention, retention_of
from aianime_pipeline.production.shots.stages import IN_WORK, State
from aianime_pipeline.providers.capabilities import Capability
from aianime_pipeline.storage.store import GRACE

_NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""Nothing is older."""
_OPEN = ("intent", "submitted", "ambiguous")
_FILES = tuple(str(one) for one in (Capability.IMAGE, Capability.VIDEO, Capability.SPEECH, Capability.MUSIC))
"""Results that are large. A language model's answers are small, and save the money for asking again."""
_BUSY = tuple(str(state) for state in (*IN_WORK, State.AI_REVIEWING))

Rows = dict[int, str]
"""Rows by id with the digest that each of them has."""


@dataclass(frozen=True)
class Rules:
    """`own` are the retentions of projects that have one, by the project's id."""

    moment: datetime
    own: Mapping[int, Retention]

    @property
    def grace(self) -> datetime:
        """What is younger is left alone whatever refers to it."""
        return self.moment - GRACE

    def cutoff(self, kept: str, project: InstrumentedAttribute[Any]) -> sa.ColumnElement[datetime]:
        """Of the row's project, as usual where it is about none."""
        usual = self._literal(Retention(), kept)
        own = {number: self._literal(one, kept) for number, one in self.own.items()}
        return sa.case(own, value=project, else_=usual) if own else usual

    def _literal(self, retention: Retention, kept: str) -> sa.ColumnElement[datetime]:
        return sa.literal(retention.cutoff(kept, self.moment) or _NEVER, Instant())


def load_rules(session: Session, moment: datetime) -> Rules:
    """Raises BadSettingError naming the project whose retention is none."""
    own = session.scalars(sa.select(Project).where(Project.retention.is_not(None)))
    return Rules(moment, {project.id: retention_of(project) for project in own})


def superseded_takes(session: Session, rules: Rules, digests: Collection[str]) -> Rows:
    """Ready takes with one of these files in whose place another one counts. On their stage nothing happened within the
    retention (no take, no verdict, no selection), and nobody is at work on their shot."""
    cutoff = rules.cutoff("superseded_takes", Episode.project_id)
    newer, beside, of_stage = aliased(Take), aliased(ShotStage), aliased(Take)
    said = ReviewRecord.created_at >= cutoff
    query = (
        sa.select(Take.id, Take.object_digest)
        .join(ShotStage, ShotStage.id == Take.stage_id)
        .join(Shot, Shot.id == ShotStage.shot_id)
        .join(Episode, Episode.id == Shot.episode_id)
        .where(
            Take.object_digest.in_(digests),
            Take.state == "ready",
            ShotStage.selected_take_id != Take.id,
            Take.created_at < cutoff,
            ~sa.exists().where(newer.stage_id == ShotStage.id, newer.created_at >= cutoff),
            ~sa.exists().where(ReviewRecord.stage_id == ShotStage.id, said),
            ~sa.exists().where(ReviewRecord.take_id == of_stage.id, of_stage.stage_id == ShotStage.id, said),
            ~sa.exists().where(beside.shot_id == Shot.id, beside.state.in_(_BUSY)),
            ~sa.exists().where(Generation.shot_id == Shot.id, Generation.state.in_(_OPEN)),
        )
    )
    return {row: digest for row, digest in session.execute(query) if digest is not None}


def old_results(session: Session, rules: Rules, digests: Collection[str]) -> Rows:
    """Generations with one of these files that were settled before the retention: the file is theirs only so long as
    something shows it."""
    query = sa.select(Generation.id, Generation.result_digest).where(
        Generation.result_digest.in_(digests),
        Generation.state == "succeeded",
        Generation.capability.in_(_FILES),
        Generation.settled_at < rules.cutoff("superseded_takes", Generation.project_id),
    )
    return {row: digest for row, digest in session.execute(query) if digest is not None}


def old_exports(session: Session, rules: Rules) -> list[tuple[int, int]]:
    """Exports with their episode, both by id: finished before the retention, but never the episode's film, and none
    while the episode is being exported."""
    cutoff = sa.case(
        (Export.draft, rules.cutoff("drafts", Episode.project_id)),
        else_=rules.cutoff("exports", Episode.project_id),
    )
    query = (
        sa.select(Export.id, Episode.id)
        .join(CompositeTask, CompositeTask.id == Export.composite_task_id)
        .join(Episode, Episode.id == CompositeTask.episode_id)
        .where(
            Export.state == ExportState.DONE.value,
            Export.finished_at < cutoff,
            sa.or_(Export.draft, Export.name != MAIN),
            CompositeTask.state != CompositeState.EXPORTING.value,
        )
        .order_by(Export.id)
    )
    return [(export, episode) for export, episode in session.execute(query)]


def old_events(rules: Rules) -> sa.Select[int]:
    """Their ids. The newest stays: SQLite would give its id again, and who watches has read up to there."""
    newest = sa.select(sa.func.max(Event.id)).scalar_subquery()
    return sa.select(Event.id).where(Event.created_at < rules.cutoff("events", Event.project_id), Event.id < newest)


def old_keys(rules: Rules) -> sa.ColumnElement[bool]:
    """Keys of requests: of no project, so that no retention is theirs."""
    return IdempotencyKey.created_at < rules.moment - KEPT


def old_notices(rules: Rules) -> sa.Select[int]:
    """Their ids, but of those that are still on their way. The newest stays, as with the events."""
    newest = sa.select(sa.func.max(Notice.id)).scalar_subquery()
    on_its_way = sa.exists().where(Delivery.notice_id == Notice.id, Delivery.state.in_(("pending", "sending")))
    old = Notice.created_at < rules.cutoff("notices", Notice.project_id)
    return sa.select(Notice.id).where(old, Notice.id < newest, ~on_its_way)
