"""One film of finished MP4 pieces: the picture's segments one after the other, the sound, the subtitles.

The tables go in front and are made before a byte is copied, so a player can begin at once and the whole costs little
more than copying the files. Equal pieces give equal bytes: no time of day and no writer's name is in the film.
"""

import os
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.ffmpeg import Cancelled
from aianime_pipeline.film.mp4.boxes import Box, Integers, box, movie_box
from aianime_pipeline.film.mp4.copying import Copier, SourceFiles, write_all
from aianime_pipeline.film.mp4.interleaving import Chunks, Stream, chunks_of, laid_out
from aianime_pipeline.film.mp4.picture import (
    CheckedPicture,
    JoinedPicture,
    check_alike,
    checked_picture,
    joined_picture,
    named,
)
from aianime_pipeline.film.mp4.tables import chunk_offsets, stsc
from aianime_pipeline.film.mp4.tags import user_data
from aianime_pipeline.film.mp4.tracks import (
    ENABLED,
    IN_MOVIE,
    Placed,
    Track,
    movie_header,
    packed_track,
    read_track,
    taken_over,
)
from aianime_pipeline.film.timeline import SAMPLE_RATE

_TEXT_GROUP = 2
"""Tracks of one group are alternatives: a player offers the languages as a choice. The sound keeps the group it has."""
_GROUP = slice(10, 12)
"""Where a track's group stands in its layout."""
_LARGEST_32 = 0xFFFF_FFFF


@dataclass(frozen=True)
class PictureSegment:
    """An MP4 with one video track of exactly `frames` frames. `label` names it in messages, such as `shot 12`."""

    path: Path
    frames: int
    label: str


@dataclass(frozen=True)
class TextTrack:
    """An MP4 with one track of timed text. `language` is its code by ISO 639-2; a player shows the `default` one
    unasked; `name` is what it calls the track in its menu."""

    path: Path
    language: str
    default: bool = False
    name: str = ""


@dataclass(frozen=True)
class _Film:
    placed: tuple[Placed, ...]
    streams: tuple[Stream, ...]
    brand: bytes
    user_data: bytes


def join_movie(
    path: Path,
    *,
    pictures: Sequence[PictureSegment],
    sound: Path | None = None,
    texts: Sequence[TextTrack] = (),
    poster: bytes | None = None,
    tags: Mapping[str, str] | None = None,
    cancelled: Cancelled | None = None,
    on_share: Callable[[float], None] | None = None,
) -> None:
    """Write the film to `path`, which is overwritten: a part's name, so that nobody sees half a film.

    `poster` is a JPEG or PNG picture, `tags` are texts by ffmpeg's names for them; `on_share` gets 0 to 1.

    Raises FilmMismatchError where a segment has not its frames or does not fit the first one, UnreadableMediaError
    where a file is damaged or cannot be joined in this way, BadSettingError for no segment, an impossible language or
    poster, FfmpegCancelled; and OSError, of which `part_beside` makes DiskFullError.
    """
    if not pictures:
        raise BadSettingError("A film has at least one segment of picture.")
    with SourceFiles() as files:
        film = _read(files, pictures, sound, texts, user_data(tags or {}, poster))
        chunks = [chunks_of(stream) for stream in film.streams]
        laid = laid_out(chunks)
        head = _head(film, chunks, laid.places, laid.length)
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            copier = Copier(target, laid.length, cancelled, on_share)
            write_all(target, head)
            for number, offset, length in laid.runs.tolist():
                copier.copy(files.descriptor(number), offset, length)
            copier.ask()
        finally:
            os.close(target)


def _read(
    files: SourceFiles, pictures: Sequence[PictureSegment], sound: Path | None, texts: Sequence[TextTrack], about: bytes
) -> _Film:
    picture, numbers = _picture(files, pictures)
    placed = [picture.placed]
    streams = [Stream(picture.samples, numbers[picture.piece], picture.time_scale)]
    if sound is not None:
        with named("the sound"):
            number, track = _track(files, sound, ("soun",))
            placed.append(taken_over(track, SAMPLE_RATE))
            streams.append(_stream(number, track))
    for text in texts:
        with named(f"the subtitles ({text.language})"):
            number, track = _track(files, text.path, ("sbtl", "text"))
            placed.append(_placed_text(track, text))
            streams.append(_stream(number, track))
    return _Film(tuple(placed), tuple(streams), picture.brand, about)


