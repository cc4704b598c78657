"""Channels, notices and a clock for tests that send."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from aianime_pipeline.db.models import Channel, Delivery
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notices.telling import tell
from aianime_pipeline.production.notifications.channels import ChannelOptions, add_channel

SECRET_VARIABLE = "RECEIVERS_SECRET"


class Clock:
    """Stands still until it is moved. It is a minute ahead, so that what a test tells is due."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC) + timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


def inside(place: Installation, **settings: Any) -> Installation:
    """The installation with webhooks inside the network allowed: the receivers of these tests are there."""
    place.settings = replace(place.settings, webhooks_inside=True, **settings)
    return place


def add(place: Installation, name: str, kind: str, address: str, **options: Any) -> Channel:
    if kind in ("webhook", "feishu", "dingtalk"):
        options.setdefault("secret_variable", SECRET_VARIABLE)
    with place.database.write() as session:
        return add_channel(
            session,
            name,
            kind,
            ChannelOptions(address, **options),
            created_by="li",
            inside=place.settings.webhooks_inside,
        )


def say(place: Installation, *texts: str, kind: str = "budget", **values: Any) -> None:
    """Notices, each told once by its text."""
    for text in texts:
        with place.database.write() as session:
            assert tell(session, key=f"{kind}:{text}"[:200], kind=kind, text=text, **values)


def deliveries(place: Installation) -> list[Delivery]:
    with place.database.read() as session:
        return list(session.scalars(sa.select(Delivery).order_by(Delivery.id)))


def states(place: Installation) -> list[str]:
    return [row.state for row in deliveries(place)]
