"""The command line `aianime` as a script meets it: processes, exit codes, two streams."""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from support.processes import TESTS, Script
from support.quick_provider import FOLDER_VARIABLE, Steering

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Project

COMMAND = (sys.executable, "-m", "aianime_pipeline.cli")
_SECONDS = 180


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    told: str
    """What it said on the standard error."""

    @property
    def json(self) -> Any:
        """The one object that the standard output is."""
        assert self.out.count("\n") == 1, self.out + self.told
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document

    @property
    def error(self) -> dict[str, Any]:
        found = self.json["error"]
        assert set(found) == {"code", "message", "details"}
        assert f"{found['code']}: {found['message']}" in self.told
        assert "Traceback" not in self.out + self.told
        return dict(found)


_FORK_FOR_EACH = """
import json, os, sys
import dagster
import aianime_pipeline.cli.output, aianime_pipeline.definitions, aianime_pipeline.instance, aianime_pipeline.making
from aianime_pipeline.cli.app import main
print("ready", flush=True)
for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, path in ((1, order["out"]), (2, order["told"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
    sys.argv = ["aianime", *order["arguments"]]
    main()
"""


class _Forks:
    """A process that has the modules loaded and forks for each command. It ends with the tests: its input does."""

    def __init__(self) -> None:
        self._script = Script(_FORK_FOR_EACH)
        self._script.says("ready")

    def run(self, order: Mapping[str, Any]) -> int:
        self._script.tell(json.dumps(order))
        assert self._script.process.stdout is not None
        return int(self._script.process.stdout.readline())


_forks = cache(_Forks)


class CommandLine:
    """An installation below `folder`, with the provider that is steered by files."""

    def __init__(self, folder: Path, *, database_url: str = "") -> None:
        self.folder = folder
        self.home = folder / "home"
        self.steering = Steering(folder / "steering")
        self.database_url = database_url or f"sqlite:///{self.home / 'aianime.db'}"
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("AIANIME_", "DAGSTER_"))}
        self.environment = outside | {
            "AIANIME_HOME": str(self.home),
            "AIANIME_DATABASE_URL": database_url,
            "AIANIME_PROVIDER": "support.quick_provider:QuickProvider",
            FOLDER_VARIABLE: str(self.steering.folder),
            "PYTHONPATH": str(TESTS),
        }

    def copy_to(self, folder: Path) -> "CommandLine":
        """The same installation once more, to be changed."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return CommandLine(folder)

    def start(
        self, *arguments: object, environment: Mapping[str, str] | None = None, largest_file: int | None = None
    ) -> subprocess.Popen[str]:
        limit = None
        if largest_file is not None:
            limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (largest_file, largest_file))
        return subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment | dict(environment or {}),
            cwd=self.folder,
            preexec_fn=limit,
            start_new_session=True,
        )

    def run(self, *arguments: object, environment: Mapping[str, str] | None = None) -> Ended:
        """The command in a process of its own, quicker than `start`: its modules are loaded already."""
        with tempfile.TemporaryDirectory() as folder:
            order = {
                "arguments": [str(argument) for argument in arguments],
                "environment": self.environment | dict(environment or {}),
                "cwd": str(self.folder),
                "out": f"{folder}/out",
                "told": f"{folder}/told",
            }
            code = _forks().run(order)
            out, told = (Path(folder, name).read_text("utf-8") for name in ("out", "told"))
        return Ended(code, out, told)

    def run_anew(self, *arguments: object, **options: Any) -> Ended:
        """The command in a new interpreter, as a person starts it."""
        process = self.start(*arguments, **options)
        try:
            out, told = process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return Ended(process.returncode, out, told)

    def done(self, *arguments: object, **options: Any) -> Ended:
        """A command that must end well."""
        ended = self.run(*arguments, **options)
        assert ended.code == 0, ended
        return ended

    def database(self) -> Database:
        return Database(self.database_url)

    def set_project(self, **options: object) -> None:
        """What the command line has no option for, such as a picture of 160 × 90."""
        database = self.database()
        with database.write() as session:
            session.execute(sa.update(Project).values(**options))
        database.close()
