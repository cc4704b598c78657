"""Lines spoken by the real espeak-ng, decoded and measured."""

import hashlib
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.capabilities import ErrorKind, Produced, SpeechRequest
from aianime_pipeline.providers.local import espeak_process, speech, waves
from aianime_pipeline.providers.local.voices import ENGINE, NARRATOR, voice_for

LINE = "今天的月亮真圆，我想回家看看母亲。你呢？"
WOMAN = voice_for("林晚", "30岁女子")
MAN = voice_for("沈渡", "40岁男子")


def said(folder: Path, text: str, voice: dict[str, Any] = WOMAN, language: str = "zh", **more: Any) -> Produced:
    return speech.speak(SpeechRequest(text, language, voice, **more), folder / "line.wav")


def decoded(path: Path) -> np.ndarray:
    with av.open(str(path)) as opened:
        stream = opened.streams.audio[0]
        assert (stream.rate, stream.channels, stream.codec_context.name) == (48_000, 1, "pcm_s16le")
        return np.concatenate([frame.to_ndarray()[0] for frame in opened.decode(audio=0)]) / np.float32(32768)


def pitches(sound: np.ndarray, low: float = 60, high: float = 400) -> np.ndarray:
    """Fundamental frequency every 10 ms where the sound is voiced, by autocorrelation."""
    size, found = 1920, []
    for start in range(0, len(sound) - size, 480):
        piece = sound[start : start + size] * np.hanning(size)
        if np.sqrt(np.mean(piece**2)) < 0.01:
            continue
        likeness = np.fft.irfft(np.abs(np.fft.rfft(piece, 2 * size)) ** 2)[:size]
        first, last = int(48_000 / high), int(48_000 / low)
        lag = first + int(np.argmax(likeness[first:last]))
        if likeness[lag] > 0.5 * likeness[0]:
            found.append(48_000 / lag)
    return np.array(found)


@cache
def contour_of(syllable: str) -> np.ndarray:
    """The pitch of one syllable in a plain voice, without its first and last frames."""
    voice = {"engine": ENGINE, "variant": "f3", "pitch": 50, "rate": 120}
    samples = speech._spoken([syllable], speech._manner(voice, "cmn", speech.Delivery()))[0]
    return pitches(samples)[1:-1]


def test_a_line_is_48_khz_mono_and_as_long_as_it_says(tmp_path: Path) -> None:
    made = said(tmp_path, LINE)
    sound = decoded(made.path)
    assert made.media_type == "audio/wav"
    assert made.metadata["samples"] == len(sound)
    assert made.metadata["milliseconds"] == round(len(sound) / 48)
    assert 3_000 < made.metadata["milliseconds"] < 6_500
    assert (made.metadata["language"], made.metadata["silent"], made.metadata["speed"]) == ("cmn", False, 1.0)


def test_a_line_has_the_loudness_of_speech_no_clipping_and_soft_ends(tmp_path: Path) -> None:
    for voice in (WOMAN, MAN, NARRATOR):
        sound = decoded(said(tmp_path, LINE, voice).path)
        assert waves.loudness([sound]) == pytest.approx(-20, abs=0.7)
        assert np.abs(sound).max() <= 10 ** (-3 / 20) + 1e-4
        assert abs(sound[0]) < 1e-3
        assert abs(sound[-1]) < 1e-3


def test_silence_around_a_line_is_trimmed_and_the_pauses_inside_are_kept(tmp_path: Path) -> None:
    sound = np.abs(decoded(said(tmp_path, "你来了。我等了很久。").path))
    heard = np.flatnonzero(sound > 0.01)
    assert heard[0] < 0.1 * 48_000
    assert len(sound) - heard[-1] < 0.15 * 48_000
    assert 0.3 < np.diff(heard).max() / 48_000 < 0.6


def test_the_voice_is_let_go_before_a_pause(tmp_path: Path) -> None:
    sound = np.abs(decoded(said(tmp_path, "明天，再说。").path))
    heard = np.flatnonzero(sound > 0.004)
    widest = int(np.argmax(np.diff(heard)))
    before = sound[: heard[widest] + 1]
    assert before[-240:].max() < 0.25 * before[-4_800:-2_400].max()


