"""Who says a line of a storyboard_ai_v4 file, and what is spoken of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.storyboard.v4_dialogue import Line, read_line, write_line


@pytest.mark.parametrize("text", ["", "无", "（无）", "(无)", "无台词", "（无台词）", "—", "none", " 无 "])
def test_no_line_is_no_dialogue(text: str) -> None:
    assert read_line(text, "林夏", {"林夏"}) == Line((), "")


@pytest.mark.parametrize(
    ("text", "role", "line"),
    [
        ("你来了。", "林夏", Line(("林夏",), "你来了。")),
        ("林夏：你来了。", "林夏", Line(("林夏",), "你来了。")),
        ("林夏: 你来了。", "", Line(("林夏",), "你来了。")),
        ("林夏os：你来了。", "林夏", Line(("林夏",), "你来了。", True)),
        ("林夏OS：你来了。", "", Line(("林夏",), "你来了。", True)),
        ("林夏（OS）：你来了。", "", Line(("林夏",), "你来了。", True)),
        ("林夏（画外音）：你来了。", "", Line(("林夏",), "你来了。", True)),
        ("os：你来了。", "林夏", Line(("林夏",), "你来了。", True)),
        ("林夏vo：你来了。", "林夏", Line(("林夏",), "你来了。", True)),
        ("你来了。", "林夏os", Line(("林夏",), "你来了。", True)),
        ("旁白：天亮了。", "", Line(("旁白",), "天亮了。", True)),
        ("天亮了。", "旁白", Line(("旁白",), "天亮了。", True)),
        ("林夏：（压低声音）你来了。", "林夏", Line(("林夏",), "你来了。", False, "压低声音")),
        ("林夏（冷笑）：你来了。", "林夏", Line(("林夏",), "你来了。", False, "冷笑")),
        ("（压低声音）你来了。", "林夏", Line(("林夏",), "你来了。", False, "压低声音")),
        ("开船！", "船工甲/船工乙", Line(("船工甲", "船工乙"), "开船！")),
        ("船工甲/船工乙：开船！", "", Line(("船工甲", "船工乙"), "开船！")),
        ("记住：不要回头。", "林夏", Line(("林夏",), "记住：不要回头。")),
        ("记住：不要回头。", "", Line((), "记住：不要回头。")),
        ("他说得对：我们该走。", "林夏", Line(("林夏",), "他说得对：我们该走。")),
        ("Carlos: hola.", "", Line(("Carlos",), "hola.")),
        ("Carlos (V.O.): hola.", "", Line(("Carlos",), "hola.", True)),
        ("沈渡：走！", "林夏", Line(("林夏",), "沈渡：走！")),
        ("甲：起雾了。\n乙：快走！", "甲/乙", Line(("甲", "乙"), "起雾了。\n快走！")),
    ],
)
def test_a_line_is_read(text: str, role: str, line: Line) -> None:
    assert read_line(text, role, {"林夏"}) == line


def test_a_name_from_elsewhere_in_the_file_may_stand_before_a_line_of_another_role() -> None:
    assert read_line("沈渡：走！", "林夏", {"林夏", "沈渡"}) == Line(("沈渡",), "走！")


NAME = st.sampled_from(["林夏", "沈渡", "船工甲", "Mara", "Carlos", "旁白"])
WORDS = (
    st.text(st.sampled_from("山水灯：，。！？ os…"), min_size=1)
    .map(str.strip)
    .filter(lambda text: text.strip("：，。！？ …"))
)


@settings(max_examples=150)
@given(st.lists(NAME, min_size=1, max_size=2, unique=True), WORDS, st.booleans())
def test_a_written_line_reads_back(names: list[str], words: str, voice_over: bool) -> None:
    line = Line(tuple(names), words, voice_over or "旁白" in names)
    assert read_line(write_line(line), "/".join(names), set(names)) == line
