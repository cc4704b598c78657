import io
import os
import shutil
import subprocess
import time
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.packaging.layout import Bytes, ReadSpan, Span, ZipLayout, lay_out
from aianime_pipeline.packaging.records import Entry, dos_time

MOMENT = datetime(2026, 11, 3, 14, 30, 22, tzinfo=UTC)
GIB = 1 << 30


def laid_out(contents: dict[str, bytes]) -> tuple[ZipLayout, ReadSpan]:
    data = list(contents.values())
    layout = lay_out([Entry(name, len(body), zlib.crc32(body), MOMENT) for name, body in contents.items()])

    def read_span(span: Span) -> Iterator[bytes]:
        yield data[span.index][span.start : span.start + span.length]

    return layout, read_span


def whole(contents: dict[str, bytes]) -> bytes:
    layout, read_span = laid_out(contents)
    made = b"".join(layout.read_range(read_span))
    assert len(made) == layout.total_size
    return made


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=300), max_size=8))
def test_the_standard_library_agrees_on_every_entry(contents: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(whole(contents))) as package:
        assert package.testzip() is None
        assert [entry.orig_filename for entry in package.infolist()] == list(contents)
        for entry, body in zip(package.infolist(), contents.values(), strict=True):
            assert package.read(entry) == body
            assert (entry.file_size, entry.compress_size, entry.CRC) == (len(body), len(body), zlib.crc32(body))
            assert entry.date_time == (2026, 11, 3, 14, 30, 22)
            assert entry.external_attr >> 16 == 0o100644


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=60), max_size=6), st.data())
def test_any_range_equals_that_slice_of_the_whole(contents: dict[str, bytes], data: st.DataObject) -> None:
    layout, read_span = laid_out(contents)
    made = whole(contents)
    start = data.draw(st.integers(0, len(made)))
    stop = data.draw(st.integers(start, len(made)))
    assert b"".join(layout.read_range(read_span, start, stop)) == made[start:stop]


def test_a_range_reads_no_byte_that_lies_outside_it() -> None:
    contents = {f"shots/s{number:03d}.png": os.urandom(1000) for number in range(50)}
    layout, _ = laid_out(contents)
    start = layout.starts[20] + 500
    spans = [piece for piece in layout.pieces(start, start + 1000) if isinstance(piece, Span)]
    assert [span.index for span in spans] == [20, 21]
    assert sum(span.length for span in spans) < 1000


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (6, 5), (0, 10_000)])
def test_a_range_that_the_zip_does_not_have_is_refused(start: int, stop: int) -> None:
    layout, _ = laid_out({"a": b"1"})
    with pytest.raises(ValueError, match="not a range"):
        list(layout.pieces(start, stop))


def test_an_empty_zip_is_a_zip() -> None:
    with zipfile.ZipFile(io.BytesIO(whole({}))) as package:
        assert package.namelist() == []


def test_the_same_entries_give_the_same_bytes() -> None:
    contents = {"film/a.mp4": b"film", "空.txt": b""}
    assert whole(contents) == whole(contents)


