"""Asset checks: a look at the film and the ZIP as they lie there, apart from the code that made them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from aianime_pipeline.assets.composite_films import composite_films
from aianime_pipeline.assets.episode_partitions import episode_check
from aianime_pipeline.assets.episode_zips import episode_zips
from aianime_pipeline.errors import NotFoundError, UnreadableMediaError
from aianime_pipeline.film.probe import FilmFacts, measure_loudness, measure_picture, probe_film
from aianime_pipeline.packaging.check import ProblemKind, package_problems
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.episodes.status import episode_status
from aianime_pipeline.production.films.composite_rows import find_task
from aianime_pipeline.production.installation import installation

MAX_BLACK = 0.5
"""Of the sampled frames; more than half of a film in black is a film that went wrong."""
USUAL_LOUDNESS = -16.0
"""LUFS, of a film whose preset says nothing else."""
LOUDNESS_TOLERANCE = 0.5
TRUE_PEAK_LIMIT = -1.5

_FILM_CHECKS = {
    "opens": "The film opens and has a picture and a sound track.",
    "frames": "It has the frames that were reported when it was made, none missing between them.",
    "seconds": "It lasts as long as was reported when it was made, to the frame.",
    "sound_length": "Picture and sound end within one frame of each other.",
    "not_black": "It is not black.",
    "not_silent": "It is not silent.",
    "loudness": "It is as loud as its preset says (-16 LUFS by default), true peak under -1.5 dBTP.",
}
_ZIP_CHECKS: dict[ProblemKind, str] = {
    "opens": "The ZIP and its manifest can be read.",
    "complete": "It has exactly the files of its manifest.",
    "checksums": "Every file has the size and the SHA-256 that the manifest says.",
}


@dg.multi_asset_check(
    name="film_checks",
    specs=[episode_check(name, "composite_films", text) for name, text in _FILM_CHECKS.items()],
)
def film_checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    film = _episode_file(context, "film")
    try:
        facts = probe_film(Path(film["path"]))
        loudness = _loudness_target(context.partition_key)
        yield from _film_results(Path(film["path"]), facts, int(film["frames"]), float(film["seconds"]), loudness)
    except UnreadableMediaError as error:
        for name in _FILM_CHECKS:
            yield _film_result(name, False, reason=error.message)


def _film_results(
    path: Path, facts: FilmFacts, frames: int, seconds: float, target: float
) -> Iterator[dg.AssetCheckResult]:
    picture, sound = facts.picture, facts.sound
    yield _film_result("opens", picture is not None and sound is not None)
    found = picture.frames if picture is not None else 0
    gaps = picture.gaps if picture is not None else 0
    yield _film_result("frames", found == frames and gaps == 0, frames=found, reported=frames, gaps=gaps)
    lasts = float(picture.seconds) if picture is not None else 0.0
    as_long = picture is not None and abs(lasts - seconds) < 1 / picture.rate
    yield _film_result("seconds", as_long, seconds=lasts, reported=seconds)
    apart = abs(picture.seconds - sound.seconds) if picture is not None and sound is not None else None
    within = picture is not None and apart is not None and apart < 1 / picture.rate
    yield _film_result("sound_length", within, seconds_apart=float(apart) if apart is not None else -1.0)
    black = measure_picture(path).black if picture is not None else 1.0
    yield _film_result("not_black", black <= MAX_BLACK, black_share=black)
    loudness = measure_loudness(path) if sound is not None else None
    lufs, peak = (loudness.lufs, loudness.true_peak) if loudness is not None else (None, None)
    yield _film_result("not_silent", lufs is not None)
    right = lufs is not None and peak is not None
    right = right and abs(lufs - target) <= LOUDNESS_TOLERANCE and peak <= TRUE_PEAK_LIMIT  # type: ignore[operator]
    yield _film_result(
        "loudness", right, lufs=lufs if lufs is not None else "silent", true_peak=peak if peak is not None else "silent"
    )


@dg.multi_asset_check(
    name="zip_checks",
    specs=[episode_check(name, "episode_zips", text) for name, text in _ZIP_CHECKS.items()],
)
def zip_checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    package = _episode_file(context, "package")
    problems = package_problems(Path(package["path"]))
    opens = not any(problem.kind == "opens" for problem in problems)
    for kind in _ZIP_CHECKS:
        found = [problem.text for problem in problems if problem.kind == kind]
        # What does not open was not looked at any further, so nothing else of it can pass.
        yield dg.AssetCheckResult(
            check_name=kind,
            asset_key=episode_zips.key,
            passed=opens and not found,
            metadata={"problems": found, "bytes": package["bytes"]},
        )


def _episode_file(context: dg.AssetCheckExecutionContext, kind: str) -> dict[str, Any]:
    status = episode_status(installation(), context.partition_key)
    found: dict[str, Any] | None = status[kind]
    if found is None:
        raise NotFoundError(f"{context.partition_key} has no {kind} to check.")
    return found


def _loudness_target(episode_key: str) -> float:
    with installation().database.read() as session:
        task = find_task(session, find_episode(session, episode_key))
        preset = task.report.get("preset") if task is not None else None
    return float(preset["loudness"]) if preset else USUAL_LOUDNESS


def _film_result(name: str, passed: bool, **metadata: str | float) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(check_name=name, asset_key=composite_films.key, passed=passed, metadata=metadata)
