"""Odd sounds: as music, as a line, as an effect. Each is heard as it should be, or refused by name."""

import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from support.film_media import Media, as_music, as_picture, as_voice, digest, ebur128, ffmpeg, heard
from support.small_films import assert_nothing_stray

from aianime_pipeline.errors import BadDurationError, BadSettingError, UnreadableMediaError
from aianime_pipeline.film.render import FilmReport, render_film
from aianime_pipeline.film.sound.reading import sound_length
from aianime_pipeline.film.timeline import Music, SoundClip, Timeline, TimelineShot, TrackGains, build_timeline

SECONDS = 2


def odd_sounds(media: Media) -> dict[str, Path]:
    def tone(name: str, rate: int, seconds: float, *options: str) -> Path:
        source = f"aevalsrc=0.3*sin(2*PI*500*t):s={rate}:d={seconds}"
        return media.make(name, "-f", "lavfi", "-i", source, *options)

    plain = tone("plain.wav", 48_000, 1.0)
    return {
        "8 kHz, 8 bits": tone("telephone.wav", 8_000, 1.0, "-c:a", "pcm_u8"),
        "5.1": tone("around.flac", 48_000, 1.0, "-af", "pan=5.1|FL=c0|FR=c0|FC=c0|LFE=c0|BL=c0|BR=c0"),
        "192 kHz": tone("studio.flac", 192_000, 1.0, "-sample_fmt", "s32"),
        "with a cover": media.make(
            "cover.mp3", "-i", str(plain), "-i", str(media.picture()), "-map", "0", "-map", "1", "-c:v", "png",
            "-disposition:v", "attached_pic",
        ),
        "64-bit floats": tone("floats.wav", 44_100, 1.0, "-c:a", "pcm_f64le"),
        "in a video": media.make(
            "video.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=24:d=1", "-i", str(plain), "-c:a", "libopus",
        ),
        "longer": tone("longer.ogg", 44_100, 7.0),
        "much shorter": tone("shorter.wav", 44_100, 0.05),
    }  # fmt: skip


KINDS = ("8 kHz, 8 bits", "5.1", "192 kHz", "with a cover", "64-bit floats", "in a video", "longer", "much shorter")


def empty_wav(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
    return path


def film(media: Media, **parts: object) -> Timeline:
    shot = TimelineShot(1, SECONDS * 1000, as_picture(media.picture()))
    timeline = build_timeline([shot], width=64, height=36, rate=Fraction(24)).timeline
    return replace(timeline, **parts)  # type: ignore[arg-type]


def rendered(timeline: Timeline, folder: Path) -> FilmReport:
    return render_film(timeline, folder / "out" / "film.mp4", cache=folder / "cache")


def share_of_tone(sound: np.ndarray[tuple[int, int], np.dtype[np.float32]], hertz: int = 500) -> float:
    """How much of the power lies within 20 Hz of the tone."""
    power = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound)))) ** 2
    frequencies = np.fft.rfftfreq(len(sound), 1 / 48_000)
    return float(power[np.abs(frequencies - hertz) < 20].sum() / power.sum())


@pytest.mark.parametrize("kind", KINDS)
def test_odd_music_fills_the_film_and_no_more(media: Media, tmp_path: Path, kind: str) -> None:
    report = rendered(film(media, music=as_music(odd_sounds(media)[kind])), tmp_path)
    sound = heard(report.path)
    assert len(sound) == SECONDS * 48_000
    assert report.lufs == pytest.approx(-16, abs=0.5)
    assert share_of_tone(sound[4_800:48_000]) > (0.5 if kind == "much shorter" else 0.95)
    assert np.abs(sound[48_000:52_800]).max() > 0.02, "looped where it is shorter"


@pytest.mark.parametrize("kind", KINDS[:6])
def test_an_odd_line_is_heard_whole_at_its_pitch(media: Media, tmp_path: Path, kind: str) -> None:
    source = odd_sounds(media)[kind]
    length = sound_length(source)
    assert length == pytest.approx(48_000, abs=100)
    shot = TimelineShot(1, SECONDS * 1000, as_picture(media.picture()), voice=as_voice(source, length / 48_000))
    report = rendered(build_timeline([shot], width=64, height=36, rate=Fraction(24)).timeline, tmp_path)
    sound = heard(report.path)
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 0.05)
    assert loud[0] == pytest.approx(7_200, abs=200)
    assert loud[-1] == pytest.approx(7_200 + 48_000, abs=300)
    assert share_of_tone(sound[9_600:52_800]) > 0.95