def _picture(files: SourceFiles, pictures: Sequence[PictureSegment]) -> tuple[JoinedPicture, Integers]:
    """All segments joined, and the numbers of their files."""
    known: dict[int, Track] = {}
    numbers: list[int] = []
    checked: list[CheckedPicture] = []
    for place, segment in enumerate(pictures, start=1):
        label = f"{segment.label} (segment {place} of {len(pictures)})"
        with named(label):
            number = files.add(segment.path)
            if number not in known:
                known[number] = _track(files, segment.path, ("vide",))[1]
            checked.append(checked_picture(known[number], label, segment.frames))
            check_alike(checked[0], checked[-1])
        numbers.append(number)
    return joined_picture(checked, SAMPLE_RATE), np.array(numbers)


def _track(files: SourceFiles, path: Path, handlers: Sequence[str]) -> tuple[int, Track]:
    number = files.add(path)
    size = files.size(number)
    return number, read_track(movie_box(files.descriptor(number), size), handlers, size)


def _stream(number: int, track: Track) -> Stream:
    return Stream(track.samples, np.full(len(track.samples), number), track.time_scale)


def _placed_text(track: Track, text: TextTrack) -> Placed:
    placed = taken_over(track, SAMPLE_RATE, flags=IN_MOVIE | (ENABLED if text.default else 0))
    layout = bytearray(placed.layout)
    layout[_GROUP] = struct.pack(">H", _TEXT_GROUP)
    media = b""
    for found in track.media:
        body = bytearray(found.body)
        if found.kind == b"mdhd":
            body[-4:-2] = _packed_language(text.language)
        elif found.kind == b"hdlr" and text.name:
            body[24:] = text.name.encode("utf-8", "replace") + b"\0"
        if found.kind != b"minf":
            media += Box(found.kind, memoryview(body)).packed()
    name = box(b"udta", box(b"name", text.name.encode("utf-8", "replace"))) if text.name else b""
    return replace(placed, layout=bytes(layout), media=media, user_data=name or placed.user_data)


def _packed_language(code: str) -> bytes:
    """Three letters in five bits each. Raises BadSettingError."""
    if len(code) != 3 or not (code.isascii() and code.isalpha() and code.islower()):
        raise BadSettingError(
            f"{code!r} is no language code of ISO 639-2, which has three small letters, such as 'zho'."
        )
    first, second, third = (ord(letter) - 0x60 for letter in code)
    return struct.pack(">H", first << 10 | second << 5 | third)


def _head(film: _Film, chunks: Sequence[Chunks], places: Sequence[Integers], length: int) -> bytes:
    """Everything before the first sample. Where the samples lie depends on how long the tables are, whose length does
    not depend on where that is: so they are made once to be measured."""
    kinds = box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2", film.brand, b"mp41")
    wide = False
    while True:
        before = len(kinds) + len(_movie(film, chunks, places, 0, wide=wide)) + 16
        if wide or before + length <= _LARGEST_32:
            break
        wide = True
    movie = _movie(film, chunks, places, before, wide=wide)
    if length + 8 > _LARGEST_32:
        return kinds + movie + struct.pack(">I4sQ", 1, b"mdat", length + 16)
    # The eight bytes that a larger file needs for its length, so that both are laid out alike.
    return kinds + movie + box(b"free") + struct.pack(">I4s", length + 8, b"mdat")


def _movie(film: _Film, chunks: Sequence[Chunks], places: Sequence[Integers], begins: int, *, wide: bool) -> bytes:
    tracks = [
        packed_track(placed, number, [stsc(chunk.counts), chunk_offsets(place + begins, wide=wide)])
        for number, (placed, chunk, place) in enumerate(zip(film.placed, chunks, places, strict=True), start=1)
    ]
    duration = max(placed.duration for placed in film.placed)
    header = movie_header(SAMPLE_RATE, duration, len(tracks) + 1)
    return box(b"moov", header, *tracks, film.user_data)
