"""Seals, names and eviction."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.errors import DiskFullError
from aianime_pipeline.film.cache import cache_in_use, content_key, part_beside, seal, sealed_facts, trim_cache


def piece(path: Path, size: int, age: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


@given(content=st.binary(max_size=400), place=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_a_seal_gives_its_facts_back_and_any_flipped_bit_breaks_it(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, place: int, bit: int
) -> None:
    path = tmp_path_factory.mktemp("seal") / "piece.mp4"
    path.write_bytes(content)
    seal(path, {"frames": 24, "word": "月"})
    assert sealed_facts(path) == {"frames": 24, "word": "月"}
    data = bytearray(path.read_bytes())
    assert data.startswith(content)
    data[place % len(data)] ^= 1 << bit
    path.write_bytes(data)
    assert sealed_facts(path) is None
    path.write_bytes(data[: place % len(data)])
    assert sealed_facts(path) is None
    path.unlink()
    assert sealed_facts(path) is None


def test_the_pieces_used_longest_ago_go_first_and_those_in_use_never(tmp_path: Path) -> None:
    old, used, new = (piece(tmp_path / "a" / name, 100, age) for name, age in [("old", 30), ("used", 20), ("new", 10)])
    assert trim_cache(tmp_path, 300, []) == 0
    assert trim_cache(tmp_path, 150, [used]) == 200
    assert (old.exists(), used.exists(), new.exists()) == (False, True, False)
    assert trim_cache(tmp_path, 0, [used]) == 0
    assert used.exists()


def test_a_use_makes_a_piece_young_again(tmp_path: Path) -> None:
    first = piece(tmp_path / "first", 100, 0)
    seal(first, {})
    os.utime(first, (1, 1))
    second = piece(tmp_path / "second", 100, 0)
    assert sealed_facts(first) == {}
    trim_cache(tmp_path, first.stat().st_size, [])
    assert (first.exists(), second.exists()) == (True, False)


def test_nothing_is_trimmed_while_a_film_is_being_made(tmp_path: Path) -> None:
    old = piece(tmp_path / "old", 100, 0)
    with cache_in_use(tmp_path), cache_in_use(tmp_path):
        assert trim_cache(tmp_path, 0, []) == 0
        assert old.exists()
    assert trim_cache(tmp_path, 0, []) == 100
    assert trim_cache(tmp_path / "nowhere", 0, []) == 0


def test_parts_that_a_killed_process_left_are_cleared_away(tmp_path: Path) -> None:
    kept = piece(tmp_path / "kept", 10, 0)
    left = piece(tmp_path / "segments" / ".part-1-x.mp4", 10, 0)
    trim_cache(tmp_path, 1000, [])
    assert kept.exists()
    assert not left.exists()


def test_a_part_is_gone_after_an_error_and_a_full_disk_has_its_own(tmp_path: Path) -> None:
    def fail(error: OSError) -> None:
        with part_beside(tmp_path / "sub" / "film.mp4") as part:
            part.write_bytes(b"x")
            raise error

    with pytest.raises(DiskFullError, match=r"film\.mp4"):
        fail(OSError(28, "No space left on device"))
    with pytest.raises(PermissionError):
        fail(PermissionError(13, "Permission denied"))
    assert list((tmp_path / "sub").iterdir()) == []


def test_the_key_is_of_the_content_whatever_its_order() -> None:
    assert content_key("r", a=1, b=2) == content_key("r", b=2, a=1) != content_key("s", a=1, b=2)


def test_any_kind_of_file_can_be_sealed_and_read_without_its_seal(tmp_path: Path) -> None:
    """Raw sound has no boxes: its reader takes as many samples as the facts say."""
    samples = bytes(range(256)) * 9000
    path = tmp_path / "bus.pcm"
    path.write_bytes(samples)
    seal(path, {"bytes": len(samples)})
    facts = sealed_facts(path)
    assert facts == {"bytes": len(samples)}
    assert path.read_bytes()[: facts["bytes"]] == samples
    data = bytearray(path.read_bytes())
    data[1_500_000] ^= 1
    path.write_bytes(data)
    assert sealed_facts(path) is None
