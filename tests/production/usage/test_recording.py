"""A row for each settled generation, and the sums of its day."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from support.processes import Script
from support.spending import PRICE, add_generation, add_project, sums, told, use, use_in_one

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Episode, Project, ProviderUsage, UsageDay
from aianime_pipeline.production.usage.recording import usual_cost
from aianime_pipeline.providers.prices import MICROS, Units

YUAN = MICROS
NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)
WEDNESDAY = date(2026, 11, 4)
DAY = timedelta(days=1)


@pytest.fixture
def project(database: Database) -> Project:
    return add_project(database)


def test_a_settled_generation_leaves_its_row_with_the_price_that_was_used(database: Database, project: Project) -> None:
    with database.write() as session:
        episode = Episode(project_id=project.id, number=1, key="p-e001")
        session.add(episode)
        session.flush()
        generation = add_generation(session, project, episode_id=episode.id, requested_by="wang", model="seedance")
        units = Units(images=1, video_ms=5_000, audio_ms=20, characters=3, tokens_in=7, tokens_out=11)
        found = use(session, generation, 2_500_000, NOON, units=units, latency_ms=1_234, attempts=2)
    with database.read() as session:
        row = session.get_one(ProviderUsage, found.id)
    assert {name: getattr(row, name) for name in ProviderUsage.__table__.columns.keys()} == {  # noqa: SIM118
        "id": found.id,
        "created_at": NOON,
        "generation_id": generation.id,
        "project_id": project.id,
        "episode_id": episode.id,
        "shot_id": None,
        "requested_by": "wang",
        "provider": "ark",
        "model": "seedance",
        "capability": "image",
        "images": 1,
        "video_ms": 5_000,
        "audio_ms": 20,
        "characters": 3,
        "tokens_in": 7,
        "tokens_out": 11,
        "latency_ms": 1_234,
        "attempts": 2,
        "cost_micros": 2_500_000,
        "currency": "CNY",
        "price": PRICE,
    }


def test_a_generation_is_counted_once_however_often_it_is_recorded(database: Database, project: Project) -> None:
    with database.write() as session:
        generation = add_generation(session, project)
        first = use(session, generation, YUAN, NOON)
    with database.write() as session:
        again = use(session, generation, 5 * YUAN, NOON + DAY)
    assert (again.id, again.cost_micros) == (first.id, YUAN)
    (total,) = sums(database)
    assert (total.requests, total.cost_micros) == (1, YUAN)


def test_the_sums_of_a_day_are_those_of_its_rows_in_utc(database: Database, project: Project) -> None:
    shanghai = datetime.fromisoformat("2026-11-05T07:30+08:00")
    for cost, at in ((1, NOON), (2, shanghai), (4, NOON + DAY)):
        use_in_one(database, project, cost, at, units=Units(images=2), latency_ms=10)
    with database.read() as session:
        days = session.scalars(sa.select(UsageDay).order_by(UsageDay.day)).all()
    assert [(row.day, row.requests, row.images, row.latency_ms, row.cost_micros) for row in days] == [
        (WEDNESDAY, 2, 4, 20, 3),
        (WEDNESDAY + DAY, 1, 2, 10, 4),
    ]


def test_a_transaction_that_fails_leaves_neither_row_nor_sum(database: Database, project: Project) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:  # noqa: PT012 - the block is what is tested
        use(session, add_generation(session, project), YUAN, NOON)
        raise ZeroDivisionError
    with database.read() as session:
        assert session.scalars(sa.select(UsageDay)).all() == []
    assert sums(database, start=NOON, end=NOON + timedelta(hours=1)) == []


RECORD = """
import sys
from datetime import UTC, datetime
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Project
from support.spending import add_generation, use
database = Database(sys.argv[1])
with database.read() as session:
    project = session.get_one(Project, int(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(40):
    with database.write() as session:
        use(session, add_generation(session, project), 3, datetime(2026, 11, 4, 12, tzinfo=UTC))
"""


def test_processes_that_record_at_the_same_time_lose_nothing_of_the_day(
    database: Database, migrated_url: str, project: Project
) -> None:
    recorders = [Script(RECORD, migrated_url, project.id) for _ in range(3)]
    for recorder in recorders:
        recorder.says("ready")
    for recorder in recorders:
        recorder.tell("go")
    for recorder in recorders:
        recorder.end()
    with database.read() as session:
        (day,) = session.scalars(sa.select(UsageDay)).all()
    assert (day.requests, day.cost_micros) == (120, 360)


# Dear calls

DEAR = [
    (100, [10] * 19, None),
    (51, [10] * 20, 10),
    (50, [10] * 20, None),
    (51, [10] * 25 + [1_000] * 24, 10),
    (51, [1] * 25 + [1_000] * 25, None),
    (31, [5, 6] * 10, 5),
    (27, [5, 6] * 10, None),
    (28, [5, 6] * 10, 5),
    (1, [0] * 20, 0),
    (0, [0] * 20, None),
    (100, [], None),
]


@pytest.mark.parametrize(("cost", "earlier", "usual"), DEAR)
def test_a_call_is_unusually_dear_above_five_times_the_median_of_twenty_at_least(
    cost: int, earlier: list[int], usual: int | None
) -> None:
    assert usual_cost(cost, earlier) == usual


def test_an_unusually_dear_call_is_told_once_and_others_are_not(database: Database, project: Project) -> None:
    for number in range(20):
        use_in_one(database, project, YUAN, NOON + number * DAY)
        use_in_one(database, project, 60 * YUAN, NOON + number * DAY, model="seedance")
    later = NOON + 20 * DAY
    with database.write() as session:
        generation = add_generation(session, project)
        for _ in range(2):
            use(session, generation, 6 * YUAN, later)
    use_in_one(database, project, 5 * YUAN, later)
    use_in_one(database, project, 100 * YUAN, later, model="seedance")
    use_in_one(database, project, 100 * YUAN, later, capability="video")
    use_in_one(database, add_project(database, "q"), 100 * YUAN, later)
    assert told(database) == ["One image of p by ark/seedream cost 6.00 CNY; the usual is 1.00."]


def test_only_the_last_fifty_calls_say_what_is_usual(database: Database, project: Project) -> None:
    """However many there were before them, and on however few days."""
    with database.write() as session:
        for number in range(100):
            use(session, add_generation(session, project), 100 if number < 50 else YUAN, NOON + timedelta(hours=number))
    assert len(told(database)) == 25, "those that were dear beside the first"
    use_in_one(database, project, 4 * YUAN, NOON + 10 * DAY)
    assert len(told(database)) == 25
