"""How 10,000 tasks are taken in while Dagster is away, and launched once each when it is back.

    python benchmarks/backlog.py [--json] [--tasks 10000] [--over-http 500] [--sqlite]

An installation without its Dagster takes the tasks in: so many over HTTP, each with a key of its own and every tenth
request sent twice, the others through the service behind it. Then `aianime up` starts its processes. The queue takes
all runs and begins none, so that what is measured is the outbox: until every task has its run. Then both databases are
compared: each task has one run that has its tag, and there is no other run. PostgreSQL (the tests' one) holds both.
"""

import argparse
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from fastapi import Response
from film import Ratio, bounds_table, machine, tell
from starlette.testclient import TestClient

from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Asked, Origin, ask_for
from api.app import create_app
from api.asking import ask_for_task
from api.idempotency import Once

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.backlog import put_episodes, standing, still_waiting, waiting_instance
from support.instance import Instance
from support.people import People
from support.postgres import PostgresServer

BOUND_SECONDS = 0.1
"""For each run, submitted."""
_AWAY = "http://127.0.0.1:9"
_TWICE_EVERY = 10
_MOST_SECONDS = 7_200


def take_in(instance: Instance, episodes: Sequence[str], over_http: int) -> Counter[str]:
    """How often which answer was given."""
    place = instance.place
    place.settings = replace(place.settings, dagster_url=_AWAY)
    headers = {"Authorization": f"Bearer {People(place).token('admin')}"}
    said = Counter[str]()
    with TestClient(create_app(place), base_url="http://api.test", headers=headers) as client:
        # A line for each request is no result.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        for number, episode in enumerate(episodes[:over_http]):
            for _ in range(1 + (number % _TWICE_EVERY == 0)):
                answer = client.post(f"/api/v1/episodes/{episode}/images", headers={"Idempotency-Key": episode})
                said[f"{answer.status_code} {answer.json()['launch']['why']}"] += 1
    for episode in episodes[over_http:]:
        said[f"202 {asked_for(instance, episode)}"] += 1
    return said


def asked_for(instance: Instance, episode: str) -> str:
    """As the route of the images does."""

    def ask(session: Any) -> Asked:
        about = find_episode(session, episode)
        return ask_for(session, TaskAction.IMAGES, episode=about, origin=Origin.PERSON, requested_by="a person")

    return ask_for_task(instance.place, Once(None, "", Response()), "a person", ask).launch.why


def submitted(instance: Instance, tasks: int) -> float:
    """Seconds until every task has its run."""
    began = told = time.monotonic()
    while waiting := still_waiting(instance):
        if time.monotonic() - told > 30:
            told = time.monotonic()
            tell(f"{tasks - waiting} of {tasks} have their run after {told - began:.0f} s")
        if time.monotonic() - began > _MOST_SECONDS:
            raise SystemExit(f"{waiting} tasks have no run.\n{instance.last_log()}")
        time.sleep(1)
    return time.monotonic() - began


def peaks(instance: Instance) -> dict[str, float]:
    """MiB of the two processes at work: the daemon, which submits, and the one that has our code."""
    found = {}
    for pid, words in instance.processes().items():
        for name, mark in (("daemon", "dagster._daemon"), ("code", "dagster api grpc")):
            if mark in words:
                status = Path(f"/proc/{pid}/status").read_text()
                found[name] = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return found


def run(folder: Path, tasks: int, over_http: int, variables: dict[str, str]) -> dict[str, Any]:
    instance = waiting_instance(folder, tasks, **variables)
    try:
        episodes = put_episodes(instance, tasks)
        began = time.monotonic()
        said = take_in(instance, episodes, over_http)
        taken_in = time.monotonic() - began
        tell(f"{tasks} were taken in within {taken_in:.0f} s: {dict(said)}")
        instance.up()
        seconds = submitted(instance, tasks)
        found, memory = standing(instance), peaks(instance)
        instance.down()
    finally:
        instance.kill_what_is_left()
        instance.place.database.close()
    wrong = len(set(found.tasks) ^ set(found.runs)) + abs(len(found.runs) - tasks) + found.without_task
    bounds = [
        Ratio("seconds for each run, submitted", seconds / tasks, BOUND_SECONDS, "s"),
        Ratio("tasks without exactly their run, and runs without a task", float(wrong), 0),
    ]
    return {
        "machine": machine(),
        "tasks": tasks,
        "over_http": over_http,
        "answers": dict(said),
        "taken_in_seconds": round(taken_in, 1),
        "submitted_seconds": round(seconds, 1),
        "peak_mib": {name: round(mib, 1) for name, mib in memory.items()},
        "ratios": [{**vars(bound), "reached": bound.reached} for bound in bounds],
        "all_reached": all(bound.reached for bound in bounds),
    }


def in_words(found: dict[str, Any]) -> str:
    lines = [found["machine"], f"{found['tasks']} tasks, {found['over_http']} of them over HTTP", ""]
    lines += bounds_table(found["ratios"], 3)
    lines.append(f"| taken in while Dagster was away | {found['taken_in_seconds']} s | | |")
    lines.append(f"| submitted when it was back | {found['submitted_seconds']} s | | |")
    lines += [f"| memory of the {name} process, at most | {mib} MiB | | |" for name, mib in found["peak_mib"].items()]
    return "\n".join([*lines, "", *(f"{count} times: {answer}" for answer, count in found["answers"].items())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--over-http", type=int, default=500)
    parser.add_argument("--sqlite", action="store_true", help="both databases in files, as on a laptop")
    chosen = parser.parse_args()
    server = None if chosen.sqlite else PostgresServer()
    variables = {}
    if server is not None:
        ours, dagsters = (server.url(server.new_database()) for _ in range(2))
        variables = {
            "AIANIME_DATABASE_URL": ours,
            "dagster_database": dagsters.replace("postgresql://", "postgresql+psycopg2://"),
        }
    try:
        with tempfile.TemporaryDirectory(prefix="aianime-bench-") as folder:
            found = run(Path(folder), chosen.tasks, chosen.over_http, variables)
    finally:
        if server is not None:
            server.stop()
    print(json.dumps(found, indent=1) if chosen.json else in_words(found))
    raise SystemExit(0 if found["all_reached"] else 1)


if __name__ == "__main__":
    main()
