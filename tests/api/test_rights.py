"""Every route × everybody: who may not is refused, in the way that the route's declaration says, and who may is not.

A new route is walked by itself. One whose path has a parameter that the world of these tests does not name fails, and
says so; so does one that declares nothing, or twice.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.testclient import TestClient
from support.api_world import WORLD_PROJECT, World
from support.asgi_calls import Answer, call
from support.kept_rows import KeptRows
from support.people import ADMIN, EVERYBODY, STRANGER, People

from aianime_pipeline.accounts.rights import ROLES, SELECTS, Action, Role
from aianime_pipeline.db.models import ShotStage, Take
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.shots.stages import Stage
from api.app import PREFIX, create_app
from api.dependencies import Administrator, Anybody, LoggedIn, Right

Declaration = Anybody | LoggedIn | Administrator | Right

NOBODY = "nobody"
_HIDDEN = "or it is not yours to see."
_BODIES = (None, b"{}")
_NO_DAGSTER = "http://127.0.0.1:9"
"""Nothing listens there: what is asked for is queued."""
_NOT_OURS = {f"{PREFIX}/openapi.json"}
"""Routes of the framework, for anybody."""
_CHANGES_NOTHING: set[str] = set()
"""Operations that are no GET and only look."""
_FORETOLD = f"{PREFIX}/episodes/{{episode}}/quote"
"""What work is going to cost is told to all who see the project: they ask for it."""
_MONEY = re.compile("micros|^cost$")


class Operation(NamedTuple):
    method: str
    path: str
    declarations: tuple[Declaration, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def declarations_in(dependant: Dependant) -> Iterator[Declaration]:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Declaration):
            yield dependency.call
        yield from declarations_in(dependency)


def operations_of(app: FastAPI) -> list[Operation]:
    found: list[Operation] = []
    for context in iter_route_contexts(app.routes):
        path = context.path_format or context.path or ""
        if not isinstance(context.original_route, APIRoute):
            assert path in _NOT_OURS, f"{path} is no route that can be asked what it declares"
            continue
        declarations = tuple(declarations_in(context.dependant))
        found += [Operation(method, path, declarations) for method in sorted(context.methods or ())]
    return found


@pytest.fixture
def app(place: Installation) -> Iterator[FastAPI]:
    away = replace(place, settings=replace(place.settings, dagster_url=_NO_DAGSTER))
    with TestClient(create_app(away)) as client:
        client.app.state.portal = client.portal
        yield client.app


def ask(app: FastAPI, operation: Operation, world: World, token: str | None, body: bytes | None) -> Answer:
    try:
        path = world.path(operation.path)
    except KeyError as unknown:
        pytest.fail(f"{operation}: the world of the tests names no {unknown}; give it one in support/api_world.py")
    headers = {"authorization": f"Bearer {token}"} if token is not None else {}
    answer = app.state.portal.call(partial(call, app, operation.method, path, headers=headers, body=body))
    assert isinstance(answer, Answer)
    return answer


def expected(declaration: Declaration, who: str, stage: Stage = Stage.IMAGE) -> str:
    """`stage` is that of the take that the path names."""
    match declaration:
        case Anybody():
            return "let in"
        case _ if who == NOBODY:
            return "401"
        case LoggedIn():
            return "let in"
        case Administrator():
            return "let in" if who == ADMIN else "403"
        case Right(action):
            action = action or SELECTS[stage]
            if who == ADMIN or (who not in (ADMIN, STRANGER) and action in ROLES[Role(who)]):
                return "let in"
            return "404" if who == STRANGER else "403"


def found_in(answer: Answer, declaration: Declaration) -> str:
    """«let in» is everything but a refusal by who asks: the request itself may be of no use."""
    if answer.status == 404 and not answer.document.get("message", "").endswith(_HIDDEN):
        return "let in"
    if isinstance(declaration, LoggedIn) and answer.status == 404:
        return "let in"  # such a route decides itself what it shows to whom
    if answer.status == 401 and answer.document.get("code") in ("ERR_LOGIN_FAILED", "ERR_LOGIN_THROTTLED"):
        return "let in"
    if answer.status == 503 and answer.document.get("code", "").startswith("ERR_DAGSTER"):
        return "let in"
    return str(answer.status) if answer.status in (401, 403, 404, 405) or answer.status >= 500 else "let in"


def test_every_route_declares_once_who_may_use_it(app: FastAPI) -> None:
    operations = operations_of(app)
    assert len(operations) > 50
    wrong = {str(one): len(one.declarations) for one in operations if len(one.declarations) != 1}
    assert wrong == {}


def test_every_parameter_of_a_path_is_named_in_the_world(app: FastAPI, world: World) -> None:
    named = {name for one in operations_of(app) for name in re.findall(r"{(\w+)", one.path)}
    assert named - set(world.names) == set()


def test_what_changes_something_takes_more_than_to_see_it(app: FastAPI) -> None:
    seeing = {Action.VIEW, Action.DOWNLOAD, Action.USAGE_VIEW}
    found = {
        str(one)
        for one in operations_of(app)
        for declaration in one.declarations
        if one.method not in ("GET", "HEAD") and isinstance(declaration, Right) and declaration.action in seeing
    }
    assert found == _CHANGES_NOTHING


def test_everybody_is_let_in_or_refused_as_the_route_declares(app: FastAPI, place: Installation, world: World) -> None:
    people = People(place)
    tokens = {who: people.token(who, WORLD_PROJECT) for who in EVERYBODY} | {NOBODY: None}
    kept, wrong = KeptRows(place.database), []
    for operation in operations_of(app):
        (declaration,) = operation.declarations
        # Those who are refused first: they change nothing.
        for who in sorted(tokens, key=lambda one: expected(declaration, one) == "let in"):
            for body in _BODIES:
                answer = ask(app, operation, world, tokens[who], body)
                right, found = expected(declaration, who), found_in(answer, declaration)
                if found != right:
                    wrong.append(f"{operation} by {who} with {body!r}: {found} and not {right}; {answer.body[:200]!r}")
                if operation.method not in ("GET", "HEAD") and answer.status < 400:
                    kept.put_back()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("stage", Stage)
def test_who_makes_a_stage_or_reviews_says_which_of_its_takes_counts(
    app: FastAPI, place: Installation, world: World, stage: Stage
) -> None:
    people = People(place)
    with place.database.read() as session:
        query = sa.select(Take.id).join(ShotStage, ShotStage.id == Take.stage_id).where(ShotStage.stage == stage.value)
        take = session.scalars(query.limit(1)).one()
    (operation,) = [one for one in operations_of(app) if one.path == f"{PREFIX}/takes/{{take}}/select"]
    found = {}
    for who in EVERYBODY:
        token = people.token(who, WORLD_PROJECT)
        answer = ask(app, operation, World({**world.names, "take": take}), token, b"{}")
        found[who] = found_in(answer, operation.declarations[0])
    assert found == {who: expected(operation.declarations[0], who, stage) for who in EVERYBODY}
    makers = {role for role in Role if {Action(f"{stage}s.make"), Action.REVIEW} & ROLES[role]}
    assert {who for who in found if found[who] == "let in"} == {ADMIN, *makers}


def test_what_things_cost_is_shown_to_those_who_may_see_the_usage(
    app: FastAPI, place: Installation, world: World
) -> None:
    people, found = People(place), {}
    for who in EVERYBODY:
        token = people.token(who, WORLD_PROJECT)
        for operation in operations_of(app):
            if operation.method == "GET" and operation.path not in (_FORETOLD, f"{PREFIX}/events"):
                found[operation.path, who] = set(sums_in(ask(app, operation, world, token, None)))
    shown = {path for (path, who), sums in found.items() if sums and who == Role.DIRECTOR}
    assert shown >= {f"{PREFIX}/{path}" for path in ("generations", "generations/{generation}", "takes/{take}")}
    sees = {ADMIN, *(role for role in Role if Action.USAGE_VIEW in ROLES[role])}
    assert {(path, who): sums for (path, who), sums in found.items() if sums and who not in sees} == {}


def sums_in(answer: Answer) -> Iterator[str]:
    """The fields with an amount of money in it."""
    if answer.status < 300:
        yield from _sums(answer.document)


def _sums(value: object) -> Iterator[str]:
    match value:
        case dict():
            for name, held in value.items():
                if _MONEY.search(name) and held is not None:
                    yield name
                yield from _sums(held)
        case list():
            for held in value:
                yield from _sums(held)
