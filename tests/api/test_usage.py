"""Usage over HTTP: sums, series and CSV, and nobody sees another project's."""

import asyncio
import csv
import io
from datetime import UTC, datetime

import pytest
from starlette.types import Message
from support.asgi_calls import call, scope_of
from support.callers import Callers
from support.spending import use_in_one

from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import Project
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.providers.prices import Units

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def spent(place: Installation, callers: Callers) -> tuple[Project, Project]:
    """`moonlit` with 1 and 2 CNY in two months, `harbour` with 50."""
    callers.person("director")
    callers.person("director", "harbour")
    moonlit, harbour = callers.project(), callers.project("harbour")
    use_in_one(place.database, moonlit, 1_000_000, NOON, requested_by="li")
    use_in_one(place.database, moonlit, 2_000_000, DECEMBER, requested_by="wang", units=Units(video_ms=5_250))
    use_in_one(place.database, harbour, 50_000_000, NOON, requested_by="li")
    return moonlit, harbour


def costs(answer: dict[str, list[dict[str, int]]]) -> list[int]:
    return [one["cost_micros"] for one in answer["totals"]]


@pytest.mark.usefixtures("spent")
def test_sums_are_told_apart_and_come_in_steps(callers: Callers) -> None:
    answer = callers.person("director").get(
        "/api/v1/projects/moonlit/usage", params={"by": ["user", "provider"], "step": "month"}
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [(one["user"], one["provider"], one["cost_micros"], one["start"]) for one in found["totals"]] == [
        ("li", "ark", 1_000_000, None),
        ("wang", "ark", 2_000_000, None),
    ]
    assert [(one["start"], one["user"], one["video_seconds"]) for one in found["series"]] == [
        ("2026-11-01", "li", 0.0),
        ("2026-12-01", "wang", 5.25),
    ]
    assert found["totals"][0]["model"] is None, "what is not told apart is not named"


@pytest.mark.usefixtures("spent")
def test_a_stretch_of_time_and_filters_count_only_what_is_in_them(callers: Callers) -> None:
    director = callers.person("director")
    november = {"start": "2026-11-01", "end": "2026-12-01T00:00:00Z"}
    assert costs(director.get("/api/v1/projects/moonlit/usage", params=november).json()) == [1_000_000]
    assert costs(director.get("/api/v1/projects/moonlit/usage", params={"user": "wang"}).json()) == [2_000_000]
    assert costs(director.get("/api/v1/projects/moonlit/usage", params={"capability": "video"}).json()) == []
    assert costs(director.get("/api/v1/usage", params={"organisation": "nobody"}).json()) == []


@pytest.mark.usefixtures("spent")
def test_an_administrator_sees_all_and_others_only_projects_whose_usage_they_may_see(callers: Callers) -> None:
    assert costs(callers.person("admin").get("/api/v1/usage").json()) == [53_000_000]
    assert costs(callers.person("director").get("/api/v1/usage").json()) == [3_000_000]
    assert costs(callers.person("director", "harbour").get("/api/v1/usage").json()) == [50_000_000]
    assert costs(callers.person("reviewer").get("/api/v1/usage").json()) == [], "a reviewer sees no usage"
    assert costs(callers.person("stranger").get("/api/v1/usage").json()) == []
    rows = callers.person("director").get("/api/v1/usage", params={"by": "project", "organisation": "studio"}).json()
    assert [one["project"] for one in rows["totals"]] == ["moonlit"]


@pytest.mark.usefixtures("spent")
def test_another_projects_usage_is_as_if_it_were_not_there(callers: Callers) -> None:
    director = callers.person("director")
    for path, params in (("usage", {"project": "{}"}), ("usage.csv", {"project": "{}"}), ("projects/{}/usage", {})):
        unseen, missing = (
            director.get(
                f"/api/v1/{path.format(slug)}", params={name: value.format(slug) for name, value in params.items()}
            )
            for slug in ("harbour", "nowhere")
        )
        assert unseen.status_code == missing.status_code == 404
        assert unseen.json()["message"].replace("harbour", "nowhere") == missing.json()["message"]
        assert "moonlit" not in unseen.json()["message"]
    assert callers.person("reviewer").get("/api/v1/usage", params={"project": "moonlit"}).status_code == 403


@pytest.mark.usefixtures("spent")
def test_a_key_that_is_cut_down_sees_usage_only_where_it_says_so(callers: Callers) -> None:
    assert callers.key("director", [Action.VIEW]).get("/api/v1/usage").status_code == 403
    assert costs(callers.key("director", [Action.USAGE_VIEW]).get("/api/v1/usage").json()) == [3_000_000]
    assert costs(callers.key("admin", [Action.USAGE_VIEW]).get("/api/v1/usage").json()) == [53_000_000]


def test_the_csv_has_a_row_for_each_request_and_no_formula(
    place: Installation, callers: Callers, spent: tuple[Project, Project]
) -> None:
    evil = ['=HYPERLINK("http://x","y")', "+1", "-1", "@sum", "\tx", "＝1", 'li, "小"']
    for number, name in enumerate(evil):
        use_in_one(place.database, spent[0], 0, DECEMBER.replace(hour=13, minute=number), requested_by=name)
    answer = callers.person("director").get("/api/v1/usage.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="usage.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["user"] for row in rows] == ["li", "wang", *(f"'{name}" for name in evil[:-1]), evil[-1]]
    assert (rows[1]["video_seconds"], rows[1]["cost_micros"], rows[1]["shot"]) == ("5.25", "2000000", "")
    assert rows[0]["created_at"] == "2026-11-04T12:00:00.000000Z"
    assert rows[0]["price"] == '{"currency": "CNY", "from": "2026-01-01", "per_image": "1"}'
    assert {row["project"] for row in rows} == {"moonlit"}
    own = callers.person("director").get("/api/v1/projects/moonlit/usage.csv", params={"user": "wang"})
    assert own.headers["content-disposition"] == 'attachment; filename="moonlit-usage.csv"'
    assert len(own.content.decode("utf-8-sig").splitlines()) == 1 + 1


@pytest.mark.usefixtures("spent")
@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"start": "2026-12-01", "end": "2026-11-01"}, "end"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "query.start"),
        ({"end": "9999-12-31T23:59:59-12:00"}, "query.end"),
        ({"start": "soon"}, "query.start"),
        ({"start": "0"}, "query.start"),
        ({"by": "shot"}, "query.by.0"),
        ({"step": "year"}, "query.step"),
        ({"user": "a\x00"}, "query.user"),
    ],
)
def test_a_question_that_cannot_be_answered_names_the_field(
    callers: Callers, params: dict[str, str], field: str
) -> None:
    answer = callers.person("director").get("/api/v1/usage", params=params)
    assert answer.status_code == 422, answer.text
    assert f'"{field}"' in answer.text


