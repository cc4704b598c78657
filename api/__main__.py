"""`python -m api`: the service under uvicorn, as `aianime up` and `aianime api` start it."""

import argparse
import contextlib
import os
import tempfile
from collections.abc import Iterator

import uvicorn

from api.protocol import BoundedHeads

_STOP_SECONDS = 5
"""How long downloads and streams may go on after a stop; whoever watches comes again by itself."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    chosen = parser.parse_args()
    with _measured_together() if chosen.workers > 1 else contextlib.nullcontext():
        uvicorn.run(
            "api.app:app_of_this_process",
            factory=True,
            http=BoundedHeads,
            host=chosen.host,
            port=chosen.port,
            workers=chosen.workers,
            # One line a request is written by the service itself, with the request's id and no query.
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )


@contextlib.contextmanager
def _measured_together() -> Iterator[None]:
    """A folder through which each worker tells the requests of all at /metrics, unless the environment names one."""
    with tempfile.TemporaryDirectory(prefix="aianime-metrics-") as folder:
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", folder)
        yield


if __name__ == "__main__":
    main()
