"""Backups of a whole installation in a folder, and the way back: on either database, in either object store."""
