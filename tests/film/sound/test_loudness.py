"""The meter against ffmpeg's own, and the limiter's promise."""

import numpy as np
import pytest
from support.film_media import Media, ebur128

from aianime_pipeline.film.sound.limiter import limited
from aianime_pipeline.film.sound.loudness import (
    Loudness,
    LoudnessMeter,
    Read,
    decibels,
    energies,
    factor,
    highest_peak,
    integrated,
    measure,
)
from aianime_pipeline.film.sound.reading import Samples, sound_blocks

SOUNDS = {
    "noise": "anoisesrc=c=pink:seed=3:a=0.4:r=48000:d=6",
    "low_and_high": "aevalsrc=0.3*sin(2*PI*60*t)|0.2*sin(2*PI*6000*t):s=48000:d=5",
    "pauses": "aevalsrc='0.5*sin(2*PI*997*t)*lt(mod(t,3),1)':s=48000:d=9",
    "between_samples": "aevalsrc='0.7*min(t,1)*sin(2*PI*12000*t+PI/4)':s=48000:d=2",
}


def reading(sound: Samples) -> Read:
    def read(start: int, stop: int) -> Samples:
        before, after = max(-start, 0), max(stop - len(sound), 0)
        return np.pad(sound[max(start, 0) : max(stop, 0)], ((before, after), (0, 0)))[: stop - start]

    return read


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


@pytest.mark.parametrize("samples", [2_000, 19_100, 200_000, 307_200])
def test_parts_measured_one_by_one_make_the_same_loudness_as_the_whole(samples: int) -> None:
    rng = np.random.default_rng(5)
    noise = (rng.normal(0, 0.1, (samples, 2)) * np.linspace(0, 2, samples)[:, None]).astype(np.float32)
    read, whole = reading(noise), metered([noise])
    parts = [(at, min(at + 48_000, samples)) for at in range(0, samples, 48_000)]
    hops = [hop for start, stop in parts for hop in energies(read, start, stop)]
    peak = decibels(max(highest_peak(read, start, stop) for start, stop in parts))
    assert integrated(hops, samples) == pytest.approx(whole.lufs, abs=1e-4)
    assert peak == pytest.approx(whole.true_peak, abs=0.05)


def test_limited_sound_stays_under_the_ceiling_and_is_untouched_far_from_peaks() -> None:
    sound = peaky()
    read = reading(sound)
    held = limited(read, 0, len(sound), gain=1.5, ceiling=factor(-2))
    after = measure(reading(held), len(held))
    before = measure(read, len(sound)).true_peak
    assert before is not None
    assert before > 10
    assert after.true_peak is not None
    assert after.true_peak < -1.9
    np.testing.assert_allclose(held[:90_000], sound[:90_000] * 1.5, rtol=1e-5, atol=1e-7)
    assert np.abs(held[200_000]).max() > 0.3


def test_limited_sound_is_the_same_wherever_it_is_cut() -> None:
    read = reading(peaky())
    whole = limited(read, 0, 300_000, gain=1.5, ceiling=factor(-2))
    for start, stop in ((0, 61_440), (61_440, 122_880), (99_990, 100_100), (61_439, 61_441), (250_000, 300_000)):
        np.testing.assert_array_equal(limited(read, start, stop, gain=1.5, ceiling=factor(-2)), whole[start:stop])


def peaky() -> Samples:
    sound = np.random.default_rng(9).normal(0, 0.05, (300_000, 2)).astype(np.float32)
    sound[100_000:100_050] *= 30
    sound[200_000, 0] = 4.0
    return sound
