"""The card that stands in a draft for a shot that is not made yet: which shot, what is to be seen, who says what."""

from dataclasses import dataclass

from PIL import Image, ImageDraw

from aianime_pipeline.film.drawing.glyphs import drawable
from aianime_pipeline.film.drawing.lettering import Colour, Ink, ellipsed, font, text_width
from aianime_pipeline.film.drawing.marks import frame_margins, plate
from aianime_pipeline.film.drawing.overlays import png_bytes

_TOP: Colour = (28, 31, 42)
_BOTTOM: Colour = (15, 16, 23)
_PALE: Colour = (236, 238, 244)
_GREY: Colour = (139, 146, 165)
_LINE: Colour = (58, 63, 80)
_AMBER: Colour = (245, 184, 82)
_BODY = 4.6
_ROW = 1.42
"""From baseline to baseline in ems: body text wants more air than a subtitle."""


@dataclass(frozen=True)
class _Card:
    """The picture being drawn, and its measures in pixels: `unit` is a hundredth of the shorter side."""

    picture: Image.Image
    pen: ImageDraw.ImageDraw
    unit: float
    left: int
    right: int
    top: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    def size(self, units: float) -> int:
        return max(6, round(self.unit * units))


def slate_png(
    *,
    number: int,
    description: str,
    speaker: str,
    dialogue: str,
    reason: str,
    width: int,
    height: int,
    language: str,
) -> bytes:
    """A card of `width` x `height` pixels as opaque PNG; equal words give equal bytes. `speaker` and `dialogue` may be
    empty. What is too long ends with an ellipsis. The corners at the top stay free for a draft's marks."""
    card = _blank(width, height)
    chinese = language.lower().startswith("zh")
    below_head = _head(card, number, reason, "镜头" if chinese else "SHOT")
    above_speech = _speech(card, speaker, dialogue, card.top + round((card.bottom - card.top) * 0.66))
    size = card.size(_BODY)
    room = above_speech - below_head - card.size(2)
    rows = max(1, int(room // (size * _ROW)))
    _text(card, ellipsed(description, size, card.width, rows), below_head, size, _PALE)
    return png_bytes(card.picture)


def _blank(width: int, height: int) -> _Card:
    shade = Image.linear_gradient("L").resize((width, height))
    picture = Image.composite(
        Image.new("RGB", (width, height), _BOTTOM), Image.new("RGB", (width, height), _TOP), shade
    )
    picture = picture.convert("RGBA")
    unit = min(width, height) / 100
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, round(unit * 1.1), height), fill=_AMBER)
    side = round(unit * 8)
    # The marks of a draft (its own, and the label) stand in the corners above.
    top = frame_margins(width, height)[1] + round(unit * 13)
    # Below that line stand the subtitles, where they are burned in.
    bottom = round(height * (0.64 if height > width else 0.79))
    return _Card(picture, pen, unit, side, width - side, top, bottom)


def _head(card: _Card, number: int, reason: str, word: str) -> int:
    """The number, large, what it counts, and why there is a card. Returns where the text may begin."""
    size, small = card.size(15), card.size(3.3)
    baseline = card.top + round(size * 0.74)
    shown = str(number)
    card.pen.text((card.left - round(size * 0.05), baseline), shown, fill=_AMBER, font=font(size), anchor="ls")
    beside = card.left + text_width(shown, size) + card.size(3)
    card.pen.text(
        (beside, baseline - round(size * 0.73) + round(small * 0.88)), word, fill=_GREY, font=font(small), anchor="ls"
    )
    told = ellipsed(reason, small, max(small * 4, card.right - beside - small), 1)
    if told:
        note = plate(told, small, Ink(_AMBER), fill=(*_AMBER, 26), edge=(*_AMBER, 190))
        card.picture.alpha_composite(note, (beside, max(0, baseline - note.height)))
    rule = baseline + card.size(3.4)
    card.pen.rectangle((card.left, rule, card.right, rule + max(1, round(card.unit * 0.2))), fill=_LINE)
    return rule + card.size(3.4)


def _speech(card: _Card, speaker: str, dialogue: str, highest: int) -> int:
    """Who says what, at the card's foot, from `highest` downwards at most. Returns where it begins."""
    if not dialogue.strip():
        return card.bottom
    name, size = card.size(3.6), card.size(_BODY)
    inset = card.size(3)
    head = round(name * 1.7) if drawable(speaker).strip() else 0
    rows = max(1, int((card.bottom - highest - head) // (size * _ROW)))
    lines = ellipsed(dialogue, size, card.width - inset, rows)
    top = card.bottom - head - round(len(lines) * size * _ROW)
    card.pen.rectangle((card.left, top, card.left + max(2, round(card.unit * 0.6)), card.bottom), fill=_AMBER)
    if head:
        _text(card, ellipsed(speaker, name, card.width - inset, 1), top, name, _AMBER, inset=inset)
    _text(card, lines, top + head, size, _PALE, inset=inset)
    return top


def _text(card: _Card, lines: list[str], top: int, size: int, colour: Colour, *, inset: int = 0) -> None:
    for place, line in enumerate(lines):
        baseline = top + round(size * (0.9 + place * _ROW))
        card.pen.text((card.left + inset, baseline), line, fill=colour, font=font(size), anchor="ls")
