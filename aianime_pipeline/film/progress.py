"""How far a render is: steps weighed by what they cost, and the seconds that are left. Pure, but for the clock."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_SURE_AFTER = 3.0
"""Percent below which an estimate of the time left would be a guess."""


@dataclass(frozen=True)
class Progress:
    """`percent` from 0 to 100, never falling; `seconds_left` is None while it cannot be told yet."""

    percent: float
    step: str
    seconds_left: float | None


class ProgressMeter:
    """Turns the share of each step into the share of the whole. `costs` are relative, in the steps' order. Steps may
    go on at once, in threads of their own; the one that began last is told as the step."""

    def __init__(
        self,
        costs: Mapping[str, float],
        on_progress: Callable[[Progress], None] | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._costs, self._on_progress, self._clock = dict(costs), on_progress, clock
        self._shares = dict.fromkeys(costs, 0.0)
        self._began = clock()
        self._step_began = self._began
        self._step = ""
        self._percent = 0.0
        self._lock = threading.RLock()
        self.seconds: dict[str, float] = {}
        """How long each finished step took, from the end of the one before it."""

    def begin(self, step: str) -> None:
        """The step before it is done."""
        self.finish()
        self._step, self._step_began = step, self._clock()
        self.share(self._shares[step])

    def share(self, done: float, *, of: str | None = None) -> None:
        """`done`, from 0 to 1, of a step; of the one that began last if none is named."""
        with self._lock:
            step = self._step if of is None else of
            self._shares[step] = max(self._shares[step], min(done, 1.0))
            cost = sum(self._costs[name] * share for name, share in self._shares.items())
            self._tell(100 * cost / sum(self._costs.values()))

    def finish(self) -> None:
        """The step that began last is done."""
        if self._step:
            self.seconds[self._step] = self._clock() - self._step_began
            self.share(1.0)

    def _tell(self, percent: float) -> None:
        self._percent = max(self._percent, percent)
        if self._on_progress is None:
            return
        left = None
        if self._percent >= _SURE_AFTER:
            left = (self._clock() - self._began) * (100 - self._percent) / self._percent
        self._on_progress(Progress(self._percent, self._step, left))
