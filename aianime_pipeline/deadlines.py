"""One deadline for all of a conversation with somebody else's server: its name, the connection, every byte both ways.

A timeout is that of one silence. A server that says a letter now and then never runs into it, and holds whoever listens
for as long as it likes; and the look-up of a name takes no timeout at all.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Self, TypeVar

Answer = TypeVar("Answer")

_CONNECTED = (".connect_tcp.complete", ".start_tls.complete")


class Deadline:
    """`with Deadline(20.0) as deadline:` hangs up, after so many seconds, on the connection that it watches then."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._hung_up = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self._until - time.monotonic())

    @property
    def over(self) -> bool:
        return self._hung_up or self.left == 0

    def at_most(self, seconds: float) -> float:
        """As a timeout: never 0, which a socket takes for none at all."""
        return max(0.001, min(seconds, self.left))

    def watch(self, connection: socket.socket) -> None:
        """In the place of the one before: a socket that goes on with TLS is another one."""
        with self._lock:
            self._connection = connection
            if self._timer is None:
                self._timer = threading.Timer(self.left, self._hang_up)
                self._timer.daemon = True
                self._timer.start()
            late = self._hung_up
        if late:
            self._hang_up()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """As the extension `trace` of an httpx2 request: its connections are watched."""
        if event.endswith(_CONNECTED):
            self.watch(info["return_value"].get_extra_info("socket"))

    def run(self, ask: Callable[[], Answer]) -> Answer:
        """What `ask` gives, in a thread of its own, which nobody waits for any longer. Raises TimeoutError."""
        future: Future[Answer] = Future()

        def answer() -> None:
            try:
                future.set_result(ask())
            except BaseException as error:  # noqa: BLE001 - raised where it is asked for
                future.set_exception(error)

        threading.Thread(target=answer, daemon=True, name="within a deadline").start()
        try:
            return future.result(self.left)
        except TimeoutError:
            if future.done():
                raise
            raise TimeoutError(f"no answer within {self.seconds:g} s") from None

    def _hang_up(self) -> None:
        with self._lock:
            self._hung_up = True
            connection = self._connection
        if connection is not None:
            # Not SSLSocket's own, which goes over to plain text first: another thread may be writing.
            with contextlib.suppress(OSError):  # it is closed already
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
