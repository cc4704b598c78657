"""A story over real HTTP: through the adapter, from a server that is told what to answer."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fakes import openai_like as fake
from fakes.vendor import Vendor
from support.planned_episodes import ferry_episode

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.adapters.openai_like import OpenAiLike
from aianime_pipeline.providers.capabilities import Capability, TextRequest
from aianime_pipeline.providers.vendor import Call, Model, ProviderSettings
from aianime_pipeline.storyboard.model import Storyboard
from aianime_pipeline.storytelling.boarding import board_episode
from aianime_pipeline.storytelling.breakdown import break_down
from aianime_pipeline.storytelling.forms import AskText

PROSE = "夜里的渡口没有人。\n林夏说：“是谁点的灯？”\n沈渡答：“是你自己。”\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Vendor]:
    with Vendor("openai_like") as vendor:
        yield vendor


@pytest.fixture
def vendor(server: Vendor) -> Vendor:
    server.order()
    return server


@pytest.fixture
def asking(vendor: Vendor) -> Iterator[Callable[..., AskText]]:
    """An `AskText` of the server's model, with options of it."""
    adapter = OpenAiLike(ProviderSettings("oa", "openai", f"{vendor.address}/v1", {"api_key": fake.KEY}))

    def of(**options: Any) -> AskText:
        model = Model("oa/story", "oa", Capability.TEXT, fake.TEXT_MODEL, options)

        def ask(request: TextRequest) -> str:
            answer = adapter.submit(Call(model, request, "r"))
            if answer.text is None:
                raise ProviderError(answer.error, kind=str(answer.error_kind))
            return answer.text

        return ask

    yield of
    adapter.http.close()


def board(model: AskText) -> Storyboard:
    return board_episode(model, ferry_episode(), model_name="oa/story", project="p", language="zh")


def forms(vendor: Vendor, since: int) -> list[str | None]:
    sent = vendor.requests("submit")[since:]
    return [one["body"].get("response_format", {}).get("type") for one in sent]


@pytest.mark.parametrize("options", [{}, {"structured": "json_object"}, {"structured": "plain"}])
def test_an_episode_is_drawn_up_whatever_form_the_server_takes(
    vendor: Vendor, asking: Callable[..., AskText], options: dict[str, str]
) -> None:
    before = len(vendor.requests("submit"))
    storyboard = board(asking(**options))
    assert {plan.by for plan in storyboard.planned_by} == {"oa/story"}
    expected = {"json_object": "json_object", "plain": None}.get(options.get("structured", ""), "json_schema")
    assert forms(vendor, before) == [expected] * 4


def test_prose_is_broken_down_and_costs_what_the_server_charges(vendor: Vendor, asking: Callable[..., AskText]) -> None:
    before = len(vendor.ledger)
    told = break_down(asking(), PROSE)
    (episode,) = told.screenplay.episodes
    assert [block.text for block in episode.scenes[0].blocks] == ["夜里的渡口没有人。", "是谁点的灯？", "是你自己。"]
    assert len(vendor.ledger) == before + 1


def test_a_gateway_that_refuses_schemas_is_asked_for_json_from_then_on(
    vendor: Vendor, asking: Callable[..., AskText]
) -> None:
    refusal = {
        "error": {"message": "This model does not support response_format json_schema", "type": "invalid_request"}
    }
    vendor.order({"on": "submit", "kind": "answer", "status": 400, "body": refusal})
    before, paid = len(vendor.requests("submit")), len(vendor.ledger)
    assert {plan.by for plan in board(asking()).planned_by} == {"oa/story"}
    assert forms(vendor, before) == ["json_schema"] + ["json_object"] * 4
    assert len(vendor.ledger) == paid + 4
    told = vendor.requests("submit")[-1]["body"]["messages"]
    assert "json schema" in told[0]["content"]
    assert "林夏" not in told[0]["content"]


def test_a_broken_answer_is_mended_over_http(vendor: Vendor, asking: Callable[..., AskText]) -> None:
    broken = {"choices": [{"message": {"role": "assistant", "content": '{"shots": ['}, "finish_reason": "length"}]}
    vendor.order({"on": "submit", "kind": "answer", "status": 200, "body": broken})
    before = len(vendor.requests("submit"))
    assert {plan.by for plan in board(asking()).planned_by} == {"oa/story"}
    assert "breaks off before its end" in vendor.requests("submit")[before + 1]["body"]["messages"][1]["content"]


def test_a_server_that_refuses_the_key_leaves_the_planner(vendor: Vendor, asking: Callable[..., AskText]) -> None:
    refusal = {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}
    vendor.order({"on": "submit", "kind": "answer", "status": 401, "body": refusal, "times": None})
    storyboard = board(asking())
    assert {plan.by for plan in storyboard.planned_by} == {"planner"}
    assert "Incorrect API key" in storyboard.notices[0].message
