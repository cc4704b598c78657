"""Words, names and files of people who mean harm, or who just write as they like: nothing that is in them acts, and
they come out to the letter, or it is said what does not."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from html import unescape
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import EpsImagePlugin
from support.film_media import Media, as_music, as_picture, as_voice, digest, heard, seen
from support.small_films import assert_nothing_stray

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.drawing.watermark import Watermark
from aianime_pipeline.film.presets.presets import ExportPreset
from aianime_pipeline.film.probe import probe_film
from aianime_pipeline.film.render import render_film
from aianime_pipeline.film.timeline import (
    Music,
    Picture,
    SoundClip,
    SubtitleLine,
    SubtitleTrack,
    Timeline,
    TimelineShot,
    VoiceFile,
    build_timeline,
)

PLAIN = ExportPreset("plain", resolution="480p", quality="draft", ai_label=False, poster_second=None)

LINES = (
    """'Single', "double" and `back` quotes""",
    r"C:\Users\Nacht \N \n \h \\ at the end\x5c" + "\\",
    r"{\an8}{\fs200}{\p1}up} {open",
    "100% %d %n %% %{pts} $HOME `id`",
    "two\nlines",
    "a\n\n7\n00:00:00,000 --> 00:00:01,000\nforged",
    "שלום עליכם، مرحبا بالعالم \u202eabc\u202c",
    "👨‍👩‍👧‍👦🇨🇳🙂🏽",
    "<b>x</b> <i>y &amp; &lt; <font size=99>z <v Bob>",
    "a --> b WEBVTT NOTE STYLE [Events] Dialogue: 0,1,2,3",
    "a\0b\x07c\x1bd\x0be\x85f\u2028g",
    "half \ud800 of \udc00 a \ud83d\ude42 pair",
    "字" * 5_000,
    "#EXTM3U file:///etc/passwd;|&",
)
SHOWN = tuple(
    line.replace("\ud83d\ude42", "🙂").replace("\ud800", "\ufffd").replace("\udc00", "\ufffd") for line in LINES
)
"""As they are to come out: half a character cannot be written, and two halves are one."""


def film_with(lines: tuple[str, ...], media: Media, *, each_ms: int = 250) -> Timeline:
    """A shot for each line, and the line with itself as speaker over it, as an editor may have written them."""
    picture = as_picture(media.picture())
    shots = [TimelineShot(number, each_ms, picture) for number in range(1, len(lines) + 1)]
    timeline = build_timeline(shots, width=320, height=180, rate=Fraction(24)).timeline
    cues = tuple(SubtitleLine(n, 0, each_ms, (line,), line[:60]) for n, line in enumerate(lines, start=1))
    return replace(timeline, subtitles=(SubtitleTrack("zh", cues),))


def events_in(path: Path) -> list[str]:
    """The texts of a subtitle file as ffmpeg's own reader finds them."""
    with av.open(str(path)) as container:
        return [bytes(packet).decode() for packet in container.demux() if packet.size]


def visible(text: str) -> list[str]:
    return [line for line in text.replace("\0", "\ufffd").splitlines() if line.strip()]


