"""Composite tasks: an episode's edit, read, changed, thrown away. Its exports are in exports/exporting.py.

The edit is a document with a version: whoever changes it says which version they saw, and is told who was faster. What
changes later in the storyboard or its takes is merged into it when the timeline is read; the next edit or export stores
the merge.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, Episode, Export, Generation, Shot, ShotStage, Take, Worker
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadInputError, NotFoundError, StaleVersionError, StateError
from aianime_pipeline.film.presets.presets import MAIN
from aianime_pipeline.film.timeline import Timeline
from aianime_pipeline.film.timeline.document import to_document
from aianime_pipeline.film.timeline.rough import Edited
from aianime_pipeline.production.claims import holder
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.exports.claims import held_error
from aianime_pipeline.production.films.composite_rows import (
    ExportState,
    exports_of,
    find_task,
    locked_task,
    unpublish_export,
)
from aianime_pipeline.production.films.composite_states import CompositeEvent, CompositeState, after
from aianime_pipeline.production.films.gate import Waiting
from aianime_pipeline.production.films.music import music_there
from aianime_pipeline.production.films.timeline import (
    BuiltFilm,
    CurrentTimeline,
    base_music,
    built_film,
    digests_of,
    load_episode_shots,
    music_is_edited,
    stored_timeline,
    waiting_for_film,
    with_edit,
)
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.publishing import film_path, unpublish
from aianime_pipeline.production.tasks.stopping import go_on


@dataclass(frozen=True)
class Composite:
    """A composite task as it stands. `state` is `editing`, with a `reason`, where the exporting process is gone;
    `waiting` are the shots that keep the film's gate closed; `version` is 0 where nobody edited."""

    episode: str
    state: CompositeState
    reason: str
    version: int
    edited_by: str | None
    edited_at: datetime | None
    merge_notes: tuple[str, ...]
    percent: float
    step: str
    seconds_left: float | None
    cancel_requested: str | None
    music_wanted: bool
    """Whether an export may have music made where the timeline has none."""
    waiting: tuple[Waiting, ...]
    exports: tuple[Export, ...]
    """The newest first."""


@dataclass(frozen=True)
class EditStored:
    """An accepted edit; `notes` say what had to give way to it, and what a merge before it could not keep."""

    timeline: Timeline
    version: int
    notes: tuple[str, ...]


def read_composite(place: Installation, episode_key: str) -> Composite:
    """Raises NotFoundError."""
    with place.database.read() as session:
        episode = find_episode(session, episode_key)
        task = find_task(session, episode)
        waiting = tuple(waiting_for_film(load_episode_shots(session, episode), task))
        if task is None:
            state = CompositeState.EDITING
            return Composite(episode.key, state, "", 0, None, None, (), 0.0, "", None, None, True, waiting, ())
        exports = exports_of(session, task)
        state, reason = CompositeState(task.state), task.reason
        if state is CompositeState.EXPORTING and holder(session, task) is None:
            state, reason = CompositeState.EDITING, "The process that exported it is gone; export it again."
        return Composite(
            episode=episode.key,
            state=state,
            reason=reason,
            version=task.version,
            edited_by=task.edited_by,
            edited_at=task.edited_at,
            merge_notes=tuple(task.merge_notes or ()),
            percent=task.percent,
            step=task.step,
            seconds_left=task.seconds_left,
            cancel_requested=task.cancel_requested,
            music_wanted=task.music_wanted,
            waiting=waiting,
            exports=tuple(exports),
        )


def current_timeline(place: Installation, episode_key: str) -> CurrentTimeline:
    """The timeline that an export would show now, sources by digest; missing shots are slates. Nothing is stored.

    Raises NotFoundError, BadInputError for an episode without shots.
    """
    with place.database.read() as session:
        episode = find_episode(session, episode_key)
        task = find_task(session, episode)
        return with_edit(_built(place, session, episode, task), task)


