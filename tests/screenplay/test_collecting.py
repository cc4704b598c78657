"""Characters, locations and props of a screenplay, and what it says of them."""

import pytest

from aianime_pipeline.screenplay.chinese import parse_chinese
from aianime_pipeline.screenplay.collecting import character_names, collect_assets
from aianime_pipeline.screenplay.fountain import parse_fountain
from aianime_pipeline.screenplay.model import CollectedAsset

SEASON = """《月下渡》
人物小传
林夏：女，22岁，白衣
沈渡（男，25岁）：玄青斗篷
没出场的人：男
场景介绍
青石渡口：长满青苔的石阶
第1集
1-1日，外，青石渡口
人物：林夏，船工*2，老妇（灰衣，拄拐）
道具：油灯（铜铸）、船票
△林夏把【红绳】系在船头，旁边贴着一张《渡河契》。
林夏os：走。
众人：走！
旁白：夜深了。
1-2夜，外，青石渡口·船上
人物：沈渡
△沈渡（左眼下一颗泪痣）解开【红绳】，点亮油灯。
林夏（少年）：别走！
船工甲、船工乙：开船！
"""


def collected() -> dict[tuple[str, str], CollectedAsset]:
    screenplay = parse_chinese(SEASON)
    assets = collect_assets(screenplay.episodes, metadata=screenplay.metadata)
    return {(asset.kind, asset.name): asset for asset in assets}


def test_characters_locations_and_props_come_in_the_order_of_their_first_scene() -> None:
    assert list(collected()) == [
        ("character", "林夏"),
        ("character", "船工"),
        ("character", "老妇"),
        ("character", "沈渡"),
        ("character", "林夏（少年）"),
        ("character", "船工甲"),
        ("character", "船工乙"),
        ("location", "青石渡口"),
        ("location", "青石渡口·船上"),
        ("prop", "油灯"),
        ("prop", "船票"),
        ("prop", "红绳"),
    ]


@pytest.mark.parametrize(
    ("kind", "name", "description", "scenes"),
    [
        ("character", "林夏", "女，22岁，白衣", ("1-1",)),
        ("character", "沈渡", "男，25岁；玄青斗篷；左眼下一颗泪痣", ("1-2",)),
        ("character", "老妇", "灰衣，拄拐", ("1-1",)),
        ("character", "林夏（少年）", "女，白衣", ("1-2",)),
        ("location", "青石渡口", "长满青苔的石阶；外景", ("1-1",)),
        ("location", "青石渡口·船上", "外景", ("1-2",)),
        ("prop", "油灯", "铜铸", ("1-1", "1-2")),
        ("prop", "红绳", "", ("1-1", "1-2")),
    ],
)
def test_an_asset_holds_what_the_screenplay_says_of_it(
    kind: str, name: str, description: str, scenes: tuple[str, ...]
) -> None:
    asset = collected()[kind, name]
    assert (asset.description, asset.scenes) == (description, scenes)


def test_the_order_and_content_are_the_same_every_time() -> None:
    assert collected() == collected()
    assert list(collected()) == list(collected())


@pytest.mark.parametrize(
    ("speaker", "known", "names"),
    [
        ("林夏", [], ("林夏",)),
        ("旁白", [], ()),
        ("NARRATOR", [], ()),
        ("众人", [], ()),
        ("船工甲/船工乙", ["船工甲", "船工乙"], ("船工甲", "船工乙")),
        ("船工甲/船工乙", [], ("船工甲/船工乙",)),
        ("林夏、沈渡", [], ("林夏", "沈渡")),
        ("林夏（女，22岁）", [], ("林夏",)),
        ("../../etc/passwd", [], ("../../etc/passwd",)),
    ],
)
def test_the_figures_behind_a_speaker(speaker: str, known: list[str], names: tuple[str, ...]) -> None:
    assert character_names(speaker, known) == names


def test_an_english_figure_is_described_where_it_first_appears() -> None:
    screenplay = parse_fountain("INT. HOUSE - DAY\n\nMARA VOSS (24, grey coat) enters.\n\nMARA\nGo.\n")
    assets = collect_assets(screenplay.episodes)
    assert assets == (
        CollectedAsset("character", "MARA", "24, grey coat", ("1-1",)),
        CollectedAsset("location", "HOUSE", "interior", ("1-1",)),
    )


def test_a_name_with_the_letters_of_a_pattern_is_only_a_name() -> None:
    episodes = parse_chinese("1-1 日 外 桥\n△A(+)来了\nA.*+^$|：走\n").episodes
    assert [asset.name for asset in collect_assets(episodes)] == ["A.*+^$|", "桥"]
