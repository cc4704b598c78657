"""Weather that a scene tells once holds for its later shots."""

import pytest

from aianime_pipeline.screenplay.model import Block, Scene, ScreenplayEpisode
from aianime_pipeline.storyboard.planner import plan_storyboard
from aianime_pipeline.storyboard.planning.weather import SceneWeather


def test_once_it_rains_the_later_shots_are_in_the_rain_until_it_stops() -> None:
    weather = SceneWeather("ext")
    assert weather.described("林夏站在桥头。", "林夏站在桥头。", "zh") == "林夏站在桥头。"
    assert weather.described("忽然下起大雨。", "忽然下起大雨。", "zh") == "忽然下起大雨。"
    assert weather.described("快走！", "林夏回头喊。", "zh") == "林夏回头喊，雨中。"
    assert weather.described("雨停了。", "雨停了。", "zh") == "雨停了。"
    assert weather.described("好。", "沈渡点头。", "zh") == "沈渡点头。"


def test_english_is_said_in_english_and_two_kinds_are_both_said() -> None:
    weather = SceneWeather(None)
    weather.described("Rain and fog over the river.", "Rain and fog over the river.", "en")
    assert weather.described("Go!", "Mara turns.", "en") == "Mara turns, in the rain and in the fog."


@pytest.mark.parametrize("text", ["他撑开雨伞。", "她雪白的衣袖。", "He was trained well.", "She missed him."])
def test_what_only_sounds_like_weather_is_none(text: str) -> None:
    weather = SceneWeather("ext")
    weather.described(text, text, "zh")
    assert weather.described("好。", "她点头。", "zh") == "她点头。"


def test_there_is_no_weather_in_a_room() -> None:
    weather = SceneWeather("int")
    weather.described("窗外下着雨。", "窗外下着雨。", "zh")
    assert weather.described("好。", "她点头。", "zh") == "她点头。"


def test_a_planned_scene_in_the_snow_stays_in_the_snow() -> None:
    blocks = (
        Block("action", "大雪纷飞，渡口空无一人，船系在木桩上轻轻地晃，远山只剩一道淡影。", 2),
        Block("dialogue", "你还是来了。", 3, speaker="沈渡"),
        Block("dialogue", "我答应过的。", 4, speaker="林夏"),
    )
    scene = Scene(number="1-1", heading="1-1 夜 外 渡口", line=1, place="渡口", interior="ext", blocks=blocks)
    planned = plan_storyboard(ScreenplayEpisode(1, None, 1, (scene,)), project="渡", language="zh")
    assert all("雪" in shot.description for shot in planned.shots)
    assert all("雪" in shot.prompt for shot in planned.shots)
