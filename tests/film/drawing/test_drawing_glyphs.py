"""What the bundled font can draw, checked against FreeType's own drawing of it."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont, features

from aianime_pipeline.film.drawing import missing_glyphs
from aianime_pipeline.film.drawing.glyphs import drawable
from aianime_pipeline.film.drawing.lettering import ellipsed, fold, text_width
from aianime_pipeline.fonts import cjk_font_path


def test_right_to_left_lines_can_be_laid_out() -> None:
    assert features.check("raqm")


@given(st.characters(categories=["Lu", "Ll", "Lo", "Nd", "No", "Po", "Ps", "Sm", "So"]))
@settings(max_examples=100, deadline=None)
def test_a_character_is_missing_where_freetype_draws_the_font_s_sign_for_it(character: str) -> None:
    path, face = cjk_font_path()
    font = ImageFont.truetype(str(path), 40, index=face, layout_engine=ImageFont.Layout.BASIC)
    sign = bytes(font.getmask("\U0010fffd"))
    if unicodedata.normalize("NFC", character) == character:
        assert (missing_glyphs(character) != ()) == (bytes(font.getmask(character)) == sign)


def test_missing_characters_are_told_once_in_order_and_whole() -> None:
    assert missing_glyphs("好😀吗👨‍👩‍👧😀🇨🇳\U00020000 ok שא") == ("😀", "👨‍👩‍👧", "🇨🇳", "\U00020000", "ש", "א")
    assert missing_glyphs("") == ()


@pytest.mark.parametrize(
    "text",
    ["…—“”《》·～￥①★♪", "e\u0301 a\u0323 E\u0302", "がパ", "한글", "Ωλ Жя", "♥\ufe0f", "a\u200bb\u200d\u2060\ufeff",
     "\u202eabc\u202c", "\t\r\n\x00\x7f", "\u3000\u00a0\u2009", "葛\U000e0100", "\u2028"],
)  # fmt: skip
def test_what_can_be_drawn_or_is_never_seen_is_not_missing(text: str) -> None:
    assert missing_glyphs(text) == ()


def test_a_lone_surrogate_can_be_told_in_any_encoding() -> None:
    assert missing_glyphs("a\ud83d") == ("\ufffd",)


def test_what_is_drawn_has_no_hole_where_something_was_left_out() -> None:
    assert drawable("你好😀！") == "你好！"
    assert drawable("well 😀 then") == "well then"
    assert drawable("😀 well") == "well"
    assert drawable("then 😀") == "then"
    assert drawable("a  b\u202e c\td") == "a  b c d"


@given(st.text("你好的了，。“”（）abcXYZ ,.-\n😀", max_size=120), st.integers(60, 400))
@settings(max_examples=60, deadline=None)
def test_folded_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = fold(text, 20, width)
    assert all(text_width(line, 20) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(drawable(text.replace("\n", " ")).split())


def test_a_text_too_long_ends_with_an_ellipsis_inside_its_last_line() -> None:
    lines = ellipsed("雨夜，霓虹灯倒映在积水的街道上。" * 5, 20, 200, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert text_width(lines[-1], 20) <= 200
    assert ellipsed("短", 20, 200, 3) == ["短"]
