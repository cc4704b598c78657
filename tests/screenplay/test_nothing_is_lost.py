"""Properties: no text crashes a parser, and every word of a screenplay is found again in what was parsed."""

import contextlib
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.seasons import write_season

from aianime_pipeline.errors import BadInputError, DuplicateEpisodeError, NoSceneError
from aianime_pipeline.screenplay.characters import split_lines
from aianime_pipeline.screenplay.chinese import parse_chinese
from aianime_pipeline.screenplay.chinese_headings import read_episode_heading
from aianime_pipeline.screenplay.collecting import collect_assets
from aianime_pipeline.screenplay.fountain import parse_fountain
from aianime_pipeline.screenplay.model import Screenplay
from aianime_pipeline.screenplay.parsing import parse_screenplay
from aianime_pipeline.screenplay.prose import parse_text
from aianime_pipeline.screenplay.report import summarise

WORD = re.compile(r"[^\W_]+")
# Words that say what a line is and become a block's type, a count or a field's name.
CHINESE_MARKS = re.compile(r"人物|旁白|道具|特写|os|vo|若干|无|[*＊]\d+", re.IGNORECASE)

chinese_lines = st.text(alphabet="林夏沈渡第集场日夜内外河：:（）()【】△●，,、-12#*！。《》 　😀/.\ufeff", max_size=24)
chinese_forms = st.builds(
    lambda form, a, b, c: form.format(a=a, b=b, c=c),
    st.sampled_from(
        [
            "△{a}{b}",
            "{a}：{b}",
            "{a}：（{b}）{c}",
            "{a}（{b}）：{c}",
            "{a}os：{b}",
            "{a}（OS，{b}）：{c}",
            "旁白：{a}",
            "【{a}】{b}",
            "（{a}）",
            "●特写：{a}",
            "【特写】{a}",
            "人物：{a}，{b}*2，{c}若干",
            "道具：{a}（{b}）",
            "字幕：{a}",
            "{a}",
            "{a}：{b}。（{c}）",
            "1-{a} 夜 内 {b}",
            "9-7日，外，{a}{b}",
            "**{a}**：{b}",
            "《{a}》{b}",
            "{a}；{b}",
            "# {a}",
        ]
    ),
    *[st.text(alphabet="山水云雨雪灯船桥钟鼓", min_size=1, max_size=6)] * 3,
)
fountain_forms = st.builds(
    lambda form, a, b: form.format(a=a, b=b),
    st.sampled_from(
        [
            *["{a} {b}", "@{a}", "({a})", "[[{a}]]", "/* {a} */", "= {a}", "# {a}", "> {a} <", "> {a}", "~{a}", "!{a}"],
            *[".{a} - NIGHT", "INT. {a} - {b}", "*{a}* _{b}_", "MARA ({a})", "Author: {a}", "{a}: {b}", "{a}", "", ""],
            *[
                "MARA",
                "MARA (V.O.) ^",
                "# Episode 2",
                "===",
                "  ",
                "CUT TO:",
                "[[{a}",
                "{a}]]",
                "/*{a}",
                "CLOSE ON: {a}",
            ],
        ]
    ),
    *[st.text(alphabet="qxzjkv", min_size=3, max_size=8)] * 2,
)


def everything_in(screenplay: Screenplay) -> str:
    parts: list[str] = [screenplay.title or "", *screenplay.metadata, *screenplay.metadata.values()]
    parts += [notice.message for notice in screenplay.notices]
    for episode in screenplay.episodes:
        parts += [str(episode.number), episode.title or ""]
        for scene in episode.scenes:
            parts += [scene.number, scene.heading, scene.place, scene.time_text or ""]
            parts += [entry.name for entry in scene.cast]
            for block in scene.blocks:
                parts += [block.speaker or "", block.emotion or "", block.text]
    return "\n".join(parts)


