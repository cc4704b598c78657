"""Words of real files, and what they have to be taken for."""

import pytest

from aianime_pipeline.storyboard.model import CameraMove, Framing, Transition
from aianime_pipeline.storyboard.vocabulary import (
    recognise_camera_move,
    recognise_framing,
    recognise_transition,
    v4_camera_move,
    v4_framing,
    v4_transition,
)


@pytest.mark.parametrize(
    ("text", "framing"),
    [
        ("大特写", Framing.EXTREME_CLOSE_UP),
        ("特写（眼睛）", Framing.CLOSE_UP),
        ("近景", Framing.MEDIUM_CLOSE_UP),
        ("中近景", Framing.MEDIUM_CLOSE_UP),
        ("中近景（过肩）", Framing.OVER_SHOULDER),
        ("过肩镜头", Framing.OVER_SHOULDER),
        ("中景", Framing.MEDIUM),
        ("中远景", Framing.MEDIUM_WIDE),
        ("全景", Framing.FULL),
        ("全景到特写", Framing.FULL),
        ("远景", Framing.WIDE),
        ("大远景", Framing.VERY_WIDE),
        ("航拍大全景", Framing.VERY_WIDE),
        ("CU", Framing.CLOSE_UP),
        ("ECU on the ring", Framing.EXTREME_CLOSE_UP),
        ("MCU", Framing.MEDIUM_CLOSE_UP),
        ("ＭＳ", Framing.MEDIUM),
        ("WS", Framing.WIDE),
        ("OTS", Framing.OVER_SHOULDER),
        ("Medium Close-Up", Framing.MEDIUM_CLOSE_UP),
        ("over-the-shoulder", Framing.OVER_SHOULDER),
        ("wide shot (crowd)", Framing.WIDE),
        ("medium_wide", Framing.MEDIUM_WIDE),
    ],
)
def test_a_framing_is_recognised(text: str, framing: Framing) -> None:
    assert recognise_framing(text) == (framing, True)


@pytest.mark.parametrize("text", ["主观视角", "", "focus", "CUT", "？"])
def test_an_unknown_framing_is_medium_and_says_so(text: str) -> None:
    assert recognise_framing(text) == (Framing.MEDIUM, False)


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("缓慢推近+轻微晃动", CameraMove.PUSH),
        ("固定（让表情说话）", CameraMove.HOLD),
        ("固定，随后缓慢推近", CameraMove.PUSH),
        ("不推不拉，固定", CameraMove.HOLD),
        ("固定（可轻推）", CameraMove.HOLD),
        ("（缓推）", CameraMove.PUSH),
        ("升格，固定", CameraMove.HOLD),
        ("拉远，露出全貌", CameraMove.PULL),
        ("摇", CameraMove.PAN_RIGHT),
        ("从右向左横移", CameraMove.PAN_LEFT),
        ("由左至右摇", CameraMove.PAN_RIGHT),
        ("左移", CameraMove.PAN_LEFT),
        ("上摇", CameraMove.TILT_UP),
        ("镜头下移", CameraMove.LOWER),
        ("跟拍（背后）", CameraMove.FOLLOW),
        ("环绕半圈", CameraMove.ORBIT),
        ("升", CameraMove.RISE),
        ("slow push in", CameraMove.PUSH),
        ("Dolly out", CameraMove.PULL),
        ("pan to the left", CameraMove.PAN_LEFT),
        ("tilt-down", CameraMove.TILT_DOWN),
        ("handheld tracking shot", CameraMove.FOLLOW),
        ("static, no zoom", CameraMove.HOLD),
        ("crane up", CameraMove.RISE),
    ],
)
def test_a_camera_move_is_recognised(text: str, move: CameraMove) -> None:
    assert recognise_camera_move(text) == (move, True)


@pytest.mark.parametrize("text", ["手持呼吸感", "", "升格", "移焦到门口"])
def test_an_unknown_camera_move_holds_and_says_so(text: str) -> None:
    assert recognise_camera_move(text) == (CameraMove.HOLD, False)


@pytest.mark.parametrize(
    ("text", "transition"),
    [
        ("硬切", Transition.CUT),
        ("无", Transition.CUT),
        ("叠化1秒", Transition.DISSOLVE),
        ("淡入淡出", Transition.FADE_BLACK),
        ("淡入黑屏", Transition.FADE_BLACK),
        ("闪白后硬切", Transition.FLASH_WHITE),
        ("硬切，闪白", Transition.FLASH_WHITE),
        ("划变", Transition.WIPE),
        ("DISSOLVE TO:", Transition.DISSOLVE),
        ("CUT TO:", Transition.CUT),
        ("CUT TO BLACK", Transition.FADE_BLACK),
    ],
)
def test_a_transition_is_recognised(text: str, transition: Transition) -> None:
    assert recognise_transition(text) == (transition, True)


def test_an_unknown_transition_is_a_cut_and_says_so() -> None:
    assert recognise_transition("星形") == (Transition.CUT, False)


def test_every_word_of_the_v4_format_reads_back_as_what_it_was_written_for() -> None:
    assert [recognise_framing(v4_framing(framing)) for framing in Framing] == [(word, True) for word in Framing]
    assert [recognise_camera_move(v4_camera_move(move)) for move in CameraMove] == [(word, True) for word in CameraMove]
    assert [recognise_transition(v4_transition(word)) for word in Transition] == [(word, True) for word in Transition]


def test_every_standard_word_is_recognised_as_itself() -> None:
    assert all(recognise_framing(word.value) == (word, True) for word in Framing)
    assert all(recognise_camera_move(word.value) == (word, True) for word in CameraMove)
    assert all(recognise_transition(word.value) == (word, True) for word in Transition)
