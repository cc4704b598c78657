"""A small Dagster of its own: web server, daemon and code server, usually over support/tiny_code.py."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.dagster_ui import poll
from support.processes import free_port

from aianime_pipeline.dagster_client.client import DagsterClient, ask_dagster
from aianime_pipeline.dagster_client.model import LocationState
from aianime_pipeline.errors import DagsterUnavailableError

TESTS = Path(__file__).resolve().parent.parent
_START_SECONDS = 90
_STOP_SECONDS = 15

INSTANCE = """
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
  config: {dequeue_interval_seconds: 1}
telemetry: {enabled: false}
nux: {enabled: false}
"""
WORKSPACE = """
load_from:
  - python_module:
      module_name: {module}
      attribute: defs
      location_name: aianime_pipeline
"""


@contextmanager
def tiny_dagster(
    folder: Path, *, module: str = "support.tiny_code", state: LocationState = LocationState.LOADED
) -> Iterator[str]:
    """The address of its web server, once the code is in this state and the daemons beat. `module` may also lie in
    `folder`."""
    home = folder / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text(INSTANCE)
    (folder / "workspace.yaml").write_text(WORKSPACE.format(module=module))
    port, told = free_port(), folder / "dagster.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AIANIME_", "DAGSTER_"))}
    command = [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    with told.open("wb") as log:
        group = subprocess.Popen(
            command,
            cwd=folder,
            env=environment | {"DAGSTER_HOME": str(home), "PYTHONPATH": f"{TESTS}{os.pathsep}{folder}"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"

    def is_ready() -> bool | None:
        assert group.poll() is None, told.read_text(errors="replace")
        return ask_dagster(address, lambda dagster: _is_well(dagster, state))

    try:
        poll(is_ready, "a small Dagster", seconds=_START_SECONDS)
        yield address
        group.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):  # then it is killed below
            group.wait(_STOP_SECONDS)
    finally:
        _kill_group(group)


async def _is_well(dagster: DagsterClient, state: LocationState) -> bool | None:
    try:
        location, daemons = await dagster.location(), await dagster.daemons()
    except DagsterUnavailableError:
        return None
    well = location.state is state and all(one.healthy for one in daemons if one.required)
    return well or None


def _kill_group(group: subprocess.Popen[bytes]) -> None:
    """So that a failed test leaves nothing behind: it is the leader of a process group of its own."""
    try:
        os.killpg(group.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        group.wait()
