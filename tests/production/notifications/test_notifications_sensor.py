import dagster as dg
import pytest
import sqlalchemy as sa
from fakes.vendor import Vendor
from support.channels import add, inside, say, states

from aianime_pipeline.db.engine import Database
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.sensors import ALL_SENSORS
from aianime_pipeline.sensors import notifications as sensor_module


def test_a_tick_sends_what_is_due_and_says_so(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensor_module, "installation", lambda: inside(place))
    with Vendor("receiver") as receiver, dg.DagsterInstance.ephemeral() as instance:
        add(inside(place), "c", "slack", f"{receiver.address}/slack/token")
        say(place, "a")
        context = dg.build_sensor_context(instance=instance)
        told = [sensor_module.notices_to_channels(context) for _ in range(2)]
        assert [one.skip_message for one in told if isinstance(one, dg.SkipReason)] == [
            "1 notices were handed to channels, 1 messages were sent.",
            "Nothing was told that a channel carries, and nothing is due.",
        ]
        assert states(place) == ["sent"]


def test_a_tick_that_cannot_ask_the_database_is_a_failed_one(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.database = Database("postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setattr(sensor_module, "installation", lambda: place)
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(sa.exc.OperationalError):
        sensor_module.notices_to_channels(dg.build_sensor_context(instance=instance))


def test_the_sensor_runs_unless_it_is_stopped() -> None:
    assert sensor_module.notices_to_channels in ALL_SENSORS
    assert sensor_module.notices_to_channels.default_status is dg.DefaultSensorStatus.RUNNING
