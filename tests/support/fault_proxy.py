"""A TCP proxy between our processes and a server, that cuts the network when it is told to."""

import contextlib
import socket
import threading
from pathlib import Path

_PIECE = 65_536


class FaultProxy:
    """Listens on a port of its own and passes everything on to `target`: a (host, port), or a socket's path."""

    def __init__(self, target: tuple[str, int] | Path) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self._cut = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True, name="fault-proxy").start()

    def cut(self) -> None:
        """Every connection breaks, and new ones break at once."""
        self._cut.set()
        with self._lock:
            broken, self._open = self._open, set()
        for one in broken:
            _close(one)

    def mend(self) -> None:
        self._cut.clear()

    def stop(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._cut.is_set():
                _close(client)
                continue
            try:
                server = self._connect()
            except OSError:
                _close(client)
                continue
            with self._lock:
                self._open |= {client, server}
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _connect(self) -> socket.socket:
        if isinstance(self._target, Path):
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._target))
            return server
        return socket.create_connection(self._target, timeout=5)

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            source.settimeout(None)
            while piece := source.recv(_PIECE):
                sink.sendall(piece)
        with self._lock:
            self._open -= {source, sink}
        _close(source)
        _close(sink)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
