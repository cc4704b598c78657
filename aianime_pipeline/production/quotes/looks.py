"""What a look of the vision model at a take that is not there yet is going to be: for quotes."""

from typing import Literal

from aianime_pipeline.db.models import Project
from aianime_pipeline.production.reviews.opinions import in_words, shown_assets
from aianime_pipeline.production.shots.requests import AssetsByName
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.providers.capabilities import PictureReviewRequest
from aianime_pipeline.reviewing.rubric import expected_question
from aianime_pipeline.reviewing.showing import words_of_shown
from aianime_pipeline.storyboard.model import Shot


def expected_look(project: Project, shot: Shot, stage: Stage, assets: AssetsByName) -> PictureReviewRequest:
    """The question without its pictures, of which the price knows only how many they are."""
    kind: Literal["image", "video"] = "image" if stage is Stage.IMAGE else "video"
    named = [(of, name) for of, name, _ in shown_assets(shot, assets)]
    return expected_question(
        kind,
        words_of_shown(kind, named),
        shot=in_words(project, shot, stage, assets),
        language=project.language,
        own_rules=project.review_rubric,
    )
