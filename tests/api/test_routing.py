"""A request finds its route, whichever of the routers has it, and runs where it belongs."""

import threading
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.routing import Router


def served(*routers: Router) -> TestClient:
    app = FastAPI(redirect_slashes=False)
    for router in routers:
        app.include_router(router, prefix="/v")
    return TestClient(app)


def says(text: str) -> Callable[..., str]:
    return lambda: text


def test_routers_that_share_the_beginning_of_a_path_are_told_apart() -> None:
    first, second = Router(prefix="/episodes/{episode}"), Router()
    first.get("/shots")(says("shots"))
    first.get("/shots/{shot}")(lambda episode, shot: f"{episode} {shot}")
    second.get("/episodes/{episode}")(lambda episode: episode)
    second.get("/episodes")(says("all"))
    client = served(first, Router(), second)
    for path, answer in {
        "/v/episodes/x/shots": "shots",
        "/v/episodes/x/shots/7": "x 7",
        "/v/episodes/x": "x",
        "/v/episodes": "all",
    }.items():
        assert client.get(path).json() == answer
    for path in (
        "/v/episodes/x/shots/",
        "/v/episodes/x/shots/7/8",
        "/v/episodes/",
        "/v",
        "/episodes",
    ):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/v/a.b", "/v/(x)/a+b"])
def test_signs_in_a_path_stand_for_themselves(path: str) -> None:
    router = Router()
    router.get(path.removeprefix("/v"))(says("found"))
    client = served(router)
    assert client.get(path).json() == "found"
    assert client.get(path.replace(".", "x").replace("+", "a")).status_code == 404


def test_a_path_of_two_routers_answers_each_method_where_it_is() -> None:
    reading, writing = Router(), Router()
    reading.get("/thing")(says("read"))
    writing.post("/thing")(says("written"))
    client = served(reading, writing)
    assert client.get("/v/thing").json() == "read"
    assert client.post("/v/thing").json() == "written"
    assert client.delete("/v/thing").status_code == 405


def test_a_plain_function_blocks_nobody_and_an_asynchronous_one_runs_in_the_loop() -> None:
    router = Router()
    router.get("/plain")(lambda: threading.current_thread().name)

    @router.get("/loop")
    async def loop() -> str:
        return threading.current_thread().name

    with served(router) as client:
        plain, looped = client.get("/v/plain").json(), client.get("/v/loop").json()
    assert "worker" in plain.lower()
    assert plain != looped


def test_an_answer_is_still_held_against_what_the_route_promises() -> None:
    router = Router()

    @router.get("/thing")
    def thing() -> int:
        return "no number"  # type: ignore[return-value]

    with pytest.raises(Exception, match="validation"):
        served(router).get("/v/thing")