def test_an_effect_that_goes_on_beyond_the_films_end_is_cut_there(media: Media, tmp_path: Path) -> None:
    source = media.voice(seconds=3.0)
    inside = SoundClip(1, source, digest(source), 48_000, 3 * 48_000)
    beyond = SoundClip(1, source, digest(source), 10 * 48_000, 48_000)
    report = rendered(film(media, effects=(inside, beyond)), tmp_path)
    sound = np.abs(heard(report.path))
    assert len(sound) == SECONDS * 48_000
    assert sound[:47_000].max() < 0.01
    assert sound[60_000:-4_800].max() > 0.1


@pytest.mark.parametrize("gain", [60.0, -60.0])
def test_the_widest_gains_neither_clip_nor_break_the_film(media: Media, tmp_path: Path, gain: float) -> None:
    source = media.voice(seconds=1.0)
    line = SoundClip(1, source, digest(source), 4_800, 48_000, gain_db=gain)
    music = Music(media.music(), digest(media.music()), gain_db=gain, ducking_db=-60.0)
    timeline = film(media, speech=(line,), music=music, gains=TrackGains(gain, gain, gain))
    report = rendered(timeline, tmp_path)
    sound = heard(report.path)
    assert np.isfinite(sound).all()
    assert len(sound) == SECONDS * 48_000
    if gain > 0:
        loudness, peak = ebur128(report.path)
        assert peak < -1.5
        assert loudness == pytest.approx(-16, abs=0.5)
    else:
        assert np.abs(sound).max() < 0.9
        assert report.lufs is None or report.lufs == pytest.approx(-16, abs=0.5), report


def test_a_gain_that_is_no_gain_is_refused(media: Media) -> None:
    source = media.voice()
    for gain in (60.5, float("nan"), float("inf")):
        with pytest.raises(BadSettingError, match="between -60 and 60"):
            SoundClip(1, source, digest(source), 0, 48_000, gain_db=gain)


def test_a_film_of_which_every_sound_is_silent_is_silent_and_says_so(media: Media, tmp_path: Path) -> None:
    silence = media.make("silence.wav", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "1")
    line = SoundClip(1, silence, digest(silence), 4_800, 48_000)
    timeline = film(media, speech=(line,), effects=(replace(line, offset=0),), music=as_music(silence))
    report = rendered(timeline, tmp_path)
    assert (report.lufs, report.true_peak) == (None, None)
    assert np.abs(heard(report.path)).max() == 0
    assert len(heard(report.path)) == SECONDS * 48_000
    assert any("film is silent" in warning for warning in report.warnings)
    assert "The music silence.wav is silent." in report.warnings


@pytest.mark.parametrize("role", ["music", "speech", "effects"])
def test_a_sound_of_no_length_is_refused_by_name(media: Media, tmp_path: Path, role: str) -> None:
    empty = empty_wav(tmp_path / "empty.wav")
    sound = SoundClip(1, empty, digest(empty), 0, 48_000)
    timeline = film(media, **{role: as_music(empty) if role == "music" else (sound,)})
    with pytest.raises(UnreadableMediaError, match=r"empty\.wav|shot 1"):
        rendered(timeline, tmp_path)
    assert_nothing_stray(tmp_path / "out" / "film.mp4", tmp_path / "cache")
    with pytest.raises(BadDurationError):
        SoundClip(1, empty, digest(empty), 0, 0)


def test_a_cover_picture_is_never_the_films_picture(media: Media, tmp_path: Path) -> None:
    song = odd_sounds(media)["with a cover"]
    assert b"attached pic" in ffmpeg("-i", song, "-f", "null", "-").stderr
    shot = TimelineShot(1, 500, replace(as_picture(media.picture()), path=song, digest=digest(song), kind="video"))
    timeline = build_timeline([shot], width=64, height=36, rate=Fraction(24)).timeline
    with pytest.raises(UnreadableMediaError, match=r"Shot 1: cover\.mp3 has no video"):
        rendered(timeline, tmp_path)
