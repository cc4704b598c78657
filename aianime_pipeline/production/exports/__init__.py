"""Exports of an episode's film: asked for, claimed, made, recorded."""
