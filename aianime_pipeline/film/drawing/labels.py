"""What the law and the trade want written on a film: that a machine made it, and that it is a draft.

China's measures for labelling generated content, with GB 45438-2025 (in force since September 2025), ask of a film for
a visible label in the opening picture: it says "人工智能" or "AI" and "生成" or "合成", its letters are at least 5 % of
the frame's shorter side high, and it is seen for at least 2 seconds at normal speed.
"""

import math
import re
from collections.abc import Sequence
from fractions import Fraction

from PIL import Image

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.drawing.glyphs import missing_glyphs
from aianime_pipeline.film.drawing.lettering import CAP_HEIGHT, Ink, fold
from aianime_pipeline.film.drawing.marks import Corner, clear_of, faded, frame_margins, in_corner, plate
from aianime_pipeline.film.drawing.overlays import Laid, Overlay, lay

LEAST_HEIGHT = Fraction(5, 100)
"""Of the frame's shorter side."""
LEAST_SECONDS = 2
LABEL_SECONDS = Fraction(4)

_WORDS = (
    re.compile(r"(人工智能|AI).*(生成|合成)", re.IGNORECASE | re.DOTALL),
    re.compile(r"\b(AI|artificial intelligence)\b.*\bgenerated\b", re.IGNORECASE | re.DOTALL),
    re.compile(r"\bgenerated\b.*\b(AI|artificial intelligence)\b", re.IGNORECASE | re.DOTALL),
)
_DARK = (12, 13, 18)
_WHITE = (255, 255, 255)


def label_text(language: str) -> str:
    """The label in the film's language, as an ISO 639 code: Chinese, or else English."""
    return "AI生成" if _is_chinese(language) else "AI-generated"


def ai_label_overlay(
    *,
    width: int,
    height: int,
    rate: Fraction,
    total_frames: int,
    language: str,
    seconds: Fraction = LABEL_SECONDS,
    text: str = "",
    others: Sequence[Overlay] = (),
) -> Overlay:
    """The label at the top left of the film's first `seconds`, or of all of a shorter film; below those of `others`
    that it would cover. `text` in place of `label_text`.

    Raises BadSettingError where it would not be the label that is asked for: other words, or seen too briefly.
    """
    words = " ".join((text or label_text(language)).split())
    if not any(form.search(words) for form in _WORDS):
        raise BadSettingError(f"The label {words!r} must say that AI made the film: AI生成, or AI-generated.")
    if lost := missing_glyphs(words):
        raise BadSettingError(f"The label {words!r} has characters that the font cannot draw: {' '.join(lost)}")
    if seconds < LEAST_SECONDS:
        raise BadSettingError(f"The label is to be seen for {float(seconds):g} s; it needs at least {LEAST_SECONDS}.")
    # The rule counts the letters' height: of capitals, which in "AI" are the lowest letters there are.
    size = math.ceil(math.ceil(min(width, height) * LEAST_HEIGHT + 1) / CAP_HEIGHT)
    lines = fold(words, size, width - frame_margins(width, height)[0] * 2 - size)
    picture = plate(lines, size, Ink(_WHITE, bold=True), fill=(*_DARK, 158), edge=(*_WHITE, 110))
    laid = _laid(picture, "top_left", width, height, others)
    return laid.during(0, min(total_frames, math.ceil(seconds * rate)))


def draft_overlay(
    *, width: int, height: int, total_frames: int, language: str, others: Sequence[Overlay] = ()
) -> Overlay:
    """DRAFT at the top right of the whole film: there for whoever looks, light enough to see the picture through it;
    below those of `others` that it would cover."""
    text = "DRAFT 样片" if _is_chinese(language) else "DRAFT"
    size = max(10, round(min(width, height) * 0.042))
    picture = plate([text], size, Ink((255, 214, 92), bold=True), fill=(*_DARK, 170), edge=(255, 214, 92, 255))
    return _laid(faded(picture, 0.85), "top_right", width, height, others).during(0, total_frames)


def _laid(picture: Image.Image, corner: Corner, width: int, height: int, others: Sequence[Overlay]) -> Laid:
    x, y = in_corner(picture.size, corner, frame_margins(width, height), width, height)
    laid = lay(picture, x, clear_of(y, x, picture.size, others), width=width, height=height)
    assert laid is not None
    return laid


def _is_chinese(language: str) -> bool:
    return language.replace("_", "-").split("-")[0].lower() in ("zh", "zho", "chi", "cmn", "yue")
