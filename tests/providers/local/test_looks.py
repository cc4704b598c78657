import itertools
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.providers.local.looks import complete_look, distinct_look_for, look_for
from aianime_pipeline.providers.local.pictures.colours import distance, from_hex


def test_a_look_is_json_and_carries_its_recipe() -> None:
    for kind in ("character", "location", "prop"):
        look = look_for(kind, "青石渡口", "夜里的灯笼")
        assert json.loads(json.dumps(look)) == look
        assert look["recipe"] == 1


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
        ("乙", "银发少年", ("hair", "colour"), "a3a6b4"),
        ("丙", "白衣长发的姑娘", ("hair", "style"), "long"),
        ("Mia", "schoolgirl in a school uniform with a ponytail", ("hair", "style"), "ponytail"),
        ("Victor", "a man in a black suit", ("outfit", "main"), "2d2c36"),
        ("Victor", "a man in a black suit", ("era",), "modern"),
        ("公主", "", ("era",), "ancient"),
    ],
)
def test_a_description_is_followed(name: str, description: str, part: tuple[str, ...], expected: str) -> None:
    value = look_for("character", name, description)
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
    [("青石渡口", "river"), ("沈府庭院", "courtyard"), ("Riverside Coffee Shop", "cafe"), ("皇宫大殿", "palace")],
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
