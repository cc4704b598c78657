"""How long an episode takes, what one changed shot costs, and how much memory the largest process needs.

    python benchmarks/episode.py [--json] [--only demo,change,memory,start]

Everything is measured from outside, as a user would see it: whole runs of the command line with a folder of their own.
Times are one cold run each (they are minutes); ratios are within one run of this script on one machine.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.storyboards import write_v4_storyboard  # noqa: E402 - the tests' generator of real-looking storyboards


@dataclass(frozen=True)
class Figure:
    """`value` must not be above `bound`."""

    name: str
    value: float
    bound: float
    unit: str

    @property
    def reached(self) -> bool:
        return self.value <= self.bound


@dataclass(frozen=True)
class Ran:
    seconds: float
    peak_mib: float
    """Of the largest process: the command itself or any that it started and waited for."""
    output: str


def run(home: Path, *arguments: str, executable: tuple[str, ...] = ("-m", "aianime_pipeline.cli")) -> Ran:
    """One command in an installation of its own. Raises SystemExit when it fails."""
    environment = os.environ | {"AIANIME_HOME": str(home)}
    began = time.monotonic()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [sys.executable, *executable, *arguments], cwd=ROOT, env=environment, stdout=out, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        out.seek(0)
        output = out.read().decode()
    if status != 0:
        raise SystemExit(f"{' '.join(arguments)} ended with status {status}: {output[-2000:]}")
    return Ran(seconds, usage.ru_maxrss / 1024, output)


def demo(home: Path) -> list[Figure]:
    """The sample's first episode, cold, then again with everything current."""
    run(home, "import", "examples/moonlit-ferry.txt", "--project", "moonlit", "--json")
    cold = run(home, "make", "moonlit-e001", "--json")
    again = run(home, "make", "moonlit-e001", "--json")
    film = json.loads(cold.output)["film"]
    tell(f"demo: {film['seconds']:.1f} s of film at 1280x720, {_stages(cold)}")
    return [
        Figure("demo: the sample episode, cold", cold.seconds, 180, "s"),
        Figure("demo: again, everything current", again.seconds, 20, "s"),
        Figure("demo: largest process", cold.peak_mib, 1024, "MiB"),
    ]


def change(home: Path) -> list[Figure]:
    """One shot of 40 changed: only its picture, video and segment are made again."""
    document = write_v4_storyboard(shots=40, seed=1)
    cold = _import_and_make(home, document)
    shots = document["镜头列表"]
    shots[20]["画面描述"] = "夜色里，一盏红灯笼挂在桥头，雨丝斜斜落下。"
    for key in ("AI提示词",):
        shots[20].pop(key, None)
    warm = _import_and_make(home, document)
    made = {name: stage["made"] for name, stage in json.loads(warm.output)["stages"].items()}
    tell(f"change: cold {cold.seconds:.1f} s ({_stages(cold)}), warm {warm.seconds:.1f} s, made again {made}")
    others = sum(count - 1 for name, count in made.items() if name in ("images", "videos")) + made["voices"]
    return [
        Figure("one shot of 40 changed: warm / cold", warm.seconds / cold.seconds, 0.2, "ratio"),
        Figure("one shot of 40 changed: other shots made again", others, 0, "shots"),
    ]


def memory(home: Path) -> list[Figure]:
    """60 shots at 1920x1080."""
    run(home, "project", "bench", "--size", "1080p", "--json")
    made = _import_and_make(home, write_v4_storyboard(shots=60, seed=2))
    tell(f"memory: 60 shots at 1080p in {made.seconds:.0f} s ({_stages(made)})")
    return [Figure("60 shots at 1080p: largest process", made.peak_mib, 1024, "MiB")]


def start(home: Path) -> list[Figure]:
    """The command line's help, and the definitions with no database and no network to reach."""
    run(home, "--help")
    helped = min(run(home, "--help").seconds for _ in range(5))
    code = "from aianime_pipeline.definitions import defs; defs.get_repository_def()"
    loads = [run(home, code, executable=("-c",)).seconds for _ in range(3)]
    return [
        Figure("aianime --help", helped, 0.5, "s"),
        Figure("definitions load", sorted(loads)[1], 4.0, "s"),
    ]


PARTS: dict[str, Callable[[Path], list[Figure]]] = {"start": start, "demo": demo, "change": change, "memory": memory}


def _import_and_make(home: Path, document: dict[str, Any]) -> Ran:
    file = home / "storyboard.json"
    home.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    report = run(home, "import", str(file), "--project", "bench", "--json")
    (key,) = json.loads(report.output)["episodes"]
    return run(home, "make", key, "--json")


def _stages(ran: Ran) -> str:
    stages = json.loads(ran.output)["stages"]
    return ", ".join(f"{name} {stage['seconds']:.1f} s" for name, stage in stages.items())


def tell(line: str) -> None:
    print(line, file=sys.stderr)


def machine() -> str:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return f"{os.cpu_count()} cores of {cpu}, {memory_kib / 1024**2:.0f} GiB, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", default=",".join(PARTS), help="parts to run, of: " + ", ".join(PARTS))
    chosen = parser.parse_args()
    figures: list[Figure] = []
    for name in chosen.only.split(","):
        with tempfile.TemporaryDirectory(prefix="aianime-bench-") as folder:
            figures += PARTS[name](Path(folder))
    reached = all(figure.reached for figure in figures)
    if chosen.json:
        rows = [{**vars(figure), "reached": figure.reached} for figure in figures]
        print(json.dumps({"machine": machine(), "figures": rows, "all_reached": reached}))
    else:
        print(f"\n{machine()}\n\n| what | measured | bound | reached |\n| --- | --- | --- | --- |")
        for figure in figures:
            unit = "" if figure.unit == "ratio" else f" {figure.unit}"
            said = "yes" if figure.reached else "**no**"
            print(f"| {figure.name} | {figure.value:.2f}{unit} | {figure.bound:g}{unit} | {said} |")
    raise SystemExit(0 if reached else 1)


if __name__ == "__main__":
    main()
