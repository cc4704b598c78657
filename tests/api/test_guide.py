"""The commands of the API's guide, run as they stand in a shell against an installation that `aianime up` serves."""

import os
import re
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import av
import httpx2
import pytest
from support.instance import running_instance
from support.postgres import PostgresServer
from support.seaweed import SeaweedServer

pytestmark = pytest.mark.instance

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
PASSWORD = "a password of the guide"
_SECONDS = 420


def blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(params=["a folder and SQLite", "a bucket and PostgreSQL"])
def variables(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    if request.param == "a folder and SQLite":
        yield {}
        return
    bucket: SeaweedServer = request.getfixturevalue("seaweed")
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.new_database()
    yield bucket.environment | {
        "AIANIME_OBJECTS_URL": bucket.url(uuid.uuid4().hex),
        "AIANIME_DATABASE_URL": server.url(name),
    }


def test_an_episode_is_made_by_the_guides_commands_alone(tmp_path: Path, variables: dict[str, str]) -> None:
    with running_instance(tmp_path / "instance", with_api=True, **variables) as instance:
        made = [sys.executable, "-m", "aianime_pipeline.cli", "user", "add", "alice", "--admin", "--password-stdin"]
        subprocess.run(made, input=PASSWORD, env=instance.environment, text=True, check=True, timeout=60)
        page = httpx2.get(f"{instance.api}/docs").text
        assert "An episode with <code>curl</code> alone" in page
        assert page.count("/api/v1/") > 100
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join([*blocks(), 'echo -n "$TOKEN" > token'])],
            cwd=tmp_path,
            env=os.environ | {"API": f"{instance.api}/api/v1", "PASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n{instance.last_log()}"
        link = re.search(r"(http://\S+)?/api/v1/shared/\S+", done.stdout)
        assert link is not None
        film = (tmp_path / "rain-e001.mp4").read_bytes()
        shared = link[0] if link[1] else instance.api + link[0]
        assert httpx2.get(shared, follow_redirects=True).content == film
        with av.open(str(tmp_path / "rain-e001.mp4")) as opened:
            assert opened.duration is not None
            assert opened.duration > 1_000_000  # microseconds
        with zipfile.ZipFile(tmp_path / "rain-e001.zip") as archive:
            assert archive.testzip() is None
            assert any(name.endswith(".mp4") and archive.read(name) == film for name in archive.namelist())
        assert instance.down() == 0
        assert instance.processes() == {}
    log = instance.log.read_text(errors="replace")
    assert '"route": "/api/v1/auth/login"' in log
    for secret in (PASSWORD, (tmp_path / "token").read_text(), link[0].rpartition("/")[2]):
        assert secret not in log
