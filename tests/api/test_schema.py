"""The service against its own description: whatever is sent to whichever operation by whomever, the answer is one that
the description foresees. `CHAOS=1` sends 20,000 requests."""

import os
from itertools import product

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import just
from schemathesis import Case, GenerationMode
from schemathesis.core.transport import Response
from schemathesis.specs.openapi import checks
from support.api_world import WORLD_PROJECT, World
from support.people import EVERYBODY, People

from aianime_pipeline.production.installation import Installation
from api.app import PREFIX, create_app

_CASES = 20_000 if os.environ.get("CHAOS") else 2_000


# Who calls is set below, and parameters that no operation knows are left aside: neither is wrong data.
_CONFIG = schemathesis.Config.from_dict(
    {"generation": {"with-security-parameters": False, "allow-extra-parameters": False}}
)


def nothing_is_unforeseen(_context: object, answer: Response, _case: Case) -> None:
    """503 is an answer too: there is no Dagster here."""
    assert answer.status_code != 500, answer.text


_HELD = [
    nothing_is_unforeseen,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_whatever_a_client_generator_makes_a_class_of_has_a_plain_name(place: Installation) -> None:
    """Two of one name are told apart by the modules that they are in, which no client should have to know."""
    names = create_app(place).openapi()["components"]["schemas"]
    assert {"Action", "TaskAction"} <= names.keys()
    assert [name for name in names if "__" in name or "." in name] == []


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", EVERYBODY)
def test_whatever_is_sent_the_answer_is_one_that_the_description_foresees(
    place: Installation, world: World, who: str
) -> None:
    app = create_app(place)
    people = People(place)
    schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", app, config=_CONFIG)
    # A stream of events does not end (tests/api/watching/test_over_http.py).
    operations = [found.ok() for found in schema.exclude(operation_id="watch_events").get_all_operations()]
    each = max(1, _CASES // (2 * len(EVERYBODY) * len(operations)))
    problems: list[str] = []
    for operation, mode in product(operations, (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)):

        def hold(case: Case, *, aimed: bool) -> None:
            if aimed:
                aim(case, world)
            token = people.token(who, WORLD_PROJECT)  # the one before may be logged out
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            case.validate_response(answer, checks=_HELD)

        limited = settings(
            max_examples=each, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck), print_blob=False,
        )  # fmt: skip
        valid = mode is GenerationMode.POSITIVE
        try:
            limited(given(case=operation.as_strategy(generation_mode=mode), aimed=just(valid))(hold))()
        except Unsatisfiable:
            assert not valid  # it takes nothing that could be wrong
        except BaseExceptionGroup as found:
            problems.append(f"{operation.label} ({mode.value}): {found.exceptions[0]}")
    assert problems == []


def aim(case: Case, world: World) -> None:
    """At things that are there, so that more is met than «not found»."""
    case.path_parameters = {name: world.names.get(name, value) for name, value in (case.path_parameters or {}).items()}
