"""The hardware encoders that a machine may have, and what each is told. Pure: whether one works is `encoder_trial`'s.

None makes B-frames, so that nothing depends on a segment's length, and all work at a constant quality. Which level they
write is left to them: they have it from size and rate, and the trial compares what they wrote.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from aianime_pipeline.film.encoding.settings import GOP, Encoder, Filter
from aianime_pipeline.film.presets.presets import Codec, Quality

VAAPI_DEVICE = "/dev/dri/renderD128"

_FFMPEG_NAMES: Mapping[Codec, str] = {"h264": "h264", "h265": "hevc", "av1": "av1"}
_PROFILES: Mapping[Codec, Mapping[str, str]] = {
    "h264": {"profile:v": "high"},
    "h265": {"profile:v": "main", "tag:v": "hvc1"},
    "av1": {},
}

Scale = Literal["51", "255", "100"]
"""How an encoder counts quality: a quantiser up to 51 (H.264, H.265) or 255 (AV1), or 1 to 100 where more is better."""
_QUALITIES: Mapping[Scale, Mapping[Quality, int]] = {
    "51": {"draft": 28, "standard": 22, "high": 18},
    "255": {"draft": 140, "standard": 100, "high": 70},
    "100": {"draft": 45, "standard": 60, "high": 75},
}


def hardware_encoders(codec: Codec, quality: Quality) -> tuple[Encoder, ...]:
    """All that may be there, the best first."""
    return tuple(make(codec, quality) for make in _FAMILIES if codec != "av1" or make is not _videotoolbox)


def _encoder(
    family: str,
    codec: Codec,
    options: Mapping[str, str],
    *,
    pix_fmt: str = "nv12",
    filters: tuple[Filter, ...] = (),
    global_args: tuple[str, ...] = (),
) -> Encoder:
    name = f"{_FFMPEG_NAMES[codec]}_{family}"
    every = {"c:v": name, "g": str(GOP), "bf": "0", **_PROFILES[codec], **options}
    return Encoder(name, codec, tuple(every.items()), pix_fmt, filters, global_args)


def _quantiser(codec: Codec, quality: Quality) -> str:
    return str(_QUALITIES["255" if codec == "av1" else "51"][quality])


def _nvenc(codec: Codec, quality: Quality) -> Encoder:
    options = {
        "preset": "p4",
        "rc": "constqp",
        "qp": _quantiser(codec, quality),
        "forced-idr": "1",
        "rc-lookahead": "0",
    }
    return _encoder("nvenc", codec, options, pix_fmt="yuv420p")


def _qsv(codec: Codec, quality: Quality) -> Encoder:
    options = {"preset": "medium", "q:v": _quantiser(codec, quality)}
    return _encoder("qsv", codec, options)


def _vaapi(codec: Codec, quality: Quality) -> Encoder:
    options = {"rc_mode": "CQP", "global_quality:v": _quantiser(codec, quality), "idr_interval": "0"}
    upload: tuple[Filter, ...] = (("format", (("pix_fmts", "nv12"),)), ("hwupload", ()))
    return _encoder("vaapi", codec, options, pix_fmt="", filters=upload, global_args=("-vaapi_device", VAAPI_DEVICE))


def _videotoolbox(codec: Codec, quality: Quality) -> Encoder:
    options = {"q:v": str(_QUALITIES["100"][quality])}
    return _encoder("videotoolbox", codec, options)


def _amf(codec: Codec, quality: Quality) -> Encoder:
    quantiser = _quantiser(codec, quality)
    options = {"usage": "transcoding", "quality": "balanced", "rc": "cqp", "qp_i": quantiser, "qp_p": quantiser}
    if codec == "h265":
        options["gops_per_idr"] = "1"
    return _encoder("amf", codec, options)


_FAMILIES: tuple[Callable[[Codec, Quality], Encoder], ...] = (_nvenc, _qsv, _vaapi, _videotoolbox, _amf)
