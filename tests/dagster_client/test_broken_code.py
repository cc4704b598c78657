"""Where our code cannot be loaded, the web server still answers, and says why."""

from pathlib import Path

import pytest
from support.tiny_dagster import tiny_dagster

from aianime_pipeline.dagster_client.client import ask_dagster
from aianime_pipeline.dagster_client.model import LocationState
from aianime_pipeline.errors import DagsterRefusedError, DagsterUnknownError

pytestmark = pytest.mark.instance


def test_code_that_cannot_be_loaded_is_told_with_its_reason_and_nothing_of_it_is_launched(tmp_path: Path) -> None:
    (tmp_path / "broken_code.py").write_text("raise RuntimeError('no paint is left')\n")
    with tiny_dagster(tmp_path, module="broken_code", state=LocationState.FAILED) as url:
        assert "no paint is left" in ask_dagster(url, lambda dagster: dagster.location()).error
        with pytest.raises(DagsterRefusedError) as refused:
            ask_dagster(url, lambda dagster: dagster.launch("make"))
        assert refused.value.details == {"reason": "PipelineNotFoundError"}
        with pytest.raises(DagsterUnknownError, match="DagsterCodeLocationLoadError"):
            ask_dagster(url, lambda dagster: dagster.launch("make", assets=["film"]))
        assert ask_dagster(url, lambda dagster: dagster.runs({})) == []
