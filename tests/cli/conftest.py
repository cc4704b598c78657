import os
from pathlib import Path
from unittest.mock import patch

import dagster as dg
import pytest
from support.command_line import CommandLine
from support.stories import storyboard_file

from aianime_pipeline.instance import prepare_instance
from aianime_pipeline.settings import read_settings


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """An installation whose databases, ours and Dagster's, are there: making those takes seconds. To be copied."""
    line = CommandLine(tmp_path_factory.mktemp("empty"))
    line.done("db", "upgrade")
    with patch.dict(os.environ, line.environment | {"DAGSTER_HOME": str(line.home / "dagster")}):
        prepare_instance(read_settings(line.environment))
        dg.DagsterInstance.get().dispose()
    return line


@pytest.fixture(scope="session")
def imported(empty: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """An episode `p-e001` of three shots, nothing made. To be looked at only."""
    line = empty.copy_to(tmp_path_factory.mktemp("imported"))
    line.done("import", storyboard_file(line.folder, 3), "--project", "p")
    line.set_project(width=160, height=90)
    return line


@pytest.fixture(scope="session")
def made(imported: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The same, with everything made. To be looked at only."""
    line = imported.copy_to(tmp_path_factory.mktemp("made"))
    line.done("make", "p-e001")
    return line


@pytest.fixture
def fresh(imported: CommandLine, tmp_path: Path) -> CommandLine:
    """A copy of `imported` to work with."""
    return imported.copy_to(tmp_path / "fresh")


@pytest.fixture
def finished(made: CommandLine, tmp_path: Path) -> CommandLine:
    """A copy of `made` to work with."""
    return made.copy_to(tmp_path / "finished")
