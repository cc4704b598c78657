"""Music that loops and ducks, sound that is read from anything."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.film_media import Media, as_music

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.audio_reading import PcmFile, gathered, sound_blocks, sound_length
from aianime_pipeline.film.buses import (
    CROSSFADE,
    DUCK_AFTER,
    DUCK_BEFORE,
    FADE_OUT,
    decode_music,
    ducking_curve,
    looped,
    music_bus,
    speech_bus,
)
from aianime_pipeline.film.loudness import factor
from aianime_pipeline.film.timeline import Music, SpeechCue


def noise(seconds: int) -> np.ndarray:
    return np.random.default_rng(2).normal(0, 0.1, (48_000 * seconds, 2)).astype(np.float32)


def cue(start: int, length: int, source: Path = Path("line.wav")) -> SpeechCue:
    return SpeechCue(1, source, "a" * 64, start, length)


def test_a_loop_has_no_dip_and_no_click_at_its_seam(tmp_path: Path) -> None:
    with PcmFile(tmp_path / "music.pcm") as pcm:
        pcm.append(noise(10))
        sound = looped(pcm, 0, 48_000 * 30)
        powers = np.square(sound).reshape(-1, 4_800, 2).mean(axis=(1, 2))
        assert 0.7 < powers.min() / powers.mean() < powers.max() / powers.mean() < 1.3
        assert np.abs(np.diff(sound, axis=0)).max() < 1.2
        pieces = [looped(pcm, at, 50_000) for at in range(0, 48_000 * 30, 50_000)]
        np.testing.assert_allclose(np.concatenate(pieces)[: len(sound)], sound, atol=1e-6)
        np.testing.assert_array_equal(sound[: 48_000 * 8], noise(10)[: 48_000 * 8])


def test_music_that_is_long_enough_is_not_looped_and_fades_out(media: Media, tmp_path: Path) -> None:
    path = media.make("long.wav", "-f", "lavfi", "-i", "aevalsrc=0.5:s=48000:d=20", "-c:a", "pcm_f32le")
    total = 48_000 * 10
    with PcmFile(tmp_path / "music.pcm") as pcm:
        music = as_music(path, 0.0)
        decode_music(music, pcm, total + CROSSFADE)
        block = np.zeros((total, 2), np.float32)
        music_bus(music, pcm, (), total)(block, 0)
    np.testing.assert_allclose(block[: total - FADE_OUT], 0.5, atol=1e-5)
    assert block[-1, 0] < 0.001
    assert block[total - FADE_OUT // 2, 0] == pytest.approx(0.25, abs=0.01)


def test_music_is_down_from_the_first_word_to_the_last_and_stays_down_in_short_pauses() -> None:
    curve = ducking_curve([cue(100_000, 50_000), cue(160_000, 50_000), cue(400_000, 10_000)])
    at = lambda *places: curve(np.asarray(places)).tolist()  # noqa: E731
    assert at(100_000, 125_000, 155_000, 209_999, 405_000) == pytest.approx([factor(-10)] * 5, abs=1e-4)
    assert at(0, 100_000 - DUCK_BEFORE, 210_000 + DUCK_AFTER, 300_000, 900_000) == [1.0] * 5
    assert np.abs(np.diff(20 * np.log10(curve(np.arange(500_000))))).max() < 0.002
    assert ducking_curve([])(np.arange(5)).tolist() == [1.0] * 5


@pytest.mark.parametrize(
    ("name", "options", "channels"),
    [
        ("a.wav", ["-ac", "1", "-ar", "22050"], 1),
        ("a.mp3", ["-ac", "2", "-ar", "44100"], 2),
        ("a.m4a", ["-ac", "1", "-ar", "44100"], 1),
        ("a.ogg", ["-ac", "2", "-ar", "48000", "-c:a", "libvorbis"], 2),
        ("a.flac", ["-ac", "1", "-ar", "8000"], 1),
    ],
)
def test_any_rate_and_format_begins_and_ends_where_it_should(
    media: Media, name: str, options: list[str], channels: int
) -> None:
    # 0.3 s of nothing, 0.5 s of a tone, 0.2 s of nothing
    tone = "aevalsrc='0.5*sin(2*PI*1000*t)*between(t,0.3,0.8)':s=48000:d=1"
    path = media.make(f"tone_{name}", "-f", "lavfi", "-i", tone, *options)
    sound = np.concatenate(list(sound_blocks(path)))
    assert abs(len(sound) - 48_000) <= 1_200
    assert sound_length(path) == len(sound)
    peak = 0.5 if channels == 1 else 0.5 / 2**0.5  # ffmpeg's own way to two channels, when the file was made
    loud = np.nonzero(np.abs(sound[:, 0]) > peak / 3)[0]
    assert loud[0] == pytest.approx(0.3 * 48_000, abs=96)
    assert loud[-1] == pytest.approx(0.8 * 48_000, abs=96)
    assert np.median(np.abs(sound[20_000:30_000, 0])) == pytest.approx(peak / 2**0.5, abs=0.03)
    np.testing.assert_allclose(sound[:, 0], sound[:, 1], atol=0.01)


def test_sound_that_begins_late_in_its_file_begins_late(media: Media) -> None:
    path = media.make(
        "late.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=24:d=2",
        "-itsoffset", "0.5", "-f", "lavfi", "-i", "aevalsrc=0.5:s=48000:d=1", "-c:a", "pcm_s16le",
    )  # fmt: skip
    sound = np.concatenate(list(sound_blocks(path)))
    assert np.nonzero(sound[:, 0] > 0.25)[0][0] == pytest.approx(24_000, abs=48)


def test_damaged_floats_become_sound_that_can_be_reckoned_with(media: Media, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes(np.asarray([np.nan, np.inf, -1e30, 0.5] * 1000, np.float32).tobytes())
    path = media.make("broken_floats.wav", "-f", "f32le", "-ar", "48000", "-ac", "1", "-i", str(raw), "-c", "copy")
    sound = np.concatenate(list(sound_blocks(path)))
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 8


def test_a_voice_file_of_another_length_than_the_timeline_knows_is_refused(media: Media) -> None:
    block = np.zeros((96_000, 2), np.float32)
    with pytest.raises(UnreadableMediaError, match=r"shot 1 has 1\.00 s of sound, and the timeline was told 1\.50 s"):
        speech_bus([cue(0, 72_000, media.voice())])(block, 0)


def test_music_without_sound_is_refused(media: Media, tmp_path: Path) -> None:
    silent = media.video("silent.mp4")
    with PcmFile(tmp_path / "pcm") as pcm, pytest.raises(UnreadableMediaError, match=r"silent\.mp4 has no sound"):
        decode_music(Music(silent, "a" * 64), pcm, 1000)


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(1, 7))
def test_gathered_blocks_are_the_same_samples(sizes: list[int], size: int) -> None:
    whole = np.arange(sum(sizes) * 2, dtype=np.float32).reshape(-1, 2)
    blocks = list(gathered(iter(np.split(whole, np.cumsum(sizes)[:-1]) if sizes else []), size))
    assert all(len(block) == size for block in blocks[:-1])
    assert [len(block) <= size and len(block) > 0 for block in blocks[-1:]] in ([], [True])
    np.testing.assert_array_equal(np.concatenate([np.zeros((0, 2), np.float32), *blocks]), whole)
