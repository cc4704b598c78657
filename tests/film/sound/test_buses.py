"""What is heard when: placing, fades, and clips' own sound over transitions. No file is opened."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.film.sound.buses import EDGE, HeardSound, Ramp, heard_sounds, music_ramps, spoken_spans
from aianime_pipeline.film.timeline import Clip, ClipTransition, Music, SoundClip, Timeline, TrackGains, samples_at
from aianime_pipeline.storyboard.model import Transition

A, B = "a" * 64, "b" * 64


def clip(shot: int, first: int = 0, last: int = 48, **more: object) -> Clip:
    return Clip(shot, Path("x.mp4"), A, "video", last, source_in=first, keeps_own_sound=True, **more)  # type: ignore[arg-type]


def film(*clips: Clip, **more: object) -> Timeline:
    return Timeline(320, 180, Fraction(24), clips, **more)  # type: ignore[arg-type]


def line(shot: int, offset: int, length: int, **more: object) -> SoundClip:
    return SoundClip(shot, Path("l.wav"), B, offset, length, **more)  # type: ignore[arg-type]


def weight(sound: HeardSound, place: int) -> float:
    places = np.asarray([place])
    inside = sound.start <= place < sound.stop
    return float(np.prod([ramp.at(places)[0] for ramp in sound.ramps])) if inside else 0.0


def test_a_line_is_heard_from_its_sample_to_its_last_with_no_fade() -> None:
    timeline = film(clip(1), clip(2), speech=(line(2, 1_000, 50_000, gain_db=2.0),), gains=TrackGains(speech=1.5))
    [spoken] = [sound for sound in heard_sounds(timeline) if sound.bus == "speech"]
    assert (spoken.start, spoken.stop, spoken.source_at, spoken.gain_db) == (97_000, 147_000, 0, 3.5)
    assert spoken.ramps == ()


def test_an_effect_fades_as_it_is_told_and_is_cut_off_softly_at_the_films_end() -> None:
    effect = line(1, 80_000, 100_000, source_in=500, fade_in=4_800)
    timeline = film(clip(1), effects=(effect, line(1, 96_000, 10)))
    [heard] = [sound for sound in heard_sounds(timeline) if sound.bus == "effects"]
    assert (heard.start, heard.stop, heard.source_at) == (80_000, 96_000, 500)
    assert weight(heard, 80_000) == 0
    assert weight(heard, 82_400) == pytest.approx(0.5)
    assert weight(heard, 90_000) == 1
    assert weight(heard, 96_000 - 48) == pytest.approx(0.5)


def test_a_clips_own_sound_begins_at_its_in_point_and_is_silent_while_its_last_frame_is_held() -> None:
    trimmed = replace(clip(2, 12, 36, hold=24), own_gain_db=-3.0)
    own = heard_sounds(film(clip(1), trimmed, clip(3)))
    assert (own[1].start, own[1].stop, own[1].source_at) == (96_000, 144_000, 24_000)
    assert own[1].gain_db == -3.0
    assert [weight(own[1], place) for place in (96_000, 96_000 + EDGE, 144_000 - EDGE, 143_999)] == pytest.approx(
        [0, 1, 1, 0], abs=0.01
    )
    assert own[2].start == 192_000


@pytest.mark.parametrize("kind", [Transition.DISSOLVE, Transition.WIPE])
def test_over_a_dissolve_both_clips_sound_with_equal_power(kind: Transition) -> None:
    over = ClipTransition(kind, 6, 6)
    first, second = heard_sounds(film(clip(1, 0, 48, source_frames=60), clip(2, 12, 60, transition=over)))
    assert (first.stop, second.start) == (samples_at(54, Fraction(24)), samples_at(42, Fraction(24)))
    assert second.source_at == samples_at(6, Fraction(24))
    for place in range(second.start + EDGE, first.stop - EDGE, 777):
        assert weight(first, place) ** 2 + weight(second, place) ** 2 == pytest.approx(1.0)
    assert weight(first, second.start - 1) == 1
    assert weight(second, first.stop) == 1


def test_over_a_dissolve_a_clip_sounds_only_as_far_as_its_source_goes() -> None:
    over = ClipTransition(Transition.DISSOLVE, 6, 6)
    first, second = heard_sounds(film(clip(1, 0, 48, source_frames=50), clip(2, 4, 52, transition=over)))
    assert first.stop == samples_at(50, Fraction(24))
    assert (second.start, second.source_at) == (samples_at(44, Fraction(24)), 0)
    held, _ = heard_sounds(film(clip(1, 0, 24, hold=24), clip(2, 4, 52, transition=over)))
    assert held.stop == samples_at(24, Fraction(24))


@pytest.mark.parametrize("kind", [Transition.FADE_BLACK, Transition.FLASH_WHITE])
def test_through_black_and_white_the_sound_goes_with_the_picture(kind: Transition) -> None:
    first, second = heard_sounds(film(clip(1), clip(2, 12, 60, transition=ClipTransition(kind, 12, 12))))
    assert (first.stop, second.start) == (96_000, 96_000)
    assert [weight(first, at) for at in (72_000, 84_000)] == pytest.approx([1, 0.5])
    assert [weight(second, at) for at in (108_000, 120_000)] == pytest.approx([0.5, 1])


def test_pauses_too_short_to_come_up_in_count_as_speech() -> None:
    lines = (line(1, 10_000, 20_000), line(1, 60_000, 10_000), line(1, 150_000, 10_000))
    assert spoken_spans(film(clip(1, 0, 240), speech=lines)) == ((10_000, 70_000), (150_000, 160_000))


def test_music_comes_and_goes_within_half_the_film_and_never_ends_with_a_click() -> None:
    music = Music(Path("m.mp3"), A, fade_in=4_800, fade_out=96_000)
    assert music_ramps(music, 960_000) == (Ramp(0, 4_800, rising=True), Ramp(864_000, 960_000, rising=False))
    assert music_ramps(music, 10_000)[1] == Ramp(5_000, 10_000, rising=False)
    assert music_ramps(replace(music, fade_in=0, fade_out=0), 10_000) == (Ramp(10_000 - 96, 10_000, rising=False),)


@given(st.integers(-100, 100), st.integers(1, 100), st.booleans(), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_ramp_touches_where_it_is_not_one(first: int, length: int, rising: bool, power: bool) -> None:
    ramp = Ramp(first, first + length, rising, power)
    places = np.arange(-250, 250)
    values = ramp.at(places)
    assert ((values >= 0) & (values <= 1)).all()
    for start, stop in ((-250, first), (first, first + length), (first + length, 250)):
        inside = values[(places >= start) & (places < stop)]
        if not ramp.touches(start, stop):
            assert (inside == 1).all()
