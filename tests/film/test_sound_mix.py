"""The mixed sound: length, loudness, peaks, and what it is kept by."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from support.film_media import Media, as_music, as_picture, as_voice, ebur128, heard

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.ffmpeg import FfmpegCancelled
from aianime_pipeline.film.sound import mix_sound, sound_key
from aianime_pipeline.film.timeline import Music, Timeline, TimelineShot, build_timeline


def timeline_of(
    media: Media, *, music: Music | None = None, voice: Path | None = None, seconds: float = 1.0
) -> Timeline:
    picture = as_picture(media.picture())
    line = None if voice is None else as_voice(voice, seconds)
    wanted = [
        TimelineShot(1, 2000, picture),
        TimelineShot(2, 2000, picture, voice=line),
        TimelineShot(3, 3000, picture),
    ]
    return build_timeline(wanted, width=320, height=180, rate=Fraction(24), music=music).timeline


@pytest.mark.parametrize("gain", [-40.0, 0.0, 20.0])
def test_any_level_comes_out_at_minus_16_lufs(media: Media, tmp_path: Path, gain: float) -> None:
    mix = mix_sound(timeline_of(media, music=as_music(media.music(), gain)), cache=tmp_path)
    loudness, peak = ebur128(mix.path)
    assert loudness == pytest.approx(-16, abs=0.5)
    assert peak < -1.5
    assert mix.warnings == ()


def test_high_peaks_are_limited_and_the_loudness_is_kept(media: Media, tmp_path: Path) -> None:
    clicks = "aevalsrc='0.05*sin(2*PI*300*t)+0.9*lt(mod(t,0.5),0.002)':s=48000:d=3"
    path = media.make("clicks.wav", "-f", "lavfi", "-i", clicks)
    mix = mix_sound(timeline_of(media, voice=path, seconds=3.0), cache=tmp_path)
    loudness, peak = ebur128(mix.path)
    assert peak < -1.5
    assert loudness == pytest.approx(-16, abs=0.5)


def test_a_film_of_bare_clicks_says_that_its_loudness_cannot_be_reached(media: Media, tmp_path: Path) -> None:
    path = media.make("click.wav", "-f", "lavfi", "-i", "aevalsrc='0.9*between(t,0.5,0.5002)':s=48000:d=1")
    mix = mix_sound(timeline_of(media, voice=path), cache=tmp_path)
    assert mix.true_peak is not None
    assert mix.true_peak < -1.5
    assert "LUFS instead of -16.0" in mix.warnings[0]


def test_music_makes_way_for_speech(media: Media, tmp_path: Path) -> None:
    tone = media.make("tone.wav", "-f", "lavfi", "-i", "sine=4000:r=48000:d=30")
    voice = media.make("low.wav", "-f", "lavfi", "-i", "aevalsrc=0.2*sin(2*PI*200*t):s=48000:d=1.5")
    timeline = timeline_of(media, music=as_music(tone, 0.0), voice=voice, seconds=1.5)
    sound = heard(mix_sound(timeline, cache=tmp_path).path)[:, 0]
    assert len(sound) == timeline.total_samples

    def music_at(seconds: float) -> float:
        part = sound[int(seconds * 48_000) :][:9_600] * np.hanning(9_600)
        return float(np.abs(np.fft.rfft(part))[800])

    assert 20 * np.log10(music_at(2.8) / music_at(0.5)) == pytest.approx(-10, abs=0.5)
    assert 20 * np.log10(music_at(4.6) / music_at(0.5)) == pytest.approx(0, abs=0.5)


def test_the_mix_is_kept_by_what_is_heard_and_by_nothing_that_is_seen(media: Media, tmp_path: Path) -> None:
    timeline = timeline_of(media, music=as_music(media.music()), voice=media.voice())
    assert timeline.music is not None
    assert mix_sound(timeline, cache=tmp_path).made
    kept = mix_sound(timeline, cache=tmp_path)
    assert not kept.made
    assert kept.lufs == pytest.approx(-16, abs=0.5)
    seen_otherwise = [
        replace(timeline, width=640),
        replace(timeline, subtitles=()),
        replace(timeline, clips=tuple(replace(clip, digest="0" * 64) for clip in timeline.clips)),
    ]
    assert {sound_key(other) for other in seen_otherwise} == {sound_key(timeline)}
    heard_otherwise = [
        replace(timeline, music=None),
        replace(timeline, music=replace(timeline.music, gain_db=-3.0)),
        replace(timeline, speech=(replace(timeline.speech[0], start=0),)),
        replace(timeline, speech=(replace(timeline.speech[0], digest="0" * 64),)),
        replace(timeline, clips=timeline.clips[:2]),
        replace(timeline, clips=(replace(timeline.clips[0], keeps_own_sound=True), *timeline.clips[1:])),
    ]
    assert len({sound_key(timeline), *map(sound_key, heard_otherwise)}) == 7


def test_a_damaged_mix_is_made_again(media: Media, tmp_path: Path) -> None:
    timeline = timeline_of(media, voice=media.voice())
    path = mix_sound(timeline, cache=tmp_path).path
    path.write_bytes(path.read_bytes()[:-10])
    assert mix_sound(timeline, cache=tmp_path).made


def test_a_failed_or_cancelled_mix_leaves_nothing(media: Media, tmp_path: Path) -> None:
    page = tmp_path / "page.mp3"
    page.write_text("<html>")
    with pytest.raises(UnreadableMediaError, match=r"page\.mp3"):
        mix_sound(timeline_of(media, music=Music(page, "a" * 64)), cache=tmp_path / "cache")
    shares: list[float] = []
    with pytest.raises(FfmpegCancelled):
        mix_sound(
            timeline_of(media, music=as_music(media.music())),
            cache=tmp_path / "cache",
            on_share=shares.append,
            cancelled=lambda: bool(shares) and shares[-1] > 0.65,
        )
    assert list((tmp_path / "cache" / "sound").iterdir()) == []
