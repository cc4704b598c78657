import pytest

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.scheduling.numbers import EpisodeNumbers


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("all", "all"),
        (" ALL ", "all"),
        ("3-8", "3-8"),
        ("3", "3"),
        ("3-8,12", "3-8,12"),
        ("12, 3-5、4-8", "3-8,12"),
        ("3-5,6", "3-6"),
        ([4, 3], "3-4"),
        ([7], "7"),
        (["3-8", 12], "3-8,12"),
        ("9999", "9999"),
    ],
)
def test_episodes_are_written_in_several_ways_and_kept_in_one(value: object, written: str) -> None:
    found = EpisodeNumbers.of(value)
    assert str(found) == written
    assert EpisodeNumbers.of(written) == found


@pytest.mark.parametrize(
    "value", ["", ",", "0", "8-3", "3-", "-3", "x", "10000", "3.5", "²", None, 3, [], [0], [True], [3.0], {}, [[3]]]
)
def test_what_names_no_episode_is_refused(value: object) -> None:
    with pytest.raises(BadSettingError, match=r"it takes all, numbers from 1 to 9999 such as 3-8,12"):
        EpisodeNumbers.of(value)
