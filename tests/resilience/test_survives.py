"""The proof: whatever is killed, cut, filled or set wrong while episodes are made, in the end all is there, once."""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.broken_world import FAULTS, World, world

from aianime_pipeline.db.models import Take, Task
from aianime_pipeline.packaging.check import package_problems
from aianime_pipeline.production.episodes.rows import find_episode, load_shots
from aianime_pipeline.production.shots.stages import DONE, State

pytestmark = [pytest.mark.instance, pytest.mark.resilience]

LONG = "CHAOS" in os.environ
ROUNDS = 22 if LONG else 5
EPISODES, SHOTS = (4, 5) if LONG else (2, 3)
SEED = int(os.environ.get("CHAOS_SEED", "7"))
_WELL_SECONDS = 240
_STAYS_SECONDS = 6
_DONE_SECONDS = 1_200


def test_everything_is_made_whole_and_once_whatever_is_killed_meanwhile(tmp_path: Path) -> None:
    with world(tmp_path, SEED) as broken:
        broken.begin(EPISODES, SHOTS)
        recoveries = [_break(broken, name) for name in _faults(broken)]
        broken.set_clock(timedelta(0))
        broken.tell("the clock is right again")
        _wait(broken.is_done, "every ZIP", _DONE_SECONDS, broken)
        _wait(lambda: not broken.left_over(), "nothing left over", 120, broken)
        broken.tell(f"{len(recoveries)} faults survived, recovered in {max(recoveries):.0f} s at most")
        sys.stdout.write("\n".join(broken.log) + "\n")
        _check_whole(broken)
        _check_once(broken)
        _check_schedule(broken)


def _faults(broken: World) -> list[str]:
    """Each kind once before any comes again, those that are always there first, in any order."""
    kinds = list(FAULTS)
    names: list[str] = []
    while len(names) < ROUNDS:
        some = kinds[:ROUNDS] if not names else list(FAULTS)
        broken.random.shuffle(some)
        names += some
    return names[:ROUNDS]


def _break(broken: World, name: str) -> float:
    """Seconds until everything answers again."""
    time.sleep(broken.random.uniform(1, 12))
    broken.tell(FAULTS[name](broken))
    began = time.monotonic()
    since: list[float] = []

    def stays_well() -> bool:
        # What was killed may look well until somebody misses it.
        if not broken.is_well():
            since.clear()
            return False
        since.append(time.monotonic())
        return since[-1] - since[0] >= _STAYS_SECONDS

    _wait(stays_well, f"recovery from {name}", _WELL_SECONDS, broken)
    seconds = since[0] - began
    broken.tell(f"well again after {seconds:.1f} s")
    return seconds


def _wait(look: object, what: str, seconds: float, broken: World) -> None:
    assert callable(look)
    until = time.monotonic() + seconds
    while not look():
        if time.monotonic() > until:
            told = "\n".join([*broken.log, *broken.left_over(), broken.instance.last_log()])
            raise AssertionError(f"no {what} within {seconds} s\n{told}")
        time.sleep(0.5)


def _check_whole(broken: World) -> None:
    """Every shot is in a legal end state, every film and ZIP is right."""
    for episode in broken.episodes:
        with broken.instance.place.database.read() as session:
            views = load_shots(session, find_episode(session, episode).id)
        assert len(views) == SHOTS
        for view in views:
            for stage, found in view.stages.items():
                assert found.state in DONE or (stage not in view.wanted and found.state is State.SKIPPED)
        status = broken.instance.status_of(episode)
        assert package_problems(Path(status["package"]["path"])) == []
        assert status["film"]["frames"] > 0


def _check_once(broken: World) -> None:
    """No task has succeeded twice, and no take is there that nobody asked for."""
    with broken.instance.place.database.read() as session:
        tasks = session.scalars(sa.select(Task)).all()
        takes = session.scalars(sa.select(Take).where(Take.state == "ready")).all()
    for task in tasks:
        runs = broken.instance.ui.runs_with_tag("aianime/task", str(task.id))
        assert [run["status"] for run in runs].count("SUCCESS") <= 1, f"task {task.id}: {runs}"
    by_stage: dict[int, int] = {}
    for take in takes:
        by_stage[take.stage_id] = by_stage.get(take.stage_id, 0) + 1
    # One for each stage, and one for each rejection.
    assert sum(by_stage.values()) == len(by_stage) + len(broken.rejected)


def _check_schedule(broken: World) -> None:
    """Each jump is caught up with once, whatever it crosses, and no hour is asked for twice."""
    with broken.instance.place.database.read() as session:
        hours = session.scalars(sa.select(Task.due_at).where(Task.origin == "schedule")).all()
    assert len(set(hours)) == len(hours)
    # An hour may begin by itself while any of the clocks is followed.
    assert len(hours) <= 2 * (broken.jumps + 1)
