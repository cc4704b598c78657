"""Whether what the service needs can be used now: each thing is tried in a thread of its own, all at once, with a limit
on the time. What hangs is not tried a second time beside itself, so that being asked often piles nothing up."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from aianime_pipeline.dagster_client.client import ask_dagster
from aianime_pipeline.errors import DagsterClientError, StorageError
from aianime_pipeline.production.installation import Installation

LIMIT_SECONDS = 2.0
_KEPT_SECONDS = 1.0
"""Whoever asks again within it is told the same."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Found:
    """`reason` says why not, in words that hold no address, path or secret: the log has those."""

    ok: bool
    milliseconds: float
    reason: str = ""


class ProblemError(Exception):
    """The probe found something wrong; the message is for everybody."""


class Probe:
    """`attempt` returns where all is well. Raises ProblemError, or anything else for `otherwise`."""

    def __init__(
        self, name: str, attempt: Callable[[], None], otherwise: str, *, limit_seconds: float = LIMIT_SECONDS
    ) -> None:
        self._name = name
        self._attempt = attempt
        self._otherwise = otherwise
        self._limit_seconds = limit_seconds
        self._lock = threading.Lock()
        self._running: threading.Event | None = None
        self._began = 0.0
        self._ended = float("-inf")
        self._found: Found | None = None

    def begin(self) -> None:
        with self._lock:
            if self._running is None and time.monotonic() - self._ended >= _KEPT_SECONDS:
                self._running, self._began = threading.Event(), time.monotonic()
                threading.Thread(
                    target=self._try, args=(self._running,), daemon=True, name=f"probe {self._name}"
                ).start()

    def result(self) -> Found:
        """After `begin`. Waits until the limit is reached."""
        with self._lock:
            running = self._running
            left = self._began + self._limit_seconds - time.monotonic()
        if running is not None and not running.wait(max(0.0, left)):
            with self._lock:
                waited = (time.monotonic() - self._began) * 1000
            return Found(False, round(waited, 1), f"no answer within {self._limit_seconds:g} s")
        assert self._found is not None
        return self._found

    def _try(self, ended: threading.Event) -> None:
        began, reason = time.monotonic(), ""
        try:
            self._attempt()
        except ProblemError as problem:
            reason = str(problem)
        except Exception as error:  # noqa: BLE001 - whatever it is, it cannot be used
            reason = self._otherwise
            _log.warning("not ready", of=self._name, error=str(error))
        with self._lock:
            self._ended = time.monotonic()
            self._found = Found(not reason, round((self._ended - began) * 1000, 1), reason)
            self._running = None
        ended.set()


def probes_of(place: Installation, *, limit_seconds: float = LIMIT_SECONDS) -> Mapping[str, Probe]:
    """By name: database, store and dagster."""

    def database() -> None:
        with place.database.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1 FROM alembic_version")

    def store() -> None:
        try:
            place.store.check()
        except StorageError as error:
            _log.warning("not ready", of="store", error=error.message)
            raise ProblemError(f"it cannot be used ({error.code})") from error

    def dagster() -> None:
        try:
            daemons = ask_dagster(
                place.settings.dagster_url, lambda dagster: dagster.daemons(), timeout_seconds=limit_seconds
            )
        except DagsterClientError as error:
            raise ProblemError(f"its web server did not answer ({error.code}); work is queued") from error
        if ill := sorted(daemon.type for daemon in daemons if daemon.required and not daemon.healthy):
            raise ProblemError(f"daemons do not beat: {', '.join(ill)}; work is queued")

    return {
        "database": Probe("database", database, "it cannot be reached", limit_seconds=limit_seconds),
        "store": Probe("store", store, "it cannot be used", limit_seconds=limit_seconds),
        "dagster": Probe("dagster", dagster, "it cannot be asked; work is queued", limit_seconds=limit_seconds),
    }
