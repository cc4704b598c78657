"""The one recipe of a segment's picture: how a source is fitted to the film, and the command that encodes. Pure.

Every segment of a film must come out with identical parameters, or the stream copy that joins them breaks without a
word. So nothing that is written here may depend on the source, only on the film's size, rate and encoder.
"""

from dataclasses import dataclass
from fractions import Fraction

import ffmpeg

from aianime_pipeline.film.encoding.encoders import Encoder
from aianime_pipeline.film.picture.pieces import Shown
from aianime_pipeline.film.presets.presets import Fit

RECIPE = "segment-2"
"""Part of every segment's key: raise the number when the options below change."""

_COLOUR = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "color_range": "tv"}


@dataclass(frozen=True)
class FrameFormat:
    """What all segments of a film share: size in pixels, frames a second, and how a picture of another shape is
    fitted."""

    width: int
    height: int
    rate: Fraction
    fit: Fit = "pad"


def time_scale(rate: Fraction) -> int:
    """Ticks a second in which every frame lasts a whole number of ticks: 24000 wherever that is so."""
    if 24_000 % rate.numerator == 0:
        return 24_000
    return rate.numerator * -(-12_000 // rate.numerator)


def fitted(
    video: ffmpeg.Stream,
    frame: FrameFormat,
    shown: Shown,
    *,
    skipped: int = 0,
    from_bt709: bool = True,
    alpha: bool = False,
) -> ffmpeg.Stream:
    """What a piece shows of a video, at the film's rate, size, colours and exact number of frames. `skipped` frames
    were left out by seeking. Where the source ends early its last frame is held; what is transparent lies on black.

    `start_time=0` keeps picture and sound of the source together where the picture begins late. Video that says
    nothing of its colours would be taken for BT.601 whatever its size, so `from_bt709` is told to it; from any other
    matrix the conversion is rounded properly (else it darkens by three levels), which costs 3 ms a frame at 1080p.
    """
    first = shown.first - skipped
    paced = video.filter("fps", fps=frame.rate, round="near", start_time=0)
    paced = paced.filter("tpad", stop_mode="clone", stop=first + shown.count)
    wanted = paced.filter("trim", start_frame=first, end_frame=first + shown.count)
    if from_bt709:
        wanted = wanted.filter("setparams", colorspace="bt709")
    scaled = wanted.filter(
        "scale",
        w=frame.width,
        h=frame.height,
        force_original_aspect_ratio="decrease" if frame.fit == "pad" else "increase",
        force_divisible_by=2,
        reset_sar=1,
        flags="bicubic" if from_bt709 else "bicubic+accurate_rnd",
        out_color_matrix="bt709",
        out_range="tv",
    ).filter("format", pix_fmts="yuva420p" if alpha else "yuv420p")
    if alpha:
        scaled = _on_black(scaled)
    if frame.fit == "pad":
        framed = scaled.filter("pad", w=frame.width, h=frame.height, x="(ow-iw)/2", y="(oh-ih)/2")
    else:
        framed = scaled.filter("crop", w=frame.width, h=frame.height)
    if shown.before or shown.after:
        framed = framed.filter("tpad", start_mode="clone", start=shown.before, stop_mode="clone", stop=shown.after)
    return numbered(framed, frame.rate)


def numbered(picture: ffmpeg.Stream, rate: Fraction) -> ffmpeg.Stream:
    """Its frames at 0, 1, 2 … of a clock that ticks once a frame."""
    return picture.filter("settb", expr=1 / rate).filter("setpts", expr="N")


def raw_frames(source: str, width: int, height: int, rate: Fraction, *, pix_fmt: str = "yuv420p") -> ffmpeg.Stream:
    """Raw frames (bt709, tv range) from a file or from `pipe:0`. Without its colours said, ffmpeg would convert a
    picture before it mixes it with another."""
    return ffmpeg.input(
        source, format="rawvideo", pix_fmt=pix_fmt, video_size=(width, height), framerate=rate, **_COLOUR
    )


def piped_frames(width: int, height: int, rate: Fraction) -> ffmpeg.Stream:
    """Raw frames that come through the pipe."""
    return raw_frames("pipe:0", width, height, rate)


def segment(
    picture: ffmpeg.Stream, path: str, frame: FrameFormat, frames: int, encoder: Encoder, *, threads: int
) -> ffmpeg.Stream:
    """The command that writes `frames` frames of `picture` to `path`, made to be joined. `threads` 0 means all.

    What a frame says of itself wins over the encoder's options, and one word more or less in the sequence header makes
    a segment that does not fit the others: so the last filters of every segment are the same.
    """
    marked = picture.filter("setsar", sar=1).filter(
        "setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv"
    )
    for name, options in encoder.filters:
        marked = marked.filter(name, **dict(options))
    command = ffmpeg.output(
        marked,
        path,
        format="mp4",
        r=frame.rate,
        fps_mode="cfr",
        video_track_timescale=time_scale(frame.rate),
        map_metadata=-1,
        map_chapters=-1,
        fflags="+bitexact",
        threads=threads,
        **{"frames:v": frames, "flags:v": "+bitexact"},
        **_COLOUR,
        **encoder.options_for(frames),
    ).global_args(*encoder.global_args)
    return command.global_args("-filter_complex_threads", str(threads)) if threads else command


def _on_black(picture: ffmpeg.Stream) -> ffmpeg.Stream:
    """A picture with alpha (yuva420p), laid on black."""
    both = picture.split()
    black = both[0].filter("lutyuv", y=16, u=128, v=128).filter("format", pix_fmts="yuv420p")
    return ffmpeg.filter([black, both[1]], "overlay", format="yuv420")