def test_a_longer_text_takes_longer(tmp_path: Path) -> None:
    lengths = [said(tmp_path, text).metadata["samples"] for text in ("走", "走吧，回家", LINE, LINE * 3)]
    assert lengths == sorted(lengths)
    assert lengths[3] > 2.5 * lengths[2]


def test_the_four_tones_of_mandarin_are_there() -> None:
    level, rising, dipping, falling = (contour_of(syllable) for syllable in "妈麻马骂")
    assert np.ptp(level) / level.mean() < 0.35
    assert rising[-3:].mean() > 1.15 * rising[:3].mean()
    assert falling[-3:].mean() < 0.85 * falling[:3].mean()
    assert dipping.mean() < 0.85 * level.mean()


def test_a_third_tone_before_a_third_tone_rises() -> None:
    """你好 is said ní hǎo: the first syllable goes up and not down."""
    both = contour_of("你好")
    first = both[: len(both) // 2 - 2]
    assert first[-3:].mean() > 1.1 * first[:3].mean()


def test_voices_differ_in_pitch_as_people_do(tmp_path: Path) -> None:
    woman, man = (float(np.median(pitches(decoded(said(tmp_path, LINE, voice).path)))) for voice in (WOMAN, MAN))
    child = float(np.median(pitches(decoded(said(tmp_path, LINE, voice_for("小宝", "7岁女孩")).path))))
    assert man < 0.8 * woman
    assert child > 1.1 * woman


@pytest.mark.parametrize(
    ("emotion", "slower", "higher"), [("悲伤", True, False), ("愤怒地", False, True), ("happy", False, True)]
)
def test_an_emotion_changes_pace_and_pitch(tmp_path: Path, emotion: str, slower: bool, higher: bool) -> None:
    plain, felt = said(tmp_path, LINE), None
    plain_pitch = np.median(pitches(decoded(plain.path)))
    felt = said(tmp_path, LINE, emotion=emotion)
    felt_pitch = np.median(pitches(decoded(felt.path)))
    assert (felt.metadata["samples"] > plain.metadata["samples"]) is slower
    assert bool(felt_pitch > plain_pitch) is higher
    assert felt.metadata["delivery"] != "neutral"


def test_a_reviewers_slower_is_heard(tmp_path: Path) -> None:
    lengths = [said(tmp_path, LINE, feedback=words).metadata["samples"] for words in ("", "语速太快了，请放慢")]
    assert lengths[1] > 1.08 * lengths[0]


def test_a_wished_length_is_met_by_speaking_faster(tmp_path: Path) -> None:
    usual = said(tmp_path, LINE).metadata["milliseconds"]
    met = said(tmp_path, LINE, max_ms=int(usual / 1.15)).metadata
    assert met["milliseconds"] <= int(usual / 1.15)
    assert 1.1 < met["speed"] <= 1.25


def test_a_length_that_cannot_be_met_is_spoken_a_quarter_faster_and_never_cut(tmp_path: Path) -> None:
    usual = said(tmp_path, LINE).metadata["milliseconds"]
    fastest = said(tmp_path, LINE, max_ms=100).metadata
    assert fastest["speed"] == 1.25
    assert usual / 1.3 < fastest["milliseconds"] < usual / 1.1


def test_a_wished_length_that_is_longer_changes_nothing(tmp_path: Path) -> None:
    plain = said(tmp_path, LINE).path.read_bytes()
    assert said(tmp_path, LINE, max_ms=60_000).path.read_bytes() == plain


@pytest.mark.parametrize("text", ["……", "！？", "😀😀", "——", " "])
def test_a_line_without_a_word_is_a_breath_of_silence_and_says_so(tmp_path: Path, text: str) -> None:
    made = said(tmp_path, text)
    sound = decoded(made.path)
    assert made.metadata["silent"] is True
    assert len(sound) == 48_000 * speech.BREATH_MS // 1000
    assert not sound.any()


def test_what_is_not_read_aloud_is_named(tmp_path: Path) -> None:
    assert said(tmp_path, "好的😀").metadata["left_out"] == "😀"


@pytest.mark.parametrize(
    ("text", "language", "spoken"),
    [
        ("Hello, my friend.", "en", "en-us"),
        ("Hello, my friend.", "zh", "en-us"),
        ("Hello, my friend.", "en-GB", "en"),
        ("你好，my friend", "en", "cmn"),
        ("你好，朋友", "zh-HK", "yue"),
    ],
)
def test_the_language_follows_the_text(tmp_path: Path, text: str, language: str, spoken: str) -> None:
    made = said(tmp_path, text, language=language)
    assert made.metadata["language"] == spoken
    assert 500 < made.metadata["milliseconds"] < 4_000


def test_latin_words_and_numbers_in_chinese_are_spoken(tmp_path: Path) -> None:
    short, word, number = (
        said(tmp_path, text).metadata["samples"] for text in ("我有手机", "我有Android手机", "我有128手机")
    )
    assert word > short + 10_000
    assert number > short + 20_000


@pytest.mark.parametrize("text", ["'; rm -rf / #", "[[a]] <speak>&amp;", "--help 你好", "a\x00b 你好", "你" * 300])
def test_text_is_only_ever_text(tmp_path: Path, text: str) -> None:
    assert said(tmp_path, text).metadata["milliseconds"] > 100


def test_the_same_line_has_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    mine = [hashlib.sha256(said(tmp_path, LINE).path.read_bytes()).hexdigest() for _ in range(2)]
    program = (
        "import sys,hashlib; from pathlib import Path\n"
        "from aianime_pipeline.providers.capabilities import SpeechRequest\n"
        "from aianime_pipeline.providers.local.speech import speak\n"
        "from aianime_pipeline.providers.local.voices import voice_for\n"
        f"made = speak(SpeechRequest({LINE!r}, 'zh', voice_for('林晚', '30岁女子')), Path(sys.argv[1]))\n"
        "print(hashlib.sha256(made.path.read_bytes()).hexdigest())"
    )
    theirs = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "other.wav"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(speech.__file__).parents[3],
    ).stdout.strip()
    assert {*mine, theirs} == {theirs}


