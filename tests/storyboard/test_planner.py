"""A storyboard planned from a screenplay: is it one that a director could go on from?"""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.planned_episodes import ferry_episode, lighthouse_episode

from aianime_pipeline.errors import NoSceneError
from aianime_pipeline.screenplay.model import Block, CastEntry, Scene, ScreenplayEpisode
from aianime_pipeline.storyboard.model import CameraMove, Framing, Shot, Storyboard, Transition
from aianime_pipeline.storyboard.planner import plan_storyboard
from aianime_pipeline.storyboard.speech_length import speech_ms

WIDE = {Framing.FULL, Framing.WIDE, Framing.VERY_WIDE}
CLOSE = {Framing.CLOSE_UP, Framing.EXTREME_CLOSE_UP}


def planned(episode: ScreenplayEpisode, language: str = "zh") -> Storyboard:
    return plan_storyboard(episode, project="moonlit", language=language, style="国风动画", negative_prompt="模糊")


def one_scene(*blocks: Block, cast: tuple[CastEntry, ...] = (), **scene: object) -> ScreenplayEpisode:
    values = {"number": "1-1", "heading": "1-1 日 内 茶馆", "line": 1, "place": "茶馆", "interior": "int"} | scene
    return ScreenplayEpisode(1, None, 1, (Scene(**values, cast=cast, blocks=blocks),))  # type: ignore[arg-type]


def the_shot(storyboard: Storyboard, words: str) -> Shot:
    return next(shot for shot in storyboard.shots if words in shot.dialogue + shot.description)


def test_an_episode_of_four_scenes_becomes_about_twenty_shots_of_a_minute_or_more() -> None:
    storyboard = planned(ferry_episode())
    assert 18 <= len(storyboard.shots) <= 25
    assert 60_000 <= sum(shot.duration_ms for shot in storyboard.shots) <= 90_000
    assert [shot.number for shot in storyboard.shots] == list(range(1, len(storyboard.shots) + 1))
    assert storyboard.notices == ()


@pytest.mark.parametrize("episode", [ferry_episode(), lighthouse_episode()], ids=["chinese", "english"])
def test_every_scene_begins_with_its_place(episode: ScreenplayEpisode) -> None:
    shots = planned(episode).shots
    first_shots = [next(shot for shot in shots if shot.scene == scene.number) for scene in episode.scenes]
    assert all(shot.framing in WIDE and shot.duration_ms >= 2500 for shot in first_shots)
    assert all(not shot.dialogue or shot.voice_over for shot in first_shots)


@pytest.mark.parametrize("episode", [ferry_episode(), lighthouse_episode()], ids=["chinese", "english"])
def test_no_move_comes_three_times_running_and_no_face_jumps_in_the_same_size(episode: ScreenplayEpisode) -> None:
    shots = planned(episode).shots
    moves = [shot.camera_move for shot in shots]
    assert not any(len(set(three)) == 1 for three in zip(moves, moves[1:], moves[2:], strict=False))
    for before, shot in pairwise(shots):
        if before.scene == shot.scene and shot.characters and before.framing is shot.framing:
            reverse_angle = shot.framing is Framing.OVER_SHOULDER
            assert shot.characters[0] not in (before.characters[:1] if reverse_angle else before.characters), shot


def test_two_people_in_exchange_are_seen_by_turns() -> None:
    shots = planned(ferry_episode()).shots
    exchange = [shot for shot in shots if shot.scene == "3-1" and shot.dialogue][:3]
    assert [shot.framing for shot in exchange] == [Framing.MEDIUM, Framing.OVER_SHOULDER, Framing.MEDIUM_CLOSE_UP]
    assert [shot.characters for shot in exchange] == [("林夏", "沈渡"), ("沈渡", "林夏"), ("林夏",)]


def test_people_keep_their_side_of_the_picture_through_a_scene() -> None:
    shots = planned(ferry_episode()).shots
    first, second, third = [shot for shot in shots if shot.scene == "3-1" and shot.dialogue][:3]
    assert first.blocking == "从左到右：林夏、沈渡"
    assert second.blocking == "林夏背影在前景左侧，沈渡面向镜头在右侧"
    assert third.blocking == "林夏在画面偏左，视线朝右"


def test_strong_feeling_is_seen_close() -> None:
    shot = the_shot(planned(ferry_episode()), "别过去")
    assert (shot.framing, shot.emotion, shot.priority) == (Framing.CLOSE_UP, "惊恐", "P0")


