"""What people do with an episode's screenplay: edit its blocks, lock it, unlock it.

Draft (as it was imported) → editing → locked. The first edit begins a version of its own, which further edits change in
place: what was imported stays, and one sitting at a text is one version. Whoever edits says which version and revision
they saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Asset, Episode, Project, Screenplay
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import NotFoundError, StaleVersionError, StateError
from aianime_pipeline.production.assets.collecting import Mention, ensure_assets
from aianime_pipeline.production.events import record_event
from aianime_pipeline.production.screenplays.keeping import (
    block_rows,
    episode_digest,
    read_episode,
    refuse_locked,
    scene_rows,
)
from aianime_pipeline.production.tasks.stopping import go_on
from aianime_pipeline.production.written_text import checked_text
from aianime_pipeline.screenplay import model
from aianime_pipeline.screenplay.collecting import collect_assets
from aianime_pipeline.screenplay.editing import BlockEdit, ChangeBlock, InsertBlock, with_edits


@dataclass(frozen=True)
class Seen:
    """The version, and the revision of it, that a person had before them."""

    version: int
    revision: int


def edit_screenplay(
    session: Session, episode: Episode, edits: Sequence[BlockEdit], *, seen: Seen, who: str
) -> Screenplay:
    """Make the edits, one after the other and all or nothing, in the caller's write transaction. New names of speakers
    become assets. A storyboard that nobody edited is planned anew by the next run; any other is out of date.

    Returns the current version, which is another one after the first edit of a draft. Raises NotFoundError where there
    is no screenplay, StaleVersionError, ScreenplayLockedError, BadInputError for an edit that cannot be.
    """
    row = _held(session, episode)
    refuse_locked(row, episode)
    _refuse_stale(row, episode, seen)
    for edit in edits:
        if isinstance(edit, InsertBlock | ChangeBlock):
            checked_text(edit.words.text, "The text of a block")
    before = read_episode(row, episode)
    written = with_edits(before, edits)
    digest = episode_digest(written, row.language)
    if digest == row.digest:
        return row
    if row.state == "draft":
        row = _begun(session, row, written)
    else:
        _rewrite(session, row, before, written)
        row.revision += 1
    row.digest = digest
    _note(session, episode, row, "edited", who)
    session.flush()
    ensure_assets(session, episode.project, episode, _new_mentions(session, episode, written))
    return row


def lock_screenplay(session: Session, episode: Episode, *, seen: Seen | None = None, who: str) -> Screenplay:
    """Neither edits nor imports change it from now on. Raises NotFoundError, StaleVersionError, StateError where it is
    locked already."""
    row = _held(session, episode)
    if row.state == "locked":
        raise StateError(f"The screenplay of {episode.key} is locked already, by {row.changed_by}.")
    _refuse_stale(row, episode, seen)
    row.state = "locked"
    row.revision += 1
    _note(session, episode, row, "locked", who)
    return row


def unlock_screenplay(session: Session, episode: Episode, *, seen: Seen | None = None, who: str) -> Screenplay:
    """It may be changed again. Raises NotFoundError, StaleVersionError, StateError where it is not locked."""
    row = _held(session, episode)
    if row.state != "locked":
        raise StateError(f"The screenplay of {episode.key} is not locked.")
    _refuse_stale(row, episode, seen)
    row.state = "draft" if row.based_on is None else "editing"
    row.revision += 1
    _note(session, episode, row, "unlocked", who)
    return row


def _held(session: Session, episode: Episode) -> Screenplay:
    """The current version, while nobody else imports into the project or edits in it."""
    go_on(session, episode.id)
    session.scalars(sa.select(Project.id).where(Project.id == episode.project_id).with_for_update(key_share=True)).one()
    row = session.scalars(
        sa.select(Screenplay)
        .where(Screenplay.episode_id == episode.id)
        .order_by(Screenplay.version.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFoundError(f"{episode.key} has no screenplay; import one first.", episode=episode.key)
    return row


def _refuse_stale(row: Screenplay, episode: Episode, seen: Seen | None) -> None:
    if seen is None or seen == Seen(row.version, row.revision):
        return
    when = f" at {row.changed_at:%H:%M:%S} UTC" if row.changed_at is not None else ""
    by = f" {row.changed_by} changed it{when}." if row.changed_by else ""
    raise StaleVersionError(
        f"The screenplay of {episode.key} has changed since you looked: it is in version {row.version}, revision "
        f"{row.revision}; you saw version {seen.version}, revision {seen.revision}.{by}",
        episode=episode.key,
        version=row.version,
        revision=row.revision,
        seen_version=seen.version,
        seen_revision=seen.revision,
        last_by=row.changed_by,
    )


def _begun(session: Session, draft: Screenplay, written: model.ScreenplayEpisode) -> Screenplay:
    row = Screenplay(
        episode_id=draft.episode_id,
        version=draft.version + 1,
        state="editing",
        title=draft.title,
        language=draft.language,
        digest="",
        source_name=draft.source_name,
        source_digest=draft.source_digest,
        revision=1,
        based_on=draft.version,
    )
    row.scenes = scene_rows(written)
    session.add(row)
    return row


def _rewrite(
    session: Session, row: Screenplay, before: model.ScreenplayEpisode, written: model.ScreenplayEpisode
) -> None:
    changed = [
        (scene_row, scene)
        for scene_row, had, scene in zip(row.scenes, before.scenes, written.scenes, strict=True)
        if had.blocks != scene.blocks
    ]
    for scene_row, _ in changed:
        scene_row.blocks.clear()
    # Their places are taken until they are gone.
    session.flush()
    for scene_row, scene in changed:
        scene_row.blocks = block_rows(scene)


def _note(session: Session, episode: Episode, row: Screenplay, change: str, who: str) -> None:
    row.changed_by, row.changed_at = who, now()
    record_event(
        session,
        "screenplay",
        project_id=episode.project_id,
        episode_id=episode.id,
        version=row.version,
        revision=row.revision,
        state=row.state,
        change=change,
        who=who,
    )


def _new_mentions(session: Session, episode: Episode, written: model.ScreenplayEpisode) -> list[Mention]:
    """Those that the project has keep their looks: only a whole file says anew how somebody looks."""
    known = {
        (kind, name)
        for kind, name in session.execute(
            sa.select(Asset.kind, Asset.name).where(Asset.project_id == episode.project_id)
        )
    }
    return [
        Mention(asset.kind, asset.name, "" if (asset.kind, asset.name) in known else asset.description)
        for asset in collect_assets([written])
    ]
