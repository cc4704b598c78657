"""The film: timeline, segments, sound, subtitles, render, probe. Knows files and numbers, not the database."""
