"""Importing a file: a screenplay (season or episode) or a storyboard becomes rows, all or nothing."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Project
from aianime_pipeline.errors import (
    BadInputError,
    BadSettingError,
    InputTooLargeError,
    NoSceneError,
    NotFoundError,
    UnknownFormatError,
)
from aianime_pipeline.production.assets.collecting import Mention, ensure_assets, storyboard_mentions
from aianime_pipeline.production.episodes.rows import get_or_create_episode
from aianime_pipeline.production.generations import remember_object
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.projects.keeping import checked_slug, get_or_create_project
from aianime_pipeline.production.screenplays.keeping import current_screenplay, refuse_locked, save_screenplay
from aianime_pipeline.production.storyboards.keeping import file_digest, kept_storyboard, save_storyboard
from aianime_pipeline.production.storytelling import StoryModelFor, told_before, told_screenplay
from aianime_pipeline.production.tasks.stopping import go_on
from aianime_pipeline.production.written_text import shown_text
from aianime_pipeline.screenplay.collecting import collect_assets
from aianime_pipeline.screenplay.limits import MOST_NAMES, refuse_too_large
from aianime_pipeline.screenplay.model import BLOCK_TYPES, Screenplay, ScreenplayEpisode
from aianime_pipeline.screenplay.parsing import FORMATS as SCREENPLAY_FORMATS
from aianime_pipeline.screenplay.parsing import parse_screenplay
from aianime_pipeline.screenplay.reading import read_source
from aianime_pipeline.storage.store import StoredObject
from aianime_pipeline.storyboard.importing import FORMAT_NAMES as STORYBOARD_FORMATS
from aianime_pipeline.storyboard.importing import looks_like_storyboard, read_storyboard
from aianime_pipeline.storyboard.model import Storyboard

LARGEST_FILE_BYTES = 50_000_000
"""Of any file: one from a word processor may have pictures in it. Of text there is less (reading.MOST_TEXT_BYTES)."""
LONGEST_NAME = 200
"""Characters of a file's name."""


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


