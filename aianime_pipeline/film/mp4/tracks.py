"""One track of an MP4 file: read out of a file that has only this one, and written into the film's `moov`.

What a track says of itself is taken over box by box as it is; only what names its place in the film (its number, its
lengths in the film's time scale, where its chunks lie) is written anew.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.mp4.boxes import Box, box, fields, full_box, only, parsed
from aianime_pipeline.film.mp4.tables import Samples, read_samples

ENABLED, IN_MOVIE = 1, 2
"""Flags of a track: a player takes it unless told otherwise; it is part of the presentation."""
_NORMAL_RATE = 0x1_0000
_REPLACED = (b"stsc", b"stco", b"co64")
_POINTS_INTO_THE_FILE = (b"saio", b"saiz", b"senc")
_LAID_OUT = 60
"""Bytes at the end of a `tkhd` that say how the track is shown: layer, group, volume, matrix, width and height."""


@dataclass(frozen=True)
class Edit:
    """What of a track is played: `duration` ticks of the movie's time scale from `media_time`, in the track's."""

    duration: int
    media_time: int


@dataclass(frozen=True)
class Track:
    """`layout` is the end of its `tkhd`; `media`, `information` and `table` are the boxes in `mdia`, `minf`, `stbl`."""

    layout: bytes
    time_scale: int
    movie_scale: int
    edits: tuple[Edit, ...]
    user_data: bytes
    media: tuple[Box, ...]
    information: tuple[Box, ...]
    table: tuple[Box, ...]
    samples: Samples


@dataclass(frozen=True)
class Placed:
    """A track as it stands in the film. `layout` as in Track; `duration` in the movie's time scale;
    `media` are the packed boxes of `mdia` before `minf`, `table` those of `stbl` that do not say where the samples
    are."""

    layout: bytes
    flags: int
    duration: int
    edits: tuple[Edit, ...]
    user_data: bytes
    media: bytes
    information: bytes
    table: bytes


def read_track(movie: memoryview, handlers: Sequence[str], file_size: int) -> Track:
    """The one track of a `moov`, which must be of one of the kinds `handlers` (`vide`, `soun`, `sbtl`).

    Raises UnreadableMediaError, also for what could not be joined by its tables: fragments, and samples in other files.
    """
    boxes = parsed(movie, "moov")
    if any(box.kind == b"mvex" for box in boxes):
        raise UnreadableMediaError("it is a fragmented MP4; its sample tables are empty.")
    trak = parsed(only(boxes, b"trak", "moov"), "trak")
    media = parsed(only(trak, b"mdia", "trak"), "mdia")
    found = bytes(only(media, b"hdlr", "mdia")[8:12])
    if found not in [handler.encode() for handler in handlers]:
        raise UnreadableMediaError(f"its track is of the kind {found!r}, not {' or '.join(handlers)}.")
    information = parsed(only(media, b"minf", "mdia"), "minf")
    _check_that_media_lie_within(information)
    table = parsed(only(information, b"stbl", "minf"), "stbl")
    for sample_box in table:
        if sample_box.kind in _POINTS_INTO_THE_FILE:
            raise UnreadableMediaError(f"its samples are encrypted (it has a {sample_box.name} box).")
    return Track(
        layout=_layout(only(trak, b"tkhd", "trak")),
        time_scale=_time_scale(only(media, b"mdhd", "mdia"), "mdhd"),
        movie_scale=_time_scale(only(boxes, b"mvhd", "moov"), "mvhd"),
        edits=_edits(trak),
        user_data=b"".join(found.packed() for found in trak if found.kind in (b"udta", b"meta")),
        media=tuple(media),
        information=tuple(information),
        table=tuple(table),
        samples=read_samples(table, file_size),
    )


def taken_over(track: Track, movie_scale: int, flags: int = ENABLED | IN_MOVIE) -> Placed:
    """A track as it is, with its lengths told in the film's time scale."""
    edits = tuple(
        Edit(_rescaled(edit.duration, track.movie_scale, movie_scale), edit.media_time) for edit in track.edits
    )
    if edits:
        duration = sum(edit.duration for edit in edits)
    else:
        duration = _rescaled(int(track.samples.durations.sum()), track.time_scale, movie_scale)
    return Placed(
        layout=track.layout,
        flags=flags,
        duration=duration,
        edits=edits,
        user_data=track.user_data,
        media=b"".join(found.packed() for found in track.media if found.kind != b"minf"),
        information=information_of(track),
        table=b"".join(found.packed() for found in track.table if found.kind not in _REPLACED),
    )


