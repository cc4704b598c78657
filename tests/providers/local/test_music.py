"""The music that comes out, decoded and measured; and the rules of its score."""

import hashlib
import subprocess
import sys
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.capabilities import ErrorKind, MusicRequest, Produced
from aianime_pipeline.providers.local import music, timbres, waves
from aianime_pipeline.providers.local.score import PADS, STYLES, Note, notes_of, style_of


def made(folder: Path, milliseconds: int, mood: str = "古风", seed: int = 3) -> Produced:
    return music.compose(MusicRequest(milliseconds, seed, mood), folder / f"{mood or 'none'}-{seed}.wav")


def decoded(path: Path) -> np.ndarray:
    with av.open(str(path)) as opened:
        stream = opened.streams.audio[0]
        assert (stream.rate, stream.channels, stream.codec_context.name) == (48_000, 2, "pcm_s16le")
        pieces = [frame.to_ndarray().reshape(-1, 2) for frame in opened.decode(audio=0)]
    return np.concatenate(pieces).astype(np.float32) / 32768


@pytest.mark.parametrize("mood", ["古风", "温馨", "悲伤", "紧张", "欢快", "热血", ""])
def test_a_bed_of_music_is_quiet_unbroken_and_has_no_click(tmp_path: Path, mood: str) -> None:
    sound = decoded(made(tmp_path, 12_500, mood).path)
    assert len(sound) == 12_500 * 48
    assert -26 <= waves.loudness([sound]) <= -22
    assert np.abs(sound).max() <= 10 ** (-3 / 20) + 1e-4
    seconds = sound[2 * 48_000 : 9 * 48_000].reshape(-1, 48_000, 2)
    assert (np.sqrt((seconds**2).mean(axis=(1, 2))) > 10 ** (-45 / 20)).all()
    # A click is a jump from one sample to the next; the fastest music here moves by a tenth of its peak.
    assert np.abs(np.diff(sound, axis=0)).max() < 0.3 * np.abs(sound).max()


def test_it_comes_from_silence_and_goes_into_silence(tmp_path: Path) -> None:
    sound = np.abs(decoded(made(tmp_path, 12_000).path))
    assert sound[0].max() == sound[-1].max() == 0
    assert sound[:480].max() < 0.01
    assert sound[-480:].max() < 0.005
    middle = np.sqrt((sound[5 * 48_000 : 6 * 48_000] ** 2).mean())
    assert np.sqrt((sound[-14_400:] ** 2).mean()) < 0.3 * middle


@pytest.mark.parametrize("milliseconds", [1, 37, 999, 10_001])
def test_it_is_exactly_as_long_as_wished(tmp_path: Path, milliseconds: int) -> None:
    produced = made(tmp_path, milliseconds, "happy")
    assert len(decoded(produced.path)) == milliseconds * 48 == produced.metadata["samples"]
    assert produced.metadata["milliseconds"] == milliseconds


def test_blocks_are_joined_without_a_seam(tmp_path: Path) -> None:
    """Where one block of the mix ends and the next begins, nothing is heard."""
    sound = decoded(made(tmp_path, 13_000, "sad").path)
    around = slice(music._BLOCK - 4_800, music._BLOCK + 4_800)
    curvature = np.abs(np.diff(sound[around], n=2, axis=0)).max(axis=1)
    assert curvature[4_796:4_804].max() <= np.percentile(curvature, 99.9)