def edit_timeline(
    place: Installation,
    episode_key: str,
    change: Callable[[Timeline], Edited],
    *,
    expected_version: int,
    who: str,
    music_wanted: bool | None = None,
    own_only: bool = False,
) -> EditStored:
    """Store what `change` makes of the current timeline as the person's edit.

    `music_wanted`: whether exports may have music made from now on, where the edit leaves the film without any; None
    leaves that as it is. `own_only`: a source that is new to the edit has to be one of the project's.

    Raises StaleVersionError where the edit has another version by now, NotFoundError, NotFoundError too for a source
    that is not in the store, and what `change` raises; then nothing is stored.
    """
    with place.database.read() as session:
        episode = find_episode(session, episode_key)
        # Slates are drawn before anything is locked.
        built = _built(place, session, episode, find_task(session, episode))
    with place.database.write() as session:
        go_on(session, episode.id)
        task = locked_task(session, episode)
        _check_version(task, expected_version)
        current = with_edit(built, task)
        edited = change(current.timeline)
        new = digests_of(edited.timeline) - digests_of(current.timeline)
        strange = new - _of_project(session, episode.project_id, new) if own_only else set()
        if missing := sorted(digest for digest in new if digest in strange or not place.store.renew(digest)):
            raise NotFoundError(f"The timeline names {', '.join(missing)}, which is not in the store.", digests=missing)
        _check_pictures(edited.timeline, (current.timeline, current.base))
        _store_edit(task, edited.timeline, current.base, who)
        if music_wanted is not None or edited.timeline.music is not None:
            task.music_wanted = edited.timeline.music is not None or bool(music_wanted)
        # Those of merges before, the person has seen; this one's they have not.
        told = current.notes[len(task.merge_notes or ()) :]
        task.merge_notes = list(told)
        return EditStored(edited.timeline, task.version, (*told, *edited.notes))


def replace_timeline(
    place: Installation,
    episode_key: str,
    document: Mapping[str, Any],
    *,
    expected_version: int,
    who: str,
    own_only: bool = False,
) -> EditStored:
    """Store a whole timeline document as the person's edit. Raises as `edit_timeline`, and BadInputError that names the
    field where the document is no timeline."""
    wanted = stored_timeline(dict(document))
    return edit_timeline(
        place, episode_key, lambda _: Edited(wanted), expected_version=expected_version, who=who, own_only=own_only
    )


def discard_edits(place: Installation, episode_key: str, *, expected_version: int, who: str) -> int:
    """The timeline is the built one again. Returns the new version. Raises NotFoundError, StaleVersionError."""
    with place.database.write() as session:
        episode = find_episode(session, episode_key)
        go_on(session, episode.id)
        task = locked_task(session, episode)
        _check_version(task, expected_version)
        _mark_edited(task, who)
        task.document = task.base = task.merge_notes = None
        task.music_wanted = True
        return task.version


def delete_composite(place: Installation, episode_key: str) -> None:
    """The edit, the film and every other export are gone with their published files; what is in the store stays.

    The row itself stays for the music in it, which was paid for; its version goes on, so that nobody who read the edit
    before can take a later one for it. Raises NotFoundError, and WorkHeldError while an export goes on.
    """
    with place.database.write() as session:
        episode = find_episode(session, episode_key)
        go_on(session, episode.id)
        task = locked_task(session, episode)
        _refuse_while_exporting(session, episode, task)
        for export in exports_of(session, task):
            unpublish_export(place, episode.key, export)
            session.delete(export)
        # A film of before there were exports has none.
        film = film_path(place, episode.key)
        unpublish(film.parent, [film.name, film.with_suffix(".srt").name])
        task.version += 1
        task.document = task.base = task.merge_notes = None
        task.music_wanted = True
        task.edited_by = task.edited_at = task.cancel_requested = task.claimed_by = None
        task.film_digest = task.subtitles_digest = task.timeline_digest = task.finished_at = None
        task.state, task.reason, task.report = CompositeState.EDITING, "", {}
        task.percent, task.step, task.seconds_left = 0.0, "", None


