"""How near a stage of an episode comes to the time that its vendor needs: 60 images of 2 s each, 8 at once.

    python benchmarks/vendors.py [--json] [--shots 60] [--seconds 2] [--at-once 8] [--rounds 3]

A fake vendor in a process of its own answers each request after `--seconds` over real HTTP; the ideal time is that of
whole batches of `--at-once`. Everything else is real: the database, the object store, the files.
"""

import argparse
import json
import logging
import math
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import structlog

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from fakes.vendor import Vendor  # noqa: E402
from film import machine  # noqa: E402
from support.vendor_studio import open_studio, write_configuration  # noqa: E402

from aianime_pipeline.db.engine import Database  # noqa: E402
from aianime_pipeline.db.schema import upgrade  # noqa: E402
from aianime_pipeline.production.shots.stages import Stage  # noqa: E402

BOUND = 1.15


def measured(folder: Path, shots: int, seconds: float, at_once: int) -> float:
    """Seconds of wall for the whole stage."""
    url = f"sqlite:///{folder / 'home' / 'aianime.db'}"
    upgrade(Database(url))
    studio = open_studio(url, folder / "home", folder / "steering")
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, concurrency=at_once, ark=ark.address)
        studio.storyboard(folder, shots)
        ark.order({"on": "submit", "kind": "slow", "seconds": seconds, "times": None})
        run = studio.run()
        began = time.monotonic()
        done = studio.make(Stage.IMAGE, run)
        wall = time.monotonic() - began
        assert done.counts == (shots, 0, 0, 0, 0), done.counts
        assert len(ark.ledger) == shots
    return wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--shots", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    os.environ.pop("AIANIME_PROVIDERS_FILE", None)
    walls = []
    for _ in range(chosen.rounds):
        with tempfile.TemporaryDirectory(prefix="aianime-vendors-bench-") as folder:
            walls.append(measured(Path(folder), chosen.shots, chosen.seconds, chosen.at_once))
    ideal = math.ceil(chosen.shots / chosen.at_once) * chosen.seconds
    ratio = statistics.median(walls) / ideal
    result: dict[str, Any] = {
        "machine": machine(),
        "shots": chosen.shots,
        "ideal_seconds": ideal,
        "seconds": [round(wall, 3) for wall in walls],
        "ratios": [{"name": "stage / ideal", "value": ratio, "bound": BOUND, "reached": ratio <= BOUND}],
        "all_reached": ratio <= BOUND,
    }
    if chosen.json:
        print(json.dumps(result, indent=1))
    else:
        print(f"{result['machine']}\n{chosen.shots} images of {chosen.seconds} s, {chosen.at_once} at once")
        print(f"ideal {ideal:.1f} s, measured {statistics.median(walls):.2f} s: {ratio:.3f} (bound {BOUND})")
    raise SystemExit(0 if result["all_reached"] else 1)


if __name__ == "__main__":
    main()