def test_a_closeup_block_is_a_close_shot() -> None:
    assert the_shot(planned(ferry_episode()), "铜铃轻轻晃动").framing in CLOSE


def test_walking_is_followed_in_a_wider_shot() -> None:
    shot = the_shot(planned(ferry_episode()), "提着灯走上石阶")
    assert shot.camera_move is CameraMove.FOLLOW
    assert shot.framing in (Framing.MEDIUM_WIDE, Framing.FULL)


def test_a_crowd_is_seen_wide_and_a_reveal_pulls_back() -> None:
    storyboard = planned(ferry_episode())
    assert the_shot(storyboard, "村民们围在岸边").framing in WIDE
    assert the_shot(storyboard, "露出船尾").camera_move is CameraMove.PULL


def test_tall_things_are_tilted_up() -> None:
    assert the_shot(planned(lighthouse_episode(), "en"), "under the tower").camera_move is CameraMove.TILT_UP


def test_a_flashback_flashes_white_in_and_out() -> None:
    shots = planned(ferry_episode()).shots
    first_of = {scene: next(shot for shot in shots if shot.scene == scene) for scene in ("3-3", "3-4")}
    assert first_of["3-3"].transition is Transition.FLASH_WHITE
    assert first_of["3-4"].transition is Transition.FLASH_WHITE
    assert "【闪回】" in first_of["3-3"].note


def test_an_episode_fades_in_and_scenes_are_cut_inside() -> None:
    shots = planned(lighthouse_episode(), "en").shots
    assert shots[0].transition is Transition.FADE_BLACK
    assert all(shot.transition is Transition.CUT for before, shot in pairwise(shots) if before.scene == shot.scene)
    by_scene = {shot.scene: shot.transition for shot in reversed(shots)}
    assert by_scene == {"1": Transition.FADE_BLACK, "2": Transition.DISSOLVE, "3": Transition.FADE_BLACK}


def test_a_caption_goes_with_the_next_shot_and_a_last_one_with_the_last() -> None:
    shots = planned(ferry_episode()).shots
    assert "字幕：十年前" in the_shot(planned(ferry_episode()), "油灯下").note
    assert "字幕：未完待续" in shots[-1].note
    assert not any("字幕" in shot.prompt + shot.description for shot in shots)


def test_a_direction_that_tells_of_a_picture_is_in_the_description() -> None:
    storyboard = planned(one_scene(Block("direction", "【雨越下越大】", 2), Block("action", "茶客们缩在檐下。", 3)))
    assert storyboard.shots[0].description == "雨越下越大。茶客们缩在檐下。"


def test_an_opening_that_says_little_is_told_where_it_is() -> None:
    shot = planned(one_scene(Block("action", "大雨。", 2), time_of_day="night", time_text="夜")).shots[0]
    assert shot.description == "夜晚，茶馆。大雨。"


def test_a_person_far_away_is_seen_across_the_distance() -> None:
    shot = planned(
        one_scene(
            Block("action", "茶客散尽，檐下的灯笼在风里轻轻打转。", 2),
            Block("action", "阿蛮抬头，街的尽头站着一个撑伞的人。", 3),
            Block("dialogue", "是你。", 4, "阿蛮"),
        )
    ).shots[1]
    assert shot.framing in WIDE


def test_an_exchange_goes_through_matching_pairs() -> None:
    lines = [Block("dialogue", "今夜的船不会来了。", 2 + turn, ("阿蛮", "陆先生")[turn % 2]) for turn in range(9)]
    framings = [shot.framing for shot in planned(one_scene(*lines)).shots[1:]]
    over, single = Framing.OVER_SHOULDER, Framing.MEDIUM_CLOSE_UP
    assert framings == [Framing.MEDIUM, over, single, single, over, over, single, single, over]


def test_voice_over_shows_who_thinks_and_narration_shows_the_place() -> None:
    storyboard = planned(ferry_episode())
    thought = the_shot(storyboard, "这匣子我认得")
    assert (thought.voice_over, thought.characters, thought.framing) == (True, ("林夏",), Framing.MEDIUM_CLOSE_UP)
    narrated = the_shot(storyboard, "再也没有起过雾")
    assert (narrated.voice_over, narrated.speakers, narrated.framing) == (True, ("旁白",), Framing.WIDE)
    assert "旁白" not in narrated.characters


