"""Shots and takes as people see them: where each stage stands, what was made, how, at what cost, and what was said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Generation, MediaObject, ProviderUsage, ReviewRecord, ShotStage, Take
from aianime_pipeline.db.models import Shot as ShotRow
from aianime_pipeline.errors import NotFoundError
from aianime_pipeline.production.assets.reading import AssetUse, assets_in_takes
from aianime_pipeline.production.episodes.rows import ShotView, load_shots
from aianime_pipeline.production.shots.currency import InputsNow
from aianime_pipeline.production.shots.stages import Stage, State


@dataclass(frozen=True)
class StageStanding:
    """Where one stage of a shot stands. A stage that no run has been at yet has no row: version 0, no take."""

    stage: Stage
    state: State
    wanted: bool
    reason: str = ""
    version: int = 0
    retakes: int = 0
    takes: int = 0
    """How many there are, failed ones too."""
    selected: Take | None = None
    out_of_date: bool = False
    """The selected take was made from something else than it would be made from now."""


@dataclass(frozen=True)
class ShotStanding:
    view: ShotView
    position: int
    """From 1, in the order of the film."""
    stages: tuple[StageStanding, ...]
    """Image, video and voice."""


@dataclass(frozen=True)
class TakeRecord:
    """A take with everything that is known of it. `cost_micros` None: it was not made by a generation of its own, or
    that has not ended, or costs were not asked for."""

    take: Take
    episode: str
    shot: int
    stage: Stage
    selected: bool
    file: MediaObject | None
    generation: Generation | None
    cost_micros: int | None
    currency: str | None
    reviews: tuple[ReviewRecord, ...]
    assets: tuple[AssetUse, ...]


_TAKES = (
    sa.select(Take.stage_id, sa.func.count())
    .join(ShotStage, ShotStage.id == Take.stage_id)
    .join(ShotRow, ShotRow.id == ShotStage.shot_id)
    .group_by(Take.stage_id)
)
_TAKES_OF_EPISODE = _TAKES.where(ShotRow.episode_id == sa.bindparam("of"))
_TAKES_OF_SHOT = _TAKES.where(ShotRow.id == sa.bindparam("of"))
_POSITION = sa.select(sa.func.count()).where(
    ShotRow.episode_id == sa.bindparam("episode"),
    ShotRow.retired.is_(False),
    ShotRow.position <= sa.select(ShotRow.position).where(ShotRow.id == sa.bindparam("shot")).scalar_subquery(),
)


def shot_standings(
    session: Session, episode: Episode, *, stage: Stage | None = None, states: Collection[State] = ()
) -> list[ShotStanding]:
    """The episode's shots in the film's order, not compared with their takes yet (`compared`). With `states` only those
    of which `stage`, or any stage where none is named, is in one of them."""
    views = load_shots(session, episode.id)
    counts = _take_counts(session, _TAKES_OF_EPISODE, episode.id)
    found = []
    for position, view in enumerate(views, start=1):
        stages = tuple(_standing(view, one, counts) for one in Stage)
        looked_at = [one for one in stages if stage is None or one.stage is stage]
        if not states or any(one.state in states for one in looked_at):
            found.append(ShotStanding(view, position, stages))
    return found


def compared(standing: ShotStanding, inputs: InputsNow) -> ShotStanding:
    """The shot with what is out of date of it: worth some milliseconds, so only of the shots that are shown."""
    late = inputs.out_of_date(standing.view)
    return replace(standing, stages=tuple(replace(one, out_of_date=one.stage in late) for one in standing.stages))


def find_shot(session: Session, episode: Episode, number: int) -> ShotStanding:
    """One shot of the storyboard, not compared with its takes yet. Raises NotFoundError."""
    view = next(iter(load_shots(session, episode.id, number=number)), None)
    if view is None:
        raise NotFoundError(f"There is no shot {number} in {episode.key}.", shot=number)
    position = session.scalar(_POSITION, {"episode": episode.id, "shot": view.row_id}) or 1
    counts = _take_counts(session, _TAKES_OF_SHOT, view.row_id)
    return ShotStanding(view, position, tuple(_standing(view, one, counts) for one in Stage))


def takes_of(session: Session, episode: Episode, shot: int, stage: Stage, *, costs: bool = True) -> list[TakeRecord]:
    """The newest first. Raises NotFoundError for a shot that the episode never had; of one that was removed they are
    there still."""
    row = session.scalar(sa.select(ShotRow).where(ShotRow.episode_id == episode.id, ShotRow.number == shot))
    if row is None:
        raise NotFoundError(f"There is no shot {shot} in {episode.key}.", shot=shot)
    takes = session.scalars(
        sa.select(Take)
        .join(ShotStage, ShotStage.id == Take.stage_id)
        .where(ShotStage.shot_id == row.id, ShotStage.stage == stage.value)
        .order_by(Take.number.desc())
    ).all()
    return _records(session, episode.project_id, takes, costs=costs)


def find_take(session: Session, take_id: int, *, costs: bool = True) -> TakeRecord:
    """Raises NotFoundError."""
    found = session.execute(
        sa.select(Take, Episode.project_id)
        .join(ShotStage, ShotStage.id == Take.stage_id)
        .join(ShotRow, ShotRow.id == ShotStage.shot_id)
        .join(Episode, Episode.id == ShotRow.episode_id)
        .where(Take.id == take_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError(f"There is no take {take_id}.", take=take_id)
    take, project_id = found
    return _records(session, project_id, [take], costs=costs)[0]


def _standing(view: ShotView, stage: Stage, counts: dict[int, int]) -> StageStanding:
    wanted = stage in view.wanted
    found = view.stages.get(stage)
    if found is None:
        return StageStanding(stage, State.PENDING if wanted else State.SKIPPED, wanted)
    return StageStanding(
        stage,
        found.state,
        wanted,
        reason=found.row.reason,
        version=found.row.version,
        retakes=found.row.retakes,
        takes=counts.get(found.row.id, 0),
        selected=found.take,
    )


def _take_counts(session: Session, query: sa.Select[int, int], of: int) -> dict[int, int]:
    """By the id of the stage's row."""
    return dict(session.execute(query, {"of": of}).all())


