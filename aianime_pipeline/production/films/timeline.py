"""An episode's timeline: built from the storyboard and the selected takes, merged with a person's edit of it.

Sources are named by their digest alone until `files_of` finds them: documents, merges and digests are about what is
shown, not about where it lies.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, Episode
from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.timeline import Music, Timeline, build_timeline
from aianime_pipeline.film.timeline.document import from_document, with_files
from aianime_pipeline.film.timeline.merge import merge
from aianime_pipeline.production.episodes.rows import ShotView, load_shots
from aianime_pipeline.production.films.gate import Waiting, waiting_shots
from aianime_pipeline.production.films.shots import SlateFormat, timeline_shot
from aianime_pipeline.production.shots.currency import spoken_language
from aianime_pipeline.storage.store import ObjectStore


@dataclass(frozen=True)
class EpisodeShots:
    """What an episode's timeline is built from, as it was when loaded."""

    episode: Episode
    views: list[ShotView]
    language: str


@dataclass(frozen=True)
class BuiltFilm:
    """The timeline that storyboard and takes give; `notes` say what the builder had to shorten."""

    timeline: Timeline
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CurrentTimeline:
    """The timeline that an export would show now. `base` is the built one below it; `version` that of the stored edit,
    0 where there is none; `notes` say what building and merging could not do as asked; `merged`: the storyboard or its
    takes have changed since the edit was stored."""

    timeline: Timeline
    base: Timeline
    version: int
    notes: tuple[str, ...]
    merged: bool


def load_episode_shots(session: Session, episode: Episode) -> EpisodeShots:
    return EpisodeShots(episode, load_shots(session, episode.id), spoken_language(session, episode))


def built_film(
    shots: EpisodeShots, store: ObjectStore, music: Music | None, *, only_approved: bool = False
) -> BuiltFilm:
    """`only_approved`: slates stand in for all that is not approved. Raises BadInputError for an episode without shots,
    and what build_timeline raises."""
    if not shots.views:
        raise BadInputError(f"{shots.episode.key} has no shots yet; make its storyboard first.")
    project = shots.episode.project
    slates = SlateFormat(project.width, project.height, shots.language)
    built = build_timeline(
        [timeline_shot(view, store, slates, only_approved=only_approved) for view in shots.views],
        width=project.width,
        height=project.height,
        rate=project.rate,
        music=music,
        language=shots.language,
    )
    return BuiltFilm(built.timeline, built.notes)


def with_edit(built: BuiltFilm, task: CompositeTask | None) -> CurrentTimeline:
    """The built timeline with the person's edit on top, if there is one."""
    version = task.version if task is not None else 0
    if task is None or task.document is None:
        return CurrentTimeline(built.timeline, built.timeline, version, built.notes, False)
    mine = stored_timeline(task.document)
    base = stored_timeline(task.base) if task.base is not None else mine
    told = tuple(task.merge_notes or ())
    if base == built.timeline:
        return CurrentTimeline(mine, base, version, told, False)
    merged = merge(base, mine, built.timeline)
    return CurrentTimeline(merged.timeline, built.timeline, version, (*told, *merged.notes), True)


def stored_timeline(document: dict[str, Any]) -> Timeline:
    """A timeline as it was stored, its sources named by their digest. Raises BadInputError for what is no timeline."""
    return from_document(document, Path)


def left_out(task: CompositeTask | None) -> set[int]:
    """The shots that a person took out of the film."""
    if task is None or task.document is None or task.base is None:
        return set()
    mine = {clip.shot for clip in stored_timeline(task.document).clips}
    return {clip.shot for clip in stored_timeline(task.base).clips} - mine


def music_is_edited(task: CompositeTask | None) -> bool:
    """Whether the person put other music under the film, or none: then none is made. Music of their own counts before
    any was made, too; that there is to be none, only `music_wanted` tells then."""
    if task is None:
        return False
    if not task.music_wanted:
        return True
    if task.document is None or task.base is None:
        return False
    mine, base = stored_timeline(task.document).music, stored_timeline(task.base).music
    return (mine.digest if mine is not None else None) != (base.digest if base is not None else None)


def base_music(task: CompositeTask) -> Music | None:
    return stored_timeline(task.base).music if task.base is not None else None


def waiting_for_film(shots: EpisodeShots, task: CompositeTask | None) -> list[Waiting]:
    """The gate of the film as it is edited."""
    return waiting_shots(shots.views, left_out(task))


def digests_of(timeline: Timeline) -> set[str]:
    found = {clip.digest for clip in timeline.clips}
    found |= {sound.digest for sound in (*timeline.speech, *timeline.effects)}
    return found | ({timeline.music.digest} if timeline.music is not None else set())


@contextmanager
def files_of(timeline: Timeline, store: ObjectStore) -> Iterator[Timeline]:
    """The timeline with its sources where they lie, as long as the block lasts. Raises ObjectMissingError."""
    with ExitStack() as stack:
        paths = {digest: stack.enter_context(store.local_path(digest)) for digest in sorted(digests_of(timeline))}
        yield with_files(timeline, lambda digest: paths[digest])
