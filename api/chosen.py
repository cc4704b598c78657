"""Projects and episodes that a query or a body names, as far as the caller may see them.

Where a path names them, the route's right looks after that (dependencies.py).
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.membership import actions_in, projects_allowing, require, require_scope
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Episode, Project
from aianime_pipeline.errors import NotFoundError


def chosen_project(session: Session, caller: Caller, slug: str, action: Action) -> Project:
    """Raises NotFoundError where it is not there or not to be seen, NotAllowedError where it is seen and the action is
    not among the caller's."""
    found = session.scalar(sa.select(Project).where(Project.slug == slug))
    return _allowed(session, caller, found, action, f"project {slug!r}")


def chosen_episode(session: Session, caller: Caller, key: str, action: Action) -> Episode:
    """As `chosen_project`."""
    episode = session.scalar(sa.select(Episode).where(Episode.key == key))
    _allowed(session, caller, episode.project if episode is not None else None, action, f"episode {key!r}")
    assert episode is not None
    return episode


def projects_of(session: Session, caller: Caller, action: Action) -> frozenset[int] | None:
    """Ids of the projects in which the caller may do it; None: all, and what is of no project. Raises NotAllowedError
    for a key that is cut down and not to this."""
    require_scope(caller, action)
    found = projects_allowing(session, caller, action)
    if found is None and caller.scopes is not None:
        return frozenset(session.scalars(sa.select(Project.id)))
    return found


def _allowed(session: Session, caller: Caller, project: Project | None, action: Action, what: str) -> Project:
    if project is None or actions_in(session, caller, project) is None:
        # The same words whether it is not there or not to be seen.
        raise NotFoundError(f"There is no {what}, or it is not yours to see.")
    require(session, caller, project, action)
    return project
