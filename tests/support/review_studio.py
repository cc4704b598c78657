"""A studio whose takes are looked at by AI reviewers: real pictures in them, and a vision model that is not there."""

import base64
from pathlib import Path
from typing import Any

from support.making import Studio
from support.review_media import SIZE
from support.stories import shot

from aianime_pipeline.db.models import ReviewRecord, Take
from aianime_pipeline.production.generations import remember_object
from aianime_pipeline.production.reviews.ai import ShotReview, StageReview, review_stage
from aianime_pipeline.production.runs import Run
from aianime_pipeline.production.shots.stages import Stage

EYE = """
[providers.oa]
kind = "openai"
base_url = "{address}/open/v1"
timeout_seconds = 20

[providers.oa.models.eye]
capability = "picture_review"
model = "gpt-fake"
prices = [{{ from = 2026-01-01, currency = "CNY", per_1m_tokens_in = "1", per_1m_tokens_out = "4" }}]

[routes]
picture_review = ["oa/eye"]
"""
_TYPES = {".png": "image/png", ".mp4": "video/mp4", ".wav": "audio/wav"}


def with_eye(studio: Studio, address: str) -> Studio:
    """Before anything is asked of the studio."""
    (studio.place.settings.home / "aianime.toml").write_text(EYE.format(address=address), encoding="utf-8")
    return studio


def reviewing(studio: Studio, folder: Path, shots: object = 1, **options: Any) -> Studio:
    """An episode in the size of the media here, whose images the AI reviewer looks at."""
    studio.storyboard(folder, shots)
    studio.set_project(**{"width": SIZE[0], "height": SIZE[1], "review_image": "ai", **options})
    return studio


def lay(studio: Studio, number: int, path: Path, stage: Stage = Stage.IMAGE) -> None:
    """Put a file in place of what the provider made, into the shot's selected take."""
    stored = studio.place.store.put_file(path, _TYPES[path.suffix])
    with studio.place.database.write() as session:
        remember_object(session, stored)
        take = session.get_one(Take, studio.stage_row(number, stage).selected_take_id)
        take.object_digest = stored.digest


def reviewed(studio: Studio, stage: Stage = Stage.IMAGE, run: Run | None = None) -> StageReview:
    return review_stage(studio.place, run or studio.run(), stage)


def one(found: StageReview) -> ShotReview:
    [review] = found.shots
    return review


def ai_records(studio: Studio) -> list[ReviewRecord]:
    return [record for record in studio.rows(ReviewRecord) if record.kind == "ai"]


def described(words: str) -> list[dict[str, Any]]:
    """One shot with these words in its description."""
    return [shot(1, 画面描述=f"A ferry. {words}")]


def sent_pictures(request: dict[str, Any]) -> list[bytes]:
    """The pictures of a request to the vision model, as they came in."""
    text, *pictures = request["body"]["messages"][-1]["content"]
    assert text["type"] == "text"
    urls = [one["image_url"]["url"] for one in pictures]
    assert all(url.startswith("data:image/jpeg;base64,") for url in urls)
    return [base64.b64decode(url.partition(",")[2], validate=True) for url in urls]
