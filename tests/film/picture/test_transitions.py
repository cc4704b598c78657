"""Transitions, frame by frame: what every pixel is worth, and the segments that come out."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.film_media import Media
from support.film_pieces import LOSSLESS, begins, clip, flat_picture, in_tv_range, made, planes_of

from aianime_pipeline.film.picture.transitions import MASK_LINES, masks
from aianime_pipeline.storyboard.model import CameraMove, Transition

RED, BLUE = (200, 30, 60), (20, 60, 220)
BLACK, WHITE = (16, 128, 128), (235, 128, 128)


def flat_video(media: Media, colour: tuple[int, int, int], seconds: float = 1.0) -> Path:
    """Says that its colours are BT.709."""
    source = f"color=0x{bytes(colour).hex()}:s=320x180:r=24:d={seconds},format=gbrp"
    tags = "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd,format=yuv420p,setparams=colorspace=bt709"
    return media.make(f"{bytes(colour).hex()}.mp4", "-f", "lavfi", "-i", f"{source},{tags}", "-crf", "1")


def between(one: tuple[float, ...], other: tuple[float, ...], share: Fraction) -> list[float]:
    return [a + (b - a) * float(share) for a, b in zip(one, other, strict=True)]


def sources(media: Media, tmp_path: Path, kinds: str) -> tuple[Path, Path]:
    made_of = [
        flat_picture(tmp_path / f"{number}.png", colour) if kind == "s" else flat_video(media, colour)
        for number, (kind, colour) in enumerate(zip(kinds, (RED, BLUE), strict=True))
    ]
    return made_of[0], made_of[1]


@pytest.mark.parametrize("kinds", ["ss", "sv", "vs", "vv"])
@pytest.mark.parametrize(("before", "after"), [(3, 4), (1, 0), (0, 1), (1, 1)])
def test_a_dissolve_goes_evenly_from_one_shot_to_the_other_and_repeats_neither(
    media: Media, tmp_path: Path, kinds: str, before: int, after: int
) -> None:
    first, second = sources(media, tmp_path, kinds)
    dissolve = begins(Transition.DISSOLVE, before, after)
    segments = made([clip(first, 8, 1), clip(second, 8, 2, transition=dissolve)], tmp_path / "cache", by=LOSSLESS)
    frames = planes_of(segments)
    assert [segment.frames for segment in segments] == [8 - before, before + after, 8 - after]
    assert len(frames) == 16
    red, blue = in_tv_range(*RED), in_tv_range(*BLUE)
    for place, frame in enumerate(frames):
        share = min(max(Fraction(place - (8 - before) + 1, before + after + 1), Fraction(0)), Fraction(1))
        for x, y in ((2, 2), (160, 90), (317, 177)):
            assert frame.colour(x, y) == pytest.approx(between(red, blue, share), abs=1.7), place


@pytest.mark.parametrize("kinds", ["ss", "sv", "vs", "vv"])
@pytest.mark.parametrize(
    ("kind", "before", "after", "shares"),
    [
        (Transition.FADE_BLACK, 3, 4, [0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25]),
        (Transition.FLASH_WHITE, 1, 4, [0.5, 1, 0.75, 0.5, 0.25]),
        (Transition.FADE_BLACK, 2, 0, [0.5, 1]),
        (Transition.FADE_BLACK, 0, 2, [1, 0.5]),
        (Transition.FLASH_WHITE, 0, 1, [1]),
        (Transition.FADE_BLACK, 1, 0, [1]),
    ],
)
def test_a_fade_and_a_flash_are_wholly_their_colour_at_the_cut(
    media: Media, tmp_path: Path, kinds: str, kind: Transition, before: int, after: int, shares: list[float]
) -> None:
    first, second = sources(media, tmp_path, kinds)
    clips = [clip(first, 8, 1), clip(second, 8, 2, transition=begins(kind, before, after))]
    frames = planes_of(made(clips, tmp_path / "cache", by=LOSSLESS))
    colour = BLACK if kind is Transition.FADE_BLACK else WHITE
    assert len(frames) == 16
    for place, frame in enumerate(frames):
        share = shares[place - 8 + before] if 0 <= place - 8 + before < len(shares) else 0
        shot = in_tv_range(*RED) if place < 8 else in_tv_range(*BLUE)
        assert frame.colour(160, 90) == pytest.approx(between(shot, colour, Fraction(share)), abs=1.7), place


def test_a_film_can_fade_in_from_black(media: Media, tmp_path: Path) -> None:
    opening = clip(flat_video(media, RED), 8, transition=begins(Transition.FADE_BLACK, 0, 4))
    frames = planes_of(made([opening], tmp_path, by=LOSSLESS))
    assert len(frames) == 8
    for frame, share in zip(frames, [1, 0.75, 0.5, 0.25, 0, 0, 0, 0], strict=True):
        assert frame.colour(160, 90) == pytest.approx(between(in_tv_range(*RED), BLACK, Fraction(share)), abs=1.7)


@pytest.mark.parametrize("kinds", ["ss", "vv"])
def test_a_wipe_goes_from_left_to_right_behind_a_soft_edge(media: Media, tmp_path: Path, kinds: str) -> None:
    first, second = sources(media, tmp_path, kinds)
    clips = [clip(first, 8, 1), clip(second, 8, 2, transition=begins(Transition.WIPE, 3, 4))]
    frames = planes_of(made(clips, tmp_path / "cache", by=LOSSLESS))[5:12]
    red, blue = in_tv_range(*RED), in_tv_range(*BLUE)
    edges = []
    for frame in frames:
        seen = (frame.y[90].astype(float) - red[0]) / (blue[0] - red[0])
        assert np.abs(frame.y - frame.y[:1]).max() == 0, "each line is the same"
        assert (np.diff(seen) < 0.1).all(), "never back to the incoming shot"
        edges.append(int((seen > 0.5).sum()))
        if edges[-1] > 30:
            assert frame.colour(2, 90) == pytest.approx(blue, abs=1.7)
        if edges[-1] < 290:
            assert frame.colour(317, 90) == pytest.approx(red, abs=1.7)
        soft = int(((seen > 0.1) & (seen < 0.9)).sum())
        assert 8 <= soft <= 24
        assert np.abs(frame.u[45, :].astype(float) - frame.u[45, :1]).max() > 20
    assert edges == pytest.approx([(place + 1) / 8 * 340 - 10 for place in range(7)], abs=2)


@pytest.mark.parametrize("kind", [kind for kind in Transition if kind is not Transition.CUT])
def test_a_shot_can_turn_into_the_same_source_again(media: Media, tmp_path: Path, kind: Transition) -> None:
    for source in (media.video("v.mp4"), media.picture()):
        clips = [clip(source, 6, 1), clip(source, 6, 2, transition=begins(kind, 2, 2))]
        assert len(planes_of(made(clips, tmp_path / "cache", by=LOSSLESS))) == 12


def test_what_is_the_same_on_both_sides_does_not_change_in_a_dissolve(tmp_path: Path) -> None:
    grey = flat_picture(tmp_path / "grey.png", (101, 101, 101))
    clips = [clip(grey, 6, 1), clip(grey, 6, 2, transition=begins(Transition.DISSOLVE, 3, 3))]
    frames = planes_of(made(clips, tmp_path / "cache", by=LOSSLESS))
    assert {(int(frame.y.min()), int(frame.y.max())) for frame in frames} == {(103, 103)}


def test_a_stills_camera_goes_on_through_its_transitions(media: Media, tmp_path: Path) -> None:
    """The same still on both sides of nothing: its body with its handles is one unbroken move."""
    texture = media.make("noise.png", "-f", "lavfi", "-i", "testsrc2=s=640x360", "-frames:v", "1", "-update", "1")
    still = clip(texture, 30, 1, camera_move=CameraMove.PAN_RIGHT)
    (whole,) = made([still], tmp_path, by=LOSSLESS)
    black = flat_picture(tmp_path / "black.png", (0, 0, 0))
    dissolve = begins(Transition.DISSOLVE, 4, 4)
    parts = made([clip(black, 8, 2), clip(texture, 22, 1, camera_move=CameraMove.PAN_RIGHT, transition=dissolve),
                  clip(black, 8, 3, transition=dissolve)], tmp_path, by=LOSSLESS)  # fmt: skip
    moving, cut = planes_of([whole]), planes_of(parts)[4:-4]
    assert len(moving) == len(cut) == 30
    for place in range(8, 22):
        assert np.array_equal(moving[place].y, cut[place].y)
    for place in (0, 3, 7):
        share = (place + 1) / 9
        wanted = 16 + (moving[place].y.astype(float) - 16) * share
        assert np.abs(cut[place].y - wanted).max() <= 1.5


def values(mask: bytes, width: int) -> NDArray[np.uint8]:
    assert len(mask) == width * MASK_LINES * 3 // 2
    return np.frombuffer(mask, np.uint8)[:width]


@given(
    kind=st.sampled_from([kind for kind in Transition if kind is not Transition.CUT]),
    before=st.integers(0, 40),
    after=st.integers(0, 40),
    width=st.sampled_from([320, 1920]),
)
@settings(max_examples=100, deadline=None)
def test_every_transition_has_a_mask_for_each_of_its_frames_and_goes_one_way(
    kind: Transition, before: int, after: int, width: int
) -> None:
    if before + after == 0:
        return
    lines = [values(mask, width).astype(int) for mask in masks(kind, before, after, width)]
    assert len(lines) == before + after
    steps = np.diff([line.sum() for line in lines])
    if kind in (Transition.DISSOLVE, Transition.WIPE):
        assert (steps > 0).all()
        assert lines[0].max() > 0
        assert lines[-1].min() < 255
    else:
        peak = before if after else before - 1
        assert lines[peak].min() == 255
        assert (steps[:peak] > 0).all()
        assert (steps[peak:] < 0).all()
