"""The Dagster instance of this installation: where it lies, which settings it has, which episodes it knows.

The laptop's settings are the repository's `dagster.yaml`; they are copied into the instance's folder, because Dagster
reads them only there.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.partitions import PARTITIONS_NAME
from aianime_pipeline.settings import Settings, settings

if TYPE_CHECKING:
    import dagster as dg

ROOT = Path(__file__).resolve().parent.parent
WORKSPACE = ROOT / "workspace.yaml"


def prepare_instance(chosen: Settings) -> Mapping[str, str]:
    """Make the instance's folder. Returns the variables by which Dagster's processes find it and our state."""
    source = ROOT / "dagster.yaml"
    if not source.exists():
        raise BadSettingError(f"{source} is missing: the command line runs from a checkout of the repository.")
    target = chosen.dagster_home / "dagster.yaml"
    chosen.dagster_home.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_bytes() != source.read_bytes():
        part = target.with_name(f".dagster.yaml.{os.getpid()}")
        part.write_bytes(source.read_bytes())
        part.replace(target)
    return {"DAGSTER_HOME": str(chosen.dagster_home), "AIANIME_HOME": str(chosen.home)}


@contextmanager
def open_instance() -> Iterator["dg.DagsterInstance"]:
    import dagster as dg

    os.environ.update(prepare_instance(settings()))
    with ExitStack() as stack:
        with (settings().dagster_home / ".opening").open("w") as lock:
            # Dagster makes its SQLite files on first use, and two processes that do so at once stumble.
            fcntl.flock(lock, fcntl.LOCK_EX)
            instance = stack.enter_context(dg.DagsterInstance.get())
            instance.get_runs_count()
            instance.get_dynamic_partitions(PARTITIONS_NAME)
        yield instance


def add_episodes(instance: "dg.DagsterInstance", keys: Iterable[str]) -> None:
    """The episodes as partitions, so that the Dagster UI shows them; known ones stay."""
    instance.add_dynamic_partitions(PARTITIONS_NAME, list(keys))
