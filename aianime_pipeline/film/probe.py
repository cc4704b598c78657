"""What is really in a finished film, and whether that is what its timeline says.

The exit code of a muxer proves nothing: broken joints, missing frames and sound at the wrong speed all come with 0.
Sources are `sources`' and pictures' and sounds' contents `measures`' subject; both can be had from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av

from aianime_pipeline.film.measures import PictureMeasure as PictureMeasure
from aianime_pipeline.film.measures import measure_loudness as measure_loudness
from aianime_pipeline.film.measures import measure_picture as measure_picture
from aianime_pipeline.film.sources import MediaFacts as MediaFacts
from aianime_pipeline.film.sources import open_media
from aianime_pipeline.film.sources import probe_media as probe_media
from aianime_pipeline.film.subtitles.track import track_language
from aianime_pipeline.film.timeline import SAMPLE_RATE, Timeline

_CODEC_NAMES = {"h264": "h264", "h265": "hevc", "av1": "av1"}
"""FFmpeg's names of what our presets call codecs."""


@dataclass(frozen=True)
class PictureTrack:
    """`frames` by packets; `start` and `seconds` of the first and after the last frame; `gaps` counts neighbours in
    time that are not exactly one frame apart."""

    width: int
    height: int
    rate: Fraction
    frames: int
    start: Fraction
    seconds: Fraction
    gaps: int
    codec: str


@dataclass(frozen=True)
class SoundTrack:
    rate: int
    channels: int
    start: Fraction
    seconds: Fraction
    gaps: int
    codec: str


@dataclass(frozen=True)
class SubtitleTrack:
    """`cues` are (start, end, text), in seconds."""

    language: str
    codec: str
    cues: tuple[tuple[Fraction, Fraction, str], ...]


@dataclass(frozen=True)
class FilmFacts:
    bytes: int
    picture: PictureTrack | None
    sound: SoundTrack | None
    subtitles: tuple[SubtitleTrack, ...]
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Packet:
    pts: int
    duration: int
    payload: bytes


def probe_film(path: Path) -> FilmFacts:
    """Read a finished film by its packets, without decoding. Raises UnreadableMediaError."""
    with open_media(path) as container:
        packets: dict[int, list[_Packet]] = {stream.index: [] for stream in container.streams}
        for packet in container.demux():
            if packet.pts is not None and packet.size:
                payload = bytes(packet) if packet.stream.type == "subtitle" else b""
                packets[packet.stream.index].append(_Packet(packet.pts, packet.duration or 0, payload))
        video, audio = (
            next((stream for stream in container.streams if stream.type == kind), None) for kind in ("video", "audio")
        )
        texts = [stream for stream in container.streams if stream.type == "subtitle"]
        return FilmFacts(
            bytes=path.stat().st_size,
            picture=_picture(video, packets[video.index]) if isinstance(video, av.VideoStream) else None,
            sound=_sound(audio, packets[audio.index]) if isinstance(audio, av.AudioStream) else None,
            subtitles=tuple(_subtitles(stream, packets[stream.index]) for stream in texts),
            tags=dict(container.metadata),
        )


def check_against(
    facts: FilmFacts, timeline: Timeline, *, languages: Sequence[str] | None = None, codec: str = "h264"
) -> list[str]:
    """Every difference between a film and its timeline, with both numbers; empty where there is none. `languages` are
    those of the subtitle tracks it is to have, in order: all of the timeline's that have any, if nothing is said."""
    if languages is None:
        languages = [track.language for track in timeline.subtitles if track.lines]
    differences: list[str] = []
    if facts.picture is None:
        differences.append("there is no picture")
    else:
        differences += _picture_differences(facts.picture, timeline, codec)
    if facts.sound is None:
        differences.append("there is no sound")
    else:
        differences += _sound_differences(facts.sound, timeline)
    if len(facts.subtitles) != len(languages):
        differences.append(f"{len(facts.subtitles)} subtitle tracks instead of {len(languages)}")
    for track, language in zip(facts.subtitles, languages, strict=False):
        differences += _subtitle_differences(track, timeline, language)
    return differences


def check_joints(path: Path, starts: Sequence[int], rate: Fraction) -> list[str]:
    """Decode the first frame of every clip, at the frames `starts`, out of the joined film: each must be whole, a key
    frame, and at its time. Returns what is wrong."""
    wrong: list[str] = []
    with open_media(path) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        decoder = stream.codec_context
        decoder.thread_count = 1  # with more, a decoder would take in as many frames before it gives out the first
        for start in starts:
            at = start / rate
            container.seek(round(at / stream.time_base), stream=stream)
            decoder.flush_buffers()
            packet = next(container.demux(stream))
            # One packet, and then its end: a key frame needs no other to be shown.
            frame = next(iter([*decoder.decode(packet), *decoder.decode(None)]), None)
            if frame is None or frame.pts is None:
                wrong.append(f"nothing can be decoded at frame {start}")
            elif frame.is_corrupt or not frame.key_frame or frame.pts * stream.time_base != at:
                wrong.append(f"the joint at frame {start} ({float(at):.3f} s) decodes to a frame at {frame.time} s")
    return wrong