def test_a_narrator_is_never_in_the_picture_even_where_the_line_is_dialogue() -> None:
    shot = planned(
        one_scene(Block("action", "雨声。", 2), Block("dialogue", "三年过去了。", 3, "旁白"), cast=(CastEntry("阿蛮"),))
    ).shots[-1]
    assert (shot.voice_over, shot.characters) == (True, ("阿蛮",))


def test_a_voice_from_outside_is_heard_on_the_face_of_who_hears_it() -> None:
    shot = planned(
        one_scene(
            Block("action", "阿蛮推开茶馆的门，满屋的茶客都停下了话头。", 2),
            Block("action", "阿蛮坐下，把刀搁在手边。", 3),
            Block("os", "她是来找我的。", 4, "陆先生"),
            cast=(CastEntry("阿蛮"),),
        )
    ).shots[-1]
    assert (shot.characters, shot.speakers, shot.description) == (("阿蛮",), ("陆先生",), "阿蛮静静听着，没有开口。")


def test_who_is_only_named_in_the_action_can_think_aloud() -> None:
    shot = planned(
        one_scene(Block("action", "大雨。阿蛮走上石桥，停在桥心。", 2), Block("os", "他不会来了。", 3, "阿蛮"))
    ).shots[-1]
    assert (shot.voice_over, shot.characters) == (True, ("阿蛮",))


@pytest.mark.parametrize(("action", "seen"), [("转身离开。", ("阿蛮",)), ("门开了。", ()), ("眼里全是泪。", ("阿蛮",))])
def test_a_left_out_subject_is_who_was_seen_last(action: str, seen: tuple[str, ...]) -> None:
    shots = planned(
        one_scene(
            Block("action", "茶馆里坐满了人，说书声一阵高过一阵，谁也没有注意门外。", 2),
            Block("dialogue", "我找陆先生。", 3, "阿蛮"),
            Block("action", action, 4),
        )
    ).shots
    assert shots[-1].characters == seen


def test_a_long_speech_is_split_and_every_part_keeps_its_speaker() -> None:
    parts = [shot for shot in planned(ferry_episode()).shots if shot.speakers == ("林父",)]
    assert len(parts) == 3
    spoken = next(block.text for block in ferry_episode().scenes[2].blocks if block.speaker == "林父")
    assert "".join(shot.dialogue for shot in parts) == spoken
    assert all(shot.duration_ms <= 8000 and shot.emotion == "笑着" for shot in parts)


def test_two_who_speak_together_are_in_one_picture() -> None:
    shot = planned(one_scene(Block("dialogue", "客满了！", 2, "掌柜/伙计"))).shots[-1]
    assert (shot.speakers, shot.characters, shot.framing) == (("掌柜", "伙计"), ("掌柜", "伙计"), Framing.MEDIUM)


def test_a_pronoun_means_who_was_seen_last() -> None:
    shot = planned(
        one_scene(
            Block("action", "阿蛮推开茶馆的门，雨水顺着斗笠往下淌，满屋的茶客都停下了话头。", 2),
            Block("dialogue", "我找陆先生。", 3, "阿蛮"),
            Block("action", "她把一封湿透的信放在柜台上。", 4),
        )
    ).shots[-1]
    assert shot.characters == ("阿蛮",)


def test_known_props_are_listed_where_a_text_names_them() -> None:
    storyboard = plan_storyboard(ferry_episode(), project="m", language="zh", props=("木匣", "铜铃"))
    assert the_shot(storyboard, "角落里放着一只木匣").props == ("木匣",)
    assert "道具：铜铃" in the_shot(storyboard, "船头的铜铃轻轻晃动").prompt


def test_the_prompt_tells_style_size_place_time_people_and_picture_but_no_words_spoken() -> None:
    shot = the_shot(planned(ferry_episode()), "水声而已")
    assert shot.prompt == (
        "国风动画，过肩镜头，前景为对方肩背，近景，青石渡口，清晨，室外，人物：沈渡、林夏，"
        "越过林夏的肩头看见沈渡，正对着林夏开口说话，雾中"
    )
    assert shot.negative_prompt == "模糊"


def test_an_english_screenplay_gets_english_descriptions() -> None:
    storyboard = planned(lighthouse_episode(), "en")
    own_words = "".join(shot.description + shot.blocking for shot in storyboard.shots)
    assert not re.search(r"[\u4e00-\u9fff]", own_words)
    assert the_shot(storyboard, "I never lit it").description == (
        "Over Mara's shoulder: Tobin speaks to Mara, quietly."
    )


