"""Providers of generated media: the shape they share, and the one that is built in."""
