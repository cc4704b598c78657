"""What is drawn on or for a film, as pictures: subtitles, labels, watermarks, and slates for shots not made yet."""

from aianime_pipeline.film.drawing.glyphs import missing_glyphs
from aianime_pipeline.film.drawing.labels import ai_label_overlay, draft_overlay
from aianime_pipeline.film.drawing.overlays import Overlay
from aianime_pipeline.film.drawing.slates import slate_png
from aianime_pipeline.film.drawing.style import SubtitleStyle
from aianime_pipeline.film.drawing.subtitles import DrawnSubtitles, subtitle_overlays
from aianime_pipeline.film.drawing.watermark import Watermark, watermark_overlay

__all__ = [
    "DrawnSubtitles",
    "Overlay",
    "SubtitleStyle",
    "Watermark",
    "ai_label_overlay",
    "draft_overlay",
    "missing_glyphs",
    "slate_png",
    "subtitle_overlays",
    "watermark_overlay",
]
