"""What an editor does to the sound: gains, fades, effects, music, where a line is spoken. Pure; the rules are those
of `edits`. Gains in dB, places and lengths in samples at 48 kHz, numbers of sounds of a shot counted from 0."""

from dataclasses import replace
from fractions import Fraction
from typing import Literal

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.timeline.edits import nth_of, with_clip
from aianime_pipeline.film.timeline.model import Timeline, milliseconds, samples_at
from aianime_pipeline.film.timeline.parts import SAMPLE_RATE, Music, SoundClip, SubtitleLine
from aianime_pipeline.film.timeline.rough import Edited, RoughCut, settled

SoundTrack = Literal["speech", "effects"]
GainTrack = Literal["speech", "own_sound", "effects", "music"]


def set_track_gain(timeline: Timeline, track: GainTrack, gain_db: float) -> Edited:
    """The gain of a whole track. Raises BadSettingError, BadInputError for the music where there is none."""
    if track == "music":
        return Edited(replace(timeline, music=replace(_music(timeline), gain_db=gain_db)))
    return Edited(replace(timeline, gains=replace(timeline.gains, **{track: gain_db})))


def set_own_gain(timeline: Timeline, shot: int, gain_db: float) -> Edited:
    """The gain of a clip's own sound. Raises BadSettingError, BadInputError."""
    return with_clip(timeline, replace(timeline.clip_of(shot), own_gain_db=gain_db))


def set_own_sound(timeline: Timeline, shot: int, *, kept: bool) -> Edited:
    """Whether a video's own sound is heard. Raises BadInputError for a still, which has none."""
    clip = timeline.clip_of(shot)
    if kept and clip.kind == "still":
        raise BadInputError(f"Shot {shot} is a still: it has no sound of its own.", shot=shot)
    return with_clip(timeline, replace(clip, keeps_own_sound=kept))


def set_sound_gain(timeline: Timeline, track: SoundTrack, shot: int, gain_db: float, n: int = 0) -> Edited:
    """The gain of one sound. Raises BadSettingError, BadInputError."""
    return _with_sound(timeline, track, shot, n, replace(_sound(timeline, track, shot, n), gain_db=gain_db))


def set_sound_fades(
    timeline: Timeline, track: SoundTrack, shot: int, *, fade_in: int, fade_out: int, n: int = 0
) -> Edited:
    """Raises BadDurationError where the two are longer than the sound, BadInputError."""
    sound = replace(_sound(timeline, track, shot, n), fade_in=fade_in, fade_out=fade_out)
    return _with_sound(timeline, track, shot, n, sound)


def set_music(timeline: Timeline, music: Music | None) -> Edited:
    """Other music, or none."""
    return Edited(replace(timeline, music=music))


def set_music_fades(timeline: Timeline, *, fade_in: int, fade_out: int) -> Edited:
    """Raises BadDurationError, BadInputError where there is no music."""
    return Edited(replace(timeline, music=replace(_music(timeline), fade_in=fade_in, fade_out=fade_out)))


def add_effect(timeline: Timeline, effect: SoundClip) -> Edited:
    """Raises BadInputError where its shot is not on the timeline, and where it would begin after the film's end; what
    would sound before the film is left out."""
    timeline.clip_of(effect.shot)
    begins = samples_at(timeline.start_of[effect.shot], timeline.rate) + effect.offset
    if begins >= timeline.total_samples:
        raise BadInputError(
            f"The effect would begin at {begins / SAMPLE_RATE:.2f} s, and the film is {float(timeline.seconds):.2f} s "
            "long.",
            shot=effect.shot,
        )
    return settled(RoughCut.of(timeline, effects=(*timeline.effects, effect)))


def remove_effect(timeline: Timeline, shot: int, n: int = 0) -> Edited:
    """Raises BadInputError where the shot has no such effect."""
    place = nth_of(timeline.effects, shot, n, "effect")
    return Edited(replace(timeline, effects=timeline.effects[:place] + timeline.effects[place + 1 :]))


def move_speech(timeline: Timeline, shot: int, offset: int, n: int = 0) -> Edited:
    """The line begins `offset` samples after its clip, before it where negative; the subtitles that begin while it is
    spoken go along. Raises BadInputError where another line is spoken then, or the film has no such moment."""
    had = _sound(timeline, "speech", shot, n)
    by = _ms(offset) - _ms(had.offset)
    tracks = (
        replace(track, lines=tuple(_along(line, had, by) for line in track.lines)) for track in timeline.subtitles
    )
    speech = _replaced(timeline, "speech", shot, n, replace(had, offset=offset))
    return settled(RoughCut.of(timeline, speech=speech, subtitles=tuple(tracks)))


def _along(line: SubtitleLine, spoken: SoundClip, by: int) -> SubtitleLine:
    if line.shot != spoken.shot or not _ms(spoken.offset) <= line.start_ms < _ms(spoken.offset + spoken.length):
        return line
    return replace(line, start_ms=line.start_ms + by, end_ms=line.end_ms + by)


def _music(timeline: Timeline) -> Music:
    if timeline.music is None:
        raise BadInputError("The film has no music; choose some first.")
    return timeline.music


def _sounds(timeline: Timeline, track: SoundTrack) -> tuple[SoundClip, ...]:
    return timeline.speech if track == "speech" else timeline.effects


def _sound(timeline: Timeline, track: SoundTrack, shot: int, n: int) -> SoundClip:
    timeline.clip_of(shot)
    return _sounds(timeline, track)[nth_of(_sounds(timeline, track), shot, n, _NAMES[track])]


def _replaced(timeline: Timeline, track: SoundTrack, shot: int, n: int, sound: SoundClip) -> tuple[SoundClip, ...]:
    sounds = list(_sounds(timeline, track))
    sounds[nth_of(sounds, shot, n, _NAMES[track])] = sound
    return tuple(sounds)


def _with_sound(timeline: Timeline, track: SoundTrack, shot: int, n: int, sound: SoundClip) -> Edited:
    sounds = _replaced(timeline, track, shot, n, sound)
    return Edited(replace(timeline, speech=sounds) if track == "speech" else replace(timeline, effects=sounds))


def _ms(samples: int) -> int:
    return milliseconds(Fraction(samples, SAMPLE_RATE))


_NAMES: dict[SoundTrack, str] = {"speech": "spoken line", "effects": "effect"}
