"""One small Dagster for all tests of this folder that want a real one."""

from collections.abc import Iterator

import pytest
from support.dagster_ui import DagsterUI
from support.tiny_dagster import tiny_dagster


@pytest.fixture(scope="package")
def dagster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with tiny_dagster(tmp_path_factory.mktemp("tiny")) as url:
        ui = DagsterUI(url)
        for episode in ("moonlit-e001", "moonlit-e002"):
            ui.add_partition(episode)
        yield url
