"""Questions that are answered from the sums of days and from the rows at the ends."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.spending import add_generation, add_project, sums, use, use_in_one

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Project, ProviderUsage
from aianime_pipeline.errors import BadSettingError, NotFoundError
from aianime_pipeline.production.usage.queries import BY, UsageFilters, UsageTotal
from aianime_pipeline.production.usage.ranges import Step, step_start
from aianime_pipeline.production.usage.recording import DAY_SUMS
from aianime_pipeline.providers.prices import MICROS, Units

YUAN = MICROS
NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


PEOPLE = ("li", "wang", "")
MODELS = (("ark", "seedream", "image"), ("ark", "seedance", "video"), ("openai", "seedream", "image"))
FIRST = datetime(2026, 10, 25, tzinfo=UTC)


@pytest.fixture
def project(database: Database) -> Project:
    return add_project(database)


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
    use_in_one(database, project, YUAN, NOON)
    said: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    (total,) = sums(
        database,
        by=["project"],
        start=datetime(2026, 1, 1, tzinfo=UTC),
        end=datetime(2027, 1, 1, tzinfo=UTC),
        step="month",
    )
    assert (total.start, total.by, total.cost_micros) == (date(2026, 11, 1), {"project": "p"}, YUAN)
    assert any("usage_days" in statement for statement in said)
    assert not any("provider_usage" in statement for statement in said)


def test_currencies_are_never_added_up(database: Database, project: Project) -> None:
    use_in_one(database, project, 2 * YUAN, NOON)
    use_in_one(database, project, 3 * YUAN, NOON, currency="USD", units=Units(video_ms=5_250))
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


def test_no_query_reads_more_sums_than_one_too_many(database: Database) -> None:
    project = add_project(database)
    for number in range(20):
        use_in_one(database, project, 1, NOON + number * DAY, requested_by=f"user-{number}")
        use_in_one(database, project, 1, NOON, requested_by=f"user-{number}")
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_about: Any) -> None:
        asked.append((statement, parameters))

    whole, ragged = {"by": ["user"]}, {"by": ["user"], "start": NOON, "end": NOON + DAY / 4}
    sa.event.listen(database.engine, "before_cursor_execute", note)
    for question in (whole, ragged):
        with pytest.raises(BadSettingError, match="more than 3 sums"):
            sums(database, **question, most=3)
    sa.event.remove(database.engine, "before_cursor_execute", note)
    with database.read() as session:
        read = [len(session.connection().exec_driver_sql(*one).all()) for one in asked if "sum(" in one[0].lower()]
    assert read == [4, 4]
    assert len(sums(database, **whole, most=20)) == len(sums(database, **ragged, most=20)) == 20
