"""The records of a ZIP, byte by byte: local headers, the central directory, the end.

Section numbers are those of PKWARE's APPNOTE 6.3.10. Everything is little-endian; nothing is compressed or encrypted,
and names are UTF-8. A field that is too small for its value holds all ones, and the value stands in a ZIP64 field;
all ones are therefore themselves too large a value.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

MAX_16 = 0xFFFF
MAX_32 = 0xFFFF_FFFF

_LOCAL = struct.Struct("<4sHHHHHIIIHH")  # 4.3.7
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")  # 4.3.12
_END_64 = struct.Struct("<4sQHHIIQQQQ")  # 4.3.14
_LOCATOR_64 = struct.Struct("<4sIQI")  # 4.3.15
_END = struct.Struct("<4sHHHHIIH")  # 4.3.16

_PLAIN, _ZIP64 = 20, 45  # 4.4.3: the version needed to extract
_MADE_BY = 3 << 8 | _ZIP64  # 4.4.2: Unix, so that the file mode below is believed
_UTF8_NAMES = 1 << 11  # 4.4.4
_STORED = 0  # 4.4.5
_FILE_MODE = 0o100644 << 16
_ZIP64_TAG = 1  # 4.5.3

_FIRST = datetime(1980, 1, 1)
_LAST = datetime(2107, 12, 31, 23, 59, 58)


@dataclass(frozen=True)
class Entry:
    """One file of the ZIP. `modified` is written to two seconds, in UTC when it has a zone, as it stands if not."""

    name: str
    size: int
    """Bytes."""
    crc32: int
    modified: datetime


def local_header(entry: Entry) -> bytes:
    """What stands before the file's bytes."""
    name = entry.name.encode()
    # 4.5.3: a local header has both sizes or none, unlike the central directory.
    extra = _zip64_field(entry.size, entry.size) if entry.size >= MAX_32 else b""
    size = min(entry.size, MAX_32)
    needed = _ZIP64 if extra else _PLAIN
    return (
        _LOCAL.pack(
            b"PK\x03\x04",
            needed,
            _UTF8_NAMES,
            _STORED,
            *dos_time(entry.modified),
            entry.crc32,
            size,
            size,
            len(name),
            len(extra),
        )
        + name
        + extra
    )


def central_record(entry: Entry, offset: int) -> bytes:
    """The entry in the central directory; `offset` is where its local header starts."""
    name = entry.name.encode()
    large = [entry.size, entry.size] if entry.size >= MAX_32 else []
    if offset >= MAX_32:
        large.append(offset)
    extra = _zip64_field(*large) if large else b""
    size = min(entry.size, MAX_32)
    return (
        _CENTRAL.pack(
            b"PK\x01\x02",
            _MADE_BY,
            _ZIP64 if extra else _PLAIN,
            _UTF8_NAMES,
            _STORED,
            *dos_time(entry.modified),
            entry.crc32,
            size,
            size,
            len(name),
            len(extra),
            0,  # no comment
            0,  # on the first disk
            0,  # not known to be text
            _FILE_MODE,
            min(offset, MAX_32),
        )
        + name
        + extra
    )


def end_records(count: int, start: int, size: int) -> bytes:
    """The end of the ZIP after a central directory of `count` entries and `size` bytes from byte `start`."""
    end = _END.pack(
        b"PK\x05\x06",
        0,
        0,
        min(count, MAX_16),
        min(count, MAX_16),
        min(size, MAX_32),
        min(start, MAX_32),
        0,  # no comment
    )
    if count < MAX_16 and size < MAX_32 and start < MAX_32:
        return end
    # The record's own size is counted without the signature and the size field, 12 bytes.
    end_64 = _END_64.pack(b"PK\x06\x06", _END_64.size - 12, _MADE_BY, _ZIP64, 0, 0, count, count, size, start)
    return end_64 + _LOCATOR_64.pack(b"PK\x06\x07", 0, start + size, 1) + end


def dos_time(moment: datetime) -> tuple[int, int]:
    """Time and date as MS-DOS packs them (4.4.6), from 1980 to 2107; other moments become the nearest of these."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    moment = min(max(moment, _FIRST), _LAST)
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    date = (moment.year - _FIRST.year) << 9 | moment.month << 5 | moment.day
    return time, date


def _zip64_field(*values: int) -> bytes:
    return struct.pack(f"<HH{len(values)}Q", _ZIP64_TAG, 8 * len(values), *values)
