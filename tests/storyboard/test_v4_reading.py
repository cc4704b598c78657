"""Reading storyboard_ai_v4 files: what is understood, what is only noticed, and what is refused."""

import json
from typing import Any

import pytest
from support.storyboards import write_v4_storyboard

from aianime_pipeline.errors import (
    BadDurationError,
    BadInputError,
    BinaryFileError,
    DuplicateShotNumberError,
    EmptyFileError,
    MissingDescriptionError,
    StoryboardFormatError,
)
from aianime_pipeline.storyboard.model import CameraMove, Framing, Shot, Storyboard, Transition
from aianime_pipeline.storyboard.v4 import read_v4


def a_file(*shots: dict[str, Any], **top: Any) -> str:
    head = {"版本": "4.0", "格式标识": "storyboard_ai_v4", "项目": "雾港", "集数": 2, "集标题": "灯"}
    return json.dumps({**head, **top, "镜头列表": list(shots)}, ensure_ascii=False)


def a_shot(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"镜号": number, "时长": 3, "景别": "中景", "运镜方式": "固定", "画面描述": "灯塔下的石阶。", **fields}


def the_only(**fields: Any) -> Shot:
    return read_v4(a_file(a_shot(**fields))).shots[0]


def messages(storyboard: Storyboard) -> str:
    return "\n".join(notice.message for notice in storyboard.notices)


def test_a_file_in_the_manner_of_real_ones_is_understood() -> None:
    storyboard = read_v4(json.dumps(write_v4_storyboard(), ensure_ascii=False).encode())
    shots = storyboard.shots
    assert (storyboard.project, storyboard.episode, storyboard.title) == ("雾港灯匠", 4, "没有影子的船")
    assert (storyboard.language, len(shots)) == ("zh", 40)
    assert storyboard.style == "厚涂插画，冷色海雾，暖色灯火"
    crowded = [shot for shot in shots if len(shot.dialogue) >= 60 and shot.duration_ms == 3000]
    assert len(crowded) >= 4
    assert all(shot.voice_over and shot.speakers == ("苏晚",) for shot in crowded)
    assert {shot.transition for shot in shots} == set(Transition)
    assert any("video" not in shot.wants for shot in shots)
    assert any(shot.dialogue and "voice" not in shot.wants for shot in shots)
    assert any(shot.speakers == ("苏晚", "顾迟") for shot in shots)
    assert any(not shot.dialogue for shot in shots)
    assert "主观视角" in messages(storyboard)
    assert "时间轴" in messages(storyboard)


def test_the_generator_gives_the_same_file_every_time_and_another_for_another_seed() -> None:
    assert write_v4_storyboard(12, seed=3) == write_v4_storyboard(12, seed=3)
    assert write_v4_storyboard(12, seed=3) != write_v4_storyboard(12, seed=4)
    assert len(read_v4(json.dumps(write_v4_storyboard(1))).shots) == 1


def test_every_field_of_a_shot_is_read() -> None:
    shot = the_only(
        时长=2.5,
        优先级="P0必出",
        景别="中近景（过肩）",
        运镜方式="缓慢推近+轻微晃动",
        角色站位="林夏居左",
        台词="林夏：（低声）你听。",
        角色="林夏",
        情绪描述="不安",
        AI提示词="ink anime",
        反向提示词="blurry",
        转场方式="叠化",
        生成任务=["图像", "TTS", "音效", "BGM", "转场"],
        备注="补拍",
    )
    assert (shot.number, shot.duration_ms, shot.priority) == (1, 2500, "P0")
    assert (shot.framing, shot.framing_text) == (Framing.OVER_SHOULDER, "中近景（过肩）")
    assert (shot.camera_move, shot.camera_text) == (CameraMove.PUSH, "缓慢推近+轻微晃动")
    assert (shot.description, shot.blocking) == ("灯塔下的石阶。", "林夏居左")
    assert (shot.dialogue, shot.speakers, shot.voice_over, shot.emotion) == ("你听。", ("林夏",), False, "不安，低声")
    assert (shot.prompt, shot.negative_prompt, shot.transition) == ("ink anime", "blurry", Transition.DISSOLVE)
    assert shot.wants == {"image", "voice", "effects", "music", "transition"}
    assert (shot.note, shot.characters, shot.warnings) == ("补拍", ("林夏",), ())


@pytest.mark.parametrize(
    ("fields", "prompt"),
    [
        ({"图像": {"提示词": "a"}, "AI提示词": "b"}, "a"),
        ({"图像": {"提示词": " "}, "AI提示词": "b"}, "b"),
        ({"图像": None, "AI提示词": "b"}, "b"),
        ({}, "灯塔下的石阶。"),
    ],
)
def test_the_prompt_is_looked_up_in_order(fields: dict[str, Any], prompt: str) -> None:
    assert the_only(**fields).prompt == prompt


