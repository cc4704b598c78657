"""Likeness: only what is clearly something else is rejected, and the distance is told."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from support.review_media import moving_clip, pixels, saved, scene

from aianime_pipeline.reviewing.built_in import review_picture, review_video
from aianime_pipeline.reviewing.clips import look_at_clip
from aianime_pipeline.reviewing.likeness import (
    Reference,
    colour_distance,
    hash_distance,
    judge_picture_likeness,
    judge_video_likeness,
)
from aianime_pipeline.reviewing.opinion import Opinion, Verdict
from aianime_pipeline.reviewing.technical import Wanted


def sheet(colour: tuple[int, int, int] = (196, 40, 60)) -> Image.Image:
    """A figure in a coat of one colour, on plain ground."""
    picture = Image.new("RGB", (480, 640), (236, 234, 228))
    draw = ImageDraw.Draw(picture)
    draw.polygon([(240, 160), (120, 620), (360, 620)], fill=colour)
    draw.ellipse([180, 60, 300, 180], fill=(236, 200, 170))
    draw.pieslice([180, 50, 300, 170], 180, 360, fill=(30, 24, 28))
    return picture


def shot_with(colour: tuple[int, int, int]) -> Image.Image:
    picture = scene()
    picture.paste(sheet(colour).resize((120, 160)), (260, 180))
    return picture


def judged(picture: Image.Image, *references: tuple[str, Image.Image]) -> Opinion:
    return judge_picture_likeness(
        pixels(picture), [Reference(kind, "林夏", pixels(shown)) for kind, shown in references]
    )


def test_a_shot_of_the_figure_is_near_its_sheet_and_one_in_other_colours_is_farther() -> None:
    red = pixels(sheet())
    near = colour_distance(red, pixels(shot_with((196, 40, 60))), ground=True)
    far = colour_distance(red, np.full((90, 160, 3), (40, 220, 60), np.uint8), ground=True)
    assert near < 5
    assert far > 60


def test_what_is_merely_different_is_left_to_who_can_tell() -> None:
    opinion = judged(shot_with((60, 60, 70)), ("character", sheet()))
    assert opinion.verdict is Verdict.APPROVE
    assert opinion.score is not None
    assert opinion.score < 100


def test_a_picture_in_colours_that_no_light_explains_is_rejected_with_its_distance() -> None:
    tinted = np.zeros((360, 640, 3), np.uint8)
    tinted[..., 1] = pixels(scene())[..., 1]
    opinion = judged(Image.fromarray(tinted), ("character", sheet()), ("location", scene()))
    assert (opinion.verdict, opinion.problems[0].code) == (Verdict.REJECT, "far_from_references")
    assert "林夏 " in opinion.reasons
    assert "up to 25 is usual" in opinion.reasons


def test_a_sheet_given_back_as_the_shot_is_rejected() -> None:
    opinion = judged(sheet().resize((490, 640)), ("character", sheet()))
    assert (opinion.verdict, opinion.problems[0].code) == (Verdict.REJECT, "copied_reference")


def test_an_empty_place_may_look_as_in_its_reference_picture() -> None:
    assert judged(scene(), ("location", scene())).verdict is Verdict.APPROVE


def test_without_references_there_is_nothing_to_be_unlike() -> None:
    assert (judged(scene()).verdict, judged(scene()).score) == (Verdict.APPROVE, 100)


def test_pictures_are_as_far_from_each_other_as_from_themselves_not() -> None:
    one, other = pixels(scene(seed=1)), pixels(scene(seed=2))
    assert hash_distance(one, one) == 0
    assert hash_distance(one, other) == hash_distance(other, one) > 0
    assert colour_distance(one, one, ground=False) == 0


def test_a_clip_of_the_shots_image_is_near_it_and_another_shots_clip_is_rejected(tmp_path: Path) -> None:
    clip = look_at_clip(moving_clip(scene(seed=1), tmp_path, seconds=1))
    assert judge_video_likeness(clip, pixels(scene(seed=1))).verdict is Verdict.APPROVE
    other = np.ascontiguousarray(255 - pixels(scene(seed=3))[:, ::-1])
    opinion = judge_video_likeness(clip, other)
    assert (opinion.verdict, opinion.problems[0].code) == (Verdict.REJECT, "not_its_image")
    assert "of 64 bits" in opinion.reasons


def test_a_damaged_reference_picture_is_no_fault_of_the_take_and_leaves_it_to_a_person(tmp_path: Path) -> None:
    (tmp_path / "damaged.png").write_bytes(b"no picture")
    damaged = tmp_path / "damaged.png"
    picture = saved(scene(), tmp_path)
    opinion, final = review_picture(picture, Wanted(640, 360), [("character", "林夏", damaged)])
    assert (opinion.verdict, final) == (Verdict.UNSURE, False)
    assert "damaged.png does not open" in opinion.reasons
    clip = moving_clip(scene(), tmp_path, seconds=1)
    assert review_video(clip, Wanted(640, 360, 1.0), damaged)[0].verdict is Verdict.UNSURE
