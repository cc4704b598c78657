"""Projects: made by the first import, changed by their owner."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.organisations import MOST_ORGANISATION, require_in_organisation
from aianime_pipeline.accounts.recording import record_rights
from aianime_pipeline.db.engine import insert_unless_there
from aianime_pipeline.db.models import Project
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError, BadSlugError, NotAllowedError, NotFoundError, ProjectExistsError
from aianime_pipeline.film.presets.presets import main_preset, preset_from_document, to_document
from aianime_pipeline.production.shots.stages import ReviewMode
from aianime_pipeline.production.tasks.stopping import go_on_in_project
from aianime_pipeline.production.written_text import checked_text

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?")

SIZES = {
    "16:9": {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080)},
    "9:16": {"480p": (480, 854), "720p": (720, 1280), "1080p": (1080, 1920)},
    "1:1": {"480p": (480, 480), "720p": (720, 720), "1080p": (1080, 1080)},
}
_AUTOMATIC = frozenset({"auto_make", "auto_export", "auto_package"})
RATES = {"24": Fraction(24), "25": Fraction(25), "30": Fraction(30), "23.976": Fraction(24000, 1001)}


def checked_slug(slug: str) -> str:
    """Raises BadSlugError with a suggestion."""
    if _SLUG.fullmatch(slug) and "--" not in slug:
        return slug
    plain = unicodedata.normalize("NFKD", slug).encode("ascii", "ignore").decode().lower()
    suggestion = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-")
    raise BadSlugError(
        f"{slug!r} does not fit as a project's short name: it takes 1 to 48 small letters a-z, digits and single "
        f"hyphens between them{f', such as {suggestion!r}' if suggestion else ''}.",
        slug=slug,
    )


_PROJECT = sa.select(Project).where(Project.slug == sa.bindparam("slug"))


def find_project(session: Session, slug: str) -> Project:
    project = session.scalar(_PROJECT, {"slug": slug})
    if project is None:
        known = session.scalars(sa.select(Project.slug).order_by(Project.slug)).all()
        raise NotFoundError(f"There is no project {slug!r}; there are: {', '.join(known) or 'none yet'}.", slug=slug)
    return project


def get_or_create_project(session: Session, slug: str, *, title: str | None, language: str) -> Project:
    """The project, locked for this transaction. Raises BadSlugError, BadSettingError for a title that is no text."""
    if title:
        checked_text(title, "The title")
    insert_unless_there(
        session, Project, "slug", {"slug": checked_slug(slug), "title": slug, "language": language, "created_at": now()}
    )
    # Locked until the transaction ends: imports into one project follow each other.
    project = session.scalars(sa.select(Project).where(Project.slug == slug).with_for_update(key_share=True)).one()
    if title:
        project.title = title
    return project


def create_project(
    session: Session, slug: str, options: Mapping[str, Any], *, language: str, caller: Caller
) -> Project:
    """A new one, whose director the caller is, of the organisation that `options` name, or of none.

    Raises BadSlugError, BadSettingError, ProjectExistsError, NotAllowedError for a key that is cut down or an
    organisation that is not the caller's to bring projects into, and NotFoundError for one that they do not see.
    """
    if caller.scopes is not None:
        raise NotAllowedError("A key that is cut down makes no projects.")
    organisation = require_in_organisation(session, caller, name).name if (name := options.get("organisation")) else ""
    values = {
        "title": slug,
        "language": language,
        "organisation": organisation,
        "created_by": caller.name,
        "created_at": now(),
    }
    if not insert_unless_there(session, Project, "slug", {"slug": checked_slug(slug), **values}):
        raise ProjectExistsError(f"There is a project {slug!r} already: choose another short name.", slug=slug)
    project = session.scalars(sa.select(Project).where(Project.slug == slug)).one()
    set_options(project, _others(options))
    return project


def change_project(session: Session, slug: str, options: Mapping[str, Any], caller: Caller) -> Project:
    """Change a project's options as a caller who may edit it. To another organisation, whose budgets count from then on
    what it spends, it goes only with whoever may bring projects there and may take them from where it is; that is kept
    and told as a change of rights is. Raises what `set_options` raises, NotFoundError and NotAllowedError."""
    project = session.scalar(
        sa.select(Project).where(Project.slug == slug).with_for_update(key_share=True)
    ) or find_project(session, slug)
    name = options.get("organisation", project.organisation)
    if name != project.organisation:
        moved_to = require_in_organisation(session, caller, name).name
        if project.organisation and not caller.is_admin:
            require_in_organisation(session, caller, project.organisation)
        record_rights(session, project, caller.name, "organisation", project.organisation or None, moved_to)
        project.organisation = moved_to
    set_options(project, _others(options))
    return project


def _others(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "organisation"}


def set_options(project: Project, options: Mapping[str, Any]) -> None:
    """Change a project's options, given as a person writes them. Raises BadSettingError; then nothing is changed.
    A main preset that was set follows the project's size and rate.

    `aspect` and `size` together give the picture's pixels; `rate` is frames per second; `review_storyboard`,
    `review_image`, `review_video` and `review_voice` say who looks at them; `review_rubric` is what the AI reviewer
    looks for besides, and `review_threshold` from which score on it approves; after `retake_cap` rejections only a
    person has another take made; `auto_make`, `auto_export` and `auto_package` say what is made by itself; `style` and
    `negative_prompt` are prompt text; `organisation` is whose budgets count what the project spends from now on;
    `speed_up_speech` lets speech run up to 1.25 times faster before a shot is held longer.
    """
    changes: dict[str, Any] = {}
    if "aspect" in options or "size" in options:
        changes["width"], changes["height"] = _pixels(project, options.get("aspect"), options.get("size"))
    if "rate" in options:
        rate = RATES.get(str(options["rate"]))
        if rate is None:
            raise BadSettingError(f"rate is {options['rate']!r}; it takes one of {', '.join(RATES)}.")
        changes["rate_numerator"], changes["rate_denominator"] = rate.numerator, rate.denominator
    if project.export_preset is not None and {"aspect", "size", "rate"} & options.keys():
        changes["export_preset"] = _as_large_and_fast(project, changes)
    for name in ("review_storyboard", "review_image", "review_video", "review_voice"):
        if name in options:
            if options[name] not in set(ReviewMode):
                modes = ", ".join(ReviewMode)
                raise BadSettingError(f"{name.replace('_', '-')} is {options[name]!r}; it takes one of {modes}.")
            changes[name] = options[name]
    for name in ("style", "negative_prompt", "title", "review_rubric"):
        if name in options:
            changes[name] = checked_text(options[name], f"The {name.replace('_', ' ')}")
    if "organisation" in options:
        changes["organisation"] = _organisation(options["organisation"])
    for name in ("speed_up_speech", *sorted(_AUTOMATIC)):
        if name in options:
            changes[name] = options[name]
    for name, most in (("retake_cap", 100), ("review_threshold", 100)):
        if name in options:
            if not 0 <= options[name] <= most:
                raise BadSettingError(f"{name.replace('_', '-')} is {options[name]}; it takes 0 to {most}.")
            changes[name] = options[name]
    for name, value in changes.items():
        setattr(project, name, value)
    if (session := object_session(project)) is not None and _AUTOMATIC & changes.keys():
        go_on_in_project(session, project.id)


def _organisation(name: str) -> str:
    found = checked_text(name, "The organisation").strip()
    if not 1 <= len(found) <= MOST_ORGANISATION or not found.isprintable():
        raise BadSettingError(
            f"organisation is {name!r}; it takes a name of 1 to {MOST_ORGANISATION} characters in one line."
        )
    return found


def _pixels(project: Project, aspect: str | None, size: str | None) -> tuple[int, int]:
    now_aspect, now_size = next(
        (
            (aspect_name, size_name)
            for aspect_name, sizes in SIZES.items()
            for size_name, pixels in sizes.items()
            if pixels == (project.width, project.height)
        ),
        ("16:9", "720p"),
    )
    sizes = SIZES.get(aspect or now_aspect)
    if sizes is None:
        raise BadSettingError(f"aspect is {aspect!r}; it takes one of {', '.join(SIZES)}.")
    pixels = sizes.get(size or now_size)
    if pixels is None:
        raise BadSettingError(f"size is {size!r}; it takes one of {', '.join(sizes)}.")
    return pixels


def _as_large_and_fast(project: Project, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The project's main preset with the size and rate that the changes give it, where the changes name them."""
    preset = preset_from_document(project.export_preset)
    rate = Fraction(
        changes.get("rate_numerator", preset.rate.numerator), changes.get("rate_denominator", preset.rate.denominator)
    )
    if "width" in changes:
        sized = main_preset(changes["width"], changes["height"], rate)
        preset = replace(preset, resolution=sized.resolution, aspect=sized.aspect)
    return to_document(replace(preset, rate=rate))
