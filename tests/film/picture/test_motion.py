"""The camera's path as arithmetic, and the frames that come out of it."""

import math
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from aianime_pipeline.errors import BadInputError, UnreadableMediaError
from aianime_pipeline.film.ffmpeg import run_ffmpeg
from aianime_pipeline.film.picture.motion import CameraPose, camera_path, eased, frame_matrix, moving_still, open_still
from aianime_pipeline.storyboard.model import CameraMove

sizes = st.sampled_from([(1920, 1080), (1080, 1920), (1280, 720), (1024, 1024), (640, 480), (64, 48), (300, 1000)])
moves = st.sampled_from(list(CameraMove))


def drawn(path: Path, width: int, height: int, colour: tuple[int, int, int] = (200, 30, 60)) -> Path:
    Image.new("RGB", (width, height), colour).save(path)
    return path


def textured(path: Path, width: int, height: int) -> Path:
    noise = np.random.default_rng(1).integers(0, 256, (height, width, 3)).astype(np.float32)
    soft = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2.0), None, 0, 255, cv2.NORM_MINMAX)
    Image.fromarray(soft.astype(np.uint8)).save(path)
    return path


def luma(frame: memoryview, width: int, height: int) -> np.ndarray:
    return np.frombuffer(frame, np.uint8)[: width * height].reshape(height, width)


@given(
    move=moves, seed=st.integers(0, 2**63), travel=st.floats(0.0, 3.0), time=st.floats(0, 1), source=sizes, out=sizes
)
@settings(max_examples=300)
def test_no_corner_of_the_frame_ever_leaves_the_picture(
    move: CameraMove, seed: int, travel: float, time: float, source: tuple[int, int], out: tuple[int, int]
) -> None:
    pose = camera_path(move, seed=seed, travel=travel).at(eased(time))
    matrix = frame_matrix(pose, source, out)
    for x in (-0.5, out[0] - 0.5):
        for y in (-0.5, out[1] - 0.5):
            in_picture = matrix @ [x, y, 1]
            assert -0.5 - 1e-6 <= in_picture[0] <= source[0] - 0.5 + 1e-6
            assert -0.5 - 1e-6 <= in_picture[1] <= source[1] - 0.5 + 1e-6


@given(move=moves, seed=st.integers(0, 2**32), travel=st.floats(0.1, 2.0), time=st.floats(0, 1))
@settings(max_examples=200)
@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (1000, 1000)])
def test_the_path_itself_stays_inside_so_nothing_is_clamped_on_the_way(
    size: tuple[int, int], move: CameraMove, seed: int, travel: float, time: float
) -> None:
    pose = camera_path(move, seed=seed, travel=travel).at(eased(time))
    matrix = frame_matrix(pose, size, size)
    middle = matrix @ [(size[0] - 1) / 2, (size[1] - 1) / 2, 1]
    assert middle[0] + 0.5 == pytest.approx(size[0] * (0.5 + pose.x), abs=1e-6)
    assert middle[1] + 0.5 == pytest.approx(size[1] * (0.5 + pose.y), abs=1e-6)
    assert 1 / math.hypot(matrix[0, 0], matrix[0, 1]) == pytest.approx(pose.zoom)


