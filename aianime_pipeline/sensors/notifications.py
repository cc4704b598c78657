"""Sensor `notices_to_channels`: what people are told goes out through their channels.

A channel that refuses is no failed tick: its messages are tried again, and people are told. A database that cannot be
asked is one.
"""

import dagster as dg

from aianime_pipeline.production.installation import installation
from aianime_pipeline.production.notifications.sending import notify

INTERVAL_SECONDS = 15


@dg.sensor(
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends what people are told through the channels: chat robots, webhooks, e-mail.",
)
def notices_to_channels(_context: dg.SensorEvaluationContext) -> dg.SkipReason:
    return dg.SkipReason(notify(installation()).in_words())