@pytest.fixture(scope="module")
def subtitled(media: Media, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("subtitled")
    timeline = film_with(LINES, media)
    return render_film(timeline, folder / "film.mp4", cache=folder / "cache", title=LINES[2]).path


def test_soft_subtitles_come_out_to_the_letter_whatever_stands_in_them(subtitled: Path) -> None:
    (track,) = probe_film(subtitled).subtitles
    assert [text for _, _, text in track.cues] == list(SHOWN)
    assert [(round(start * 4), round(end * 4)) for start, end, _ in track.cues] == [
        (n, n + 1) for n in range(len(SHOWN))
    ]


def test_no_line_can_forge_a_cue_or_end_the_file_as_subrip(subtitled: Path) -> None:
    assert len(events_in(subtitled.with_suffix(".srt"))) == len(LINES)
    blocks = subtitled.with_suffix(".srt").read_text(encoding="utf-8").split("\n\n")
    assert len(blocks) == len(LINES)
    for block, line in zip(blocks, SHOWN, strict=True):
        _, _, words = block.split("\n", 2)
        assert words.replace("\u2060", "").strip("\n").split("\n") == visible(line)


def test_no_line_can_forge_a_cue_or_a_tag_as_webvtt(subtitled: Path) -> None:
    events = events_in(subtitled.with_suffix(".vtt"))
    assert len(events) == len(LINES)
    for event, line in zip(events, SHOWN, strict=True):
        assert event.count("<") == event.count(">") == 1, "the speaker's tag, and no other"
        assert unescape(event.partition(">")[2]).split("\n") == visible(line)


def test_no_line_can_act_as_a_code_in_advanced_substation(subtitled: Path) -> None:
    events = events_in(subtitled.with_suffix(".ass"))
    assert len(events) == len(LINES)
    for event, line in zip(events, SHOWN, strict=True):
        words = event.split(",", 8)[8]
        if len(line) > 1_000:
            assert words.startswith("{\\fs"), "our own code: smaller letters"
            continue
        for code in ("\\an8}", "\\fs200}"):
            assert "{" + code not in words.replace("\\{", "")
        assert words.replace("\\{", "{").replace("\\\u2060", "\\").split("\\N") == [
            part for shown in visible(line) for part in shown.split("\\N")
        ]
    assert len([row for row in subtitled.with_suffix(".ass").read_text().split("\n") if row.startswith("Dia")]) == len(
        LINES
    )


def test_codes_in_a_burned_in_line_are_letters(media: Media, tmp_path: Path) -> None:
    lines = (r"{\an8}a", r"{\fs200}a\Na", "<b>a", "ש", "字" * 5_000)
    timeline = film_with(lines, media, each_ms=125)
    report = render_film(
        timeline, tmp_path / "film.mp4", cache=tmp_path / "cache", preset=replace(PLAIN, subtitles="burned")
    )
    frames = seen(report.path)
    assert len(frames) == 15
    for frame in frames[:9:3]:
        assert frame[:420].max() < 230, "nothing at the top, nothing large, no second line"
        assert frame[420:].min(axis=2).max() > 230
    assert frames[9].min(axis=2).max() < 100, "nothing drawn: no box for a missing letter"
    assert frames[12][20:200].min(axis=2).max() > 150, "a long one fills the frame and does not break it"
    assert "The font has no glyph for 'ש': it is left out of subtitle 4." in report.warnings
    assert "Too long for the picture, their upper lines are cut off: subtitles 5." in report.warnings


def test_a_title_is_in_the_metadata_to_the_letter_on_one_line(media: Media, tmp_path: Path) -> None:
    timeline = film_with(("x",), media, each_ms=42)
    for number, (title, shown) in enumerate(zip(LINES, SHOWN, strict=True)):
        output = tmp_path / f"{number}.mp4"
        render_film(timeline, output, cache=tmp_path / "cache", title=title, preset=None)
        one_line = " ".join("".join(" " if ord(c) < 32 or c == "\x85" else c for c in shown).split())
        assert probe_film(output).tags["title"] == one_line
        assert f"\nTitle: {one_line}\nScriptType" in output.with_suffix(".ass").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ['it\'s a "film" 100% %d #1 第\n集; [x] {y}:z, $HOME & | \\n ~ * é', "-i", "concat:a|b"]
)
def test_folders_and_files_may_be_called_anything(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The paths are relative, so that a name can come first in what ffmpeg is given."""
    monkeypatch.chdir(tmp_path)
    sources = Path(f"{name} in")
    sources.mkdir()
    video, still, voice, music = (
        Path(shutil.copy(source, sources / f"{name}{ending}"))
        for source, ending in (
            (media.talking_video("talk30.mp4"), "%03d.mp4"),
            (media.picture(), "%d.png"),
            (media.voice(seconds=0.3), ".wav"),
            (media.music(), "?.wav"),
        )
    )
    shots = [
        TimelineShot(1, 500, as_picture(video, keeps_own_sound=True)),
        TimelineShot(2, 800, as_picture(still), voice=as_voice(voice, 0.3), dialogue="好。"),
    ]
    timeline = build_timeline(shots, width=320, height=180, rate=Fraction(24), music=as_music(music)).timeline
    output = Path(name) / f"{name}.mp4"
    report = render_film(
        timeline,
        output,
        cache=Path(f"{name} cache"),
        watermark=Watermark(still),
        preset=replace(PLAIN, subtitles="burned", poster_second=Fraction(0)),
    )
    assert len(seen(report.path.absolute())) == report.frames == 31
    assert np.abs(heard(report.path.absolute())).max() > 0.1
    assert sorted(path.name for path in Path(name).iterdir()) == sorted(
        f"{name}{ending}" for ending in (".mp4", ".srt", ".vtt", ".ass", ".jpg")
    )
    assert sorted(path.name for path in Path().iterdir()) == sorted([name, f"{name} in", f"{name} cache"])


@contextmanager
def canary(folder: Path) -> Iterator[tuple[Path, str]]:
    """A file and an address that nobody may open: fails if somebody did."""
    pipe = folder / "canary.wav"
    os.mkfifo(pipe)
    opened: list[bool] = []

    def lie_in_wait() -> None:
        pipe.open("wb").close()
        opened.append(True)

    trap = threading.Thread(target=lie_in_wait)
    trap.start()
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.setblocking(False)
            yield pipe, f"http://127.0.0.1:{server.getsockname()[1]}/canary.wav"
            with pytest.raises(BlockingIOError):
                server.accept()
        assert not opened
    finally:
        pipe.open("rb").close()
        trap.join()


LISTS = {
    "hls": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile '{}'\n",
    "m3u": "#EXTM3U\n{}\n",
    "pls": "[playlist]\nFile1={}\nLength1=2\nNumberOfEntries=1\n",
    "asx": '<asx version="3.0"><entry><ref href="{}"/></entry></asx>',
    "svg": '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><image href="{}"/></svg>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\na=control:{}\n",
    "rtsp": "RTSPtextRTSP://{}\n",
    "metadata": ";FFMETADATA1\nsource={}\n",
}


@pytest.mark.parametrize("role", ["clip", "still", "voice", "music", "effect", "watermark"])
def test_a_list_that_poses_as_a_source_is_never_followed(media: Media, tmp_path: Path, role: str) -> None:
    endings = {"clip": ".mp4", "still": ".png", "watermark": ".png"}
    with canary(tmp_path) as targets:
        for text in LISTS.values():
            for target in targets:
                posing = tmp_path / f"posing{endings.get(role, '.wav')}"
                posing.write_text(text.format(target))
                with pytest.raises(UnreadableMediaError):
                    film_from(posing, role, media, tmp_path)
                assert_nothing_stray(tmp_path / "out" / "film.mp4", tmp_path / "cache")


def film_from(source: Path, role: str, media: Media, folder: Path) -> None:
    good = as_picture(media.picture())
    picture = Picture(source, digest(source), "still" if role == "still" else "video")
    voice = VoiceFile(source, digest(source), 4_800) if role == "voice" else None
    shot = TimelineShot(1, 500, picture if role in ("clip", "still") else good, voice=voice)
    timeline = build_timeline([shot], width=320, height=180, rate=Fraction(24)).timeline
    if role == "music":
        timeline = replace(timeline, music=Music(source, digest(source)))
    if role == "effect":
        timeline = replace(timeline, effects=(SoundClip(1, source, digest(source), 0, 4_800),))
    mark = Watermark(source) if role == "watermark" else None
    render_film(timeline, folder / "out" / "film.mp4", cache=folder / "cache", watermark=mark)


def test_a_drawing_in_postscript_starts_no_interpreter(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ghostscript = tmp_path / "bin" / "gs"
    ghostscript.parent.mkdir()
    ghostscript.write_text(f"#!/bin/sh\ntouch '{tmp_path}/it ran'\n")
    ghostscript.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ghostscript.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    posing = tmp_path / "posing.png"
    posing.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\nshowpage\n%%EOF\n")
    for role in ("still", "watermark"):
        with pytest.raises(UnreadableMediaError):
            film_from(posing, role, media, tmp_path)
    assert not (tmp_path / "it ran").exists()