@pytest.mark.usefixtures("spent")
def test_who_reads_the_csv_slowly_leaves_the_last_connection_to_others(
    place: Installation, callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client has taken the first rows and reads no more."""
    director = callers.person("director")
    headers = {"Authorization": director.headers["Authorization"]}
    pool = place.database.engine.pool
    others = [place.database.engine.connect() for _ in range(pool.size() + pool._max_overflow - 1)]
    monkeypatch.setattr(pool, "_timeout", 5)

    async def reads_slowly() -> int:
        asked, taken, stuck, never = False, 0, asyncio.Event(), asyncio.Event()

        async def receive() -> Message:
            nonlocal asked
            if asked:
                await never.wait()
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal taken
            taken += message["type"] == "http.response.body"
            if taken == 2:
                stuck.set()
                await never.wait()

        slow = asyncio.ensure_future(director.app(scope_of("GET", "/api/v1/usage.csv", headers), receive, send))
        try:
            await asyncio.wait_for(stuck.wait(), 20)
            return (await call(director.app, "GET", "/api/v1/usage", headers=headers)).status
        finally:
            slow.cancel()

    try:
        assert asyncio.run(reads_slowly()) == 200
    finally:
        for other in others:
            other.close()


@pytest.mark.usefixtures("spent")
def test_more_sums_than_an_answer_has_are_refused_with_what_to_ask_for(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routes.usage.MOST_SUMS", 1)
    director = callers.person("director")
    assert director.get("/api/v1/usage").status_code == 200
    for asked in ({"by": "user"}, {"step": "month"}, {"by": "user", "start": "2026-11-04T01:00:00Z"}):
        refused = director.get("/api/v1/usage", params=asked)
        assert (refused.status_code, refused.json()["code"]) == (422, "ERR_SETTING")
        assert refused.json()["details"] == {"field": "by", "most": 1}
