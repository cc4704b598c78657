"""The early stop of a batch: when too many of its shots fail for one cause, the others are not begun."""

import threading

import structlog

from aianime_pipeline.production.shots.failures import stops_batch

_log = structlog.get_logger(__name__)


class Causes:
    """Why shots of a batch failed, and whether the others are worth beginning."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._codes: list[str] = []
        self._lock = threading.Lock()
        self.stopped: str | None = None
        """Why no more shots are begun; None while they are."""

    def add(self, code: str) -> None:
        with self._lock:
            self._codes.append(code)
            cause = stops_batch(self._codes, self._total)
            if cause is not None and self.stopped is None:
                self.stopped = (
                    f"not begun: {self._codes.count(cause)} of {self._total} shots failed for the same cause ({cause})"
                )
                _log.warning("a batch stops early", cause=cause, failed=len(self._codes), shots=self._total)