def delete_export(place: Installation, episode_key: str, export_id: int) -> None:
    """An export's row and its published files are gone. Raises NotFoundError, WorkHeldError while it goes on."""
    with place.database.write() as session:
        episode = find_episode(session, episode_key)
        task = locked_task(session, episode)
        export = session.get(Export, export_id)
        if export is None or export.composite_task_id != task.id:
            raise NotFoundError(f"{episode_key} has no export {export_id}.", export=export_id)
        if export.state == ExportState.EXPORTING:
            _refuse_while_exporting(session, episode, task)
        if export.state == ExportState.DONE and export.name == MAIN and not export.draft:
            raise StateError(
                f"Export {export_id} is the film of {episode_key} itself, which goes only with its edit and its other "
                f"exports: `aianime film delete {episode_key}`."
            )
        unpublish_export(place, episode.key, export)
        session.delete(export)


def _built(place: Installation, session: Session, episode: Episode, task: CompositeTask | None) -> BuiltFilm:
    music = base_music(task) if task is not None and music_is_edited(task) else music_there(place, task)
    return built_film(load_episode_shots(session, episode), place.store, music)


def _of_project(session: Session, project_id: int, digests: Collection[str]) -> set[str]:
    """Those of the digests that the project made or that an edit of it names. Another project's file is as good as
    not there: whoever knows its digest neither hears it nor learns that it is kept."""
    takes = (
        sa.select(Take.object_digest)
        .join(ShotStage, ShotStage.id == Take.stage_id)
        .join(Shot, Shot.id == ShotStage.shot_id)
        .join(Episode, Episode.id == Shot.episode_id)
        .where(Episode.project_id == project_id, Take.object_digest.in_(digests))
    )
    made = sa.select(Generation.result_digest).where(
        Generation.project_id == project_id, Generation.result_digest.in_(digests)
    )
    found = {digest for query in (takes, made) for digest in session.scalars(query) if digest is not None}
    edits = sa.select(CompositeTask).join(Episode, Episode.id == CompositeTask.episode_id)
    for task in session.scalars(edits.where(Episode.project_id == project_id)):
        found |= {task.music_digest} & set(digests) if task.music_digest else set()
        for document in (task.document, task.base):
            if document is not None:
                found |= digests_of(stored_timeline(document)) & set(digests)
    return found


def _check_pictures(edited: Timeline, known: Sequence[Timeline]) -> None:
    """A timeline that was written by hand may cut and order its pictures; what they are is no matter of opinion.

    Raises BadInputError for a picture that none of the episode's shots has, or of which something else is said.
    """
    facts = {clip.digest: (clip.kind, clip.source_frames) for timeline in known for clip in timeline.clips}
    for place, clip in enumerate(edited.clips):
        if clip.digest not in facts:
            raise BadInputError(
                f"clips[{place}] (shot {clip.shot}) shows {clip.digest[:12]}, which is no picture of this episode.",
                shot=clip.shot,
            )
        kind, frames = facts[clip.digest]
        if (clip.kind, clip.source_frames) != (kind, frames):
            raise BadInputError(
                f"clips[{place}] (shot {clip.shot}) says that its source is a {clip.kind} of {clip.source_frames} "
                f"frames; it is a {kind} of {frames}.",
                shot=clip.shot,
            )


def _check_version(task: CompositeTask, expected: int) -> None:
    if task.version == expected:
        return
    when = f"{task.edited_at:%Y-%m-%d %H:%M:%S} UTC" if task.edited_at is not None else "a time not known"
    raise StaleVersionError(
        f"The edit has version {task.version} by now, not {expected}: {task.edited_by or 'somebody'} changed it at "
        f"{when}. Read it again and repeat the change.",
        version=task.version,
        expected=expected,
        edited_by=task.edited_by,
        edited_at=task.edited_at.isoformat() if task.edited_at is not None else None,
    )


def _store_edit(task: CompositeTask, timeline: Timeline, base: Timeline, who: str) -> None:
    _mark_edited(task, who)
    task.document, task.base = to_document(timeline), to_document(base)


def _mark_edited(task: CompositeTask, who: str) -> None:
    task.version += 1
    task.edited_by, task.edited_at = who, now()
    state = after(task.state, CompositeEvent.EDITED)
    if state is not CompositeState.EXPORTING:
        task.reason = ""
    task.state = state


def _refuse_while_exporting(session: Session, episode: Episode, task: CompositeTask) -> None:
    worker: Worker | None = holder(session, task)
    if worker is not None:
        raise held_error(episode.key, worker, task)
