"""Tables of heading lines: which open an episode or a scene, and which only look like it."""

import pytest

from aianime_pipeline.screenplay.chinese_headings import read_episode_heading, read_scene_heading

EPISODES = [
    ("第3集", 3, None),
    ("第十二集", 12, None),
    ("第九百九十九集", 999, None),
    ("第3集：归来", 3, "归来"),
    ("第3集:归来", 3, "归来"),
    ("第３集　归来", 3, "归来"),
    ("# 第3集", 3, None),
    ("## 第3集 归来", 3, "归来"),
    ("第 3 集", 3, None),
    ("【第3集】", 3, None),
    ("=== 第3集 ===", 3, None),
    ("--- 第3集 ---", 3, None),
    ("《月下渡》第3集 归来", 3, "归来"),
    ("第3集《归来》", 3, "归来"),
    ("第3集归来", 3, "归来"),
    ("第3话", 3, None),
    ("EP03 归来", 3, "归来"),
    ("Episode 3: The Bell", 3, "The Bell"),
]

NO_EPISODES = [
    "第一集团军到了",
    "第3集完",
    "第3集（完）",
    "【第3集 完】",
    "第3回合开始",
    "第1-3集",
    "第十百集",
    "第3集的结尾要反转",
    "她看完了第3集",
    "第3集第1场 日 外 渡口",
    "林夏：第3集",
    "集",
    "第集",
    "episodes",
]

SCENES = [
    ("3-2日，外，青石渡口", 3, "2", "青石渡口", "日", "ext"),
    ("1-1 夜 内 咖啡厅", 1, "1", "咖啡厅", "夜", "int"),
    ("场3-2：日 外 青石渡口", 3, "2", "青石渡口", "日", "ext"),
    ("场3-2：青石渡口 日 外", 3, "2", "青石渡口", "日", "ext"),
    ("3-2日外青石渡口", 3, "2", "青石渡口", "日", "ext"),
    ("3-2、日、外、青石渡口", 3, "2", "青石渡口", "日", "ext"),
    ("3-2,日,外,青石渡口", 3, "2", "青石渡口", "日", "ext"),
    ("１－１，夜，内，咖啡厅", 1, "1", "咖啡厅", "夜", "int"),
    ("1—1　夜　内　咖啡厅", 1, "1", "咖啡厅", "夜", "int"),
    ("**1-1 夜 内 咖啡厅**", 1, "1", "咖啡厅", "夜", "int"),
    ("### 1-1 夜 内 咖啡厅", 1, "1", "咖啡厅", "夜", "int"),
    ("【1-1 夜 内 咖啡厅】", 1, "1", "咖啡厅", "夜", "int"),
    ("3-2 青石渡口 日/外", 3, "2", "青石渡口", "日", "ext"),
    ("3-2 青石渡口（日，外）", 3, "2", "青石渡口", "日", "ext"),
    ("3-2 咖啡厅夜内", 3, "2", "咖啡厅", "夜", "int"),
    ("3-2. 内景 咖啡厅 - 夜", 3, "2", "咖啡厅", "夜", "int"),
    ("3-2 日转夜 内/外 老宅", 3, "2", "老宅", "日转夜", "int_ext"),
    ("3-2 夜（雨） 外 青石渡口", 3, "2", "青石渡口", "夜（雨）", "ext"),
    ("3-2 次日清晨 外 青石渡口·船上", 3, "2", "青石渡口·船上", "次日清晨", "ext"),
    ("3-2 晚上8点 内 客栈", 3, "2", "客栈", "晚上8点", "int"),
    ("3-2：日，内，客栈·账房", 3, "2", "客栈·账房", "日", "int"),
    ("20-12深夜，外，桥头", 20, "12", "桥头", "深夜", "ext"),
    ("3-2A 日 内 客栈", 3, "2A", "客栈", "日", "int"),
    ("3-2 青石渡口", 3, "2", "青石渡口", None, None),
    ("3-2", 3, "2", "", None, None),
    ("第三集 第二场 日 外 渡口", 3, "2", "渡口", "日", "ext"),
    ("第一场 咖啡厅 夜 内", None, "1", "咖啡厅", "夜", "int"),
    ("场景一", None, "1", "", None, None),
    ("场景1：咖啡厅 夜 内", None, "1", "咖啡厅", "夜", "int"),
    ("1. 咖啡厅 夜 内", None, "1", "咖啡厅", "夜", "int"),
    ("内景 咖啡厅 夜", None, None, "咖啡厅", "夜", "int"),
    ("内景。咖啡厅。夜", None, None, "咖啡厅", "夜", "int"),
    ("EXT. 渡口 - 夜", None, None, "渡口", "夜", "ext"),
    ("夜 内 咖啡厅", None, None, "咖啡厅", "夜", "int"),
    # Places that begin with the word for a time or for outside.
    ("3-2 夜市 日 外", 3, "2", "夜市", "日", "ext"),
    ("3-2 外婆家 日 内", 3, "2", "外婆家", "日", "int"),
    ("3-2日，外婆家", 3, "2", "外婆家", "日", None),
    ("3-2 天台 夜 外", 3, "2", "天台", "夜", "ext"),
    ("3-2 人民医院 日 内", 3, "2", "人民医院", "日", "int"),
]

NO_SCENES = [
    "2-3个船工走来",
    "2-3 个船工走来",
    "1-2天后",
    "1-2日后",
    "2024-05-01 日",
    "3-2林夏走进来，看着他。",
    "林夏：3-2 日 外",
    "第一场雪落下来了",
    "夜里，她走了。",
    "内景灯光昏暗。她走了",
    "△3-2 日 外 渡口",
    "第3集",
    "他外出未归",
    "",
]


@pytest.mark.parametrize(("line", "number", "title"), EPISODES)
def test_an_episode_heading_gives_number_and_title(line: str, number: int, title: str | None) -> None:
    heading = read_episode_heading(line)
    assert heading is not None
    assert (heading.number, heading.title) == (number, title)


@pytest.mark.parametrize("line", NO_EPISODES)
def test_a_line_that_only_mentions_an_episode_opens_none(line: str) -> None:
    assert read_episode_heading(line) is None


@pytest.mark.parametrize(("line", "episode", "scene", "place", "time", "inside"), SCENES)
def test_a_scene_heading_gives_number_place_time_and_inside(
    line: str, episode: int | None, scene: str | None, place: str, time: str | None, inside: str | None
) -> None:
    heading = read_scene_heading(line)
    assert heading is not None
    assert (heading.episode, heading.scene) == (episode, scene)
    assert (heading.place, heading.time_text, heading.interior) == (place, time, inside)


@pytest.mark.parametrize("line", NO_SCENES)
def test_a_sentence_opens_no_scene(line: str) -> None:
    assert read_scene_heading(line) is None
