"""What an editor does to the subtitles: text, times, lines that come and go. Pure; the rules are those of `edits`.
Times in milliseconds from the clip's first frame, the lines of a shot in a language counted from 0."""

from dataclasses import replace

from aianime_pipeline.errors import BadDurationError, BadInputError
from aianime_pipeline.film.subtitles.cues import spread_line
from aianime_pipeline.film.timeline.edits import nth_of
from aianime_pipeline.film.timeline.model import Timeline, milliseconds
from aianime_pipeline.film.timeline.parts import SubtitleLine, SubtitleTrack
from aianime_pipeline.film.timeline.rough import Edited


def set_subtitle_text(timeline: Timeline, language: str, shot: int, n: int, text: str) -> Edited:
    """Other words for the same time, broken into lines anew; what is more than two lines becomes several subtitles
    one after the other, and a note says so. Raises BadInputError, for an empty text too, and BadDurationError where
    there is no time to show it all."""
    track = _track(timeline, language)
    place = nth_of(track.lines, shot, n, f"subtitle ({language})")
    had = track.lines[place]
    lines = _spread(shot, text, had.start_ms, had.end_ms, had.speaker)
    notes = []
    if len(lines) > 1:
        notes.append(
            f"The subtitle of shot {shot} is too long for two lines: it is shown as {len(lines)}, one after another."
        )
    return Edited(_with_lines(timeline, track, (*track.lines[:place], *lines, *track.lines[place + 1 :])), tuple(notes))


def set_subtitle_times(timeline: Timeline, language: str, shot: int, n: int, start_ms: int, end_ms: int) -> Edited:
    """When a subtitle is on screen. Raises BadDurationError for less than a millisecond, and BadInputError with the
    time that is free where another is on screen then."""
    track = _track(timeline, language)
    place = nth_of(track.lines, shot, n, f"subtitle ({language})")
    line = replace(track.lines[place], start_ms=start_ms, end_ms=end_ms)
    others = (*track.lines[:place], *track.lines[place + 1 :])
    _require_free(timeline, replace(track, lines=others), line)
    return Edited(_with_lines(timeline, track, (*track.lines[:place], line, *track.lines[place + 1 :])))


def add_subtitle(
    timeline: Timeline, language: str, shot: int, text: str, start_ms: int, end_ms: int, *, speaker: str = ""
) -> Edited:
    """A further subtitle; its language gets a track where it has none. Raises what `set_subtitle_text` and
    `set_subtitle_times` raise."""
    timeline.clip_of(shot)
    if end_ms <= start_ms:
        raise BadDurationError(f"A subtitle of shot {shot} ends at {end_ms} ms, before it is seen.", shot=shot)
    lines = _spread(shot, text, start_ms, end_ms, speaker)
    track = next((track for track in timeline.subtitles if track.language == language), None)
    if track is None:
        track = SubtitleTrack(language, ())
        timeline = replace(timeline, subtitles=(*timeline.subtitles, track))
    for line in lines:
        _require_free(timeline, track, line)
    return Edited(_with_lines(timeline, track, (*track.lines, *lines)))


def remove_subtitle(timeline: Timeline, language: str, shot: int, n: int = 0) -> Edited:
    """Without a subtitle; a track that is left empty goes too. Raises BadInputError."""
    track = _track(timeline, language)
    place = nth_of(track.lines, shot, n, f"subtitle ({language})")
    return Edited(_with_lines(timeline, track, track.lines[:place] + track.lines[place + 1 :]))


def _track(timeline: Timeline, language: str) -> SubtitleTrack:
    for track in timeline.subtitles:
        if track.language == language:
            return track
    has = ", ".join(track.language for track in timeline.subtitles) or "none"
    raise BadInputError(f"The film has no subtitles in {language!r}; it has: {has}.")


def _with_lines(timeline: Timeline, track: SubtitleTrack, lines: tuple[SubtitleLine, ...]) -> Timeline:
    tracks = (replace(had, lines=lines) if had.language == track.language else had for had in timeline.subtitles)
    return replace(timeline, subtitles=tuple(had for had in tracks if had.lines or had.language != track.language))


def _spread(shot: int, text: str, start_ms: int, end_ms: int, speaker: str) -> tuple[SubtitleLine, ...]:
    cues = spread_line(text, start_ms=start_ms, end_ms=end_ms, speaker=speaker)
    if not cues:
        raise BadInputError(f"The subtitle of shot {shot} has no text; to have none, remove it.", shot=shot)
    return tuple(SubtitleLine(shot, cue.start_ms, cue.end_ms, cue.lines, cue.speaker) for cue in cues)


def _require_free(timeline: Timeline, others: SubtitleTrack, line: SubtitleLine) -> None:
    """Raises BadInputError where another subtitle is on screen, or the film is not."""
    starts = timeline.start_of
    at = {shot: milliseconds(start / timeline.rate) for shot, start in starts.items()}
    start, end = at[line.shot] + line.start_ms, at[line.shot] + line.end_ms
    spans = [(at[other.shot] + other.start_ms, at[other.shot] + other.end_ms) for other in others.lines]
    film_end = milliseconds(timeline.seconds)
    if start >= 0 and end <= film_end + 1 and not any(s < end and start < e for s, e in spans):
        return
    after = max((e for s, e in spans if s <= start), default=0)
    until = min((s for s, e in spans if s > start), default=film_end)
    free = f"from {after - at[line.shot]} to {until - at[line.shot]} ms" if after < until else "no time there"
    raise BadInputError(
        f"The subtitle ({others.language}) of shot {line.shot} cannot be on screen from {line.start_ms} to "
        f"{line.end_ms} ms: another one is, or the film is over; {free} is free.",
        shot=line.shot,
    )
