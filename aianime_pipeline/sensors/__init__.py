"""What Dagster's daemon looks after. Sensors are thin: what is to be done is decided in production/."""

from aianime_pipeline.sensors.episodes import episodes_with_work, new_episodes
from aianime_pipeline.sensors.generations import finished_generations
from aianime_pipeline.sensors.notifications import notices_to_channels
from aianime_pipeline.sensors.outbox import outbox
from aianime_pipeline.sensors.problems import standing_problems
from aianime_pipeline.sensors.schedules import due_schedules
from aianime_pipeline.sensors.silent_runs import silent_runs

ALL_SENSORS = [
    outbox,
    silent_runs,
    new_episodes,
    episodes_with_work,
    due_schedules,
    finished_generations,
    notices_to_channels,
    standing_problems,
]
