"""Many downloads at once of one large file: the memory that the service takes, and whether every byte is right.

    python benchmarks/downloads.py [--clients 50] [--mib 500] [--ranges 4] [--folder DIR] [--json]

Makes an installation in a temporary folder (SQLite, objects in a folder) with an episode whose film has that size, and
a ZIP of it, and starts the service as people run it: one uvicorn process. Then, for the film and after it for the ZIP,
the clients begin together: each asks for some ranges at places of its own, which are compared with the file, and then
for the whole file, of which the CRC-32 is compared. The service and the clients share the machine's cores, so the speed
that is told is that of both. The memory is the largest resident set of the service (VmHWM). Linux only. Exit code 1
when a bound is not reached.
"""

import argparse
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aianime_pipeline.accounts.callers import access_token
from aianime_pipeline.accounts.rights import GlobalRole
from aianime_pipeline.accounts.signing import signing_key
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import CompositeTask, Episode, PackageTask, Project, User
from aianime_pipeline.db.models.base import now
from aianime_pipeline.db.schema import upgrade
from aianime_pipeline.packaging.config import PackageConfig
from aianime_pipeline.packaging.package import PackageSubject, Wanted, plan_package
from aianime_pipeline.packaging.write import iterate_package
from aianime_pipeline.production.generations import remember_object
from aianime_pipeline.settings import read_settings
from aianime_pipeline.storage.folder import FolderStore

MOST_MIB = 300

MIB = 1 << 20
KEY = "downloads-e001"
PATHS = {"film": f"/api/v1/episodes/{KEY}/film/file", "zip": f"/api/v1/episodes/{KEY}/package/file"}
_RANGE_BYTES = 300_000
_START_SECONDS = 60


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="downloads-benchmark-") as name:
        home = Path(name)
        token = make_installation(home, arguments.mib * MIB)
        with _service(home) as (port, process):
            at_rest = _peak_mib(process)
            files = {
                what: measure(port, token, what, home / what, arguments.clients, arguments.ranges) for what in PATHS
            }
            peak = _peak_mib(process)
    result = {
        "clients": arguments.clients,
        "mib": arguments.mib,
        "cores": os.cpu_count(),
        "at_rest_mib": at_rest,
        "peak_mib": {"measured": peak, "at_most": MOST_MIB, "reached": peak < MOST_MIB},
        "files": files,
    }
    result["all_reached"] = peak < MOST_MIB and not any(file["wrong"] for file in files.values())
    print(json.dumps(result, indent=1) if arguments.json else _in_words(result))
    return 0 if result["all_reached"] else 1