def information_of(track: Track) -> bytes:
    """What stands in `minf` before the sample tables, packed."""
    return b"".join(found.packed() for found in track.information if found.kind != b"stbl")


def packed_track(placed: Placed, number: int, chunks: Sequence[bytes]) -> bytes:
    """The `trak`. `chunks` are its `stsc` and its chunk offsets."""
    wide = placed.duration > 0xFFFF_FFFF
    header = struct.pack(">QQIIQ" if wide else ">IIIII", 0, 0, number, 0, placed.duration)
    media = box(b"mdia", placed.media, box(b"minf", placed.information, box(b"stbl", placed.table, b"".join(chunks))))
    return box(
        b"trak",
        full_box(b"tkhd", header, placed.layout, version=int(wide), flags=placed.flags),
        _packed_edits(placed.edits),
        media,
        placed.user_data,
    )


def media_header(time_scale: int, duration: int, language: bytes = b"\x55\xc4") -> bytes:
    """An `mdhd`; `language` is packed, `und` if not told."""
    wide = duration > 0xFFFF_FFFF
    times = struct.pack(">QQIQ" if wide else ">IIII", 0, 0, time_scale, duration)
    return full_box(b"mdhd", times, language, b"\0\0", version=int(wide))


def movie_header(time_scale: int, duration: int, next_track: int) -> bytes:
    wide = duration > 0xFFFF_FFFF
    times = struct.pack(">QQIQ" if wide else ">IIII", 0, 0, time_scale, duration)
    rate_and_volume = struct.pack(">IHHII", _NORMAL_RATE, 0x100, 0, 0, 0)
    matrix = struct.pack(">9I", 0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000)
    return full_box(
        b"mvhd", times, rate_and_volume, matrix, bytes(24), struct.pack(">I", next_track), version=int(wide)
    )


def _rescaled(ticks: int, of: int, to: int) -> int:
    """Rounded up: an edit that ends early would hide a last sample."""
    return -(-ticks * to // of)


def _packed_edits(edits: Sequence[Edit]) -> bytes:
    if not edits:
        return b""
    wide = any(edit.duration > 0xFFFF_FFFF or edit.media_time > 0x7FFF_FFFF for edit in edits)
    row = ">QqI" if wide else ">IiI"
    entries = b"".join(struct.pack(row, edit.duration, edit.media_time, _NORMAL_RATE) for edit in edits)
    return box(b"edts", full_box(b"elst", struct.pack(">I", len(edits)), entries, version=int(wide)))


def _layout(header: memoryview) -> bytes:
    begins = 36 if bytes(header[:1]) == b"\1" else 24
    if len(header) != begins + _LAID_OUT:
        raise UnreadableMediaError(f"its tkhd box has {len(header)} bytes instead of {begins + _LAID_OUT}.")
    return bytes(header[begins:])


def _time_scale(header: memoryview, name: str) -> int:
    (scale,) = fields("I", header, name, 20 if bytes(header[:1]) == b"\1" else 12)
    if scale == 0:
        raise UnreadableMediaError(f"its {name} box has a time scale of 0 ticks a second.")
    return scale


def _edits(trak: Sequence[Box]) -> tuple[Edit, ...]:
    if not any(found.kind == b"edts" for found in trak):
        return ()
    body = only(parsed(only(trak, b"edts", "trak"), "edts"), b"elst", "edts")
    wide = bytes(body[:1]) == b"\1"
    row = "QqI" if wide else "IiI"
    (count,) = fields("I", body, "elst", 4)
    if count * struct.calcsize(">" + row) > len(body) - 8:
        raise UnreadableMediaError(f"its elst box says {count} rows, but has only {len(body)} bytes.")
    edits = []
    for duration, media_time, rate in struct.iter_unpack(">" + row, body[8 : 8 + count * struct.calcsize(">" + row)]):
        if rate != _NORMAL_RATE or media_time < -1:
            raise UnreadableMediaError(
                f"its elst box plays from {media_time} at {rate / _NORMAL_RATE} times its speed."
            )
        edits.append(Edit(duration, media_time))
    return tuple(edits)


def _check_that_media_lie_within(information: Sequence[Box]) -> None:
    """A data reference may name any other file or address, which nobody is to follow."""
    references = only(parsed(only(information, b"dinf", "minf"), "dinf"), b"dref", "dinf")
    entries = parsed(references[8:], "dref")
    if len(entries) != 1 or fields("I", entries[0].body, "dref")[0] & 0xFF_FFFF != 1:
        raise UnreadableMediaError("its samples lie in another file.")
