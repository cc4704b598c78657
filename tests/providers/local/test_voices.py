"""Which voice a character gets."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.providers.local.looks import look_for
from aianime_pipeline.providers.local.voices import voice_for


@pytest.mark.parametrize(
    ("name", "description", "gender", "age"),
    [
        ("林晚", "22岁女孩，长发", "female", "young"),
        ("小宝", "8岁的小男孩", "male", "child"),
        ("张爷爷", "白发老人", "male", "elder"),
        ("Anna", "a woman of thirty, 35 years old", "female", "adult"),
        ("Mr Brown", "an old man, 70 years old", "male", "elder"),
    ],
)
def test_a_voice_has_the_gender_and_age_that_the_words_say(name: str, description: str, gender: str, age: str) -> None:
    voice = voice_for(name, description)
    assert (voice["gender"], voice["age"]) == (gender, age)


@given(name=st.text(max_size=8), description=st.sampled_from(["", "女", "男", "老人", "小孩", "a tall stranger"]))
@settings(max_examples=60)
def test_face_and_voice_agree_for_every_name(name: str, description: str) -> None:
    look, voice = look_for("character", name, description), voice_for(name, description)
    assert (voice["gender"], voice["age"]) == (look["gender"], look["age"])


def test_a_frozen_look_decides_over_the_words() -> None:
    voice = voice_for("林晚", "22岁女孩", look={"gender": "male", "age": "elder"})
    assert (voice["gender"], voice["age"]) == ("male", "elder")


def test_the_same_words_give_the_same_voice_and_it_survives_json() -> None:
    voice = voice_for("沈渡", "28岁男子")
    assert voice == voice_for("沈渡", "28岁男子")
    assert json.loads(json.dumps(voice)) == voice


def test_thirty_women_of_one_age_get_thirty_different_voices_and_none_the_narrators() -> None:
    taken: list[dict[str, object]] = []
    for number in range(30):
        taken.append(voice_for(f"女子{number}", "25岁女子", taken=taken))
    heard = {(voice["variant"], voice["pitch"]) for voice in taken}
    assert len(heard) == 30
    assert len({voice["variant"] for voice in taken[:9]}) == 9


def test_two_men_never_share_a_timbre_while_another_is_free() -> None:
    first = voice_for("甲", "30岁男子")
    same_name = voice_for("甲", "30岁男子", taken=[first])
    assert first["variant"] != same_name["variant"]


def test_children_speak_higher_than_adults_and_the_old_slower() -> None:
    child, adult, elder = (voice_for("小安", f"{years}岁女") for years in (8, 35, 70))
    assert child["pitch"] > adult["pitch"] > elder["pitch"]
    assert elder["rate"] < adult["rate"]
