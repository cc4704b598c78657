"""What routes ask for in their signatures: the installation, who calls, and the right to do this.

Each route declares one of `anybody()`, `logged_in()`, `administrator()`, `may(Action.X)` and `may_select()`. The last
two find the project by what the path names, answer 404 where it is not there or not to be seen, and 403 where the
action is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Path, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session, joinedload, load_only

from aianime_pipeline.accounts.callers import Caller, identify, note_use
from aianime_pipeline.accounts.membership import actions_in
from aianime_pipeline.accounts.rights import ALL_ACTIONS, SELECTS, Action
from aianime_pipeline.db.models import (
    Asset,
    CompositeTask,
    Episode,
    Export,
    Generation,
    Project,
    Schedule,
    Shot,
    ShotStage,
    Take,
    Task,
)
from aianime_pipeline.errors import NotAllowedError, NotFoundError, NotLoggedInError
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.stages import Stage

MOST_ID = 2**63 - 1

ProjectSlug = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,48}$", examples=["moonlit"])]
EpisodeKey = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,80}$", examples=["moonlit-e001"])]
Id = Annotated[int, Path(ge=1, le=MOST_ID, examples=[12])]
ShotNumber = Annotated[int, Path(ge=1, le=99_999, examples=[7])]
Name = Annotated[str, Path(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f/]+$")]
Filter = Annotated[str | None, Query(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Of a list, by a name."""

_bearer = HTTPBearer(auto_error=False, description="An access token from `POST /api/v1/auth/login`, or an API key.")


async def _place(request: Request) -> Installation:
    place: Installation = request.app.state.place
    return place


Place = Annotated[Installation, Depends(_place)]


async def _bearer_of(credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]) -> str:
    if credentials is None:
        raise NotLoggedInError("This takes a log-in: send `Authorization: Bearer` with an access token or an API key.")
    return credentials.credentials


Bearer = Annotated[str, Depends(_bearer_of)]


def _identified(session: Session, request: Request, bearer: str) -> Caller:
    return identify(session, bearer, request.app.state.signing_key)


def _note_use(place: Installation, caller: Caller) -> None:
    if caller.api_key is not None and caller.use_is_due:
        with place.database.write() as session:
            note_use(session, caller.api_key)


@dataclass(frozen=True)
class Allowed:
    """The caller, who may do what the route is for, and `actions` in all. `project` is its slug, `episode` its key,
    where the path names one or something of one."""

    caller: Caller
    project_id: int | None
    project: str | None
    actions: frozenset[Action]
    episode: str | None = None

    @property
    def who(self) -> str:
        return self.caller.name


class Anybody:
    """No log-in is asked for. Asynchronous, so that it waits for no thread."""

    async def __call__(self) -> None:
        return None


class LoggedIn:
    """Anybody who is logged in."""

    def __call__(self, request: Request, place: Place, bearer: Bearer) -> Caller:
        with place.database.read() as session:
            caller = _identified(session, request, bearer)
        _note_use(place, caller)
        return caller


class Administrator:
    """An administrator, with a token or a key that is not cut down."""

    def __call__(self, request: Request, place: Place, bearer: Bearer) -> Caller:
        caller = LoggedIn()(request, place, bearer)
        if not caller.is_admin or caller.scopes is not None:
            raise NotAllowedError("This takes an administrator.")
        return caller


@dataclass(frozen=True)
class Right:
    """Whoever may do the action in the project that the path is about. None: the one that selecting its take takes."""

    action: Action | None

    def __call__(self, request: Request, place: Place, bearer: Bearer) -> Allowed:
        with place.database.read() as session:  # one for both questions: each is a round trip or two
            caller = _identified(session, request, bearer)
            allowed = self._allowed(session, caller, request.path_params)
        _note_use(place, caller)
        return allowed

    def _allowed(self, session: Session, caller: Caller, path: Mapping[str, Any]) -> Allowed:
        subject = _subject(session, path)
        if subject is None or (subject.project is None and not caller.is_admin):
            raise _not_there(path)
        action = self.action or SELECTS[_stage(session, path)]
        if subject.project is None:
            if caller.scopes is not None:
                raise NotAllowedError("This takes a key that is not cut down.", action=action)
            return Allowed(caller, None, None, ALL_ACTIONS)
        actions = actions_in(session, caller, subject.project)
        if actions is None:
            raise _not_there(path)
        if action not in actions:
            raise NotAllowedError(
                f"{caller.name} may not do this in {subject.project.slug}: it takes {action}.", action=action
            )
        return Allowed(caller, subject.project.id, subject.project.slug, actions, subject.episode)


