"""A server that says exactly what a test wants, byte by byte: what no honest web server can be brought to say."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence

Script = Callable[[socket.socket, bytes], None]
"""Connection and the request's bytes → what happens; the connection is closed after it."""


def says(*pieces: bytes) -> Script:
    """Sends the pieces, one after the other."""

    def play(connection: socket.socket, request: bytes) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return play


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An answer with the right length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class RawServer:
    """`with RawServer(says(...), says(...)) as server:` plays a script for each connection, the last one for all
    further ones. `requests` are the bytes of each request as they came."""

    def __init__(self, *scripts: Script, host: str = "127.0.0.1") -> None:
        self._scripts: Sequence[Script] = scripts
        self.requests: list[bytes] = []
        self._listening = socket.create_server((host, 0), backlog=50)
        self.port: int = self._listening.getsockname()[1]
        self.address = f"http://{host}:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "RawServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)

    def _serve(self) -> None:
        for number in range(10_000):
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            script = self._scripts[min(number, len(self._scripts) - 1)]
            with connection, contextlib.suppress(OSError):
                request = read_request(connection)
                self.requests.append(request)
                script(connection, request)


@contextlib.contextmanager
def dribbling(data: bytes, at_once: bytes = b"", *, seconds: float = 8.0) -> Iterator[int]:
    """The port of a server that says `at_once` to whoever connects and then a byte every tenth of a second, for so
    long. It reads nothing."""

    def play(connection: socket.socket) -> None:
        until = time.monotonic() + seconds
        with connection, contextlib.suppress(OSError):
            connection.sendall(at_once)
            for byte in data:
                if time.monotonic() > until:
                    return
                connection.sendall(bytes([byte]))
                time.sleep(0.1)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=play, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def read_request(connection: socket.socket) -> bytes:
    """Head and body of one request, or what came of it."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    wanted = int(lengths[0]) if lengths else 0
    while len(body) < wanted:
        piece = connection.recv(65_536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body
