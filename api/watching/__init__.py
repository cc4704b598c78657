"""Watching what happens, live: one reader of the database for all streams of a process."""
