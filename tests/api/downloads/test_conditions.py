"""Which part of a file a request asks for, and whether it asks for any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.downloads.conditions import ByteRange, Condition, UnsatisfiableRangeError, asked_range, condition

TAG = "a" * 64
SIZE = 1000


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-499", 0, 500),
        ("bytes=500-", 500, 1000),
        ("bytes=-1", 999, 1000),
        ("bytes=-1000", 0, 1000),
        ("bytes=-5000", 0, 1000),
        ("bytes=999-999", 999, 1000),
        ("bytes=0-99999", 0, 1000),
        ("bytes=0-" + "9" * 5000, 0, 1000),
        ("bytes=-" + "9" * 5000, 0, 1000),
        ("BYTES = 5 - 9 ", 5, 10),
        ("bytes=" + "0" * 5000 + "7-8", 7, 9),
    ],
)
def test_a_range_is_cut_to_what_the_file_has(header: str, start: int, stop: int) -> None:
    found = asked_range(SIZE, TAG, [header], None)
    assert found == ByteRange(start, stop)
    assert found.content_range(SIZE) == f"bytes {start}-{stop - 1}/1000"


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=" + "9" * 5000 + "-"])
def test_a_range_behind_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        asked_range(SIZE, TAG, [header], None)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=-1-5",
        "bytes=0x0-0x5",
        "bytes=٠-٥",
        "bytes=1.0-2",
        "items=0-5",
        "bytes=0-1,3-4",
        "bytes=" + ",".join(f"{at}-{at}" for at in range(5000)),
    ],
)
def test_several_ranges_and_what_is_no_range_ask_for_the_whole_file(header: str) -> None:
    assert asked_range(SIZE, TAG, [header], None) is None


def test_two_header_fields_are_several_ranges() -> None:
    assert asked_range(SIZE, TAG, ["bytes=0-1", "bytes=2-3"], None) is None
    assert asked_range(SIZE, TAG, [], None) is None


def test_an_empty_file_is_always_whole() -> None:
    assert asked_range(0, TAG, ["bytes=0-"], None) is None
    assert asked_range(0, TAG, ["bytes=-5"], None) is None


@pytest.mark.parametrize(
    ("if_range", "holds"),
    [
        (f'"{TAG}"', True),
        (f' "{TAG}" ', True),
        (f'W/"{TAG}"', False),
        (TAG, False),
        ('"other"', False),
        ("Sat, 28 Nov 2026 08:00:00 GMT", False),
        ("", False),
    ],
)
def test_a_range_counts_only_while_the_file_is_the_one_that_the_client_has(if_range: str, holds: bool) -> None:
    found = asked_range(SIZE, TAG, ["bytes=5-9"], if_range)
    assert found == (ByteRange(5, 10) if holds else None)


def test_a_range_of_another_file_is_not_refused_but_replaced() -> None:
    assert asked_range(SIZE, TAG, ["bytes=5000-"], '"older and longer"') is None


@given(st.text(alphabet="bytes=0123456789-, \t", max_size=30) | st.text(max_size=30), st.integers(0, 50))
def test_whatever_is_asked_the_answer_lies_in_the_file(header: str, size: int) -> None:
    try:
        found = asked_range(size, TAG, [header], None)
    except UnsatisfiableRangeError:
        return
    assert found is None or (0 <= found.start < found.stop <= size)


@pytest.mark.parametrize(
    ("if_match", "if_none_match", "wanted"),
    [
        ([], [], Condition.HOLDS),
        ([], [f'"{TAG}"'], Condition.NOT_MODIFIED),
        ([], [f'W/"{TAG}"'], Condition.NOT_MODIFIED),
        ([], ['"x", W/"y",  ' + f'"{TAG}"'], Condition.NOT_MODIFIED),
        ([], ['"x"', f'"{TAG}"'], Condition.NOT_MODIFIED),
        ([], ["*"], Condition.NOT_MODIFIED),
        ([], ['"x"'], Condition.HOLDS),
        ([], [TAG], Condition.HOLDS),
        ([f'"{TAG}"'], [], Condition.HOLDS),
        (["*"], [], Condition.HOLDS),
        (['"x"'], [], Condition.FAILED),
        ([f'W/"{TAG}"'], [], Condition.FAILED),
        (['"x"'], [f'"{TAG}"'], Condition.FAILED),
    ],
)
def test_tags_decide_whether_the_file_is_sent(if_match: list[str], if_none_match: list[str], wanted: Condition) -> None:
    assert condition(TAG, if_match, if_none_match) is wanted
