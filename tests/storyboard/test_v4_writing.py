"""Writing storyboard_ai_v4 files: a round trip loses nothing, and an edit changes only its field."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.planned_episodes import ferry_episode, lighthouse_episode
from support.storyboards import write_v4_storyboard

from aianime_pipeline.screenplay.model import ScreenplayEpisode
from aianime_pipeline.storyboard.model import CameraMove, Framing, Shot, Storyboard, Transition
from aianime_pipeline.storyboard.planner import plan_storyboard
from aianime_pipeline.storyboard.v4 import read_v4, write_v4


def as_text(data: dict[str, Any]) -> str:
    """Compared as text, so that key order and 3 against 3.0 count too."""
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def a_storyboard(shots: int = 12) -> Storyboard:
    return read_v4(as_text(write_v4_storyboard(shots)))


def with_shot(storyboard: Storyboard, index: int, **changes: Any) -> Storyboard:
    shots = list(storyboard.shots)
    shots[index] = replace(shots[index], **changes)
    return replace(storyboard, shots=tuple(shots))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 45), st.integers(0, 10_000))
def test_a_round_trip_without_changes_gives_the_same_file(shots: int, seed: int) -> None:
    text = as_text(write_v4_storyboard(shots, seed))
    assert write_v4(read_v4(text)).decode() == text


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("甲乙丙丁"), inner, max_size=3),
    max_leaves=8,
)
ENTRY = st.fixed_dictionaries(
    {"时长": st.integers(1, 60) | st.floats(0.1, 60), "画面描述": st.sampled_from(["雨。", " 林夏回头 ", "A door."])},
    optional={
        "景别": st.sampled_from(["特写", "主观", "", "ECU", None]),
        "运镜方式": st.sampled_from(["推", "手持", "缓慢推近+晃动"]),
        "台词": st.sampled_from(["（无）", "林夏os：走。", "走。\n快！", "林夏：（低声）走。", "", None, "记住：走。"]),
        "角色": st.sampled_from(["林夏", "林夏/沈渡", "旁白", "", "林夏os"]),
        "情绪描述": st.sampled_from(["", "平静", None]),
        "生成任务": st.sampled_from([[], ["图像"], ["全息", "TTS"], None, "图像、视频"]),
        "图像": st.sampled_from([None, {}, {"提示词": "a"}, {"启用": False, "反向提示词": "b"}]),
        "音频": st.sampled_from([None, {}, {"VO": {"启用": True, "台词": "走。"}}]),
        "时间轴": st.sampled_from([None, {}, {"开始时间": 1, "结束时间": 99.5}]),
        "未知": JSON,
        "备注": JSON.filter(lambda value: value is None or isinstance(value, str)),
    },
)


@settings(max_examples=80, deadline=None)
@given(st.lists(ENTRY, min_size=1, max_size=5), st.dictionaries(st.sampled_from(["额外", "版本"]), JSON, max_size=2))
def test_any_file_that_can_be_read_comes_out_the_same(entries: list[dict[str, Any]], top: dict[str, Any]) -> None:
    file = {"镜头列表": [{**entry, "镜号": number} for number, entry in enumerate(entries)], "集数": 1, **top}
    assert write_v4(read_v4(json.dumps(file))).decode() == as_text(file)


EDITS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"duration_ms": 4500}, {"时长": 4.5}),
    ({"framing": Framing.EXTREME_CLOSE_UP}, {"景别": "大特写"}),
    ({"framing": Framing.WIDE, "framing_text": "远景（逆光）"}, {"景别": "远景（逆光）"}),
    ({"camera_move": CameraMove.ORBIT}, {"运镜方式": "环绕"}),
    ({"description": "雨停了。"}, {"画面描述": "雨停了。"}),
    ({"blocking": "苏晚居右"}, {"角色站位": "苏晚居右"}),
    (
        {"dialogue": "走吧。", "speakers": ("顾迟",), "characters": ("顾迟",)},
        {"台词": "顾迟：走吧。", "角色": "顾迟", "角色ID": ""},
    ),
    ({"emotion": "狂喜"}, {"情绪描述": "狂喜"}),
    ({"transition": Transition.WIPE}, {"转场方式": "划变"}),
    ({"prompt": "new"}, {"AI提示词": "new"}),
    ({"negative_prompt": "bad"}, {"反向提示词": "bad"}),
    ({"priority": "P0"}, {"优先级": "P0必出"}),
    ({"wants": frozenset({"image", "voice"})}, {"生成任务": ["图像", "TTS"]}),
    ({"note": "重做"}, {"备注": "重做"}),
    ({"place": "栈桥", "props": ("灯",)}, {"拍摄信息": {"地点": "栈桥", "道具": ["灯"]}}),
    ({"characters": ("顾迟",)}, {"拍摄信息": {"出场角色": ["顾迟"]}}),
]


@pytest.mark.parametrize(("changes", "written"), EDITS, ids=[str(list(changes)) for changes, _ in EDITS])
def test_a_changed_field_is_the_only_change_in_the_file(changes: dict[str, Any], written: dict[str, Any]) -> None:
    file = write_v4_storyboard(12)
    entry = {
        **{key: value for key, value in file["镜头列表"][2].items() if key not in ("图像", "视频", "音频", "时间轴")},
        "时长": 2.5,
        "景别": "中景（逆光）",
        "运镜方式": "推",
        "台词": "走。",
        "角色": "苏晚",
        "角色ID": "c1",
        "优先级": "P2过渡",
        "情绪描述": "平静",
        "AI提示词": "old",
        "反向提示词": "old",
        "转场方式": "硬切",
        "生成任务": ["TTS", "图像", "视频"],
    }
    if "wants" in changes:
        written = {"生成任务": ["TTS", "图像"]}
    file["镜头列表"] = [entry]
    storyboard = read_v4(as_text(file))
    out = json.loads(write_v4(with_shot(storyboard, 0, **changes)))
    assert out["镜头列表"][0] == entry | written
    assert {**out, "镜头列表": 0} == {**file, "镜头列表": 0}


def test_the_prompt_is_changed_where_it_was_found() -> None:
    file = write_v4_storyboard(1)
    file["镜头列表"][0] |= {"图像": {"提示词": "old", "启用": True}, "AI提示词": "other"}
    out = json.loads(write_v4(with_shot(read_v4(as_text(file)), 0, prompt="new")))
    assert out["镜头列表"][0]["图像"] == {"提示词": "new", "启用": True}
    assert out["镜头列表"][0]["AI提示词"] == "other"


def test_a_whole_number_of_seconds_stays_whole_where_the_file_wrote_whole_ones() -> None:
    file = write_v4_storyboard(2)
    file["镜头列表"][0]["时长"], file["镜头列表"][1]["时长"] = 3, 3.0
    storyboard = read_v4(as_text(file))
    for index in (0, 1):
        storyboard = with_shot(storyboard, index, duration_ms=4000)
    assert [repr(shot["时长"]) for shot in json.loads(write_v4(storyboard))["镜头列表"]] == ["4", "4.0"]


def test_a_changed_length_moves_the_times_of_all_shots() -> None:
    storyboard = with_shot(a_storyboard(), 0, duration_ms=9900)
    shots = json.loads(write_v4(storyboard))["镜头列表"]
    start = 0.0
    for entry, shot in zip(shots, storyboard.shots, strict=True):
        if "时间轴" in entry:
            assert entry["时间轴"] == {"开始时间": start, "结束时间": round(start + shot.duration_ms / 1000, 3)}
        start = round(start + shot.duration_ms / 1000, 3)
    assert "时间轴" not in shots[5]


def test_a_removed_shot_closes_the_gap_in_time() -> None:
    storyboard = a_storyboard()
    out = json.loads(write_v4(replace(storyboard, shots=storyboard.shots[1:])))
    assert out["镜头列表"][0]["时间轴"]["开始时间"] == 0
    assert len(out["镜头列表"]) == 11


def test_a_shot_added_to_an_imported_storyboard_is_written_whole() -> None:
    storyboard = a_storyboard(3)
    new = Shot(4, 2000, Framing.WIDE, CameraMove.PULL, "船驶进雾里。", prompt="fog", wants=frozenset({"image"}))
    read = read_v4(write_v4(replace(storyboard, shots=(*storyboard.shots, new))))
    added = read.shots[3]
    assert (added.framing, added.camera_move, added.description) == (new.framing, new.camera_move, new.description)
    assert (added.prompt, added.wants) == ("fog", {"image"})
    assert added.extra["依赖关系"] == {"前置镜头": [3], "后置镜头": []}
    assert read.notices == storyboard.notices


def test_changed_facts_of_the_episode_are_written_and_the_rest_of_the_head_stays() -> None:
    file = write_v4_storyboard(2)
    changed = replace(read_v4(as_text(file)), title="新标题", style="水墨", episode=5)
    out = json.loads(write_v4(changed))
    assert (out["集标题"], out["集数"], out["项目元信息"]["全局风格"]) == ("新标题", 5, "水墨")
    assert out["项目元信息"]["制作适配说明"] == file["项目元信息"]["制作适配说明"]
    assert list(out) == list(file)


@pytest.mark.parametrize(
    ("episode", "language"), [(ferry_episode(), "zh"), (lighthouse_episode(), "en")], ids=["chinese", "english"]
)
def test_a_planned_storyboard_comes_out_complete_and_reads_back_the_same(
    episode: ScreenplayEpisode, language: str
) -> None:
    planned = plan_storyboard(
        episode, project="moonlit", language=language, style="ink", negative_prompt="blurry", props=("铜铃",)
    )
    written = write_v4(planned)
    read = read_v4(written)
    assert read.notices == ()
    assert [same_but_for_the_file(shot) for shot in read.shots] == [
        same_but_for_the_file(shot) for shot in planned.shots
    ]
    for field in ("project", "episode", "title", "style", "negative_prompt", "language"):
        assert getattr(read, field) == getattr(planned, field)
    first = json.loads(written)["镜头列表"][0]
    assert {"镜号", "时长", "时间轴", "优先级", "景别", "运镜方式", "画面描述", "台词", "生成任务", "依赖关系"} <= set(
        first
    )
    assert "\\u" not in written.decode()


def same_but_for_the_file(shot: Shot) -> Shot:
    return replace(shot, extra={}, framing_text="", camera_text="")


TEXT = st.text(st.sampled_from("山水灯船走，。！"), min_size=1, max_size=12)
NAMES = st.lists(st.sampled_from(["林夏", "沈渡", "Mara"]), min_size=1, max_size=2, unique=True).map(tuple)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "duration_ms": st.integers(1, 60_000),
        "framing": st.sampled_from(Framing),
        "camera_move": st.sampled_from(CameraMove),
        "transition": st.sampled_from(Transition),
        "description": TEXT,
        "blocking": TEXT | st.just(""),
        "emotion": TEXT | st.just(""),
        "prompt": TEXT,
        "negative_prompt": TEXT,
        "note": TEXT | st.just(""),
        "characters": NAMES | st.just(()),
        "place": TEXT,
        "time_of_day": st.sampled_from(["dawn", "night", None]),
        "interior": st.sampled_from(["int", "int_ext", None]),
        "props": st.lists(TEXT, max_size=2, unique=True).map(tuple),
        "priority": st.sampled_from(["P0", "P1", "P2"]),
        "wants": st.frozensets(st.sampled_from(["image", "video", "voice", "effects", "music", "transition"])),
    },
)
LINE = st.just({"dialogue": "", "speakers": (), "voice_over": False}) | st.fixed_dictionaries(
    {"dialogue": TEXT.filter(lambda text: any(letter not in "，。！" for letter in text)), "speakers": NAMES},
).flatmap(lambda line: st.booleans().map(lambda voice_over: {**line, "voice_over": voice_over}))


@settings(max_examples=120, deadline=None)
@given(CHANGES, st.just({}) | LINE, st.integers(0, 11))
def test_whatever_is_edited_reads_back_as_edited(changes: dict[str, Any], line: dict[str, Any], index: int) -> None:
    edited = with_shot(a_storyboard(), index, **changes, **line)
    read = read_v4(write_v4(edited)).shots[index]
    for field in fields(Shot):
        if field.name in {*changes, *line}:
            assert getattr(read, field.name) == getattr(edited.shots[index], field.name), field.name
