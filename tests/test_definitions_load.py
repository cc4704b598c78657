"""The definitions load where there is no database, no network and no state: in a code server, or in CI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
"""Whoever opens it is refused at once."""

GUARD = """
import socket

def refuse(*arguments, **options):
    raise AssertionError(f"the network was asked for: {arguments}")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
"""
LOAD = """
from aianime_pipeline.definitions import defs

repository = defs.get_repository_def()
print(*sorted(key.to_user_string() for key in repository.assets_defs_by_key))
"""


def run(folder: Path, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AIANIME_", "DAGSTER_"))}
    return subprocess.run(
        [sys.executable, "-c", GUARD + code],
        cwd=folder,
        env=clean | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "variables",
    [{}, {"AIANIME_DATABASE_URL": NO_DATABASE}, {"AIANIME_PROVIDER": "no.such.module:Provider"}],
    ids=["no settings", "a database that is down", "a provider that is not installed"],
)
def test_the_definitions_load_and_leave_nothing_behind(tmp_path: Path, variables: dict[str, str]) -> None:
    loaded = run(tmp_path, LOAD, **variables)
    assert loaded.returncode == 0, loaded.stderr
    assert {"screenplays", "composite_films", "episode_zips"} <= set(loaded.stdout.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "variables", "seen"),
    [
        ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:1')", {}, "the network was asked for"),
        (
            "from aianime_pipeline.db.engine import database\ndatabase()",
            {"AIANIME_DATABASE_URL": NO_DATABASE},
            "OperationalError",
        ),
        (
            "from aianime_pipeline.production.installation import installation\ninstallation().provider",
            {"AIANIME_PROVIDER": "no.such.module:Provider"},
            "AIANIME_PROVIDER",
        ),
    ],
    ids=["network", "database", "provider"],
)
def test_what_these_tests_guard_against_would_show(
    tmp_path: Path, code: str, variables: dict[str, str], seen: str
) -> None:
    broken = run(tmp_path, code, **variables)
    assert broken.returncode != 0
    assert seen in broken.stderr, broken.stderr


def test_an_opened_database_would_leave_something_behind(tmp_path: Path) -> None:
    run(tmp_path, "from aianime_pipeline.db.engine import database\ndatabase()")
    assert list(tmp_path.iterdir()) != []
