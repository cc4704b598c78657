"""The one partitions set of all assets. An import adds an episode's key to it."""

import warnings

import dagster as dg
from dagster_shared.utils.warnings import PreviewWarning

from aianime_pipeline.partitions import PARTITIONS_NAME

episodes = dg.DynamicPartitionsDefinition(name=PARTITIONS_NAME)

OWNERS = ["team:studio"]


def episode_check(name: str, asset: str, description: str, *, blocking: bool = False) -> dg.AssetCheckSpec:
    """A check whose result is kept for each episode, not only for the one that was looked at last. A `blocking` one is
    done before what is made from the asset is begun; only an ERROR of it stops that.

    Partitioned checks are a preview in Dagster 1.13, which is pinned exactly; the tests of a running instance show
    that runs, backfills and the UI's queries take them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PreviewWarning)
        return dg.AssetCheckSpec(name, asset=asset, description=description, blocking=blocking, partitions_def=episodes)
