"""What a film costs: this engine beside one big filter graph and beside MoviePy 2, cold and after a change.

    python benchmarks/film.py [--json] [--shots 60] [--rounds 3] [--moviepy-shots 60] [--folder DIR]

The synthetic episode (film_ways/synthetic.py) is made into a film in each way, each time as a process of its own,
measured from outside: wall time, processor time and the memory of the process with all it starts, together. Ratios are
within one run of this script. Cold ways are measured once (they take minutes), warm ones `--rounds` times (the median
counts). MoviePy is slow, and may be given fewer shots: the engine then makes the same fewer, beside it. It wants an
older Pillow than we do, so it is installed into an environment of its own, from `film_ways/moviepy.lock.txt`.
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
import threading
import time
import venv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MIB = 1024 * 1024
_SAMPLE_SECONDS = 0.1


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and of processor time; `peak_mib` of the whole process tree at once, shared pages once."""

    wall: float
    cpu: float
    peak_mib: float
    output: str = ""

    def to_document(self) -> dict[str, float]:
        return {"wall": round(self.wall, 3), "cpu": round(self.cpu, 3), "peak_mib": round(self.peak_mib, 1)}


@dataclass(frozen=True)
class Ratio:
    """`value` must not be above `bound`."""

    name: str
    value: float
    bound: float
    unit: str = ""

    @property
    def reached(self) -> bool:
        return self.value <= self.bound


