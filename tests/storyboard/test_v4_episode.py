"""The episode's number in a storyboard file, as people write it."""

import json

import pytest
from support.storyboards import write_v4_storyboard

from aianime_pipeline.storyboard.v4 import read_v4


@pytest.mark.parametrize(
    ("written", "number"), [(5, 5), ("5", 5), ("第5集", 5), ("第五集", 5), ("第十二集", 12), ("三", 3)]
)
def test_the_episodes_number_is_read_in_digits_and_in_words(written: object, number: int) -> None:
    document = write_v4_storyboard(shots=2) | {"集数": written}
    assert read_v4(json.dumps(document, ensure_ascii=False)).episode == number
