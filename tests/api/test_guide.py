"""The commands of the API's guide, run as they stand in a shell against an installation that `aianime up` serves."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import av
import httpx2
import pytest
from support.instance import running_instance

pytestmark = pytest.mark.instance

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
PASSWORD = "a password of the guide"
_SECONDS = 420


def blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_an_episode_is_made_by_the_guides_commands_alone(tmp_path: Path) -> None:
    with running_instance(tmp_path / "instance", with_api=True) as instance:
        subprocess.run(
            [sys.executable, "-m", "aianime_pipeline.cli", "user", "add", "alice", "--admin", "--password-stdin"],
            input=PASSWORD, env=instance.environment, text=True, check=True, timeout=60,
        )  # fmt: skip
        page = httpx2.get(f"{instance.api}/docs").text
        assert "An episode with <code>curl</code> alone" in page
        assert page.count("/api/v1/") > 100
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(blocks())],
            cwd=tmp_path, env=os.environ | {"API": f"{instance.api}/api/v1", "PASSWORD": PASSWORD},
            capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n{instance.last_log()}"
        link = re.search(r"(http://\S+)?/api/v1/shared/\S+", done.stdout)
        assert link is not None
        shared = link[0] if link[0].startswith("http") else instance.api + link[0]
        film = (tmp_path / "rain-e001.mp4").read_bytes()
        assert httpx2.get(shared).content == film
        with av.open(str(tmp_path / "rain-e001.mp4")) as opened:
            assert opened.duration is not None
            assert opened.duration > 1_000_000  # microseconds
        with zipfile.ZipFile(tmp_path / "rain-e001.zip") as archive:
            assert archive.testzip() is None
            assert any(name.endswith(".mp4") and archive.read(name) == film for name in archive.namelist())
        assert instance.down() == 0
        assert instance.processes() == {}
    assert PASSWORD not in instance.log.read_text(errors="replace")
