"""The Dagster assets, one thin module each: they call the services and tell the Dagster UI what came of it."""

from aianime_pipeline.assets.composite_films import composite_films
from aianime_pipeline.assets.episode_zips import episode_zips
from aianime_pipeline.assets.reference_images import reference_images
from aianime_pipeline.assets.screenplays import screenplays
from aianime_pipeline.assets.shot_images import shot_images
from aianime_pipeline.assets.shot_videos import shot_videos
from aianime_pipeline.assets.storyboards import storyboards
from aianime_pipeline.assets.voice_lines import voice_lines

ALL_ASSETS = [
    screenplays,
    storyboards,
    reference_images,
    shot_images,
    shot_videos,
    voice_lines,
    composite_films,
    episode_zips,
]