@pytest.mark.parametrize(
    ("fields", "negative"),
    [
        ({"图像": {"反向提示词": "a"}, "反向提示词": "b"}, "a"),
        ({"图像": {}, "反向提示词": "b"}, "b"),
        ({}, "default"),
    ],
)
def test_the_negative_prompt_is_looked_up_in_order(fields: dict[str, Any], negative: str) -> None:
    file = a_file(a_shot(**fields), 项目元信息={"默认反向提示词": "default"})
    assert read_v4(file).shots[0].negative_prompt == negative


def test_a_silent_shot_has_no_speaker_but_its_role_is_seen() -> None:
    shot = the_only(台词="（无）", 角色="林夏")
    assert (shot.dialogue, shot.speakers, shot.characters) == ("", (), ("林夏",))


def test_people_named_in_blocking_are_seen_if_the_file_knows_them() -> None:
    shots = read_v4(a_file(a_shot(1, 台词="走。", 角色="沈渡"), a_shot(2, 角色站位="沈渡居右，背对镜头"))).shots
    assert shots[1].characters == ("沈渡",)


def test_somebody_heard_over_a_picture_of_another_is_not_in_it() -> None:
    shots = read_v4(
        a_file(a_shot(1, 台词="走。", 角色="沈渡"), a_shot(2, 台词="林夏os：他走了。", 角色站位="沈渡居中"))
    ).shots
    assert (shots[1].speakers, shots[1].characters) == (("林夏",), ("沈渡",))


def test_the_words_of_an_enabled_voice_count_where_the_line_is_empty() -> None:
    shot = the_only(台词="", 角色="林夏", 音频={"VO": {"启用": True, "类型": "旁白", "台词": "天亮了。"}})
    assert (shot.dialogue, shot.voice_over) == ("天亮了。", True)


@pytest.mark.parametrize(
    ("fields", "wants"),
    [
        ({}, {"image", "video", "voice"}),
        ({"生成任务": []}, {"image", "video", "voice"}),
        ({"视频": {"启用": False}}, {"image", "voice"}),
        ({"生成任务": ["图像"]}, {"image"}),
        ({"生成任务": "图像、TTS"}, {"image", "voice"}),
        ({"生成任务": ["图像", "全息"]}, {"image"}),
    ],
)
def test_wants_come_from_the_tasks_or_else_from_the_switches(fields: dict[str, Any], wants: set[str]) -> None:
    assert the_only(**fields).wants == wants


def test_keys_of_other_tools_are_read_too() -> None:
    file = json.dumps(
        {
            "格式标识": "storyboard_ai_v4",
            "版本": "4.0",
            "集数": "第3集",
            "镜头列表": [
                {
                    "镜头号": 1,
                    "时长": 3,
                    "运镜": "推",
                    "场景描述": "雨",
                    "角色名": "林夏",
                    "台词": "走。",
                    "负面词": "x",
                    "转场": "闪白",
                }
            ],
        }
    )
    storyboard = read_v4(file)
    (shot,) = storyboard.shots
    assert storyboard.episode == 3
    assert (shot.camera_move, shot.description, shot.speakers) == (CameraMove.PUSH, "雨", ("林夏",))
    assert (shot.negative_prompt, shot.transition) == ("x", Transition.FLASH_WHITE)


@pytest.mark.parametrize(
    ("shots", "top", "message"),
    [
        ([a_shot(景别="主观视角")], {}, "景别 “主观视角” is not a word we know"),
        ([a_shot(运镜方式="手持")], {}, "运镜方式 “手持” is not a word we know"),
        ([a_shot(转场方式="星形")], {}, "转场方式 “星形”"),
        ([a_shot(优先级="高")], {}, "优先级 “高”"),
        ([a_shot(台词="走。")], {}, "台词 has no speaker"),
        ([a_shot(台词="甲：起雾了。\n乙：走！", 角色="甲/乙")], {}, "甲、乙 have a line each in one shot"),
        ([a_shot(时长="3秒")], {}, "read as 3 seconds"),
        ([a_shot(生成任务=["全息"])], {}, "全息"),
        ([a_shot(2), a_shot(1)], {}, "not in ascending order"),
        ([a_shot(1), a_shot(4)], {}, "gaps (2、3)"),
        (
            [a_shot(时间轴={"开始时间": 0, "结束时间": 4})],
            {},
            "时间轴 disagrees with the sum of 时长 in 1 of 1 shots (1)",
        ),
        ([a_shot()], {"版本": "5.1"}, "版本 is “5.1”"),
        ([a_shot()], {"格式标识": "storyboard_ai_v5"}, "格式标识 is “storyboard_ai_v5”"),
        ([a_shot()], {"集数": None}, "counts as episode 1"),
    ],
)
def test_what_is_odd_but_usable_becomes_a_notice(
    shots: list[dict[str, Any]], top: dict[str, Any], message: str
) -> None:
    storyboard = read_v4(a_file(*shots, **top))
    assert message in messages(storyboard)
    assert len(storyboard.shots) == len(shots)


