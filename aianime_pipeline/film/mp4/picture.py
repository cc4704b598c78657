"""The segments of a film's picture as one track: whether they fit each other, and what their tables are together.

Every segment must be decodable by what the first one's `stsd` says, in the same time scale and with the same delay
between decoding and showing; then its frames can stand behind those of the one before, and no player notices.
"""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from aianime_pipeline.errors import FilmMismatchError, MediaError, UnreadableMediaError
from aianime_pipeline.film.mp4.boxes import Box, Integers, box, fields, only, parsed
from aianime_pipeline.film.mp4.tables import Samples, ctts, stss, stsz, stts
from aianime_pipeline.film.mp4.tracks import ENABLED, IN_MOVIE, Edit, Placed, Track, information_of, media_header

_CONFIGURATION = {b"avc1": b"avcC", b"hvc1": b"hvcC", b"av01": b"av1C"}
_BRANDS = {b"avc1": b"avc1", b"hvc1": b"iso4", b"av01": b"av01"}
_FIXED = "sample entry"
_VISUAL_ENTRY = 78
"""Bytes of a picture's sample entry before its boxes."""


@dataclass(frozen=True)
class CheckedPicture:
    """A segment that makes sense by itself. `entry` are the parts of its sample entry by name, without `btrt`, which
    only tells how many bits this segment has a second; `ticks` is what each frame lasts."""

    label: str
    track: Track
    ticks: int
    begins: int
    entry: dict[str, bytes]
    codec: bytes

    @property
    def size(self) -> str:
        width, height = struct.unpack_from(">HH", self.entry[_FIXED], 24)
        return f"{width}x{height}"


@contextmanager
def named(label: str) -> Iterator[None]:
    """What is wrong with a file is told with whose file it is."""
    try:
        yield
    except MediaError as error:
        error.message = f"{label}: {error.message}"
        error.args = (error.message,)
        error.details["piece"] = label
        raise


def checked_picture(track: Track, label: str, frames: int) -> CheckedPicture:
    """Raises FilmMismatchError where the segment has not `frames` frames of equal length, one after the other from its
    edit's start to its end, the first a key frame; UnreadableMediaError for a codec that is not known here."""
    samples = track.samples
    if len(samples) != frames:
        raise FilmMismatchError(f"it has {len(samples)} frames instead of {frames}.")
    ticks = int(samples.durations[0])
    if ticks == 0 or (samples.durations != ticks).any():
        others = sorted(set(samples.durations.tolist()))[:4]
        raise FilmMismatchError(f"its frames are to last equally long, but last {others} ticks.")
    begins = _begin(track, frames * ticks)
    shown = np.sort(np.arange(frames) * ticks + samples.delays) - begins
    gaps = np.flatnonzero(shown != np.arange(frames) * ticks)
    if len(gaps):
        raise FilmMismatchError(
            f"its frame {gaps[0] + 1} is shown at tick {shown[gaps[0]]} instead of {gaps[0] * ticks}."
        )
    if not len(samples.sync) or samples.sync[0] != 0:
        raise FilmMismatchError("its first frame is no key frame, so it cannot stand behind another segment.")
    codec, entry = _sample_entry(only(track.table, b"stsd", "stbl"))
    return CheckedPicture(label, track, ticks, begins, entry, codec)


def check_alike(first: CheckedPicture, other: CheckedPicture) -> None:
    """Raises FilmMismatchError with what both are where `other` cannot be joined to `first`."""
    facts = (
        ("codec", first.codec.decode(), other.codec.decode()),
        ("size", first.size, other.size),
        ("time scale", f"{first.track.time_scale} ticks a second", f"{other.track.time_scale} ticks a second"),
        ("frame", f"{first.ticks} ticks long", f"{other.ticks} ticks long"),
        ("edit list's beginning", f"at tick {first.begins}", f"at tick {other.begins}"),
    )
    for what, wanted, found in facts:
        if wanted != found:
            raise FilmMismatchError(f"its {what} is {found}, that of {first.label} {wanted}.")
    for part in first.entry | other.entry:
        wanted_bytes, found_bytes = first.entry.get(part), other.entry.get(part)
        if wanted_bytes != found_bytes:
            raise FilmMismatchError(
                f"its {part} is {_told(found_bytes, wanted_bytes)}, that of {first.label} "
                f"{_told(wanted_bytes, found_bytes)}; segments of one film must be encoded alike."
            )
    if first.track.layout != other.track.layout:
        raise FilmMismatchError(f"its size or place on the screen is not that of {first.label}.")