def anybody() -> Any:
    return Depends(Anybody())


def logged_in() -> Any:
    return Depends(LoggedIn())


def administrator() -> Any:
    return Depends(Administrator())


def may(action: Action) -> Any:
    return Depends(Right(action))


def may_select() -> Any:
    """Of the take that the path names."""
    return Depends(Right(None))


@dataclass(frozen=True)
class _Subject:
    """`project` None: a thing of the whole installation."""

    project: Project | None
    episode: str | None = None


def _subject(session: Session, path: Mapping[str, Any]) -> _Subject | None:
    for name, find in _FINDERS.items():
        if name in path:
            return find(session, str(path[name]))
    raise LookupError(f"nothing in the path says which project it is about: {sorted(path)}")


def _stage(session: Session, path: Mapping[str, Any]) -> Stage:
    """Of a take that is there."""
    query = sa.select(ShotStage.stage).join(Take, Take.stage_id == ShotStage.id).where(Take.id == int(path["take"]))
    return Stage(session.scalars(query).one())


def _not_there(path: Mapping[str, Any]) -> NotFoundError:
    """The same words whether it is not there or not to be seen."""
    name = next(name for name in _FINDERS if name in path)
    return NotFoundError(f"There is no {name} {str(path[name])[:80]!r}, or it is not yours to see.")


# Asked with nearly every request: made once, and no more than is looked at.
_RIGHTS = (Project.slug, Project.created_by)
_PROJECT = sa.select(Project).options(load_only(*_RIGHTS)).where(Project.slug == sa.bindparam("slug"))
_EPISODE = (
    sa.select(Episode)
    .options(load_only(Episode.key), joinedload(Episode.project).load_only(*_RIGHTS))
    .where(Episode.key == sa.bindparam("key"))
)


def _by_slug(session: Session, slug: str) -> _Subject | None:
    if "\0" in slug:
        return None
    project = session.scalar(_PROJECT, {"slug": slug})
    return _Subject(project) if project is not None else None


def _by_key(session: Session, key: str) -> _Subject | None:
    if "\0" in key:
        return None
    episode = session.scalar(_EPISODE, {"key": key})
    return _Subject(episode.project, episode.key) if episode is not None else None


def _by_schedule(session: Session, name: str) -> _Subject | None:
    row = session.scalar(sa.select(Schedule).where(Schedule.name == name)) if "\0" not in name else None
    if row is None:
        return None
    return _Subject(session.get(Project, row.project_id) if row.project_id is not None else None)


def _by_id(of: Callable[[int], sa.Select[Any, Any]]) -> Callable[[Session, str], _Subject | None]:
    """A finder by a query that gives one row of (project id or None, episode id or None)."""

    def find(session: Session, text: str) -> _Subject | None:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
        row = session.execute(of(number)).one_or_none() if 1 <= number <= MOST_ID else None
        if row is None:
            return None
        project_id, episode_id = row
        episode = session.get(Episode, episode_id) if episode_id is not None else None
        if episode is not None:
            return _Subject(episode.project, episode.key)
        return _Subject(session.get(Project, project_id) if project_id is not None else None)

    return find


_NO_EPISODE = sa.literal(None, sa.BigInteger)
_FINDERS: Mapping[str, Callable[[Session, str], _Subject | None]] = {
    "episode": _by_key,
    "project": _by_slug,
    "schedule": _by_schedule,
    "task": _by_id(lambda number: sa.select(Task.project_id, Task.episode_id).where(Task.id == number)),
    "generation": _by_id(
        lambda number: sa.select(Generation.project_id, Generation.episode_id).where(Generation.id == number)
    ),
    "asset": _by_id(lambda number: sa.select(Asset.project_id, _NO_EPISODE).where(Asset.id == number)),
    "take": _by_id(
        lambda number: (
            sa.select(Episode.project_id, Episode.id)
            .join(Shot, Shot.episode_id == Episode.id)
            .join(ShotStage, ShotStage.shot_id == Shot.id)
            .join(Take, Take.stage_id == ShotStage.id)
            .where(Take.id == number)
        )
    ),
    "export": _by_id(
        lambda number: (
            sa.select(Episode.project_id, Episode.id)
            .join(CompositeTask, CompositeTask.episode_id == Episode.id)
            .join(Export, Export.composite_task_id == CompositeTask.id)
            .where(Export.id == number)
        )
    ),
}
"""By the name of a path's parameter; the first that a path has counts."""
