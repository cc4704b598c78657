"""Asset `screenplays`: the episode's screenplay as it was imported. Nothing is made here; lineage begins here."""

import dagster as dg

from aianime_pipeline.assets.episode_partitions import OWNERS, episodes
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.installation import installation
from aianime_pipeline.production.screenplays.keeping import current_screenplay


@dg.asset(
    partitions_def=episodes,
    group_name="story",
    kinds={"text"},
    owners=OWNERS,
    code_version="1",
    description="The episode's screenplay: scenes of action, dialogue, voice-over, directions and close-ups. "
    "An episode that came as a storyboard file has none, and that is in order.",
)
def screenplays(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    with installation().database.read() as session:
        episode = find_episode(session, context.partition_key)
        row = current_screenplay(session, episode.id)
        if row is None:
            return dg.MaterializeResult(data_version=dg.DataVersion("none"), metadata={"scenes": 0})
        blocks = [block for scene in row.scenes for block in scene.blocks]
        return dg.MaterializeResult(
            data_version=dg.DataVersion(row.digest),
            metadata={
                "title": row.title or episode.key,
                "version": row.version,
                "state": row.state,
                "source": row.source_name,
                "scenes": len(row.scenes),
                "blocks": len(blocks),
                "places": dg.MetadataValue.md("\n".join(f"- {scene.heading}" for scene in row.scenes)),
            },
        )
