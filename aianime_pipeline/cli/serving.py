"""`aianime up`: Dagster's web server, daemon and code server as one group of processes that live and end together."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

import typer

from aianime_pipeline.db.engine import database
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.instance import WORKSPACE, prepare_instance
from aianime_pipeline.settings import settings

HOST = "127.0.0.1"
"""Dagster's web server has no log-in, so it is never opened to a network from here."""

_LOOK_SECONDS = 0.5
_STOP_SECONDS = 20
_KILL_SECONDS = 5
_LOOK_SECONDS = 0.05


def serve(port: int) -> int:
    """Run until Ctrl-C, SIGTERM or the end of one of them. Returns the exit code. Raises BadSettingError."""
    _check_port(port)
    variables = prepare_instance(settings())
    database()  # the schema is brought up to date once, before several processes ask for it
    typer.echo(f"Dagster UI: http://{HOST}:{port}  (Ctrl-C stops everything)")
    stops: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stops.append(number)

    # Before the processes start: a signal that we were started to ignore would be ignored by them too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    # `dagster dev` starts the three, shares one code server among them and ends when one of them dies.
    group = subprocess.Popen(
        [sys.executable, "-m", "dagster", "dev", "-w", str(WORKSPACE), "-h", HOST, "-p", str(port)],
        env=os.environ | variables,
        start_new_session=True,
    )
    while group.poll() is None and not stops:
        with contextlib.suppress(subprocess.TimeoutExpired):
            group.wait(_LOOK_SECONDS)
    if stops and group.poll() is None:
        group.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            group.wait(_STOP_SECONDS)
    _end_group(group.pid)
    group.wait()
    return 0 if stops else 1


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise BadSettingError(
                f"Port {port} on {HOST} cannot be used ({error}); choose another with --port."
            ) from error


def _end_group(group: int) -> None:
    """Whatever of the group is left after its leader ended, such as the code server, is told to end and waited for."""
    for number, seconds in ((signal.SIGTERM, _STOP_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            return
        if _has_ended(group, seconds):
            return


def _has_ended(group: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        # Orphans are ours to reap where we are the first process of a container; elsewhere there are none.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-group, os.WNOHANG)
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(_LOOK_SECONDS)
    return False