@given(times=st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_the_way_only_goes_forward(times: list[float]) -> None:
    way = [eased(time) for time in sorted(times)]
    assert way == sorted(way)
    assert way[0] >= 0
    assert way[-1] <= 1


def test_the_camera_starts_and_ends_at_rest_and_never_jumps_in_speed() -> None:
    way = np.array([eased(time) for time in np.linspace(0, 1, 1001)])
    speed = np.diff(way) * 1000
    assert (way[0], way[500], way[-1]) == (0, pytest.approx(0.5), 1)
    assert speed[0] < 0.01
    assert speed[-1] < 0.01
    assert speed.max() < 1.5
    assert np.abs(np.diff(speed)).max() < 0.01


@pytest.mark.parametrize(
    ("move", "grows"),
    [(CameraMove.PUSH, True), (CameraMove.PULL, False), (CameraMove.RISE, False), (CameraMove.LOWER, False)],
)
def test_zoom_goes_one_way(move: CameraMove, grows: bool) -> None:
    path = camera_path(move, seed=5)
    zooms = [path.at(step / 20).zoom for step in range(21)]
    assert zooms == sorted(zooms, reverse=not grows)
    assert max(zooms) / min(zooms) > 1.05


@pytest.mark.parametrize(
    ("move", "axis", "sign"),
    [
        (CameraMove.PAN_LEFT, "x", -1),
        (CameraMove.PAN_RIGHT, "x", 1),
        (CameraMove.TILT_UP, "y", -1),
        (CameraMove.TILT_DOWN, "y", 1),
        (CameraMove.RISE, "y", -1),
        (CameraMove.LOWER, "y", 1),
    ],
)
def test_the_camera_goes_where_the_move_says(move: CameraMove, axis: str, sign: int) -> None:
    path = camera_path(move, seed=5)
    way = np.diff([getattr(path.at(step / 20), axis) for step in range(21)])
    assert (way * sign > 0).all()


def test_a_hold_moves_less_than_four_pixels_at_1080p() -> None:
    path = camera_path(CameraMove.HOLD, travel=1.0, seed=9)
    corner = [frame_matrix(path.at(step), (1920, 1080), (1920, 1080)) @ [0, 0, 1] for step in (0.0, 1.0)]
    assert 1 < np.linalg.norm(corner[1] - corner[0]) < 4


def test_another_seed_is_another_way_and_the_same_seed_the_same() -> None:
    assert camera_path(CameraMove.PUSH, seed=1) != camera_path(CameraMove.PUSH, seed=2)
    assert camera_path(CameraMove.PUSH, seed=1) == camera_path(CameraMove.PUSH, seed=1)


def test_travel_makes_the_way_longer() -> None:
    short, long = (camera_path(CameraMove.PAN_LEFT, seed=1, travel=travel) for travel in (0.5, 1.5))
    assert abs(long.end.x - long.start.x) == pytest.approx(3 * abs(short.end.x - short.start.x))


@pytest.mark.parametrize(("width", "height", "frames"), [(101, 100, 5), (100, 101, 5), (0, 100, 5), (100, 100, 0)])
def test_a_size_or_length_that_cannot_be_is_refused_at_once(
    tmp_path: Path, width: int, height: int, frames: int
) -> None:
    still = drawn(tmp_path / "p.png", 100, 100)
    with pytest.raises(BadInputError, match=r"at least|even"):
        moving_still(still, CameraMove.HOLD, width=width, height=height, frames=frames)


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "notes.png"
    wrong.write_text("not a picture")
    with pytest.raises(UnreadableMediaError, match=r"notes\.png"):
        moving_still(wrong, CameraMove.HOLD, width=64, height=64, frames=1)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "CMYK", "1"])
