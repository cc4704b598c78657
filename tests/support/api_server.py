"""The API in a process of its own, over real HTTP: for what the ASGI interface does not show."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from support.dagster_ui import poll

from aianime_pipeline.production.installation import Installation

_START_SECONDS = 60
_STOP_SECONDS = 20


@contextmanager
def api_server(place: Installation, *, workers: int = 1, **variables: str) -> Iterator[str]:
    """Its address. It works on the same database and folder as the installation of the test."""
    port = _free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIANIME_", "DAGSTER_"))}
    server = subprocess.Popen(
        [sys.executable, "-m", "api", "--port", str(port), "--workers", str(workers)],
        env=inherited
        | {
            "AIANIME_HOME": str(place.settings.home),
            "AIANIME_DATABASE_URL": place.database.url.render_as_string(hide_password=False),
            "AIANIME_OBJECTS_URL": place.settings.objects_url,
            "AIANIME_S3_ENDPOINT": place.settings.s3_endpoint,
            "AIANIME_DAGSTER_URL": place.settings.dagster_url,
        }
        | variables,
    )

    def answers() -> bool | None:
        assert server.poll() is None, f"the API ended with {server.returncode}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0 or None

    try:
        poll(answers, "the API", seconds=_START_SECONDS)
        yield f"http://127.0.0.1:{port}"
        server.terminate()
        server.wait(_STOP_SECONDS)
    finally:
        server.kill()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
