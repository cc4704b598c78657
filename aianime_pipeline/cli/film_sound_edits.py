"""`aianime film`: the commands that edit what is heard: gains, the clips' own sound, lines, effects, music.

Numbers of a shot's sounds are counted from 1 here, and from 0 on the timeline.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from aianime_pipeline.cli.arguments import (
    EpisodeKey,
    Json,
    ShotNumber,
    Version,
    counted,
    decibels,
    exactly_one,
    file_there,
    nth,
    one_of,
    samples_of,
)
from aianime_pipeline.cli.film_changes import apply_edit, seconds_text
from aianime_pipeline.errors import BadInputError, StateError

if TYPE_CHECKING:
    from aianime_pipeline.film.timeline import Edited, Music, SoundClip, Timeline

_TRACKS = ("speech", "own_sound", "effects", "music")
_SOUNDS = ("speech", "own", "effects")
_CALLED = {"speech": "line", "effects": "effect"}
_SAMPLE_RATE = 48_000

Gain = Annotated[str | None, typer.Option("--gain", metavar="DB", help="Louder or softer by so much, such as -6.")]
FadeIn = Annotated[str | None, typer.Option("--fade-in", metavar="S", help="Seconds, or frames such as 12f.")]
FadeOut = Annotated[str | None, typer.Option("--fade-out", metavar="S", help="Seconds, or frames such as 12f.")]
Number = Annotated[
    int, typer.Option("--number", parser=counted, metavar="N", help="Which one of the shot's, counted from 1.")
]


def gain(
    episode_key: EpisodeKey,
    db: Annotated[str, typer.Argument(metavar="DB", help="Such as -6 or +3; 0 is as recorded.")],
    track: Annotated[str | None, typer.Option(help="A whole track: speech, own_sound, effects or music.")] = None,
    shot: Annotated[
        int | None, typer.Option(parser=counted, metavar="SHOT", help="Only the sound of this shot.")
    ] = None,
    sound: Annotated[str, typer.Option(help="Which of the shot's sounds: speech, own or effects.")] = "speech",
    number: Number = 1,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Make a track, or the sound of one shot, louder or softer."""
    exactly_one(track=track, shot=shot)
    level = decibels(db)
    whose = one_of("--track", track, _TRACKS) if track is not None else one_of("--sound", sound, _SOUNDS)

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import set_own_gain, set_sound_gain, set_track_gain

        if shot is None:
            return set_track_gain(timeline, whose, level)  # type: ignore[arg-type]  # one of _TRACKS
        timeline.clip_of(shot)
        if whose == "own":
            return set_own_gain(timeline, shot, level)
        kind: Literal["speech", "effects"] = "speech" if whose == "speech" else "effects"
        n = nth(number, len(_sounds(getattr(timeline, kind), shot)), _CALLED[kind], shot)
        return set_sound_gain(timeline, kind, shot, level, n)

    named = whose.replace("own_sound", "own").replace("own", "own sound")
    of = f"The track {named}" if shot is None else f"{named.capitalize()} of shot {shot}"
    apply_edit(episode_key, change, lambda _was, _now: f"{of}: {level:+g} dB now.", version=version, as_json=as_json)


