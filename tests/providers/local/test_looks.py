import itertools
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.providers.local import look_words as words
from aianime_pipeline.providers.local.colour_reading import colours_of_things
from aianime_pipeline.providers.local.colour_words import NAMED_COLOURS
from aianime_pipeline.providers.local.looks import complete_look, distinct_look_for, look_for
from aianime_pipeline.providers.local.pictures.colours import distance, from_hex
from aianime_pipeline.providers.local.pictures.flames import flame_colour


def test_a_look_is_json_and_carries_its_recipe() -> None:
    for kind in ("character", "location", "prop"):
        look = look_for(kind, "青石渡口", "夜里的灯笼")
        assert json.loads(json.dumps(look)) == look
        assert look["recipe"] == 2


def test_the_same_name_has_the_same_look_in_another_process() -> None:
    code = (
        "import json; from aianime_pipeline.providers.local.looks import look_for;"
        "print(json.dumps(look_for('character', '沈渡', '青衫')))"
    )
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert runs == {json.dumps(look_for("character", "沈渡", "青衫")) + "\n"}


@pytest.mark.parametrize(
    ("name", "description", "part", "expected"),
    [
        ("林夏", "二十岁的姑娘，白衣", ("gender",), "female"),
        ("老张", "六十岁的男船工", ("age",), "elder"),
        ("小宝", "五岁的小男孩", ("age",), "child"),
        ("甲", "穿红裙的女子", ("outfit", "main"), "b3323a"),
        ("甲", "月白色长衫的书生", ("outfit", "kind"), "changshan"),
        ("沈渡", "男，墨色长发，玄青斗篷", ("outfit", "cloak"), "1f2a3f"),
        ("阿萤", "女，8岁，双丫髻，鹅黄短袄", ("outfit", "kind"), "jacket"),
        ("周掌柜", "男，50岁，圆脸短须，褐色布衣", ("face",), "round"),
        ("老张", "男，七十岁的老人，灰色短褐", ("outfit", "main"), "868b96"),
        ("林夏", "女，鹅黄短袄，石榴红襦裙", ("outfit", "second"), "c8303a"),
        ("沈渡", "男，手持一盏青焰油灯", ("carries",), "oil_lamp"),
        ("乙", "银发少年", ("hair", "colour"), "a3a6b4"),
        ("丙", "白衣长发的姑娘", ("hair", "style"), "long"),
        ("Mia", "schoolgirl in a school uniform with a ponytail", ("hair", "style"), "ponytail"),
        ("Victor", "a man in a black suit", ("outfit", "main"), "2d2c36"),
        ("Victor", "a man in a black suit", ("era",), "modern"),
        ("公主", "", ("era",), "ancient"),
    ],
)
def test_a_description_is_followed(name: str, description: str, part: tuple[str, ...], expected: str) -> None:
    value: Any = look_for("character", name, description)
    for key in part:
        value = value[key]
    assert value == expected


def test_white_clothes_do_not_make_white_hair() -> None:
    assert look_for("character", "林夏", "白衣长发的姑娘")["hair"]["colour"] not in ("e4e2ea", "a3a6b4")


def test_a_new_lead_avoids_the_colours_already_taken() -> None:
    taken: list[dict[str, object]] = []
    for name in ("林夏", "沈渡", "周远", "苏晴", "陈默"):
        taken.append(distinct_look_for("character", name, "年轻人，古装", taken))
    for part, key in (("hair", "colour"), ("outfit", "main")):
        colours = [from_hex(look[part][key]) for look in taken]  # type: ignore[index]
        assert min(distance(a, b) for a, b in itertools.combinations(colours, 2)) > 20
        assert len(set(colours)) == len(colours)


def test_a_new_lead_without_hints_dresses_in_the_era_of_the_others() -> None:
    taken = [look_for("character", "公主"), look_for("character", "将军")]
    assert distinct_look_for("character", "阿九", "", taken)["era"] == "ancient"


def test_what_a_frozen_sheet_says_wins_over_the_name_and_nonsense_in_it_does_not() -> None:
    sheet = {"skin": "112233", "hair": {"colour": "445566"}, "outfit": "not a mapping"}
    look = complete_look("character", "林夏", "", sheet)
    assert (look["skin"], look["hair"]["colour"]) == ("112233", "445566")
    assert look["outfit"] == look_for("character", "林夏")["outfit"]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("青石渡口", "river"),
        ("沈府庭院", "courtyard"),
        ("林家医馆", "clinic"),
        ("河心·乌篷船上", "boat_deck"),
        ("河心·船篷里", "boat_cabin"),
        ("周记茶铺·账房", "study"),
        ("雪中渡口", "river"),
        ("茶铺院子", "courtyard"),
        ("茶铺", "teashop"),
        ("山家小院", "courtyard"),
        ("竹林", "bamboo"),
        ("桥边客栈", "hall"),
        ("医院走廊", "hospital"),
        ("garden of the palace", "courtyard"),
        ("a cave behind the temple", "cave"),
        ("Riverside Coffee Shop", "cafe"),
        ("皇宫大殿", "palace"),
    ],
)
def test_a_location_knows_its_kind_of_place(name: str, place: str) -> None:
    assert look_for("location", name)["place"] == place


