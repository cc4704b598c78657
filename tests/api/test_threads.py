"""What must not wait for other things has threads to itself."""

import threading
from collections.abc import Callable
from functools import partial
from itertools import permutations
from typing import Any

import anyio
import pytest
from starlette.concurrency import run_in_threadpool

from api.threads import Threads, look, run

_WAIT_SECONDS = 20
_THREADS = 40
"""Of anyio's, in which everything else runs."""


KINDS: dict[str, tuple[Callable[..., Any], int]] = {
    "looks": (look, Threads.LOOKS),
    "asks": (partial(run, Threads.ASKS), Threads.ASKS),
    "everything else": (run_in_threadpool, _THREADS),
}


@pytest.mark.parametrize("threads", list(Threads))
def test_no_more_than_that_are_at_work_at_once(threads: Threads) -> None:
    now = most = 0
    counting, all_there = threading.Lock(), threading.Barrier(threads)

    def count() -> None:
        nonlocal now, most
        with counting:
            now += 1
            most = max(most, now)
        all_there.wait(_WAIT_SECONDS)
        with counting:
            now -= 1

    async def ask() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(4 * threads):
                tasks.start_soon(run, threads, count)

    anyio.run(ask)
    assert (now, most) == (0, threads)


@pytest.mark.parametrize(("hanging", "asked"), [*permutations(KINDS, 2)])
def test_none_waits_for_others_that_hang(hanging: str, asked: str) -> None:
    (hang, held), (ask, _), release = KINDS[hanging], KINDS[asked], threading.Event()

    async def beside() -> bool:
        async with anyio.create_task_group() as tasks:
            for _ in range(held + 1):
                tasks.start_soon(hang, release.wait, _WAIT_SECONDS)
            await anyio.sleep(0.05)
            try:
                with anyio.fail_after(_WAIT_SECONDS / 2):
                    return bool(await ask(release.is_set))
            finally:
                release.set()

    assert anyio.run(beside) is False


def test_a_look_raises_what_its_function_raises() -> None:
    async def ask() -> str:
        try:
            await look(int, "x")
        except ValueError as error:
            return str(error)
        return ""

    assert "invalid literal" in anyio.run(ask)
