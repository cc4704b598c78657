"""What every fake vendor shares: a server on a free port, faults on order, a ledger of what it would charge.

A fake is a subclass of `FakeVendor` in a module of its own, run as `python -m fakes.NAME` in a process of its own; it
prints its address and serves until it is killed. `Vendor` is the test's side: it starts one and steers it.

What a test orders (`POST /_control/…`, all JSON):

- `faults`: a list; each is met by the next requests that it fits, `times` times (None: for ever), with a `chance` from
  0 to 1. `on` is submit, poll or download (as the fake's routes say), `kind` one of

    answer             `status`, `headers`, `body` (JSON object or text) instead of what would have been answered; the
                       request is not taken
    answer_after       the same, but the request was taken (and is charged)
    slow               answers after `seconds`
    together           answers when `count` of them are there, with 503 where they do not come
    timeout_before     keeps silent for `seconds` and closes, without having taken the request
    timeout_after      the same, but the request was taken
    cut                takes it, sends half of the answer and closes
    html, truncated, bomb
                       a web page, half of the file (with a right length), a picture bomb instead of the file
- `jobs`: how jobs go from now on: `seconds` until they end, `end` (succeeded, failed, expired, stays, unknown),
  `polls_not_ready` (downloads refused at first), `error` (code and message of a failure).

`GET /_control/ledger` gives the charges, `GET /_control/requests` what was asked (method, path, headers, body).
"""

import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from support.picture_bombs import picture_bomb


@dataclass
class Asked:
    """A request as it came. `body` is the JSON object, or {} with the raw bytes in `raw`."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: dict[str, Any]
    raw: bytes
    match: "re.Match[str]"


@dataclass
class Reply:
    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, str]:
        given = self.headers.pop("content-type", "")
        if isinstance(self.body, bytes):
            return self.body, given or "application/octet-stream"
        if isinstance(self.body, str):
            return self.body.encode(), given or "text/html"
        return json.dumps(self.body, ensure_ascii=False).encode(), given or "application/json"


@dataclass
class Job:
    """A job that the fake took. `micros` is what it charges once it has succeeded; `facts` are the fake's own."""

    id: str
    request: dict[str, Any]
    micros: int
    began: float
    end: str = "succeeded"
    seconds: float = 0.0
    error: dict[str, str] = field(default_factory=dict)
    cancelled: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """queued, running, then how it ends; `stays` for ever running."""
        if self.cancelled:
            return "cancelled"
        age = time.monotonic() - self.began
        if age < self.seconds / 2:
            return "queued"
        if age < self.seconds or self.end == "stays":
            return "running"
        return self.end


Handler = Callable[[Asked], Reply]
_TOGETHER_SECONDS = 20
_FAULTS_OF_FILES = ("html", "truncated", "bomb")


class FakeVendor:
    """`routes` in a subclass: (method, path's regular expression, role, method's name); roles are submit, poll,
    download and free."""

    name: ClassVar[str]
    routes: ClassVar[tuple[tuple[str, str, str, str], ...]]

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.charges: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        self.how: dict[str, Any] = {"seconds": 0.0, "end": "succeeded", "error": {}, "polls_not_ready": 0}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.not_ready: dict[str, int] = {}
        self.lock = threading.Lock()
        self.random = random.Random(7)
        self.address = ""

    # For subclasses -------------------------------------------------------------------------------------------------

    def begin(self, request: dict[str, Any], micros: int, *, prefix: str = "", **facts: Any) -> Job:
        """Take a job; it is charged when it has succeeded (asked for with `settle`)."""
        with self.lock:
            how = self.how
            job = Job(
                f"{prefix}{uuid.uuid4().hex}", request, micros, time.monotonic(), how["end"], how["seconds"],
                dict(how["error"]), facts=facts,
            )  # fmt: skip
            self.jobs[job.id] = job
        if how["seconds"] == 0 and how["end"] == "succeeded":
            self.settle(job)
        return job

    def settle(self, job: Job) -> None:
        if job.state == "succeeded":
            self.charge(job.id, job.micros, job.request)

    def charge(self, identity: str, micros: int, request: Mapping[str, Any]) -> None:
        """In the ledger, once for each identity."""
        with self.lock:
            if all(charge["id"] != identity for charge in self.charges):
                self.charges.append({"id": identity, "micros": micros, "request": dict(request)})

    def keep_file(self, data: bytes, media_type: str) -> str:
        """The address at which the file can be fetched."""
        name = uuid.uuid4().hex
        with self.lock:
            self.files[name] = (data, media_type)
            self.not_ready[name] = self.how["polls_not_ready"]
        return f"{self.address}/files/{name}"

    # Serving --------------------------------------------------------------------------------------------------------

    def serve(self) -> None:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        server.daemon_threads = True
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        print(self.address, flush=True)  # noqa: T201
        server.serve_forever()

    def fault_for(self, role: str) -> dict[str, Any] | None:
        with self.lock:
            for fault in self.faults:
                if fault["on"] == role and fault.get("times", 1) != 0 and self.random.random() < fault.get("chance", 1):
                    if fault.get("times", 1) is not None:
                        fault["times"] = fault.get("times", 1) - 1
                    return fault
        return None

    def control(self, method: str, name: str, body: Any) -> Any:
        with self.lock:
            match method, name:
                case "POST", "faults":
                    self.faults = list(body)
                    for fault in self.faults:
                        if fault["kind"] == "together":
                            fault["met"] = threading.Barrier(fault["count"])
                case "POST", "jobs":
                    self.how |= body
                case "GET", "ledger":
                    return list(self.charges)
                case "GET", "requests":
                    return list(self.asked)
                case "GET", "jobs":
                    return [{"id": job.id, "state": job.state, "request": job.request} for job in self.jobs.values()]
                case _:
                    return {"error": f"no {name}"}
        return {}

    def file(self, asked: Asked) -> Reply:
        name = asked.match[1]
        with self.lock:
            if self.not_ready.get(name, 0) > 0:
                self.not_ready[name] -= 1
                return Reply({"code": "not_ready"}, 400)
            found = self.files.get(name)
        if found is None:
            return Reply("gone", 404)
        return Reply(found[0], headers={"content-type": found[1]})


