"""The built-in provider "animatic": pictures, motion, speech and music drawn and computed here, with no key and no network."""
