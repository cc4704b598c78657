"""Reading media that came from outside: only real media containers, nothing that points elsewhere, nothing cut short.

A playlist, a web page called `.mp4` or a picture is refused by its contents; no file name is believed. The list of
containers is given to the demuxer itself, so that a playlist is not even opened and its entries are never followed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import av.error
from av.container import InputContainer

from aianime_pipeline.errors import UnreadableMediaError

MEDIA_FORMATS = "mov,matroska,avi,mpegts,mpeg,flv,ogg,mp3,wav,flac,aac,w64,aiff,asf,gif,ivf,h264,hevc"
"""FFmpeg's names of the containers that hold pictures and sound themselves."""

_SAYS_ITS_LENGTH = ("mov", "matroska", "flac")
_HAS_AN_INDEX = ("mov", "matroska")
_STILL_BRANDS = ("avif", "heic", "heix", "heim", "heis", "mif1")
"""AVIF and HEIF pictures are MP4 by their boxes, and only the brand tells."""

_DECODES_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""WebM keeps its alpha in a second stream inside the first, which ffmpeg's own decoders leave out."""

_SHORTFALL_SECONDS = 0.5
_SHORTFALL_SHARE = 0.05

_BT709, _UNSPECIFIED = 1, 2
_HD_WIDTH, _SD_HEIGHT = 1280, 576

Need = Literal["video", "sound"]


@dataclass(frozen=True)
class MediaVideo:
    width: int
    height: int
    rate: Fraction | None
    frames: int
    """Packets with a picture in them; what a decoder gives out can be fewer."""
    bt709: bool
    """Whether its colours are BT.709; where it doesn't say, HD is, as players take it."""
    alpha: bool = False
    decoder: str = ""
    """The decoder that it needs, where the usual one would lose something."""
    time_base: Fraction = Fraction(0)
    key_times: tuple[Fraction, ...] = ()
    """Where decoding can begin, in seconds from the file's beginning; empty where the container has no index."""


@dataclass(frozen=True)
class MediaSound:
    rate: int
    channels: int


@dataclass(frozen=True)
class MediaFacts:
    container: str
    seconds: float
    """To the end of the last packet that is really there."""
    video: MediaVideo | None
    sound: MediaSound | None


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """Open a media file, whatever it is called. Raises UnreadableMediaError, also for what goes wrong inside."""
    try:
        # FFmpeg takes `name:` for a protocol: an absolute path never begins with one.
        options = {"format_whitelist": MEDIA_FORMATS, "protocol_whitelist": "file"}
        with av.open(str(path.absolute()), options=options, metadata_errors="ignore") as container:
            yield container
    except av.error.FFmpegError as error:
        if isinstance(error, FileNotFoundError):
            raise UnreadableMediaError(f"{path.name} is not there: {path}.", path=str(path)) from error
        raise UnreadableMediaError(
            f"{path.name} is no media file that can be read ({error.strerror}); a video or sound file is wanted.",
            path=str(path),
        ) from error


def probe_media(path: Path, *, needs: Need | None = None) -> MediaFacts:
    """What is in a source file, by its packets; the first frame of what is needed is decoded.

    Raises UnreadableMediaError for what is no media container, has no frame, was cut short, or lacks what it `needs`.
    """
    if path.is_file() and path.stat().st_size == 0:
        raise UnreadableMediaError(f"{path.name} is empty.", path=str(path))
    with open_media(path) as container:
        _check_moving(path, container)
        video = picture_stream(container)
        sound = container.streams.audio[0] if container.streams.audio else None
        packets, keys, end = _count_packets(container)
        _check_complete(path, container, end)
        facts = MediaFacts(
            container.format.name,
            end,
            None if video is None else _video(video, packets.get(video.index, 0), keys.get(video.index, ())),
            None if sound is None else MediaSound(sound.rate, sound.channels),
        )
    _check_contents(path, facts, needs)
    return facts


def picture_stream(container: InputContainer) -> av.VideoStream | None:
    """The first moving picture; a cover attached to a song is none."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    return None


def _video(stream: av.VideoStream, frames: int, keys: Sequence[Fraction]) -> MediaVideo:
    matrix, in_rgb = stream.codec_context.colorspace, (stream.pix_fmt or "").startswith(("rgb", "bgr", "gbr", "pal"))
    hd = stream.width >= _HD_WIDTH or stream.height > _SD_HEIGHT
    bt709 = not in_rgb and (matrix == _BT709 or (matrix == _UNSPECIFIED and hd))
    hidden = stream.metadata.get("alpha_mode") == "1" or stream.metadata.get("ALPHA_MODE") == "1"
    layout = stream.codec_context.format
    alpha = hidden or (layout is not None and any(part.is_alpha for part in layout.components))
    return MediaVideo(
        stream.width,
        stream.height,
        stream.average_rate,
        frames,
        bt709,
        alpha=alpha,
        decoder=_DECODES_ALPHA.get(stream.codec_context.name, "") if hidden else "",
        time_base=stream.time_base or Fraction(0),
        key_times=tuple(sorted(keys)) if stream.container.format.name.startswith(_HAS_AN_INDEX) else (),
    )


def _count_packets(container: InputContainer) -> tuple[dict[int, int], dict[int, list[Fraction]], float]:
    """By stream how many packets there are and when the key frames are; and the end of the last packet."""
    counts: dict[int, int] = {}
    keys: dict[int, list[Fraction]] = {}
    start = Fraction(container.start_time or 0, av.time_base)
    end = 0.0
    for packet in container.demux():
        if packet.size == 0:
            continue
        counts[packet.stream.index] = counts.get(packet.stream.index, 0) + 1
        when = packet.pts if packet.pts is not None else packet.dts
        if when is not None and packet.time_base is not None:
            end = max(end, float((when + (packet.duration or 0)) * packet.time_base - start))
            if packet.is_keyframe and packet.stream.type == "video":
                keys.setdefault(packet.stream.index, []).append(when * packet.time_base - start)
    return counts, keys, end


def _check_moving(path: Path, container: InputContainer) -> None:
    if container.metadata.get("major_brand", "").strip() in _STILL_BRANDS:
        raise UnreadableMediaError(f"{path.name} is a still picture, not a video.", path=str(path))


def _check_complete(path: Path, container: InputContainer, end: float) -> None:
    if container.duration is None or not container.format.name.startswith(_SAYS_ITS_LENGTH):
        return
    said = container.duration / av.time_base
    if said - end > max(_SHORTFALL_SECONDS, said * _SHORTFALL_SHARE):
        raise UnreadableMediaError(
            f"{path.name} was cut short: it says {said:.2f} s, and there are {end:.2f} s.", path=str(path)
        )


def _check_contents(path: Path, facts: MediaFacts, needs: Need | None) -> None:
    if facts.video is None and facts.sound is None:
        raise UnreadableMediaError(f"{path.name} has neither picture nor sound.", path=str(path))
    if needs is not None and getattr(facts, needs) is None:
        raise UnreadableMediaError(f"{path.name} has no {needs}, which is needed here.", path=str(path))
    kinds: list[Need] = [needs] if needs else ["video" if facts.video is not None else "sound"]
    for kind in kinds:
        with open_media(path) as container:
            stream = picture_stream(container) if kind == "video" else container.streams.audio[0]
            if next(iter(container.decode(stream)), None) is None:
                raise UnreadableMediaError(f"{path.name} has not one frame of {kind} in it.", path=str(path))
