"""The arithmetic of sound against known answers."""

import math
import wave
from pathlib import Path

import numpy as np
import pytest

from aianime_pipeline.film.ffmpeg import ffmpeg_binary
from aianime_pipeline.providers.local import waves

RATE = waves.SAMPLE_RATE


def tone(hertz: float, seconds: float, level: float = 0.5, rate: int = RATE) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def test_one_channel_is_as_loud_as_the_same_in_two() -> None:
    mono = tone(997, 5, level=1.0)
    assert waves.loudness([mono]) == waves.loudness([np.stack([mono, mono], axis=1)]) == pytest.approx(0.0, abs=0.05)


def test_loudness_agrees_with_ffmpeg_on_noise_in_stereo(tmp_path: Path) -> None:
    import re
    import subprocess

    chance = np.random.default_rng(3)
    loud_and_soft = np.concatenate([np.full(RATE * 3, 0.2), np.full(RATE * 3, 0.02), np.full(RATE * 2, 0.1)])
    noise = (chance.standard_normal((len(loud_and_soft), 2)) * loud_and_soft[:, None]).astype(np.float32)
    waves.write_wav(tmp_path / "n.wav", [noise], channels=2)
    told = subprocess.run(
        [ffmpeg_binary(), "-nostats", "-i", tmp_path / "n.wav", "-af", "ebur128", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    theirs = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1])
    blocks = [noise[start : start + 70_001] for start in range(0, len(noise), 70_001)]
    assert waves.loudness(blocks) == pytest.approx(theirs, abs=0.15)


def test_silence_has_no_loudness() -> None:
    assert waves.loudness([np.zeros(RATE, np.float32)]) == -math.inf
    assert waves.loudness([]) == -math.inf


def test_resampling_keeps_pitch_level_and_length() -> None:
    original = tone(1000, 1.0, rate=22_050)
    longer = waves.resampled(original, 22_050, RATE)
    assert len(longer) == 48_000
    middle = longer[5_000:43_000]
    assert np.abs(middle - tone(1000, 1.0)[5_000:43_000]).max() < 0.01
    spectrum = np.abs(np.fft.rfft(longer * np.hanning(len(longer))))
    assert spectrum[11_100:].max() < spectrum.max() / 1000


def test_levelling_holds_the_peak_and_only_multiplies_what_is_far_from_it() -> None:
    chance = np.random.default_rng(1)
    spiky = (chance.standard_normal(RATE) * 0.02).astype(np.float32)
    spiky[20_000] = 3.0
    levelled = waves.levelled(spiky, gain=2.0, peak=0.7)
    assert len(levelled) == len(spiky)
    assert np.abs(levelled).max() <= 0.7
    assert np.abs(levelled[:15_000] - 2 * spiky[:15_000]).max() < 1e-3
    assert np.abs(levelled[-15_000:] - 2 * spiky[-15_000:]).max() < 1e-3


def test_trimming_cuts_only_the_ends() -> None:
    sound = np.concatenate([np.zeros(1000), tone(500, 0.1), np.zeros(3000), tone(500, 0.1), np.zeros(500)])
    assert 12_590 <= len(waves.trimmed(sound.astype(np.float32))) <= 12_600
    assert waves.trimmed(np.zeros(100, np.float32)).size == 0


def test_a_wav_file_holds_what_was_written(tmp_path: Path) -> None:
    sound = np.array([0.0, 0.5, -0.5, 1.5, -1.5], np.float32)
    assert waves.write_wav(tmp_path / "s.wav", [sound[:2], sound[2:]], channels=1) == 5
    with wave.open(str(tmp_path / "s.wav")) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (48_000, 2, 1)
        read = waves.from_pcm(file.readframes(5))
    assert np.abs(read - np.clip(sound, -1, 1)).max() < 1e-4
