"""Backfills: several episodes brought up to date at once, as Dagster's own backfill, so that it shows there.

It is the one thing that is asked of Dagster without a task: Dagster keeps it, its runs and its state itself. Its tags
say whose it is, and by which wish it was asked for.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.asked_in import REQUEST_TAG, request_id
from aianime_pipeline.dagster_client.client import DagsterClient, ask_dagster
from aianime_pipeline.dagster_client.model import BackfillStatus
from aianime_pipeline.db.models import Episode, Project
from aianime_pipeline.errors import NotFoundError, StateError
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.tasks.launching import add_partitions
from aianime_pipeline.production.tasks.orders import ASSETS_OF_STAGE, PROJECT_TAG, REQUESTER_TAG
from aianime_pipeline.production.tasks.stopping import go_on

MOST_EPISODES = 1_000
WISH_TAG = "aianime/wish"
"""Who asks for a backfill gives each wish a word of its own, by which it is found again."""

_BACKFILL_TAG = "dagster/backfill"
_WAIT_SECONDS = 30.0
"""For a launch: Dagster writes down each of the episodes."""
_LOOK_SECONDS = 5.0


@dataclass(frozen=True)
class BackfillOrder:
    """`wish` is one line of at most 255 characters."""

    project: str
    episodes: tuple[str, ...]
    to: StageName
    who: str
    wish: str


@dataclass(frozen=True)
class BackfillSeen:
    """`runs` are counted by Dagster's word for their state."""

    id: str
    project: str
    status: BackfillStatus
    episodes: int | None
    runs: Mapping[str, int]
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    error: str


def episodes_of(session: Session, project: Project, numbers: Sequence[int] | None) -> tuple[str, ...]:
    """The keys of the project's episodes with these numbers; None: of all. Raises NotFoundError naming those that there
    are not, StateError for none or too many."""
    query = sa.select(Episode.number, Episode.key).where(Episode.project_id == project.id).order_by(Episode.number)
    there = dict(session.execute(query).all())
    if unknown := sorted(set(numbers or ()) - set(there)):
        raise NotFoundError(
            f"{project.slug} has no episode {', '.join(map(str, unknown))}.", project=project.slug, episodes=unknown
        )
    keys = tuple(there.values()) if numbers is None else tuple(there[number] for number in sorted(set(numbers)))
    if not 1 <= len(keys) <= MOST_EPISODES:
        raise StateError(f"A backfill takes 1 to {MOST_EPISODES} episodes; these are {len(keys)}.", count=len(keys))
    return keys


def launch_backfill(place: Installation, order: BackfillOrder, *, hold: Callable[[], None] | None = None) -> str:
    """Launch it; returns its id. `hold`: it may have been launched before, by one who died: then it is that one. It is
    called before each thing that is asked of Dagster, and raises where another launches it now.

    Raises DagsterUnavailableError and DagsterRefusedError where there is none now, DagsterUnknownError where nobody
    knows: look first the next time.
    """
    tags = {PROJECT_TAG: order.project, REQUESTER_TAG: order.who, WISH_TAG: order.wish}
    if (request := request_id()) is not None:
        tags[REQUEST_TAG] = request
    stages = tuple(ASSETS_OF_STAGE)
    upto = stages[: stages.index(order.to) + 1]
    assets = [asset for stage in upto for asset in ASSETS_OF_STAGE[stage]]

    def go_on_holding() -> None:
        if hold is not None:
            hold()

    async def launch(dagster: DagsterClient) -> str:
        if hold is not None and (found := await dagster.backfills({WISH_TAG: order.wish}, limit=1)):
            return found[0]
        for episode in order.episodes:
            go_on_holding()
            await add_partitions(dagster, [episode])
        go_on_holding()
        return await dagster.backfill_assets(assets, order.episodes, tags=tags)

    with place.database.write() as session:
        for episode_id in session.scalars(sa.select(Episode.id).where(Episode.key.in_(order.episodes))):
            go_on(session, episode_id)
    return ask_dagster(place.settings.dagster_url, launch, timeout_seconds=_WAIT_SECONDS)


def read_backfill(place: Installation, project: str, backfill_id: str) -> BackfillSeen:
    """Raises NotFoundError, also for a backfill that is not of the project; DagsterClientError."""

    async def look(dagster: DagsterClient) -> BackfillSeen:
        found = await dagster.backfill(backfill_id)
        if found is None or found.tags.get(PROJECT_TAG) != project:
            raise NotFoundError(f"{project} has no backfill {backfill_id!r}.", backfill=backfill_id)
        runs = await dagster.runs({_BACKFILL_TAG: backfill_id}, limit=MOST_EPISODES)
        return BackfillSeen(
            id=found.id,
            project=project,
            status=found.status,
            episodes=found.partitions,
            runs=Counter(run.status.value for run in runs),
            requested_by=found.tags.get(REQUESTER_TAG, ""),
            created_at=found.created_at,
            ended_at=found.ended_at,
            error=found.error,
        )

    return ask_dagster(place.settings.dagster_url, look, timeout_seconds=_LOOK_SECONDS)
