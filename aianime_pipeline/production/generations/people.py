"""What people see and decide of generations: the list, the ambiguous ones, cancelling."""

from collections.abc import Collection
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Generation, Project, ProviderUsage, Shot
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError, NotFoundError, ProviderError, StateError
from aianime_pipeline.production.budgets.reserving import release
from aianime_pipeline.production.generations.settling import charge_expected, settle_refusal
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.tasks.stopping import go_on
from aianime_pipeline.providers.capabilities import Capability, ErrorKind

Resolution = Literal["charged", "not_charged"]

MOST_LISTED = 200


def list_generations(
    session: Session, *, state: str | None = None, project: str | None = None, most: int = MOST_LISTED
) -> list[Generation]:
    """The newest first. Raises NotFoundError for a project that is not there."""
    query = sa.select(Generation).order_by(Generation.id.desc()).limit(most)
    if state is not None:
        query = query.where(Generation.state == state)
    if project is not None:
        query = query.where(Generation.project_id == find_project(session, project).id)
    return list(session.scalars(query))


def generation_rows(
    *,
    projects: Collection[int] | None = None,
    state: str | None = None,
    provider: str | None = None,
    episode_id: int | None = None,
    costs_of: Collection[int] | None = None,
) -> sa.Select[Generation, str, str, int, int, int, str]:
    """Generations, in no order, each with its project's slug, its episode's key, its shot's number, what was reserved
    for it, and what it cost in which currency, None where there is none. `projects` by id; None: of all, and of none.
    `costs_of` likewise: of others what was reserved and what it cost is None, too."""
    shown = sa.true() if costs_of is None else Generation.project_id.in_(costs_of)
    query = (
        sa.select(
            Generation,
            Project.slug,
            Episode.key,
            Shot.number,
            sa.case((shown, Generation.reserved_micros)),
            sa.case((shown, ProviderUsage.cost_micros)),
            ProviderUsage.currency,
        )
        .outerjoin(Project, Project.id == Generation.project_id)
        .outerjoin(Episode, Episode.id == Generation.episode_id)
        .outerjoin(Shot, Shot.id == Generation.shot_id)
        .outerjoin(ProviderUsage, ProviderUsage.generation_id == Generation.id)
    )
    if projects is not None:
        query = query.where(Generation.project_id.in_(projects))
    if state is not None:
        query = query.where(Generation.state == state)
    if provider is not None:
        query = query.where(Generation.provider == provider)
    return query if episode_id is None else query.where(Generation.episode_id == episode_id)


def find_generation(session: Session, generation_id: int) -> Generation:
    row = session.get(Generation, generation_id)
    if row is None:
        raise NotFoundError(f"There is no generation {generation_id}.", generation=generation_id)
    return row


def resolve(
    place: Installation, generation_id: int, resolution: Resolution, by: str, *, job_id: str | None = None
) -> Generation:
    """A person's word on an ambiguous generation, after looking it up at the vendor.

    `charged` with a `job_id` goes on with that job: its result is fetched as of any other. `charged` without one counts
    the expected cost and gives the result up. `not_charged` frees what was reserved. In both the shot may be made
    again. Raises NotFoundError, StateError for one that is not ambiguous, and BadSettingError for a job of what was not
    charged.
    """
    if job_id is not None and resolution == "not_charged":
        raise BadSettingError("A job goes with `charged`: what was not charged has no result to fetch.", field="job")
    with place.database.write() as session:
        row = session.get(Generation, generation_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFoundError(f"There is no generation {generation_id}.", generation=generation_id)
        if row.state != "ambiguous":
            raise StateError(f"The generation {generation_id} is {row.state}: there is nothing to resolve.")
        if resolution == "charged" and job_id is None and row.project_id is None:
            raise StateError(
                f"The generation {generation_id} is of no project that its cost could be counted for: name the "
                "vendor's job, or say that it was not charged."
            )
        if job_id is not None and (other := _of_job(session, row, job_id)) is not None:
            raise StateError(
                f"The vendor's job {job_id!r} is that of generation {other} already: look which is this one's."
            )
        if row.episode_id is not None:
            go_on(session, row.episode_id)
        row.resolution, row.resolved_by = resolution, by
        if resolution == "charged" and job_id is not None:
            row.state, row.job_id, row.submitted_at, row.settled_at = "submitted", job_id, row.created_at, None
            # The sensor asks after it: of a shot that a person has decided about meanwhile no run does.
            row.next_poll_at = now()
            return row
        row.state, row.settled_at = "failed", now()
        if resolution == "charged":
            charge_expected(session, row, session.get_one(Project, row.project_id).currency)
        else:
            release(session, row.id)
        return row


def _of_job(session: Session, row: Generation, job_id: str) -> int | None:
    """Another generation that has the job: its result and its cost are that one's."""
    return session.scalar(
        sa.select(Generation.id)
        .where(Generation.provider == row.provider, Generation.job_id == job_id, Generation.id != row.id)
        .limit(1)
    )


def cancel(place: Installation, generation_id: int, by: str) -> bool:
    """Ask the vendor to give a job up. True if it will not be charged. Raises NotFoundError, StateError."""
    with place.database.read() as session:
        row = find_generation(session, generation_id)
    if row.state != "submitted" or not row.job_id:
        raise StateError(f"The generation {generation_id} is {row.state}: only a job at a vendor can be cancelled.")
    route = place.route_named(row.route or "local/animatic", Capability(row.capability))
    if not route.backend.cancel(row.job_id, route.model):
        return False
    settle_refusal(place, generation_id, ProviderError(f"cancelled by {by}", kind=ErrorKind.TRANSIENT))
    return True
