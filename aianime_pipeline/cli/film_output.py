"""What `aianime film show` prints: the edit shot by shot, as JSON and as a table for people."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from aianime_pipeline.cli.export_output import exports_documents, progress_text, tell_exports, tell_line
from aianime_pipeline.cli.film_changes import length_text, seconds_text
from aianime_pipeline.cli.film_sound_edits import music_text
from aianime_pipeline.film.timeline import SAMPLE_RATE, Clip, Timeline, to_document
from aianime_pipeline.production.films.composite_states import CompositeState
from aianime_pipeline.production.films.composites import Composite
from aianime_pipeline.production.films.timeline import CurrentTimeline
from aianime_pipeline.production.installation import Installation


def film_document(place: Installation, composite: Composite, current: CurrentTimeline) -> dict[str, Any]:
    """The contract of `film show --json`."""
    return {
        "episode": composite.episode,
        "state": composite.state.value,
        "reason": composite.reason,
        "version": composite.version,
        "edited_by": composite.edited_by,
        "edited_at": composite.edited_at.isoformat() if composite.edited_at is not None else None,
        "percent": composite.percent,
        "step": composite.step,
        "seconds_left": composite.seconds_left,
        "notes": list(current.notes),
        "waiting": [one.to_document() for one in composite.waiting],
        "exports": exports_documents(place, composite),
        "frames": current.timeline.total_frames,
        "seconds": float(current.timeline.seconds),
        "timeline": to_document(current.timeline),
    }


def tell_film(place: Installation, composite: Composite, current: CurrentTimeline) -> None:
    """The whole edit, for a person."""
    timeline, console = current.timeline, Console()
    console.print(_clip_table(timeline))
    edited = ""
    if composite.edited_at is not None:
        edited = f", edited by {composite.edited_by} at {composite.edited_at:%Y-%m-%d %H:%M} UTC"
    tell_line(
        console,
        f"{composite.episode}: {length_text(timeline.total_frames, timeline.rate)}, {timeline.width}x{timeline.height} "
        f"at {float(timeline.rate):.6g} frames a second",
    )
    tell_line(console, f"state: {composite.state}, version {composite.version}{edited}")
    if composite.state is CompositeState.EXPORTING:
        tell_line(console, f"now: {progress_text(composite.percent, composite.step, composite.seconds_left)}")
    if composite.reason:
        tell_line(console, f"why: {composite.reason}")
    for name, told in _track_lines(timeline, composite.music_wanted):
        tell_line(console, f"{name}: {told}")
    for note in current.notes:
        tell_line(console, f"note: {note}", style="yellow")
    for one in composite.waiting:
        tell_line(console, f"waits: {one}", style="yellow")
    tell_exports(exports_documents(place, composite))


def _clip_table(timeline: Timeline) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("place", "shot", "starts", "seconds", "frames"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("its source", "begins with"):
        table.add_column(name, no_wrap=True)
    table.add_column("line", overflow="fold")
    for place, (clip, start) in enumerate(zip(timeline.clips, timeline.starts, strict=True), start=1):
        table.add_row(
            str(place),
            str(clip.shot),
            f"{float(start / timeline.rate):.2f}",
            f"{float(clip.frames / timeline.rate):.2f}",
            str(clip.frames),
            escape(_source_text(clip)),
            f"{clip.transition.kind} {clip.transition.frames}f" if clip.transition is not None else "",
            escape(_words(timeline, clip.shot)),
        )
    return table


def _source_text(clip: Clip) -> str:
    if clip.slate:
        return f"slate: {clip.slate}"
    if clip.kind == "still":
        return "still"
    of = f" of {clip.source_frames}" if clip.source_frames is not None else ""
    return f"{clip.source_in}-{clip.source_out}{of}" + (f" +{clip.hold}" if clip.hold else "")


def _words(timeline: Timeline, shot: int) -> str:
    """The shot's subtitles in the film's language, numbered where there are several."""
    lines = [
        line
        for track in timeline.subtitles
        if track.language == timeline.language
        for line in track.lines
        if line.shot == shot
    ]
    told = [f"{line.speaker}: {' '.join(line.lines)}" if line.speaker else " ".join(line.lines) for line in lines]
    return told[0] if len(told) == 1 else "\n".join(f"{number} {words}" for number, words in enumerate(told, start=1))


def _track_lines(timeline: Timeline, music_wanted: bool) -> Iterator[tuple[str, str]]:
    yield "subtitles", ", ".join(f"{one.language} ({len(one.lines)})" for one in timeline.subtitles) or "none"
    gains = timeline.gains
    yield "gains", f"speech {gains.speech:+g} dB, own sound {gains.own_sound:+g} dB, effects {gains.effects:+g} dB"
    later = " yet; the film's export makes it" if timeline.music is None and music_wanted else ""
    yield "music", music_text(timeline.music) + later
    counted: dict[tuple[str, int], int] = {}
    for effect in timeline.effects:
        number = counted[("effect", effect.shot)] = counted.get(("effect", effect.shot), 0) + 1
        at, long = seconds_text(effect.offset / SAMPLE_RATE), seconds_text(effect.length / SAMPLE_RATE)
        yield f"effect {number} of shot {effect.shot}", f"at {at}, {long} long, {effect.gain_db:+g} dB"
    for marker in timeline.markers:
        number = counted[("marker", marker.shot)] = counted.get(("marker", marker.shot), 0) + 1
        at = seconds_text(marker.offset / timeline.rate)
        yield f"marker {number} of shot {marker.shot}", f"at {at} ({marker.colour}): {marker.text}"
