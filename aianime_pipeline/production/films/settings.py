"""What a project's owner decides about its films: the main preset, presets of their own, subtitles' style, watermark.

Every change is recorded with who made it, field by field; the AI-content label is why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Project, ProjectChange
from aianime_pipeline.errors import BadSettingError, NotFoundError, StateError
from aianime_pipeline.film.drawing.style import SubtitleStyle
from aianime_pipeline.film.drawing.watermark import Watermark, read_mark
from aianime_pipeline.film.presets import presets
from aianime_pipeline.film.presets.presets import MAIN, ExportPreset
from aianime_pipeline.production.generations import remember_object
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.publishing import checked_name
from aianime_pipeline.storage.store import StoredObject

MOST_PRESETS = 100
"""Of a project's own."""
_PLACING = ("corner", "width", "opacity", "margin")


def main_preset(project: Project) -> ExportPreset | None:
    """The preset of the episodes' films; None where the project has a size of its own that no preset has: then the film
    is as large and as fast as the project, everything else as usual."""
    if project.export_preset is not None:
        return presets.preset_from_document(project.export_preset)
    try:
        return presets.main_preset(project.width, project.height, project.rate)
    except BadSettingError:
        return None


def own_presets(project: Project) -> dict[str, ExportPreset]:
    return {name: presets.preset_from_document(document) for name, document in (project.presets or {}).items()}


def find_preset(project: Project, name: str) -> ExportPreset | None:
    """A preset by its name: `main`, one of the project's own, or a built-in one. None as `main_preset`. Raises
    NotFoundError that lists them all."""
    return main_preset(project) if name == MAIN else presets.preset_named(name, own_presets(project))


def set_main_preset(session: Session, project: Project, preset: ExportPreset | None, *, who: str) -> None:
    """None: as large and as fast as the project, everything else as usual."""
    before = main_preset(project) or ExportPreset(MAIN)
    project.export_preset = {**presets.to_document(preset), "name": MAIN} if preset is not None else None
    after = main_preset(project) or ExportPreset(MAIN)
    record_changes(session, project, who, "export_preset", presets.to_document(before), presets.to_document(after))


def save_preset(session: Session, project: Project, preset: ExportPreset, *, who: str) -> None:
    """A preset of the project's own, new or changed. Raises BadSettingError for a name that it cannot have, and for one
    too many."""
    if checked_name(preset.name) == MAIN or preset.name in presets.BUILT_IN:
        raise BadSettingError(f"There is a preset {preset.name!r} already that is not the project's own; take another.")
    own = dict(project.presets or {})
    if preset.name not in own and len(own) >= MOST_PRESETS:
        raise BadSettingError(f"{project.slug} has {MOST_PRESETS} presets of its own already; remove one first.")
    document = presets.to_document(preset)
    # A new preset is compared with what is usual, so that one without the label is recorded too.
    before = own.get(preset.name) or presets.to_document(ExportPreset(preset.name))
    record_changes(session, project, who, f"presets.{preset.name}", before, document)
    project.presets = own | {preset.name: document}


def remove_preset(session: Session, project: Project, name: str, *, who: str) -> None:
    """Raises NotFoundError."""
    own = dict(project.presets or {})
    if name not in own:
        raise NotFoundError(f"{project.slug} has no preset {name!r} of its own; it has {', '.join(own) or 'none'}.")
    record_changes(session, project, who, f"presets.{name}", own.pop(name), {})
    project.presets = own or None


def subtitle_style(project: Project) -> SubtitleStyle:
    return SubtitleStyle.from_document(project.subtitle_style or {})


def set_subtitle_style(session: Session, project: Project, style: SubtitleStyle | None, *, who: str) -> None:
    """None: the usual one."""
    before = subtitle_style(project).to_document()
    project.subtitle_style = style.to_document() if style is not None else None
    record_changes(session, project, who, "subtitle_style", before, subtitle_style(project).to_document())


def watermark(place: Installation, project: Project) -> Watermark | None:
    """Raises ObjectMissingError."""
    if project.watermark is None:
        return None
    with place.store.open(project.watermark["object"]) as file:
        return Watermark(file.read(), **{name: project.watermark[name] for name in _PLACING})


@dataclass(frozen=True)
class KeptMark:
    """A watermark whose picture can be used and lies in the store."""

    mark: Watermark
    picture: StoredObject


def keep_watermark(place: Installation, mark: Watermark) -> KeptMark:
    """Look at the picture and put it into the store, which may take seconds: before a transaction begins, not in it.
    Raises NotFoundError and UnreadableMediaError for a picture that cannot be used."""
    read_mark(mark.source)
    data = mark.source if isinstance(mark.source, bytes) else mark.source.read_bytes()
    return KeptMark(mark, place.store.put_bytes(data, "application/octet-stream"))


def set_watermark(session: Session, project: Project, kept: KeptMark | None, *, who: str) -> None:
    """Put the mark on the project's films; None takes it off."""
    document: dict[str, Any] | None = None
    if kept is not None:
        remember_object(session, kept.picture)
        document = {"object": kept.picture.digest, **_placing(kept.mark)}
    _set_mark(session, project, document, who)


def place_watermark(session: Session, project: Project, changes: Mapping[str, Any], *, who: str) -> None:
    """Have the project's mark elsewhere, larger or fainter. Raises BadSettingError."""
    if project.watermark is None:
        raise BadSettingError(f"{project.slug} has no watermark yet; give its picture, such as --watermark logo.png.")
    mark = Watermark(b"", **{name: project.watermark[name] for name in _PLACING})
    _set_mark(session, project, project.watermark | _placing(replace(mark, **changes)), who)


def _set_mark(session: Session, project: Project, document: dict[str, Any] | None, who: str) -> None:
    record_changes(session, project, who, "watermark", project.watermark or {}, document or {})
    project.watermark = document


def _placing(mark: Watermark) -> dict[str, Any]:
    return {name: getattr(mark, name) for name in _PLACING}


def changes_of(session: Session, project: Project) -> list[ProjectChange]:
    """The newest first."""
    query = sa.select(ProjectChange).where(ProjectChange.project_id == project.id).order_by(ProjectChange.id.desc())
    return list(session.scalars(query))


def record_changes(
    session: Session, project: Project, who: str, of: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """One row for each field that differs. Raises StateError where nobody is named."""
    if not who.strip():
        raise StateError(f"A change of {of} is recorded with who made it, and nobody is named.")
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name) or (name in before) != (name in after):
            session.add(
                ProjectChange(
                    project_id=project.id,
                    who=who,
                    field=f"{of}.{name}",
                    before=_held(before, name),
                    after=_held(after, name),
                )
            )


def _held(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {"value": document[name]} if name in document else {}
