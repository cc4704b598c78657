"""Sound that is read from anything: rates, channels, late starts, edit lists, damage."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.film_media import Media, heard

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.sound.reading import gathered, sound_blocks, sound_length


def sound_of(path: Path) -> np.ndarray:
    return np.concatenate(list(sound_blocks(path)))


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
    sound = sound_of(path)
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
    sound = sound_of(path)
    assert np.nonzero(sound[:, 0] > 0.25)[0][0] == pytest.approx(24_000, abs=48)


def test_damaged_floats_become_sound_that_can_be_reckoned_with(media: Media, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes(np.asarray([np.nan, np.inf, -1e30, 0.5] * 1000, np.float32).tobytes())
    path = media.make("broken_floats.wav", "-f", "f32le", "-ar", "48000", "-ac", "1", "-i", str(raw), "-c", "copy")
    sound = sound_of(path)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 8


def test_a_file_without_sound_is_refused(media: Media) -> None:
    with pytest.raises(UnreadableMediaError, match=r"silent\.mp4 has no sound"):
        sound_of(media.video("silent.mp4"))


def test_speech_in_the_middle_of_five_channels_is_heard_from_both_sides(media: Media) -> None:
    tone = "aevalsrc='0|0|0.5*sin(2*PI*1000*t)|0|0|0':s=44100:d=1:c=5.1"
    path = media.make("surround.m4a", "-f", "lavfi", "-i", tone, "-c:a", "aac", "-b:a", "384k")
    sound = sound_of(path)[9_600:38_400]
    level = np.sqrt(np.mean(sound**2, axis=0))
    assert level[0] == pytest.approx(level[1], rel=0.02)
    assert 0.1 < level[0] < 0.3
    spectrum = np.abs(np.fft.rfft(sound[:28_800, 0]))
    assert np.argmax(spectrum) == 600


def test_an_edit_list_is_followed(media: Media) -> None:
    """Cut by copying, a file keeps packets from before its beginning, and its edit list says so."""
    ramp = media.make(
        "clicks.m4a", "-f", "lavfi", "-i", "aevalsrc='0.8*lt(mod(t,0.5),0.01)':s=48000:d=3", "-c:a", "aac"
    )
    cut = media.make("cut.mp4", "-ss", "0.73", "-i", str(ramp), "-t", "1.6", "-c", "copy")
    sound, played = sound_of(cut)[:, 0], heard(cut)[:, 0]
    assert abs(len(sound) - len(played)) <= 1_024
    first = [int(np.flatnonzero(np.abs(one) > 0.4)[0]) for one in (sound, played)]
    assert abs(first[0] - first[1]) <= 2


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(1, 7))
def test_gathered_blocks_are_the_same_samples(sizes: list[int], size: int) -> None:
    whole = np.arange(sum(sizes) * 2, dtype=np.float32).reshape(-1, 2)
    blocks = list(gathered(iter(np.split(whole, np.cumsum(sizes)[:-1]) if sizes else []), size))
    assert all(len(block) == size for block in blocks[:-1])
    assert [len(block) <= size and len(block) > 0 for block in blocks[-1:]] in ([], [True])
    np.testing.assert_array_equal(np.concatenate([np.zeros((0, 2), np.float32), *blocks]), whole)