def _picture(stream: av.VideoStream, packets: list[_Packet]) -> PictureTrack:
    assert stream.time_base is not None
    rate = Fraction(stream.average_rate or 0)
    times = sorted(packet.pts for packet in packets)
    step = 1 / rate / stream.time_base if rate else Fraction(0)
    gaps = sum(later - earlier != step for earlier, later in pairwise(times))
    start = times[0] * stream.time_base if times else Fraction(0)
    seconds = (times[-1] + step) * stream.time_base - start if times else Fraction(0)
    return PictureTrack(
        stream.width, stream.height, rate, len(times), start, seconds, gaps, stream.codec.canonical_name
    )


def _sound(stream: av.AudioStream, packets: list[_Packet]) -> SoundTrack:
    """The track's length is what its edit list leaves of the packets, the encoder's priming not counted."""
    assert stream.time_base is not None
    gaps = sum(earlier.pts + earlier.duration != later.pts for earlier, later in pairwise(packets))
    start = (stream.start_time or 0) * stream.time_base
    seconds = (stream.duration or 0) * stream.time_base
    return SoundTrack(stream.rate, stream.channels, start, seconds, gaps, stream.codec.canonical_name)


def _subtitles(stream: av.stream.Stream, packets: list[_Packet]) -> SubtitleTrack:
    assert stream.time_base is not None
    cues = []
    for packet in packets:
        text = packet.payload[2 : 2 + int.from_bytes(packet.payload[:2], "big")].decode("utf-8", "replace")
        if text:  # timed text fills the pauses with empty samples
            cues.append((packet.pts * stream.time_base, (packet.pts + packet.duration) * stream.time_base, text))
    codec = stream.codec_context.name if stream.codec_context is not None else ""
    return SubtitleTrack(stream.metadata.get("language", "und"), codec, tuple(cues))


def _subtitle_differences(track: SubtitleTrack, timeline: Timeline, language: str) -> list[str]:
    differences = []
    wanted = timeline.cues(language)
    if len(track.cues) != len(wanted):
        differences.append(f"{len(track.cues)} subtitles ({language}) instead of {len(wanted)}")
    for number, (cue, found) in enumerate(zip(wanted, track.cues, strict=False), start=1):
        start, end, text = found
        if found != (Fraction(cue.start_ms, 1000), Fraction(cue.end_ms, 1000), cue.text):
            differences.append(
                f"subtitle {number} ({language}) is {text!r} from {float(start)} to {float(end)} s instead of "
                f"{cue.text!r} from {cue.start_ms / 1000} to {cue.end_ms / 1000} s"
            )
    if track.language != track_language(language):
        differences.append(f"a subtitle track's language is {track.language}, not {language}")
    return differences


def _picture_differences(picture: PictureTrack, timeline: Timeline, codec: str) -> list[str]:
    differences = []
    if picture.codec != _CODEC_NAMES[codec]:
        differences.append(f"the picture is {picture.codec} instead of {_CODEC_NAMES[codec]}")
    if picture.frames != timeline.total_frames:
        differences.append(f"{picture.frames} frames instead of {timeline.total_frames}")
    if (picture.width, picture.height) != (timeline.width, timeline.height):
        differences.append(f"{picture.width}x{picture.height} instead of {timeline.width}x{timeline.height}")
    if picture.rate != timeline.rate:
        differences.append(f"{picture.rate} frames a second instead of {timeline.rate}")
    if picture.start != 0:
        differences.append(f"the picture starts at {float(picture.start)} s instead of 0")
    if picture.gaps:
        differences.append(f"{picture.gaps} frames are not where they should be in time")
    return differences


def _sound_differences(sound: SoundTrack, timeline: Timeline) -> list[str]:
    differences = []
    frame = 1 / timeline.rate
    if abs(sound.seconds - timeline.seconds) >= frame:
        differences.append(f"{float(sound.seconds):.3f} s of sound instead of {float(timeline.seconds):.3f} s")
    if abs(sound.start) >= frame:
        differences.append(f"the sound starts at {float(sound.start)} s instead of 0")
    if sound.gaps:
        differences.append(f"the sound has {sound.gaps} gaps")
    if (sound.rate, sound.channels) != (SAMPLE_RATE, 2):
        differences.append(f"sound of {sound.rate} Hz in {sound.channels} channels instead of {SAMPLE_RATE} Hz in 2")
    return differences
