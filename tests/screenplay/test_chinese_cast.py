"""Names: cast lines with counts, descriptions in brackets, profiles."""

import pytest

from aianime_pipeline.screenplay.chinese_cast import Profile, read_cast, read_profile
from aianime_pipeline.screenplay.model import CastEntry


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("林夏，沈渡，船工*2", [("林夏", 1), ("沈渡", 1), ("船工", 2)]),
        ("林夏、沈渡,船工×3；路人＊４", [("林夏", 1), ("沈渡", 1), ("船工", 3), ("路人", 4)]),
        ("林夏 沈渡 船工x2", [("林夏", 1), ("沈渡", 1), ("船工", 2)]),
        ("船工若干，若干村民，茶客数人，侍卫两名", [("船工", None), ("村民", None), ("茶客", None), ("侍卫", 2)]),
        ("林夏（少年），John Smith", [("林夏（少年）", 1), ("John Smith", 1)]),
        ("John Smith", [("John Smith", 1)]),
        ("Agent X2，Alexn", [("Agent X2", 1), ("Alexn", 1)]),
        ("a/b，../x，“老大”，😀", [("a/b", 1), ("../x", 1), ("“老大”", 1), ("😀", 1)]),
        ("无", []),
        ("", []),
    ],
)
def test_a_cast_line_gives_names_with_how_many(text: str, entries: list[tuple[str, int | None]]) -> None:
    assert read_cast(text)[0] == tuple(CastEntry(name, count) for name, count in entries)


def test_a_description_in_a_cast_line_is_told_apart_from_the_name() -> None:
    entries, profiles = read_cast("林夏（女，22岁，白衣）、沈渡(男)，林夏（少年，赤脚）")
    assert [entry.name for entry in entries] == ["林夏", "沈渡", "林夏（少年）"]
    assert profiles == (Profile("林夏", "女，22岁，白衣"), Profile("沈渡", "男"), Profile("林夏（少年）", "赤脚"))


@pytest.mark.parametrize(
    ("line", "name", "description"),
    [
        ("林夏：女，22岁，白衣", "林夏", "女，22岁，白衣"),
        ("林夏（女，22岁）：渡口长大", "林夏", "女，22岁；渡口长大"),
        ("1. 林夏，女", "林夏", "女"),
        ("【沈渡】男，25岁", "沈渡", "男，25岁"),
        ("林夏——女", "林夏", "女"),
        ("林夏（少年）：12岁", "林夏（少年）", "12岁"),
        ("Mara Voss: 24, grey coat", "Mara Voss", "24, grey coat"),
    ],
)
def test_a_profile_line_gives_name_and_description(line: str, name: str, description: str) -> None:
    assert read_profile(line) == Profile(name, description)


def test_a_sentence_is_no_profile() -> None:
    assert read_profile("这个故事要从二十年前的那一场大旱以及渡口的老人们说起。") is None
