"""The service as people run it, whose process a test may end when it wants, and a client of its events."""

import http.client
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.processes import free_port
from support.streams import Got, read_frames

from aianime_pipeline.production.installation import Installation

_START_SECONDS = 60


class ApiProcess:
    """Answers once it is made. `log` is what it wrote."""

    def __init__(self, place: Installation, log: Path, *, workers: int = 1, **variables: str) -> None:
        self.port = free_port()
        self.log = log
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIANIME_", "DAGSTER_"))}
        environment = kept | {
            "AIANIME_HOME": str(place.settings.home),
            "AIANIME_DATABASE_URL": place.database.url.render_as_string(hide_password=False),
            "AIANIME_DAGSTER_URL": "http://127.0.0.1:1",
            **variables,
        }
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "api", "--port", str(self.port), "--workers", str(workers)],
                env=environment, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> float:
        """As an orchestrator does. Seconds that it took to end."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        return time.monotonic() - began

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)


class EventStream:
    """A client of `/api/v1/events`, as a browser reads it."""

    def __init__(self, port: int, token: str, *, query: str = "", last: str | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": last} if last else {})
        self._connection.request("GET", f"/api/v1/events{query}", headers=headers)
        self._socket = self._connection.sock
        self.answer = self._connection.getresponse()
        self.headers = self.answer.headers

    def events(self) -> Iterator[Got]:
        """Until the server ends the stream."""
        block = b""
        while line := self.answer.readline():
            block += line
            if line == b"\n":
                yield from read_frames(block.decode())
                block = b""

    def close(self) -> None:
        self._connection.close()
        self.answer.close()

    def vanish(self) -> None:
        """Without a word: the connection is reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


@contextmanager
def api_process(place: Installation, log: Path, *, workers: int = 1, **variables: str) -> Iterator[ApiProcess]:
    served = ApiProcess(place, log, workers=workers, **variables)
    try:
        yield served
    finally:
        served.stop()
