"""One answer to Prometheus: what this process measured, and the figures of the whole installation.

Those come from the database, since AI calls are made in the processes of runs: they are the same from each API process.
What requests took each process measures by itself. Where the API has several, PROMETHEUS_MULTIPROC_DIR names a folder,
empty when they start, through which each of them answers for all.
"""

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from aianime_pipeline.production.figures import FiguresReader
from aianime_pipeline.production.installation import Installation
from api.metrics.cached import Cached
from api.metrics.dagster import read_dagster
from api.metrics.families import age_family, dagster_families, database_families
from api.metrics.requests import request_histogram

FIGURES_SECONDS = 10.0
_WAIT_SECONDS = 5.0
"""Less than the 10 s after which Prometheus gives up."""


class Metrics:
    def __init__(self, place: Installation, *, seconds: float = FIGURES_SECONDS) -> None:
        self._own = CollectorRegistry()
        self.requests = request_histogram(self._own)
        self._figures = _Figures(place, seconds)

    def answer(self, accept: str) -> tuple[bytes, str]:
        """The text and its type, in the form that the header `Accept` asks for."""
        encode, media_type = choose_encoder(accept)
        registry = CollectorRegistry()
        registry.register(self._figures)
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        else:
            registry.register(_Of(self._own))
            ProcessCollector(registry=registry)
        return encode(registry), media_type


class _Of(Collector):
    """What another registry has."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        yield from self._registry.collect()


class _Figures(Collector):
    def __init__(self, place: Installation, seconds: float) -> None:
        url = place.settings.dagster_url
        self._database = Cached(
            "figures of the database", FiguresReader(place.database).read, seconds=seconds, wait_seconds=_WAIT_SECONDS
        )
        self._dagster = Cached(
            "figures of Dagster", lambda: read_dagster(url), seconds=seconds, wait_seconds=_WAIT_SECONDS
        )

    def collect(self) -> Iterator[Metric]:
        self._dagster.begin()  # while the database is read
        database, dagster = self._database.get(), self._dagster.get()
        yield from database_families(database)
        yield from dagster_families(dagster)
        yield age_family(database, dagster)
