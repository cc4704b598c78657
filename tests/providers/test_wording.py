"""What vendors are told of a request in words and pictures."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.providers.capabilities import (
    AssetBrief,
    ImageRequest,
    PictureBrief,
    SpeechRequest,
    VideoRequest,
)
from aianime_pipeline.providers.wording import (
    image_prompt,
    references,
    seconds_offered,
    video_prompt,
    voice_of,
    wanted_seconds,
)
from aianime_pipeline.storyboard.model import CameraMove, Framing


def asset(
    kind: Literal["character", "location", "prop"], name: str, description: str = "", *, seen: bool = True
) -> AssetBrief:
    return AssetBrief(kind, name, description, reference=Path(f"{name}.png") if seen else None)


LIN, ZHOU = asset("character", "林晚", "white dress"), asset("character", "周野", "grey coat")
ROOF = asset("location", "天台", "wet concrete")
UMBRELLA = asset("prop", "伞", "black umbrella")
BRIEF = PictureBrief(
    description="two people in the rain",
    framing=Framing.MEDIUM,
    characters=(LIN, ZHOU),
    speaker="周野",
    location=ROOF,
    props=(UMBRELLA,),
)


def image_request(subject: PictureBrief | AssetBrief = BRIEF, **more: Any) -> ImageRequest:
    return ImageRequest(1280, 720, 7, **({"prompt": "雨夜天台。", "subject": subject} | more))


def video_request(**more: Any) -> VideoRequest:
    given: dict[str, Any] = {
        "width": 1280, "height": 720, "frames": 75, "rate": Fraction(24), "seed": 7, "prompt": "她转身",
        "first_frame": Path("a.png"), "camera_move": CameraMove.HOLD,
    }  # fmt: skip
    return VideoRequest(**(given | more))


def speech_request(voice: dict[str, Any], speaker: str = "") -> SpeechRequest:
    return SpeechRequest("你好", "zh", voice, speaker=speaker)


# References ---------------------------------------------------------------------------------------------------------


def test_references_are_the_speaker_then_the_others_then_the_place_then_the_props() -> None:
    found = references(image_request(), 9)
    assert [(one.kind, one.name) for one in found] == [
        ("character", "周野"), ("character", "林晚"), ("location", "天台"), ("prop", "伞"),
    ]  # fmt: skip
    assert found[0].path == Path("周野.png")


@pytest.mark.parametrize(("most", "names"), [(3, ["周野", "林晚", "天台"]), (1, ["周野"]), (0, []), (-1, [])])
def test_only_the_most_important_references_are_sent(most: int, names: list[str]) -> None:
    assert [one.name for one in references(image_request(), most)] == names


def test_without_a_speaker_characters_keep_their_order() -> None:
    assert [one.name for one in references(image_request(replace(BRIEF, speaker=None)), 2)] == ["林晚", "周野"]


def test_what_has_no_picture_is_no_reference() -> None:
    brief = replace(BRIEF, characters=(replace(LIN, reference=None), ZHOU), location=None)
    assert [one.name for one in references(image_request(brief), 9)] == ["周野", "伞"]


def test_an_assets_own_sheet_has_no_references() -> None:
    assert references(image_request(LIN), 9) == ()


# Prompts ------------------------------------------------------------------------------------------------------------


def test_an_image_is_told_style_picture_looks_and_which_reference_is_what() -> None:
    request = image_request(style="ink wash", prompt="雨夜天台。")
    assert image_prompt(request, references(request, 2)) == (
        "ink wash. 雨夜天台. 天台: wet concrete. 伞: black umbrella. "
        "Reference image 1 is the character 周野: keep the same look. "
        "Reference image 2 is the character 林晚: keep the same look"
    )


def test_who_is_not_shown_is_described() -> None:
    assert image_prompt(image_request()) == (
        "雨夜天台. 林晚: white dress. 周野: grey coat. 天台: wet concrete. 伞: black umbrella"
    )


def test_what_the_prompt_says_is_not_said_twice() -> None:
    brief = replace(BRIEF, emotion="紧张")
    request = image_request(brief, style="水墨", prompt="水墨，雨夜，紧张，white dress, wet concrete")
    assert image_prompt(request) == ("水墨，雨夜，紧张，white dress, wet concrete. 周野: grey coat. 伞: black umbrella")
    assert "紧张" in image_prompt(image_request(brief))


def test_an_assets_sheet_is_told_by_its_prompt() -> None:
    request = image_request(LIN, style="ink wash", prompt="ink wash, 林晚, white dress")
    assert image_prompt(request) == "ink wash, 林晚, white dress"


def test_a_reviewers_words_come_last() -> None:
    assert image_prompt(image_request(feedback=" too dark。 ")).endswith(
        ". The take before was rejected, mend this: too dark"
    )
    assert video_prompt(video_request(feedback="走样")) == "她转身. The take before was rejected, mend this: 走样"
    assert "rejected" not in image_prompt(image_request(feedback=" "))


@pytest.mark.parametrize(
    ("move", "words"),
    [
        (CameraMove.HOLD, "她转身"),
        (CameraMove.PUSH, "她转身. camera: push"),
        (CameraMove.PAN_LEFT, "她转身. camera: pan left"),
    ],
)
def test_a_clip_is_told_how_the_camera_moves(move: CameraMove, words: str) -> None:
    assert video_prompt(video_request(camera_move=move)) == words


@given(st.text(), st.text(), st.text())
def test_whatever_a_person_wrote_prompts_have_no_empty_sentence(style: str, prompt: str, feedback: str) -> None:
    told = image_prompt(image_request(LIN, style=style, prompt=prompt, feedback=feedback))
    assert told == told.strip()
    assert not told.startswith(". ")
    assert not told.endswith(("。", "."))


# Lengths and voices -------------------------------------------------------------------------------------------------


def test_a_clips_length_is_its_frames_at_their_rate() -> None:
    assert wanted_seconds(video_request(frames=75, rate=Fraction(24))) == 3.125
    assert wanted_seconds(video_request(frames=120, rate=Fraction(30000, 1001))) == pytest.approx(4.004)


@pytest.mark.parametrize(
    ("wanted", "seconds"), [(0.5, 4), (4.0, 4), (4.04, 4), (4.06, 8), (8.0, 8), (11.9, 12), (60.0, 12)]
)
def test_the_shortest_clip_that_is_long_enough_is_asked_for(wanted: float, seconds: int) -> None:
    assert seconds_offered(wanted, (12, 4, 8)) == seconds


@given(st.floats(0.1, 100), st.lists(st.integers(1, 60), min_size=1).map(tuple))
def test_a_clip_is_one_of_those_offered_and_long_enough_where_one_is(wanted: float, offered: tuple[int, ...]) -> None:
    found = seconds_offered(wanted, offered)
    assert found in offered
    assert found >= wanted - 0.05 or found == max(offered)


VOICES = {"周野": "v-zhou", "female-young": "v-girl", "female": "v-woman", "default": "v-any"}


@pytest.mark.parametrize(
    ("voice", "speaker", "found"),
    [
        ({"gender": "female", "age": "young"}, "周野", "v-zhou"),
        ({"gender": "female", "age": "young"}, "林晚", "v-girl"),
        ({"gender": "female", "age": "elder"}, "林晚", "v-woman"),
        ({"gender": "male", "age": "young"}, "林晚", "v-any"),
        ({}, "", "v-any"),
    ],
)
def test_a_voice_is_the_speakers_own_else_by_gender_and_age_else_the_default(
    voice: dict[str, Any], speaker: str, found: str
) -> None:
    assert voice_of(speech_request(voice, speaker), VOICES) == found


def test_a_table_without_a_fitting_voice_gives_none() -> None:
    assert voice_of(speech_request({"gender": "male"}), {"female": "v-woman"}) == ""
    assert voice_of(speech_request({}), {"-": "v-dash", "": "v-empty"}) == ""
