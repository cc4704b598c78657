"""The built-in provider "animatic": pictures, motion, speech and music made here, with no key and no network."""
