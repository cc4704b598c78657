"""Whole Chinese screenplays: seasons, their preambles, and what is wrong with them."""

import pytest
from support.seasons import plan_season

from aianime_pipeline.errors import DuplicateEpisodeError, NoSceneError
from aianime_pipeline.screenplay.chinese import parse_chinese
from aianime_pipeline.screenplay.model import Block, CastEntry, Notice
from aianime_pipeline.screenplay.report import count_blocks, count_scenes

SCENE = "1-1 夜 内 客栈\n△灯灭了。"


@pytest.mark.parametrize("seed", range(8))
def test_a_season_of_twenty_episodes_gives_every_scene_and_block_that_was_typed(seed: int) -> None:
    plan = plan_season(20, seed)
    screenplay = parse_chinese(plan.text)
    assert [episode.number for episode in screenplay.episodes] == list(range(1, 21))
    assert count_scenes(screenplay) == plan.scenes
    assert count_blocks(screenplay) == plan.counts
    assert len(screenplay.notices) == plan.slips
    assert all(scene.place and scene.time_of_day and scene.interior for e in screenplay.episodes for scene in e.scenes)
    assert all(len(scene.cast) == 4 for episode in screenplay.episodes for scene in episode.scenes)


def test_a_heading_whose_bold_was_split_by_an_editor_opens_its_episode() -> None:
    screenplay = parse_chinese(f"**第****20****集**\n{SCENE.replace('1-1', '20-1')}")
    assert [(episode.number, episode.line) for episode in screenplay.episodes] == [(20, 1)]


def test_a_scene_holds_its_heading_line_cast_and_blocks_with_their_lines() -> None:
    screenplay = parse_chinese("第3集：归来\n\n3-2日，外，青石渡口\n人物：林夏，船工*2\n△雾。\n林夏：（低声）走。\n")
    episode = screenplay.episodes[0]
    assert (episode.number, episode.title, episode.line) == (3, "归来", 1)
    scene = episode.scenes[0]
    assert (scene.number, scene.heading, scene.line) == ("3-2", "3-2日，外，青石渡口", 3)
    assert (scene.place, scene.time_text, scene.time_of_day, scene.interior) == ("青石渡口", "日", "day", "ext")
    assert scene.cast == (CastEntry("林夏"), CastEntry("船工", 2))
    assert scene.blocks == (Block("action", "雾。", 5), Block("dialogue", "走。", 6, "林夏", "低声"))
    assert screenplay.notices == ()


@pytest.mark.parametrize(
    ("time", "expected"),
    [("清晨", "dawn"), ("正午", "day"), ("傍晚", "dusk"), ("凌晨", "night"), ("雨夜", "night"), ("日转夜", "day")],
)
def test_words_for_the_time_of_day_are_understood(time: str, expected: str) -> None:
    scene = parse_chinese(f"1-1 {time} 外 渡口\n△雾").episodes[0].scenes[0]
    assert (scene.time_text, scene.time_of_day) == (time, expected)


def test_a_scene_that_goes_on_has_the_time_of_the_one_before() -> None:
    scenes = parse_chinese("1-1 夜 外 渡口\n△雾\n1-2 连续 内 船篷\n△灯").episodes[0].scenes
    assert [scene.time_of_day for scene in scenes] == ["night", "night"]


def test_fields_below_a_bare_scene_heading_fill_it() -> None:
    scene = parse_chinese("第2集\n场景一\n地点：老宅·堂屋\n时间：夜\n人物：林夏\n△灯灭了").episodes[0].scenes[0]
    assert (scene.number, scene.place, scene.time_of_day) == ("2-1", "老宅·堂屋", "night")
    assert [entry.name for entry in scene.cast] == ["林夏"]


def test_fields_on_one_line_are_read_each() -> None:
    scene = parse_chinese("场景一\n时间：夜 地点：渡口 人物：林夏，沈渡\n△雾").episodes[0].scenes[0]
    assert (scene.place, scene.time_text, len(scene.cast)) == ("渡口", "夜", 2)


def test_a_name_on_a_line_of_its_own_speaks_the_next_line() -> None:
    blocks = parse_chinese("1-1 夜 内 客栈\n人物：林夏\n林夏：\n你回来了\n林夏：\n△她回头").episodes[0].scenes[0].blocks
    assert [(block.type, block.text, block.speaker) for block in blocks] == [
        ("dialogue", "你回来了", "林夏"),
        ("action", "林夏：", None),
        ("action", "她回头", None),
    ]


def test_the_preamble_becomes_title_and_metadata() -> None:
    screenplay = parse_chinese(
        f"《月下渡》\n类型：古风\n人物小传\n林夏：女，22岁\n\n故事梗概：\n她回来了。\n第1集\n{SCENE}"
    )
    assert screenplay.title == "月下渡"
    assert screenplay.metadata == {"类型": "古风", "人物小传": "林夏：女，22岁", "故事梗概": "她回来了。"}
    assert screenplay.notices == ()


def test_text_under_no_heading_before_the_first_scene_is_kept_with_a_notice() -> None:
    screenplay = parse_chinese(f"《月下渡》\n△谁也没看见。\n林夏：你在吗？\n第1集\n{SCENE}")
    assert "谁也没看见" in screenplay.metadata["preamble"]
    assert "你在吗？" in "\n".join(screenplay.metadata.values())
    assert [notice.line for notice in screenplay.notices] == [2]


