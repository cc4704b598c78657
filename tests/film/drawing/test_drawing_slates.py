"""The card for a shot that is not made yet."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from support.laid_pictures import opened

from aianime_pipeline.film.drawing import slate_png

SIZES = [(1920, 1080), (1080, 1920), (1080, 1080), (640, 360), (360, 640), (320, 180)]
WORDS: dict[str, Any] = {
    "number": 12,
    "description": "雨夜，霓虹灯倒映在积水的街道上。",
    "speaker": "林月",
    "dialogue": "你终于来了。",
    "reason": "缺少画面",
    "width": 640,
    "height": 360,
    "language": "zh",
}


def card(**changes: Any) -> NDArray[np.int64]:
    picture = opened(slate_png(**{**WORDS, **changes}))
    assert picture.mode == "RGBA"
    assert picture.getchannel("A").getextrema() == (255, 255)
    return np.asarray(picture.convert("RGB")).astype(np.int64)


def written(picture: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where something pale or amber is written, the bar at the left edge set aside."""
    found = picture.max(axis=2) > 110
    found[:, : picture.shape[1] // 40] = False
    return found


def test_equal_words_give_equal_bytes_and_each_word_can_be_seen() -> None:
    assert slate_png(**WORDS) == slate_png(**WORDS)
    for name, other in [
        ("number", 13), ("description", "白天。"), ("speaker", "阿强"), ("dialogue", "走吧。"),
        ("reason", "等待审核"), ("language", "en"),
    ]:  # fmt: skip
        assert slate_png(**{**WORDS, name: other}) != slate_png(**WORDS), name


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("times", [1, 40])
def test_whatever_is_written_stays_inside_the_card(size: tuple[int, int], times: int) -> None:
    width, height = size
    picture = card(
        width=width, height=height, number=10 ** min(times, 3), reason="缺少画面" * times,
        **{name: WORDS[name] * times for name in ("description", "dialogue", "speaker")},
    )  # fmt: skip
    assert picture.shape == (height, width, 3)
    places = np.argwhere(written(picture))
    assert places.min(axis=0)[0] >= 0.1 * height, "the corners above are for the draft's marks"
    assert places.max(axis=0)[0] <= 0.82 * height, "below stand the subtitles"
    assert places.max(axis=0)[1] <= 0.97 * width
    assert (picture.max(axis=2) < 60).mean() > 0.6, "it is dark"


def test_the_number_is_the_largest_thing_on_it() -> None:
    bare = {"description": "", "speaker": "", "dialogue": "", "reason": ""}
    one, two = (written(card(number=number, **bare)) for number in (1, 8))
    rows = np.flatnonzero((one != two).any(axis=1))
    assert rows[-1] - rows[0] > 0.09 * 360


def test_a_shot_in_which_nobody_speaks_has_more_room_for_its_description() -> None:
    silent = written(card(description=WORDS["description"] * 20, speaker="", dialogue=""))
    spoken = written(card(description=WORDS["description"] * 20))
    lower = slice(round(0.55 * 360), round(0.8 * 360))
    assert silent[lower, 500:].sum() > spoken[lower, 500:].sum()


def test_words_of_any_kind_make_a_card() -> None:
    for words in ("😀", "\x00\u202e\n\n", "{\\an8}<b>%d'\"", "", "x" * 3000, "שלום"):
        card(description=words, speaker=words, dialogue=words, reason=words)
