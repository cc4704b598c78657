"""AI-Anime Pipeline: from a screenplay to an episode's finished film and ZIP, orchestrated by Dagster."""

__version__ = "0.1.0"
