"""The moving clip of a shot: a camera move over its picture, as an MP4 of exactly the wanted frames."""

import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import ffmpeg

from aianime_pipeline.errors import FilmMismatchError, ProviderError, UnreadableMediaError
from aianime_pipeline.film.ffmpeg import Cancelled, run_ffmpeg
from aianime_pipeline.film.picture.motion import moving_still
from aianime_pipeline.providers.capabilities import ErrorKind, Produced, VideoRequest

_LESS = re.compile(
    r"太快|太大|慢一?[点些]|幅度小|小一?[点些]|平稳|稳|too fast|too much|slower|subtle|gentl|steadier|less", re.I
)
_MORE = re.compile(r"太慢|太小|快一?[点些]|幅度大|大一?[点些]|明显|没动|too slow|faster|stronger|more|barely", re.I)


def check_video(request: VideoRequest) -> None:
    """Raise ProviderError for a request of which no clip can be made."""
    wrong = ""
    if request.width < 2 or request.height < 2 or request.width % 2 or request.height % 2:
        wrong = f"A video of {request.width}×{request.height} pixels cannot be made: both must be even and at least 2"
    elif request.frames < 1:
        wrong = f"A video of {request.frames} frames cannot be made: it needs at least 1"
    elif not 1 <= request.rate <= 240:
        wrong = f"A rate of {request.rate} frames per second cannot be made: 1 to 240 would be right"
    elif not request.first_frame.is_file():
        wrong = f"The first frame {request.first_frame.name} is not there"
    if wrong:
        raise ProviderError(f"{wrong}.", kind=ErrorKind.BAD_INPUT)


def travel_of(seconds: float, feedback: str = "") -> float:
    """How long the camera's way should be: longer shots travel farther, so that the speed stays that of a slow move; a
    reviewer's wish for less or more movement changes it by a half."""
    travel = min(max(math.sqrt(seconds / 4), 0.6), 1.4)
    if _LESS.search(feedback):
        return travel * 0.5
    return travel * 1.5 if _MORE.search(feedback) else travel


def make_clip(request: VideoRequest, into: Path, *, cancelled: Cancelled | None = None) -> Produced:
    """Write the clip to `into`: H.264, yuv420p, BT.709, no sound. Raises ProviderError, MediaError, FfmpegCancelled."""
    check_video(request)
    travel = travel_of(float(request.frames / request.rate), request.feedback)
    frames = moving_still(
        request.first_frame,
        request.camera_move,
        width=request.width,
        height=request.height,
        frames=request.frames,
        seed=request.seed,
        travel=travel,
    )
    run_ffmpeg(_encoded(request, into), stdin=frames, cancelled=cancelled, doing=f"encode the clip {into.name}")
    _verify(request, into)
    facts: dict[str, Any] = {
        "width": request.width,
        "height": request.height,
        "frames": request.frames,
        "rate": str(request.rate),
        "camera_move": request.camera_move.value,
        "travel": round(travel, 3),
    }
    return Produced(into, "video/mp4", facts)


def _encoded(request: VideoRequest, into: Path) -> ffmpeg.Stream:
    frames = ffmpeg.input(
        "pipe:0",
        format="rawvideo",
        pix_fmt="yuv420p",
        video_size=(request.width, request.height),
        framerate=request.rate,
    )
    # The frames are BT.709 already: this only says so, to the encoder as to the file.
    coloured = frames.filter("setparams", range="tv", colorspace="bt709", color_primaries="bt709", color_trc="bt709")
    return ffmpeg.output(
        coloured,
        str(into),
        format="mp4",
        vcodec="libx264",
        preset="veryfast",
        crf=18,
        pix_fmt="yuv420p",
        threads=1,  # several clips are made at the same time, and the bytes do not depend on the machine
        fps_mode="passthrough",
        video_track_timescale=_time_scale(request.rate),
        bitexact=None,
        map_metadata=-1,
        movflags="+faststart",
        **{"frames:v": request.frames, "profile:v": "high"},
    )


def _time_scale(rate: Fraction) -> int:
    """Ticks per second in which a frame has a whole number of them: 24000 for 24 and for 24000/1001."""
    return rate.numerator * max(24_000 // rate.numerator, 1)


def _verify(request: VideoRequest, made: Path) -> None:
    """Raise FilmMismatchError unless the file holds the frames, size and rate that were asked for."""
    try:
        with av.open(str(made)) as opened:
            stream = opened.streams.video[0]
            found = (stream.width, stream.height, Fraction(stream.average_rate or 0))
            frames = sum(packet.size > 0 for packet in opened.demux(stream))
    except (av.FFmpegError, IndexError) as error:
        raise UnreadableMediaError(f"The clip {made.name} cannot be read back: {error}", path=str(made)) from error
    wanted = (request.width, request.height, request.rate)
    if (frames, found) != (request.frames, wanted):
        raise FilmMismatchError(
            f"The clip {made.name} has {frames} frames of {found[0]}×{found[1]} at {found[2]} per second; "
            f"{request.frames} of {wanted[0]}×{wanted[1]} at {wanted[2]} were asked for."
        )
