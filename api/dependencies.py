"""What routes ask for in their signatures: the installation, who calls, and the right to do this.

Each route declares one of `anybody()`, `logged_in()`, `administrator()`, `may(Action.X)` and `may_select()`. The last
two find the project by what the path names, answer 404 where it is not there or not to be seen, and 403 where the
action is missing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
import structlog
from fastapi import BackgroundTasks, Depends, Path, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller, identify, note_use
from aianime_pipeline.accounts.membership import actions_from, require_scope, roles_from, with_roles
from aianime_pipeline.accounts.rights import ALL_ACTIONS, SELECTS, Action, Role
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
from aianime_pipeline.production.shots.stages import Stage
from api.threads import look

_log = structlog.get_logger(__name__)

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


def _note_use(after: BackgroundTasks, place: Installation, caller: Caller) -> None:
    """When the request has been answered: a database that takes no writes now keeps nobody from reading."""
    if caller.api_key is not None and caller.use_is_due:
        after.add_task(_write_use, place, caller.api_key)


def _write_use(place: Installation, api_key: int) -> None:
    try:
        with place.database.write() as session:
            note_use(session, api_key)
    except (DBAPIError, NoConnectionFreeError) as error:
        _log.warning("the use of a key was not noted", key=api_key, error=type(error).__name__)


@dataclass(frozen=True)
class Allowed:
    """The caller, who may do what the route is for, and `actions` in all, by their `roles` in the project. `project` is
    its slug, `episode` its key, where the path names one or something of one."""

    caller: Caller
    project_id: int | None
    project: str | None
    actions: frozenset[Action]
    episode: str | None = None
    roles: frozenset[Role] = frozenset()

    @property
    def who(self) -> str:
        return self.caller.name


class Anybody:
    """No log-in is asked for. Asynchronous, so that it waits for no thread."""

    async def __call__(self) -> None:
        return None


@dataclass(frozen=True)
class LoggedIn:
    """Anybody who is logged in. `scope`: a key that is cut down has to be to this, too."""

    scope: Action | None = None

    async def __call__(self, request: Request, place: Place, bearer: Bearer, after: BackgroundTasks) -> Caller:
        caller = await look(self._caller, request, place, bearer)
        _note_use(after, place, caller)
        if self.scope is not None:
            require_scope(caller, self.scope)
        return caller

    def _caller(self, request: Request, place: Installation, bearer: str) -> Caller:
        with place.database.read() as session:
            return _identified(session, request, bearer)


class Administrator:
    """An administrator, with a token or a key that is not cut down."""

    async def __call__(self, request: Request, place: Place, bearer: Bearer, after: BackgroundTasks) -> Caller:
        caller = await LoggedIn()(request, place, bearer, after)
        if not caller.is_admin or caller.scopes is not None:
            raise NotAllowedError("This takes an administrator.")
        return caller


@dataclass(frozen=True)
class Right:
    """Whoever may do the action in the project that the path is about. None: the one that selecting its take takes."""

    action: Action | None

    async def __call__(self, request: Request, place: Place, bearer: Bearer, after: BackgroundTasks) -> Allowed:
        allowed = await look(self._looked_up, request, place, bearer)
        _note_use(after, place, allowed.caller)
        return allowed

    def _looked_up(self, request: Request, place: Installation, bearer: str) -> Allowed:
        with place.database.read() as session:
            return self._allowed(session, _identified(session, request, bearer), request.path_params)

    def _allowed(self, session: Session, caller: Caller, path: Mapping[str, Any]) -> Allowed:
        rows = _subject(session, caller, path)
        if not rows or (rows[0].id is None and not caller.is_admin):
            raise _not_there(path)
        subject, action = rows[0], self.action or SELECTS[_stage(session, path)]
        if subject.id is None:
            if caller.scopes is not None:
                raise NotAllowedError("This takes a key that is not cut down.", action=action)
            return Allowed(caller, None, None, ALL_ACTIONS)
        roles = roles_from(caller, subject.created_by, rows)
        actions = actions_from(caller, roles)
        if actions is None:
            raise _not_there(path)
        if action not in actions:
            raise NotAllowedError(f"{caller.name} may not do this in {subject.slug}: it takes {action}.", action=action)
        return Allowed(caller, subject.id, subject.slug, actions, subject.episode, roles or frozenset())


def anybody() -> Any:
    return Depends(Anybody())


def logged_in(scope: Action | None = None) -> Any:
    return Depends(LoggedIn(scope))


def administrator() -> Any:
    return Depends(Administrator())


def may(action: Action) -> Any:
    return Depends(Right(action))


def may_select() -> Any:
    """Of the take that the path names."""
    return Depends(Right(None))


def _subject(session: Session, caller: Caller, path: Mapping[str, Any]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """What the path is about: rows of `id`, `slug` and `created_by` of its project, null for a thing of the whole
    installation, the key of its `episode`, and the caller's roles there. No rows: it is not there."""
    for name, (query, kind) in _SUBJECTS.items():
        if name in path:
            value = kind(str(path[name]))
            return session.execute(query, {"value": value, "user": caller.user_id}).all() if value is not None else ()
    raise LookupError(f"nothing in the path says which project it is about: {sorted(path)}")


