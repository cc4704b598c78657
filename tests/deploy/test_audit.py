"""The audit of what is installed, by the real auditor, at an advisory service that knows what a test wants."""

import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from aianime_pipeline.instance import ROOT

AUDIT = ROOT / ".ci" / "audit"
LOCKS = [ROOT / "requirements" / name for name in ("run.lock.txt", "dev.lock.txt")]


@dataclass
class Service:
    """`known` are the vulnerabilities by package; `asked` the packages and versions that it was asked for."""

    known: dict[str, str] = field(default_factory=dict)
    status: int = 200
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""

    def answer(self, question: dict[str, dict[str, str]]) -> dict[str, object]:
        name = question["package"]["name"]
        self.asked.append((name, str(question["version"])))
        if name not in self.known:
            return {}
        affected = [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": []}]
        return {"vulns": [{"id": self.known[name], "summary": "a hole", "affected": affected}]}


@contextmanager
def serving(service: Service) -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            said = json.dumps(service.answer(json.loads(body))).encode()
            self.send_response(service.status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        service.address = f"http://127.0.0.1:{server.server_port}/v1/query"
        yield service
        server.shutdown()
        thread.join()


def audit(address: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Its exit code and what it printed."""
    monkeypatch.setenv("PIP_AUDIT_OSV_URL", address)
    done = subprocess.run([AUDIT], capture_output=True, text=True, timeout=100, check=False)
    return done.returncode, done.stdout + done.stderr


def test_each_package_of_the_lock_files_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Service()) as service:
        assert audit(service.address, monkeypatch) == (0, "Audit: no known vulnerability.\n")
    assert len(service.asked) == len(set(service.asked))
    # Without a marker: for every system and version of Python.
    pinned = {
        (name, version)
        for lock in LOCKS
        for name, version in re.findall(r"^([a-z0-9.-]+)(?:\[[^]]*\])?==(\S+) \\$", lock.read_text(), re.MULTILINE)
    }
    assert len(pinned) > 100
    assert pinned <= set(service.asked)


def test_a_known_vulnerability_fails_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Service({"pillow": "GHSA-aaaa-bbbb-cccc"})) as service:
        code, words = audit(service.address, monkeypatch)
    assert code == 1
    assert re.search(r"^pillow +\S+ +GHSA-aaaa-bbbb-cccc", words, re.MULTILINE), words


@pytest.mark.parametrize("status", [None, 503])
def test_a_service_that_does_not_answer_is_said_in_one_line_and_soon(
    monkeypatch: pytest.MonkeyPatch, status: int | None
) -> None:
    began = time.monotonic()
    if status is None:
        code, words = audit("http://127.0.0.1:9/v1/query", monkeypatch)
    else:
        with serving(Service(status=status)) as service:
            code, words = audit(service.address, monkeypatch)
    assert (code, words) == (2, "Audit: not done, the advisory service did not answer.\n")
    assert time.monotonic() - began < 30
