"""The mix: loops without a seam, ducking, levelling, and any stretch of it on demand."""

from pathlib import Path

import numpy as np
import pytest
from support.film_media import Media, digest

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.sound.buses import DUCK_AFTER, DUCK_BEFORE, HeardSound, Ramp
from aianime_pipeline.film.sound.loudness import factor
from aianime_pipeline.film.sound.mixing import BoundSound, Mix, MusicBed, bound, ducking, levelling_db, looped
from aianime_pipeline.film.sound.sources import SourceSound, decoded_source


def decoded(path: Path, cache: Path, *, need: int = 48_000 * 60, measured: bool = False) -> SourceSound:
    return decoded_source(path, digest(path), need=need, cache=cache, measured=measured)


def noise(media: Media, seconds: float, *, silence: float = 0.0) -> Path:
    options = ["-af", f"adelay={round(silence * 1000)}:all=1,apad=pad_dur={silence}"] if silence else []
    source = f"anoisesrc=c=white:seed=2:a=0.3:r=48000:d={seconds}"
    return media.make(f"noise_{seconds}_{silence}.wav", "-f", "lavfi", "-i", source, *options, "-c:a", "pcm_f32le")


def line(source: SourceSound, start: int = 0, length: int = 48_000, bus: str = "speech") -> HeardSound:
    return HeardSound(bus, 1, Path("line.wav"), source.digest, start, start + length, 0, 0.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("silence", [0.0, 1.0])
def test_a_loop_has_no_dip_and_no_click_at_its_seam(media: Media, tmp_path: Path, silence: float) -> None:
    """Nor where the piece has silence at its ends: only its first round begins with that."""
    source = decoded(noise(media, 10, silence=silence), tmp_path)
    begin = round(silence * 48_000)
    sound = looped(source, begin, 48_000 * 30)
    powers = np.square(sound).reshape(-1, 4_800, 2).mean(axis=(1, 2))
    assert 0.7 < powers.min() / powers.mean() < powers.max() / powers.mean() < 1.3
    assert np.abs(np.diff(sound, axis=0)).max() < 0.9
    pieces = [looped(source, at, 50_000) for at in range(begin, begin + 48_000 * 30, 50_000)]
    np.testing.assert_allclose(np.concatenate(pieces)[: len(sound)], sound, atol=1e-6)
    np.testing.assert_array_equal(sound[: 48_000 * 8], source.read(begin, begin + 48_000 * 8))


def test_music_is_down_from_the_first_word_to_the_last_and_slides_without_a_corner() -> None:
    spoken = [(100_000, 210_000), (400_000, 410_000)]
    at = lambda *places: [float(ducking(spoken, -10, np.asarray([place]))[0]) for place in places]  # noqa: E731
    assert at(100_000, 155_000, 209_999, 405_000) == pytest.approx([factor(-10)] * 4, abs=1e-4)
    assert at(0, 100_000 - DUCK_BEFORE, 210_000 + DUCK_AFTER, 300_000, 900_000) == [1.0] * 5
    whole = ducking(spoken, -10, np.arange(500_000))
    assert np.abs(np.diff(20 * np.log10(whole))).max() < 0.002
    assert ducking([], -10, np.arange(5)).tolist() == [1.0] * 5
    assert ducking(spoken, 0, np.arange(5)).tolist() == [1.0] * 5


def test_a_stretch_of_the_mix_is_the_same_however_it_is_asked_for(media: Media, tmp_path: Path) -> None:
    source = decoded(noise(media, 3), tmp_path)
    sounds = [
        bound(line(source, 20_000, 48_000, "own"), source),
        bound(line(source, 50_000, 100_000, "effects"), source),
        bound(line(source, 60_000, 48_000), source),
    ]
    bed = MusicBed(source, 0.5, -10.0, (Ramp(150_000, 200_000, rising=False),), loops=True)
    mix = Mix(200_000, sounds, bed, [(60_000, 108_000)])
    whole = mix.read(-100, 200_100)
    assert not whole[:100].any()
    assert not whole[-100:].any()
    for start, stop in ((0, 50_000), (47_777, 61_003), (107_000, 108_500), (190_000, 200_000)):
        np.testing.assert_allclose(mix.read(start, stop), whole[100 + start : 100 + stop], atol=1e-6)


def test_a_stretch_has_another_name_when_anything_in_it_is_heard_otherwise(media: Media, tmp_path: Path) -> None:
    source = decoded(noise(media, 3), tmp_path)

    def key(*sounds: BoundSound, spoken: list[tuple[int, int]] | None = None, start: int = 0) -> str:
        return repr(Mix(400_000, sounds, None, spoken or []).key(start, start + 100_000))

    own = bound(line(source, 0, 48_000, "own"), source)
    names = [
        key(),
        key(own),
        key(bound(line(source, 1, 48_000, "own"), source)),
        key(own, spoken=[(90_000, 95_000)]),
        key(BoundSound(own.heard, source, own.gain * 1.1, own.ducked_db)),
    ]
    assert len(set(names)) == len(names)
    assert key(own, spoken=[(200_000, 300_000)]) == key(own)
    assert key(bound(line(source, 100_000, 48_000, "own"), source), start=100_000) == key(own)


@pytest.mark.parametrize(("gain", "moved"), [(1.0, 0.0), (0.5, 6.0), (0.05, 12.0), (4.0, -12.0)])
def test_lines_are_levelled_but_never_by_more_than_12_db(
    media: Media, tmp_path: Path, gain: float, moved: float
) -> None:
    sine = f"aevalsrc={0.1 * gain}*sin(2*PI*997*t):s=48000:d=2"
    source = decoded(media.make("sine.wav", "-f", "lavfi", "-i", sine, "-c:a", "pcm_f32le"), tmp_path, measured=True)
    # A sine of full scale in both channels measures 0 LUFS.
    assert levelling_db(source) == pytest.approx(moved, abs=0.1)


def test_a_silent_line_stays_as_it_is(media: Media, tmp_path: Path) -> None:
    silent = media.make("silent.wav", "-f", "lavfi", "-i", "anullsrc=r=48000:d=1")
    assert levelling_db(decoded(silent, tmp_path, measured=True)) == 0


def test_a_voice_file_shorter_than_the_timeline_knows_is_refused(media: Media, tmp_path: Path) -> None:
    source = decoded(media.voice(), tmp_path)
    with pytest.raises(UnreadableMediaError, match=r"shot 1 has 1\.00 s of sound, and the timeline was told 1\.50 s"):
        bound(line(source, 0, 72_000), source)


def test_an_own_sound_that_ends_before_its_picture_fades_at_its_own_end(media: Media, tmp_path: Path) -> None:
    source = decoded(noise(media, 1), tmp_path)
    sound = bound(line(source, 10_000, 96_000, "own"), source)
    block = Mix(200_000, [sound], None, []).read(0, 100_000)
    assert np.abs(block[57_990:58_000]).max() < 0.02
    assert np.abs(block[57_000:57_500]).max() > 0.1
    assert not block[58_000:].any()


def test_a_trimmed_line_ends_softly_and_a_whole_one_as_recorded(media: Media, tmp_path: Path) -> None:
    source = decoded(noise(media, 1), tmp_path)
    whole, trimmed = (bound(line(source, 0, length), source).heard.ramps for length in (48_000, 24_000))
    assert whole == ()
    assert [(ramp.first, ramp.last, ramp.rising) for ramp in trimmed] == [(24_000 - 96, 24_000, False)]


def test_a_source_is_decoded_once_and_again_when_its_samples_are_damaged(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = media.voice()
    source = decoded(path, tmp_path)
    before = source.read(0, 48_000)
    with monkeypatch.context() as patch:
        patch.setattr("aianime_pipeline.film.sound.sources.channel_blocks", None)
        assert decoded(path, tmp_path) == source
    source.path.write_bytes(source.path.read_bytes()[:1_000])
    np.testing.assert_array_equal(decoded(path, tmp_path).read(0, 48_000), before)


def test_of_a_long_source_only_the_needed_minutes_are_kept(media: Media, tmp_path: Path) -> None:
    path = media.make("long.wav", "-f", "lavfi", "-i", "aevalsrc=0.5:s=8000:d=130")
    source = decoded(path, tmp_path, need=48_000 * 3)
    assert (source.samples, source.complete) == (48_000 * 60, False)
    longer = decoded(path, tmp_path, need=48_000 * 61)
    assert (longer.samples, longer.complete) == (48_000 * 120, False)
    assert decoded(path, tmp_path, need=48_000 * 121).complete
