"""The job `remake_shots`, launched from the UI with a provider that takes money."""

from typing import Any

import pytest
import sqlalchemy as sa
from support.dagster_ui import DagsterUI
from support.instance import Instance, requests_of
from support.quick_provider import PRICE_MICROS, Steering

from aianime_pipeline.production.runs import cost_micros

pytestmark = pytest.mark.instance

SHOTS = range(1, 5)


def request(**values: Any) -> dict[str, Any]:
    return {"resources": {"request": {"config": values}}}


def test_one_shot_is_made_again_and_paid_for_once_however_often_the_run_is_re_executed(
    instance: Instance, ui: DagsterUI, steering: Steering
) -> None:
    [episode] = instance.put_shots("retake", len(SHOTS))
    with steering.charging():
        ui.succeeded(ui.launch("make_episode", episode))
        before = takes_of(instance, episode)
        assert {number for number, _ in before.values()} == {1}
        film_before = ui.materializations("composite_films", episode)[0]

        remade = ui.succeeded(ui.launch("remake_shots", episode, config=request(shots=[2], force=True)))
        after = takes_of(instance, episode)
        assert instance.asked_for(episode) == sorted(requests_of(episode, SHOTS) + requests_of(episode, [2]))
        for (shot, stage), (number, digest) in after.items():
            if shot == 2:
                assert number == 2, stage
            else:
                assert (number, digest) == before[shot, stage]
        pictures = [(2, "image"), (2, "video")]
        assert all(after[one][1] != before[one][1] for one in pictures)
        assert paid(instance, remade.document["runId"]) == 3 * PRICE_MICROS

        again = ui.succeeded(ui.run_again(remade.document["runId"], "ALL_STEPS"))
        assert again.document["rootRunId"] == remade.document["runId"]
        assert takes_of(instance, episode) == after
        assert instance.asked_for(episode) == sorted(requests_of(episode, SHOTS) + requests_of(episode, [2]))
        assert paid(instance, again.document["runId"]) == 0

    versions = [data_version(one) for one in ui.materializations("composite_films", episode)]
    assert len(versions) == 3
    assert versions[0] == versions[1] != data_version(film_before)


def test_remaking_without_naming_a_shot_is_refused_before_anything_is_asked_for(
    instance: Instance, ui: DagsterUI
) -> None:
    [episode] = instance.put_shots("nothing-named", 2)
    refused = ui.finished(ui.launch("remake_shots", episode))
    assert refused.status == "FAILURE"
    assert "resources.request.config.shots" in "".join(refused.failures.values()), refused.told()
    assert instance.asked_for(episode) == []


def takes_of(instance: Instance, episode: str) -> dict[tuple[int, str], tuple[int, str]]:
    """Shot and stage → number and object of the selected take."""
    query = """
        SELECT shots.number, shot_stages.stage, takes.number, takes.object_digest
        FROM takes JOIN shot_stages ON shot_stages.selected_take_id = takes.id
        JOIN shots ON shots.id = shot_stages.shot_id JOIN episodes ON episodes.id = shots.episode_id
        WHERE episodes.key = :key
    """
    with instance.place.database.read() as session:
        rows = session.execute(sa.text(query), {"key": episode}).all()
    return {(shot, stage): (number, digest) for shot, stage, number, digest in rows}


def paid(instance: Instance, run_id: str) -> int:
    with instance.place.database.read() as session:
        return cost_micros(session, run_id)


def data_version(materialization: dict[str, Any]) -> str:
    tags = {tag["key"]: tag["value"] for tag in materialization["tags"]}
    return str(tags["dagster/data_version"])
