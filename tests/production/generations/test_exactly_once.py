"""A request is paid once, whatever dies: processes killed at any moment, vendors that fail in every way.

`make chaos` runs the same with 200 kills and 1,000 generations.
"""

import os
import random
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.vendor import Vendor
from support.making import Studio
from support.processes import Script
from support.vendor_studio import KEY, KEY_VARIABLE, Person, open_studio, write_configuration

from aianime_pipeline.db.models import (
    Budget,
    BudgetPeriod,
    BudgetReservation,
    Generation,
    ProviderUsage,
    ShotStage,
)
from aianime_pipeline.production.budgets.limits import Subject, set_budget
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.providers import routing

CHAOS = bool(os.environ.get("CHAOS"))
JOBS = 40
KILLS = 200 if CHAOS else 20
CHANCE = 0.2 if CHAOS else 0.05
"""Of each fault, at each request."""
SHOTS = 1_000 if CHAOS else JOBS
"""At the vendor that fails in every way."""

WORKER = """
import sys
from pathlib import Path
from support.vendor_studio import open_studio
from aianime_pipeline.production.shots.stages import Stage
studio = open_studio(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
print("ready", flush=True)
studio.make(Stage.IMAGE)
print("done", flush=True)
"""


@pytest.fixture
def studio(migrated_url: str, tmp_path: Path) -> Studio:
    return open_studio(migrated_url, tmp_path / "home", tmp_path / "steering")


def start(studio: Studio) -> Script:
    place = studio.place
    return Script(
        WORKER,
        place.settings.database_url,
        place.settings.home,
        studio.steering.folder,
        environment={KEY_VARIABLE: KEY},
    )


@pytest.mark.resilience
def test_a_batch_whose_process_is_killed_again_and_again_is_paid_once(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, JOBS)
        ark.order({"on": "submit", "kind": "slow", "seconds": 0.4, "times": None, "chance": 0.7})
        chance, person = random.Random(11), Person(studio, ark)
        for _ in range(KILLS):
            worker = start(studio)
            worker.says("ready")
            time.sleep(chance.uniform(0.0, 0.6))
            worker.kill()
        made: dict[str, int] = Counter(charge["request"]["prompt"] for charge in ark.ledger)
        assert max(made.values(), default=0) <= 1, "paid again without a person's word"
        for _ in range(JOBS):
            person.resolve_all()
            end = start(studio)
            end.end()
            if all(row.state == "approved" for row in studio.rows(ShotStage)) and not person.resolve_all():
                break
        assert [row.state for row in studio.rows(ShotStage) if row.stage == "image"] == ["approved"] * JOBS
        usage = studio.rows(ProviderUsage)
        assert len(usage) == len(ark.ledger)
        assert sum(row.cost_micros for row in usage) == ark.charged_micros
        states = Counter(row.state for row in studio.rows(Generation))
        assert set(states) <= {"succeeded", "failed"}
        assert states["succeeded"] == JOBS


def refused(status: int, code: str, **headers: str) -> dict[str, object]:
    """In the vendor's own form."""
    body = {"error": {"code": code, "message": "told to fail"}}
    return {"kind": "answer", "status": status, "headers": headers, "body": body}


FAULTS = [
    refused(429, "RateLimitExceeded.EndpointRPMExceeded", **{"retry-after": "0.1"}),
    refused(500, "InternalServiceError"),
    refused(400, "OutputImageSensitiveContentDetected"),
    {"kind": "answer", "status": 502, "body": "<html>bad gateway</html>"},
    {"kind": "answer_after", "status": 502, "body": "<html>bad gateway</html>"},
    {"kind": "slow", "seconds": 0.2},
    {"kind": "timeout_before", "seconds": 0.3},
    {"kind": "timeout_after", "seconds": 0.3},
    {"kind": "cut"},
]


@pytest.mark.resilience
def test_a_vendor_that_fails_in_every_way_is_paid_once_for_each_result(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One that fails so much counts as down most of the time: that time passes sooner here.
    monkeypatch.setattr(routing, "_CLOSED_FIRST", timedelta(seconds=0.1))
    monkeypatch.setattr(routing, "_CLOSED_LONGEST", timedelta(seconds=0.5))
    monkeypatch.setattr(routing, "_LIMITED_LONGEST", timedelta(seconds=0.2))
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, concurrency=32 if CHAOS else 8, ark=ark.address)
        studio.storyboard(tmp_path, SHOTS)
        faults = [{"on": "submit", "times": None, "chance": CHANCE, **fault} for fault in FAULTS]
        downloads = [
            {"on": "download", "times": None, "chance": 0.07, "kind": kind} for kind in ("cut", "html", "truncated")
        ]
        ark.order(*faults, *downloads)
        person = Person(studio, ark)
        for turn in range(40):
            if turn == 36:
                ark.order()
            studio.make(Stage.IMAGE)
            person.resolve_all()
            if all(row.state == "approved" for row in _images(studio)):
                break
        assert [row.state for row in _images(studio)] == ["approved"] * SHOTS
        usage = studio.rows(ProviderUsage)
        assert len(usage) == len(ark.ledger)
        assert sum(row.cost_micros for row in usage) == ark.charged_micros
        failed = [row for row in studio.rows(Generation) if row.state == "failed"]
        assert failed
        assert all(row.error for row in failed), "every failure is explained"
        assert all(row.error_kind or row.resolution for row in failed if "open" not in row.error), "and classed"
        assert all(KEY not in row.error for row in failed)


def _images(studio: Studio) -> list[ShotStage]:
    return [row for row in studio.rows(ShotStage) if row.stage == "image"]


def test_a_hard_budget_is_never_passed_and_ends_where_it_began(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 12)
        with studio.place.database.write() as session:
            set_budget(session, Subject("project", "p", "total", "CNY"), 5 * 250_000, set_by="a person")
        done = studio.make(Stage.IMAGE)
        assert done.counts == (5, 0, 0, 0, 7)
        assert len(ark.ledger) == 5
        (period,) = studio.rows(BudgetPeriod)
        assert (period.spent_micros, period.reserved_micros) == (5 * 250_000, 0)
        assert studio.rows(BudgetReservation) == [] or all(row.micros == 0 for row in studio.rows(BudgetReservation))
        assert studio.rows(Budget)[0].hard
