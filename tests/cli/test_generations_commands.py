"""`aianime generations`, `providers` and `quote`: what a person and a script meet."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.command_line import CommandLine

from aianime_pipeline.cli.output import progress_display
from aianime_pipeline.db.models import Generation, Project, StageRun
from aianime_pipeline.db.models.base import now

BROKEN = """
[providers.ark]
kind = "ark"
base_url = "http://127.0.0.1:9"
api_key_env = "ARK_API_KEY"

[providers.ark.models.seedream]
capability = "image"
model = "ep-seedream"

[routes]
image = ["ark/seedream"]
"""


@pytest.fixture
def ambiguous(fresh: CommandLine) -> CommandLine:
    database = fresh.database()
    with database.write() as session:
        project = session.scalars(sa.select(Project)).one()
        session.add(
            Generation(
                project_id=project.id, capability="image", provider="ark", model="ep", route="ark/seedream",
                request_digest="0" * 64, state="ambiguous", error="the connection broke", run_id="r", worker_id="w",
            )
        )  # fmt: skip
    database.close()
    return fresh


def test_the_list_says_what_waits_for_a_persons_word(ambiguous: CommandLine) -> None:
    (found,) = ambiguous.done("generations", "list", "--state", "ambiguous", "--json").json["generations"]
    assert (found["id"], found["state"], found["error"]) == (1, "ambiguous", "the connection broke")
    assert "the connection broke" in ambiguous.done("generations", "list").out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("1",), "ERR_SETTING", "Say one of --charged and --not-charged: look it up"),
        (("1", "--charged", "--not-charged"), "ERR_SETTING", "Say one of --charged and --not-charged"),
        (("1", "--charged", "--job", "--not-charged", "--not-charged"), "ERR_SETTING", "Say one of --charged"),
        (("1", "--not-charged", "--job", "cgt-1"), "ERR_SETTING", "A job goes with `charged`"),
        (("2", "--charged"), "ERR_NOT_FOUND", "There is no generation 2"),
        (("9" * 30, "--charged"), "ERR_USAGE", "ID"),
    ],
)
def test_a_word_that_is_none_changes_nothing(
    ambiguous: CommandLine, words: tuple[str, ...], code: str, says: str
) -> None:
    ended = ambiguous.run("generations", "resolve", *words, "--json")
    assert (ended.code, ended.error["code"]) == (2, code)
    assert says in ended.error["message"]
    (found,) = ambiguous.done("generations", "list", "--json").json["generations"]
    assert (found["state"], found["resolution"]) == ("ambiguous", None)


def test_a_word_is_kept_with_the_name_of_who_gave_it(ambiguous: CommandLine) -> None:
    found = ambiguous.done("generations", "resolve", "1", "--not-charged", "--json").json
    assert (found["state"], found["resolution"]) == ("failed", "not_charged")
    assert found["resolved_by"]
    again = ambiguous.run("generations", "resolve", "1", "--charged", "--json")
    assert (again.code, again.error["code"]) == (1, "ERR_STATE")


def test_generations_of_a_project_that_is_not_there_are_no_empty_list(fresh: CommandLine) -> None:
    assert fresh.done("generations", "list", "--project", "p", "--json").json == {"generations": []}
    ended = fresh.run("generations", "list", "--project", "nope", "--json")
    assert (ended.code, ended.error["code"]) == (2, "ERR_NOT_FOUND")


def test_a_providers_file_that_is_named_and_not_there_is_told(fresh: CommandLine) -> None:
    lost = {"AIANIME_PROVIDERS_FILE": str(fresh.folder / "lost.toml")}
    ended = fresh.run("providers", "check", "--json", environment=lost)
    assert (ended.code, ended.error["code"]) == (2, "ERR_PROVIDERS_FILE")
    assert "lost.toml" in ended.error["message"]
    assert fresh.done("providers", "check", "--json").json == {"models": []}


def test_a_provider_that_does_not_answer_is_told_with_exit_code_1(fresh: CommandLine) -> None:
    Path(fresh.home, "aianime.toml").write_text(BROKEN, encoding="utf-8")
    ended = fresh.run("providers", "check", "--json", environment={"ARK_API_KEY": "sk-nobody-may-see-this"})
    (found,) = ended.json["models"]
    assert (ended.code, found["model"], found["address"], found["usable"]) == (1, "ark/seedream", False, False)
    assert any("no price for today" in words for words in found["words"])
    assert "sk-nobody-may-see-this" not in ended.out + ended.told
    assert ended.told == "", "what is asked again is no news"


def test_a_key_that_is_not_in_the_environment_is_named_before_anything_begins(fresh: CommandLine) -> None:
    Path(fresh.home, "aianime.toml").write_text(BROKEN, encoding="utf-8")
    ended = fresh.run("make", "p-e001", "--json")
    assert (ended.code, ended.error["code"]) == (2, "ERR_SETTING")
    assert "providers.ark.api_key_env names a variable that is not set" in ended.error["message"]


def test_a_budget_that_will_refuse_a_price_for_its_currency_is_told_before(fresh: CommandLine) -> None:
    price = 'prices = [{ from = 2026-01-01, currency = "CNY", per_image = "0.25" }]'
    text = BROKEN.replace('model = "ep-seedream"', f'model = "ep-seedream"\n{price}')
    Path(fresh.home, "aianime.toml").write_text(text, encoding="utf-8")
    key = {"ARK_API_KEY": "sk-nobody-may-see-this"}
    fresh.done("budget", "set", "10", "--project", "p", "--currency", "USD")
    words = "is in USD and will refuse what costs CNY"
    quoted = fresh.done("quote", "p-e001", "--json", environment=key).json
    assert words in quoted["words"]
    assert words in fresh.done("quote", "p-e001", environment=key).out
    (refused,) = quoted["refused"]
    assert (refused["currency"], refused["budget"]["currency"], refused["budget"]["hard"]) == ("CNY", "USD", True)
    ended = fresh.run("make", "p-e001", "--to", "images", "--json", environment=key)
    assert (ended.code, ended.json["status"], ended.json["refused"]) == (1, "failed", [refused])
    assert words in ended.told
    assert any("set a budget in CNY as well" in problem for problem in ended.json["problems"])
    fresh.done("budget", "set", "10", "--project", "p", "--currency", "CNY")
    assert fresh.done("quote", "p-e001", "--json", environment=key).json["refused"] == []


def step_told(step: str, **counts: Any) -> StageRun:
    shown: dict[str, Any] = dict.fromkeys(("made", "kept", "waiting", "skipped", "failed"), 0) | counts
    return StageRun(stage="images", total=4, percent=0.0, step=step, ended_at=None, **shown)


def test_what_a_stage_waits_for_is_seen_while_it_waits(capfd: pytest.CaptureFixture[str]) -> None:
    busy = "ark is busy until 10:05:12 UTC"
    with progress_display() as show:
        for step in ("", busy, busy, ""):
            show([step_told(step, made=1)])
        ended = step_told("", made=4)
        ended.ended_at = now()
        show([ended])
    assert capfd.readouterr().err.splitlines() == [
        "images: 25 %",
        f"images: 25 %, {busy}",
        "images: 25 %",
        "images: 4 made",
    ]


def test_what_costs_nothing_is_quoted_as_free(fresh: CommandLine) -> None:
    assert "free of charge" in fresh.done("quote", "p-e001").out
    found = fresh.done("quote", "p-e001", "--to", "images", "--json").json
    assert {line["capability"] for line in found["lines"]} == {"image"}
    assert fresh.run("quote", "p-e001", "--to", "film").code == 2
