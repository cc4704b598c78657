"""Episodes and their shots as rows: what the other services load before they work."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Project, ReviewRecord, ShotStage, Take
from aianime_pipeline.db.models import Shot as ShotRow
from aianime_pipeline.errors import BadInputError, NotFoundError, StateError
from aianime_pipeline.partitions import LAST_NUMBER, EpisodeKey, parse_episode_key
from aianime_pipeline.production.events import record_event
from aianime_pipeline.production.shots.stages import DONE, IN_REVIEW, Stage, State
from aianime_pipeline.production.written_text import checked_text
from aianime_pipeline.storyboard.document import shot_from_document
from aianime_pipeline.storyboard.model import Shot

AUTO_REVIEWER = "auto"
"""Reviewer of takes that `--review auto` let through; never counts as a person."""


@dataclass(frozen=True)
class StageView:
    """A shot stage's row and its selected take, as they were when loaded."""

    row: ShotStage
    take: Take | None
    by_person: bool
    """A person approved the take, or chose it."""

    @property
    def state(self) -> State:
        return State(self.row.state)

    @property
    def is_settled_by_person(self) -> bool:
        """A person's word on its take stands: it is locked, or they approved or chose what counts. Nothing is put in
        its place but on a person's request."""
        return self.state is State.LOCKED or (self.by_person and self.state in DONE | IN_REVIEW)

    @property
    def approved(self) -> bool:
        return self.state in DONE and self.take is not None


@dataclass(frozen=True)
class ShotView:
    row_id: int
    shot: Shot
    stages: dict[Stage, StageView]
    skipped: bool = False
    """A person left it out on purpose."""

    @property
    def number(self) -> int:
        return self.shot.number

    @property
    def wanted(self) -> frozenset[Stage]:
        """What is to be made of it: nothing while it is left out."""
        return frozenset() if self.skipped else wanted_stages(self.shot)


_EPISODE = sa.select(Episode).where(Episode.key == sa.bindparam("key"))


def find_episode(session: Session, key: str) -> Episode:
    parsed = parse_episode_key(key)
    episode = session.scalar(_EPISODE, {"key": str(parsed)})
    if episode is None:
        known = session.scalars(sa.select(Episode.key).order_by(Episode.key).limit(20)).all()
        raise NotFoundError(f"There is no episode {key!r}; there are: {', '.join(known) or 'none yet'}.", key=key)
    return episode


def all_keys(session: Session) -> list[str]:
    return list(session.scalars(sa.select(Episode.key).order_by(Episode.id)))


def get_or_create_episode(session: Session, project: Project, number: int, title: str) -> Episode:
    """Raises BadInputError for a number that no key can hold."""
    if not 1 <= number <= LAST_NUMBER:
        raise BadInputError(f"Episode {number} cannot be: episodes have the numbers 1 to {LAST_NUMBER}.", number=number)
    key = str(EpisodeKey(project.slug, number))
    episode = session.scalar(sa.select(Episode).where(Episode.key == key))
    if episode is None:
        episode = Episode(project_id=project.id, number=number, key=key, title=title)
        episode.project = project
        session.add(episode)
        session.flush()
    elif title:
        episode.title = title
    return episode


def create_episode(session: Session, project: Project, *, number: int | None = None, title: str = "") -> Episode:
    """A new one without a story; None: the number after the last. Raises BadInputError for a number that no key can
    hold, BadSettingError for a title that is no text, StateError where there is an episode with the number."""
    checked_text(title, "The title")
    # New ones of a project follow each other.
    session.scalars(sa.select(Project.id).where(Project.id == project.id).with_for_update(key_share=True)).one()
    numbers = set(session.scalars(sa.select(Episode.number).where(Episode.project_id == project.id)))
    if number in numbers:
        raise StateError(f"{project.slug} has an episode {number} already.", number=number)
    return get_or_create_episode(session, project, number or max(numbers, default=0) + 1, title)


def rename_episode(session: Session, key: str, title: str, *, who: str) -> Episode:
    """Give it another title, which its ZIP has, too. Raises NotFoundError, BadSettingError for a title that is no
    text."""
    episode, wished = find_episode(session, key), checked_text(title, "The title").strip()
    if wished != episode.title:
        episode.title = wished
        record_event(
            session, "episode", project_id=episode.project_id, episode_id=episode.id, change="renamed", who=who
        )
    return episode


# Asked with nearly every look at an episode: made once.
_SHOTS = sa.select(ShotRow).where(ShotRow.episode_id == sa.bindparam("episode"), ShotRow.retired.is_(False))
_SHOTS_IN_ORDER = _SHOTS.order_by(ShotRow.position)
_ONE_SHOT = _SHOTS.where(ShotRow.number == sa.bindparam("number"))
_STAGES = (
    sa.select(ShotStage, Take)
    .outerjoin(Take, Take.id == ShotStage.selected_take_id)
    .where(ShotStage.shot_id.in_(sa.bindparam("shots", expanding=True)))
)
_DECIDED_BY_PERSON = sa.select(ReviewRecord.take_id).where(
    ReviewRecord.take_id.in_(sa.bindparam("takes", expanding=True)),
    ReviewRecord.verdict.in_(["approved", "selected"]),
    ReviewRecord.kind == "person",
)


def load_shots(session: Session, episode_id: int, *, number: int | None = None) -> list[ShotView]:
    """The episode's shots in order, or only the one of that number, with every stage's row; three queries, however many
    shots."""
    anew = {"populate_existing": True}
    found = {"episode": episode_id} | ({"number": number} if number is not None else {})
    query = _SHOTS_IN_ORDER if number is None else _ONE_SHOT
    rows = session.scalars(query, found, execution_options=anew).all()
    stages: dict[int, dict[Stage, StageView]] = {row.id: {} for row in rows}
    made = session.execute(_STAGES, {"shots": list(stages)}, execution_options=anew).all()
    takes = [take.id for _, take in made if take is not None]
    by_person = set(session.scalars(_DECIDED_BY_PERSON, {"takes": takes})) if takes else set()
    for row, take in made:
        view = StageView(row, take, take is not None and take.id in by_person)
        stages[row.shot_id][Stage(row.stage)] = view
    return [
        ShotView(row.id, shot_from_document(row.document), stages[row.id], row.skipped_by is not None) for row in rows
    ]


def wanted_stages(shot: Shot) -> frozenset[Stage]:
    """What the storyboard asks for. Every shot needs its image: the video starts from it, a still is it."""
    wanted = {Stage.IMAGE}
    if "video" in shot.wants:
        wanted.add(Stage.VIDEO)
    if "voice" in shot.wants and shot.dialogue.strip():
        wanted.add(Stage.VOICE)
    return frozenset(wanted)
