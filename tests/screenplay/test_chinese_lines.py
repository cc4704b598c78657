"""Tables of lines inside a scene: type, speaker, emotion and text of each form."""

import pytest

from aianime_pipeline.screenplay.chinese_lines import read_line
from aianime_pipeline.screenplay.model import BlockType

KNOWN = frozenset({"林夏", "沈渡"})
LONG_NAME = "长" * 200

FORMS: list[tuple[str, BlockType, str | None, str | None, str]] = [
    ("△晨雾压着河面", "action", None, None, "晨雾压着河面"),
    ("▲ 晨雾压着河面", "action", None, None, "晨雾压着河面"),
    ("△：晨雾", "action", None, None, "晨雾"),
    ("画面：晨雾", "action", None, None, "晨雾"),
    ("林夏：你听见了吗？", "dialogue", "林夏", None, "你听见了吗？"),
    ("林夏：（压低声音）你听见了吗？", "dialogue", "林夏", "压低声音", "你听见了吗？"),
    ("林夏:(压低声音)你听见了吗?", "dialogue", "林夏", "压低声音", "你听见了吗?"),
    ("林夏（压低声音）：你听见了吗？", "dialogue", "林夏", "压低声音", "你听见了吗？"),
    ("林夏 【怒】 : 走", "dialogue", "林夏", "怒", "走"),
    ("林夏：（回头）（冷笑）走", "dialogue", "林夏", "回头，冷笑", "走"),
    ("林夏（对讲机：低声）：走", "dialogue", "林夏", "对讲机：低声", "走"),
    ("林夏（少年）：走", "dialogue", "林夏（少年）", None, "走"),
    ("林夏（老年，虚弱）：走", "dialogue", "林夏（老年）", "虚弱", "走"),
    ("船工甲/船工乙：走", "dialogue", "船工甲/船工乙", None, "走"),
    ("林夏，沈渡：走", "dialogue", "林夏，沈渡", None, "走"),
    ("林夏：他说：走", "dialogue", "林夏", None, "他说：走"),
    ("林夏：我叫林夏（夏天的夏）。", "dialogue", "林夏", None, "我叫林夏（夏天的夏）。"),
    ("【林夏】走", "dialogue", "林夏", None, "走"),
    ("Carlos：hola", "dialogue", "Carlos", None, "hola"),
    ("林夏os：我回来了", "os", "林夏", None, "我回来了"),
    ("林夏OS：我回来了", "os", "林夏", None, "我回来了"),
    ("林夏ＯＳ：我回来了", "os", "林夏", None, "我回来了"),
    ("林夏（OS）：我回来了", "os", "林夏", None, "我回来了"),
    ("林夏（OS，哽咽）：我回来了", "os", "林夏", "哽咽", "我回来了"),
    ("林夏os（冷笑）：我回来了", "os", "林夏", "冷笑", "我回来了"),
    ("林夏：（OS）我回来了", "os", "林夏", None, "我回来了"),
    ("林夏vo：我回来了", "os", "林夏", None, "我回来了"),
    ("林夏 V.O.：我回来了", "os", "林夏", None, "我回来了"),
    ("林夏画外音：我回来了", "os", "林夏", None, "我回来了"),
    ("林夏内心独白：我回来了", "os", "林夏", None, "我回来了"),
    ("林夏（电话里）：喂", "os", "林夏", "电话里", "喂"),
    ("Tom OS：hi", "os", "Tom", None, "hi"),
    ("旁白：三年前", "os", "旁白", None, "三年前"),
    ("画外音：谁？", "os", "画外音", None, "谁？"),
    ("【旁白】三年前", "os", "旁白", None, "三年前"),
    ("OS：我回来了", "os", None, None, "我回来了"),
    ("●特写：一只手", "closeup", None, None, "一只手"),
    ("【特写】一只手", "closeup", None, None, "一只手"),
    ("【特写：一只手】", "closeup", None, None, "一只手"),
    ("●大特写 一只手", "closeup", None, None, "一只手"),
    ("特写:一只手", "closeup", None, None, "一只手"),
    ("△特写：一只手", "closeup", None, None, "一只手"),
    ("【闪回】", "direction", None, None, "闪回"),
    ("（画外音响起）", "direction", None, None, "画外音响起"),
    ("(画外音响起)", "direction", None, None, "画外音响起"),
    ("字幕：三年后", "direction", None, None, "字幕：三年后"),
    ("【字幕：三年后】", "direction", None, None, "字幕：三年后"),
    ("闪回结束", "direction", None, None, "闪回结束"),
    ("第3集完", "direction", None, None, "第3集完"),
    ("道具：油灯、船票", "direction", None, None, "道具：油灯、船票"),
    ("备注：慢", "direction", None, None, "备注：慢"),
    ("BGM：笛声", "direction", None, None, "BGM：笛声"),
    ("●全景：渡口", "direction", None, None, "全景：渡口"),
    ("“老大”：走", "dialogue", "“老大”", None, "走"),
    ("../../etc/passwd：走", "dialogue", "../../etc/passwd", None, "走"),
    ("😀：走", "dialogue", "😀", None, "走"),
    ('O\'Neil "Red"：走', "dialogue", 'O\'Neil "Red"', None, "走"),
]

