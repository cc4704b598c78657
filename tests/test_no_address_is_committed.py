"""Whoever installs this decides where packages come from; a lock says only which, and by their hashes."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.lock.txt"))

# In two halves, so that this file does not hold them either.
REGISTRY_HOSTS = [
    "pypi" + ".org",
    "files.python" + "hosted.org",
    "registry.npmjs" + ".org",
    "registry.yarnpkg" + ".com",
    "npmmirror" + ".com",
    "conda.anaconda" + ".org",
    "proxy.golang" + ".org",
    "crates" + ".io",
]

_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]+\])?==[^\s;]+")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?=\s|$)")


def requirements_of(lock: str) -> list[str]:
    """Each requirement with its hashes in one line; comments and empty lines are left out."""
    lines = lock.replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def unlocked(lock: str) -> list[str]:
    return [line for line in requirements_of(lock) if not (_REQUIREMENT.match(line) and _HASH.search(line))]


def test_there_are_locks_for_running_and_for_developing() -> None:
    assert {lock.name for lock in LOCKS} >= {"run.lock.txt", "dev.lock.txt"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_holds_an_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_one_version_with_a_hash(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert len(requirements_of(text)) > 50
    assert unlocked(text) == []


def test_a_requirement_without_version_or_hash_would_be_noticed() -> None:
    good = "attrs==25.1.0 ; python_version < '4' \\\n    --hash=sha256:" + "a" * 64
    assert unlocked(good) == []
    for bad in ("attrs==25.1.0", "attrs>=25 --hash=sha256:" + "a" * 64, "attrs==25.1.0 --hash=sha256:abc", "-e ."):
        assert unlocked(f"# a comment\n{good}\n{bad}\n") == [bad]


def test_no_tracked_file_names_the_host_of_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode != 0:
        pytest.skip("not a git working tree")
    tracked = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    assert ROOT / "pyproject.toml" in tracked
    found = []
    for path in filter(Path.is_file, tracked):
        content = path.read_bytes().lower()
        found += [f"{path.relative_to(ROOT)}: {host}" for host in REGISTRY_HOSTS if host.encode() in content]
    assert found == []