def test_an_ordinary_file_brings_no_notice() -> None:
    shots = [a_shot(1, 时间轴={"开始时间": 0, "结束时间": 3}), a_shot(2, 时间轴={"开始时间": 3.0, "结束时间": 6.0})]
    assert read_v4(a_file(*shots)).notices == ()


def test_the_order_of_the_file_is_the_order_of_the_story() -> None:
    assert [shot.number for shot in read_v4(a_file(a_shot(2), a_shot(1))).shots] == [2, 1]


def test_a_key_written_twice_is_told() -> None:
    assert "写" in messages(read_v4(a_file(a_shot()).replace('"项目"', '"写": 1, "写": 2, "项目"')))


def test_half_an_emoji_and_nul_are_replaced_and_told() -> None:
    storyboard = read_v4(a_file(a_shot()).replace("灯塔", "\\ud83d\\u0000灯塔"))
    assert storyboard.shots[0].description == "\ufffd\ufffd灯塔下的石阶。"
    assert "Broken characters" in messages(storyboard)


@pytest.mark.parametrize(
    ("file", "error", "message"),
    [
        ('{"镜头列表": [\n{"镜号": 1,}]}', StoryboardFormatError, "line 2, column"),
        ("[]", StoryboardFormatError, "one JSON object"),
        ("{}", StoryboardFormatError, "no 镜头列表"),
        (a_file(), StoryboardFormatError, "镜头列表 is empty"),
        ('{"镜头列表": {"1": {}}}', StoryboardFormatError, "no 镜头列表"),
        ('{"镜头列表": [3]}', StoryboardFormatError, "Position 1 of 镜头列表: the shot must be an object"),
        (a_file(a_shot(), 格式标识="comfy_graph"), StoryboardFormatError, "格式标识 is “comfy_graph”"),
        (a_file({"时长": 3, "画面描述": "雨"}), StoryboardFormatError, "position 1 has no 镜号"),
        (a_file(a_shot(镜号="第一镜")), StoryboardFormatError, "镜号 '第一镜'"),
        (a_file(a_shot(镜号=1.5)), StoryboardFormatError, "镜号 1.5"),
        (a_file(a_shot(镜号=True)), StoryboardFormatError, "镜号 True"),
        (a_file(a_shot(1), a_shot(2), a_shot(1)), DuplicateShotNumberError, "1 at positions 1, 3"),
        (a_file(a_shot(1), a_shot(2, 画面描述=" ")), MissingDescriptionError, "Shot 2 (position 2) has no 画面描述"),
        (a_file(a_shot(时长=0)), BadDurationError, "Shot 1 (position 1): the duration is 0"),
        (a_file(a_shot(时长=-2)), BadDurationError, "the duration is -2"),
        (a_file(a_shot(时长=60.5)), BadDurationError, "at most 60"),
        (a_file(a_shot(时长=10**400)), BadDurationError, "at most 60"),
        (a_file(a_shot(时长=float("nan"))), BadDurationError, "the duration is nan"),
        (a_file(a_shot(时长=None)), BadDurationError, "the duration is missing"),
        (a_file(a_shot(时长="three")), BadDurationError, "the duration is three"),
        (a_file(a_shot(时长=True)), BadDurationError, "the duration is True"),
        (a_file(a_shot(画面描述=["雨"])), StoryboardFormatError, "画面描述 must be text, but it is a list"),
        (a_file(a_shot(图像="a.png")), StoryboardFormatError, "图像 must be an object, but it is text"),
        (a_file(a_shot(生成任务=[1])), StoryboardFormatError, "生成任务 must be a list of texts"),
        (a_file(a_shot(时间轴={"开始时间": "0"})), StoryboardFormatError, "开始时间 must be a number of seconds"),
        (a_file(a_shot(备注2=float("inf"))), StoryboardFormatError, "镜头列表 → 1 → 备注2 is inf"),
        (a_file(a_shot(深=json.loads("[" * 150 + "]" * 150))), StoryboardFormatError, "nested"),
        ("[" * 100_000, StoryboardFormatError, "JSON"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(file: str, error: type[BadInputError], message: str) -> None:
    with pytest.raises(error) as raised:
        read_v4(file)
    assert message in raised.value.message


def test_the_longest_shot_is_a_minute() -> None:
    assert the_only(时长=60).duration_ms == 60_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_is_read_in_the_encodings_that_people_save(encoding: str) -> None:
    assert read_v4(a_file(a_shot()).encode(encoding)).shots[0].description == "灯塔下的石阶。"


def test_an_empty_and_a_binary_file_are_refused() -> None:
    with pytest.raises(EmptyFileError):
        read_v4(b" \n")
    with pytest.raises(BinaryFileError):
        read_v4(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
