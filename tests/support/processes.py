"""Python processes that a test starts, waits for and kills."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Of this machine, that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Script:
    """`code` in a process of its own, with the tests' folder on its path."""

    def __init__(self, code: str, *arguments: object, environment: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(TESTS)} | dict(environment or {}),
        )

    def says(self, line: str, seconds: float = 60) -> None:
        """Wait until the next line of its output, which must be this one."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        found = self.process.stdout.readline().strip() if ready else "nothing"
        if found != line:
            self.process.kill()
            raise AssertionError(f"said {found!r} instead of {line!r}: {self.process.communicate()[1]}")

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """At once, as the kernel does it when memory runs out."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def end(self, seconds: float = 120) -> str:
        """Wait for its good end. Returns the rest of its output."""
        out, told = self.process.communicate(timeout=seconds)
        assert self.process.returncode == 0, told
        return out


def wait_until(true: object, seconds: float = 60) -> None:
    """Wait until the function `true` says so."""
    assert callable(true)
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds} seconds"
        time.sleep(0.02)
