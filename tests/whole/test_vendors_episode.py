"""From prose to film and ZIP with vendors for everything but the music, through Dagster: what it cost is to the cent
what the vendors charged."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fakes import minimax, openai_like
from fakes.vendor import Vendor
from support.commands import Commands
from support.finished_episodes import FinishedEpisode, check_all

from aianime_pipeline.db.models import Generation, ProviderUsage

pytestmark = pytest.mark.whole

PROSE = """　　清晨的雾还没有散，林夏站在渡口等船。水面上漂来一只空船，船头挂着一只铜铃。

　　“这是阿萤的铃铛。”林夏低声说。

　　老周从茶铺里探出头来。“姑娘，河上的事问不得。”老周说。

　　林夏没有回头，她解开缆绳，跳上了船。铜铃响了一声，雾里有人叫她的名字。
"""

CONFIGURATION = """
[providers.ark]
kind = "ark"
base_url = "{ark}"
api_key_env = "ARK_KEY"
concurrency = 4

[providers.ark.models.seedream]
capability = "image"
model = "ep-seedream"
options = {{ pixels = [921600, 4000000] }}
prices = [{{ from = 2026-01-01, currency = "CNY", per_image = "0.25" }}]

[providers.ark.models.seedance]
capability = "video"
model = "ep-seedance"
options = {{ durations = [4, 12], resolution = "480p" }}
prices = [{{ from = 2026-01-01, currency = "CNY", per_1m_tokens_out = "16" }}]

[providers.minimax]
kind = "minimax"
base_url = "{minimax}"
api_key_env = "MINIMAX_KEY"

[providers.minimax.models.speech]
capability = "speech"
model = "speech-2.8-hd"
options = {{ voices = {{ female = "female-chengshu", male = "male-qn-jingying", default = "male-qn-qingse" }} }}
prices = [{{ from = 2026-01-01, currency = "CNY", per_1k_characters = "0.2" }}]

[providers.text]
kind = "openai"
base_url = "{text}/v1"
api_key_env = "TEXT_KEY"

[providers.text.models.chat]
capability = "text"
model = "{text_model}"
prices = [{{ from = 2026-01-01, currency = "USD", per_1m_tokens_in = "1", per_1m_tokens_out = "4" }}]

[routes]
image = ["ark/seedream"]
video = ["ark/seedance"]
speech = ["minimax/speech"]
text = ["text/chat"]
"""


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, Vendor]]:
    with Vendor("ark") as ark, Vendor("minimax") as speech, Vendor("openai_like") as text:
        yield {"ark": ark, "minimax": speech, "text": text}


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory, vendors: dict[str, Vendor]) -> Commands:
    found = Commands(tmp_path_factory.mktemp("vendors"))
    home = Path(found.environment["AIANIME_HOME"])
    home.mkdir()
    addresses = {name: one.address for name, one in vendors.items()}
    (home / "aianime.toml").write_text(CONFIGURATION.format(**addresses, text_model=openai_like.TEXT_MODEL), "utf-8")
    found.environment |= {"ARK_KEY": "sk-ark-key", "MINIMAX_KEY": minimax.KEY, "TEXT_KEY": openai_like.KEY}
    return found


@pytest.fixture(scope="module")
def made(commands: Commands) -> Any:
    commands("project", "river", "--size", "480p")
    commands("budget", "set", "100", "--project", "river", "--period", "total")
    commands("budget", "set", "5", "--project", "river", "--period", "total", "--currency", "USD")
    imported = commands("import", commands.write("river.txt", PROSE), "--project", "river")
    assert imported["episodes"] == ["river-e001"]
    return commands("make", "river-e001")


def usage_of(commands: Commands) -> list[ProviderUsage]:
    with commands.place.database.read() as session:
        return list(session.scalars(sa.select(ProviderUsage).order_by(ProviderUsage.id)))


def test_the_providers_answer_before_anything_is_spent(commands: Commands, vendors: dict[str, Vendor]) -> None:
    found = commands("providers", "check")
    assert [one["usable"] for one in found["models"]] == [True] * 4, found
    assert [one.ledger for one in vendors.values()] == [[], [], []]


def test_prose_becomes_a_film_and_a_package(commands: Commands, made: Any) -> None:
    assert (made["status"], made["problems"]) == ("done", [])
    check_all(FinishedEpisode(commands, made))


def test_what_it_cost_is_to_the_cent_what_the_vendors_charged(
    commands: Commands, made: Any, vendors: dict[str, Vendor]
) -> None:
    paid: Counter[str] = Counter()
    for row in usage_of(commands):
        paid[row.provider] += row.cost_micros
    assert {name: paid[name] for name in vendors} == {name: one.charged_micros for name, one in vendors.items()}
    assert all(paid[name] > 0 for name in vendors)
    assert {row.currency for row in usage_of(commands) if row.provider == "text"} == {"USD"}


def test_the_budget_says_the_same(commands: Commands, made: Any, vendors: dict[str, Vendor]) -> None:
    budgets = {one["currency"]: one for one in commands("budget", "list")["budgets"]}
    yuan = vendors["ark"].charged_micros + vendors["minimax"].charged_micros
    for currency, charged in (("CNY", yuan), ("USD", vendors["text"].charged_micros)):
        assert (budgets[currency]["spent_micros"], budgets[currency]["reserved_micros"]) == (charged, 0)


def test_shots_carry_the_references_and_clips_their_first_frame(made: Any, vendors: dict[str, Vendor]) -> None:
    pictures = [one["body"] for one in vendors["ark"].requests("submit") if one["path"].endswith("/images/generations")]
    with_references = [body for body in pictures if body.get("image")]
    assert with_references
    assert all("Reference image 1 is the" in body["prompt"] for body in with_references)
    clips = [one["body"] for one in vendors["ark"].requests("submit") if one["path"].endswith("/tasks")]
    assert clips
    assert all([part.get("role") for part in body["content"]].count("first_frame") == 1 for body in clips)


def test_a_second_make_asks_nobody(commands: Commands, made: Any, vendors: dict[str, Vendor]) -> None:
    before = [len(one.requests("submit")) for one in vendors.values()]
    assert commands("make", "river-e001")["status"] == "done"
    assert [len(one.requests("submit")) for one in vendors.values()] == before


def test_no_key_is_in_the_database_or_in_dagsters_events(commands: Commands, made: Any) -> None:
    home = Path(commands.environment["AIANIME_HOME"])
    keys = [commands.environment[name].encode() for name in ("ARK_KEY", "MINIMAX_KEY", "TEXT_KEY")]
    looked = [path for path in home.rglob("*") if path.is_file() and "cache" not in path.parts]
    assert any(path.suffix == ".db" for path in looked)
    assert not [path for path in looked if any(key in path.read_bytes() for key in keys)]


def test_nothing_is_left_open(commands: Commands, made: Any) -> None:
    with commands.place.database.read() as session:
        states = set(session.scalars(sa.select(Generation.state).distinct()))
    assert states == {"succeeded"}
