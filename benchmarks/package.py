"""How long and how much memory an episode's ZIP takes, beside `cat` of the same bytes on the same disk.

    python benchmarks/package.py [--gib 2] [--files 432] [--rounds 5] [--folder DIR] [--json]

Makes a store of pictures, clips and voices in a temporary folder, then in each round, one after the other and each in a
process of its own: `cat` of the objects into a file; `write_package`; `iterate_package` into a file. The sources are in
the page cache for all of them, and one `cat` before the first round makes the system find the memory for the result.
The bound is on equal work: `write_package` returns when the file is on the disk, so it stands beside `cat` and fsync.
Told without a bound are `write_package` beside `cat` alone, which depends on the disk, and `iterate_package` beside
`cat` alone. Starting Python is not in the times, but all of it is in the memory (VmHWM, the largest resident set).
Linux only. Exit code 1 when a bound is not reached.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aianime_pipeline.packaging.check import check_package
from aianime_pipeline.packaging.config import PackageConfig
from aianime_pipeline.packaging.names import PartKind
from aianime_pipeline.packaging.package import PackagePlan, PackageSubject, Wanted, plan_package
from aianime_pipeline.packaging.write import iterate_package, write_package
from aianime_pipeline.storage.folder import FolderStore
from aianime_pipeline.storage.store import StoredObject

MOST_MIB = 150
MOST_TIMES_CAT = 1.3

MIB, GIB = 1 << 20, 1 << 30
# How an episode's bytes are shared out: a clip weighs eight pictures, a picture two voices.
_KINDS: list[tuple[PartKind, str, int]] = [
    ("shot_image", "image/png", 2),
    ("shot_video", "video/mp4", 16),
    ("voice", "audio/wav", 1),
]


def main() -> int:
    arguments = _arguments()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments.folder)))
        return 0
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="package-benchmark-") as name:
        folder = Path(name)
        _require_room(folder, arguments.gib)
        make_objects(folder, int(arguments.gib * GIB), arguments.files)
        os.sync()
        _measured_apart("cat", folder)
        rounds = [{way: _measured_apart(way, folder) for way in WAYS} for _ in range(arguments.rounds)]
        _measured_apart("write", folder, keep=True)
        problems = check_package(folder / "out")
    result = {
        "machine": _machine(),
        "gib": arguments.gib,
        "files": arguments.files,
        "bounds": _bounds(rounds),
        "without_bound": {
            "write_times_cat": _times_cat(rounds, "write", "on_disk", "written"),
            "iterate_times_cat": _times_cat(rounds, "iterate", "written", "written"),
        },
        "package_problems": problems,
        "rounds": rounds,
    }
    result["all_reached"] = not problems and all(bound["reached"] for bound in result["bounds"].values())
    print(json.dumps(result, indent=1) if arguments.json else _in_words(result))
    return 0 if result["all_reached"] else 1


def make_objects(folder: Path, size: int, count: int) -> None:
    """`count` objects of `size` bytes together in a store, and `wanted.json` with what to pack."""
    store = FolderStore(folder / "store")
    block = os.urandom(MIB)
    weights = [_KINDS[index % len(_KINDS)][2] for index in range(count)]
    wanted = []
    for index, weight in enumerate(weights):
        kind, media_type, _ = _KINDS[index % len(_KINDS)]
        length = max(size * weight // sum(weights), 8)
        source = folder / "source"
        with source.open("wb") as file:
            file.write(index.to_bytes(8, "big"))
            for start in range(8, length, MIB):
                file.write(block[: length - start])
        wanted.append({"kind": kind, "shot": index // len(_KINDS) + 1, **asdict(store.put_file(source, media_type))})
        source.unlink()
    (folder / "wanted.json").write_text(json.dumps(wanted))


def measure(way: str, folder: Path) -> dict[str, float]:
    """Make `out` once in one way, in this process: seconds until written, until on the disk, and peak MiB.

    Of `write_package` only the second is known, and stands for both.
    """
    wanted = json.loads((folder / "wanted.json").read_text())
    store, output = FolderStore(folder / "store"), folder / "out"
    output.unlink(missing_ok=True)
    written, on_disk = WAYS[way](wanted, store, output)
    return {"written": round(written, 4), "on_disk": round(on_disk, 4), "peak_mib": _peak_mib()}


def cat(wanted: list[dict[str, Any]], store: FolderStore, output: Path) -> tuple[float, float]:
    paths = []
    for one in wanted:
        with store.local_path(one["digest"]) as path:
            paths.append(str(path))
    started = time.perf_counter()
    with output.open("wb") as file:
        subprocess.run(["cat", *paths], stdout=file, check=True)
        written = time.perf_counter() - started
        os.fsync(file.fileno())
    return written, time.perf_counter() - started


def write(wanted: list[dict[str, Any]], store: FolderStore, output: Path) -> tuple[float, float]:
    started = time.perf_counter()
    write_package(_plan(wanted), store, output)
    on_disk = time.perf_counter() - started
    return on_disk, on_disk


def iterate(wanted: list[dict[str, Any]], store: FolderStore, output: Path) -> tuple[float, float]:
    started = time.perf_counter()
    with output.open("wb", buffering=0) as file:
        for chunk in iterate_package(_plan(wanted), store):
            file.write(chunk)
        written = time.perf_counter() - started
        os.fsync(file.fileno())
    return written, time.perf_counter() - started


WAYS = {"cat": cat, "write": write, "iterate": iterate}


def _plan(wanted: list[dict[str, Any]]) -> PackagePlan:
    files = [
        Wanted(one["kind"], StoredObject(one["digest"], one["size"], one["crc32"], one["media_type"]), one["shot"])
        for one in wanted
    ]
    subject = PackageSubject("benchmark", "Benchmark", "benchmark-e001", 1)
    return plan_package(files, PackageConfig(), subject, created=datetime(2026, 1, 1, tzinfo=UTC))


def _measured_apart(way: str, folder: Path, *, keep: bool = False) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", way, "--folder", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    if not keep:
        (folder / "out").unlink()
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _bounds(rounds: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, Any]]:
    ratio = _times_cat(rounds, "write", "on_disk", "on_disk")

    def peak(way: str) -> dict[str, Any]:
        mib = max(one[way]["peak_mib"] for one in rounds)
        return {"measured": mib, "at_most": MOST_MIB, "reached": mib < MOST_MIB}

    return {
        "write_times_cat_and_fsync": {
            "measured": ratio,
            "at_most": MOST_TIMES_CAT,
            "reached": ratio <= MOST_TIMES_CAT,
        },
        "write_peak_mib": peak("write"),
        "iterate_peak_mib": peak("iterate"),
    }


def _times_cat(rounds: list[dict[str, dict[str, float]]], way: str, moment: str, moment_of_cat: str) -> float:
    """The middle one of the rounds' ratios."""
    return round(statistics.median(one[way][moment] / one["cat"][moment_of_cat] for one in rounds), 3)


