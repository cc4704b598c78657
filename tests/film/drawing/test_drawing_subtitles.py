"""Burned-in subtitles: when they are seen, where they stand, and that what is drawn is what was written."""

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.laid_pictures import columns, fits, ink, luma_through_ffmpeg, on_frame, opened, rows

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.drawing import DrawnSubtitles, Overlay, SubtitleStyle, subtitle_overlays
from aianime_pipeline.film.drawing.subtitles import cue_frames
from aianime_pipeline.film.subtitles.cues import SubtitleCue

WIDE, TALL, SQUARE = (640, 360), (360, 640), (360, 360)
RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(24000, 1001), Fraction(60)]
STYLE = SubtitleStyle()


def draw(*cues: SubtitleCue, size: tuple[int, int] = WIDE, style: SubtitleStyle = STYLE) -> DrawnSubtitles:
    return subtitle_overlays(cues, width=size[0], height=size[1], rate=Fraction(24), style=style, total_frames=24 * 60)


def one(*lines: str, size: tuple[int, int] = WIDE, style: SubtitleStyle = STYLE, speaker: str = "") -> Overlay:
    (overlay,) = draw(SubtitleCue(0, 1000, lines, speaker), size=size, style=style).overlays
    return overlay


@given(st.integers(0, 100_000), st.integers(1, 10_000), st.sampled_from(RATES))
@settings(max_examples=100, deadline=None)
def test_a_cue_is_on_the_frames_whose_moment_lies_within_it(start: int, length: int, rate: Fraction) -> None:
    total = 2000
    first, end = cue_frames(SubtitleCue(start, start + length, ("好",)), rate, total)
    moments = {frame: math.floor(frame / rate * 1000 + Fraction(1, 2)) for frame in range(total)}
    within = [frame for frame, ms in moments.items() if start <= ms < start + length]
    if within:
        assert (first, end) == (within[0], within[-1] + 1)
    elif first < end:
        assert end == first + 1, "between two frames it has the one that is on screen when it begins"
        assert moments[first] <= start
    else:
        assert start >= moments[total - 1]


def test_a_cue_that_begins_at_a_cut_is_not_seen_before_it_nor_a_frame_late() -> None:
    cut = 10  # at 416.67 ms, which a timeline rounds to 417
    assert cue_frames(SubtitleCue(417, 1000, ("好",)), Fraction(24), 100)[0] == cut
    assert cue_frames(SubtitleCue(0, 417, ("好",)), Fraction(24), 100) == (0, cut)


def test_cues_beyond_the_film_are_not_drawn_and_the_last_ends_with_it() -> None:
    cues = [SubtitleCue(500, 5000, ("一",)), SubtitleCue(5000, 6000, ("二",))]
    found = subtitle_overlays(cues, width=640, height=360, rate=Fraction(24), style=STYLE, total_frames=24).overlays
    assert [(overlay.first, overlay.end) for overlay in found] == [(12, 24)]


@pytest.mark.parametrize("size", [WIDE, TALL, SQUARE, (3840, 2160), (2160, 3840), (640, 480), (64, 64), (16, 16)])
@pytest.mark.parametrize("style", [STYLE, SubtitleStyle(backing="box"), SubtitleStyle(backing="none", bold=False)])
def test_a_picture_is_cut_to_what_is_drawn_and_lies_inside_the_frame(
    size: tuple[int, int], style: SubtitleStyle
) -> None:
    assert fits(one("月" * 20, "What did you say to her?", size=size, style=style), size)


def test_equal_words_in_an_equal_style_have_equal_bytes() -> None:
    before = one("你终于来了").png
    draw(*(SubtitleCue(0, 1000, (f"{number}",)) for number in range(300)))  # so that none is remembered
    assert one("你终于来了").png == before
    assert one("你终于来了", style=SubtitleStyle(colour="#ffe100")).png != before
    assert len({before, one("你终于来啦").png, one("你终于来了", size=TALL).png}) == 3


def test_codes_are_drawn_to_the_letter_and_do_not_act() -> None:
    for code in ("{\\an8}", "\\N", "<i>", "</b>", "%d", "'\"", "{", "&lt;", "$(x)"):
        plain, coded = one("好好"), one(f"好{code}好")
        assert coded.size[0] > plain.size[0], code
        assert abs(coded.y - plain.y) < 24, code
        assert rows(ink(coded))[1] - rows(ink(coded))[0] < 40, f"{code} made a second line"


def test_a_line_break_within_a_line_makes_two_lines() -> None:
    assert one("你好\n再见").png == one("你好", "再见").png


def test_what_has_no_glyph_is_left_out_and_told_with_its_cue() -> None:
    cues = [SubtitleCue(0, 500, ("好",)), SubtitleCue(500, 900, ("走👨‍👩‍👧吧", "שלום 😀😀"), "😀")]
    drawn = draw(*cues)
    assert drawn.missing == ((2, "👨‍👩‍👧"), (2, "ש"), (2, "ל"), (2, "ו"), (2, "ם"), (2, "😀"))
    assert drawn.overlays[1].png == one("走吧").png
    nothing = draw(SubtitleCue(0, 500, ("😀",)), SubtitleCue(500, 900, ()))
    assert nothing.overlays == ()
    assert nothing.missing == ((1, "😀"),)