Kind = Literal["screenplay", "storyboard"]

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

    Raises BadInputError (or one of its kinds, such as InputTooLargeError) and then has changed nothing;
    StoryboardFrozenError, ScreenplayLockedError.
    """
    checked_slug(project)
    _check_format(format)
    return _import(place, _read(path), path.name, project, title, format, episode, story_model)


def import_upload(
    place: Installation,
    data: bytes,
    filename: str,
    *,
    project: str,
    kind: Kind | None = None,
    format: str | None = None,
    episode: int | None = None,
) -> ImportReport:
    """As `import_file`, of bytes that somebody sent under a name. `kind` is what they have to be, where they may not be
    either. No language model is asked.

    Raises as `import_file`, and BadInputError for a name that no file has, too many bytes, or the other kind.
    """
    checked_slug(project)
    _check_format(format)
    name = checked_file_name(filename)
    if len(data) > LARGEST_FILE_BYTES:
        raise _too_large(name)
    if kind is not None and _kind_of(data, name, format) != kind:
        raise BadInputError(f"{name} is no {kind}, and one is wanted here.", name=name, wanted=kind)
    return _import(place, data, name, project, None, format, episode, lambda: None)


def checked_file_name(name: str) -> str:
    """The last part of what a client calls its file. Raises BadInputError for what is no name of a file."""
    last = shown_text(name).replace("\\", "/").rpartition("/")[2].strip()
    if last.strip(".") == "" or len(last) > LONGEST_NAME or not last.isprintable():
        raise BadInputError(
            f"{name[:LONGEST_NAME]!r} is no name of a file: it takes 1 to {LONGEST_NAME} characters in one line."
        )
    return last


def _check_format(format: str | None) -> None:
    known = (*SCREENPLAY_FORMATS, *STORYBOARD_FORMATS)
    if format is not None and format not in known:
        raise UnknownFormatError(f"{format!r} is not a format; there are: {', '.join(known)}.", format=format)


def _kind_of(data: bytes, name: str, format: str | None) -> Kind:
    is_storyboard = format in STORYBOARD_FORMATS if format else looks_like_storyboard(data, name)
    return "storyboard" if is_storyboard else "screenplay"


def _import(
    place: Installation,
    data: bytes,
    name: str,
    project: str,
    title: str | None,
    format: str | None,
    episode: int | None,
    story_model: StoryModelFor,
) -> ImportReport:
    source_name = shown_text(name)
    ending = PurePath(name).suffix.lower()
    if _kind_of(data, name, format) == "storyboard":
        storyboard = read_storyboard(data, filename=name, format=format)
        if episode is not None:
            storyboard = replace(storyboard, episode=episode)
        elif not storyboard.extra:
            _refuse_nameless(place, project)
        _refuse_many_assets(source_name, len(storyboard_mentions(storyboard)))
        stored = place.store.put_bytes(data, _MEDIA_TYPES.get(ending, "text/csv"))
        return _keep_storyboard(place, storyboard, stored, source_name, project, title, data)
    try:
        screenplay = parse_screenplay(data, filename=name, format=format)
    except NoSceneError:
        if format is not None or (story := story_model()) is None:
            raise
        if (unchanged := _told_before(place, project, data, episode)) is not None:
            return unchanged
        _refuse_locked(place, project, episode)
        screenplay = told_screenplay(story, read_source(data, filename=name), name)
    if episode is not None:
        screenplay = _renumbered(screenplay, episode)
    refuse_too_large(screenplay, source_name)
    mentions = [_mentions(screenplay, written, source_name) for written in screenplay.episodes]
    stored = place.store.put_bytes(data, _MEDIA_TYPES.get(ending, "text/plain"))
    return _keep_screenplay(place, screenplay, mentions, stored, source_name, project, title)


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


def _refuse_locked(place: Installation, slug: str, number: int | None) -> None:
    """A model is not paid for a text that cannot be kept, where it is known which episode it is."""
    with place.database.read() as session:
        query = sa.select(Episode).join(Project).where(Project.slug == slug, Episode.number == number)
        found = session.scalar(query)
        if found is not None and (row := current_screenplay(session, found.id)) is not None:
            refuse_locked(row, found)


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


def _mentions(screenplay: Screenplay, written: ScreenplayEpisode, name: str) -> list[Mention]:
    collected = collect_assets([written], metadata=screenplay.metadata)
    _refuse_many_assets(f"{name}, episode {written.number}", len(collected))
    return [Mention(asset.kind, asset.name, asset.description) for asset in collected]


def _refuse_many_assets(where: str, count: int) -> None:
    if count > MOST_NAMES:
        raise InputTooLargeError.of(where, "characters, locations and props", MOST_NAMES)


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
        raise _too_large(str(path))
    return data


def _too_large(name: str) -> InputTooLargeError:
    return InputTooLargeError.of(name, "bytes", LARGEST_FILE_BYTES)


def _keep_screenplay(
    place: Installation,
    screenplay: Screenplay,
    mentions: list[list[Mention]],
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
        for written, shown in zip(screenplay.episodes, mentions, strict=True):
            episode = get_or_create_episode(session, project, written.number, written.title or "")
            go_on(session, episode.id)
            before = current_screenplay(session, episode.id)
            is_new = save_screenplay(
                session,
                episode,
                written,
                language=screenplay.language,
                source_name=source_name,
                source_digest=stored.digest,
            )
            ensure_assets(session, project, episode, shown)
            report.episodes.append(episode.key)
            report.scenes += len(written.scenes)
            counts.update(block.type for scene in written.scenes for block in scene.blocks)
            if is_new and (kept := kept_storyboard(session, episode)):
                told = f"{episode.key}: its storyboard {kept}; this text is not planned."
                report.warnings.append(ImportNotice(None, told))
            if before is not None and before.based_on is not None:
                told = f"{episode.key}: {before.changed_by} edited its text since (version {before.version}); "
                told += "this text takes its place." if is_new else "that stays."
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
        go_on(session, episode.id)
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
