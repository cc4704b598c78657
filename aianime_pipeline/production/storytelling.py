"""Prose, looks and storyboards by a language model, into the same rows that rules and files fill.

Whoever gives the `StoryModel` pays, records and keeps the budget. A failure of it is never the end: what the rules make
of the same thing is kept, and marked. No transaction is open while a model is asked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import AssetVersion, Episode, Project, Screenplay
from aianime_pipeline.errors import NoSceneError, StateError
from aianime_pipeline.production.assets.collecting import ADDED, Mention, ensure_assets, prop_names
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.screenplays.keeping import current_screenplay, read_episode
from aianime_pipeline.production.shots.requests import AssetsByName, load_assets
from aianime_pipeline.production.storyboards.keeping import (
    TOLD_BY,
    StoryboardState,
    bring_storyboard_up_to_date,
    is_due,
    planned_from,
    save_storyboard,
    storyboard_digest,
    storyboard_row,
    storyboard_state,
    told_from,
)
from aianime_pipeline.production.tasks.stopping import go_on
from aianime_pipeline.screenplay import model
from aianime_pipeline.screenplay.collecting import collect_assets
from aianime_pipeline.screenplay.reading import SourceText
from aianime_pipeline.storyboard.model import PLANNER
from aianime_pipeline.storyboard.model import Storyboard as Board
from aianime_pipeline.storyboard.planning.people import names_in
from aianime_pipeline.storytelling.answers import AskText
from aianime_pipeline.storytelling.boarding import board_episode
from aianime_pipeline.storytelling.breakdown import break_down
from aianime_pipeline.storytelling.cast import describe_cast
from aianime_pipeline.storytelling.patience import Shortfall

_AS_PICTURED = "as in the reference picture"


@dataclass(frozen=True)
class StoryModel:
    """A language model: its name as a storyboard remembers it, and how it is asked."""

    name: str
    ask: AskText


StoryModelFor = Callable[[], StoryModel | None]
"""The model that is routed, called only when one is needed; None where none is."""


# Prose ---------------------------------------------------------------------------------------------------------------


def told_screenplay(story: StoryModel, source: SourceText, filename: str) -> model.Screenplay:
    """The screenplay of a prose text; its notices name the parts that were kept as they are.

    Raises NoSceneError where the model was of no use at all.
    """
    broken_down = break_down(story.ask, source.text)
    if broken_down.told == 0:
        failure = broken_down.failure
        raise NoSceneError(
            f"{filename} has no screenplay layout, and {story.name} could not break it down: {failure} Nothing was "
            "imported. The format `text` keeps it as one scene with a block for each paragraph",
            failure=failure.code if failure is not None else None,
        ) from failure
    screenplay = broken_down.screenplay
    return replace(screenplay, notices=(*screenplay.notices, *source.notices))


def told_before(session: Session, slug: str, source_digest: str) -> list[Episode]:
    """The episodes that a model made of this very file, in order; none where a part was kept by rules, or where
    another text has come since. Asking again would cost money and tell it otherwise."""
    found = session.scalars(
        sa.select(Screenplay)
        .join(Episode, Episode.id == Screenplay.episode_id)
        .join(Project, Project.id == Episode.project_id)
        .where(Project.slug == slug, Screenplay.source_digest == source_digest)
        .order_by(Episode.number, Screenplay.version)
    ).all()
    current = {row.episode_id: row for row in found}
    for row in current.values():
        newest = current_screenplay(session, row.episode_id)
        if newest is None or newest.id != row.id or any(not scene.place for scene in row.scenes):
            return []
    return [session.get_one(Episode, episode_id) for episode_id in current]


# Looks ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LooksReport:
    """`described` are names of assets that have new words on their look."""

    described: tuple[str, ...]
    by_rules: tuple[Shortfall, ...]


def describe_looks(place: Installation, episode_keys: Sequence[str], story: StoryModel) -> LooksReport:
    """How the figures, places and props of these episodes look, added to what the screenplays say themselves.

    Nobody is asked about scenes in which all have their looks. An asset that has its picture keeps its look.
    """
    with place.database.read() as session:
        episodes = [find_episode(session, key) for key in episode_keys]
        written: list[model.ScreenplayEpisode] = []
        known: dict[tuple[str, str], model.CollectedAsset] = {}
        language = "zh"
        for episode in episodes:
            if (screenplay := current_screenplay(session, episode.id)) is None:
                continue
            language = screenplay.language
            written.append(read_episode(screenplay, episode))
            known |= _known(written[-1], load_assets(session, episode.id))
    cast = describe_cast(story.ask, written, language=language, known=list(known.values()))
    described: dict[str, None] = {}
    with place.database.write() as session:
        for episode in episodes:
            described |= dict.fromkeys(_keep_looks(session, episode, cast.assets))
    return LooksReport(tuple(described), cast.by_rules)


def _known(
    written: model.ScreenplayEpisode, assets: AssetsByName
) -> Iterator[tuple[tuple[str, str], model.CollectedAsset]]:
    scenes = {(asset.kind, asset.name): asset.scenes for asset in collect_assets([written])}
    for (kind, name), version in assets.items():
        words = version.description.replace(ADDED, "；") or (_AS_PICTURED if _is_settled(version) else "")
        asset = model.CollectedAsset(kind, name, words, scenes.get((kind, name), ()))  # type: ignore[arg-type]
        yield (kind, name), asset


def _keep_looks(session: Session, episode: Episode, found: Sequence[model.CollectedAsset]) -> list[str]:
    """Names of those whose look is new."""
    screenplay = current_screenplay(session, episode.id)
    if screenplay is None:
        return []
    assets = load_assets(session, episode.id)
    told = " ".join(block.text for scene in screenplay.scenes for block in scene.blocks)
    mentions = []
    for asset in found:
        version = assets.get((asset.kind, asset.name))
        if not asset.description:
            continue
        if version is None and asset.kind == "prop" and names_in(told, [asset.name]):
            mentions.append(Mention(asset.kind, asset.name, asset.description))
        elif version is not None and ADDED not in version.description and not _is_settled(version):
            own = version.description
            words = own + ADDED + asset.description if own and own != asset.description else asset.description
            mentions.append(Mention(asset.kind, asset.name, words))
    ensure_assets(session, session.get_one(Project, episode.project_id), episode, mentions)
    return [mention.name for mention in mentions]


def _is_settled(version: AssetVersion) -> bool:
    """It has its picture, or a person said how it looks."""
    return _is_pictured(version) or version.created_by is not None


def _is_pictured(version: AssetVersion) -> bool:
    return version.reference_digest is not None


# Storyboards ---------------------------------------------------------------------------------------------------------


def bring_told_storyboard_up_to_date(
    place: Installation, episode_id: int, story: StoryModel, *, anew: bool = False
) -> StoryboardState:
    """As `bring_storyboard_up_to_date`, by a language model. `anew` asks it also where nothing changed.

    A storyboard that was edited, frozen or brought as a file stays. Scenes that the rules had to plan are in
    `StoryboardState.by_rules`; where they planned all, the storyboard is the planner's. Raises NotFoundError, and
    StateError for `anew` where the storyboard stays: also where the model was of no use, and there is one already.
    """
    with place.database.read() as session:
        episode = session.get_one(Episode, episode_id)
        row = storyboard_row(session, episode.id)
        screenplay = current_screenplay(session, episode.id)
        _refuse_anew(episode, row.state if row is not None else "", anew=anew)
        wanted = screenplay is not None and (anew or is_due(row, screenplay, episode))
        assets = load_assets(session, episode.id)
        props = prop_names(session, episode)
        project = session.get_one(Project, episode.project_id)
        written = read_episode(screenplay, episode) if screenplay is not None else None
    if not wanted or written is None or screenplay is None:
        return bring_storyboard_up_to_date(place, episode_id)
    board = board_episode(
        story.ask,
        written,
        model_name=story.name,
        project=project.title,
        language=screenplay.language,
        looks=_words_of("character", assets),
        places=_words_of("location", assets),
        props=props,
        style=project.style,
        negative_prompt=project.negative_prompt,
        edition=1 + row.version if anew and row is not None else 1,
    )
    if anew and row is not None and not _is_told(board):
        why = next((plan.reason for plan in board.planned_by if plan.reason), "it has no scene")
        raise StateError(f"The storyboard of {episode.key} stays as it is: {story.name} was of no use ({why}).")
    with place.database.write() as session:
        return _keep_board(session, session.get_one(Episode, episode_id), screenplay, board, story)


def tell_storyboard_anew(place: Installation, episode_key: str, story: StoryModel) -> StoryboardState:
    """Have the storyboard drawn up again by a language model, with the looks of who has none yet. Raises NotFoundError,
    and StateError where the storyboard stays; then nobody is asked."""
    with place.database.read() as session:
        episode = find_episode(session, episode_key)
        row = storyboard_row(session, episode.id)
        _refuse_anew(episode, row.state if row is not None else "", anew=True)
    describe_looks(place, [episode_key], story)
    with place.database.write() as session:
        go_on(session, episode.id)
    return bring_told_storyboard_up_to_date(place, episode.id, story, anew=True)


def _refuse_anew(episode: Episode, state: str, *, anew: bool) -> None:
    if anew and state not in ("", "generated"):
        what = "is frozen" if state == "frozen" else "was edited or came from a file"
        raise StateError(f"The storyboard of {episode.key} {what} and stays as it is.", episode=episode.key)


def _keep_board(
    session: Session, episode: Episode, screenplay: Screenplay, board: Board, story: StoryModel
) -> StoryboardState:
    row = storyboard_row(session, episode.id)
    if row is not None and row.state != "generated":
        # A person was faster than the model.
        return storyboard_state(session, episode, changed=False)
    before = storyboard_digest(session, episode.id)
    if _is_told(board):
        source, digest = TOLD_BY + story.name, told_from(screenplay)
    else:
        source, digest = PLANNER, planned_from(screenplay, episode)
    save_storyboard(session, episode, board, state="generated", source=source, source_digest=digest)
    return storyboard_state(session, episode, changed=before != storyboard_digest(session, episode.id))


def _is_told(board: Board) -> bool:
    return any(plan.by != PLANNER for plan in board.planned_by)


def _words_of(kind: str, assets: AssetsByName) -> dict[str, str]:
    return {name: version.description.replace(ADDED, "；") for (of, name), version in assets.items() if of == kind}