def test_without_the_extra_the_error_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "find_spec", lambda name: None)
    with pytest.raises(ProviderError, match=r"pip install 'aianime-pipeline\[voice\]'") as caught:
        speech.check_speech(SpeechRequest("你好", "zh", WOMAN))
    assert caught.value.kind is ErrorKind.AUTH
    # A line without a word needs no voice.
    speech.check_speech(SpeechRequest("……", "zh", WOMAN))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (SpeechRequest("你好", "zh", {}), "voice_for"),
        (SpeechRequest("你好", "zh", {**WOMAN, "engine": "other"}), "voice_for"),
        (SpeechRequest("你好", "zh", {**WOMAN, "variant": "../../../x"}), "no timbre"),
        (SpeechRequest("你好", "zh", WOMAN, max_ms=0), "over 0"),
        (SpeechRequest("你" * 5_001, "zh", WOMAN), "5001"),
        (SpeechRequest("今日は", "ja", WOMAN), "Japanese"),
    ],
)
def test_a_request_that_cannot_be_spoken_is_refused_with_a_reason(request_: SpeechRequest, words: str) -> None:
    with pytest.raises(ProviderError, match=words) as caught:
        speech.check_speech(request_)
    assert caught.value.kind is ErrorKind.BAD_INPUT


def test_a_language_that_espeak_does_not_know_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="qqq") as caught:
        said(tmp_path, "abc", language="qqq")
    assert caught.value.kind is ErrorKind.BAD_INPUT


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "import sys; sys.stdout.buffer.write((22050).to_bytes(4, 'little') + bytes([100, 0, 0, 0]) + bytes(200))",
        "import sys; sys.stdout.buffer.write((22050).to_bytes(4, 'little'))",
    ],
    ids=["crash", "zeros", "nothing"],
)
def test_a_crash_or_silence_of_espeak_may_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text(program)
    monkeypatch.setattr(espeak_process, "__file__", str(broken))
    with pytest.raises(ProviderError, match="espeak-ng") as caught:
        said(tmp_path, "你好")
    assert caught.value.kind is ErrorKind.TRANSIENT


def test_the_narrator_can_speak_in_both_languages(tmp_path: Path) -> None:
    for text in ("那一年，江上起了雾。", "That year, fog lay on the river."):
        assert said(tmp_path, text, dict(NARRATOR)).metadata["milliseconds"] > 1_000
