"""A server that says exactly what a test wants, byte by byte: what no honest web server can be brought to say."""

import contextlib
import socket
import threading
from collections.abc import Callable, Sequence

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
