"""Which selected takes are out of date: made from something else than they would be made from now."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Storyboard
from aianime_pipeline.production.episodes.rows import ShotView, load_shots
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.shots.requests import Inputs, load_assets, stage_inputs
from aianime_pipeline.production.shots.stages import Stage

_LANGUAGE = sa.select(Storyboard.document["language"].as_string()).where(
    Storyboard.episode_id == sa.bindparam("episode")
)


def spoken_language(session: Session, episode: Episode) -> str:
    """The language of the episode's dialogue: the storyboard's, else the project's."""
    return session.scalar(_LANGUAGE, {"episode": episode.id}) or episode.project.language


def out_of_date_shots(place: Installation, session: Session, episode: Episode) -> dict[Stage, list[int]]:
    """Shots by stage whose selected take is not current; a stage without any is not named."""
    now_so = InputsNow(place, session, episode)
    found: dict[Stage, list[int]] = {}
    for view in load_shots(session, episode.id):
        for stage in now_so.out_of_date(view):
            found.setdefault(stage, []).append(view.number)
    return found


class InputsNow:
    """What an episode's shots would be made from now."""

    def __init__(self, place: Installation, session: Session, episode: Episode) -> None:
        self._place = place
        self._project = episode.project
        self._assets = load_assets(session, episode.id)
        self._language = spoken_language(session, episode)

    def out_of_date(self, view: ShotView) -> list[Stage]:
        """The stages of the shot whose selected take was made from something else."""
        return [
            stage
            for stage in view.wanted
            if stage in view.stages
            and (take := view.stages[stage].take) is not None
            and not self._of(view, stage).made(take.inputs_digest)
        ]

    def _of(self, view: ShotView, stage: Stage) -> Inputs:
        return stage_inputs(self._place, self._project, view, stage, self._assets, self._language)