def test_speech_gets_its_time_and_a_short_hold_after_it() -> None:
    for shot in planned(ferry_episode()).shots:
        if shot.dialogue and not shot.voice_over:
            assert speech_ms(shot.dialogue) + 700 <= shot.duration_ms <= max(1500, speech_ms(shot.dialogue) + 800)


def test_only_shots_with_words_want_a_voice() -> None:
    assert all(("voice" in shot.wants) == bool(shot.dialogue) for shot in planned(ferry_episode()).shots)


def test_a_scene_without_action_gets_a_shot_of_its_place_and_a_notice() -> None:
    storyboard = planned(one_scene(Block("direction", "字幕：三年后", 2)))
    (shot,) = storyboard.shots
    assert (shot.place, shot.note, shot.priority) == ("茶馆", "字幕：三年后", "P2")
    assert [notice.shot for notice in storyboard.notices] == [1]


def test_an_episode_without_a_scene_is_refused() -> None:
    with pytest.raises(NoSceneError, match="Episode 7 has no scene"):
        planned(ScreenplayEpisode(7, None, 1, ()))


def test_the_same_screenplay_gives_the_same_storyboard() -> None:
    assert planned(ferry_episode()) == planned(ferry_episode())


CHINESE = st.text(st.sampled_from("山水灯船走跑看笑哭门手，。！？……、“”"), min_size=1, max_size=90).filter(
    lambda text: bool(text.strip())
)
BLOCK = st.builds(
    lambda kind, text, speaker, emotion: Block(
        kind, text, 2, *((speaker, emotion) if kind in ("dialogue", "os") else (None, None))
    ),
    st.sampled_from(["action", "dialogue", "os", "direction", "closeup"]),
    CHINESE,
    st.sampled_from(["林夏", "沈渡", "旁白", "船工甲/船工乙"]),
    st.sampled_from([None, "惊恐", "低声"]),
)
SCENE = st.builds(
    lambda blocks, place, time, interior, cast: Scene("1", "heading", 1, place, time, None, interior, cast, blocks),
    st.lists(BLOCK, max_size=12).map(tuple),
    st.sampled_from(["渡口", "茶馆"]),
    st.sampled_from(["日", "夜", None]),
    st.sampled_from(["int", "ext", None]),
    st.sampled_from([(), (CastEntry("林夏"), CastEntry("沈渡")), (CastEntry("船工", 2),)]),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(SCENE, min_size=1, max_size=4))
def test_whatever_the_screenplay_nothing_of_it_is_lost_and_every_shot_can_be_made(scenes: list[Scene]) -> None:
    numbered = tuple(replace(scene, number=str(index)) for index, scene in enumerate(scenes))
    storyboard = planned(ScreenplayEpisode(1, None, 1, numbered))
    told = "".join(bare(part) for shot in storyboard.shots for part in (shot.note, shot.description + shot.dialogue))
    for scene in numbered:
        shots = [shot for shot in storyboard.shots if shot.scene == scene.number]
        spoken = bare("".join(shot.dialogue for shot in shots))
        shown = bare("".join(shot.description for shot in shots))
        for block in scene.blocks:
            if block.type == "direction":
                assert bare(block.text) in told
            else:
                assert bare(block.text) in (spoken if block.type in ("dialogue", "os") else shown)
        assert shots[0].framing in WIDE
    assert all(shot.description and shot.prompt for shot in storyboard.shots)
    assert all(1500 <= shot.duration_ms <= 8000 for shot in storyboard.shots)


def bare(text: str) -> str:
    """Without white space and punctuation, which joining two actions may add to."""
    return re.sub(r"\W", "", text)


def test_a_scenes_list_of_props_is_no_picture_and_a_shot_lists_the_props_that_its_text_names() -> None:
    scene = Scene(
        number="1-1",
        heading="1-1 夜 外 渡口",
        line=1,
        place="渡口",
        blocks=(
            Block("direction", "道具：青焰油灯、铜铃", 2),
            Block("action", "雾气漫过石阶，水面没有一丝声音。", 3),
            Block("closeup", "青焰油灯的火苗忽然一跳。", 4),
        ),
    )
    planned = plan_storyboard(
        ScreenplayEpisode(1, None, 1, (scene,)), project="渡", language="zh", props=("青焰油灯", "铜铃")
    )
    assert not any("道具" in shot.description for shot in planned.shots)
    assert "道具：青焰油灯、铜铃" in planned.shots[0].note
    assert [shot.props for shot in planned.shots] == [(), ("青焰油灯",)]
