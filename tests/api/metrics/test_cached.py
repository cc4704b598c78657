"""A figure is looked up now and then, by one thread at a time, and nobody waits long for it."""

import threading
from concurrent.futures import ThreadPoolExecutor

from support.dagster_ui import poll

from api.metrics.cached import Cached


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Source:
    """Says how often it was read; `hold` makes a read last until it is let go."""

    def __init__(self) -> None:
        self.count = 0
        self.at_once = 0
        self.most_at_once = 0
        self.free = threading.Event()
        self.free.set()
        self.broken = False

    def read(self) -> int:
        self.count += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.free.wait(20)
        self.at_once -= 1
        if self.broken:
            raise RuntimeError("away")
        return self.count


def cached(source: Source, clock: Clock, wait_seconds: float = 5.0) -> Cached[int]:
    return Cached("a test", source.read, seconds=10, wait_seconds=wait_seconds, clock=clock)


def test_within_its_time_nothing_is_read_again() -> None:
    source, clock = Source(), Clock()
    figure = cached(source, clock)
    assert figure.get().value == 1
    clock.seconds += 9
    assert (figure.get().value, figure.get().age_seconds) == (1, 9)
    clock.seconds += 1
    assert (figure.get().value, figure.get().age_seconds) == (2, 0)


def test_many_at_once_are_one_look() -> None:
    source, clock = Source(), Clock()
    figure = cached(source, clock)
    with ThreadPoolExecutor(20) as threads:
        readings = list(threads.map(lambda _: figure.get().value, range(50)))
    assert readings == [1] * 50
    assert source.most_at_once == 1


def test_while_a_look_hangs_what_was_there_is_told_and_none_is_begun_beside_it() -> None:
    source, clock = Source(), Clock()
    figure = cached(source, clock, wait_seconds=0.05)
    assert figure.get().value == 1
    source.free.clear()
    for _ in range(5):
        clock.seconds += 20
        assert figure.get().value == 1
    assert figure.get().age_seconds == 100
    assert source.count == 2
    source.free.set()
    poll(lambda: figure.get().value == 2 or None, "the look that hung", seconds=10)


def test_a_look_that_failed_says_so_and_keeps_what_was_there() -> None:
    source, clock = Source(), Clock()
    figure = cached(source, clock)
    source.broken = True
    assert (figure.get().value, figure.get().ok) == (None, False)
    source.broken = False
    clock.seconds += 10
    assert (figure.get().value, figure.get().ok) == (2, True)
    source.broken = True
    clock.seconds += 10
    assert (figure.get().value, figure.get().ok, figure.get().age_seconds) == (2, False, 10)


def test_a_look_that_takes_long_is_made_more_seldom() -> None:
    source, clock = Source(), Clock()

    def slow() -> int:
        clock.seconds += 5
        return source.read()

    figure = Cached("a test", slow, seconds=10, wait_seconds=5, clock=clock)
    assert figure.get().value == 1
    clock.seconds += 40
    assert figure.get().value == 1
    clock.seconds += 10
    assert figure.get().value == 2
