"""What is counted is what there is, and no total ever goes down."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from support.figures import add_shots, add_task, refuse, settle, some_of_everything
from support.spending import add_project

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Generation, Mark
from aianime_pipeline.db.models.base import clock, now
from aianime_pipeline.production.figures import Called, Figures, FiguresReader

SEEDREAM = Called("ark", "seedream", "image")


def read(database: Database) -> Figures:
    return FiguresReader(database).read()


def test_everything_is_counted_from_its_rows(database: Database) -> None:
    some_of_everything(database)
    figures = read(database)
    assert figures.tasks == {"waiting": 2, "done": 1}
    assert figures.oldest_waiting is not None
    assert 90 <= (figures.read_at - figures.oldest_waiting).total_seconds() < 150
    assert figures.shot_stages == {("image", "approved"): 2, ("image", "review"): 1}
    calls = figures.calls[SEEDREAM]
    assert (calls.succeeded, calls.charged, calls.seconds, calls.ambiguous) == (1, 2, 2.0, 1)
    assert calls.failed == {"moderated": 1, "auth": 1, "unknown": 1}
    assert figures.open_calls == {("ark", "submitted"): 1}
    assert figures.cost_micros == {("ark", "seedream", "CNY"): 500_000}
    assert figures.schedules_looked_until is None


def test_an_empty_installation_has_figures_too(database: Database) -> None:
    figures = read(database)
    assert (figures.tasks, figures.shot_stages, figures.calls, figures.oldest_waiting) == ({}, {}, {}, None)


def test_retired_shots_and_tasks_that_are_not_due_are_left_out(database: Database) -> None:
    add_shots(database, add_project(database), "approved", retired=True)
    add_task(database, "waiting", timedelta(minutes=-5))
    figures = read(database)
    assert figures.shot_stages == {}
    assert figures.oldest_waiting is None


def test_models_currencies_and_capabilities_are_kept_apart(database: Database) -> None:
    project, other = add_project(database), add_project(database, "other")
    settle(database, project, 1, currency="CNY")
    settle(database, other, 2, currency="USD", requested_by="wu")
    settle(database, other, 4, currency="USD")
    settle(database, project, 8, model="seedance", capability="video")
    settle(database, project, 0, provider="local", model="animatic")
    figures = read(database)
    assert figures.cost_micros == {
        ("ark", "seedream", "CNY"): 1,
        ("ark", "seedream", "USD"): 6,
        ("ark", "seedance", "CNY"): 8,
        ("local", "animatic", "CNY"): 0,
    }
    assert {called: calls.succeeded for called, calls in figures.calls.items()} == {
        SEEDREAM: 3,
        Called("ark", "seedance", "video"): 1,
        Called("local", "animatic", "image"): 1,
    }


def test_sums_of_days_that_are_over_are_remembered_and_nothing_is_counted_twice(database: Database) -> None:
    project = add_project(database)
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC)
    reader = FiguresReader(database)
    total = 0
    for day in range(-5, 6):
        with clock(lambda day=day: moment + timedelta(days=day)):  # type: ignore[misc]
            settle(database, project, 1, at=now())
            total += 1
            assert reader.read().calls[SEEDREAM].charged == total
            settle(database, project, 1, at=now() - timedelta(days=1))
            total += 1
            figures = reader.read()
            assert figures.calls[SEEDREAM].charged == figures.cost_micros["ark", "seedream", "CNY"] == total


def test_totals_never_go_down_whatever_becomes_of_a_call(database: Database) -> None:
    project, reader = add_project(database), FiguresReader(database)
    before: Counter[str] = Counter()

    def grown() -> Counter[str]:
        calls = reader.read().calls.get(SEEDREAM)
        if calls is None:
            return Counter()
        return Counter({"succeeded": calls.succeeded, "charged": calls.charged, **calls.failed})

    def step() -> None:
        nonlocal before
        after = grown()
        assert all(after[name] >= count for name, count in before.items())
        before = after

    refuse(database, project, "ambiguous", "ambiguous")
    step()
    with database.write() as session:
        row = session.get_one(Generation, 1)
        row.state = "failed"  # a person said that it was not charged
    step()
    settle(database, project, 1, state="failed", error_kind="transient")
    step()
    settle(database, project, 1)
    step()
    assert before == Counter({"succeeded": 1, "charged": 2, "ambiguous": 1, "transient": 1})


def test_how_far_schedules_were_looked_at_is_told(database: Database) -> None:
    moment = now() - timedelta(minutes=7)
    with database.write() as session:
        session.add(Mark(name="schedules", instant=moment))
    assert read(database).schedules_looked_until == moment