def measured(*arguments: str, cwd: Path = HERE) -> Cost:
    """Run a command to its end. Raises SystemExit when it fails."""
    before = os.times()
    began = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(arguments, cwd=cwd, stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        peak = [0.0]
        watch = threading.Thread(target=_watch, args=(process, peak))
        watch.start()
        status = process.wait()
        wall = time.monotonic() - began
        watch.join()
        out.seek(0)
        err.seek(0)
        said, complained = out.read().decode(), err.read().decode(errors="replace")
    if status != 0:
        raise SystemExit(f"{' '.join(arguments[:4])} ... ended with status {status}: {complained[-3000:]}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(wall, cpu, peak[0], said)


def _watch(process: "subprocess.Popen[bytes]", peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(_pss(pid) for pid in _tree(process.pid)) / MIB)
        time.sleep(_SAMPLE_SECONDS)


def _tree(root: int) -> list[int]:
    """The process and all below it."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0.0
    return next((int(line.split()[1]) * 1024.0 for line in lines if line.startswith("Pss:")), 0.0)


class Bench:
    """The runs, in a folder with the sources."""

    def __init__(self, folder: Path, shots: int, rounds: int) -> None:
        self.folder, self.rounds = folder, rounds
        folder.mkdir(parents=True, exist_ok=True)
        self.specification = folder / "episode.json"
        self.costs: dict[str, Cost] = {}
        if not self.specification.exists():
            tell(f"making the sources of {shots} shots")
            code = "import sys; from pathlib import Path; from film_ways.synthetic import make_episode as m; "
            code += "m(Path(sys.argv[1]), int(sys.argv[2])).save(Path(sys.argv[3]))"
            measured(sys.executable, "-c", code, str(folder / "sources"), str(shots), str(self.specification))
            # The engine is told digests of its sources, as by the pipeline's store: not part of what is measured.
            warm_up = (
                "import argparse; from pathlib import Path; from film_ways.engine import timeline_of; import sys; "
            )
            warm_up += (
                "[timeline_of(Path(sys.argv[1]), argparse.Namespace(other_shot=n, other_music=m, crossfades=False))"
            )
            warm_up += " for n, m in ((None, False), (0, True))]"
            measured(sys.executable, "-c", warm_up, str(self.specification))

    def one_graph(self) -> Cost:
        return self._keep("one_graph", self._way("one_graph", "one-graph.mp4"))

    def moviepy(self) -> Cost:
        python = _moviepy_python(self.folder)
        font = subprocess.run(
            [sys.executable, "-c", "from aianime_pipeline.fonts import cjk_font_path; print(cjk_font_path()[0])"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        script = str(HERE / "film_ways" / "with_moviepy.py")
        return self._keep(
            "moviepy",
            # It writes its temporary files where it is.
            measured(
                str(python), script, str(self.specification), str(self.folder / "moviepy.mp4"), font, cwd=self.folder
            ),
        )

    def engine(self, name: str, *changes: str, cache: str = "cache", output: str | None = None) -> Cost:
        cost = self._way("engine", output or f"{name}.mp4", str(self.folder / cache), *changes)
        tell(f"  {name}: {cost.wall:.2f} s, {cost.output.strip()[:400]}")
        return self._keep(name, cost)

    def warm(self, name: str, *changes: str) -> Cost:
        """The median of some rounds, each on a copy of the cold cache that shares its files (the engine never writes
        into a file of the cache, it only puts new ones there)."""
        costs = []
        for turn in range(self.rounds):
            cache = self.folder / f"cache-{name}-{turn}"
            subprocess.run(["cp", "-al", str(self.folder / "cache"), str(cache)], check=True)
            costs.append(self.engine(f"{name}_{turn}", *changes, cache=cache.name, output=f"{name}.mp4"))
            (self.folder / f"{name}.mp4").unlink()
            shutil.rmtree(cache)
        return self._keep(name, sorted(costs, key=lambda cost: cost.wall)[len(costs) // 2])

    def join_times_cp(self) -> float:
        """How long the join of the film takes beside `cp` of the same bytes: medians, both with warm files."""
        joins = [json.loads(self.costs[f"music_only_{turn}"].output)["timings"]["join"] for turn in range(self.rounds)]
        film, copies = self.folder / "cold.mp4", []
        for _ in range(max(3, self.rounds)):
            began = time.monotonic()
            subprocess.run(["cp", "--reflink=never", str(film), str(self.folder / "copy.mp4")], check=True)
            copies.append(time.monotonic() - began)
            (self.folder / "copy.mp4").unlink()
        return statistics.median(joins) / statistics.median(copies)

    def _way(self, module: str, output: str, *more: str) -> Cost:
        return measured(
            sys.executable, "-m", f"film_ways.{module}", str(self.specification), str(self.folder / output), *more
        )

    def _keep(self, name: str, cost: Cost) -> Cost:
        self.costs[name] = cost
        return cost


def run(folder: Path, shots: int, rounds: int, moviepy_shots: int) -> dict[str, Any]:
    bench = Bench(folder, shots, rounds)
    ratios: list[Ratio] = []
    changed = str(shots // 2)
    cold = bench.engine("cold")
    nothing = _nothing(bench)
    shot = bench.warm("one_shot_changed", "--other-shot", changed)
    music = bench.warm("music_only", "--other-music")
    ratios += [
        Ratio("one shot changed / cold", shot.wall / cold.wall, 0.05),
        Ratio("only the music changed / cold", music.wall / cold.wall, 0.08),
        Ratio("nothing changed", nothing.wall, 1.0, "s"),
        Ratio("join / cp of the same bytes", bench.join_times_cp(), 5.0),
    ]
    faded = bench.engine("crossfades", "--crossfades", cache="cache-crossfades")
    ratios.append(Ratio("crossfades on every second cut: more than cold", faded.wall / cold.wall - 1, 0.15))
    tell("one filter graph")
    graph = bench.one_graph()
    ratios += [
        Ratio("cold / one graph, wall", cold.wall / graph.wall, 1.0),
        Ratio("cold / one graph, memory", cold.peak_mib / graph.peak_mib, 0.15),
    ]
    if moviepy_shots:
        tell(f"MoviePy, {moviepy_shots} shots")
        short = bench if moviepy_shots == shots else Bench(folder / f"moviepy-{moviepy_shots}", moviepy_shots, rounds)
        same = cold if short is bench else short.engine("cold")
        other = short.moviepy()
        bench.costs |= {f"moviepy_{moviepy_shots}": other, f"cold_{moviepy_shots}": same}
        ratios.append(Ratio(f"cold / MoviePy, wall, {moviepy_shots} shots", same.wall / other.wall, 0.65))
    return {
        "machine": machine(),
        "shots": shots,
        "rounds": rounds,
        "ratios": [{**vars(ratio), "reached": ratio.reached} for ratio in ratios],
        "costs": {name: cost.to_document() for name, cost in bench.costs.items()},
        "all_reached": all(ratio.reached for ratio in ratios) and moviepy_shots > 0,
    }


def _nothing(bench: Bench) -> Cost:
    costs = [bench.engine(f"nothing_changed_{turn}", output="cold.mp4") for turn in range(bench.rounds)]
    return bench._keep("nothing_changed", sorted(costs, key=lambda cost: cost.wall)[len(costs) // 2])


def _moviepy_python(folder: Path) -> Path:
    """An environment with MoviePy, made once per folder."""
    home = folder / "moviepy-environment"
    python = home / "bin" / "python"
    if not python.exists():
        tell("installing MoviePy")
        venv.create(home, with_pip=True)
        lock = str(HERE / "film_ways" / "moviepy.lock.txt")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "-r", lock], check=True)
    return python


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.processor())
    memory_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return f"{os.cpu_count()} cores of {cpu}, {memory_kib / MIB:.0f} GiB, Python {platform.python_version()}"


def bounds_table(ratios: Iterable[Mapping[str, Any]], digits: int) -> list[str]:
    """The lines of a table of what was measured beside its bounds."""
    lines = ["| what | measured | bound | reached |", "| --- | --- | --- | --- |"]
    for ratio in ratios:
        unit = f" {ratio['unit']}" if ratio["unit"] else ""
        said = "yes" if ratio["reached"] else "**no**"
        lines.append(f"| {ratio['name']} | {ratio['value']:.{digits}f}{unit} | {ratio['bound']:g}{unit} | {said} |")
    return lines


def in_words(result: dict[str, Any]) -> str:
    lines = [result["machine"], f"{result['shots']} shots of 5 s, 1920x1080", ""]
    lines += bounds_table(result["ratios"], 3)
    lines += ["", "| way | wall s | processor s | peak MiB |", "| --- | --- | --- | --- |"]
    for name, cost in result["costs"].items():
        lines.append(f"| {name} | {cost['wall']:.1f} | {cost['cpu']:.1f} | {cost['peak_mib']:.0f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--shots", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--moviepy-shots", type=int, help="shots for MoviePy, which is slow; 0: without, `all_reached` is false then"
    )
    parser.add_argument("--folder", type=Path, help="keep sources and films there (they are taken again next time)")
    chosen = parser.parse_args()
    moviepy_shots = chosen.shots if chosen.moviepy_shots is None else chosen.moviepy_shots
    if chosen.folder is not None:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        result = run(chosen.folder.absolute(), chosen.shots, chosen.rounds, moviepy_shots)
    else:
        with tempfile.TemporaryDirectory(prefix="aianime-film-bench-") as folder:
            result = run(Path(folder), chosen.shots, chosen.rounds, moviepy_shots)
    print(json.dumps(result, indent=1) if chosen.json else in_words(result))
    raise SystemExit(0 if result["all_reached"] else 1)


if __name__ == "__main__":
    main()