def own_sound(
    episode_key: EpisodeKey,
    shot: ShotNumber,
    heard: Annotated[str, typer.Argument(metavar="on|off", help="Whether it is heard.")],
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Whether a video's own sound is heard."""
    kept = one_of("The own sound", heard, ("on", "off")) == "on"

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import set_own_sound

        return set_own_sound(timeline, shot, kept=kept)

    sentence = f"The own sound of shot {shot} is {'heard' if kept else 'not heard'} now."
    apply_edit(episode_key, change, lambda _was, _now: sentence, version=version, as_json=as_json)


def speech(
    episode_key: EpisodeKey,
    shot: ShotNumber,
    at: Annotated[str, typer.Option(metavar="S", help="Seconds after the shot's beginning; -0.5 is before it.")],
    number: Number = 1,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """When the line of a shot begins; its subtitles go along."""

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import move_speech

        timeline.clip_of(shot)
        n = nth(number, len(_sounds(timeline.speech, shot)), "line", shot)
        return move_speech(timeline, shot, samples_of(at, timeline.rate), n)

    def told(was: "Timeline", now: "Timeline") -> str:
        had, has = (_sounds(timeline.speech, shot)[number - 1].offset for timeline in (was, now))
        return f"The line of shot {shot} begins {_seconds(has)} after the shot now, {_seconds(had)} before."

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def effect(
    episode_key: EpisodeKey,
    shot: ShotNumber,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A sound file, or a video with sound.")] = None,
    at: Annotated[str, typer.Option(metavar="S", help="Seconds after the shot's beginning.")] = "0",
    gain: Gain = None,
    fade_in: FadeIn = None,
    fade_out: FadeOut = None,
    remove: Annotated[
        int | None,
        typer.Option(
            parser=counted, metavar="N", help="Instead: take the shot's effect number N away, counted from 1."
        ),
    ] = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Put a sound effect under a shot, or take one away."""
    exactly_one(FILE=file, remove=remove)
    digest, length = _stored_sound(file) if file is not None else ("", 0)

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import SoundClip, add_effect, remove_effect

        if remove is not None:
            n = nth(remove, len(_sounds(timeline.effects, shot)), "effect", shot)
            return remove_effect(timeline, shot, n)
        return add_effect(
            timeline,
            SoundClip(
                shot,
                Path(digest),
                digest,
                offset=samples_of(at, timeline.rate),
                length=length,
                gain_db=decibels(gain or "0"),
                fade_in=samples_of(fade_in or "0", timeline.rate),
                fade_out=samples_of(fade_out or "0", timeline.rate),
            ),
        )

    def told(was: "Timeline", now: "Timeline") -> str:
        there = len(_sounds(now.effects, shot))
        if remove is not None:
            return f"Effect {remove} of shot {shot} is gone; it has {there} now."
        begins = _seconds(samples_of(at, now.rate))
        return f"Shot {shot} has effect {there} now: {file}, {_seconds(length)} long, from {begins} in the shot."

    apply_edit(episode_key, change, told, version=version, as_json=as_json)


def music(
    episode_key: EpisodeKey,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Other music; looped or trimmed to the film's length.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="No music.")] = False,
    made: Annotated[bool, typer.Option("--made", help="The music that was made for the film, again.")] = False,
    gain: Gain = None,
    ducking: Annotated[
        str | None, typer.Option(metavar="DB", help="How far it goes down while somebody speaks, such as 10.")
    ] = None,
    fade_in: FadeIn = None,
    fade_out: FadeOut = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """The music under the film: other music or none, how loud it is, and its fades."""
    settings = (gain, ducking, fade_in, fade_out)
    if sum((file is not None, off, made)) > 1:
        raise BadInputError("Give one of --file, --off and --made.")
    if not (file is not None or off or made or any(settings)):
        raise BadInputError("Say what to change: --file, --off, --made, --gain, --ducking, --fade-in or --fade-out.")
    if off and any(settings):
        raise BadInputError("With --off there is no music to be louder or softer; give --off alone.")
    digest = _stored_sound(file)[0] if file is not None else None
    made_music = _made_music(episode_key) if made else None
    if made and made_music is None and any(settings):
        raise StateError(
            f"No music has been made for {episode_key} yet: the next export of the film makes it. Give --made alone, "
            "and the rest then."
        )

    def change(timeline: "Timeline") -> "Edited":
        from aianime_pipeline.film.timeline import set_music

        chosen = made_music if made else None if off else _chosen_music(timeline, digest)
        if chosen is not None:
            if gain is not None:
                chosen = replace(chosen, gain_db=decibels(gain))
            if ducking is not None:
                chosen = replace(chosen, ducking_db=-abs(decibels(ducking)))
            if fade_in is not None:
                chosen = replace(chosen, fade_in=samples_of(fade_in, timeline.rate))
            if fade_out is not None:
                chosen = replace(chosen, fade_out=samples_of(fade_out, timeline.rate))
        return set_music(timeline, chosen)

    def told(was: "Timeline", now: "Timeline") -> str:
        later = ", until the next export of the film makes it" if made and now.music is None else ""
        return f"Music: {music_text(now.music)} now{later}; before, {music_text(was.music)}."

    # Without that, what is off before there is any would come back with the music that the first export makes.
    wanted = None if not (off or made) else made
    apply_edit(episode_key, change, told, version=version, as_json=as_json, music_wanted=wanted)


def music_text(music: "Music | None") -> str:
    if music is None:
        return "none"
    fades = f"fades {_seconds(music.fade_in)} in and {_seconds(music.fade_out)} out"
    return f"{music.gain_db:+g} dB, {music.ducking_db:+g} dB more under speech, {fades} ({music.digest[:8]})"


def _chosen_music(timeline: "Timeline", digest: str | None) -> "Music":
    """The film's music with another source, if there is one."""
    from aianime_pipeline.film.timeline import Music

    had = timeline.music
    if digest is None:
        if had is None:
            raise StateError("The film has no music; choose some with --file, or --made for what is made for it.")
        return had
    chosen = Music(Path(digest), digest)
    if had is None:
        return chosen
    # Its gain belongs to the recording: music that was made for the film is far softer than what people bring.
    return replace(chosen, ducking_db=had.ducking_db, fade_in=had.fade_in, fade_out=had.fade_out)


def _made_music(episode_key: str) -> "Music | None":
    from aianime_pipeline.production.films.composites import current_timeline
    from aianime_pipeline.production.installation import installation

    return current_timeline(installation(), episode_key).base.music


def _stored_sound(path: Path) -> tuple[str, int]:
    """The digest of a file that has sound in it, and its samples at 48 kHz; it is in the store then."""
    from mimetypes import guess_type

    from aianime_pipeline.film.sound.reading import sound_length
    from aianime_pipeline.film.sources import probe_media
    from aianime_pipeline.production.generations import remember_object
    from aianime_pipeline.production.installation import installation

    probe_media(file_there(path), needs="sound")
    samples = sound_length(path)
    place = installation()
    stored = place.store.put_file(path, guess_type(path.name)[0] or "application/octet-stream")
    with place.database.write() as session:
        remember_object(session, stored)
    return stored.digest, samples


def _sounds(sounds: "tuple[SoundClip, ...]", shot: int) -> "list[SoundClip]":
    return [sound for sound in sounds if sound.shot == shot]


def _seconds(samples: int) -> str:
    return seconds_text(samples / _SAMPLE_RATE)
