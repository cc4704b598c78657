"""Importing a file: a screenplay (season or episode) or a storyboard becomes rows, all or nothing."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Project
from aianime_pipeline.errors import BadInputError, BadSettingError, NoSceneError, NotFoundError, UnknownFormatError
from aianime_pipeline.production.episodes import get_or_create_episode
from aianime_pipeline.production.generations import remember_object
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.project_assets import Mention, ensure_assets
from aianime_pipeline.production.projects import checked_slug, get_or_create_project
from aianime_pipeline.production.screenplays import current_screenplay, save_screenplay
from aianime_pipeline.production.storyboards import file_digest, kept_storyboard, save_storyboard
from aianime_pipeline.production.storytelling import StoryModelFor, told_before, told_screenplay
from aianime_pipeline.production.written_text import shown_text
from aianime_pipeline.screenplay.collecting import collect_assets
from aianime_pipeline.screenplay.model import BLOCK_TYPES, Screenplay
from aianime_pipeline.screenplay.parsing import FORMATS as SCREENPLAY_FORMATS
from aianime_pipeline.screenplay.parsing import parse_screenplay
from aianime_pipeline.screenplay.reading import read_source
from aianime_pipeline.storage.store import StoredObject
from aianime_pipeline.storyboard.importing import FORMAT_NAMES as STORYBOARD_FORMATS
from aianime_pipeline.storyboard.importing import looks_like_storyboard, read_storyboard
from aianime_pipeline.storyboard.model import Storyboard

LARGEST_FILE_BYTES = 50_000_000
"""A season of 100 episodes is about 1 MB; what is larger is not a screenplay."""


@dataclass(frozen=True)
class ImportNotice:
    line: int | None
    message: str


@dataclass
class ImportReport:
    project: str
    episodes: list[str] = field(default_factory=list)
    scenes: int = 0
    blocks: dict[str, int] = field(default_factory=dict)
    shots: int = 0
    unchanged: list[str] = field(default_factory=list)
    """Episodes whose text was there already."""
    warnings: list[ImportNotice] = field(default_factory=list)


_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MEDIA_TYPES = {".json": "application/json", ".csv": "text/csv", ".md": "text/markdown", ".docx": _DOCX}


def import_file(
    place: Installation,
    path: Path,
    *,
    project: str,
    title: str | None = None,
    format: str | None = None,
    episode: int | None = None,
    story_model: StoryModelFor = lambda: None,
) -> ImportReport:
    """`episode` is the number of a file's only episode, where the file does not say it or says another. Text without a
    layout goes to the `story_model`, where there is one.

    Raises BadInputError (or one of its kinds) and then has changed nothing; StoryboardFrozenError.
    """
    checked_slug(project)
    known = (*SCREENPLAY_FORMATS, *STORYBOARD_FORMATS)
    if format is not None and format not in known:
        raise UnknownFormatError(f"{format!r} is not a format; there are: {', '.join(known)}.", format=format)
    data = _read(path)
    source_name = shown_text(path.name)
    is_storyboard = format in STORYBOARD_FORMATS if format else looks_like_storyboard(data, path.name)
    if is_storyboard:
        storyboard = read_storyboard(data, filename=path.name, format=format)
        if episode is not None:
            storyboard = replace(storyboard, episode=episode)
        elif not storyboard.extra:
            _refuse_nameless(place, project)
        stored = place.store.put_bytes(data, _MEDIA_TYPES.get(path.suffix.lower(), "text/csv"))
        return _keep_storyboard(place, storyboard, stored, source_name, project, title, data)
    try:
        screenplay = parse_screenplay(data, filename=path.name, format=format)
    except NoSceneError:
        if format is not None or (story := story_model()) is None:
            raise
        if (unchanged := _told_before(place, project, data, episode)) is not None:
            return unchanged
        screenplay = told_screenplay(story, read_source(data, filename=path.name), path.name)
    if episode is not None:
        screenplay = _renumbered(screenplay, episode)
    stored = place.store.put_bytes(data, _MEDIA_TYPES.get(path.suffix.lower(), "text/plain"))
    return _keep_screenplay(place, screenplay, stored, source_name, project, title)


def _told_before(place: Installation, slug: str, data: bytes, number: int | None) -> ImportReport | None:
    """The report on a prose file that a model told before; nothing is asked again."""
    with place.database.read() as session:
        episodes = told_before(session, slug, file_digest(data))
        if not episodes or (number is not None and [one.number for one in episodes] != [number]):
            return None
        report = ImportReport(slug, blocks=dict.fromkeys(BLOCK_TYPES, 0))
        counts: Counter[str] = Counter()
        for episode in episodes:
            screenplay = current_screenplay(session, episode.id)
            scenes = screenplay.scenes if screenplay is not None else []
            report.episodes.append(episode.key)
            report.unchanged.append(episode.key)
            report.scenes += len(scenes)
            counts.update(block.type for scene in scenes for block in scene.blocks)
        report.blocks |= counts
    return report


def _refuse_nameless(place: Installation, slug: str) -> None:
    """A table does not say which episode it is: only the first one of a project may come without a number."""
    with place.database.read() as session:
        taken = session.scalar(sa.select(Episode.key).join(Project).where(Project.slug == slug).limit(1))
    if taken is not None:
        raise BadSettingError(f"A table does not say which episode it is; say it: --episode N (there is {taken}).")


def _renumbered(screenplay: Screenplay, number: int) -> Screenplay:
    if len(screenplay.episodes) != 1:
        raise BadSettingError(f"--episode goes with one episode; this file has {len(screenplay.episodes)}.")
    return replace(screenplay, episodes=(replace(screenplay.episodes[0], number=number),))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # Never more than that: a pipe or a device does not say how much comes, nor whether it ends.
            data = file.read(LARGEST_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no file {path}.", path=str(path)) from error
    except OSError as error:
        raise BadInputError(f"{path} cannot be read: {error.strerror}.", path=str(path)) from error
    if len(data) > LARGEST_FILE_BYTES:
        raise BadInputError(f"{path} has more than {LARGEST_FILE_BYTES:,} bytes; no screenplay or storyboard has.")
    return data


def _keep_screenplay(
    place: Installation,
    screenplay: Screenplay,
    stored: StoredObject,
    source_name: str,
    slug: str,
    title: str | None,
) -> ImportReport:
    report = ImportReport(slug, blocks=dict.fromkeys(BLOCK_TYPES, 0))
    report.warnings = [ImportNotice(notice.line, notice.message) for notice in screenplay.notices]
    counts: Counter[str] = Counter()
    with place.database.write() as session:
        remember_object(session, stored)
        project = _project(session, slug, title, screenplay.title, screenplay.language)
        for written in screenplay.episodes:
            episode = get_or_create_episode(session, project, written.number, written.title or "")
            is_new = save_screenplay(
                session,
                episode,
                written,
                language=screenplay.language,
                source_name=source_name,
                source_digest=stored.digest,
            )
            collected = collect_assets([written], metadata=screenplay.metadata)
            mentions = [Mention(asset.kind, asset.name, asset.description) for asset in collected]
            ensure_assets(session, project, episode, mentions)
            report.episodes.append(episode.key)
            report.scenes += len(written.scenes)
            counts.update(block.type for scene in written.scenes for block in scene.blocks)
            if is_new and (kept := kept_storyboard(session, episode)):
                told = f"{episode.key}: its storyboard {kept}; this text is not planned."
                report.warnings.append(ImportNotice(None, told))
            if not is_new:
                report.unchanged.append(episode.key)
    report.blocks |= counts
    return report


def _keep_storyboard(
    place: Installation,
    storyboard: Storyboard,
    stored: StoredObject,
    source_name: str,
    slug: str,
    title: str | None,
    data: bytes,
) -> ImportReport:
    report = ImportReport(slug, blocks=dict.fromkeys(BLOCK_TYPES, 0), shots=len(storyboard.shots))
    for notice in storyboard.notices:
        where = f"shot {notice.shot}: " if notice.shot is not None else ""
        report.warnings.append(ImportNotice(notice.line, where + notice.message))
    with place.database.write() as session:
        remember_object(session, stored)
        project = _project(session, slug, title, storyboard.project, storyboard.language)
        episode = get_or_create_episode(session, project, storyboard.episode, storyboard.title)
        save_storyboard(
            session, episode, storyboard, state="editing", source=source_name, source_digest=file_digest(data)
        )
        report.episodes.append(episode.key)
    return report


def _project(session: Session, slug: str, title: str | None, written: str | None, language: str) -> Project:
    project = get_or_create_project(session, slug, title=title, language=language)
    if title is None and written and project.title == slug:
        project.title = written
    return project
