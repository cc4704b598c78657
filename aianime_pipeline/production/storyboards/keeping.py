"""An episode's storyboard: planned from its screenplay or read from a file, kept, frozen, given out."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Screenplay, Storyboard
from aianime_pipeline.db.models import Shot as ShotRow
from aianime_pipeline.errors import BadInputError, NotFoundError, StateError, StoryboardFrozenError
from aianime_pipeline.production.assets.collecting import ensure_assets, prop_names, storyboard_mentions
from aianime_pipeline.production.episodes.rows import AUTO_REVIEWER
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.reviews.storyboards import begin_review, move, review_by_ai
from aianime_pipeline.production.screenplays.keeping import current_screenplay, read_episode
from aianime_pipeline.production.shots.requests import document_digest
from aianime_pipeline.production.shots.stages import AWAITS_PERSON, Event, State
from aianime_pipeline.production.tasks.stopping import go_on
from aianime_pipeline.storyboard import model
from aianime_pipeline.storyboard.document import from_document, shot_to_document, to_document
from aianime_pipeline.storyboard.importing import write_storyboard
from aianime_pipeline.storyboard.model import PLANNER
from aianime_pipeline.storyboard.planner import PLANNER_VERSION, plan_storyboard
from aianime_pipeline.storytelling.boarding import BOARDING_VERSION

TOLD_BY = "story model "
"""In front of a language model's name: the source of a storyboard that it drew up."""


@dataclass(frozen=True)
class StoryboardState:
    """What a bringing-up-to-date found or did: `changed` when the shots are others than before."""

    shots: int
    state: str
    changed: bool
    digest: str
    source: str
    out_of_date: bool
    """The screenplay went on, but the storyboard was edited or frozen, so it stays as it is."""
    review: State
    """Where its review stands: images begin once it is approved."""
    by_rules: tuple[model.ScenePlan, ...] = ()
    """Scenes that the rules planned because a language model could not, each with the reason."""


def bring_storyboard_up_to_date(place: Installation, episode_key_id: int) -> StoryboardState:
    """Plan the storyboard if there is none, or if the screenplay changed since a storyboard nobody edited."""
    with place.database.write() as session:
        episode = session.get_one(Episode, episode_key_id)
        row = storyboard_row(session, episode.id)
        screenplay = current_screenplay(session, episode.id)
        if screenplay is None and row is None:
            raise NotFoundError(f"{episode.key} has neither a screenplay nor a storyboard: import one first.")
        changed = False
        if screenplay is not None and is_due(row, screenplay, episode):
            before = storyboard_digest(session, episode.id)
            _plan(session, episode, screenplay)
            changed = before != storyboard_digest(session, episode.id)
        return storyboard_state(session, episode, changed=changed)


def reviewed_by_ai(place: Installation, episode_id: int) -> State:
    """Where the storyboard's review stands once the AI reviewer, where the project has one, has looked at it."""
    with place.database.write() as session:
        episode, row = session.get_one(Episode, episode_id), storyboard_row(session, episode_id)
        assert row is not None
        return review_by_ai(session, episode, row, load_storyboard(session, episode))


def approved_by_nobody(place: Installation, episode_id: int) -> State:
    """Let through what waits for a person, on record as approved by `auto`. Returns the state of its review."""
    with place.database.write() as session:
        episode, row = session.get_one(Episode, episode_id), storyboard_row(session, episode_id)
        assert row is not None
        if State(row.review_state) in AWAITS_PERSON:
            move(session, episode, row, Event.APPROVED, kind="auto", reviewer=AUTO_REVIEWER)
        return State(row.review_state)


# Asked with nearly every look at an episode: made once.
_EPISODE_ID: sa.BindParameter[int] = sa.bindparam("episode")
_ROW = sa.select(Storyboard).where(Storyboard.episode_id == _EPISODE_ID)
_SHOTS = (
    sa.select(ShotRow).where(ShotRow.episode_id == _EPISODE_ID, ShotRow.retired.is_(False)).order_by(ShotRow.position)
)


def storyboard_row(session: Session, episode_id: int) -> Storyboard | None:
    return session.scalar(_ROW, {"episode": episode_id})


def find_storyboard(session: Session, episode: Episode) -> Storyboard:
    """Raises NotFoundError."""
    row = storyboard_row(session, episode.id)
    if row is None:
        raise NotFoundError(
            f"{episode.key} has no storyboard yet: make one with  aianime make {episode.key} --to storyboard",
            episode=episode.key,
        )
    return row


def is_due(row: Storyboard | None, screenplay: Screenplay, episode: Episode) -> bool:
    """Whether a storyboard is to be made: there is none, or its screenplay went on and nobody edited it."""
    return row is None or (row.state == "generated" and is_stale(row, screenplay, episode))


def is_stale(row: Storyboard, screenplay: Screenplay, episode: Episode) -> bool:
    """Whether it was made from another screenplay. What came from a file was made from none."""
    if row.source == PLANNER:
        return row.source_digest != planned_from(screenplay, episode)
    return row.source.startswith(TOLD_BY) and row.source_digest != told_from(screenplay)


def storyboard_state(session: Session, episode: Episode, *, changed: bool) -> StoryboardState:
    row = find_storyboard(session, episode)
    screenplay = current_screenplay(session, episode.id)
    plans = [model.ScenePlan(**plan) for plan in row.document.get("planned_by", ())]
    return StoryboardState(
        shots=len(_shot_rows(session, episode.id)),
        state=row.state,
        changed=changed,
        digest=storyboard_digest(session, episode.id),
        source=row.source,
        out_of_date=screenplay is not None and is_stale(row, screenplay, episode),
        review=State(row.review_state),
        by_rules=tuple(plan for plan in plans if plan.reason),
    )


