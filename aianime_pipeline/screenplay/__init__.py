"""Screenplays: text of several formats → `Screenplay`. Pure: no database, no Dagster, no network."""
