"""The client and a real Dagster: what is launched is what was asked for, and what it cannot do it says."""

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest
from support.dagster_questions import Question
from support.dagster_ui import DagsterUI, poll

from aianime_pipeline.dagster_client.client import DagsterClient, ask_dagster
from aianime_pipeline.dagster_client.model import BackfillStatus, CodeLocation, LocationState, Run, RunStatus
from aianime_pipeline.errors import DagsterRefusedError

pytestmark = pytest.mark.instance

EPISODES = ["moonlit-e001", "moonlit-e002"]
NO_RUN = "5bd7e1a4-0000-4000-8000-000000000000"


def wanted(*shots: int) -> dict[str, Any]:
    return {"resources": {"wanted": {"config": {"shots": list(shots)}}}}


@pytest.fixture(scope="package")
def backfills(dagster_url: str) -> dict[str, str]:
    """Launched first: the daemon looks for backfills every 30 seconds, and the other tests use the time."""

    async def launch(dagster: DagsterClient) -> dict[str, str]:
        return {
            "assets": await dagster.backfill_assets(["film"], EPISODES, tags={"by": "assets"}),
            "job": await dagster.backfill_job("make", EPISODES, config=wanted(8), tags={"by": "job"}),
        }

    return ask_dagster(dagster_url, launch)


@pytest.fixture
def ui(dagster_url: str, backfills: dict[str, str]) -> DagsterUI:
    return DagsterUI(dagster_url)


@pytest.fixture
def ask(ui: DagsterUI) -> Callable[[Question], Any]:
    return lambda question: ask_dagster(ui.url, question)


Ask = Callable[[Question], Any]


def test_a_run_makes_what_was_asked_for_with_its_config_and_is_found_by_its_tags(ask: Ask, ui: DagsterUI) -> None:
    before = datetime.now(UTC)
    tags = {"aianime/task": "7", "aianime/attempt": "1"}
    run_id = ask(
        lambda dagster: dagster.launch(
            "make", partition=EPISODES[0], assets=["pictures"], config=wanted(3, 4), tags=tags
        )
    )
    seen = ui.succeeded(run_id)
    assert seen.materialized == ["pictures"]
    assert "shots: [3, 4]" in [event["message"] for event in seen.of_type("LogMessageEvent")]
    run: Run = ask(lambda dagster: dagster.run(run_id))
    assert (run.id, run.job, run.status) == (run_id, "make", RunStatus.SUCCESS)
    assert run.tags.items() >= {**tags, "dagster/partition": EPISODES[0]}.items()
    assert run.started_at is not None
    assert run.ended_at is not None
    assert before <= run.created_at <= run.started_at <= run.ended_at <= datetime.now(UTC)
    assert ask(lambda dagster: dagster.runs(tags)) == [run]
    assert ask(lambda dagster: dagster.runs({**tags, "aianime/attempt": "2"})) == []


@pytest.mark.parametrize(
    ("assets", "checks", "materialized", "checked"),
    [
        (["film"], None, ["film"], {"film/plays", "film/sounds"}),
        (["film"], [], ["film"], set()),
        (["film"], [("film", "plays")], ["film"], {"film/plays"}),
        ((), [("film", "sounds")], [], {"film/sounds"}),
    ],
    ids=["an asset with its checks", "an asset alone", "an asset with one check", "a check alone"],
)
def test_a_run_makes_and_checks_exactly_the_selection(
    ask: Ask,
    ui: DagsterUI,
    assets: Collection[str],
    checks: Collection[tuple[str, str]] | None,
    materialized: list[str],
    checked: set[str],
) -> None:
    run_id = ask(lambda dagster: dagster.launch("make", partition=EPISODES[1], assets=assets, checks=checks))
    seen = ui.succeeded(run_id)
    assert (seen.materialized, set(seen.checks)) == (materialized, checked)


def test_the_newest_runs_come_first_and_no_more_than_asked_for(ask: Ask) -> None:
    async def launch_two(dagster: DagsterClient) -> list[str]:
        return [await dagster.launch("make", checks=[("film", "plays")], tags={"two": "yes"}) for _ in range(2)]

    older, newer = ask(launch_two)
    assert [run.id for run in ask(lambda dagster: dagster.runs({"two": "yes"}))] == [newer, older]
    assert [run.id for run in ask(lambda dagster: dagster.runs({"two": "yes"}, limit=1))] == [newer]


def test_a_run_of_an_episode_that_dagster_does_not_know_is_taken_and_fails(ask: Ask, ui: DagsterUI) -> None:
    run_id = ask(lambda dagster: dagster.launch("make", assets=["film"], partition="moonlit-e099"))
    assert ui.finished(run_id).status == "FAILURE"


