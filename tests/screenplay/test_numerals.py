"""Chinese numerals up to 999, in both directions, and what is no numeral."""

import pytest
from support.seasons import chinese_numeral, fullwidth

from aianime_pipeline.screenplay.numerals import read_number


def test_every_number_up_to_999_is_read_in_chinese_half_width_and_full_width() -> None:
    for number in range(1, 1000):
        assert read_number(chinese_numeral(number)) == number
        assert read_number(fullwidth(str(number))) == number


@pytest.mark.parametrize(
    ("text", "number"), [("两百", 200), ("一百二", 120), ("一百零二", 102), ("二〇", 20), ("一千零一", 1001), ("〇", 0)]
)
def test_spoken_and_digit_by_digit_forms_are_read(text: str, number: int) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["", "十百", "一2", "三四十", "abc", "十十", "12345"])
def test_what_is_no_numeral_has_no_value(text: str) -> None:
    assert read_number(text) is None