def test_text_between_an_episode_heading_and_its_first_scene_is_kept_with_a_notice() -> None:
    screenplay = parse_chinese(f"第1集\n本集梗概：她回来了。\n林夏：你在吗？\n{SCENE}")
    assert screenplay.metadata["第1集"] == "本集梗概：她回来了。\n林夏：你在吗？"
    assert [notice.line for notice in screenplay.notices] == [2]


def test_a_table_of_contents_opens_no_episode() -> None:
    screenplay = parse_chinese(
        f"目录\n第1集：归来\n第2集：重逢\n第1集：归来\n{SCENE}\n第2集：重逢\n2-1 日 外 渡口\n△雾"
    )
    assert [(episode.number, episode.line) for episode in screenplay.episodes] == [(1, 4), (2, 7)]
    assert screenplay.metadata["目录"] == "第1集：归来\n第2集：重逢"


def test_two_episodes_with_one_number_are_refused_naming_both_lines() -> None:
    with pytest.raises(DuplicateEpisodeError, match=r"line 1 and on line 4") as caught:
        parse_chinese(f"第1集\n{SCENE}\n第一集\n{SCENE}")
    assert caught.value.details["lines"] == [1, 4]


@pytest.mark.parametrize("text", ["第1集\n△雾", "林夏：你好", "很久以前。", "", "\n\n---"])
def test_text_with_no_scene_is_refused_with_an_example_of_a_heading(text: str) -> None:
    with pytest.raises(NoSceneError, match="3-2日，外，青石渡口"):
        parse_chinese(text)


def test_a_scene_number_of_another_episode_is_noticed() -> None:
    screenplay = parse_chinese("第3集\n3-1 日 外 渡口\n△雾\n2-2 夜 内 客栈\n△灯")
    assert [scene.number for scene in screenplay.episodes[0].scenes] == ["3-1", "2-2"]
    assert Notice(4, "scene 2-2 stands in episode 3") in screenplay.notices


def test_without_episode_headings_the_numbers_of_the_scenes_name_the_episode() -> None:
    screenplay = parse_chinese("3-1 日 外 渡口\n△雾\n3-2 夜 内 客栈\n△灯\n4-1 日 外 桥\n△雪")
    assert [(episode.number, len(episode.scenes)) for episode in screenplay.episodes] == [(3, 2), (4, 1)]
    assert [notice.line for notice in screenplay.notices] == [1, 5]


def test_without_any_number_the_file_is_episode_one() -> None:
    screenplay = parse_chinese("日，外，渡口\n△雾\n夜 内 客栈\n△灯")
    assert [(e.number, [scene.number for scene in e.scenes]) for e in screenplay.episodes] == [(1, ["1-1", "1-2"])]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (f"第1集\n{SCENE}\n第3集\n3-1 日 外 桥\n△雪", 4, "episode 3 follows episode 1"),
        (f"第1集\n{SCENE}\n第2集", 4, "has no scene"),
        (f"第1集\n{SCENE}\n1-1 日 外 桥\n△雪", 4, "a second scene 1-1"),
        ("1-1 日 外\n△雪", 1, "names no place"),
        (f"{SCENE}\n1-2 日 外 桥", 3, "is empty"),
        (f"{SCENE}\n△", 3, "no action behind it"),
        (f"{SCENE}\n人物：", 3, "names nobody"),
        (f"{SCENE}\n-----", None, "left out: 1"),
    ],
)
def test_what_a_person_should_look_at_is_noticed(text: str, line: int | None, words: str) -> None:
    notices = parse_chinese(text).notices
    assert any(notice.line == line and words in notice.message for notice in notices), notices


@pytest.mark.parametrize("name", ["“老大”", "a/b\\c", "😀", "../../x", "长" * 200, 'O"Neil', "<b>", "{{x}}", "%s"])
def test_strange_names_survive_as_data_in_cast_and_speech(name: str) -> None:
    scene = parse_chinese(f"1-1 日 外 桥\n人物：{name}\n{name}：走\n{name}os：走").episodes[0].scenes[0]
    assert [entry.name for entry in scene.cast] == [name]
    assert [(block.type, block.speaker) for block in scene.blocks] == [("dialogue", name), ("os", name)]


def test_a_speaker_in_no_cast_line_is_noticed_once() -> None:
    speeches = "林下：走\n林下：走\n林夏（少年）：走\n林夏、沈渡：走\n旁白：走"
    text = f"第1集\n1-1 日 外 桥\n人物：林夏，沈渡\n{speeches}\n1-2 日 外 桥\n路人：走"
    notices = parse_chinese(text).notices
    assert [notice.line for notice in notices] == [4]
    assert "林下" in notices[0].message


def test_marks_of_markdown_carry_no_meaning_but_a_counting_star_does() -> None:
    text = "## **1-1 日 外 桥**\n- **人物**：船工*2，村民*若干\n> △雾\n- **林夏**：*（低声）*走\n*他走了*"
    scene = parse_chinese(text).episodes[0].scenes[0]
    assert scene.cast == (CastEntry("船工", 2), CastEntry("村民", None))
    assert [(block.type, block.speaker, block.emotion, block.text) for block in scene.blocks] == [
        ("action", None, None, "雾"),
        ("dialogue", "林夏", "低声", "走"),
        ("action", None, None, "他走了"),
    ]