@dataclass(frozen=True)
class JoinedPicture:
    """`placed` is the track; `samples` are all frames (with offsets in their own files); `piece` says for each of them
    which segment it comes from."""

    placed: Placed
    samples: Samples
    piece: Integers
    time_scale: int
    brand: bytes


def joined_picture(pieces: Sequence[CheckedPicture], movie_scale: int) -> JoinedPicture:
    """One track of all `pieces`, which must have been found alike."""
    first, parts = pieces[0], [piece.track.samples for piece in pieces]
    counts = np.array([len(part) for part in parts])
    starts = np.cumsum(counts) - counts
    samples = Samples(
        sizes=np.concatenate([part.sizes for part in parts]),
        offsets=np.concatenate([part.offsets for part in parts]),
        durations=np.full(counts.sum(), first.ticks),
        delays=np.concatenate([part.delays for part in parts]),
        sync=np.concatenate([part.sync + start for part, start in zip(parts, starts, strict=True)]),
    )
    length = len(samples) * first.ticks
    duration = -(-length * movie_scale // first.track.time_scale)
    entry = box(first.codec, *first.entry.values())
    tables = [
        box(b"stsd", bytes(4), (1).to_bytes(4, "big"), entry),
        stts(samples.durations),
        stss(samples.sync, len(samples)),
        ctts(samples.delays),
        stsz(samples.sizes),
    ]
    handler = Box(b"hdlr", only(first.track.media, b"hdlr", "mdia")).packed()
    placed = Placed(
        layout=first.track.layout,
        flags=ENABLED | IN_MOVIE,
        duration=duration,
        edits=(Edit(duration, first.begins),),
        user_data=b"",
        media=media_header(first.track.time_scale, length) + handler,
        information=information_of(first.track),
        table=b"".join(tables),
    )
    piece = np.repeat(np.arange(len(pieces)), counts)
    return JoinedPicture(placed, samples, piece, first.track.time_scale, _BRANDS[first.codec])


def _begin(track: Track, length: int) -> int:
    """The tick at which the picture begins, by its edit list, which must play all of it."""
    if not track.edits:
        return 0
    edit = track.edits[0]
    if len(track.edits) != 1 or edit.media_time < 0:
        raise FilmMismatchError(f"its edit list has {len(track.edits)} entries; it should play all frames at once.")
    # In the movie's coarser ticks the length is rounded, up or down.
    if abs(edit.duration * track.time_scale - length * track.movie_scale) >= track.time_scale:
        raise FilmMismatchError(
            f"its edit list plays {edit.duration / track.movie_scale:.3f} s of {length / track.time_scale:.3f} s."
        )
    return edit.media_time


def _sample_entry(body: memoryview) -> tuple[bytes, dict[str, bytes]]:
    (count,) = fields("I", body, "stsd", 4)
    entries = parsed(body[8:], "stsd")
    if count != 1 or len(entries) != 1:
        raise UnreadableMediaError(f"its stsd box has {max(count, len(entries))} sample entries instead of 1.")
    codec = entries[0].kind
    if codec not in _CONFIGURATION:
        raise UnreadableMediaError(f"its codec {codec!r} is none of avc1, hvc1 and av01.")
    fixed = entries[0].body[:_VISUAL_ENTRY]
    fields("26H", fixed, codec.decode())  # long enough
    inner = [found for found in parsed(entries[0].body[_VISUAL_ENTRY:], codec.decode()) if found.kind != b"btrt"]
    only(inner, _CONFIGURATION[codec], codec.decode())
    parts = {_FIXED: bytes(fixed)}
    for found in inner:
        parts[found.name] = parts.get(found.name, b"") + found.packed()
    return codec, parts


def _told(one: bytes | None, other: bytes | None) -> str:
    """The bytes around the first that differs, so that a person sees that they do."""
    if one is None:
        return "missing"
    same = next((at for at, (left, right) in enumerate(zip(one, other or b"", strict=False)) if left != right), 0)
    begin = max(same - 4, 0)
    return f"…{one[begin : begin + 12].hex()}… at byte {begin}" if other is not None else f"there ({len(one)} bytes)"
