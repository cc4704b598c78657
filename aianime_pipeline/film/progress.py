"""How far a render is: steps weighed by what they cost, and the seconds that are left. Pure, but for the clock."""

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
    """Turns the share of each step into the share of the whole. `costs` are relative, in the steps' order."""

    def __init__(
        self,
        costs: Mapping[str, float],
        on_progress: Callable[[Progress], None] | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._costs, self._on_progress, self._clock = dict(costs), on_progress, clock
        self._began = clock()
        self._step_began = self._began
        self._step = ""
        self._percent = 0.0
        self.seconds: dict[str, float] = {}
        """How long each finished step took."""

    def begin(self, step: str) -> None:
        self._finish()
        self._step, self._step_began = step, self._clock()
        self.share(0.0)

    def share(self, done: float) -> None:
        """`done`, from 0 to 1, of the step that began last."""
        before = 0.0
        for step, cost in self._costs.items():
            if step == self._step:
                before += cost * min(max(done, 0.0), 1.0)
                break
            before += cost
        self._tell(100 * before / sum(self._costs.values()))

    def end(self) -> None:
        self._finish()
        self._tell(100.0)

    def _finish(self) -> None:
        if self._step:
            self.seconds[self._step] = self._clock() - self._step_began

    def _tell(self, percent: float) -> None:
        self._percent = max(self._percent, percent)
        if self._on_progress is None:
            return
        left = None
        if self._percent >= _SURE_AFTER:
            left = (self._clock() - self._began) * (100 - self._percent) / self._percent
        self._on_progress(Progress(self._percent, self._step, left))
