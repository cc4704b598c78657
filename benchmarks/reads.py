"""How quickly the service answers mixed reads at a steady rate, on PostgreSQL.

    python benchmarks/reads.py [--json] [--rate 300] [--seconds 20] [--workers 1]

Starts a PostgreSQL server (the tests' one) and the service as people run it, with 8 projects of 5 episodes of 20 shots,
and tasks, notices and usage about them. As 50 people with tokens of their own it asks for what a page asks for: lists
and single things, in turns. A request's time counts from when it was to be sent, whether or not those before it were
answered, so a queue that builds up is seen. The clients are in the process that measures, and what they take of the two
cores counts too. Every answer has to be a 200.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from film import Ratio, bounds_table, machine, tell
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import access_token
from aianime_pipeline.accounts.signing import signing_key
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Episode, Notice, Project, ProjectMember, Shot, ShotStage, Task, UsageDay, User
from aianime_pipeline.db.models.base import now
from aianime_pipeline.db.schema import upgrade
from aianime_pipeline.production.importing import import_file
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.settings import Settings
from aianime_pipeline.storage.folder import FolderStore

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.api_process import api_process
from support.postgres import PostgresServer
from support.storyboards import write_v4_storyboard

PROJECTS, EPISODES, SHOTS, PEOPLE = 8, 5, 20, 50
TASKS, NOTICES, DAYS = 2_000, 2_000, 60
_BOUND_MS = 100
_CONNECTIONS = 64

READS = {
    "projects": "/api/v1/projects",
    "a project": "/api/v1/projects/{project}",
    "permissions": "/api/v1/projects/{project}/my-permissions",
    "episodes": "/api/v1/projects/{project}/episodes",
    "an episode": "/api/v1/episodes/{episode}",
    "shots": "/api/v1/episodes/{episode}/shots",
    "a shot": "/api/v1/episodes/{episode}/shots/7",
    "storyboard": "/api/v1/episodes/{episode}/storyboard",
    "tasks": "/api/v1/tasks",
    "a task": "/api/v1/tasks/{task}",
    "notices": "/api/v1/notifications",
    "unread": "/api/v1/notifications/count",
    "usage": "/api/v1/projects/{project}/usage",
}


@dataclass
class Answers:
    """Milliseconds by what was asked for, and answers that were no 200."""

    milliseconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)


def fill(place: Installation, folder: Path) -> None:
    for project in range(PROJECTS):
        for episode in range(1, EPISODES + 1):
            file = folder / f"{project}-{episode}.json"
            file.write_text(json.dumps(write_v4_storyboard(shots=SHOTS, seed=project), ensure_ascii=False), "utf-8")
            import_file(place, file, project=f"p{project}", episode=episode)
    chance = random.Random(1)
    with place.database.write() as session:
        projects = list(session.scalars(sa.select(Project)))
        users = [User(name=f"person-{number}") for number in range(PEOPLE)]
        session.add_all(users)
        session.flush()
        for user in users:
            for project in chance.sample(projects, 5):
                session.add(ProjectMember(project_id=project.id, user_id=user.id, roles=["director"]))
        for shot in session.scalars(sa.select(Shot.id)).all():
            for stage in Stage:
                session.add(ShotStage(shot_id=shot, stage=stage.value, state=State.APPROVED.value))
        episodes = list(session.scalars(sa.select(Episode)))
        for number in range(TASKS):
            of = chance.choice(episodes)
            session.add(
                Task(project_id=of.project_id, episode_id=of.id, action="images", settings={}, origin="person",
                     requested_by="person-1", state="waiting" if number % 10 == 0 else "done", result={})
            )  # fmt: skip
        for number in range(NOTICES):
            of = chance.choice(episodes)
            session.add(Notice(key=str(number), kind="task", project_id=of.project_id, text="something happened"))
        _usage(session, projects)
    with place.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


def _usage(session: Session, projects: list[Project]) -> None:
    today = now().date()
    sums = dict.fromkeys(
        ("requests", "images", "video_ms", "audio_ms", "characters", "tokens_in", "tokens_out", "latency_ms"), 10
    )
    for project in projects:
        for day in range(DAYS):
            for model in range(8):
                session.add(
                    UsageDay(project_id=project.id, day=today.fromordinal(today.toordinal() - day), provider="ark",
                             model=f"model-{model}", capability="image", requested_by="person-1", currency="CNY",
                             cost_micros=1_000, **sums)
                )  # fmt: skip


def plan(place: Installation, count: int) -> list[tuple[str, str, str]]:
    """What is asked for, in order: its name, path and token. Everybody asks for what they see."""
    chance, key = random.Random(2), signing_key(place.settings)
    with place.database.read() as session:
        tokens = {user.id: access_token(user, key)[0] for user in session.scalars(sa.select(User))}
        mine = session.execute(sa.select(ProjectMember.user_id, ProjectMember.project_id)).all()
        slugs = dict(session.execute(sa.select(Project.id, Project.slug)).all())
        keys: defaultdict[int, list[str]] = defaultdict(list)
        for project, episode in session.execute(sa.select(Episode.project_id, Episode.key)):
            keys[project].append(episode)
        tasks: defaultdict[int, list[int]] = defaultdict(list)
        for project, task in session.execute(sa.select(Task.project_id, Task.id)):
            tasks[project or 0].append(task)
    asked, names = [], list(READS)
    for number in range(count):
        user, project = chance.choice(mine)
        name = names[number % len(names)]
        path = READS[name].format(
            project=slugs[project], episode=chance.choice(keys[project]), task=chance.choice(tasks[project])
        )
        asked.append((name, path, tokens[user]))
    return asked


async def ask_all(port: int, asked: list[tuple[str, str, str]], rate: float) -> Answers:
    """At the rate, over connections that stay open."""
    answers, waiting = Answers(), asyncio.Queue[tuple[float, str, str, str] | None]()
    clients = [asyncio.create_task(client(port, waiting, answers)) for _ in range(_CONNECTIONS)]
    began = time.perf_counter() + 0.5
    for number, one in enumerate(asked):
        at = began + number / rate
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        waiting.put_nowait((at, *one))
    for _ in clients:
        waiting.put_nowait(None)
    await asyncio.gather(*clients)
    return answers


async def client(port: int, waiting: "asyncio.Queue[tuple[float, str, str, str] | None]", answers: Answers) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (asked := await waiting.get()) is not None:
        at, name, path, token = asked
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        body = await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r")[0]))
        answers.milliseconds[name].append((time.perf_counter() - at) * 1000)
        if " 200 " not in head.partition("\r")[0]:
            answers.wrong.append(f"{path}: {body[:200].decode(errors='replace')}")
    writer.close()


def run(rate: float, seconds: float, workers: int) -> dict[str, Any]:
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory(prefix="aianime-bench-") as folder:
            home = Path(folder)
            url = server.url(server.new_database())
            settings = Settings(home=home, database_url=url)
            database = Database(url)
            upgrade(database)
            place = Installation(settings, database, FolderStore(settings.objects))
            fill(place, home)
            asked = plan(place, round(rate * seconds))
            with api_process(place, home / "api.log", workers=workers) as served:
                warm_up = asked[: 20 * workers * len(READS)]
                asyncio.run(ask_all(served.port, warm_up, 50))  # until everything is loaded in each process
                tell(f"{rate:g} requests a second for {seconds:g} s at {workers} process(es)")
                before = _cpu_seconds(served.pid)
                answers = asyncio.run(ask_all(served.port, asked, rate))
                used = _cpu_seconds(served.pid) - before
            database.close()
    finally:
        server.stop()
    return result(answers, rate, workers, used)


def result(answers: Answers, rate: float, workers: int, used: float) -> dict[str, Any]:
    every = sorted(one for some in answers.milliseconds.values() for one in some)
    for one in answers.wrong[:5]:
        tell(one)
    bounds = [
        Ratio(f"p95 at {rate:g} requests a second", _p95(every), _BOUND_MS, "ms"),
        Ratio("answers that were no 200", float(len(answers.wrong)), 0),
    ]
    return {
        "machine": machine(),
        "requests": len(every),
        "rate": rate,
        "workers": workers,
        "server_cpu_ms_each": round(1000 * used / len(every), 2),
        "median_ms": round(statistics.median(every), 1),
        "p99_ms": round(every[int(0.99 * len(every))], 1),
        "most_ms": round(every[-1], 1),
        "p95_ms_by_read": {name: round(_p95(sorted(some)), 1) for name, some in answers.milliseconds.items()},
        "ratios": [{**vars(bound), "reached": bound.reached} for bound in bounds],
        "all_reached": all(bound.reached for bound in bounds),
    }


def _cpu_seconds(process: int) -> float:
    """Of the service's process and those that it started, the database not counted."""
    total = 0.0
    for one in [process, *map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())]:
        told = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _p95(ordered: list[float]) -> float:
    return ordered[int(0.95 * len(ordered))]


def in_words(found: dict[str, Any]) -> str:
    lines = [
        found["machine"],
        f"{found['requests']} requests, {found['rate']:g} a second, {found['workers']} process(es)",
        "",
        *bounds_table(found["ratios"], 1),
    ]
    lines.append(f"| median, p99, longest | {found['median_ms']}, {found['p99_ms']}, {found['most_ms']} ms | | |")
    lines.append(f"| the service's processor time for each | {found['server_cpu_ms_each']} ms | | |")
    lines += [f"| p95 of {name} | {value} ms | | |" for name, value in found["p95_ms_by_read"].items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rate", type=float, default=300, help="requests a second")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--workers", type=int, default=1, help="processes of the service")
    chosen = parser.parse_args()
    found = run(chosen.rate, chosen.seconds, chosen.workers)
    print(json.dumps(found, indent=1) if chosen.json else in_words(found))
    raise SystemExit(0 if found["all_reached"] else 1)


if __name__ == "__main__":
    main()
