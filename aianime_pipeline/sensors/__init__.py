"""What Dagster's daemon looks after. Sensors are thin: what is to be done is decided in production/."""

from aianime_pipeline.sensors.generations import finished_generations

ALL_SENSORS = [finished_generations]
