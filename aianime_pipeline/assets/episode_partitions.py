"""The one partitions set of all assets. An import adds an episode's key to it."""

import dagster as dg

from aianime_pipeline.partitions import PARTITIONS_NAME

episodes = dg.DynamicPartitionsDefinition(name=PARTITIONS_NAME)

OWNERS = ["team:studio"]
