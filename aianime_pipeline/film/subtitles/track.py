"""The soft subtitle track of a film: timed text (`tx3g`, which ffmpeg calls mov_text) in an MP4 of its own.

ffmpeg's way from SubRip to timed text goes through ASS, where braces, tags and backslashes of a line mean something:
"{x}" vanishes, "<b>" becomes a style. So ffmpeg lays the track out with placeholders, and each is then replaced by the
line itself, to the letter. A sample of timed text is two bytes of length and the UTF-8 text.
"""

import struct
from collections.abc import Sequence
from pathlib import Path

import av
import ffmpeg

from aianime_pipeline.film.cache import part_beside
from aianime_pipeline.film.ffmpeg import run_ffmpeg
from aianime_pipeline.film.subtitles.cues import SubtitleCue, to_srt

_ISO_639_2 = {
    "zh": "zho", "en": "eng", "ja": "jpn", "ko": "kor", "fr": "fra", "de": "deu", "es": "spa", "pt": "por",
    "it": "ita", "ru": "rus", "ar": "ara", "he": "heb", "hi": "hin", "id": "ind", "ms": "msa", "th": "tha",
    "tr": "tur", "vi": "vie",
}  # fmt: skip
_MS = 1000


def track_language(language: str) -> str:
    """The three letters that MP4 wants for `zh`, `zh-CN` or `zho`; `und` for what is no language code known here."""
    code = language.replace("_", "-").split("-")[0].lower()
    if len(code) == 3 and code.isascii() and code.isalpha():
        return code
    return _ISO_639_2.get(code, "und")


def write_subtitle_track(cues: Sequence[SubtitleCue], path: Path) -> None:
    """An MP4 at `path` with one track of timed text. There must be at least one cue. Raises FfmpegFailedError."""
    placeholders = [SubtitleCue(cue.start_ms, cue.end_ms, ("-",)) for cue in cues]
    with part_beside(path.with_suffix(".srt")) as script, part_beside(path) as laid_out:
        script.write_text(to_srt(placeholders), encoding="utf-8")
        timed_text = ffmpeg.output(
            ffmpeg.input(str(script.absolute()), format="srt"),
            str(laid_out.absolute()),
            format="mp4",
            scodec="mov_text",
            fflags="+bitexact",
            movie_timescale=_MS,
        )
        run_ffmpeg(timed_text, doing="lay out the subtitles")
        _fill(laid_out, path, cues)


def _fill(laid_out: Path, path: Path, cues: Sequence[SubtitleCue]) -> None:
    waiting = iter(cues)
    options = {"movie_timescale": str(_MS), "fflags": "+bitexact"}
    with (
        av.open(str(laid_out.absolute())) as source,
        av.open(str(path.absolute()), "w", format="mp4", options=options) as target,
    ):
        template = source.streams.subtitles[0]
        track = target.add_stream_from_template(template)
        for packet in source.demux(template):
            if packet.dts is None:
                continue
            text = next(waiting).text.encode("utf-8") if packet.size > 2 else b""
            filled = av.Packet(struct.pack(">H", len(text)) + text)
            filled.pts, filled.dts, filled.duration = packet.pts, packet.dts, packet.duration
            filled.time_base, filled.stream = packet.time_base, track
            target.mux(filled)
