"""Which selected takes are out of date: made from something else than they would be made from now."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Storyboard
from aianime_pipeline.production.episodes import load_shots
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.requests import load_assets, stage_inputs
from aianime_pipeline.production.stages import Stage


def spoken_language(session: Session, episode: Episode) -> str:
    """The language of the episode's dialogue: the storyboard's, else the project's."""
    storyboard = session.scalar(sa.select(Storyboard).where(Storyboard.episode_id == episode.id))
    language = storyboard.document.get("language") if storyboard is not None else None
    return str(language or episode.project.language)


def out_of_date_shots(place: Installation, session: Session, episode: Episode) -> dict[Stage, list[int]]:
    """Shots by stage whose selected take is not current; a stage without any is not named."""
    assets = load_assets(session, episode.id)
    language = spoken_language(session, episode)
    found: dict[Stage, list[int]] = {}
    for view in load_shots(session, episode.id):
        for stage in view.wanted:
            take = view.stages[stage].take if stage in view.stages else None
            if take is None:
                continue
            inputs = stage_inputs(place, episode.project, view, stage, assets, language)
            if not inputs.made(take.inputs_digest):
                found.setdefault(stage, []).append(view.number)
    return found