@pytest.mark.skipif(shutil.which("unzip") is None, reason="unzip is not installed")
def test_unzip_agrees_and_unpacks_names_in_any_script(tmp_path: Path) -> None:
    contents = {"voices/s012_林夏.wav": os.urandom(5000), "film/さくら.mp4": b"", "shots/s001_image.png": b"picture"}
    path = tmp_path / "made.zip"
    path.write_bytes(whole(contents))
    done = subprocess.run(["unzip", "-t", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No errors detected" in done.stdout
    subprocess.run(["unzip", "-q", str(path), "-d", str(tmp_path / "out")], check=True, env={"LC_ALL": "C.UTF-8"})
    for name, body in contents.items():
        assert (tmp_path / "out" / name).read_bytes() == body


def test_more_entries_than_sixteen_bits_count() -> None:
    contents = {f"{number:05d}": b"%d" % number for number in range(65_600)}
    with zipfile.ZipFile(io.BytesIO(whole(contents))) as package:
        assert len(package.infolist()) == 65_600
        assert package.read("65599") == b"65599"


@pytest.mark.parametrize(("count", "has_zip64"), [(65_534, False), (65_535, True)])
def test_zip64_records_stand_there_exactly_when_the_count_needs_them(count: int, has_zip64: bool) -> None:
    layout = lay_out([Entry(f"{number:05d}", 0, 0, MOMENT) for number in range(count)])
    assert (layout.tail[-42:-38] == b"PK\x06\x07") is has_zip64


def write_sparse(layout: ZipLayout, path: Path) -> None:
    """The layout as a file whose spans are holes: GiB that take no room and read as zeros."""
    with path.open("wb") as file:
        for piece in layout.pieces():
            if isinstance(piece, Bytes):
                file.write(piece.data)
            else:
                file.seek(piece.length, os.SEEK_CUR)
        file.truncate(layout.total_size)


@pytest.mark.parametrize("size", [0xFFFF_FFFE, 0xFFFF_FFFF, 4 * GIB, 7 * GIB])
def test_files_around_and_beyond_four_gib_are_found_where_they_are(tmp_path: Path, size: int) -> None:
    entries = [
        Entry("before.txt", 0, 0, MOMENT),
        Entry("large.mp4", size, 0, MOMENT),
        Entry("after.bin", 5, zlib.crc32(bytes(5)), MOMENT),
    ]
    layout = lay_out(entries)
    path = tmp_path / "sparse.zip"
    write_sparse(layout, path)
    with zipfile.ZipFile(path) as package:
        found = {entry.filename: entry for entry in package.infolist()}
        assert [found[entry.name].file_size for entry in entries] == [0, size, 5]
        assert [found[entry.name].header_offset for entry in entries] == list(layout.starts)
        assert package.read("after.bin") == bytes(5)
        with package.open("large.mp4") as large:
            assert large.read(10) == bytes(10)
    assert found["large.mp4"].extract_version == (45 if size >= 0xFFFF_FFFF else 20)
    assert found["after.bin"].extract_version == (45 if layout.starts[2] >= 0xFFFF_FFFF else 20)


@pytest.mark.skipif(shutil.which("unzip") is None, reason="unzip is not installed")
def test_unzip_reads_a_small_file_that_lies_behind_five_gib(tmp_path: Path) -> None:
    layout = lay_out([Entry("large.mp4", 5 * GIB, 0, MOMENT), Entry("after.bin", 5, zlib.crc32(bytes(5)), MOMENT)])
    path = tmp_path / "sparse.zip"
    write_sparse(layout, path)
    done = subprocess.run(["unzip", "-p", str(path), "after.bin"], capture_output=True)
    assert (done.returncode, done.stdout) == (0, bytes(5)), done.stderr
    listing = subprocess.run(["unzip", "-l", str(path)], capture_output=True, text=True, check=True)
    assert str(5 * GIB) in listing.stdout


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 6 * GIB), min_size=1, max_size=5),
    st.integers(0, 30 * GIB),
    st.integers(0, 100),
)
def test_ranges_of_a_huge_zip_have_their_length_without_reading_it(sizes: list[int], start: int, length: int) -> None:
    layout = lay_out([Entry(f"{index}.mp4", size, 0, MOMENT) for index, size in enumerate(sizes)])
    start = min(start, layout.total_size)
    stop = min(start + length, layout.total_size)
    assert sum(len(piece) for piece in layout.pieces(start, stop)) == stop - start


@pytest.mark.parametrize(
    ("moment", "read_back"),
    [
        (datetime(1969, 7, 20), (1980, 1, 1, 0, 0, 0)),
        (datetime(2300, 1, 1), (2107, 12, 31, 23, 59, 58)),
        (datetime(2026, 2, 28, 23, 59, 59), (2026, 2, 28, 23, 59, 58)),
        (datetime(2026, 1, 1, 7, 0, tzinfo=timezone(timedelta(hours=8))), (2025, 12, 31, 23, 0, 0)),
    ],
)
def test_times_are_kept_in_utc_within_what_a_zip_can_say(moment: datetime, read_back: tuple[int, ...]) -> None:
    made = b"".join(lay_out([Entry("a", 0, 0, moment)]).read_range(lambda _: iter(())))
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        assert package.infolist()[0].date_time == read_back


def test_the_time_of_a_zip_does_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dos_time(MOMENT), dos_time(MOMENT.replace(tzinfo=None))
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        assert (dos_time(MOMENT), dos_time(MOMENT.replace(tzinfo=None))) == before
    time.tzset()


@pytest.mark.parametrize(
    "entries",
    [
        [Entry("", 0, 0, MOMENT)],
        [Entry("a" * 65_536, 0, 0, MOMENT)],
        [Entry("a", -1, 0, MOMENT)],
        [Entry("a", 0, 1 << 32, MOMENT)],
        [Entry("a", 0, 0, MOMENT), Entry("a", 1, 0, MOMENT)],
    ],
)
def test_entries_that_no_zip_can_hold_are_refused(entries: list[Entry]) -> None:
    with pytest.raises(ValueError):
        lay_out(entries)
