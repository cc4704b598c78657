"""How late events reach those who watch, with many streams open at one server on PostgreSQL.

    python benchmarks/events.py [--json] [--clients 200] [--seconds 20] [--rate 10]

Starts a PostgreSQL server (the tests' one) and one uvicorn process as people run it, logs in as many people as there
are streams, half of them in each of two projects, and opens a stream for each over real HTTP. Then events are
committed one by one, so many each second, in turns in both projects; the delay of one is from before its commit until a
client has read it. Everybody has to get every event of their project, in order, and none of the other's. The clients
are in the process that measures, so that what they take of the two cores counts too.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from film import Ratio, bounds_table, machine, tell

from aianime_pipeline.accounts.callers import access_token
from aianime_pipeline.accounts.signing import signing_key
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Project, ProjectMember, User
from aianime_pipeline.db.schema import upgrade
from aianime_pipeline.production.events import record_event
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.settings import Settings
from aianime_pipeline.storage.folder import FolderStore

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.api_process import api_process
from support.postgres import PostgresServer

_PROJECTS = 2
_BOUND_MS = 1_000


@dataclass
class Client:
    """`delays` in milliseconds, of events in the order in which they came."""

    project: int
    numbers: list[int] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)


def watchers(place: Installation, count: int) -> list[tuple[str, int]]:
    """People with the token of each and the project that they are in, in turns."""
    key = signing_key(place.settings)
    with place.database.write() as session:
        projects = [Project(slug=f"project-{number}", title="") for number in range(_PROJECTS)]
        users = [User(name=f"person-{number}") for number in range(count)]
        session.add_all([*projects, *users])
        session.flush()
        chosen = [(user, projects[number % _PROJECTS].id) for number, user in enumerate(users)]
        session.add_all(
            ProjectMember(project_id=project, user_id=user.id, roles=["reviewer"]) for user, project in chosen
        )
        return [(access_token(user, key)[0], project) for user, project in chosen]


def peak_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def read(port: int, token: str, client: Client, ready: asyncio.Semaphore, sent: dict[int, float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    try:
        while line := await reader.readline():
            if line.startswith(b"event: ready"):
                ready.release()
            elif line.startswith(b'data: {"shot"'):
                number = json.loads(line.removeprefix(b"data: "))["shot"]
                client.delays.append((time.perf_counter() - sent[number]) * 1000)
                client.numbers.append(number)
    finally:
        writer.close()


async def measure(
    place: Installation, port: int, people: list[tuple[str, int]], seconds: float, rate: float
) -> tuple[list[Client], int]:
    """What each client got, and how many events there were."""
    ready, sent = asyncio.Semaphore(0), dict[int, float]()
    clients = [Client(project) for _, project in people]
    tasks = [
        asyncio.create_task(read(port, token, client, ready, sent))
        for (token, _), client in zip(people, clients, strict=True)
    ]
    async with asyncio.timeout(60):
        for _ in clients:
            await ready.acquire()
    total = round(seconds * rate)
    began = time.perf_counter()
    for number in range(1, total + 1):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        await asyncio.to_thread(happens, place, number, people, sent)
    await asyncio.sleep(3)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return clients, total


def happens(place: Installation, number: int, people: list[tuple[str, int]], sent: dict[int, float]) -> None:
    projects = sorted({project for _, project in people})
    sent[number] = time.perf_counter()
    with place.database.write() as session:
        record_event(session, "shot", project_id=projects[number % len(projects)], shot=number)


def run(clients: int, seconds: float, rate: float) -> dict[str, Any]:
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory(prefix="aianime-bench-") as folder:
            home = Path(folder)
            url = server.url(server.new_database())
            settings = Settings(home=home, database_url=url)
            database = Database(url)
            upgrade(database)
            place = Installation(settings, database, FolderStore(settings.objects))
            people = watchers(place, clients)
            with api_process(place, home / "api.log") as served:
                tell(f"{clients} streams at one process, {rate:g} events a second for {seconds:g} s")
                got, total = asyncio.run(measure(place, served.port, people, seconds, rate))
                peak = peak_mib(served.pid)
            database.close()
    finally:
        server.stop()
    return result(got, total, peak, rate)


def result(clients: list[Client], total: int, peak: float, rate: float) -> dict[str, Any]:
    projects = sorted({client.project for client in clients})
    wrong = 0
    for client in clients:
        wanted = [n for n in range(1, total + 1) if projects[n % len(projects)] == client.project]
        wrong += client.numbers != wanted
    delays = sorted(delay for client in clients for delay in client.delays)
    if not delays:
        raise SystemExit("No event came to anybody.")
    bounds = [
        Ratio(f"p95 of the delay with {len(clients)} clients", delays[int(0.95 * len(delays))], _BOUND_MS, "ms"),
        Ratio("clients without exactly their events, in order", float(wrong), 0, ""),
    ]
    return {
        "machine": machine(),
        "clients": len(clients),
        "events": total,
        "events_a_second": rate,
        "told": len(delays),
        "median_ms": round(statistics.median(delays), 1),
        "most_ms": round(delays[-1], 1),
        "server_peak_mib": round(peak, 1),
        "ratios": [{**vars(bound), "reached": bound.reached} for bound in bounds],
        "all_reached": all(bound.reached for bound in bounds),
    }


def in_words(found: dict[str, Any]) -> str:
    lines = [
        found["machine"],
        f"{found['clients']} streams, {found['events']} events, told {found['told']} times",
        "",
        *bounds_table(found["ratios"], 1),
    ]
    lines.append(f"| median, longest | {found['median_ms']} ms, {found['most_ms']} ms | | |")
    lines.append(f"| memory of the server, at most | {found['server_peak_mib']} MiB | | |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=10, help="events a second")
    chosen = parser.parse_args()
    found = run(chosen.clients, chosen.seconds, chosen.rate)
    print(json.dumps(found, indent=1) if chosen.json else in_words(found))
    raise SystemExit(0 if found["all_reached"] else 1)


if __name__ == "__main__":
    main()