def _stage(session: Session, path: Mapping[str, Any]) -> Stage:
    """Of a take that is there."""
    query = sa.select(ShotStage.stage).join(Take, Take.stage_id == ShotStage.id).where(Take.id == int(path["take"]))
    return Stage(session.scalars(query).one())


def _not_there(path: Mapping[str, Any]) -> NotFoundError:
    """The same words whether it is not there or not to be seen."""
    name = next(name for name in _SUBJECTS if name in path)
    return NotFoundError(f"There is no {name} {str(path[name])[:80]!r}, or it is not yours to see.")


def _word(text: str) -> str | None:
    return text if "\0" not in text else None


def _number(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if 1 <= number <= MOST_ID else None


_VALUE: sa.BindParameter[Any] = sa.bindparam("value")
_OF_PROJECT = sa.select(Project.id, Project.slug, Project.created_by, sa.null().label("episode"))
_OF_EPISODE = sa.select(Project.id, Project.slug, Project.created_by, Episode.key.label("episode"))


def _perhaps_of(table: type[Task] | type[Generation]) -> sa.Select[*tuple[Any, ...]]:
    """Of a table whose rows may be of a project or of none, and of an episode or of none."""
    return (
        _OF_EPISODE.select_from(table)
        .outerjoin(Project, Project.id == table.project_id)
        .outerjoin(Episode, Episode.id == table.episode_id)
        .where(table.id == _VALUE)
    )


# Asked with nearly every request: made once, one way to the database, and no more than is looked at.
_SUBJECTS: Mapping[str, tuple[sa.Select[*tuple[Any, ...]], Callable[[str], str | int | None]]] = {
    name: (with_roles(query), kind)
    for name, query, kind in (
        (
            "episode",
            _OF_EPISODE.select_from(Episode)
            .join(Project, Project.id == Episode.project_id)
            .where(Episode.key == _VALUE),
            _word,
        ),
        ("project", _OF_PROJECT.where(Project.slug == _VALUE), _word),
        (
            "schedule",
            _OF_PROJECT.select_from(Schedule)
            .outerjoin(Project, Project.id == Schedule.project_id)
            .where(Schedule.name == _VALUE),
            _word,
        ),
        ("task", _perhaps_of(Task), _number),
        ("generation", _perhaps_of(Generation), _number),
        (
            "asset",
            _OF_PROJECT.select_from(Asset).join(Project, Project.id == Asset.project_id).where(Asset.id == _VALUE),
            _number,
        ),
        (
            "take",
            _OF_EPISODE.select_from(Take)
            .join(ShotStage, ShotStage.id == Take.stage_id)
            .join(Shot, Shot.id == ShotStage.shot_id)
            .join(Episode, Episode.id == Shot.episode_id)
            .join(Project, Project.id == Episode.project_id)
            .where(Take.id == _VALUE),
            _number,
        ),
        (
            "export",
            _OF_EPISODE.select_from(Export)
            .join(CompositeTask, CompositeTask.id == Export.composite_task_id)
            .join(Episode, Episode.id == CompositeTask.episode_id)
            .join(Project, Project.id == Episode.project_id)
            .where(Export.id == _VALUE),
            _number,
        ),
    )
}
"""By the name of a path's parameter; the first that a path has counts."""
