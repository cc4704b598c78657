"""What second readers make of the subtitle files: ffmpeg's for the words and times, libass for what is seen."""

import html
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from support.laid_pictures import on_frame

from aianime_pipeline.film.drawing import SubtitleStyle, subtitle_overlays
from aianime_pipeline.film.ffmpeg import run_ffmpeg
from aianime_pipeline.film.subtitles.cues import SubtitleCue
from aianime_pipeline.film.subtitles.files import to_ass, to_vtt
from aianime_pipeline.fonts import cjk_font_path

STYLE = SubtitleStyle()
CODES = "{\\an8}{\\c&H0000FF&}codes \\N \\n \\h end}"
AWKWARD = [
    CODES,
    "a < b && b > c -->",
    "<i>x</i> &amp; </v>",
    "NOTE this",
    "1",
    "00:01.000 --> 00:02.000",
    "50% 'q' \"p\"",
]
Drawn = Callable[[str], NDArray[np.int64]]
times = st.tuples(st.integers(0, 20_000_000), st.integers(1, 60_000))


def cue(*lines: str, start: int = 1000, end: int = 2000, speaker: str = "") -> SubtitleCue:
    return SubtitleCue(start, end, lines, speaker)


def read(path: Path) -> list[tuple[int, int, str]]:
    """Start and end in milliseconds and the event of each cue, as ffmpeg's demuxer and decoder read them."""
    found = []
    with av.open(str(path)) as file:
        stream = file.streams.subtitles[0]
        assert stream.time_base is not None
        for packet in file.demux(stream):
            if not packet.size:
                continue
            assert packet.pts is not None
            assert packet.duration is not None
            start = packet.pts * stream.time_base * 1000
            end = (packet.pts + packet.duration) * stream.time_base * 1000
            events = [
                rect.ass.decode() for rect in packet.decode() if isinstance(rect, av.subtitles.subtitle.AssSubtitle)
            ]
            found.append((int(start), int(end), "".join(event.split(",", 8)[8] for event in events)))
    return found


def vtt_payloads(text: str) -> list[str]:
    """What the cues say, by the letter of the standard: blocks end at an empty line, tags at the next >."""
    _, *blocks = text.rstrip("\n").split("\n\n")
    payloads = []
    for block in blocks:
        number, timing, *lines = block.split("\n")
        assert number.isdigit()
        assert re.fullmatch(r"(\d\d+:){2}\d\d\.\d{3} --> (\d\d+:){2}\d\d\.\d{3}", timing)
        assert not any("-->" in line for line in lines)
        payloads.append(html.unescape(re.sub(r"<[^>]*>", "", "\n".join(lines))))
    return payloads


def unescaped(event: str) -> str:
    """The words of an ASS event as ffmpeg hands them out."""
    return event.replace("\\N", "\n").replace("\\{", "{").replace("\\}", "}").replace("\u2060", "")


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """The frame that libass draws on black, as grey levels. It works in a folder of its own, so that no path has to be
    quoted in a filter."""
    monkeypatch.chdir(tmp_path)
    Path("fonts").symlink_to(cjk_font_path()[0].parent)

    def draw(script: str) -> NDArray[np.int64]:
        Path("drawn.ass").write_text(script, encoding="utf-8")
        black = "color=black:s=640x360:r=10:d=0.3"
        filters = "ass=drawn.ass:fontsdir=fonts"
        ended = ["-ss", "0.1", "-frames:v", "1", "-update", "1", "drawn.png"]
        run_ffmpeg(["-f", "lavfi", "-i", black, "-vf", filters, *ended], doing="draw subtitles")
        return np.asarray(Image.open("drawn.png").convert("L")).astype(np.int64)

    return draw


def script(*lines: str, style: SubtitleStyle = STYLE) -> str:
    return to_ass([cue(*lines, start=0, end=3000)], style, width=640, height=360, title="t")


