"""The example episode by the built-in provider, with the AI reviewer at every stage: nothing is falsely rejected."""

from pathlib import Path

import pytest
from support.making import NAMES, Studio
from support.quick_provider import Steering
from support.review_studio import ai_records

from aianime_pipeline.production.assets.references import make_references
from aianime_pipeline.production.importing import import_file
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.reviews.ai import review_stage
from aianime_pipeline.production.runs import StageName, stage_run
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.production.shots.work import StageWork
from aianime_pipeline.production.storyboards.keeping import bring_storyboard_up_to_date

pytestmark = pytest.mark.whole

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "moonlit-ferry.txt"


@pytest.fixture
def kind() -> str:
    """The database is no matter here."""
    return "sqlite"


def test_the_built_in_providers_usual_results_pass_the_built_in_reviewer(place: Installation, tmp_path: Path) -> None:
    studio = Studio(place, Steering(tmp_path / "steering"))
    import_file(place, EXAMPLE, project="p")
    studio.set_project(width=854, height=480, review_image="ai", review_video="ai", review_voice="ai")
    episode = studio.episode
    bring_storyboard_up_to_date(place, episode.id)
    run = studio.run()
    with stage_run(place.database, run, episode.id, StageName.REFERENCES) as progress:
        assert not [made for made in make_references(place, run, progress) if made.failed]
    for stage in Stage:
        with stage_run(place.database, run, episode.id, NAMES[stage]) as progress:
            made = list(StageWork(place, run, stage, progress).results())
        found = review_stage(place, run, stage)
        assert [(shot.shot, shot.verdict, shot.reasons) for shot in found.shots if not shot.passed] == []
        assert found.reviewed == sum(result.take is not None for result in made) > 10
    scores = [record.score for record in ai_records(studio)]
    assert min(score for score in scores if score is not None) >= 80
