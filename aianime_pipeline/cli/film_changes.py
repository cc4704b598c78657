"""One edit of a film from the command line: made on the edit as it stands, stored under its version, and told."""

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

import typer

from aianime_pipeline.cli.arguments import print_json

if TYPE_CHECKING:
    from aianime_pipeline.film.timeline import Edited, Timeline
    from aianime_pipeline.production.films.composites import EditStored


class _Unchanged(Exception):
    """The film is as it was asked for already: nothing is stored, and no export goes out of date."""

    def __init__(self, edited: "Edited") -> None:
        self.edited = edited


def apply_edit(
    episode_key: str,
    change: Callable[["Timeline"], "Edited"],
    told: Callable[["Timeline", "Timeline"], str],
    *,
    version: int | None,
    as_json: bool,
    music_wanted: bool | None = None,
) -> None:
    """Store what `change` makes of the timeline; `told` says in one sentence what that is, from before and after.

    `music_wanted` as for `edit_timeline`. Without `version` it is an edit of whatever stands there. Raises what
    `edit_timeline` raises.
    """
    from getpass import getuser

    from aianime_pipeline.production.films.composites import edit_timeline, read_composite
    from aianime_pipeline.production.installation import installation

    place = installation()
    composite = read_composite(place, episode_key)
    expected = composite.version if version is None else version
    same_music = music_wanted in (None, composite.music_wanted)
    had: list[Timeline] = []

    def changed(timeline: "Timeline") -> "Edited":
        had[:] = [timeline]
        edited = change(timeline)
        if edited.timeline == timeline and same_music:
            raise _Unchanged(edited)
        return edited

    try:
        stored = edit_timeline(
            place, episode_key, changed, expected_version=expected, who=getuser(), music_wanted=music_wanted
        )
    except _Unchanged as unchanged:
        timeline, notes = unchanged.edited.timeline, unchanged.edited.notes
        tell_edit(episode_key, "Nothing to change: it is so already.", timeline, expected, notes, as_json=as_json)
    else:
        tell_stored(episode_key, told(had[0], stored.timeline), stored, as_json=as_json)


def tell_stored(episode_key: str, sentence: str, stored: "EditStored", *, as_json: bool) -> None:
    tell_edit(episode_key, sentence, stored.timeline, stored.version, stored.notes, as_json=as_json)


def tell_edit(
    episode_key: str, sentence: str, timeline: "Timeline", version: int, notes: tuple[str, ...], *, as_json: bool
) -> None:
    if as_json:
        print_json(
            {
                "episode": episode_key,
                "version": version,
                "changed": sentence,
                "notes": list(notes),
                "frames": timeline.total_frames,
                "seconds": float(timeline.seconds),
            }
        )
        return
    typer.echo(sentence)
    for note in notes:
        typer.echo(f"note: {note}")
    typer.echo(f"{episode_key}: version {version}, {length_text(timeline.total_frames, timeline.rate)}")


def length_text(frames: int, rate: Fraction) -> str:
    """`2.5 s (60 frames)`."""
    return f"{seconds_text(frames / rate)} ({frames} frame{'' if frames == 1 else 's'})"


def seconds_text(seconds: Fraction | float) -> str:
    """`2.5 s`, to the hundredth."""
    return f"{float(seconds):.2f}".rstrip("0").rstrip(".") + " s"
