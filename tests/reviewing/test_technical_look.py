"""The technical look at media that is really broken, and at some that is not."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.film_media import ffmpeg
from support.review_media import SIZE, blurred, moving_clip, pixels, saved, scene, still_clip, voice, with_words

from aianime_pipeline.reviewing.built_in import review_picture, review_video, review_voice
from aianime_pipeline.reviewing.opinion import Opinion, Verdict
from aianime_pipeline.reviewing.technical import Wanted

LINE = "The river has no bridge, and the ferry is gone."
"""About four seconds."""
WANTED = Wanted(*SIZE)
WANTED_CLIP = Wanted(*SIZE, seconds=2.0)


def of_picture(picture: Image.Image, folder: Path, wanted: Wanted = WANTED) -> Opinion:
    opinion, final = review_picture(saved(picture, folder), wanted, [])
    assert final == (opinion.verdict is Verdict.REJECT)
    return opinion


def of_clip(path: Path, wanted: Wanted = WANTED_CLIP, image: Path | None = None) -> Opinion:
    opinion, final = review_video(path, wanted, image)
    assert final == (opinion.verdict is Verdict.REJECT)
    return opinion


def codes(opinion: Opinion) -> list[str]:
    return [problem.code for problem in opinion.problems]


def rejected(opinion: Opinion) -> list[str]:
    assert opinion.verdict is Verdict.REJECT
    assert opinion.score is not None
    assert opinion.score <= 20
    assert len(opinion.changes) >= 1
    return codes(opinion)


# Pictures -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_a_sharp_picture_of_the_right_size_has_no_fault(tmp_path: Path, seed: int) -> None:
    opinion = of_picture(scene(seed=seed), tmp_path)
    assert (opinion.verdict, opinion.score, codes(opinion)) == (Verdict.APPROVE, 100, [])


@pytest.mark.parametrize("written", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n broken"])
def test_a_file_that_does_not_open_is_rejected(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "take.png").write_bytes(written)
    opinion, final = review_picture(tmp_path / "take.png", WANTED, [])
    assert (rejected(opinion), final) == (["unreadable"], True)


def test_a_picture_that_breaks_off_is_rejected(tmp_path: Path) -> None:
    whole = saved(scene(), tmp_path).read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    assert rejected(review_picture(tmp_path / "half.png", WANTED, [])[0]) == ["unreadable"]


def test_a_black_picture_is_rejected_unless_the_shot_is_dark(tmp_path: Path) -> None:
    black = Image.new("RGB", SIZE, (4, 4, 6))
    assert rejected(of_picture(black, tmp_path)) == ["black"]
    assert of_picture(black, tmp_path, Wanted(*SIZE, description="黑屏，只听见水声。")).verdict is Verdict.APPROVE


def test_a_night_with_a_lamp_in_it_is_not_black(tmp_path: Path) -> None:
    night = Image.fromarray((pixels(scene()) * 0.12).astype(np.uint8))
    night.paste((250, 220, 120), (300, 150, 312, 170))
    night.paste((120, 90, 50), (280, 130, 340, 150))
    assert of_picture(night, tmp_path).verdict is Verdict.APPROVE


def test_one_plain_colour_is_rejected(tmp_path: Path) -> None:
    assert rejected(of_picture(Image.new("RGB", SIZE, (90, 140, 200)), tmp_path)) == ["blank"]


def test_a_picture_out_of_focus_is_rejected_and_a_soft_one_loses_some_of_its_score(tmp_path: Path) -> None:
    for sigma in (6, 12, 20):
        assert rejected(of_picture(blurred(scene(), sigma), tmp_path)) == ["blurred"]
    small = scene((160, 90))
    soft = of_picture(small.resize(SIZE, Image.Resampling.BILINEAR).resize((1280, 720)), tmp_path, Wanted(1280, 720))
    assert (soft.verdict, soft.score, codes(soft)) == (Verdict.APPROVE, 85, ["blurred"])


def test_a_soft_background_behind_a_sharp_figure_is_meant(tmp_path: Path) -> None:
    sharp, soft = scene(), blurred(scene(), 8)
    soft.paste(sharp.crop((200, 60, 440, 360)), (200, 60))
    assert of_picture(soft, tmp_path).problems == ()


@pytest.mark.parametrize(
    ("size", "code"), [((160, 90), "too_small"), ((360, 640), "wrong_shape"), ((512, 512), "wrong_shape")]
)
def test_a_picture_of_a_wrong_size_is_rejected(tmp_path: Path, size: tuple[int, int], code: str) -> None:
    assert rejected(of_picture(scene(size), tmp_path)) == [code]


@pytest.mark.parametrize("size", [(1280, 720), (600, 400), (320, 180)])
def test_vendors_sizes_near_what_was_asked_for_are_taken(tmp_path: Path, size: tuple[int, int]) -> None:
    assert of_picture(scene(size), tmp_path).verdict is Verdict.APPROVE


BLOCK = "第一行文字写在这里\n第二行也有很多字\n第三行到这里结束"


@pytest.mark.parametrize(
    ("words", "at", "height"),
    [
        (BLOCK, (0.1, 0.3), 48),
        ("他们说，这条河不渡活人。", (0.3, 0.86), 44),
        ("Nobody has crossed here in years", (0.25, 0.86), 40),
    ],
)
def test_words_burned_into_a_picture_are_rejected_with_where_they_are(
    tmp_path: Path, words: str, at: tuple[float, float], height: int
) -> None:
    burned = with_words(scene((1280, 720)), words, at=at, height=height)
    opinion = of_picture(burned, tmp_path, Wanted(1280, 720))
    assert rejected(opinion) == ["lettering"]
    assert "at the bottom" in opinion.reasons or words == BLOCK
    assert "no captions" in opinion.wishes


def test_a_small_mark_in_a_corner_takes_from_the_score(tmp_path: Path) -> None:
    marked = with_words(scene((1280, 720)), "SAMPLE 2026", at=(0.78, 0.04), height=28)
    opinion = of_picture(marked, tmp_path, Wanted(1280, 720))
    assert (opinion.verdict, opinion.score, codes(opinion)) == (Verdict.APPROVE, 80, ["lettering"])
    assert "at the top" in opinion.reasons


def test_words_that_the_shot_asks_for_are_no_reason_to_reject(tmp_path: Path) -> None:
    letter = with_words(scene((1280, 720)), BLOCK, at=(0.1, 0.3), height=48)
    wanted = Wanted(1280, 720, description="特写：信纸上写着三行字。")
    assert of_picture(letter, tmp_path, wanted).verdict is Verdict.APPROVE


def test_a_row_of_windows_is_no_lettering(tmp_path: Path) -> None:
    house = scene((1280, 720))
    for place in range(24):
        house.paste((250, 240, 200), (200 + place * 32, 300, 218 + place * 32, 330))
    assert of_picture(house, tmp_path, Wanted(1280, 720)).problems == ()


# Videos ---------------------------------------------------------------------------------------------------------------


def test_a_clip_that_moves_has_no_fault(tmp_path: Path) -> None:
    opinion = of_clip(moving_clip(scene(), tmp_path))
    assert (opinion.verdict, opinion.score, codes(opinion)) == (Verdict.APPROVE, 100, [])


def test_a_clip_that_stands_still_is_rejected(tmp_path: Path) -> None:
    opinion = of_clip(still_clip(scene(), tmp_path))
    assert rejected(opinion) == ["frozen"]
    assert opinion.reasons.startswith("nothing moves for ")


def test_a_clip_that_freezes_on_its_way_loses_some_of_its_score(tmp_path: Path) -> None:
    moves = moving_clip(scene(), tmp_path)
    ffmpeg("-i", moves, "-vf", "tpad=stop_mode=clone:stop_duration=1.8", tmp_path / "frozen.mp4")
    opinion = of_clip(tmp_path / "frozen.mp4", Wanted(*SIZE, seconds=3.8))
    assert (opinion.verdict, codes(opinion)) == (Verdict.APPROVE, ["frozen"])


def test_a_clip_that_jumps_from_picture_to_picture_is_rejected(tmp_path: Path) -> None:
    opinion = of_clip(moving_clip(scene(), tmp_path, more=",fps=3,fps=24"))
    assert rejected(opinion) == ["repeated_frames"]
    assert "changes 2." in opinion.reasons or "changes 3.0" in opinion.reasons


def test_drawn_animation_on_threes_is_taken(tmp_path: Path) -> None:
    assert of_clip(moving_clip(scene(), tmp_path, more=",fps=8,fps=24")).problems == ()


def test_a_clip_that_begins_again_and_again_is_rejected(tmp_path: Path) -> None:
    once = moving_clip(scene(), tmp_path, seconds=0.5)
    ffmpeg("-stream_loop", "3", "-i", once, "-c", "copy", tmp_path / "again.mp4")
    opinion = of_clip(tmp_path / "again.mp4")
    assert rejected(opinion) == ["repeated_frames"]
    assert "0.5 s come again" in opinion.reasons


def test_a_black_clip_is_rejected_unless_it_comes_from_a_black_image(tmp_path: Path) -> None:
    black = tmp_path / "black.mp4"
    ffmpeg("-f", "lavfi", "-i", f"color=black:s={SIZE[0]}x{SIZE[1]}:r=24:d=2", "-pix_fmt", "yuv420p", black)
    assert rejected(of_clip(black)) == ["black"]
    image = saved(Image.new("RGB", SIZE, "black"), tmp_path)
    assert of_clip(black, image=image).verdict is Verdict.APPROVE


def test_a_clip_out_of_focus_is_rejected(tmp_path: Path) -> None:
    assert rejected(of_clip(moving_clip(scene(), tmp_path, more=",boxblur=12"))) == ["blurred"]


def test_words_that_came_into_a_clip_are_rejected_and_those_of_its_image_are_not(tmp_path: Path) -> None:
    size = (1280, 720)
    image = saved(scene(size), tmp_path, "image.png")
    captioned = with_words(scene(size), "他们说，这条河不渡活人。", at=(0.3, 0.7), height=48)
    clip = moving_clip(captioned, tmp_path, size=size, seconds=1)
    wanted = Wanted(*size, seconds=1.0)
    assert rejected(of_clip(clip, wanted, image)) == ["lettering"]
    captioned.save(image)
    assert "lettering" not in codes(of_clip(clip, wanted, image))


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(4.0, Verdict.REJECT), (2.3, Verdict.APPROVE), (1.0, Verdict.APPROVE)]
)
def test_a_clip_that_ends_too_early_is_rejected_and_a_longer_one_is_taken(
    tmp_path: Path, seconds: float, verdict: Verdict
) -> None:
    opinion = of_clip(moving_clip(scene(), tmp_path), Wanted(*SIZE, seconds=seconds))
    assert opinion.verdict is verdict
    assert codes(opinion) == ([] if seconds < 2 else ["too_short"])


def test_a_clip_of_a_wrong_size_is_rejected(tmp_path: Path) -> None:
    assert rejected(of_clip(moving_clip(scene(), tmp_path, size=(160, 90)))) == ["too_small"]


def test_a_clip_that_was_cut_off_on_its_way_is_rejected(tmp_path: Path) -> None:
    whole = moving_clip(scene(), tmp_path)
    streaming = tmp_path / "fast.mp4"
    ffmpeg("-i", whole, "-c", "copy", "-movflags", "+faststart", streaming)
    data = streaming.read_bytes()
    streaming.write_bytes(data[: len(data) // 2])
    assert rejected(of_clip(streaming)) == ["damaged"]


@pytest.mark.parametrize("written", [b"", b"<html>Bad gateway</html>"])
def test_a_file_that_is_no_video_is_rejected(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "take.mp4").write_bytes(written)
    assert rejected(of_clip(tmp_path / "take.mp4")) == ["unreadable"]


def test_a_clip_without_a_frame_count_in_its_file_is_judged_all_the_same(tmp_path: Path) -> None:
    ffmpeg("-i", moving_clip(scene(), tmp_path), "-c", "copy", tmp_path / "clip.mkv")
    assert of_clip(tmp_path / "clip.mkv").problems == ()


# Voices ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "found", "score"),
    [("", [], 100), ("volume=0", [], 100), ("volume=12,alimiter=limit=1:level=0", ["distorted"], 75)],
)
def test_the_sound_of_a_clip_takes_from_its_score_where_it_is_overdriven(
    tmp_path: Path, filters: str, found: list[str], score: int
) -> None:
    path = tmp_path / "with-sound.mov"
    sound = voice(tmp_path, seconds=2, filters=filters)
    ffmpeg("-i", moving_clip(scene(seed=1), tmp_path), "-i", sound, "-c:v", "copy", "-c:a", "pcm_s16le", path)
    opinion = of_clip(path)
    assert (opinion.verdict, codes(opinion), opinion.score) == (Verdict.APPROVE, found, score)


def test_a_line_of_the_usual_length_has_no_fault(tmp_path: Path) -> None:
    opinion = review_voice(voice(tmp_path, seconds=4), LINE)
    assert (opinion.verdict, opinion.score, codes(opinion)) == (Verdict.APPROVE, 100, [])


@pytest.mark.parametrize(
    ("seconds", "filters", "code"),
    [
        (4.0, "volume=0", "silent"),
        (4.0, "volume=0.001", "silent"),
        (1.0, "", "too_short"),
        (16.0, "", "too_long"),
        (4.0, "volume=12,alimiter=limit=1:level=0", "distorted"),
    ],
)
def test_a_broken_line_is_rejected(tmp_path: Path, seconds: float, filters: str, code: str) -> None:
    assert code in rejected(review_voice(voice(tmp_path, seconds=seconds, filters=filters), LINE))


def test_a_line_that_is_mostly_silence_is_rejected(tmp_path: Path) -> None:
    assert rejected(review_voice(voice(tmp_path, seconds=1, filters="apad=pad_dur=5"), LINE)) == ["silent"]


def test_a_line_that_ends_in_a_word_loses_some_of_its_score(tmp_path: Path) -> None:
    cut = voice(tmp_path, seconds=4.6, filters="atrim=end=4.06")
    opinion = review_voice(cut, LINE)
    assert (opinion.verdict, opinion.score, codes(opinion)) == (Verdict.APPROVE, 85, ["cut_off"])


def test_a_file_without_sound_is_rejected(tmp_path: Path) -> None:
    assert rejected(review_voice(moving_clip(scene(), tmp_path), LINE)) == ["silent"]
    (tmp_path / "take.wav").write_bytes(b"RIFF")
    assert rejected(review_voice(tmp_path / "take.wav", LINE)) == ["unreadable"]
