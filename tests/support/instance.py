"""`aianime up` with a home of its own, for tests: its processes, its command line, and a look into its state."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from support.dagster_ui import DagsterUI, poll
from support.processes import free_port
from support.quick_provider import FOLDER_VARIABLE, QuickProvider, Steering

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Worker
from aianime_pipeline.production.episodes.status import episode_status
from aianime_pipeline.production.importing import import_file
from aianime_pipeline.production.installation import Installation, open_store
from aianime_pipeline.production.projects.keeping import get_or_create_project, set_options
from aianime_pipeline.settings import read_settings

TESTS = Path(__file__).resolve().parent.parent
_START_SECONDS = 90
_STOP_SECONDS = 40
_COMMAND_SECONDS = 120
_SHOWN_LOG_LINES = 80
_RUN = "spawn_main"
"""In the command of a run's processes: the launcher begins them with the standard library's multiprocessing."""


class Instance:
    """An installation in `folder`, with the quick provider. `up` starts its processes, the API's only if asked for."""

    def __init__(self, folder: Path, *, with_api: bool = False, **variables: str) -> None:
        self.home = folder / "home"
        self.log = folder / "up.log"
        self._files = folder / "files"
        self._files.mkdir(parents=True)
        self.steering = Steering(folder / "steering")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AIANIME_", "DAGSTER_"))},
            "AIANIME_HOME": str(self.home),
            "AIANIME_PROVIDER": "support.quick_provider:QuickProvider",
            FOLDER_VARIABLE: str(self.steering.folder),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(TESTS), os.environ.get("PYTHONPATH")))),
            **variables,
        }
        self.api_port = free_port() if with_api else None
        self._group: subprocess.Popen[bytes] | None = None
        self._ui: DagsterUI | None = None

    @property
    def ui(self) -> DagsterUI:
        assert self._ui is not None, "the instance is not up"
        return self._ui

    @property
    def dagster_environment(self) -> dict[str, str]:
        """For Dagster's own commands on the same instance, as the README tells it."""
        return self.environment | {"DAGSTER_HOME": str(self.home / "dagster")}

    def up(self) -> None:
        """Start the processes and wait until the web server answers, the code is loaded and the daemons beat."""
        port = free_port()
        with self.log.open("wb") as log:
            self._group = subprocess.Popen(
                [sys.executable, "-m", "aianime_pipeline.cli", "up", "--port", str(port), *self._api_words],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._files,
                start_new_session=True,
            )
        self._ui = ui = DagsterUI(f"http://127.0.0.1:{port}")
        self.environment["AIANIME_DAGSTER_URL"] = f"http://127.0.0.1:{port}"
        group = self._group

        def ready() -> bool | None:
            assert group.poll() is None, f"aianime up ended with {group.returncode}\n{self.last_log()}"
            return True if not ui.why_not_ready() and self._api_answers() else None

        try:
            poll(ready, "aianime up", seconds=_START_SECONDS)
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {ui.why_not_ready()}\n{self.last_log()}") from error

    @property
    def _api_words(self) -> list[str]:
        return ["--no-api"] if self.api_port is None else ["--api-port", str(self.api_port)]

    @property
    def api(self) -> str:
        assert self.api_port is not None, "the instance has no API"
        return f"http://127.0.0.1:{self.api_port}"

    def _api_answers(self) -> bool:
        if self.api_port is None:
            return True
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.api_port)) == 0

    @property
    def is_up(self) -> bool:
        return self._group is not None and self._group.poll() is None

    def down(self) -> int:
        """Ctrl-C. Returns the exit code of `aianime up`."""
        assert self._group is not None
        self._group.send_signal(signal.SIGINT)
        return self._group.wait(timeout=_STOP_SECONDS)

    def processes(self) -> dict[int, str]:
        """Every living process of this installation: pid → command line. They know it by their environment."""
        mark = f"AIANIME_HOME={self.home}".encode()
        found = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    variables = (folder / "environ").read_bytes().split(b"\0")
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                except (FileNotFoundError, ProcessLookupError, PermissionError):
                    continue  # gone meanwhile, or not ours
                if mark in variables and command:  # a zombie has none
                    found[int(folder.name)] = command
        return found

    def kill_servers(self) -> None:
        """What is left of a group of which one has died; runs go on."""
        for pid, words in self.processes().items():
            if _RUN not in words:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def kill_what_is_left(self) -> None:
        """So that a failed test leaves nothing behind: exactly the processes of this installation."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def last_log(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-_SHOWN_LOG_LINES:])

    def command(self, *words: str, code: int = 0) -> Any:
        """`aianime WORDS --json`, ended with `code`. Returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "aianime_pipeline.cli", *words, "--json"],
            env=self.environment,
            cwd=self._files,
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == code, f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)

    def start_command(self, *words: str) -> subprocess.Popen[bytes]:
        with (self._files / "started.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "aianime_pipeline.cli", *words],
                env=self.environment,
                cwd=self._files,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @cached_property
    def place(self) -> Installation:
        """The installation's services in this process: to look, and to put something in; nothing is made here."""
        settings = read_settings(self.environment)
        place = Installation(settings, Database(settings.database_url), open_store(settings))
        place.provider = QuickProvider(settings.scratch / "looking", 1, self.steering)
        return place

    def status_of(self, episode: str) -> dict[str, Any]:
        return episode_status(self.place, episode)

    def worker_of(self, run_id: str) -> Worker | None:
        """The process that works for a run."""
        with self.place.database.read() as session:
            return session.scalar(sa.select(Worker).where(Worker.run_id == run_id))

    def asked_for(self, words: str) -> list[str]:
        """`capability words` of every request with these words, sorted: what was really asked of the provider."""
        return sorted(f"{line.capability} {line.words}" for line in self.steering.submitted(words))

    def import_shots(self, project: str, shots: int, *, episodes: int = 1) -> list[str]:
        """Episodes of short shots at 480p, imported by the command line. Returns the keys.

        Every third shot says nothing; the fourth of each episode is a still.
        """
        self.command("project", project, "--size", "480p")
        keys = []
        for file in self._storyboards(project, shots, episodes):
            keys += self.command("import", str(file), "--project", project)["episodes"]
        return keys

    def put_shots(self, project: str, shots: int, *, episodes: int = 1, **options: str) -> list[str]:
        """The same without a process per file; `options` are the project's."""
        with self.place.database.write() as session:
            found = get_or_create_project(session, project, title=None, language="zh")
            set_options(found, {"size": "480p", **options})
        keys = []
        for file in self._storyboards(project, shots, episodes):
            keys += import_file(self.place, file, project=project).episodes
        for key in keys:
            self.ui.add_partition(key)
        return keys

    def _storyboards(self, project: str, shots: int, episodes: int) -> Iterator[Path]:
        for episode in range(1, episodes + 1):
            file = self._files / f"{project}-{episode}.json"
            file.write_text(json.dumps(_storyboard(project, episode, shots), ensure_ascii=False), encoding="utf-8")
            yield file


def words_of(episode: str, shot: int) -> str:
    """What the requests of a shot are told by: it stands in its prompt and in its line."""
    return f"《{episode}》镜{shot}。"


def speaker_of(project: str) -> str:
    """The one character of a project's episodes; their reference picture is told by the name."""
    return f"{project}的阿萤"


def speaks(shot: int) -> bool:
    return shot % 3 != 0


def is_still(shot: int) -> bool:
    return shot == 4


def stages_of(shot: int) -> list[str]:
    """The capabilities that a shot needs, as the log names them."""
    return ["image", *([] if is_still(shot) else ["video"]), *(["speech"] if speaks(shot) else [])]


def requests_of(episode: str, shots: Sequence[int]) -> list[str]:
    """What is asked for when each of these shots is made once; compare with `Instance.asked_for`."""
    return sorted(f"{stage} {words_of(episode, shot)}" for shot in shots for stage in stages_of(shot))


def _storyboard(project: str, episode: int, shots: int) -> dict[str, Any]:
    key = f"{project}-e{episode:03d}"
    return {
        "格式标识": "storyboard_ai_v4",
        "版本": "4.0",
        "集数": episode,
        "镜头列表": [
            {
                "镜号": shot,
                "时长": 1.5,
                "景别": "中景",
                "运镜方式": "固定",
                "画面描述": words_of(key, shot),
                "AI提示词": words_of(key, shot),
                "台词": words_of(key, shot) if speaks(shot) else "",
                "角色": speaker_of(project) if speaks(shot) else "",
                "生成任务": ["图像", *([] if is_still(shot) else ["视频"]), *(["TTS"] if speaks(shot) else [])],
            }
            for shot in range(1, shots + 1)
        ],
    }


@contextmanager
def running_instance(folder: Path, *, with_api: bool = False, **variables: str) -> Iterator[Instance]:
    """`variables` are added to its environment."""
    instance = Instance(folder, with_api=with_api, **variables)
    try:
        instance.up()
        yield instance
        if instance.is_up:
            instance.down()
    finally:
        instance.kill_what_is_left()
        instance.place.database.close()