def _records(session: Session, project_id: int, takes: Sequence[Take], *, costs: bool) -> list[TakeRecord]:
    """Of takes of the project: a few queries, however many."""
    ids = [take.id for take in takes]
    where = session.execute(
        sa.select(ShotStage, ShotRow.number, Episode.key)
        .join(ShotRow, ShotRow.id == ShotStage.shot_id)
        .join(Episode, Episode.id == ShotRow.episode_id)
        .where(ShotStage.id.in_({take.stage_id for take in takes}))
    ).all()
    stages = {stage.id: (stage, number, key) for stage, number, key in where}
    files = {
        one.digest: one
        for one in session.scalars(
            sa.select(MediaObject).where(MediaObject.digest.in_({take.object_digest for take in takes} - {None}))
        )
    }
    asked = {take.generation_id for take in takes if take.generation_id is not None}
    generations = {one.id: one for one in session.scalars(sa.select(Generation).where(Generation.id.in_(asked)))}
    usages = {
        one.generation_id: one
        for one in session.scalars(sa.select(ProviderUsage).where(ProviderUsage.generation_id.in_(asked)))
        if costs
    }
    reviews: dict[int, list[ReviewRecord]] = {}
    for record in session.scalars(
        sa.select(ReviewRecord).where(ReviewRecord.take_id.in_(ids)).order_by(ReviewRecord.id)
    ):
        if record.take_id is not None:
            reviews.setdefault(record.take_id, []).append(record)
    found = []
    for take, uses in zip(takes, assets_in_takes(session, project_id, takes), strict=True):
        stage, number, key = stages[take.stage_id]
        usage = usages.get(take.generation_id) if take.generation_id is not None else None
        found.append(
            TakeRecord(
                take=take,
                episode=key,
                shot=number,
                stage=Stage(stage.stage),
                selected=stage.selected_take_id == take.id,
                file=files.get(take.object_digest) if take.object_digest is not None else None,
                generation=generations.get(take.generation_id) if take.generation_id is not None else None,
                cost_micros=usage.cost_micros if usage is not None else None,
                currency=usage.currency if usage is not None else None,
                reviews=tuple(reviews.get(take.id, ())),
                assets=uses,
            )
        )
    return found