def make_installation(home: Path, size: int) -> str:
    """The film and the ZIP also lie beside it as `film` and `zip`, to compare with. Returns an access token."""
    chosen = read_settings(_environment(home))
    store = FolderStore(chosen.objects)
    block = os.urandom(MIB)
    with (home / "film").open("wb") as file:
        for number in range(size // MIB):
            file.write(number.to_bytes(8, "big") + block[8:])
    film = store.put_file(home / "film", "video/mp4")
    subject = PackageSubject("downloads", "Downloads", KEY, 1)
    plan = plan_package([Wanted("film", film)], PackageConfig(), subject, created=now())
    manifest = store.put_bytes(plan.manifest, "application/json")
    with (home / "zip").open("wb") as file:
        for chunk in iterate_package(plan, store):
            file.write(chunk)
    database = Database(chosen.database_url)
    upgrade(database)
    with database.write() as session:
        remember_object(session, film)
        remember_object(session, manifest)
        project = Project(slug="downloads", title="Downloads")
        user = User(name="benchmark", name_key="benchmark", global_role=GlobalRole.ADMIN)
        session.add_all([project, user])
        session.flush()
        episode = Episode(project_id=project.id, number=1, key=KEY)
        session.add(episode)
        session.flush()
        session.add(CompositeTask(episode_id=episode.id, report={}, film_digest=film.digest))
        package = {"manifest_digest": manifest.digest, "contents": [film.digest]}
        session.add(PackageTask(episode_id=episode.id, config=PackageConfig().to_document(), **package))
        token, _ = access_token(session.scalars(sa.select(User)).one(), signing_key(chosen))
    database.close()
    return token


def measure(port: int, token: str, what: str, file: Path, clients: int, ranges: int) -> dict[str, Any]:
    """All clients at once; `wrong` has what was not as it should be, in words."""
    data_crc, size = _crc32(file), file.stat().st_size
    together = threading.Barrier(clients)

    def client(number: int) -> list[str]:
        together.wait()
        return [*_wrong_ranges(port, token, what, file, random.Random(number), ranges),
                *_wrong_whole(port, token, what, size, data_crc)]  # fmt: skip

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        wrong = [problem for problems in pool.map(client, range(clients)) for problem in problems]
    seconds = time.perf_counter() - began
    return {
        "bytes": size,
        "ranges": clients * ranges,
        "wrong": wrong,
        "seconds": round(seconds, 1),
        "mib_per_second": round(clients * size / MIB / seconds),
    }


def _wrong_ranges(port: int, token: str, what: str, file: Path, dice: random.Random, count: int) -> Iterator[str]:
    size = file.stat().st_size
    for _ in range(count):
        start = dice.randrange(size)
        stop = min(size, start + dice.randint(1, _RANGE_BYTES))
        with _answer(port, token, what, {"Range": f"bytes={start}-{stop - 1}"}) as answer, file.open("rb") as source:
            source.seek(start)
            told = (answer.status, answer.getheader("Content-Range"))
            if told != (206, f"bytes {start}-{stop - 1}/{size}") or answer.read() != source.read(stop - start):
                yield f"{what}: bytes {start} to {stop} ({told})"


def _wrong_whole(port: int, token: str, what: str, size: int, wanted: int) -> Iterator[str]:
    with _answer(port, token, what, {}) as answer:
        found, count = 0, 0
        buffer = memoryview(bytearray(MIB))
        while got := answer.readinto(buffer):
            found = zlib.crc32(buffer[:got], found)
            count += got
        if (answer.status, count, found) != (200, size, wanted):
            yield f"{what}: the whole file has {count} bytes, status {answer.status}"


@contextmanager
def _answer(port: int, token: str, what: str, headers: dict[str, str]) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        connection.request("GET", PATHS[what], headers={"Authorization": f"Bearer {token}"} | headers)
        yield connection.getresponse()
    finally:
        connection.close()


@contextmanager
def _service(home: Path) -> Iterator[tuple[int, int]]:
    """Its port and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.app:app_of_this_process", "--port", str(port)]
    environment = os.environ | _environment(home)
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--log-level", "warning"], env=environment, stdout=log, stderr=log)
        try:
            _wait_for(port, process)
            yield port, process.pid
        finally:
            process.terminate()
            if process.wait() > 0:
                print((home / "log").read_text(), file=sys.stderr)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The service did not start.")


def _environment(home: Path) -> dict[str, str]:
    return {"AIANIME_HOME": str(home), "AIANIME_DATABASE_URL": "", "AIANIME_OBJECTS_URL": ""}


def _crc32(file: Path) -> int:
    found = 0
    with file.open("rb") as source:
        while chunk := source.read(MIB):
            found = zlib.crc32(chunk, found)
    return found


def _peak_mib(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise OSError(f"/proc/{process}/status has no VmHWM")


def _in_words(result: dict[str, Any]) -> str:
    peak = result["peak_mib"]
    verdict = "reached" if peak["reached"] else "NOT REACHED"
    lines = [f"{result['clients']} clients, {result['mib']} MiB, {result['cores']} cores"]
    lines.append(f"peak_mib: {peak['measured']} (at most {peak['at_most']}) {verdict}; at rest {result['at_rest_mib']}")
    for what, file in result["files"].items():
        lines.append(
            f"{what}: {file['ranges']} ranges and {result['clients']} whole files in {file['seconds']} s, "
            f"{file['mib_per_second']} MiB/s together, {len(file['wrong'])} wrong"
        )
        lines += [f"WRONG: {problem}" for problem in file["wrong"][:10]]
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Many downloads at once of one large file.")
    parser.add_argument("--clients", type=int, default=50, help="downloads at once (default 50)")
    parser.add_argument("--mib", type=int, default=500, help="MiB of the file (default 500)")
    parser.add_argument("--ranges", type=int, default=4, help="ranges that each client asks for first (default 4)")
    parser.add_argument("--folder", type=Path, help="where the temporary folder goes (default: the system's)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
