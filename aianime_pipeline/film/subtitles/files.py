"""Subtitles as files beside a film: WebVTT for players on the web, ASS for those who go on working. Pure text; SubRip
is `subtitles.to_srt`.

A line means what it says. WebVTT has escapes for everything. ASS has none for a backslash before N, n or h (breaks and
spaces there), so an invisible word joiner parts a backslash from what follows; a brace that opens is written `\\{`, as
libass (mpv, VLC, ffmpeg, Aegisub) reads it. Readers that do not know this escape (VSFilter) show the backslash and take
what stands in the braces for codes: nothing can be done about it but other letters.
"""

from collections.abc import Sequence
from html import escape

from aianime_pipeline.film.drawing.lettering import ASCENT, DESCENT
from aianime_pipeline.film.drawing.style import Backing, SubtitleStyle
from aianime_pipeline.film.drawing.subtitles import fitted, shown_lines
from aianime_pipeline.film.subtitles.cues import SubtitleCue
from aianime_pipeline.fonts import FONT_FAMILY

_WORD_JOINER = "\u2060"
_LINE_HEIGHT = ASCENT + DESCENT
"""ASS counts a font's size from the top of its ascenders to the bottom of its descenders, not in ems."""
_STYLE_FIELDS = (
    "Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
    "StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, "
    "Encoding"
)
_OUTLINE_AND_SHADOW, _ONE_BOX = 1, 4
"""The second is libass's own: one box behind all lines, as wide around them as the shadow says. The standard's box (3)
is drawn for each line, and where two translucent ones overlap there is a dark seam."""
_BOTTOM_CENTRE = 2
_SHADOWS: dict[Backing, float] = {"none": 0, "shadow": 0.04, "box": 0.2}
"""Ems."""


def to_vtt(cues: Sequence[SubtitleCue], language: str) -> str:
    """WebVTT, to be written as UTF-8: times to the millisecond, the speaker as voice of each cue. The format has no
    field for the language; it stands in the header's free text."""
    head = _one_line(language).replace("-->", "")
    blocks = [f"WEBVTT Language: {head}\n"]
    for number, cue in enumerate(cues, start=1):
        voice = f"<v {_vtt_escaped(speaker)}>" if (speaker := _one_line(cue.speaker)) else ""
        text = "\n".join(_vtt_escaped(line) for line in _lines(cue))
        blocks.append(f"{number}\n{_vtt_time(cue.start_ms)} --> {_vtt_time(cue.end_ms)}\n{voice}{text}\n")
    return "\n".join(blocks)


def to_ass(cues: Sequence[SubtitleCue], style: SubtitleStyle, *, width: int, height: int, title: str) -> str:
    """Advanced SubStation Alpha, to be written as UTF-8, in the look of the burned-in subtitles of a film of `width` x
    `height` pixels. Times are in hundredths of a second, which is all that ASS has: up to 5 ms off, and a cue has one
    at least. The speaker is the event's name, with a wide comma in place of a comma (there is no escape for it)."""
    size = style.text_size(width, height)
    events = [
        f"Dialogue: 0,{start},{end},Default,{_ass_name(cue.speaker)},0,0,0,,{_ass_text(cue, style, width, height)}"
        for cue in cues
        for start, end in [_ass_times(cue)]
    ]
    lines = [
        "[Script Info]",
        f"Title: {_one_line(title)}",
        "ScriptType: v4.00+",
        f"PlayResX: {width}",
        f"PlayResY: {height}",
        "WrapStyle: 0",
        "ScaledBorderAndShadow: yes",
        "YCbCr Matrix: TV.709",
        "",
        "[V4+ Styles]",
        f"Format: {_STYLE_FIELDS}",
        _ass_style(style, size, margin_bottom=style.margin(width, height), margin_side=round(width * 0.04)),
        "",
        "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
        *events,
    ]
    return "\n".join(lines) + "\n"


def _ass_style(style: SubtitleStyle, size: int, *, margin_bottom: int, margin_side: int) -> str:
    boxed = style.backing == "box"
    opacity = style.backing_opacity if style.backing != "none" else 0.0
    fields = (
        "Default",
        FONT_FAMILY,
        _number(size * _LINE_HEIGHT),
        _ass_colour(style.colour),
        _ass_colour(style.colour),
        _ass_colour(style.outline_colour),
        _ass_colour(style.backing_colour, opacity),
        -1 if style.bold else 0,
        *(0, 0, 0),
        *(100, 100, 0, 0),
        _ONE_BOX if boxed else _OUTLINE_AND_SHADOW,
        _number(0 if boxed else size * style.outline_width),
        _number(size * _SHADOWS[style.backing]),
        _BOTTOM_CENTRE,
        margin_side,
        margin_side,
        margin_bottom,
        1,
    )
    return "Style: " + ",".join(str(field) for field in fields)


def _ass_text(cue: SubtitleCue, style: SubtitleStyle, width: int, height: int) -> str:
    lines = shown_lines(cue, style)
    _, size = fitted(lines, style, width, height)
    smaller = f"{{\\fs{_number(size * _LINE_HEIGHT)}}}" if size < style.text_size(width, height) else ""
    return smaller + "\\N".join(_ass_escaped(line) for line in lines)


def _ass_escaped(line: str) -> str:
    parted = line.replace("\\", "\\" + _WORD_JOINER)
    return parted.replace("{", "\\{").replace("\0", "\ufffd")


def _ass_name(speaker: str) -> str:
    return _one_line(speaker).replace(",", "，").replace("\0", "\ufffd")


def _ass_colour(colour: str, opacity: float = 1.0) -> str:
    """`&HAABBGGRR`, where the first byte says how transparent it is."""
    return f"&H{255 - round(opacity * 255):02X}{colour[5:7]}{colour[3:5]}{colour[1:3]}".upper()


def _ass_times(cue: SubtitleCue) -> tuple[str, str]:
    start = (cue.start_ms + 5) // 10
    return _ass_time(start), _ass_time(max((cue.end_ms + 5) // 10, start + 1))


def _ass_time(hundredths: int) -> str:
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest // 100:02d}.{rest % 100:02d}"


def _vtt_escaped(text: str) -> str:
    return escape(text, quote=False).replace("\0", "\ufffd")


def _vtt_time(ms: int) -> str:
    minutes, rest = divmod(ms, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _lines(cue: SubtitleCue) -> list[str]:
    """Without empty lines: one ends a cue in WebVTT."""
    return [line for text in cue.lines for line in text.splitlines() if line.strip()]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