def _handler_of(vendor: FakeVendor) -> type[BaseHTTPRequestHandler]:
    routes = [
        (method, re.compile(pattern), role, getattr(vendor, handler))
        for method, pattern, role, handler in (*vendor.routes, ("GET", r"/files/(\w+)", "download", "file"))
    ]

    class Handling(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _serve(self) -> None:
            path, _, query = self.path.partition("?")
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                body = json.loads(raw) if raw else {}
            except ValueError:
                body = {}
            if path.startswith("/_control/"):
                self._reply(Reply(vendor.control(self.command, path.removeprefix("/_control/"), body)))
                return
            fitting = (
                (match, role, handler)
                for method, pattern, role, handler in routes
                if method == self.command and (match := pattern.fullmatch(path))
            )
            match, role, handler = next(fitting, (None, "", None))
            if match is None or handler is None:
                self._reply(Reply({"error": f"no route {self.command} {path}"}, 404))
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(
                self.command, path, dict(parse_qsl(query, keep_blank_values=True)), headers,
                body if isinstance(body, dict) else {}, raw, match,
            )  # fmt: skip
            with vendor.lock:
                vendor.asked.append(
                    {
                        "method": self.command, "path": path, "role": role, "headers": headers, "query": asked.query,
                        "body": asked.body, "raw": raw[:100_000].decode("latin-1") if not asked.body else "",
                    }
                )  # fmt: skip
            self._answer(role, handler, asked)

        def _answer(self, role: str, handler: Handler, asked: Asked) -> None:
            fault = vendor.fault_for(role)
            kind = fault["kind"] if fault else ""
            if fault and kind in ("answer", "answer_after"):
                if kind == "answer_after":
                    handler(asked)
                self._reply(Reply(fault.get("body", {}), fault.get("status", 200), dict(fault.get("headers", {}))))
                return
            if fault and kind in ("timeout_before", "timeout_after"):
                if kind == "timeout_after":
                    handler(asked)
                time.sleep(fault.get("seconds", 5))
                self._hang_up()
                return
            if fault and kind == "slow":
                time.sleep(fault.get("seconds", 1))
            reply = handler(asked)
            if fault and kind == "together":
                try:
                    fault["met"].wait(_TOGETHER_SECONDS)
                except threading.BrokenBarrierError:
                    reply = Reply("nobody else came", 503)
            if kind in _FAULTS_OF_FILES:
                reply = _spoilt(kind, reply)
            self._reply(reply, cut=kind == "cut")

        def _reply(self, reply: Reply, *, cut: bool = False) -> None:
            data, media_type = reply.encoded()
            try:
                self.send_response(reply.status)
                self.send_header("content-type", media_type)
                self.send_header("content-length", str(len(data)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data[: len(data) // 2] if cut else data)
                if cut:
                    self._hang_up()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _hang_up(self) -> None:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

        do_GET = do_POST = do_DELETE = do_PUT = _serve

    return Handling


def _spoilt(kind: str, reply: Reply) -> Reply:
    data, _ = reply.encoded()
    if kind == "html":
        return Reply("<html><body>Bad gateway</body></html>", 200, {"content-type": "text/html"})
    if kind == "truncated":
        return Reply(data[: len(data) // 2], 200, {"content-type": "application/octet-stream"})
    return Reply(picture_bomb(), 200, {"content-type": "image/png"})


class Vendor:
    """The test's side of a fake: `with Vendor("ark") as ark:`; `ark.address` is its base address."""

    def __init__(self, name: str) -> None:
        self.name, self.address = name, ""

    def __enter__(self) -> "Vendor":
        tests = Path(__file__).resolve().parents[1]
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"fakes.{self.name}"],
            cwd=tests,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(tests)},
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        if not self.address:
            raise RuntimeError(f"the fake {self.name} did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def order(self, *faults: dict[str, Any]) -> None:
        """Replace the faults. Each has `on` and `kind`; see the module."""
        self._control("faults", list(faults))

    def jobs_go(self, **how: Any) -> None:
        self._control("jobs", how)

    @property
    def ledger(self) -> list[dict[str, Any]]:
        return list(self._control("ledger"))

    @property
    def charged_micros(self) -> int:
        return sum(charge["micros"] for charge in self.ledger)

    @property
    def jobs(self) -> list[dict[str, Any]]:
        return list(self._control("jobs"))

    def requests(self, role: str | None = None) -> list[dict[str, Any]]:
        return [one for one in self._control("requests") if role in (None, one["role"])]

    def _control(self, name: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/_control/{name}", data=data)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)
