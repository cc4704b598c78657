"""What people do with an episode's storyboard in place: edit its shots, freeze it, open it again.

Shots are changed in place, and the version counts the changes. What was made stays: a removed shot is retired with its
takes, and a changed one is out of date, which is not a reason to make it again by itself.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Project, Storyboard
from aianime_pipeline.db.models import Shot as ShotRow
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import NotFoundError
from aianime_pipeline.production.reviews.storyboards import refuse_stale, tell_storyboard
from aianime_pipeline.production.storyboards.keeping import load_storyboard, refuse_frozen, save_storyboard, set_frozen
from aianime_pipeline.production.tasks.stopping import go_on
from aianime_pipeline.storyboard.document import shot_from_document
from aianime_pipeline.storyboard.editing import ShotEdit, with_edits
from aianime_pipeline.storyboard.model import Shot


def edit_storyboard(
    session: Session, episode: Episode, edits: Sequence[ShotEdit], *, version: int, who: str
) -> Storyboard:
    """Make the edits, one after the other and all or nothing, in the caller's write transaction. `version` is the one
    that the person saw. The review of a storyboard that changed begins anew.

    Raises NotFoundError where there is none, StaleVersionError, StoryboardFrozenError, BadInputError for an edit that
    cannot be.
    """
    row = _held(session, episode)
    refuse_frozen(row, episode)
    refuse_stale(row, episode, version)
    had = load_storyboard(session, episode)
    edited = with_edits(had, edits, removed=removed_shots(session, episode))
    if edited == had:
        return row
    save_storyboard(session, episode, edited, state="editing", source=row.source, source_digest=row.source_digest)
    row.changed_by, row.changed_at = who, now()
    return row


def freeze_storyboard(
    session: Session, episode: Episode, frozen: bool, *, version: int | None = None, who: str
) -> Storyboard:
    """Freeze it: neither edits nor runs change it; or open it again. Raises NotFoundError, StaleVersionError,
    StateError where it is so already."""
    row = _held(session, episode)
    refuse_stale(row, episode, version)
    set_frozen(session, episode, frozen)
    row.changed_by, row.changed_at = who, now()
    tell_storyboard(session, episode, row)
    return row


_REMOVED = (
    sa.select(ShotRow.number, ShotRow.document)
    .where(ShotRow.episode_id == sa.bindparam("episode"), ShotRow.retired.is_(True))
    .order_by(ShotRow.number)
)


def removed_shots(session: Session, episode: Episode) -> dict[int, Shot]:
    """Those that the storyboard had and has no longer, by number: they can be restored with what was made of them."""
    rows = session.execute(_REMOVED, {"episode": episode.id})
    return {number: shot_from_document(document) for number, document in rows}


def _held(session: Session, episode: Episode) -> Storyboard:
    """The storyboard, while nobody else edits it or imports into the project."""
    go_on(session, episode.id)
    session.scalars(sa.select(Project.id).where(Project.id == episode.project_id).with_for_update(key_share=True)).one()
    query = sa.select(Storyboard).where(Storyboard.episode_id == episode.id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFoundError(f"{episode.key} has no storyboard yet.", episode=episode.key)
    return row
