"""Joining finished MP4 pieces into a film by their sample tables: nothing is encoded, and no sample is looked at."""

from aianime_pipeline.film.mp4.join import PictureSegment, TextTrack, join_movie

__all__ = ["PictureSegment", "TextTrack", "join_movie"]
