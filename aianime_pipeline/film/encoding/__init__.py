"""Encoders whose segments can be joined: settings, levels, and which hardware ones work here."""
