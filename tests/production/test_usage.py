"""A row for each settled generation, its day's sums, and questions that are answered from both."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.processes import Script
from support.spending import PRICE, add_generation, add_project, told, use

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Episode, Project, ProviderUsage, UsageDay
from aianime_pipeline.errors import BadInputError, BadSettingError, NotFoundError
from aianime_pipeline.production.usage import DAY_SUMS, usual_cost
from aianime_pipeline.production.usage_export import (
    COLUMNS,
    totals_frame,
    usage_frames,
    write_csv,
    write_parquet,
)
from aianime_pipeline.production.usage_queries import BY, UsageFilters, UsageTotal, usage_totals
from aianime_pipeline.production.usage_ranges import Ragged, Step, Stretch, step_start, stretch
from aianime_pipeline.providers.prices import MICROS, Units

YUAN = MICROS
NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 4, tzinfo=UTC)
WEDNESDAY = date(2026, 11, 4)
DAY = timedelta(days=1)


@pytest.fixture
def project(database: Database) -> Project:
    return add_project(database)


def use_in_one(database: Database, project: Project, cost: int, at: datetime = NOON, **values: Any) -> ProviderUsage:
    """A generation that is settled at `cost` micro-units; `values` are of the generation, or of its usage."""
    of_usage = {
        name: values.pop(name) for name in list(values) if name in ("units", "latency_ms", "currency", "attempts")
    }
    with database.write() as session:
        return use(session, add_generation(session, project, **values), cost, at, **of_usage)


def sums(database: Database, filters: UsageFilters = UsageFilters(), **asked: Any) -> list[UsageTotal]:
    with database.read() as session:
        return usage_totals(session, filters, **asked)


# Recording


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


# Stretches of time


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


STRETCHES = [
    (None, None, Stretch(None, None)),
    (MIDNIGHT, MIDNIGHT + 3 * DAY, Stretch(WEDNESDAY, WEDNESDAY + 3 * DAY)),
    (NOON, None, Stretch(WEDNESDAY + DAY, None, (Ragged(WEDNESDAY, NOON, MIDNIGHT + DAY),))),
    (None, NOON, Stretch(None, WEDNESDAY, (Ragged(WEDNESDAY, MIDNIGHT, NOON),))),
    (NOON, NOON + timedelta(hours=1), Stretch(WEDNESDAY, WEDNESDAY, (Ragged(WEDNESDAY, NOON, NOON + DAY / 24),))),
    (MIDNIGHT, NOON, Stretch(WEDNESDAY, WEDNESDAY, (Ragged(WEDNESDAY, MIDNIGHT, NOON),))),
    (
        NOON,
        NOON + DAY,
        Stretch(
            WEDNESDAY + DAY,
            WEDNESDAY + DAY,
            (Ragged(WEDNESDAY, NOON, MIDNIGHT + DAY), Ragged(WEDNESDAY + DAY, MIDNIGHT + DAY, NOON + DAY)),
        ),
    ),
    (NOON, NOON, Stretch(date.min, date.min)),
    (NOON, MIDNIGHT, Stretch(date.min, date.min)),
]


@pytest.mark.parametrize(("start", "end", "parts"), STRETCHES)
def test_a_stretch_is_whole_days_and_what_sticks_out(
    start: datetime | None, end: datetime | None, parts: Stretch
) -> None:
    assert stretch(start, end) == parts


@pytest.mark.parametrize(
    ("day", "step", "first"),
    [
        (WEDNESDAY, Step.DAY, WEDNESDAY),
        (WEDNESDAY, Step.WEEK, date(2026, 11, 2)),
        (date(2026, 11, 2), Step.WEEK, date(2026, 11, 2)),
        (date(2026, 11, 1), Step.WEEK, date(2026, 10, 26)),
        (date(2027, 1, 1), Step.WEEK, date(2026, 12, 28)),
        (WEDNESDAY, Step.MONTH, date(2026, 11, 1)),
        (date(2028, 2, 29), Step.MONTH, date(2028, 2, 1)),
    ],
)
def test_a_week_begins_on_monday_and_a_month_on_its_first(day: date, step: Step, first: date) -> None:
    assert step_start(day, step) == first


# Questions

PEOPLE = ("li", "wang", "")
MODELS = (("ark", "seedream", "image"), ("ark", "seedance", "video"), ("openai", "seedream", "image"))
FIRST = at("2026-10-25T00:00")


@pytest.fixture
def busy(database: Database) -> dict[str, Project]:
    """Three projects of two organisations with usage over some weeks around New Year and the turn of a month."""
    chance = random.Random(11)
    projects = [
        add_project(database, "one"),
        add_project(database, "two"),
        add_project(database, "three", organisation="others"),
    ]
    with database.write() as session:
        for _ in range(250):
            provider, model, capability = chance.choice(MODELS)
            generation = add_generation(
                session,
                chance.choice(projects),
                provider=provider,
                model=model,
                capability=capability,
                requested_by=chance.choice(PEOPLE),
            )
            when = FIRST + timedelta(hours=chance.randrange(24 * 80), seconds=chance.choice([0, 0, 1, 3599]))
            units = Units(images=chance.randrange(3), video_ms=chance.randrange(9_000), tokens_in=chance.randrange(99))
            use(
                session,
                generation,
                chance.randrange(YUAN),
                when,
                units=units,
                currency=chance.choice(["CNY", "CNY", "USD"]),
                latency_ms=chance.randrange(5_000),
            )
    return {project.slug: project for project in projects}


def by_hand(
    rows: Sequence[ProviderUsage],
    projects: dict[str, Project],
    filters: UsageFilters,
    by: Sequence[str],
    start: datetime | None,
    end: datetime | None,
    step: str | None,
) -> list[UsageTotal]:
    """What the rows themselves say."""
    owners = {project.id: project for project in projects.values()}
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(DAY_SUMS))
    for row in rows:
        project = owners[row.project_id]
        has = {
            "project": project.slug,
            "organisation": project.organisation,
            "user": row.requested_by,
            "provider": row.provider,
            "model": row.model,
            "capability": row.capability,
        }
        wanted = {name: value for name, value in vars(filters).items() if value is not None}
        if any(has[name] != value for name, value in wanted.items()):
            continue
        if (start is not None and row.created_at < start) or (end is not None and row.created_at >= end):
            continue
        first = step_start(row.created_at.date(), Step(step)) if step is not None else None
        into = groups[(first, *(has[name] for name in by), row.currency)]
        for place, name in enumerate(DAY_SUMS):
            into[place] += 1 if name == "requests" else getattr(row, name)
    found = [
        UsageTotal(first, dict(zip(by, names, strict=True)), currency, *values)
        for (first, *names, currency), values in groups.items()
    ]
    return sorted(found, key=lambda total: (total.start or date.min, *total.by.values(), total.currency))


def test_days_and_ragged_ends_together_say_what_the_rows_say(database: Database, busy: dict[str, Project]) -> None:
    with database.read() as session:
        rows = session.scalars(sa.select(ProviderUsage)).all()
    hours = st.none() | st.integers(-30, 24 * 82).map(lambda hours: FIRST + timedelta(hours=hours))
    moments = hours | st.integers(0, 82).map(lambda days: FIRST + days * DAY)

    def maybe(*values: str) -> st.SearchStrategy[str | None]:
        return st.sampled_from([None, None, *values])

    filters = st.builds(
        UsageFilters,
        project=maybe("one", "three"),
        organisation=maybe("studio", "others", "nobody"),
        user=maybe(*PEOPLE),
        provider=maybe("ark"),
        model=maybe("seedream"),
        capability=maybe("video"),
    )
    groups = st.lists(st.sampled_from(BY), unique=True, max_size=4)

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(filters, groups, moments, moments, maybe("day", "week", "month"))
    def ask(
        filters: UsageFilters, by: list[str], start: datetime | None, end: datetime | None, step: str | None
    ) -> None:
        found = sums(database, filters, by=by, start=start, end=end, step=step)
        assert found == by_hand(rows, busy, filters, by, start, end, step)

    ask()


def test_a_whole_year_is_answered_without_a_look_at_the_rows(
    database: Database, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_in_one(database, project, YUAN)
    said: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    (total,) = sums(database, by=["project"], start=at("2026-01-01"), end=at("2027-01-01"), step="month")
    assert (total.start, total.by, total.cost_micros) == (date(2026, 11, 1), {"project": "p"}, YUAN)
    assert any("usage_days" in statement for statement in said)
    assert not any("provider_usage" in statement for statement in said)


def test_currencies_are_never_added_up(database: Database, project: Project) -> None:
    use_in_one(database, project, 2 * YUAN)
    use_in_one(database, project, 3 * YUAN, currency="USD", units=Units(video_ms=5_250))
    assert [total.to_document() for total in sums(database, by=["provider"])] == [
        {
            "provider": "ark",
            "requests": 1,
            "images": images,
            "characters": 0,
            "tokens_in": 0,
            "tokens_out": 0,
            "latency_ms": 1_500,
            "video_seconds": seconds,
            "audio_seconds": 0,
            "cost_micros": cost,
            "currency": currency,
        }
        for currency, cost, images, seconds in (("CNY", 2 * YUAN, 1, 0), ("USD", 3 * YUAN, 0, 5.25))
    ]


def test_questions_that_make_no_sense_are_refused_with_what_would(database: Database, project: Project) -> None:
    with pytest.raises(BadSettingError, match="project, user, provider, model, capability"):
        sums(database, by=["shot"])
    with pytest.raises(BadSettingError, match="day, week, month"):
        sums(database, step="year")
    with pytest.raises(NotFoundError, match="there are: p"):
        sums(database, UsageFilters(project="q"))


# Files


@pytest.fixture
def recorded(database: Database, project: Project) -> Database:
    """Two rows: the first with all that a row may have, the second with as little as possible."""
    with database.write() as session:
        episode = Episode(project_id=project.id, number=7, key="p-e007")
        session.add(episode)
        session.flush()
        generation = add_generation(session, project, episode_id=episode.id, requested_by='li, "小"')
        use(session, generation, 1_500_000, NOON, units=Units(video_ms=5_250, tokens_in=3))
    use_in_one(database, project, 0, NOON + DAY, requested_by="", price=None)
    return database


def test_the_rows_go_out_as_csv_and_come_back(recorded: Database, tmp_path: Path) -> None:
    with recorded.read() as session:
        assert write_csv(usage_frames(session, UsageFilters()), tmp_path / "usage.csv") == 2
    found = pd.read_csv(tmp_path / "usage.csv", keep_default_na=False)
    assert tuple(found.columns) == COLUMNS
    first, second = found.to_dict("records")
    assert first["created_at"] == "2026-11-04T12:00:00.000000Z"
    assert (first["project"], first["episode"], first["user"]) == ("p", "p-e007", 'li, "小"')
    assert (first["video_seconds"], first["tokens_in"], first["cost_micros"]) == (5.25, 3, 1_500_000)
    assert first["price"] == '{"currency": "CNY", "from": "2026-01-01", "per_image": "1"}'
    assert (second["episode"], second["shot"], second["user"], second["attempts"]) == ("", "", "", 1)


def test_the_rows_go_out_as_parquet_with_their_types(recorded: Database, tmp_path: Path) -> None:
    with recorded.read() as session:
        assert write_parquet(usage_frames(session, UsageFilters()), tmp_path / "usage.parquet") == 2
    found = pd.read_parquet(tmp_path / "usage.parquet")
    assert tuple(found.columns) == COLUMNS
    assert found["created_at"].tolist() == [pd.Timestamp(NOON), pd.Timestamp(NOON + DAY)]
    assert found["cost_micros"].tolist() == [1_500_000, 0]
    assert found["episode"].isna().tolist() == [False, True]
    assert found["shot"].isna().all()


def test_many_rows_go_out_in_parts_that_fit_together(
    recorded: Database, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aianime_pipeline.production import usage_export

    monkeypatch.setattr(usage_export, "_ROWS_AT_ONCE", 1)
    with recorded.read() as session:
        assert write_parquet(usage_frames(session, UsageFilters()), tmp_path / "usage.parquet") == 2
        assert write_csv(usage_frames(session, UsageFilters()), tmp_path / "usage.csv") == 2
    assert len(pd.read_parquet(tmp_path / "usage.parquet")) == 2
    lines = (tmp_path / "usage.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert not any("\ufeff" in line for line in lines)


def test_only_the_rows_that_were_asked_for_go_out(recorded: Database, tmp_path: Path) -> None:
    with recorded.read() as session:
        frames = usage_frames(session, UsageFilters(project="p"), start=NOON, end=NOON + DAY)
        assert write_csv(frames, tmp_path / "usage.csv") == 1
        assert write_csv(usage_frames(session, UsageFilters(user="nobody")), tmp_path / "none.csv") == 0
        assert write_parquet(usage_frames(session, UsageFilters(user="nobody")), tmp_path / "none.parquet") == 0
    assert tuple(pd.read_csv(tmp_path / "none.csv").columns) == COLUMNS
    assert tuple(pd.read_parquet(tmp_path / "none.parquet").columns) == COLUMNS


def test_sums_go_out_as_they_are_told(recorded: Database, tmp_path: Path) -> None:
    totals = sums(recorded, by=["user"], step="month")
    write_csv([totals_frame(totals)], tmp_path / "sums.csv")
    write_parquet([totals_frame(totals)], tmp_path / "sums.parquet")
    for found in (pd.read_csv(tmp_path / "sums.csv"), pd.read_parquet(tmp_path / "sums.parquet")):
        assert found["start"].tolist() == ["2026-11-01"] * 2
        assert found["cost_micros"].tolist() == [0, 1_500_000]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(recorded: Database, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with recorded.read() as session:
        for file in (tmp_path / "no" / "usage.csv", tmp_path / "folder"):
            with pytest.raises(BadInputError, match="cannot be written"):
                write_csv(usage_frames(session, UsageFilters()), file)
            with pytest.raises(BadInputError, match="cannot be written"):
                write_parquet(usage_frames(session, UsageFilters()), file)
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("home", "empty")] == ["folder"]
