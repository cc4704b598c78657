"""What an encoder is told, so that every segment of a film can be joined to every other without coding it again. Pure.

Segments are encoded one by one, and the film's one decoder configuration (avcC, hvcC, av1C) is the first segment's. So
nothing here may depend on a segment's content, and where an encoder looks at its length, `options_for` makes up for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from aianime_pipeline.film.encoding.levels import av1_level_for, h265_level_for, level_for
from aianime_pipeline.film.presets.presets import Codec, Quality

GOP = 48
"""Frames from one key frame to the next: two seconds at 24 frames a second."""

Filter = tuple[str, tuple[tuple[str, str], ...]]
"""A filter's name and its options."""


@dataclass(frozen=True)
class Encoder:
    """`name` is ffmpeg's. `options` are output options for the video stream, `pix_fmt` what they are fed (left empty
    where the last of `filters` puts the frames on a card), `filters` come right before the encoder, `global_args`
    belong to the command. `reorder` is by how many frames decoding runs ahead of showing."""

    name: str
    codec: Codec
    options: tuple[tuple[str, str], ...]
    pix_fmt: str = "yuv420p"
    filters: tuple[Filter, ...] = ()
    global_args: tuple[str, ...] = ()
    reorder: int = 0

    @property
    def key(self) -> dict[str, Any]:
        """All of it, JSON-ready: a part of every segment's key."""
        return {
            "name": self.name,
            "options": dict(self.options),
            "pix_fmt": self.pix_fmt,
            "filters": [[name, dict(options)] for name, options in self.filters],
            "global_args": list(self.global_args),
            "reorder": self.reorder,
        }

    def options_for(self, frames: int) -> dict[str, str]:
        """The output options for a segment of `frames` frames, pixel format included."""
        options = dict(self.options)
        if self.pix_fmt:
            options["pix_fmt"] = self.pix_fmt
        if self.reorder and frames <= self.reorder:
            # The encoder gives its first picture `reorder` frames, except where there are no more in all: such a
            # segment would be decoded late and the joint after it could not be sought, so it is told the same.
            options["bsf:v"] = f"setts=dts=N-{self.reorder}"
        return options


_X264: Mapping[Quality, tuple[str, int]] = {
    "draft": ("ultrafast", 26),
    "standard": ("veryfast", 20),
    "high": ("medium", 17),
}
_X265: Mapping[Quality, tuple[str, int]] = {
    "draft": ("ultrafast", 26),
    "standard": ("veryfast", 22),
    "high": ("medium", 19),
}
_SVT_AV1: Mapping[Quality, tuple[int, int]] = {"draft": (12, 40), "standard": (10, 30), "high": (8, 24)}
"""Preset and constant rate factor.

Measured on 5 s of 1080p24, a camera move over a drawing, on two cores that others used too: megabytes, processor
seconds and likeness to the source (SSIM).

            draft              standard           high
    H.264   2.53  1.3  .9852   1.30  3.2  .9853   1.95  7.6  .9874
    H.265   0.32  3.7  .9813   0.91  6.6  .9866   0.90  7.9  .9874
    AV1     0.43  1.9  .9854   0.61  2.4  .9865   0.81  4.4  .9872

A fractal full of fine detail (mandelbrot) is the other end. There AV1's standard is 9.3 MB where H.264's is 7.5 and
H.265's 7.5, and the two others take 5.9 and 15.5 s of processor against its 5.4.
"""

_X264_MORE: Mapping[Quality, str] = {
    "draft": "rc-lookahead=0",
    "standard": "rc-lookahead=4:b-adapt=0",
    "high": "rc-lookahead=40",
}
"""Frames that x264 looks ahead: at 1080p each takes 6.4 MiB; `veryfast` has 10, and with 5 the three mixed sources that
were measured came out 4 % smaller at the same quality (SSIM .9838 for .9839). B-frames in a fixed row (`b-adapt=0`)
save a tenth of the processor time at the same size and quality. The others are the presets' own."""


def software_encoder(codec: Codec, quality: Quality, width: int, height: int, rate: Fraction) -> Encoder:
    """The software encoder for a film. Raises BadSettingError where no level allows the size at the rate."""
    if codec == "h264":
        return _x264(quality, level_for(width, height, rate))
    if codec == "h265":
        return _x265(quality, h265_level_for(width, height, rate))
    return _svt_av1(quality, width, height, rate)


def _x264(quality: Quality, level: str) -> Encoder:
    preset, crf = _X264[quality]
    options = {
        "c:v": "libx264",
        "preset": preset,
        "crf": str(crf),
        "profile:v": "high",
        "level:v": level,
        "g": str(GOP),
        "keyint_min": str(GOP),
        "sc_threshold": "0",
        "bf": "2",
        "x264-params": f"open-gop=0:force-cfr=1:stitchable=1:b-pyramid=none:{_X264_MORE[quality]}",
    }
    return Encoder("libx264", "h264", tuple(options.items()), reorder=1)


def _x265(quality: Quality, level: str) -> Encoder:
    """Two B-frames that nothing is predicted from, so that decoding runs one frame ahead whatever the preset; parameter
    sets in the file's head alone, where players of `hvc1` look for them."""
    preset, crf = _X265[quality]
    parameters = {
        "keyint": GOP,
        "min-keyint": GOP,
        "scenecut": 0,
        "open-gop": 0,
        "bframes": 2,
        "b-pyramid": 0,
        "repeat-headers": 0,
        "info": 0,
        "level-idc": level,
        "high-tier": 0,
        "log-level": "error",
    }
    options = {
        "c:v": "libx265",
        "preset": preset,
        "crf": str(crf),
        "profile:v": "main",
        "tag:v": "hvc1",
        "x265-params": ":".join(f"{name}={value}" for name, value in parameters.items()),
    }
    return Encoder("libx265", "h265", tuple(options.items()), reorder=1)


def _svt_av1(quality: Quality, width: int, height: int, rate: Fraction) -> Encoder:
    """AV1 shows its hidden frames by repeating them, so nothing is reordered in the file; `irefresh-type=2` closes
    every group of pictures."""
    av1_level_for(width, height, rate)
    preset, crf = _SVT_AV1[quality]
    options = {
        "c:v": "libsvtav1",
        "preset": str(preset),
        "crf": str(crf),
        "g": str(GOP),
        "svtav1-params": "irefresh-type=2:scd=0",
    }
    return Encoder("libsvtav1", "av1", tuple(options.items()))