def test_a_run_that_is_at_work_ends_when_it_is_told_to_and_only_then(ask: Ask, ui: DagsterUI) -> None:
    run_id = ask(lambda dagster: dagster.launch("endless"))

    def is_at_work() -> bool | None:
        return ask(lambda dagster: dagster.run(run_id)).status is RunStatus.STARTED or None

    poll(is_at_work, "the endless run", seconds=60)
    assert ask(lambda dagster: dagster.terminate(run_id)) is None
    assert ui.finished(run_id).status == "CANCELED"
    assert ask(lambda dagster: dagster.run(run_id)).status.is_finished
    with pytest.raises(DagsterRefusedError, match="CANCELED") as refused:
        ask(lambda dagster: dagster.terminate(run_id))
    assert refused.value.details == {"reason": "TerminateRunFailure"}


REFUSALS: dict[str, tuple[Question, str, str]] = {
    "a job that is not there": (lambda dagster: dagster.launch("no_job"), "PipelineNotFoundError", "no_job"),
    "an asset that is not there": (
        lambda dagster: dagster.launch("make", assets=["no_asset"]),
        "InvalidSubsetError",
        "no_asset",
    ),
    "a check that is not there": (
        lambda dagster: dagster.launch("make", checks=[("film", "no_check")]),
        "InvalidSubsetError",
        "no_check",
    ),
    "a config that does not fit": (
        lambda dagster: dagster.launch("make", config={"resources": {"wanted": {"config": {"shotz": []}}}}),
        "RunConfigValidationInvalid",
        "shotz.* at path root:resources:wanted:config",
    ),
    "the end of a run that is not there": (lambda dagster: dagster.terminate(NO_RUN), "RunNotFoundError", NO_RUN),
    "a backfill of a job that is not there": (
        lambda dagster: dagster.backfill_job("no_job", EPISODES),
        "PartitionSetNotFoundError",
        "no_job",
    ),
    "a job's backfill of an episode that is not there": (
        lambda dagster: dagster.backfill_job("make", ["moonlit-e099"]),
        "PartitionKeysNotFoundError",
        "moonlit-e099",
    ),
    "a backfill of an episode that is not there": (
        lambda dagster: dagster.backfill_assets(["film"], ["moonlit-e099"]),
        "PartitionKeysNotFoundError",
        "moonlit-e099",
    ),
}


@pytest.mark.parametrize(("question", "reason", "words"), REFUSALS.values(), ids=REFUSALS)
def test_what_dagster_refuses_is_told_with_its_reason(ask: Ask, question: Question, reason: str, words: str) -> None:
    with pytest.raises(DagsterRefusedError, match=words) as refused:
        ask(question)
    assert refused.value.code == "ERR_DAGSTER_REFUSED"
    assert refused.value.details == {"reason": reason}


def test_what_is_not_there_is_none(ask: Ask) -> None:
    assert ask(lambda dagster: dagster.run(NO_RUN)) is None
    assert ask(lambda dagster: dagster.backfill("nothing")) is None


def test_dagsters_processes_tell_how_they_are(ask: Ask) -> None:
    before = datetime.now(UTC)
    daemons = {daemon.type: daemon for daemon in ask(lambda dagster: dagster.daemons())}
    assert {"SENSOR", "SCHEDULER", "BACKFILL", "QUEUED_RUN_COORDINATOR"} <= set(daemons)
    assert all(daemon.healthy and daemon.errors == () for daemon in daemons.values() if daemon.required)
    beat = daemons["SENSOR"].last_beat
    assert beat is not None
    assert beat <= before
    assert ask(lambda dagster: dagster.location()) == CodeLocation(LocationState.LOADED)
    assert ask(lambda dagster: dagster.version()) == dg.__version__


def test_several_questions_are_asked_at_once(ask: Ask) -> None:
    async def all_of_them(dagster: DagsterClient) -> list[Any]:
        return list(await asyncio.gather(*(dagster.run(NO_RUN) for _ in range(20)), dagster.version()))

    assert ask(all_of_them) == [None] * 20 + [dg.__version__]


@pytest.mark.parametrize(("kind", "materialized"), [("assets", ["film"]), ("job", ["pictures", "film"])])
def test_a_backfill_makes_each_of_its_episodes(
    ask: Ask, ui: DagsterUI, backfills: dict[str, str], kind: str, materialized: list[str]
) -> None:
    def runs() -> list[Run] | None:
        found: list[Run] = ask(lambda dagster: dagster.runs({"dagster/backfill": backfills[kind], "by": kind}))
        return found if len(found) == len(EPISODES) else None

    found = poll(runs, "the backfill's runs", seconds=90)
    assert sorted(run.tags["dagster/partition"] for run in found) == EPISODES
    for run in found:
        seen = ui.succeeded(run.id)
        assert seen.materialized == materialized
        assert kind == "assets" or "shots: [8]" in [event["message"] for event in seen.of_type("LogMessageEvent")]
    backfill = ask(lambda dagster: dagster.backfill(backfills[kind]))
    assert (backfill.id, backfill.partitions, backfill.error) == (backfills[kind], len(EPISODES), "")
    assert backfill.status in (BackfillStatus.REQUESTED, BackfillStatus.COMPLETED_SUCCESS)
