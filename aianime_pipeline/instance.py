"""The Dagster instance of this installation: where it lies, which settings it has, which episodes it knows.

The laptop's settings are the repository's `dagster.yaml`, a team's are `deploy/dagster.yaml`, or whatever file
AIANIME_DAGSTER_CONFIG names; they are copied into the instance's folder, because Dagster reads them only there.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aianime_pipeline.db.engine import normalised_url
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.partitions import PARTITIONS_NAME
from aianime_pipeline.settings import Settings, settings

if TYPE_CHECKING:
    import dagster as dg

ROOT = Path(__file__).resolve().parent.parent
WORKSPACE = ROOT / "workspace.yaml"
DAGSTER_DATABASE = "AIANIME_DAGSTER_DATABASE_URL"
"""Read by Dagster, where the instance's file says so."""


def prepare_instance(chosen: Settings) -> Mapping[str, str]:
    """Make the instance's folder. Returns the variables by which Dagster's processes find it and our state. Raises
    BadSettingError."""
    source = _config_file(chosen)
    target = chosen.dagster_home / "dagster.yaml"
    chosen.dagster_home.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_bytes() != source.read_bytes():
        part = target.with_name(f".dagster.yaml.{os.getpid()}")
        part.write_bytes(source.read_bytes())
        part.replace(target)
    return {"DAGSTER_HOME": str(chosen.dagster_home), "AIANIME_HOME": str(chosen.home), **_dagster_database()}


def _dagster_database() -> Mapping[str, str]:
    """The URL of Dagster's own database with the driver that is installed: SQLAlchemy would take another one."""
    url = os.environ.get(DAGSTER_DATABASE)
    if not url:
        return {}
    return {DAGSTER_DATABASE: normalised_url(url, DAGSTER_DATABASE).render_as_string(hide_password=False)}


def _config_file(chosen: Settings) -> Path:
    """The one that is chosen. Raises BadSettingError where it is missing, or what it takes from the environment is."""
    source = chosen.dagster_config or ROOT / "dagster.yaml"
    if not source.is_file():
        raise BadSettingError(
            f"AIANIME_DAGSTER_CONFIG names {source}, and there is no such file."
            if chosen.dagster_config
            else f"{source} is missing: the command line runs from a checkout of the repository."
        )
    if missing := sorted(name for name in _variables_in(source) if not os.environ.get(name)):
        raise BadSettingError(f"{source} needs {', '.join(missing)} in the environment.", missing=missing)
    return source


def _variables_in(source: Path) -> set[str]:
    """What Dagster will read from the environment, and would stop at one by one. Raises BadSettingError."""
    found, waiting = set(), [_read(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if list(node) == ["env"] and isinstance(node["env"], str):
                found.add(node["env"])
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return found


def _read(source: Path) -> Any:
    import yaml  # type: ignore[import-untyped]

    try:
        return yaml.safe_load(source.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadSettingError(f"{source} cannot be read as YAML: {error}") from error


def keeps_sqlite(chosen: Settings) -> bool:
    """Whether Dagster's own database is SQLite files in the instance's folder: it is, where its file names no other."""
    document = _read(_config_file(chosen)) or {}
    return not {"storage", "run_storage", "event_log_storage", "schedule_storage"} & set(document)


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
