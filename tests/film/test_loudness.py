"""The meter against ffmpeg's own, and the limiter's promise."""

from pathlib import Path

import numpy as np
import pytest
from support.film_media import Media, ebur128

from aianime_pipeline.film.audio_reading import PcmFile, Samples, sound_blocks
from aianime_pipeline.film.limiter import limited
from aianime_pipeline.film.loudness import Loudness, LoudnessMeter, factor, measure

SOUNDS = {
    "noise": "anoisesrc=c=pink:seed=3:a=0.4:r=48000:d=6",
    "low_and_high": "aevalsrc=0.3*sin(2*PI*60*t)|0.2*sin(2*PI*6000*t):s=48000:d=5",
    "pauses": "aevalsrc='0.5*sin(2*PI*997*t)*lt(mod(t,3),1)':s=48000:d=9",
    "between_samples": "aevalsrc='0.7*min(t,1)*sin(2*PI*12000*t+PI/4)':s=48000:d=2",
}


def metered(blocks: list[Samples]) -> Loudness:
    meter = LoudnessMeter()
    for block in blocks:
        meter.add(block)
    return meter.loudness()


@pytest.mark.parametrize("name", SOUNDS)
def test_the_meter_agrees_with_ffmpegs_own(media: Media, name: str) -> None:
    path = media.make(f"{name}.wav", "-f", "lavfi", "-i", SOUNDS[name], "-c:a", "pcm_f32le")
    loudness, peak = ebur128(path)
    ours = metered(list(sound_blocks(path)))
    assert ours.lufs is not None
    assert ours.true_peak is not None
    # ffmpeg counts one channel once; ours are always two.
    assert ours.lufs == pytest.approx(loudness + (0 if name == "low_and_high" else 10 * np.log10(2)), abs=0.1)
    assert ours.true_peak == pytest.approx(peak, abs=0.15)


def test_a_sine_of_minus_23_dbfs_in_both_channels_measures_minus_23_lufs() -> None:
    t = np.arange(48_000 * 5) / 48_000
    wave = (factor(-23) * np.sin(2 * np.pi * 997 * t)).astype(np.float32)
    assert metered([np.stack([wave, wave], 1)]).lufs == pytest.approx(-23.0, abs=0.05)


def test_the_measure_does_not_depend_on_the_blocks() -> None:
    noise = np.random.default_rng(5).normal(0, 0.1, (200_000, 2)).astype(np.float32)
    whole, pieces = metered([noise]), metered(list(np.array_split(noise, 37)))
    assert whole.lufs == pytest.approx(pieces.lufs, abs=1e-4)
    assert whole.true_peak == pytest.approx(pieces.true_peak, abs=1e-3)


def test_silence_has_no_loudness_and_a_blip_has_one() -> None:
    assert metered([np.zeros((96_000, 2), np.float32)]) == Loudness(None, None)
    assert metered([np.full((2_000, 2), 0.25, np.float32)]).lufs is not None


def test_limited_sound_stays_under_the_ceiling_and_is_untouched_far_from_peaks(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    sound = rng.normal(0, 0.05, (300_000, 2)).astype(np.float32)
    sound[100_000:100_050] *= 30
    sound[200_000, 0] = 4.0
    with PcmFile(tmp_path / "sound.pcm") as pcm:
        pcm.append(sound)
        held = limited(pcm.read, 0, len(sound), gain=1.5, ceiling=factor(-2))
        after = measure(lambda start, stop: held[start:stop], len(held))
        assert measure(pcm.read, len(sound)).true_peak > 10
    assert after.true_peak is not None
    assert after.true_peak < -1.9
    np.testing.assert_allclose(held[:90_000], sound[:90_000] * 1.5, rtol=1e-5, atol=1e-7)
    assert np.abs(held[200_000]).max() > 0.3


def test_a_pcm_file_reads_silence_around_itself(tmp_path: Path) -> None:
    with PcmFile(tmp_path / "sound.pcm") as pcm:
        pcm.append(np.ones((3, 2), np.float32))
        assert pcm.read(-2, 5)[:, 0].tolist() == [0, 0, 1, 1, 1, 0, 0]
        assert pcm.read(10, 12)[:, 0].tolist() == [0, 0]
    assert not (tmp_path / "sound.pcm").exists()