def test_a_prop_knows_what_it_is_and_its_colour() -> None:
    look = look_for("prop", "红色油纸伞")
    assert (look["thing"], look["colour"]) == ("umbrella", "b3323a")


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60), st.text(max_size=120), st.sampled_from(["character", "location", "prop"]))
def test_any_text_gives_a_look(name: str, description: str, kind: str) -> None:
    look = look_for(kind, name, description)  # type: ignore[arg-type]
    assert look["kind"] == kind
    json.dumps(look)


COLOURS = [(family, word, colour) for family, words in NAMED_COLOURS.items() for word, colour in words.items()]


@pytest.mark.parametrize(("family", "word", "colour"), COLOURS)
def test_every_colour_word_before_a_garment_colours_it(family: str, word: str, colour: str) -> None:
    text = f"a woman in a {word} dress" if word.isascii() else f"女子，身穿{word}长衫"
    assert look_for("character", "甲", text)["outfit"]["main"] == colour
    hair = f"a woman with {word} hair" if word.isascii() else f"女子，{word}长发"
    assert look_for("character", "甲", hair)["hair"]["colour"] == words.HAIR_COLOURS[family]


def test_there_are_words_for_the_colours_of_old_dress() -> None:
    chinese = [word for _, word, _ in COLOURS if len(word) > 1 and not word.isascii()]
    assert len(chinese) >= 60
    assert len({colour for _, _, colour in COLOURS}) >= 120


@pytest.mark.parametrize(
    ("text", "thing", "colour"),
    [
        ("月白色斜襟长衫", "cloth", "d5e3ea"),
        ("一袭墨绿暗纹长袍", "cloth", "2b4a3c"),
        ("肩上搭一条白汗巾", "towel", "ecebe6"),
        ("青年穿着长衫", "cloth", None),
        ("红绳铃铛，长衫", "cloth", None),
        ("a dark red silk dress", "cloth", "6f232c"),
        ("navy blue coat", "cloth", "27344f"),
        ("tanned skin and a coat", "cloth", None),
    ],
)
def test_a_colour_belongs_to_the_next_thing_of_its_clause(text: str, thing: str, colour: str | None) -> None:
    found = colours_of_things(text, words.COLOURED_PARTS).get(thing)
    assert (found.colour if found else None) == colour


def test_a_name_with_a_colour_in_it_colours_nothing() -> None:
    assert "cloth" not in colours_of_things("白露穿着长衫", words.COLOURED_PARTS, "白露")


def test_men_are_broader_and_taller_than_women_and_children_the_smallest() -> None:
    man, woman, child = (look_for("character", "甲", text)["build"] for text in ("男，25岁", "女，25岁", "男，8岁"))
    assert man["shoulders"] > woman["shoulders"] + 0.15 > child["shoulders"] + 0.2
    assert man["heads"] > woman["heads"] > child["heads"] + 1


def test_a_child_grows_with_its_years() -> None:
    heads = [look_for("character", "甲", f"女，{years}岁")["build"]["heads"] for years in (4, 8, 12, 16)]
    assert heads == sorted(heads)


@pytest.mark.parametrize(
    ("text", "beard"),
    [
        ("男，50岁，圆脸短须", "short_beard"),
        ("男，70岁，白胡子", "beard"),
        ("男，70岁", "beard"),
        ("男，45岁，八字胡", "moustache"),
    ],
)
def test_a_beard_is_worn_as_said_or_as_the_years_want(text: str, beard: str) -> None:
    assert beard in look_for("character", "甲", text)["accessories"]


def test_young_men_women_and_children_wear_no_beard() -> None:
    for text in ("男，25岁", "女，70岁", "男，10岁"):
        worn = look_for("character", "甲", text)["accessories"]
        assert not {"beard", "short_beard", "moustache", "stubble"} & set(worn)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("青焰油灯", "62e6d4"),
        ("火焰是青色的", "62e6d4"),
        ("火折子凑近灯芯，火苗跳了一下，竟变成幽幽的青色。", "62e6d4"),
        ("手中的青焰骤然一跳，变成温热的橘红色。", "ff9c4e"),
        ("a lamp that burns with a blue flame", "6eaaff"),
        ("红灯笼高高挂起", None),
        ("他穿着红衣点了灯", None),
    ],
)
def test_a_flame_has_the_colour_that_the_text_gives_it(text: str, colour: str | None) -> None:
    assert flame_colour(text) == colour
