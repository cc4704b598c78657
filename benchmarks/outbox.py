"""How long a wish takes to its run: from `aianime ask` to the start of its work, beside what Dagster itself takes.

    python benchmarks/outbox.py [--json] [--rounds 5]

An installation with a home of its own is started with `aianime up`. Each round asks for the images of an episode, and
launches a run directly through the web server. What is compared is the time until the run's first step begins.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from film import machine  # noqa: E402
from support.instance import Instance, running_instance  # noqa: E402

BOUND_SECONDS = 3.0
_WAIT_SECONDS = 120


def begun(instance: Instance, run_id: str) -> bool:
    return instance.worker_of(run_id) is not None


def until_begun(instance: Instance, ask: Callable[[], str]) -> float:
    """Seconds from the wish to the first process at work on it."""
    began = time.monotonic()
    run_id = ask()
    while not begun(instance, run_id):
        assert time.monotonic() - began < _WAIT_SECONDS, f"run {run_id} does not begin"
        time.sleep(0.02)
    seconds = time.monotonic() - began
    instance.ui.succeeded(run_id)
    return seconds


def run(folder: Path, rounds: int) -> dict[str, Any]:
    asked, direct = [], []
    with running_instance(folder) as instance:
        [episode] = instance.put_shots("timed", 1)

        def by_task() -> str:
            return str(instance.command("ask", "images", episode)["run_id"])

        def directly() -> str:
            return instance.ui.launch("make_episode", episode)

        for _ in range(rounds):
            direct.append(until_begun(instance, directly))
            asked.append(until_begun(instance, by_task))
    more = statistics.median(asked) - statistics.median(direct)
    return {
        "machine": machine(),
        "rounds": rounds,
        "asked_seconds": statistics.median(asked),
        "dagster_seconds": statistics.median(direct),
        "more_seconds": more,
        "bound_seconds": BOUND_SECONDS,
        "all_reached": more <= BOUND_SECONDS,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = run(Path(folder), options.rounds)
    if options.json:
        print(json.dumps(result, indent=1))
        return
    print(result["machine"])
    print(f"from the wish to the work: {result['asked_seconds']:.2f} s")
    print(f"a run that is launched directly: {result['dagster_seconds']:.2f} s")
    print(f"more than Dagster's own: {result['more_seconds']:.2f} s, wanted at most {BOUND_SECONDS:.0f} s")


if __name__ == "__main__":
    main()