def planned_from(screenplay: Screenplay, episode: Episode) -> str:
    """What the rules plan from; when it changes they plan anew."""
    project = episode.project
    return document_digest([screenplay.digest, PLANNER_VERSION, project.style, project.negative_prompt])


def told_from(screenplay: Screenplay) -> str:
    """What a language model draws up from. Style and model are not in it: being asked again costs money."""
    return document_digest([screenplay.digest, "told", BOARDING_VERSION])


def _plan(session: Session, episode: Episode, screenplay: Screenplay) -> None:
    project = episode.project
    planned = plan_storyboard(
        read_episode(screenplay, episode),
        project=project.title,
        language=screenplay.language,
        style=project.style,
        negative_prompt=project.negative_prompt,
        props=prop_names(session, episode),
    )
    digest = planned_from(screenplay, episode)
    save_storyboard(session, episode, planned, state="generated", source=PLANNER, source_digest=digest)


def save_storyboard(
    session: Session, episode: Episode, storyboard: model.Storyboard, *, state: str, source: str, source_digest: str
) -> None:
    """Make this the episode's storyboard. Shots keep their takes by number; those it no longer has are retired.

    Raises StoryboardFrozenError.
    """
    row = storyboard_row(session, episode.id)
    if row is not None:
        refuse_frozen(row, episode)
    document = to_document(storyboard)
    document.pop("shots", None)
    if row is None:
        row = Storyboard(episode_id=episode.id, version=0, state=state, source=source, source_digest="", document={})
        session.add(row)
    row.state, row.source, row.source_digest, row.document = state, source, source_digest, document
    row.version += 1
    before = storyboard_digest(session, episode.id)
    _save_shots(session, episode, storyboard)
    if row.version == 1 or storyboard_digest(session, episode.id) != before:
        begin_review(session, episode, row)
    ensure_assets(session, episode.project, episode, storyboard_mentions(storyboard))


def refuse_frozen(row: Storyboard, episode: Episode) -> None:
    """Raises StoryboardFrozenError."""
    if row.state == "frozen":
        raise StoryboardFrozenError(
            f"The storyboard of {episode.key} is frozen and stays as it is; to replace it, unfreeze it first: "
            f"aianime storyboard unfreeze {episode.key}",
            episode=episode.key,
        )


def _save_shots(session: Session, episode: Episode, storyboard: model.Storyboard) -> None:
    rows = {row.number: row for row in session.scalars(sa.select(ShotRow).where(ShotRow.episode_id == episode.id))}
    for row in rows.values():
        row.retired = True
    for position, shot in enumerate(storyboard.shots, start=1):
        row = rows.get(shot.number) or ShotRow(episode_id=episode.id, number=shot.number)
        row.position, row.retired, row.document = position, False, shot_to_document(shot)
        session.add(row)
    session.flush()


def kept_storyboard(session: Session, episode: Episode) -> str:
    """Why a new screenplay leaves the episode's storyboard as it is, empty where it is planned anew."""
    row = storyboard_row(session, episode.id)
    ours = row is None or row.source == PLANNER or row.source.startswith(TOLD_BY)
    if row is None or (row.state == "generated" and ours):
        return ""
    if row.state == "frozen":
        return "is frozen"
    return "was edited and stays" if ours else f"came from {row.source} and stays"


def load_storyboard(session: Session, episode: Episode) -> model.Storyboard:
    """Raises NotFoundError."""
    return drawn_as(session, find_storyboard(session, episode))


def drawn_as(session: Session, row: Storyboard) -> model.Storyboard:
    """The storyboard of the row, with its shots as they are now."""
    shots = [shot.document for shot in _shot_rows(session, row.episode_id)]
    return from_document(row.document | {"shots": shots})


def set_frozen(session: Session, episode: Episode, frozen: bool) -> str:
    """Freeze the storyboard, or open it for editing again. Returns its state. Raises NotFoundError, StateError."""
    row = find_storyboard(session, episode)
    go_on(session, episode.id)
    if (row.state == "frozen") == frozen:
        raise StateError(f"The storyboard of {episode.key} is {'already' if frozen else 'not'} frozen.")
    row.state = "frozen" if frozen else "editing"
    row.version += 1
    return row.state


def storyboard_digest(session: Session, episode_id: int) -> str:
    """Digest of the shots as they are now: the storyboard's data version."""
    documents: list[Any] = [row.document for row in _shot_rows(session, episode_id)]
    return document_digest(documents)


def file_digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _shot_rows(session: Session, episode_id: int) -> list[ShotRow]:
    return list(session.scalars(_SHOTS, {"episode": episode_id}))


def export_storyboard(session: Session, episode: Episode, file: Path) -> int:
    """Write the storyboard as the file's ending says. Returns the number of shots. Raises BadInputError."""
    storyboard = load_storyboard(session, episode)
    data = write_storyboard(storyboard, file.name)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        part.replace(file)
    except OSError as error:
        raise BadInputError(f"{file} cannot be written: {error.strerror}.", path=str(file)) from error
    finally:
        part.unlink(missing_ok=True)
    return len(storyboard.shots)