@given(st.lists(times, min_size=1, max_size=5, unique_by=lambda span: span[0]))
@settings(max_examples=25, deadline=None)
def test_a_second_reader_finds_the_vtt_times_to_the_millisecond(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.mktemp("vtt") / "a.vtt"
    cues = sorted((cue("好", start=start, end=start + length) for start, length in spans), key=lambda c: c.start_ms)
    path.write_text(to_vtt(cues, "zh"), encoding="utf-8")
    assert [(start, end) for start, end, _ in read(path)] == [(c.start_ms, c.end_ms) for c in cues]


@given(st.lists(times, min_size=1, max_size=5, unique=True))
@settings(max_examples=25, deadline=None)
def test_a_second_reader_finds_the_ass_times_to_half_a_hundredth(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.mktemp("ass") / "a.ass"
    cues = sorted(
        (cue(f"好{number}", start=start, end=start + length) for number, (start, length) in enumerate(spans)),
        key=lambda c: c.start_ms,
    )
    path.write_text(to_ass(cues, STYLE, width=320, height=180, title="t"), encoding="utf-8")
    found = {text: (start, end) for start, end, text in read(path)}
    assert len(found) == len(cues)
    for expected in cues:
        start, end = found[expected.lines[0]]
        assert abs(start - expected.start_ms) <= 5
        assert end > start
        assert abs(end - expected.end_ms) <= (5 if expected.end_ms - expected.start_ms >= 10 else 15)


def test_cues_that_follow_each_other_leave_no_gap_in_ass() -> None:
    text = to_ass(
        [cue("a", start=0, end=1005), cue("b", start=1005, end=2000)], STYLE, width=320, height=180, title="t"
    )
    first, second = (line.split(",") for line in text.splitlines() if line.startswith("Dialogue:"))
    assert first[2] == second[1] == "0:00:01.01"


@pytest.mark.parametrize("line", AWKWARD)
def test_a_second_reader_gets_every_vtt_line_to_the_letter(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.vtt"
    said = [cue("第一", line, "", speaker="A & <B>\n-->"), cue("二", start=3000, end=4000)]
    path.write_text(to_vtt(said, "zh"), encoding="utf-8")
    assert vtt_payloads(path.read_text(encoding="utf-8")) == [f"第一\n{line}", "二"]
    (_, _, first), (_, _, second) = read(path)
    if "\\" not in line:  # ffmpeg hands out ASS, where it leaves a backslash as it is
        assert unescaped(first.replace("{{}", "{")) == f"第一\n{line}"
    assert second == "二"


def test_a_vtt_cue_tells_who_speaks() -> None:
    text = to_vtt([cue("Hi", speaker="Tom & <Jerry>"), cue("Yo")], "en-GB\nx")
    assert text.splitlines()[0] == "WEBVTT Language: en-GB x"
    assert "\n<v Tom &amp; &lt;Jerry&gt;>Hi\n" in text
    assert "\nYo\n" in text
    assert to_vtt([], "zh") == "WEBVTT Language: zh\n"


@pytest.mark.parametrize("line", AWKWARD)
def test_a_second_reader_gets_every_ass_line_to_the_letter(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.ass"
    path.write_text(
        to_ass([cue("第一", line, speaker="月, 儿\nx")], STYLE, width=320, height=180, title="a\n[Events]"), "utf-8"
    )
    ((_, _, event),) = read(path)
    assert unescaped(event) == f"第一\n{line}"


@pytest.mark.parametrize("words", ["国月国月", CODES, "C:\\new {x} \\{y\\} }{", "<i>50%</i> 'q'"])
def test_a_line_is_seen_in_ass_as_it_is_burned_in_to_the_letter_as_large_and_at_its_place(
    drawn: Drawn, words: str
) -> None:
    style = SubtitleStyle(size=0.08, backing="none", outline_width=0.0, bold=False)
    by_libass = drawn(script(words, style=style))
    (one,) = subtitle_overlays(
        [cue(words, start=0)], width=640, height=360, rate=Fraction(24), style=style, total_frames=9
    ).overlays
    ours = on_frame([one], (640, 360)).max(axis=2)
    for axis in (0, 1):
        a, b = (np.flatnonzero((picture > 100).any(axis=axis)) for picture in (by_libass, ours))
        assert abs(int(a[0]) - int(b[0])) <= 3
        assert abs(int(a[-1]) - int(b[-1])) <= 3
    assert abs(by_libass.sum() / ours.sum() - 1) < 0.1, "as much ink"


def test_the_ass_style_is_the_project_s() -> None:
    style = SubtitleStyle(
        colour="#ffcc00", outline_colour="#112233", outline_width=0.1, backing="box", backing_opacity=0.5
    )
    line = next(line for line in script("x", style=style).splitlines() if line.startswith("Style:"))
    fields = line.removeprefix("Style: ").split(",")
    assert fields[1] == "Noto Sans CJK SC"
    assert fields[3] == "&H0000CCFF"
    assert fields[5] == "&H00332211"
    assert fields[6] == "&H7F000000"
    assert len(fields) == 23


def test_a_line_too_wide_for_the_frame_is_smaller_in_ass_too(drawn: Drawn) -> None:
    wide = drawn(script("月" * 40))
    columns = np.flatnonzero((wide > 100).any(axis=0))
    assert columns[0] >= 8
    assert columns[-1] < 632
