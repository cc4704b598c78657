"""Schedules as rows, and the dispatcher that asks for what is due."""
