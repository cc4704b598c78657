"""A whole subtitle track put onto a timeline, such as a translation that came back as a file. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.subtitles.cues import SubtitleCue
from aianime_pipeline.film.timeline.model import Timeline, milliseconds
from aianime_pipeline.film.timeline.parts import SubtitleLine, SubtitleTrack


def with_subtitle_track(timeline: Timeline, language: str, cues: Sequence[SubtitleCue]) -> Timeline:
    """The timeline with `cues` as its subtitles in `language`, in place of those it has. Each cue hangs on the shot in
    whose time it begins, so that it goes with it from then on.

    Raises BadInputError for a cue outside the film and for two on screen at once, BadSettingError for the language.
    """
    placed = zip(timeline.starts, timeline.clips, strict=True)
    ends = [milliseconds((start + clip.frames) / timeline.rate) for start, clip in placed]
    lines: list[SubtitleLine] = []
    for cue in cues:
        place = next((place for place, end in enumerate(ends) if cue.start_ms < end), None)
        if place is None or cue.end_ms > ends[-1] + 1:
            raise BadInputError(
                f"The subtitle {cue.text!r} lasts until {cue.end_ms / 1000:.3f} s, and the film is "
                f"{ends[-1] / 1000:.3f} s long."
            )
        at = milliseconds(timeline.starts[place] / timeline.rate)
        shot = timeline.clips[place].shot
        lines.append(SubtitleLine(shot, cue.start_ms - at, cue.end_ms - at, cue.lines, cue.speaker))
    track = SubtitleTrack(language, tuple(lines))
    languages = [found.language for found in timeline.subtitles]
    if language in languages:
        tracks = tuple(track if found.language == language else found for found in timeline.subtitles)
    else:
        tracks = (*timeline.subtitles, track)
    return replace(timeline, subtitles=tracks)


def without_subtitle_track(timeline: Timeline, language: str) -> Timeline:
    """Raises BadInputError where there is no such track."""
    left = tuple(track for track in timeline.subtitles if track.language != language)
    if len(left) == len(timeline.subtitles):
        there = ", ".join(track.language for track in timeline.subtitles) or "none"
        raise BadInputError(f"There are no subtitles in {language!r}; the timeline has: {there}.")
    return replace(timeline, subtitles=left)
