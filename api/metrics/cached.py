"""Something that takes a while to look up, asked for often: looked up now and then, by one thread at a time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

Value = TypeVar("Value")

_SHARE = 10
"""A look that took long is not repeated before so many times as long: it never is more than a tenth of the work."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reading(Generic[Value]):
    """`value` None: it was never there. `ok`: the last look succeeded. `age_seconds` is since the value was read."""

    value: Value | None
    ok: bool
    age_seconds: float


class Cached(Generic[Value]):
    """`read` is called at most every `seconds`. Whoever asks while it is waits up to `wait_seconds` for it, and then
    takes what was there before. What `read` raises is logged under `name`, once until it succeeds again."""

    def __init__(
        self,
        name: str,
        read: Callable[[], Value],
        *,
        seconds: float,
        wait_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._read = read
        self._seconds = seconds
        self._wait_seconds = wait_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._looking: threading.Event | None = None
        self._due_at = float("-inf")
        self._value: Value | None = None
        self._read_at = float("-inf")
        self._ok = False
        self._told = False

    def begin(self) -> threading.Event | None:
        """Start a look where one is due. What is set once the look that goes on has ended; None: none goes on."""
        with self._lock:
            if self._looking is None and self._clock() >= self._due_at:
                self._looking = threading.Event()
                # A thread of its own, that keeps no process from ending: a look may hang.
                threading.Thread(target=self._look, args=(self._looking,), daemon=True, name=self._name).start()
            return self._looking

    def get(self) -> Reading[Value]:
        if (looking := self.begin()) is not None:
            looking.wait(self._wait_seconds)
        with self._lock:
            return Reading(self._value, self._ok, self._clock() - self._read_at)

    def _look(self, ended: threading.Event) -> None:
        began = self._clock()
        value: Value | None = None
        try:
            value = self._read()
        except Exception as error:  # noqa: BLE001 - whatever it is, the metrics say that it failed
            if not self._told:
                _log.warning("figures could not be read", of=self._name, kind=type(error).__name__, error=str(error))
        with self._lock:
            ended_at = self._clock()
            self._ok = value is not None
            self._told = not self._ok
            if value is not None:
                self._value, self._read_at = value, began
            self._due_at = began + max(self._seconds, _SHARE * (ended_at - began))
            self._looking = None
        ended.set()
