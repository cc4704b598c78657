"""The command line as a person uses it, each command a process, on an installation of its own in a folder."""

import json
import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from support.processes import TESTS, Script
from support.quick_provider import FOLDER_VARIABLE, Steering

from aianime_pipeline.db.engine import Database
from aianime_pipeline.production.installation import Installation, open_store
from aianime_pipeline.settings import read_settings

_SECONDS = 400

_MAKE_EACH = """
import json, sys
from aianime_pipeline.making import make_episode
from aianime_pipeline.production.installation import installation
for key in sys.argv[1:]:
    print(json.dumps(make_episode(installation(), key).to_document(), ensure_ascii=False), flush=True)
"""


class Commands:
    """`aianime` with the built-in provider, or with the quick one. Settings from outside do not reach it."""

    def __init__(self, folder: Path, *, quick: bool = False) -> None:
        self.folder = folder
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("AIANIME_", "DAGSTER_"))}
        self.environment = {**outside, "AIANIME_HOME": str(folder / "home"), "PYTHONPATH": str(TESTS)}
        if quick:
            self.environment |= {
                "AIANIME_PROVIDER": "support.quick_provider:QuickProvider",
                FOLDER_VARIABLE: str(Steering(folder / "steering").folder),
            }

    def __call__(self, *words: object, code: int = 0) -> Any:
        """`aianime WORDS --json`, ended with `code`. Returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "aianime_pipeline.cli", *map(str, words), "--json"],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == code, f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)

    def make_each(self, keys: list[str], *, processes: int = 1) -> dict[str, Any]:
        """Make whole episodes, many in one process to save its start. Returns what `make` prints of each."""
        running = [
            Script(_MAKE_EACH, *keys[place::processes], environment=self.environment) for place in range(processes)
        ]
        lines = [line for script in running for line in script.end(_SECONDS).splitlines()]
        documents = [json.loads(line) for line in lines]
        return {document["episode"]: document for document in documents}

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    @cached_property
    def place(self) -> Installation:
        """The installation's services in this process."""
        settings = read_settings(self.environment)
        return Installation(settings, Database(settings.database_url), open_store(settings))