UNFIT = [
    "他走了。",
    "墙上写着：欢迎回家",
    "她抬头，轻声说：走",
    "12:30的钟声响了",
    "http://example.org",
    "●奇怪的东西",
    "【】",
    "（",
    "……：走",
]


@pytest.mark.parametrize(("line", "kind", "speaker", "emotion", "text"), FORMS)
def test_a_line_becomes_one_block_and_needs_no_notice(
    line: str, kind: BlockType, speaker: str | None, emotion: str | None, text: str
) -> None:
    blocks, notices = read_line(line, 7, KNOWN)
    assert len(blocks) == 1
    block = blocks[0]
    assert (block.type, block.speaker, block.emotion, block.text, block.line) == (kind, speaker, emotion, text, 7)
    assert notices == ()


@pytest.mark.parametrize("line", UNFIT)
def test_a_line_that_fits_no_form_is_kept_as_action_with_a_notice_of_its_line(line: str) -> None:
    blocks, notices = read_line(line, 7, KNOWN)
    assert [(block.type, block.text) for block in blocks] == [("action", line)]
    assert [notice.line for notice in notices] == [7]


def test_brackets_between_sentences_cut_a_line_into_two_with_their_own_emotion() -> None:
    blocks, _ = read_line("林夏：走吧。（回头）快！（转身离去）", 1, KNOWN)
    assert [(block.type, block.text, block.emotion) for block in blocks] == [
        ("dialogue", "走吧。", None),
        ("dialogue", "快！", "回头"),
        ("action", "林夏（转身离去）", None),
    ]


def test_a_direction_in_front_of_a_line_is_a_block_of_its_own() -> None:
    blocks, _ = read_line("【闪回】林夏：走", 1, KNOWN)
    assert [(block.type, block.text) for block in blocks] == [("direction", "闪回"), ("dialogue", "走")]


@pytest.mark.parametrize(
    ("line", "emotion", "text"),
    [("林夏；走吧", None, "走吧"), ("林夏（冷笑）走吧。", "冷笑", "走吧。"), ("林夏冷冷地说：走吧", "冷冷地", "走吧")],
)
def test_a_slip_behind_a_known_name_is_read_as_speech_with_a_notice(line: str, emotion: str | None, text: str) -> None:
    blocks, notices = read_line(line, 3, KNOWN)
    assert [(b.type, b.speaker, b.emotion, b.text) for b in blocks] == [("dialogue", "林夏", emotion, text)]
    assert [notice.line for notice in notices] == [3]


def test_a_description_behind_a_known_name_is_no_speech() -> None:
    blocks, notices = read_line("林夏（女，22岁）提着灯走来", 3, KNOWN)
    assert blocks[0].type == "action"
    assert len(notices) == 1


def test_a_bracket_that_nobody_closed_stays_in_the_text_with_a_notice() -> None:
    blocks, notices = read_line("林夏：（压低声音你听见了吗？", 3, KNOWN)
    assert (blocks[0].type, blocks[0].text) == ("dialogue", "（压低声音你听见了吗？")
    assert "not closed" in notices[0].message


def test_a_speech_with_no_words_is_kept_as_action() -> None:
    blocks, notices = read_line("林夏：（沉默）", 3, KNOWN)
    assert (blocks[0].type, blocks[0].text) == ("action", "林夏：（沉默）")
    assert notices[0].line == 3


def test_a_speaker_of_200_characters_survives_with_a_notice() -> None:
    blocks, notices = read_line(f"{LONG_NAME}：走", 3, KNOWN)
    assert (blocks[0].type, blocks[0].speaker, blocks[0].text) == ("dialogue", LONG_NAME, "走")
    assert "200 characters" in notices[0].message


def test_a_thousand_brackets_in_a_row_are_read() -> None:
    blocks, _ = read_line("【闪回】" * 3000 + "△她回头", 1, KNOWN)
    assert len(blocks) == 3001
