"""Screenplays as rows: written by an import, read back as the parser's data, refused to change when locked.

What people change of them is in `editing.py`.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Block, Episode, Scene, Screenplay
from aianime_pipeline.errors import NotFoundError, ScreenplayLockedError
from aianime_pipeline.production.shots.requests import document_digest
from aianime_pipeline.screenplay import model


def screenplay_versions(episode_id: int | sa.BindParameter[int]) -> sa.Select[Screenplay]:
    """The newest first, as a query."""
    return sa.select(Screenplay).where(Screenplay.episode_id == episode_id).order_by(Screenplay.version.desc())


# Asked with nearly every look at an episode: made once.
_CURRENT = screenplay_versions(sa.bindparam("episode")).limit(1)


def current_screenplay(session: Session, episode_id: int) -> Screenplay | None:
    return session.scalar(_CURRENT, {"episode": episode_id})


def find_screenplay(session: Session, episode: Episode, version: int | None = None) -> Screenplay:
    """That version of it, or the current one. Raises NotFoundError."""
    if version is None:
        row = current_screenplay(session, episode.id)
        if row is None:
            raise NotFoundError(f"{episode.key} has no screenplay.", episode=episode.key)
        return row
    row = session.scalar(screenplay_versions(episode.id).where(Screenplay.version == version))
    if row is None:
        raise NotFoundError(f"{episode.key} has no version {version} of its screenplay.", episode=episode.key)
    return row


def is_edit_of(session: Session, row: Screenplay, digest: str) -> bool:
    """Whether it is a person's edit of just this text."""
    if row.based_on is None:
        return False
    base = sa.select(Screenplay.digest).where(
        Screenplay.episode_id == row.episode_id, Screenplay.version == row.based_on
    )
    return session.scalar(base) == digest


def refuse_locked(row: Screenplay, episode: Episode) -> None:
    """Raises ScreenplayLockedError."""
    if row.state == "locked":
        by = f" by {row.changed_by}" if row.changed_by else ""
        raise ScreenplayLockedError(
            f"The screenplay of {episode.key} is locked{by} and stays as it is; unlock it first to change it.",
            episode=episode.key,
            version=row.version,
            locked_by=row.changed_by,
        )


def save_screenplay(
    session: Session,
    episode: Episode,
    written: model.ScreenplayEpisode,
    *,
    language: str,
    source_name: str,
    source_digest: str,
) -> bool:
    """Keep a new version unless the text is that of the current one, or the one that a person went on from: their edit
    stays. True when there is a new version. Raises ScreenplayLockedError where there would be one."""
    digest = episode_digest(written, language)
    current = current_screenplay(session, episode.id)
    if current is not None:
        if current.digest == digest or is_edit_of(session, current, digest):
            return False
        refuse_locked(current, episode)
    row = Screenplay(
        episode_id=episode.id,
        version=1 if current is None else current.version + 1,
        title=written.title or "",
        language=language,
        digest=digest,
        source_name=source_name,
        source_digest=source_digest,
    )
    row.scenes = scene_rows(written)
    session.add(row)
    session.flush()
    return True


def scene_rows(written: model.ScreenplayEpisode) -> list[Scene]:
    return [_scene_row(position, scene) for position, scene in enumerate(written.scenes, start=1)]


def episode_digest(written: model.ScreenplayEpisode, language: str) -> str:
    """Digest of what is told: where the lines stand in the file does not count."""
    return document_digest(
        [
            language,
            written.title,
            [
                [
                    [scene.number, scene.heading, scene.place, scene.time_text, scene.time_of_day, scene.interior],
                    [[entry.name, entry.count] for entry in scene.cast],
                    [[block.type, block.text, block.speaker, block.emotion] for block in scene.blocks],
                ]
                for scene in written.scenes
            ],
        ]
    )


def _scene_row(position: int, scene: model.Scene) -> Scene:
    row = Scene(
        position=position,
        number=scene.number,
        heading=scene.heading,
        line=scene.line,
        place=scene.place,
        time_text=scene.time_text,
        time_of_day=scene.time_of_day,
        interior=scene.interior,
        cast=[[entry.name, entry.count] for entry in scene.cast],
    )
    row.blocks = block_rows(scene)
    return row


def block_rows(scene: model.Scene) -> list[Block]:
    return [
        Block(
            position=place,
            type=block.type,
            text=block.text,
            line=block.line,
            speaker=block.speaker,
            emotion=block.emotion,
        )
        for place, block in enumerate(scene.blocks, start=1)
    ]


def read_episode(row: Screenplay, episode: Episode) -> model.ScreenplayEpisode:
    """The screenplay as the planner reads it."""
    return model.ScreenplayEpisode(
        number=episode.number,
        title=row.title or None,
        line=row.scenes[0].line if row.scenes else 1,
        scenes=tuple(_read_scene(scene) for scene in row.scenes),
    )


def _read_scene(row: Scene) -> model.Scene:
    return model.Scene(
        number=row.number,
        heading=row.heading,
        line=row.line,
        place=row.place,
        time_text=row.time_text,
        time_of_day=row.time_of_day,  # type: ignore[arg-type] # written from the same type
        interior=row.interior,  # type: ignore[arg-type]
        cast=tuple(model.CastEntry(name, count) for name, count in row.cast),
        blocks=tuple(
            model.Block(block.type, block.text, block.line, block.speaker, block.emotion)  # type: ignore[arg-type]
            for block in row.blocks
        ),
    )
