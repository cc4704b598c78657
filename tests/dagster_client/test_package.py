"""How the package comes along: its documents are in the wheel, and the definitions load without it."""

import subprocess
import sys
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from aianime_pipeline.dagster_client import documents

ROOT = Path(__file__).resolve().parents[2]
LOADED = """
import sys
import aianime_pipeline.definitions
print(*[name for name in sys.modules if name.startswith("aianime_pipeline.dagster_client")])
"""


def test_every_document_is_in_the_wheel() -> None:
    there = {f"aianime_pipeline/dagster_client/documents/{file.name}" for file in _documents()}
    packed = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert there
    assert there <= packed


def test_the_definitions_load_without_it(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def _documents() -> list[Path]:
    return list(Path(documents.__file__).parent.glob("*.graphql"))