def test_pictures_of_every_mode_are_read(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("p.tiff" if mode == "CMYK" else "p.png")
    Image.new("RGB", (40, 30), (255, 255, 255)).convert(mode).save(path)
    (frame,) = moving_still(path, CameraMove.HOLD, width=40, height=30, frames=1)
    assert set(np.frombuffer(frame, np.uint8)[: 40 * 30].tolist()) == {235}


@pytest.mark.parametrize("picture", [(400, 100), (100, 400), (1, 1), (333, 77)])
@pytest.mark.parametrize("move", list(CameraMove))
def test_a_picture_of_another_shape_fills_the_frame_without_an_edge(
    tmp_path: Path, picture: tuple[int, int], move: CameraMove
) -> None:
    still = drawn(tmp_path / "p.png", *picture, colour=(255, 255, 255))
    for frame in moving_still(still, move, width=96, height=54, frames=5, travel=2.0):
        assert np.frombuffer(frame, np.uint8)[: 96 * 54].min() == 235


def test_a_cover_crop_keeps_the_middle_and_the_proportions(tmp_path: Path) -> None:
    picture = np.zeros((100, 400, 3), np.uint8)
    cv2.circle(picture, (200, 50), 25, (255, 255, 255), -1)
    Image.fromarray(picture).save(tmp_path / "p.png")
    (frame,) = moving_still(tmp_path / "p.png", CameraMove.HOLD, width=160, height=160, frames=1)
    rows, columns = np.nonzero(luma(frame, 160, 160) > 128)
    assert columns.mean() == pytest.approx(79.5, abs=1)
    assert rows.mean() == pytest.approx(80, abs=1)
    assert np.ptp(columns) == pytest.approx(np.ptp(rows), abs=2)


def test_chroma_stays_on_its_luma(tmp_path: Path) -> None:
    """A red square's edge must lie on the same place in Y and in Cr, also when the picture is turned and enlarged."""
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[80:120, 80:120] = (255, 0, 0)
    Image.fromarray(picture).save(tmp_path / "p.png")
    for frame in moving_still(tmp_path / "p.png", CameraMove.PAN_LEFT, width=400, height=400, frames=3, seed=1):
        flat = np.frombuffer(frame, np.uint8).astype(float)
        y, v = flat[:160000].reshape(400, 400) - 16, flat[-40000:].reshape(200, 200) - 128
        rows, columns = np.mgrid[:400, :400]
        half_rows, half_columns = np.mgrid[:200, :200]
        assert (half_columns * v).sum() / v.sum() * 2 == pytest.approx((columns * y).sum() / y.sum(), abs=0.1)
        assert (half_rows * v).sum() / v.sum() * 2 + 0.5 == pytest.approx((rows * y).sum() / y.sum(), abs=0.1)


@pytest.mark.parametrize("colour", [(200, 30, 60), (10, 200, 90), (30, 60, 220), (255, 255, 255), (0, 0, 0)])
def test_a_colour_comes_back_from_h264_within_two_steps(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    still = drawn(tmp_path / "p.png", 64, 64, colour)
    film = tmp_path / "p.mp4"
    tags = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    run_ffmpeg(
        f"-f rawvideo -pix_fmt yuv420p -s 64x64 -r 24 -i pipe:0 -vf {tags} -c:v libx264 -crf 10 {film}".split(),
        stdin=moving_still(still, CameraMove.ORBIT, width=64, height=64, frames=5),
    )
    with av.open(str(film)) as opened:
        frames = list(opened.decode(video=0))
    assert len(frames) == 5
    assert (frames[0].colorspace, frames[0].color_range) == (1, 1)
    rgb = frames[2].to_ndarray(format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709")
    assert np.abs(rgb.reshape(-1, 3).mean(axis=0) - colour).max() <= 2


def test_the_picture_glides_without_trembling(tmp_path: Path) -> None:
    """The shift between neighbouring frames, measured in the picture, follows the path within a quarter pixel."""
    width, height, count = 960, 540, 36
    still = textured(tmp_path / "p.png", width, height)
    path = camera_path(CameraMove.PAN_LEFT, seed=1)
    window = cv2.createHanningWindow((256, 256), cv2.CV_32F)
    middle = [
        luma(frame, width, height)[142:398, 352:608].astype(np.float32)
        for frame in moving_still(still, CameraMove.PAN_LEFT, width=width, height=height, frames=count, seed=1)
    ]
    differences = []
    for index in range(1, count):
        (shift, _), _ = cv2.phaseCorrelate(middle[index - 1], middle[index], window)
        before, after = (path.at(eased(at / (count - 1))) for at in (index - 1, index))
        differences.append(shift - (before.x - after.x) * width * after.zoom)
    assert math.sqrt(np.mean(np.square(differences))) < 0.25


def test_fine_lines_stay_sharp_wherever_they_drift(tmp_path: Path) -> None:
    lines = np.zeros((240, 320, 3), np.uint8)
    lines[:, ::6] = lines[:, 1::6] = 255
    Image.fromarray(lines).save(tmp_path / "p.png")
    contrasts = [
        float(luma(frame, 320, 240)[20:-20, 20:-20].std())
        for frame in moving_still(tmp_path / "p.png", CameraMove.HOLD, width=320, height=240, frames=12)
    ]
    assert min(contrasts) > 0.78 * lines[..., 0].std() * 219 / 255
    assert max(contrasts) < 1.03 * min(contrasts)


def test_frames_are_made_one_by_one_and_do_not_change_afterwards(tmp_path: Path) -> None:
    still = textured(tmp_path / "p.png", 64, 64)
    frames = moving_still(still, CameraMove.PUSH, width=64, height=64, frames=10**9)
    first = next(frames)
    kept = bytes(first)
    for _ in range(3):
        next(frames)
    assert bytes(first) == kept
    assert len(kept) == 64 * 64 * 3 // 2


def test_a_single_frame_stands_where_the_move_begins(tmp_path: Path) -> None:
    still = textured(tmp_path / "p.png", 64, 64)
    (alone,) = moving_still(still, CameraMove.PULL, width=64, height=64, frames=1)
    first = next(moving_still(still, CameraMove.PULL, width=64, height=64, frames=9))
    assert bytes(alone) == bytes(first)


@pytest.mark.parametrize("cuts", [[0, 9], [0, 4, 9], [0, 1, 8, 9]])
def test_a_move_cut_into_parts_is_the_same_move(tmp_path: Path, cuts: list[int]) -> None:
    still = open_still(textured(tmp_path / "p.png", 96, 64), CameraMove.ORBIT, width=64, height=64, frames=9, seed=3)
    whole = [bytes(frame) for frame in still.shown()]
    parts = [bytes(frame) for begin, end in pairwise(cuts) for frame in still.shown(begin, end - begin)]
    assert len(whole) == 9
    assert parts == whole
    assert len(set(whole)) == 9


def test_a_picture_of_another_shape_lies_whole_between_black_bars_where_those_are_wanted(tmp_path: Path) -> None:
    white = drawn(tmp_path / "tall.png", 100, 200, (255, 255, 255))
    still = open_still(white, CameraMove.PUSH, width=160, height=80, frames=3, bars=True)
    assert still.box == (60, 0, 40, 80)
    for frame in still.shown():
        planes = luma(frame, 160, 80)
        assert planes[:, 60:100].min() == 235
        assert planes[:, :60].max() == planes[:, 100:].max() == 16
        assert set(bytes(frame)[160 * 80 :]) == {128}
    wide = open_still(
        drawn(tmp_path / "wide.png", 400, 100), CameraMove.HOLD, width=160, height=80, frames=1, bars=True
    )
    assert wide.box == (0, 20, 160, 40)
    near = open_still(drawn(tmp_path / "near.png", 170, 80), CameraMove.HOLD, width=160, height=80, frames=1, bars=True)
    assert near.box == (0, 0, 160, 80)


def test_what_lies_under_a_transparent_pixel_is_not_seen(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (64, 64), (0, 255, 0, 0))
    picture.paste((255, 255, 255, 255), (32, 0, 64, 64))
    picture.save(tmp_path / "p.png")
    (frame,) = moving_still(tmp_path / "p.png", CameraMove.HOLD, width=64, height=64, frames=1)
    assert luma(frame, 64, 64)[:, :28].max() == 16
    assert luma(frame, 64, 64)[:, 36:].min() == 235


def test_a_pose_outside_is_brought_back_just_as_far_as_needed() -> None:
    matrix = frame_matrix(CameraPose(x=0.5, zoom=2.0), (100, 100), (100, 100))
    assert (matrix @ [99.5, 0, 1])[0] == pytest.approx(99.5)
    assert matrix[0, 0] == pytest.approx(0.5)
