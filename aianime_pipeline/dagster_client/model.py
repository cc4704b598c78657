"""What Dagster tells of its runs, backfills and processes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class RunStatus(StrEnum):
    QUEUED = "QUEUED"
    NOT_STARTED = "NOT_STARTED"
    MANAGED = "MANAGED"
    STARTING = "STARTING"
    STARTED = "STARTED"
    SUSPENDED = "SUSPENDED"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"

    @property
    def is_finished(self) -> bool:
        return self in (RunStatus.SUCCESS, RunStatus.FAILURE, RunStatus.CANCELED)


class BackfillStatus(StrEnum):
    REQUESTED = "REQUESTED"
    """Also while its runs are at work."""
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    CANCELING = "CANCELING"
    COMPLETED_SUCCESS = "COMPLETED_SUCCESS"
    COMPLETED_FAILED = "COMPLETED_FAILED"
    FAILING = "FAILING"

    @property
    def is_finished(self) -> bool:
        return self not in (BackfillStatus.REQUESTED, BackfillStatus.CANCELING, BackfillStatus.FAILING)


class LocationState(StrEnum):
    LOADED = "loaded"
    LOADING = "loading"
    FAILED = "failed"
    MISSING = "missing"
    """The web server's workspace has none of this name."""


@dataclass(frozen=True)
class Run:
    """`started_at` is when its process was at work, None before."""

    id: str
    job: str
    status: RunStatus
    tags: Mapping[str, str]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Backfill:
    """Its runs have its id as the tag `dagster/backfill`. `error` is why it failed itself, not why one of them did."""

    id: str
    status: BackfillStatus
    partitions: int | None
    created_at: datetime
    ended_at: datetime | None
    error: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Daemon:
    """`last_beat` None: it never did."""

    type: str
    required: bool
    healthy: bool
    last_beat: datetime | None
    errors: tuple[str, ...]


@dataclass(frozen=True)
class CodeLocation:
    """`error` is why it could not be loaded."""

    state: LocationState
    error: str = ""


def read_run(answer: Mapping[str, Any]) -> Run:
    return Run(
        id=answer["runId"],
        job=answer["jobName"],
        status=RunStatus(answer["status"]),
        tags={tag["key"]: tag["value"] for tag in answer["tags"]},
        created_at=_time(answer["creationTime"]),
        started_at=_time_or_none(answer["startTime"]),
        ended_at=_time_or_none(answer["endTime"]),
    )


def read_backfill(answer: Mapping[str, Any]) -> Backfill:
    return Backfill(
        id=answer["id"],
        status=BackfillStatus(answer["status"]),
        partitions=answer["numPartitions"],
        created_at=_time(answer["timestamp"]),
        ended_at=_time_or_none(answer["endTimestamp"]),
        error=answer["error"]["message"].strip() if answer["error"] is not None else "",
        tags={tag["key"]: tag["value"] for tag in answer["tags"]},
    )


def read_daemons(answer: Mapping[str, Any]) -> list[Daemon]:
    return [
        Daemon(
            type=one["daemonType"],
            required=one["required"],
            healthy=one["healthy"] is True,
            last_beat=_time_or_none(one["lastHeartbeatTime"]),
            errors=tuple(error["message"].strip() for error in one["lastHeartbeatErrors"]),
        )
        for one in answer["daemonHealth"]["allDaemonStatuses"]
    ]


def read_location(answer: Mapping[str, Any] | None) -> CodeLocation:
    if answer is None:
        return CodeLocation(LocationState.MISSING)
    found = answer["locationOrLoadError"]
    if answer["loadStatus"] == "LOADING" or found is None:
        return CodeLocation(LocationState.LOADING)
    match found["__typename"]:
        case "RepositoryLocation":
            return CodeLocation(LocationState.LOADED)
        case "PythonError":
            messages = [found["message"], *(cause["message"] for cause in found["causes"])]
            return CodeLocation(LocationState.FAILED, "\n".join(message.strip() for message in messages))
        case kind:
            raise ValueError(f"a location that is a {kind}")


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _time_or_none(seconds: float | None) -> datetime | None:
    return None if seconds is None else _time(seconds)
