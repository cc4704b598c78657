"""`aianime up`: Dagster's web server, daemon and code server, and the API, as processes that live and end together."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

import typer

from aianime_pipeline.db.engine import database
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.instance import WORKSPACE, prepare_instance
from aianime_pipeline.settings import settings

HOST = "127.0.0.1"
"""Dagster's web server has no log-in, so it is never opened to a network from here."""

_STOP_SECONDS = 20
_KILL_SECONDS = 5
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Api:
    """Where the API is served. It has a log-in of its own, so it may be opened to a network."""

    host: str = HOST
    port: int = 8000
    workers: int = 1

    @property
    def command(self) -> list[str]:
        at = ["--host", self.host, "--port", str(self.port), "--workers", str(self.workers)]
        return [sys.executable, "-m", "api", *at]


def serve(port: int, api: Api | None) -> int:
    """Run until Ctrl-C, SIGTERM or the end of one of them. `api` None: Dagster alone. Returns the exit code. Raises
    BadSettingError."""
    _check_port(HOST, port, "--port")
    if api is not None:
        _check_port(api.host, api.port, "--api-port")
    variables = prepare_instance(settings())
    database()  # the schema is brought up to date once, before several processes ask for it
    typer.echo(f"Dagster UI: http://{HOST}:{port}  (Ctrl-C stops everything)")
    # `dagster dev` starts the three, shares one code server among them and ends when one of them dies.
    dagster = [sys.executable, "-m", "dagster", "dev", "-w", str(WORKSPACE), "-h", HOST, "-p", str(port)]
    if api is None:
        return _run([dagster], variables)
    typer.echo(f"API: http://{api.host}:{api.port}/api/v1  (how to use it: http://{api.host}:{api.port}/docs)")
    return _run([dagster, api.command], {**variables, "AIANIME_DAGSTER_URL": f"http://{HOST}:{port}"})


def serve_api(api: Api) -> int:
    """The API alone, for a machine of its own. Returns the exit code. Raises BadSettingError."""
    _check_port(api.host, api.port, "--port")
    chosen = settings()
    database()
    typer.echo(f"API: http://{api.host}:{api.port}/api/v1")
    return _run([api.command], {"AIANIME_HOME": str(chosen.home)})


def _run(commands: Sequence[Sequence[str]], variables: Mapping[str, str]) -> int:
    """Each as a group of processes of its own, until a signal or the end of the first."""
    stops: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stops.append(number)

    # Before the processes start: a signal that we were started to ignore would be ignored by them too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    environment = {**os.environ, **variables}
    groups = [subprocess.Popen(command, env=environment, start_new_session=True) for command in commands]
    while not stops and all(group.poll() is None for group in groups):
        with contextlib.suppress(subprocess.TimeoutExpired):
            groups[0].wait(_LOOK_SECONDS)
    for group in groups:
        if group.poll() is None:
            group.send_signal(signal.SIGINT)
    deadline = time.monotonic() + _STOP_SECONDS
    for group in groups:
        with contextlib.suppress(subprocess.TimeoutExpired):
            group.wait(max(0.0, deadline - time.monotonic()))
    for group in groups:
        _end_group(group.pid)
        group.wait()
    return 0 if stops else 1


def _check_port(host: str, port: int, option: str) -> None:
    try:
        family = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        raise BadSettingError(
            f"Port {port} on {host} cannot be used ({error}); choose another with {option}."
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
