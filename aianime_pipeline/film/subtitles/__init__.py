"""Subtitles as text: cues from what is spoken, their files and tracks, and files that come back."""
