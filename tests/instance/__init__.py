"""Tests on a live instance, which is up as long as they run: its daemon takes a fifth of a core."""
