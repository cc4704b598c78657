"""The one font of the project: for names on reference sheets and for subtitles burned into a film.

The wheel `noto-cjk-sans-otc` (OFL) brings a collection of ten faces; a system font may not be there.
"""

from pathlib import Path

import noto_cjk_sans_otc  # type: ignore[import-untyped]

SIMPLIFIED_CHINESE_FACE = 2
"""Index in the collection: 0 JP, 1 KR, 2 SC, 3 TC, 4 HK, then the five monospaced ones."""

FONT_FAMILY = "Noto Sans CJK SC"
"""The face's name, for libraries (libass) that choose by family."""


def cjk_font_path() -> tuple[Path, int]:
    """The collection's file and the index of the Simplified Chinese face in it."""
    return Path(noto_cjk_sans_otc.__file__).parent / noto_cjk_sans_otc.FONT_FILE, SIMPLIFIED_CHINESE_FACE