def test_nothing_is_plucked_into_the_last_fade(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    starts = []
    added = music._added

    def heard(mix: waves.Samples, note: Note, start: int, sounds: music.Sounds) -> waves.Samples:
        starts.append((note.start, note.instrument))
        return added(mix, note, start, sounds)

    monkeypatch.setattr(music, "_added", heard)
    made(tmp_path, 25_000, "happy")
    plucked = [start for start, instrument in starts if instrument not in PADS]
    assert 18 < max(plucked) < 22


def test_the_ears_hear_different_things_but_one_piece(tmp_path: Path) -> None:
    sound = decoded(made(tmp_path, 12_000).path)
    assert np.abs(sound[:, 0] - sound[:, 1]).max() > 0.01
    left, right = np.sqrt((sound**2).mean(axis=0))
    assert left == pytest.approx(right, rel=0.35)


def test_the_seed_makes_the_piece(tmp_path: Path) -> None:
    first, other = (decoded(made(tmp_path, 3_000, seed=seed).path) for seed in (1, 2))
    assert np.abs(first - other).max() > 0.01


def test_a_piece_has_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    mine = hashlib.sha256(made(tmp_path, 6_000).path.read_bytes()).hexdigest()
    program = (
        "import sys,hashlib; from pathlib import Path\n"
        "from aianime_pipeline.providers.capabilities import MusicRequest\n"
        "from aianime_pipeline.providers.local.music import compose\n"
        "made = compose(MusicRequest(6000, 3, '古风'), Path(sys.argv[1]))\n"
        "print(hashlib.sha256(made.path.read_bytes()).hexdigest())"
    )
    theirs = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "other.wav"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(music.__file__).parents[3],
    )
    assert theirs.stdout.strip() == mine


@pytest.mark.parametrize("milliseconds", [0, -5, 3 * 3600 * 1000])
def test_a_length_that_cannot_be_is_refused(tmp_path: Path, milliseconds: int) -> None:
    with pytest.raises(ProviderError, match=str(milliseconds)) as caught:
        made(tmp_path, milliseconds)
    assert caught.value.kind is ErrorKind.BAD_INPUT


@pytest.mark.parametrize(
    ("mood", "style"),
    [
        ("古风", "ancient"),
        ("悬疑紧张的古风", "tense"),
        ("Sad farewell", "sad"),
        ("欢快的日常", "happy"),
        ("热血战斗", "heroic"),
        ("温馨", "calm"),
        ("", "calm"),
        ("whatever", "calm"),
    ],
)
def test_words_for_a_mood_find_their_style(mood: str, style: str) -> None:
    assert style_of(mood).name == style


@pytest.mark.parametrize("style", list(STYLES.values()), ids=list(STYLES))
def test_notes_come_in_order_in_range_and_the_melody_stays_in_its_scale(style) -> None:  # type: ignore[no-untyped-def]
    notes = list(islice(notes_of(style, 11), 400))
    starts = [note.start for note in notes]
    assert starts == sorted(starts)
    assert starts[0] >= 0
    assert all(20 <= note.pitch <= 100 and 0 < note.level <= 1 and -1 <= note.pan <= 1 for note in notes)
    allowed = {degree % 12 for degree in style.scale} | {tone % 12 for chord in style.chords for tone in chord}
    assert {(note.pitch - style.root) % 12 for note in notes} <= allowed
    assert sum(note.instrument not in PADS for note in notes) > 40


@pytest.mark.parametrize("style", list(STYLES.values()), ids=list(STYLES))
def test_the_pad_leaves_no_hole_between_two_chords(style) -> None:  # type: ignore[no-untyped-def]
    pads = [note for note in islice(notes_of(style, 2), 300) if note.instrument in PADS]
    end = 0.0
    for note in pads:
        assert note.start <= end + 1e-9
        end = max(end, note.start + note.seconds)


@pytest.mark.parametrize("instrument", ["zither", "piano"])
def test_a_string_is_in_tune_at_every_height(instrument) -> None:  # type: ignore[no-untyped-def]
    for pitch in (45, 62, 81, 88):
        sound = timbres.note(instrument, pitch)[:, 0]
        count = 1 << 19
        spectrum = np.abs(np.fft.rfft(sound[:48_000] * np.hanning(min(len(sound), 48_000)), count))
        wanted = 440 * 2 ** ((pitch - 69) / 12)
        near = slice(int(wanted * 0.94 * count / 48_000), int(wanted * 1.06 * count / 48_000))
        found = (near.start + int(np.argmax(spectrum[near]))) * 48_000 / count
        assert abs(1200 * np.log2(found / wanted)) < 6