def _peak_mib() -> float:
    # Not getrusage: after a fork and an exec it still counts the parent's pages.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise OSError("/proc/self/status has no VmHWM")


def _require_room(folder: Path, gib: float) -> None:
    free, needed = shutil.disk_usage(folder).free / GIB, 2 * gib + 0.5
    if free < needed:
        raise SystemExit(
            f"{needed:.1f} GiB are needed in {folder.parent}, {free:.1f} are free; --folder names another."
        )


def _machine() -> dict[str, Any]:
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return {
        "cores": os.cpu_count(),
        "cpu": model,
        "memory_gib": round(memory, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def _in_words(result: dict[str, Any]) -> str:
    lines = [", ".join(f"{key} {value}" for key, value in result["machine"].items())]
    lines.append(f"{result['gib']} GiB in {result['files']} files, {len(result['rounds'])} rounds")
    for name, bound in result["bounds"].items():
        verdict = "reached" if bound["reached"] else "NOT REACHED"
        lines.append(f"{name}: {bound['measured']} (at most {bound['at_most']}) {verdict}")
    lines += [f"{name}: {measured} (no bound)" for name, measured in result["without_bound"].items()]
    lines += [f"PROBLEM: {problem}" for problem in result["package_problems"]]
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="An episode's ZIP beside cat of the same bytes.")
    parser.add_argument("--gib", type=float, default=2, help="GiB of media to pack (default 2)")
    parser.add_argument("--files", type=int, default=432, help="in how many files (default 432)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds to measure (default 5)")
    parser.add_argument("--folder", type=Path, help="where the temporary folder goes (default: the system's)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--measure", choices=WAYS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
