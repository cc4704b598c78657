"""AAC encoded in stretches against AAC encoded in one piece by ffmpeg itself."""

from pathlib import Path

import av
import numpy as np
import pytest
from support.film_media import ffmpeg, heard

from aianime_pipeline.film.sound.aac import BEFORE, FRAME, encode_stretch, joined, packets_in, parted, write_track
from aianime_pipeline.film.sound.reading import Samples

STRETCH = 60 * FRAME


def lively(samples: int) -> Samples:
    """Tones that slide, hits that make the encoder switch its windows, some also right at the seams."""
    t = np.arange(samples) / 48_000
    rng = np.random.default_rng(4)
    left = 0.2 * np.sin(2 * np.pi * (300 + 40 * np.sin(t)) * t) * (np.sin(2 * np.pi * 3 * t) > 0)
    sound = np.stack([left, 0.1 * np.sin(2 * np.pi * 1_234 * t)], axis=1)
    for hit in [*range(7_000, samples, 23_456), *range(STRETCH, samples, STRETCH)]:
        tail = min(2_000, samples - hit)
        sound[hit : hit + tail] += 0.4 * rng.normal(size=(tail, 2)) * np.exp(-np.arange(tail) / 200)[:, None]
    return sound.astype(np.float32)


def stitched(sound: Samples, path: Path) -> list[bytes]:
    packets: list[bytes] = []

    def read(start: int, stop: int) -> Samples:
        return sound[start:stop]

    for start in range(0, len(sound), STRETCH):
        stop = min(start + STRETCH, len(sound))
        packets += encode_stretch(read, start, stop, len(sound))[0]
    write_track(path, packets, len(sound))
    return packets


def in_one_piece(sound: Samples, path: Path, folder: Path) -> Path:
    raw = folder / "raw"
    raw.write_bytes(np.ascontiguousarray(sound).tobytes())
    source = ("-f", "f32le", "-ar", "48000", "-ac", "2", "-i", raw)
    encoder = ("-c:a", "aac", "-b:a", "192k", "-aac_coder", "fast", "-flags:a", "+bitexact")
    ffmpeg(*source, *encoder, "-fflags", "+bitexact", "-movie_timescale", "48000", path)
    return path


@pytest.mark.parametrize("samples", [1, 1_000, 1_024, STRETCH, STRETCH + 1, 5 * STRETCH + 333])
def test_the_track_has_every_packet_at_its_time_and_plays_to_the_sample(tmp_path: Path, samples: int) -> None:
    packets = stitched(lively(samples), tmp_path / "sound.m4a")
    assert len(packets) == packets_in(samples)
    with av.open(str(tmp_path / "sound.m4a")) as container:
        [stream] = container.streams
        assert stream.duration == samples
        found = [(packet.pts, packet.duration) for packet in container.demux(stream) if packet.size]
    assert [pts for pts, _ in found] == [FRAME * number - FRAME for number in range(packets_in(samples))]
    assert len(heard(tmp_path / "sound.m4a")) == samples


@pytest.mark.parametrize("samples", [1_000, 3 * STRETCH, 5 * STRETCH + 333])
def test_the_track_is_told_as_ffmpeg_tells_one_encoded_in_one_piece(tmp_path: Path, samples: int) -> None:
    """Edit list, times and decoder's settings; only sizes and bit rate are of the samples."""
    sound = lively(samples)
    stitched(sound, tmp_path / "sound.m4a")
    whole = in_one_piece(sound, tmp_path / "whole.m4a", tmp_path)
    for box in (b"elst", b"stts", b"mdhd", b"tkhd", b"mvhd"):
        ours, theirs = (boxed(path, box) for path in (tmp_path / "sound.m4a", whole))
        assert ours == theirs, box
    with av.open(str(tmp_path / "sound.m4a")) as ours_open, av.open(str(whole)) as theirs_open:
        first, second = ours_open.streams.audio[0], theirs_open.streams.audio[0]
        assert first.codec_context.extradata[:2] == second.codec_context.extradata[:2]
        assert (first.profile, first.time_base) == (second.profile, second.time_base)


def test_a_seam_is_not_heard(tmp_path: Path) -> None:
    """Around each seam the difference from the real sound is what it is elsewhere, and no sample jumps."""
    sound = lively(8 * STRETCH)
    stitched(sound, tmp_path / "sound.m4a")
    ours = heard(tmp_path / "sound.m4a")
    theirs = heard(in_one_piece(sound, tmp_path / "whole.m4a", tmp_path))
    errors = [energies_of(played - sound) for played in (ours, theirs)]
    seams = range(60, 8 * 60, 60)
    at_seams = [np.mean([error[seam - 2 : seam + 2].sum() for seam in seams]) for error in errors]
    assert 10 * np.log10(at_seams[0] / at_seams[1]) < 0.5
    assert 10 * np.log10(errors[0].sum() / errors[1].sum()) < 0.2
    for seam in seams:
        near = slice((seam - 1) * FRAME, (seam + 1) * FRAME)
        jumps = [np.abs(np.diff(played[near] - sound[near], axis=0)).max() for played in (ours, theirs)]
        assert jumps[0] < 1.5 * jumps[1] + 0.01


def test_what_is_measured_is_what_a_player_decodes(tmp_path: Path) -> None:
    sound = lively(4 * STRETCH)
    stitched(sound, tmp_path / "sound.m4a")
    _, decoded = encode_stretch(lambda start, stop: sound[start:stop], 2 * STRETCH, 3 * STRETCH, len(sound))
    part = decoded[BEFORE : BEFORE + STRETCH]
    played = heard(tmp_path / "sound.m4a")[2 * STRETCH : 3 * STRETCH]
    assert len(part) == STRETCH
    np.testing.assert_allclose(part[FRAME:-FRAME], played[FRAME:-FRAME], atol=1e-3)
    assert np.sqrt(np.mean((part - played) ** 2)) < 0.01


def test_a_seam_in_a_steady_tone_makes_no_other_tone(tmp_path: Path) -> None:
    t = np.arange(6 * STRETCH) / 48_000
    sound = np.repeat(0.5 * np.sin(2 * np.pi * 440 * t)[:, None], 2, axis=1).astype(np.float32)
    stitched(sound, tmp_path / "sound.m4a")
    ours = heard(tmp_path / "sound.m4a")
    for seam in range(STRETCH, len(sound), STRETCH):
        part = ours[seam - 4_096 : seam + 4_096, 0] * np.blackman(8_192)
        spectrum = np.abs(np.fft.rfft(part))
        assert spectrum[150:].max() < spectrum.max() * 10 ** (-60 / 20)


def test_packets_are_kept_as_one_string() -> None:
    packets = [b"one", b"", b"three"]
    assert list(parted(*joined(packets))) == packets


def test_a_missing_packet_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 packets of sound instead of 3"):
        write_track(tmp_path / "sound.m4a", [b"\x21\x10\x05"] * 2, 2_000)


def energies_of(error: Samples) -> np.ndarray:
    return np.square(error, dtype=np.float64).reshape(-1, FRAME * 2).sum(axis=1)


def boxed(path: Path, name: bytes) -> bytes:
    contents = path.read_bytes()
    at = contents.index(name) - 4
    return contents[at : at + int.from_bytes(contents[at : at + 4], "big")]