def assert_every_word_is_kept(text: str, screenplay: Screenplay) -> None:
    # Headings are kept with the marks that an editor left in them.
    kept = everything_in(screenplay).replace("**", "").replace("\ufeff", "")
    for line in split_lines(text):
        if read_episode_heading(line.replace("**", "")) is not None:
            continue
        for word in WORD.findall(CHINESE_MARKS.sub(" ", line.replace("**", "").replace("\ufeff", ""))):
            assert word in kept, (word, line)


@settings(max_examples=250, deadline=None)
@given(st.lists(st.one_of(chinese_lines, chinese_forms), max_size=12), st.booleans())
def test_every_word_of_a_chinese_screenplay_is_kept(lines: list[str], in_a_scene: bool) -> None:
    text = "\n".join([*(["1-1 日 内 甲"] if in_a_scene else []), *lines, "8-9 夜 外 乙"])
    try:
        screenplay = parse_chinese(text)
    except DuplicateEpisodeError:
        return
    assert_every_word_is_kept(text, screenplay)
    collect_assets(screenplay.episodes, metadata=screenplay.metadata)
    assert summarise(screenplay).scenes >= 1


@pytest.mark.parametrize("seed", range(4))
def test_every_word_of_a_season_is_kept(seed: int) -> None:
    text = write_season(20, seed)
    assert_every_word_is_kept(text, parse_chinese(text))


@settings(max_examples=250, deadline=None)
@given(st.lists(fountain_forms, max_size=16))
def test_every_word_of_a_fountain_screenplay_is_kept(lines: list[str]) -> None:
    text = "\n".join([*lines, "", "EXT. RIVER - NIGHT", "", "She waits."])
    try:
        screenplay = parse_fountain(text)
    except (DuplicateEpisodeError, NoSceneError):
        # A boneyard may take in the last scene, too.
        return
    kept = everything_in(screenplay)
    for line in lines:
        for word in re.findall("[qxzjkv]{3,}", line):
            assert word in kept, (word, line)
    collect_assets(screenplay.episodes, metadata=screenplay.metadata)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from([parse_chinese, parse_fountain, parse_text]))
def test_any_text_is_parsed_or_refused_with_an_error_of_ours(text: str, parse: Callable[[str], Screenplay]) -> None:
    for candidate in (text, f"1-1 日 内 甲\n{text}", f"INT. HOUSE - DAY\n\n{text}"):
        with contextlib.suppress(BadInputError):
            assert parse(candidate).episodes


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.txt", "a.docx", "a.fountain", "", "../../a"]))
def test_any_bytes_are_parsed_or_refused_with_an_error_of_ours(data: bytes, filename: str) -> None:
    for candidate in (data, b"PK\x03\x04" + data, b"\xff\xfe" + data, "1-1 日 内 甲\n".encode() + data):
        with contextlib.suppress(BadInputError):
            assert parse_screenplay(candidate, filename=filename).episodes


@pytest.mark.parametrize(
    "line",
    [
        "（" * 20_000,
        "【" * 20_000,
        "：" * 20_000,
        "●" + " " * 20_000 + "x",
        "一" * 20_000 + "人",
        "[[" * 20_000,
        "/*" * 20_000,
        "*a" * 20_000,
        "《" * 20_000,
        "人物：" + "一" * 20_000,
        "人物：" + ";" * 20_000,
        "1-1 " + "- " * 20_000,
        "第" + "一" * 20_000,
        "A" * 20_000,
        "(" * 20_000,
        "A_" * 20_000,
        "。（" * 20_000,
        "时间：夜 " * 5_000,
        "夜/" * 20_000,
        "A(" * 10_000,
    ],
)
def test_a_line_of_tens_of_thousands_of_characters_is_parsed(line: str) -> None:
    assert parse_chinese(f"1-1 日 内 甲\n{line}\n△{line}\n林夏：{line}").episodes
    assert parse_fountain(f"INT. HOUSE - DAY\n\n{line}\n\nMARA\n{line}").episodes
