"""Looks into the database have a few threads to themselves: what takes long does not keep them waiting."""

import threading
from collections.abc import Callable

import anyio
from starlette.concurrency import run_in_threadpool

from api.threads import LOOKS_AT_ONCE, look

_WAIT_SECONDS = 20
_THREADS = 40
"""Of anyio's, in which everything else runs."""


def test_no_more_looks_than_that_are_at_work_at_once() -> None:
    now = most = 0
    counting, all_there = threading.Lock(), threading.Barrier(LOOKS_AT_ONCE)

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
            for _ in range(4 * LOOKS_AT_ONCE):
                tasks.start_soon(look, count)

    anyio.run(ask)
    assert (now, most) == (0, LOOKS_AT_ONCE)


def test_a_look_does_not_wait_for_what_takes_long_nor_that_for_looks() -> None:
    release = threading.Event()

    async def beside(busy: Callable[..., object], asked: Callable[..., object], held: int) -> None:
        """`asked` answers while `held` of the other kind do not."""
        release.clear()
        async with anyio.create_task_group() as tasks:
            for _ in range(held):
                tasks.start_soon(busy, release.wait, _WAIT_SECONDS)
            await anyio.sleep(0.05)
            with anyio.fail_after(_WAIT_SECONDS / 2):
                await asked(release.is_set)  # type: ignore[misc]
            assert not release.is_set()
            release.set()

    anyio.run(beside, run_in_threadpool, look, _THREADS)
    anyio.run(beside, look, run_in_threadpool, LOOKS_AT_ONCE)


def test_a_look_raises_what_its_function_raises() -> None:
    async def ask() -> str:
        try:
            await look(int, "x")
        except ValueError as error:
            return str(error)
        return ""

    assert "invalid literal" in anyio.run(ask)
