"""What an import found, in numbers: the report that a person reads before they go on."""

from dataclasses import dataclass

from aianime_pipeline.screenplay.model import BLOCK_TYPES, BlockType, Screenplay


@dataclass(frozen=True)
class ScreenplayReport:
    """`spoken_characters`: letters of dialogue and os without blank space, a measure of the film's length."""

    episodes: int
    scenes: int
    blocks: dict[BlockType, int]
    speakers: int
    spoken_characters: int
    notices: int


def count_blocks(screenplay: Screenplay) -> dict[BlockType, int]:
    """Number of blocks of each type, zero for a type that does not occur."""
    counts: dict[BlockType, int] = dict.fromkeys(BLOCK_TYPES, 0)
    for episode in screenplay.episodes:
        for scene in episode.scenes:
            for block in scene.blocks:
                counts[block.type] += 1
    return counts


def count_scenes(screenplay: Screenplay) -> int:
    return sum(len(episode.scenes) for episode in screenplay.episodes)


def summarise(screenplay: Screenplay) -> ScreenplayReport:
    spoken = [
        block
        for episode in screenplay.episodes
        for scene in episode.scenes
        for block in scene.blocks
        if block.type in ("dialogue", "os")
    ]
    return ScreenplayReport(
        episodes=len(screenplay.episodes),
        scenes=count_scenes(screenplay),
        blocks=count_blocks(screenplay),
        speakers=len({block.speaker for block in spoken if block.speaker}),
        spoken_characters=sum(len("".join(block.text.split())) for block in spoken),
        notices=len(screenplay.notices),
    )
