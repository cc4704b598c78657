"""What would take too much of the server is refused, and what one may not reach by a detour."""

import contextlib
import threading
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from aianime_pipeline.errors import TooManyAtOnceError, TooManyStreamsError
from api.limits import FILES, AtMost, Streams
from api.middleware import MOST_BODY_BYTES

FORM = {"Content-Type": "multipart/form-data; boundary=x"}


def test_so_many_at_once_and_the_next_is_asked_to_come_again() -> None:
    limit = AtMost(2, "things")
    with limit.one(), limit.one():
        with pytest.raises(TooManyAtOnceError, match="Too many things at once") as refused, limit.one():
            pass
        assert refused.value.details == {"retry_after": 5}
    with limit.one():
        pass


def test_a_place_is_free_again_after_a_failure() -> None:
    limit = AtMost(1, "things")
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), limit.one():
            raise ZeroDivisionError


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_an_upload_too_many_answers_429_with_when_to_come_again(director: TestClient) -> None:
    with FILES.one(), FILES.one():
        answer = director.post("/api/v1/projects/moonlit/screenplays", files={"file": ("a.txt", b"x")})
    assert (answer.status_code, answer.json()["code"]) == (429, "ERR_TOO_MANY_AT_ONCE")
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/api/v1/projects", "/nowhere"])
def test_only_where_files_come_a_body_may_be_large_whatever_it_calls_itself(director: TestClient, path: str) -> None:
    answer = director.post(path, content=b" " * (MOST_BODY_BYTES + 1), headers=FORM)
    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_large_file_takes_somebody_who_says_who_they_are(client: TestClient, director: TestClient) -> None:
    path, file = "/api/v1/projects/moonlit/screenplays", {"file": ("a.txt", b" " * (MOST_BODY_BYTES + 1))}
    assert client.post(path, files=file).status_code == 413
    assert director.post(path, files=file).status_code == 422  # it was read: there is no scene in it


def test_threads_share_the_limit() -> None:
    limit, refused = AtMost(1, "things"), threading.Event()

    def try_it() -> None:
        try:
            with limit.one():
                pass
        except TooManyAtOnceError:
            refused.set()

    with limit.one():
        other = threading.Thread(target=try_it)
        other.start()
        other.join()
    assert refused.is_set()


def test_streams_are_bounded_for_each_person_and_for_all() -> None:
    streams = Streams(most_each=2, most=3)
    with streams.one(1), streams.one(1):
        with pytest.raises(TooManyStreamsError, match="You have 2 streams") as refused, streams.one(1):
            pass
        assert refused.value.details == {"retry_after": 5}
        with streams.one(2), pytest.raises(TooManyAtOnceError, match="Too many streams") as full, streams.one(3):
            pass
        assert not isinstance(full.value, TooManyStreamsError)
        with contextlib.suppress(ZeroDivisionError), streams.one(3):
            raise ZeroDivisionError
        with streams.one(3):
            pass
    with streams.one(1), streams.one(1):
        pass


@pytest.fixture
def director(as_person: Callable[[str], TestClient]) -> TestClient:
    return as_person("director")