def test_the_speaker_s_name_is_drawn_where_the_style_wants_it() -> None:
    shown = SubtitleStyle(speaker_shown=True)
    assert one("好", speaker="阿月").png == one("好").png
    assert one("好", speaker="阿月", style=shown).png == one("阿月：好", style=shown).png
    assert one("Hi", speaker="Tom", style=shown).png == one("Tom: Hi", style=shown).png
    drawn = draw(SubtitleCue(0, 500, ("好",), "😀"), style=shown)
    assert drawn.missing == ((1, "😀"),)


def letter_height(overlay: Overlay) -> int:
    top, bottom = rows(ink(overlay))
    return bottom - top


@pytest.mark.parametrize("size", [WIDE, TALL, SQUARE])
def test_fourteen_chinese_characters_keep_their_size_and_twenty_fit(size: tuple[int, int]) -> None:
    one_letter, fourteen, twenty = (letter_height(one("国" * count, size=size)) for count in (1, 14, 20))
    assert fourteen == one_letter
    assert twenty >= 0.68 * one_letter
    overlay = one("国" * 20, size=size)
    assert overlay.x >= 0.02 * size[0]
    assert overlay.x + overlay.size[0] <= 0.98 * size[0]
    assert abs(overlay.x * 2 + overlay.size[0] - size[0]) <= 4, "in the middle"


def test_a_word_too_long_for_the_line_shrinks_and_one_too_long_for_any_size_is_folded() -> None:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    assert letter_height(one(word)) < letter_height(one("Donau"))
    for lines in ((word,), ("W" * 2000,), ("月",) * 100):
        assert fits(one(*lines), WIDE)


def test_in_a_tall_frame_they_stand_above_the_app_s_buttons() -> None:
    wide, tall = one("好"), one("好", size=TALL)
    assert 0.90 < (wide.y + wide.size[1]) / 360 < 0.96
    assert 0.70 < (tall.y + tall.size[1]) / 640 < 0.78


def test_a_line_is_known_by_its_words_and_style_before_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("drawn too early")

    monkeypatch.setattr("aianime_pipeline.film.drawing.subtitles._picture", refuse)
    keys = {
        one("你终于来了").key,
        one("你终于来啦").key,
        one("你终于来了", size=TALL).key,
        one("你终于来了", style=SubtitleStyle(colour="#ffe100")).key,
    }
    assert len(keys) == 4
    assert one("你终于来了").key in keys


def test_letters_are_white_and_their_outline_dark_on_any_frame_after_ffmpeg_s_overlay(tmp_path: Path) -> None:
    overlay = one("国国国", style=SubtitleStyle(size=0.15))
    for colour, level in (("white", 235), ("black", 16), ("0x808080", 126)):
        luma = luma_through_ffmpeg(overlay, WIDE, colour, tmp_path)
        assert luma.max() >= 230
        under = luma[overlay.y : overlay.y + overlay.size[1], overlay.x : overlay.x + overlay.size[0]]
        assert under.min() <= 30
        assert (under >= 228).mean() > 0.1
        assert abs(int(luma[5, 5]) - level) <= 1, "outside the overlay nothing changes"


def test_the_colours_are_the_style_s() -> None:
    style = SubtitleStyle(size=0.15, colour="#ffcc00", outline_colour="#0000ff", outline_width=0.15, backing="none")
    frame = on_frame([one("国", style=style)], WIDE, (255, 255, 255)).reshape(-1, 3)
    for wanted in ((255, 204, 0), (0, 0, 255)):
        assert (np.abs(frame - wanted).max(axis=1) == 0).sum() > 100


def test_a_box_is_as_dark_as_the_style_says_and_as_high_for_any_letters() -> None:
    style = SubtitleStyle(backing="box", backing_colour="#000000", backing_opacity=0.5)
    low, high = one("aaa", style=style), one("ÅÅg", style=style)
    assert low.size[1] == high.size[1]
    assert opened(low.png).getpixel((low.size[0] // 2, 3)) == (0, 0, 0, 128)
    assert columns(np.asarray(opened(low.png).getchannel("A")) == 128)[0] <= 2


def test_bold_letters_are_thicker() -> None:
    style = {"size": 0.15, "backing": "none", "outline_width": 0.0}
    thin, bold = (one("国月", style=SubtitleStyle.from_document({**style, "bold": bold})) for bold in (False, True))
    assert ink(bold).sum() > 1.1 * ink(thin).sum()


def test_a_style_survives_its_document() -> None:
    style = SubtitleStyle(size=0.07, colour="#FFCC00", backing="box", bold=False, margin_bottom=0, speaker_shown=True)
    assert SubtitleStyle.from_document(style.to_document()) == style
    assert SubtitleStyle.from_document({}) == STYLE
    assert style.colour == "#ffcc00"


@pytest.mark.parametrize(
    "document",
    [
        {"size": 0.5}, {"size": "0.05"}, {"size": True}, {"size": float("nan")}, {"size": None}, {"colour": "red"},
        {"colour": "#ffffff\n"}, {"colour": 7}, {"backing": "glow"}, {"backing": []}, {"bold": 1}, {"font": "Arial"},
        {"margin_bottom": -0.1}, {"backing_opacity": 2}, ["size"], {3: 4},
    ],
)  # fmt: skip
def test_a_style_that_cannot_be_drawn_is_refused_by_name(document: object) -> None:
    with pytest.raises(BadSettingError, match="subtitle style"):
        SubtitleStyle.from_document(document)  # type: ignore[arg-type]
