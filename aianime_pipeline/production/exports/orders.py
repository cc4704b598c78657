"""An export that was asked for: by which preset, whether it may begin, and its row.

Gate, claim and row are one transaction, so that an export either goes on for everybody or never began.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, Episode, Export
from aianime_pipeline.errors import BadSettingError, UnknownFormatError
from aianime_pipeline.film.interchange import FORMATS
from aianime_pipeline.film.presets.presets import MAIN, ExportPreset, to_document
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.exports.claims import ExportWatch, claim_task
from aianime_pipeline.production.films.composite_rows import find_task
from aianime_pipeline.production.films.gate import not_ready
from aianime_pipeline.production.films.settings import main_preset, own_presets, record_changes
from aianime_pipeline.production.films.timeline import EpisodeShots, load_episode_shots, waiting_for_film
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.publishing import checked_name, export_path
from aianime_pipeline.production.runs import Run


@dataclass(frozen=True)
class Order:
    """What was asked for. `preset` None: the main one of a project whose size no preset has."""

    preset: ExportPreset | None
    main: bool
    draft: bool
    formats: tuple[str, ...]
    who: str

    @property
    def name(self) -> str:
        return self.preset.name if self.preset is not None else MAIN

    @property
    def is_film(self) -> bool:
        return self.main and not self.draft


@dataclass(frozen=True)
class ExportWork:
    """An export on its way."""

    place: Installation
    watch: ExportWatch
    order: Order
    shots: EpisodeShots
    task_id: int
    row_id: int

    @property
    def episode(self) -> Episode:
        return self.shots.episode

    @property
    def title(self) -> str:
        episode = self.episode
        return " ".join(part for part in (episode.project.title, episode.title or f"E{episode.number:02d}") if part)

    @property
    def path(self) -> Path:
        return export_path(self.place, self.episode.key, self.order.name, draft=self.order.draft)


def begin_export(
    session: Session,
    run: Run,
    episode_key: str,
    preset: ExportPreset | None,
    draft: bool,
    formats: tuple[str, ...],
    who: str,
) -> tuple[EpisodeShots, CompositeTask, Order, Export]:
    """The gate, the claim and the row, in one transaction."""
    check_formats(formats)
    episode = find_episode(session, episode_key)
    main = main_preset(episode.project)
    order = Order(preset if preset is not None else main, preset in (None, main), draft, formats, who)
    if checked_name(order.name) == MAIN and not order.main:
        raise BadSettingError(f"The name {MAIN!r} is kept for the project's main preset; take another.")
    shots = load_episode_shots(session, episode)
    waiting = waiting_for_film(shots, find_task(session, episode))
    if waiting and not draft:
        raise not_ready(episode.key, waiting)
    _record_missing_label(session, episode, order)
    task = claim_task(session, episode, run)
    row = Export(
        composite_task_id=task.id,
        name=order.name,
        preset=to_document(order.preset or ExportPreset(MAIN)),
        draft=draft,
        formats=list(formats),
        requested_by=who,
        files={},
        report={},
    )
    session.add(row)
    session.flush()
    return shots, task, order, row


def _record_missing_label(session: Session, episode: Episode, order: Order) -> None:
    """A project's presets were recorded when they were changed; this one is of the moment."""
    preset, project = order.preset, episode.project
    if preset is None or preset.ai_label or order.main or own_presets(project).get(preset.name) == preset:
        return
    record_changes(
        session, project, order.who, f"exports.{episode.key}-{preset.name}", {"ai_label": True}, {"ai_label": False}
    )


def check_formats(formats: Sequence[str]) -> None:
    """Raises UnknownFormatError that lists those there are."""
    for name in formats:
        if name not in FORMATS:
            raise UnknownFormatError(f"{name!r} is no format for editing programs; there are {', '.join(FORMATS)}.")
