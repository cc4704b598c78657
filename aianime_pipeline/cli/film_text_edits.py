"""`aianime film`: the commands that edit what is read: subtitles line by line or as a whole file, and markers.

Numbers of a shot's subtitles and markers are counted from 1 here, and from 0 on the timeline.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aianime_pipeline.cli.arguments import (
    EpisodeKey,
    Json,
    ShotNumber,
    Version,
    counted,
    exactly_one,
    file_there,
    frames_of,
    milliseconds_of,
    nth,
)
from aianime_pipeline.cli.film_changes import apply_edit, seconds_text
from aianime_pipeline.errors import BadInputError
from aianime_pipeline.production.written_text import checked_text

if TYPE_CHECKING:
    from aianime_pipeline.film.timeline import Edited, SubtitleLine, Timeline


def subtitle(
    episode_key: EpisodeKey,
    shot: ShotNumber,
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="Its words.")] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Such as en; the film's language if left out.")
    ] = None,
    line: Annotated[
        int, typer.Option(parser=counted, metavar="N", help="Which one of the shot's, counted from 1.")
    ] = 1,
    start: Annotated[
        str | None, typer.Option("--from", metavar="S", help="When it appears: seconds after the shot's beginning.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="S", help="When it goes.")] = None,
    add: Annotated[bool, typer.Option("--add", help="A further one, with TEXT, --from and --to.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take it away.")] = False,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """The words of a subtitle, or its times; add one, or take one away."""
    if add and (text is None or start is None or end is None):
        raise BadInputError("A further subtitle needs its TEXT, --from and --to.")
    if (start is None) != (end is None):
        raise BadInputError("Give both --from and --to.")
    if remove and (add or text is not None or start is not None):
        raise BadInputError("--remove takes the subtitle away: give it without TEXT, --add, --from and --to.")
    if not remove and text is None and start is None:
        raise BadInputError("Give the subtitle's TEXT, or --from and --to, or --remove.")
    checked_text(text or "", "The subtitle")

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import add_subtitle, remove_subtitle, set_subtitle_text, set_subtitle_times
        from aianime_pipeline.film.timeline.rough import Edited

        code = language or timeline.language
        times = [milliseconds_of(moment, timeline.rate) for moment in (start, end) if moment is not None]
        if add:
            return add_subtitle(timeline, code, shot, text or "", *times)
        timeline.clip_of(shot)
        n = nth(line, len(_lines(timeline, code, shot)), f"subtitle ({code})", shot)
        if remove:
            return remove_subtitle(timeline, code, shot, n)
        edited = Edited(timeline)
        if times:
            # Before the words: they are spread over the time that there is then.
            edited = set_subtitle_times(timeline, code, shot, n, *times)
        if text is None:
            return edited
        return set_subtitle_text(edited.timeline, code, shot, n, text)

    def told(was: "Timeline", now: "Timeline") -> str:
        had, has = (_lines(timeline, language or timeline.language, shot) for timeline in (was, now))
        if remove:
            return f"The subtitle {_words(had[line - 1])} of shot {shot} is gone."
        if add:
            return f"Shot {shot} has {len(has)} subtitles now."
        one = has[line - 1]
        when = f"from {seconds_text(one.start_ms / 1000)} to {seconds_text(one.end_ms / 1000)} in the shot"
        return f"Subtitle {line} of shot {shot} is {_words(one)} now, {when}; before, {_words(had[line - 1])}."

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def subtitles(
    episode_key: EpisodeKey,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Subtitles as .srt or .vtt.")] = None,
    language: Annotated[str, typer.Option(metavar="CODE", help="Their language, such as en.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the language's subtitles away.")] = False,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Put a whole file of subtitles, such as a translation, on the film in place of those of its language."""
    exactly_one(FILE=file, remove=remove)
    if not language:
        raise BadInputError("Say in which language the subtitles are, such as --language en.")

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.subtitles.reading import read_subtitles
        from aianime_pipeline.film.timeline.rough import Edited
        from aianime_pipeline.film.timeline.subtitle_tracks import with_subtitle_track, without_subtitle_track
        from aianime_pipeline.screenplay.reading import read_text

        if file is None:
            return Edited(without_subtitle_track(timeline, language))
        data = file_there(file).read_bytes()
        cues = read_subtitles(read_text(data, filename=file.name) if data.strip() else "")
        return Edited(with_subtitle_track(timeline, language, cues))

    def told(_was: "Timeline", now: "Timeline") -> str:
        there = ", ".join(f"{track.language} ({len(track.lines)})" for track in now.subtitles) or "none"
        return f"Subtitles now: {there}."

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def marker(
    episode_key: EpisodeKey,
    shot: ShotNumber,
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="The note.")] = None,
    at: Annotated[str, typer.Option(metavar="S", help="Seconds after the shot's beginning; 12f in frames.")] = "0",
    colour: Annotated[str, typer.Option(help="Such as red or green; editing programs show it.")] = "red",
    remove: Annotated[
        int | None,
        typer.Option(
            parser=counted, metavar="N", help="Instead: take the shot's marker number N away, counted from 1."
        ),
    ] = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """A note to whoever edits, at a moment of a shot. It goes into the editors' formats and is not seen in the film."""
    exactly_one(TEXT=text, remove=remove)
    checked_text(text or "", "The marker")
    checked_text(colour, "The marker's colour")

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import Marker, add_marker, remove_marker

        if remove is not None:
            n = nth(remove, sum(marker.shot == shot for marker in timeline.markers), "marker", shot)
            return remove_marker(timeline, shot, n)
        timeline.clip_of(shot)
        return add_marker(timeline, Marker(shot, frames_of(at, timeline.rate, bare="s"), text or "", colour))

    def told(_was: "Timeline", now: "Timeline") -> str:
        there = sum(marker.shot == shot for marker in now.markers)
        return f"Shot {shot} has {there} marker{'' if there == 1 else 's'} now."

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def _lines(timeline: "Timeline", language: str, shot: int) -> "list[SubtitleLine]":
    return [
        line for track in timeline.subtitles if track.language == language for line in track.lines if line.shot == shot
    ]


def _words(line: "SubtitleLine") -> str:
    return repr(" ".join(line.lines))
