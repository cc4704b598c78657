"""The state machine of a task, and which of the waiting ones goes next. Pure."""

from collections import Counter, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TaskState(StrEnum):
    WAITING = "waiting"
    LAUNCHING = "launching"
    """Somebody has leased it to launch its run."""
    RUNNING = "running"
    """It has a run, which may still be queued at Dagster."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = frozenset({TaskState.WAITING, TaskState.LAUNCHING, TaskState.RUNNING})
IN_FLIGHT = frozenset({TaskState.LAUNCHING, TaskState.RUNNING})

MOST_ATTEMPTS = 4
"""Runs of one task; after so many that ended by no fault of the work it has failed."""

_BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(minutes=10)
"""No task that waits is due later than in so long."""


def next_attempt_at(attempt: int, moment: datetime) -> datetime:
    """When a task whose `attempt`-th run was lost is launched again: 5 s later, then 20 s, then 80 s, ..."""
    return moment + min(_BACKOFF * int(4 ** max(attempt - 1, 0)), LONGEST_BACKOFF)


@dataclass(frozen=True)
class Candidate:
    """A task as the choice sees it. `episode` None: it keeps no other apart."""

    task: int
    project: int | None
    episode: int | None
    priority: int


def choose(waiting: Sequence[Candidate], in_flight: Collection[Candidate], room: int) -> list[Candidate]:
    """Which of `waiting` (the oldest first) are launched now, at most `room`.

    By priority, then the project that has the fewest at work, then age; of one episode one at a time.
    """
    busy = Counter(one.project for one in in_flight)
    episodes = {one.episode for one in in_flight if one.episode is not None}
    queues: dict[int | None, deque[tuple[int, Candidate]]] = {}
    for age, one in sorted(enumerate(waiting), key=lambda pair: pair[1].priority):
        queues.setdefault(one.project, deque()).append((age, one))
    chosen: list[Candidate] = []
    while len(chosen) < room:
        for queue in queues.values():
            while queue and queue[0][1].episode in episodes:
                queue.popleft()
        heads = [queue[0] for queue in queues.values() if queue]
        if not heads:
            break
        _, best = min(heads, key=lambda pair: (pair[1].priority, busy[pair[1].project], pair[0]))
        queues[best.project].popleft()
        chosen.append(best)
        busy[best.project] += 1
        if best.episode is not None:
            episodes.add(best.episode)
    return chosen
