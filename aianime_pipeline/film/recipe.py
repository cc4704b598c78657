"""The one recipe of a segment's picture: filters, encoder, level and time scale. Pure.

Every segment of a film must come out with identical parameters, or the stream copy that joins them breaks without a
word. So nothing here may depend on the source, only on the film's size and rate.
"""

from fractions import Fraction

import ffmpeg

from aianime_pipeline.errors import BadSettingError

RECIPE = "segment-1"
"""Part of every segment's key: raise the number when the options below change."""

_LEVELS = (
    # level, macroblocks a second, macroblocks a frame: ITU-T H.264, table A-1. Lower ones gain nothing today.
    ("4.1", 245_760, 8_192),
    ("4.2", 522_240, 8_704),
    ("5.0", 589_824, 22_080),
    ("5.1", 983_040, 36_864),
    ("5.2", 2_073_600, 36_864),
    ("6.0", 4_177_920, 139_264),
    ("6.1", 8_355_840, 139_264),
    ("6.2", 16_711_680, 139_264),
)
_COLOUR = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "color_range": "tv"}

_ENCODER = {
    "c:v": "libx264",
    "preset": "veryfast",
    "crf": 20,
    "profile:v": "high",
    "g": 48,
    "keyint_min": 48,
    "sc_threshold": 0,
    "bf": 2,
    "x264-params": "open-gop=0:force-cfr=1:stitchable=1",
}


def level_for(width: int, height: int, rate: Fraction) -> str:
    """The lowest H.264 level from 4.1 up that allows this size at this rate. Raises BadSettingError if none does."""
    across, down = -(-width // 16), -(-height // 16)
    for level, per_second, per_frame in _LEVELS:
        longest_side = max(across, down) ** 2 <= 8 * per_frame
        if across * down <= per_frame and across * down * rate <= per_second and longest_side:
            return level
    raise BadSettingError(f"No H.264 level allows {width}x{height} at {rate} frames a second; take a smaller size.")


def time_scale(rate: Fraction) -> int:
    """Ticks a second in which every frame lasts a whole number of ticks: 24000 wherever that is so."""
    if 24_000 % rate.numerator == 0:
        return 24_000
    return rate.numerator * -(-12_000 // rate.numerator)


def fitted(
    video: ffmpeg.Stream, width: int, height: int, rate: Fraction, frames: int, *, from_bt709: bool = True
) -> ffmpeg.Stream:
    """A video at the film's rate, size, colours and exact number of frames; fitted with bars, the last frame held.

    `start_time=0` keeps picture and sound of the source together where the picture begins late. Video that says
    nothing of its colours would be taken for BT.601 whatever its size, so `from_bt709` is told to it; from any other
    matrix the conversion is rounded properly (else it darkens by three levels), which costs 3 ms a frame at 1080p.
    """
    paced = video.filter("fps", fps=rate, round="near", start_time=0)
    if from_bt709:
        paced = paced.filter("setparams", colorspace="bt709")
    scaled = paced.filter(
        "scale",
        w=width,
        h=height,
        force_original_aspect_ratio="decrease",
        force_divisible_by=2,
        flags="bicubic" if from_bt709 else "bicubic+accurate_rnd",
        out_color_matrix="bt709",
        out_range="tv",
    )
    framed = scaled.filter("pad", w=width, h=height, x="(ow-iw)/2", y="(oh-ih)/2").filter("format", pix_fmts="yuv420p")
    held = framed.filter("tpad", stop_mode="clone", stop=frames)
    return held.filter("trim", end_frame=frames).filter("setpts", expr="PTS-STARTPTS")


def piped_frames(width: int, height: int, rate: Fraction) -> ffmpeg.Stream:
    """Raw frames (yuv420p, bt709, tv range) that come through the pipe."""
    return ffmpeg.input(
        "pipe:0",
        format="rawvideo",
        pix_fmt="yuv420p",
        video_size=(width, height),
        framerate=rate,
        **_COLOUR,
    )


def segment(
    picture: ffmpeg.Stream, path: str, width: int, height: int, rate: Fraction, frames: int, *, threads: int
) -> ffmpeg.Stream:
    """The command that writes `frames` frames of `picture` to `path`, made to be joined. `threads` 0 means all.

    What a frame says of itself wins over the encoder's options, and one word more or less in the sequence header makes
    a segment that does not fit the others: so the last filters of every segment are the same.
    """
    marked = picture.filter("setsar", sar=1).filter(
        "setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv"
    )
    command = ffmpeg.output(
        marked,
        path,
        format="mp4",
        pix_fmt="yuv420p",
        r=rate,
        fps_mode="cfr",
        video_track_timescale=time_scale(rate),
        map_metadata=-1,
        map_chapters=-1,
        fflags="+bitexact",
        threads=threads,
        **{"frames:v": frames, "flags:v": "+bitexact", "level:v": level_for(width, height, rate)},
        **_ENCODER,
        **_COLOUR,
        **_decoding_times(frames),
    )
    return command.global_args("-filter_complex_threads", str(threads)) if threads else command


def _decoding_times(frames: int) -> dict[str, str]:
    """x264 gives its first picture two frames for reordering, except where there are no more than two in all: such a
    segment would be decoded two frames late, the joint after it could not be sought, so it is told the same."""
    return {"bsf:v": "setts=dts=N-2"} if frames <= 2 else {}
