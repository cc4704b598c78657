"""How much of everything a screenplay may have. The bounds are some ten times what a season or a feature film has; what
is beyond them is another file, or is meant to take the server's memory."""

from aianime_pipeline.errors import InputTooLargeError
from aianime_pipeline.screenplay.model import Screenplay, ScreenplayEpisode

MOST_LINES = 100_000
"""Of a file. A season of 100 episodes has some 10,000."""
MOST_EPISODES = 1_000
"""Of a file."""
MOST_SCENES = 1_000
"""Of an episode, as the rest."""
MOST_BLOCKS = 10_000
"""An episode of two minutes has some 50, a feature film 3,000."""
MOST_NAMES = 500
"""Of who is named or speaks; and of characters, locations and props together."""


def refuse_too_large(screenplay: Screenplay, name: str) -> None:
    """Raises InputTooLargeError that says what there is too much of, and where."""
    if len(screenplay.episodes) > MOST_EPISODES:
        raise InputTooLargeError.of(name, "episodes", MOST_EPISODES)
    for episode in screenplay.episodes:
        where = f"{name}, episode {episode.number}" if len(screenplay.episodes) > 1 else name
        for found, what, most in (
            (len(episode.scenes), "scenes", MOST_SCENES),
            (sum(len(scene.blocks) for scene in episode.scenes), "blocks", MOST_BLOCKS),
            (len(_names(episode)), "characters", MOST_NAMES),
        ):
            if found > most:
                raise InputTooLargeError.of(where, what, most)


def _names(episode: ScreenplayEpisode) -> set[str]:
    cast = {entry.name for scene in episode.scenes for entry in scene.cast}
    return cast | {block.speaker for scene in episode.scenes for block in scene.blocks if block.speaker}
