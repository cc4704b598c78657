"""The mixed sound: length, loudness, peaks, clicks, drift, and what a change costs."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from support.film_media import Media, as_music, as_picture, as_voice, digest, ebur128, heard

from aianime_pipeline.errors import BadSettingError, UnreadableMediaError
from aianime_pipeline.film.ffmpeg import FfmpegCancelled
from aianime_pipeline.film.sound.track import mix_sound, sound_key
from aianime_pipeline.film.timeline import (
    Clip,
    ClipTransition,
    Music,
    SoundClip,
    Timeline,
    TimelineShot,
    build_timeline,
    samples_at,
)
from aianime_pipeline.storyboard.model import Transition


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


def own_sounds(source: Path, *cuts: tuple[int, int], rate: Fraction = Fraction(24), **more: object) -> Timeline:
    """Clips of one source, one after the other, from frame to frame of it, each with its own sound."""
    name = digest(source)
    clips = tuple(
        Clip(number + 1, source, name, "video", last, source_in=first, keeps_own_sound=True)
        for number, (first, last) in enumerate(cuts)
    )
    return Timeline(320, 180, rate, clips, **more)  # type: ignore[arg-type]


def singing(media: Media, name: str, tone: str, *options: str, seconds: int = 6) -> Path:
    return media.make(
        name, "-f", "lavfi", "-i", f"testsrc2=s=64x64:r=24:d={seconds}", "-f", "lavfi",
        "-i", f"aevalsrc='{tone}':s=44100:d={seconds}", *options,
    )  # fmt: skip


@pytest.mark.parametrize("gain", [-40.0, 0.0, 20.0])
def test_any_level_comes_out_at_minus_16_lufs(media: Media, tmp_path: Path, gain: float) -> None:
    mix = mix_sound(timeline_of(media, music=as_music(media.music(), gain)), cache=tmp_path)
    loudness, peak = ebur128(mix.path)
    assert loudness == pytest.approx(-16, abs=0.5)
    assert peak < -1.5
    assert mix.lufs == pytest.approx(loudness, abs=0.15)
    assert mix.warnings == ()


@pytest.mark.parametrize("target", [-14.0, -16.0, -23.0])
def test_any_target_is_reached_with_peaks_under_the_ceiling(media: Media, tmp_path: Path, target: float) -> None:
    words = "aevalsrc='(0.2*sin(2*PI*180*t)+0.15*sin(2*PI*1100*t)+0.6*lt(mod(t,0.31),0.004))':s=24000:d=1.5"
    voice = media.make("peaky.wav", "-f", "lavfi", "-i", words)
    timeline = timeline_of(media, music=as_music(media.music()), voice=voice, seconds=1.5)
    mix = mix_sound(timeline, cache=tmp_path, target_lufs=target)
    loudness, peak = ebur128(mix.path)
    assert loudness == pytest.approx(target, abs=0.5)
    assert peak < -1.5
    assert len(heard(mix.path)) == timeline.total_samples


def test_a_target_that_no_film_has_is_refused(media: Media, tmp_path: Path) -> None:
    with pytest.raises(BadSettingError, match="-40 to -8 LUFS, not 3"):
        mix_sound(timeline_of(media), cache=tmp_path, target_lufs=3.0)


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

    def music_at(seconds: float) -> float:
        part = sound[int(seconds * 48_000) :][:9_600] * np.hanning(9_600)
        return float(np.abs(np.fft.rfft(part))[800])

    assert 20 * np.log10(music_at(2.8) / music_at(0.5)) == pytest.approx(-10, abs=0.5)
    assert 20 * np.log10(music_at(4.6) / music_at(0.5)) == pytest.approx(0, abs=0.5)


def test_lines_of_unlike_loudness_are_heard_alike_and_it_is_told(media: Media, tmp_path: Path) -> None:
    def voice(name: str, level: float) -> SoundClip:
        path = media.make(name, "-f", "lavfi", "-i", f"aevalsrc={level}*sin(2*PI*997*t):s=48000:d=1")
        return SoundClip(1, path, digest(path), 0, 48_000)

    soft, loud, whisper = voice("soft.wav", 0.05), voice("loud.wav", 0.3), voice("whisper.wav", 0.004)
    picture = as_picture(media.picture())
    clips = tuple(Clip(number, picture.path, picture.digest, "still", 36) for number in (1, 2, 3))
    speech = (soft, replace(loud, shot=2), replace(whisper, shot=3))
    mix = mix_sound(Timeline(320, 180, Fraction(24), clips, speech), cache=tmp_path)
    sound = heard(mix.path)[:, 0]
    levels = [20 * np.log10(np.abs(sound[at : at + 24_000]).max()) for at in (12_000, 84_000, 156_000)]
    assert levels[0] == pytest.approx(levels[1], abs=0.3)
    assert levels[2] < levels[1] - 10
    assert mix.levelled == pytest.approx({1: 6.0, 2: -9.5, 3: 12.0}, abs=0.2)
    assert any("lines of shots 3 are much quieter" in warning for warning in mix.warnings)


def test_every_tick_is_at_its_sample_in_a_film_of_60_shots_at_23_976(media: Media, tmp_path: Path) -> None:
    """Nothing drifts: neither by the rate, nor by the sources' own, nor at the seams of the encoder's stretches."""
    tick = media.make("tick.wav", "-f", "lavfi", "-i", "aevalsrc='0.9*eq(n,3000)':s=48000:d=0.3", "-c:a", "pcm_f32le")
    picture, name, rate = as_picture(media.picture()), digest(tick), Fraction(24_000, 1_001)
    clips = tuple(Clip(n, picture.path, picture.digest, "still", 11 + n % 5) for n in range(1, 61))
    lines = tuple(SoundClip(n, tick, name, 777 + n, 14_400) for n in range(1, 61))
    timeline = Timeline(320, 180, rate, clips, lines)
    sound = heard(mix_sound(timeline, cache=tmp_path).path)[:, 0]
    assert len(sound) == timeline.total_samples > 2 * 307_200
    for number, start in enumerate(timeline.starts, start=1):
        place = samples_at(start, rate) + 777 + number + 3_000
        around = np.abs(sound[place - 2_000 : place + 2_000])
        assert abs(int(np.argmax(around)) - 2_000) <= 1, f"shot {number}"


def test_own_sound_cut_anywhere_does_not_click(media: Media, tmp_path: Path) -> None:
    source = singing(media, "sing.mp4", "0.5*sin(2*PI*441.3*t)", "-b:a", "256k")
    timeline = own_sounds(source, (3, 40), (71, 90), (5, 31), (100, 141), (17, 49))
    sound = heard(mix_sound(timeline, cache=tmp_path).path)[:, 0]
    for start in timeline.starts[1:]:
        cut = samples_at(start, timeline.rate)
        part = sound[cut - 512 : cut + 512] * np.hanning(1_024)
        spectrum = np.abs(np.fft.rfft(part))
        # 4 kHz and more: a click has as much there as anywhere, the faded tone has nothing.
        assert spectrum[85:].max() < spectrum.max() * 10 ** (-50 / 20)
        assert np.abs(sound[cut - 2 : cut + 2]).max() < 0.02 * np.abs(sound).max()


def test_own_sound_begins_at_the_clips_in_point_and_is_silent_while_its_frame_is_held(
    media: Media, tmp_path: Path
) -> None:
    source = singing(media, "steps.mp4", "0.5*sin(2*PI*(300+300*floor(t))*t)", "-ac", "1")
    timeline = own_sounds(source, (24, 48), (96, 120))
    timeline = replace(timeline, clips=(replace(timeline.clips[0], hold=24), timeline.clips[1]))
    sound = heard(mix_sound(timeline, cache=tmp_path).path)[:, 0]
    assert pitch(sound, 0.5) == pytest.approx(600, abs=4)
    assert np.abs(sound[54_000:90_000]).max() < 0.001
    assert pitch(sound, 2.5) == pytest.approx(1500, abs=4)


def test_a_dissolve_is_heard_from_both_sides(media: Media, tmp_path: Path) -> None:
    source = singing(media, "steps.mp4", "0.5*sin(2*PI*(300+300*floor(t))*t)", "-ac", "1")
    # Second 1 (600 Hz), and from before second 4 (1200 Hz) on into it (1500 Hz).
    timeline = own_sounds(source, (24, 48), (96, 120))
    over = ClipTransition(Transition.DISSOLVE, 6, 6)
    timeline = replace(timeline, clips=(timeline.clips[0], replace(timeline.clips[1], transition=over)))
    sound = heard(mix_sound(timeline, cache=tmp_path).path)[:, 0]
    early, late = spectrum_at(sound, 0.875), spectrum_at(sound, 1.125)
    assert early[1200] > 20 * early[1500] > 0
    assert early[600] > 10 * early[900]
    assert late[1500] > 10 * late[1200]
    assert late[900] > 20 * late[600]


@pytest.mark.parametrize("options", [["-ac", "1", "-ar", "44100"], ["-ac", "6", "-ar", "48000", "-b:a", "384k"]])
def test_mono_at_44_1_and_five_channels_keep_their_pitch_and_place(
    media: Media, tmp_path: Path, options: list[str]
) -> None:
    source = singing(media, f"late_{options[1]}.mp4", "0.5*sin(2*PI*1000*t)*between(t,2,4)", *options)
    sound = heard(mix_sound(own_sounds(source, (24, 120)), cache=tmp_path).path)
    loud = np.flatnonzero(np.abs(sound).min(axis=1) > 0.1)
    assert loud[0] == pytest.approx(48_000, abs=100)
    assert loud[-1] == pytest.approx(144_000, abs=100)
    assert pitch(sound[:, 0], 2.0) == pytest.approx(1000, abs=3)


def test_a_clip_that_should_keep_its_sound_and_has_none_is_named(media: Media, tmp_path: Path) -> None:
    timeline = own_sounds(media.video("mute.mp4"), (0, 24), (24, 48))
    assert "Shots 1, 2 should keep their own sound" in mix_sound(timeline, cache=tmp_path).warnings[0]


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
        replace(timeline, speech=(replace(timeline.speech[0], source=Path("elsewhere.wav")),)),
    ]
    assert {sound_key(other) for other in seen_otherwise} == {sound_key(timeline)}
    heard_otherwise = [
        replace(timeline, music=None),
        replace(timeline, music=replace(timeline.music, gain_db=-3.0)),
        replace(timeline, music=replace(timeline.music, ducking_db=-3.0)),
        replace(timeline, speech=(replace(timeline.speech[0], offset=0),)),
        replace(timeline, speech=(replace(timeline.speech[0], digest="0" * 64),)),
        replace(timeline, speech=(replace(timeline.speech[0], gain_db=1.0),)),
        replace(timeline, effects=timeline.speech),
        replace(timeline, clips=timeline.clips[:2]),
    ]
    keys = {sound_key(timeline), *map(sound_key, heard_otherwise), sound_key(timeline, -14.0)}
    assert len(keys) == len(heard_otherwise) + 2


def long_film(media: Media) -> Timeline:
    """Five stretches of sound, with speech in each of ten shots."""
    picture, voice = as_picture(media.picture()), media.voice()
    clips = tuple(Clip(n, picture.path, picture.digest, "still", 72) for n in range(1, 11))
    lines = tuple(SoundClip(n, voice, digest(voice), 9_600, 48_000) for n in range(1, 11))
    return Timeline(320, 180, Fraction(24), clips, lines, music=as_music(media.music(), -24.0))


def pieces(cache: Path, suffix: str) -> set[str]:
    return {path.name for path in (cache / "sound").glob(f"*{suffix}")}


def test_a_changed_line_encodes_only_its_neighbourhood_again(media: Media, tmp_path: Path) -> None:
    timeline = long_film(media)
    first = mix_sound(timeline, cache=tmp_path)
    before = pieces(tmp_path, ".aac")
    other = media.make("other.wav", "-f", "lavfi", "-i", "aevalsrc=0.4*sin(2*PI*700*t):s=22050:d=1")
    lines = (*timeline.speech[:-1], replace(timeline.speech[-1], source=other, digest=digest(other)))
    changed = mix_sound(replace(timeline, speech=lines), cache=tmp_path)
    assert len(before) == 5
    assert len(pieces(tmp_path, ".aac") - before) <= 2
    sounds = [heard(mix.path) for mix in (first, changed)]
    np.testing.assert_array_equal(sounds[0][: 3 * 307_200 - 2_048], sounds[1][: 3 * 307_200 - 2_048])
    fresh = mix_sound(replace(timeline, speech=lines), cache=tmp_path / "fresh")
    assert fresh.path.read_bytes() == changed.path.read_bytes()


def test_other_music_decodes_no_line_again(media: Media, tmp_path: Path) -> None:
    timeline = long_film(media)
    mix_sound(timeline, cache=tmp_path)
    before = pieces(tmp_path, ".pcm")
    mix_sound(replace(timeline, music=as_music(media.music(seconds=2.5), -24.0)), cache=tmp_path)
    assert len(pieces(tmp_path, ".pcm") - before) == 1
    mix_sound(timeline, cache=tmp_path, target_lufs=-23.0)
    assert len(pieces(tmp_path, ".pcm") - before) == 1


@pytest.mark.parametrize("suffix", [".m4a", ".aac", ".pcm", ".level"])
def test_a_damaged_piece_is_made_again_and_the_sound_is_the_same(media: Media, tmp_path: Path, suffix: str) -> None:
    timeline = timeline_of(media, voice=media.voice())
    made = mix_sound(timeline, cache=tmp_path)
    whole = made.path.read_bytes()
    for path in (tmp_path / "sound").glob(f"*{suffix}"):
        path.write_bytes(path.read_bytes()[:-10])
    if suffix != ".m4a":
        made.path.unlink()
    again = mix_sound(timeline, cache=tmp_path)
    assert again.made
    assert again.path.read_bytes() == whole


def test_one_worker_and_three_make_the_same_sound(media: Media, tmp_path: Path) -> None:
    timeline = long_film(media)
    films = [mix_sound(timeline, cache=tmp_path / str(count), workers=count).path.read_bytes() for count in (1, 3)]
    assert films[0] == films[1]


def test_a_failed_or_cancelled_mix_leaves_no_part_and_no_sound(media: Media, tmp_path: Path) -> None:
    page = tmp_path / "page.mp3"
    page.write_text("<html>")
    with pytest.raises(UnreadableMediaError, match=r"page\.mp3"):
        mix_sound(timeline_of(media, music=Music(page, "a" * 64)), cache=tmp_path / "cache")
    assert list((tmp_path / "cache" / "sound").iterdir()) == []
    for when in (0.0, 0.35, 0.65):
        shares: list[float] = []
        with pytest.raises(FfmpegCancelled):
            mix_sound(
                timeline_of(media, music=as_music(media.music())),
                cache=tmp_path / "cache",
                on_share=shares.append,
                cancelled=stopping(shares, when),
            )
        left = list((tmp_path / "cache" / "sound").iterdir())
        assert not [path for path in left if path.name.startswith(".part") or path.suffix == ".m4a"]


def stopping(shares: list[float], when: float) -> Callable[[], bool]:
    return lambda: bool(shares) and shares[-1] > when


def spectrum_at(sound: np.ndarray, seconds: float) -> np.ndarray:
    """A tenth of a second around a moment; one value a hertz."""
    middle = round(seconds * 48_000)
    return np.abs(np.fft.rfft(sound[middle - 2_400 : middle + 2_400] * np.hanning(4_800), 48_000))


def pitch(sound: np.ndarray, seconds: float) -> float:
    return float(np.argmax(spectrum_at(sound, seconds)))
