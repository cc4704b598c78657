"""The service with several processes: whichever is asked tells the requests of all."""

import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.api_process import api_process

from aianime_pipeline.production.installation import Installation


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_two_workers_count_the_requests_of_both(place: Installation, tmp_path: Path) -> None:
    with api_process(place, tmp_path / "api.log", workers=2) as served:

        def ask(path: str) -> str:
            # A connection each, so that both workers get some.
            with urllib.request.urlopen(f"http://127.0.0.1:{served.port}{path}", timeout=20) as answer:
                return str(answer.read().decode())

        for _ in range(40):
            ask("/readyz")
        for _ in range(6):
            families = {one.name: one for one in text_string_to_metric_families(ask("/metrics"))}
            counted = [
                one.value
                for one in families["aianime_http_request_duration_seconds"].samples
                if one.name.endswith("_count") and one.labels["route"] == "/readyz"
            ]
            assert counted == [40]
