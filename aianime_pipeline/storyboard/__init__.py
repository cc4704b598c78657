"""Storyboards: `Screenplay` → shots, and storyboard files in and out. Pure: no database, no Dagster, no network."""
