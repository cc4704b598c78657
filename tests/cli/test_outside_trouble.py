"""What the machine does to a command is told in the pipeline's own words, with a stable code."""

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from aianime_pipeline.cli.ending import outside_trouble
from aianime_pipeline.db.models import StageRun
from aianime_pipeline.production.runs import percent_of

ROOT = Path(__file__).resolve().parents[2]
MAIN = [sys.executable, "-m", "aianime_pipeline.cli"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/x"), "ERR_DISK_FULL"),
        (OSError(errno.EROFS, "Read-only file system", "/x"), "ERR_STORAGE"),
        (
            sa.exc.OperationalError("SELECT", {}, sqlite3.OperationalError("database or disk is full")),
            "ERR_DISK_FULL",
        ),
        (
            sa.exc.OperationalError("SELECT", {}, sqlite3.OperationalError("unable to open database file")),
            "ERR_DATABASE",
        ),
    ],
)
def test_trouble_from_outside_has_a_code_of_its_own(error: Exception, code: str) -> None:
    found = outside_trouble(error)
    assert found is not None
    assert found.code == code
    assert "SELECT" not in found.message


def test_a_fault_of_the_program_is_not_called_trouble_from_outside() -> None:
    assert outside_trouble(KeyError("x")) is None
    assert outside_trouble(sa.exc.IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE"))) is None


def test_a_database_that_is_out_of_reach_is_told_without_its_password(tmp_path: Path) -> None:
    environment = os.environ | {
        "AIANIME_HOME": str(tmp_path),
        "AIANIME_DATABASE_URL": "postgresql://u:secretpw@127.0.0.1:1/x",
    }
    ended = subprocess.run([*MAIN, "status"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("ERR_DATABASE: ")
    assert "secretpw" not in ended.stderr + ended.stdout


def test_several_first_commands_at_once_all_succeed(tmp_path: Path) -> None:
    file = tmp_path / "small.txt"
    file.write_text("1-1夜，外，渡口\n△雾。\n", encoding="utf-8")
    environment = os.environ | {"AIANIME_HOME": str(tmp_path / "home")}
    started = [
        subprocess.Popen(
            [*MAIN, "import", str(file), "--project", f"p{number}", "--json"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for number in range(3)
    ]
    ends = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], ends


def test_progress_never_passes_the_whole_when_what_is_made_waits_for_a_review() -> None:
    row = StageRun(total=4, made=3, kept=0, waiting=3, skipped=0, failed=0, percent=0.0, ended_at=None)
    assert percent_of(row) == 75.0
