"""Overlays in the segments: exactly where, when and in the colours they were drawn in."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.film_media import Media
from support.film_pieces import LOSSLESS, Planes, begins, clip, flat_picture, in_tv_range, made, planes_of

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.drawing.overlays import Overlay, png_bytes
from aianime_pipeline.film.picture.compositing import raw_picture
from aianime_pipeline.storyboard.model import Transition

GREY = (100, 100, 100)


def box(colour: tuple[int, int, int, int], size: tuple[int, int] = (40, 20)) -> bytes:
    return png_bytes(Image.new("RGBA", size, colour))


def frames_of(tmp_path: Path, overlays: list[Overlay], frames: int = 8) -> list[Planes]:
    ground = flat_picture(tmp_path / "ground.png", GREY)
    return planes_of(made([clip(ground, frames)], tmp_path / "cache", overlays=overlays, by=LOSSLESS))


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (200, 30, 60), (20, 60, 220), (255, 210, 0)])
def test_a_colour_comes_out_as_it_was_drawn(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    (frame, *_) = frames_of(tmp_path, [Overlay(box((*colour, 255)), 100, 50, 0, 8)])
    inside = frame.y[50:70, 100:140], frame.u[25:35, 50:70], frame.v[25:35, 50:70]
    for plane, wanted in zip(inside, in_tv_range(*colour), strict=True):
        assert (int(plane.min()), int(plane.max())) == pytest.approx((wanted, wanted), abs=0.6)
    if colour == (255, 255, 255):
        assert {int(value) for value in inside[0].ravel()} == {235}


def test_it_lies_on_its_own_pixels_and_on_no_other(tmp_path: Path) -> None:
    (frame, *_) = frames_of(tmp_path, [Overlay(box((255, 255, 255, 255)), 100, 50, 0, 8)])
    rows, columns = np.nonzero(frame.y > 200)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (50, 69, 100, 139)
    outside = np.ones_like(frame.y, bool)
    outside[50:70, 100:140] = False
    assert len({int(value) for value in frame.y[outside]}) == 1


def test_it_is_seen_from_its_first_frame_to_before_its_end(tmp_path: Path) -> None:
    overlays = [
        Overlay(box((255, 255, 255, 255)), 100, 50, 2, 5),
        Overlay(box((0, 0, 0, 255)), 100, 50, 4, 7),
        Overlay(box((255, 255, 255, 255)), 200, 50, 0, 1),
        Overlay(box((255, 255, 255, 255)), 200, 50, 7, 8),
    ]
    frames = frames_of(tmp_path, overlays)
    ground = round(in_tv_range(*GREY)[0])
    assert [int(frame.y[60, 120]) for frame in frames] == [ground, ground, 235, 235, 16, 16, 16, ground]
    assert [int(frame.y[60, 220]) for frame in frames] == [235, *[ground] * 6, 235]


def test_half_transparent_is_half_of_both_and_what_is_transparent_has_no_colour(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (40, 20), (255, 0, 0, 0))
    picture.paste((255, 255, 255, 128), (0, 0, 20, 20))
    (frame, *_) = frames_of(tmp_path, [Overlay(png_bytes(picture), 100, 50, 0, 8)])
    ground = in_tv_range(*GREY)[0]
    assert int(frame.y[60, 105]) == pytest.approx(ground + (235 - ground) * 128 / 255, abs=1)
    assert frame.colour(130, 60) == pytest.approx((ground, 128, 128), abs=1)
    assert np.abs(frame.v.astype(int) - 128).max() <= 1, "no red in the edge"


def test_colour_does_not_run_out_of_the_edges_of_letters() -> None:
    """A red pixel among transparent green ones: the halved planes are as red as the pixel."""
    picture = Image.new("RGBA", (4, 4), (0, 255, 0, 0))
    picture.putpixel((1, 1), (255, 0, 0, 255))
    raw = raw_picture(png_bytes(picture))
    planes = np.frombuffer(raw.data, np.uint8)
    _, blue, red = in_tv_range(255, 0, 0)
    assert (planes[16], planes[20]) == (round(blue), round(red))
    assert list(planes[17:20]) == [128, 128, 128]
    assert list(planes[24:]) == [0] * 5 + [255] + [0] * 10


def test_one_that_spans_a_transition_is_seen_through_all_its_pieces(media: Media, tmp_path: Path) -> None:
    ground = flat_picture(tmp_path / "ground.png", GREY)
    wipe = begins(Transition.WIPE, 2, 2)
    shown = [clip(media.video("v.mp4"), 8, 1), clip(ground, 8, 2, transition=wipe)]
    lay = Overlay(box((255, 255, 255, 255)), 100, 50, 4, 12)
    segments = made(shown, tmp_path / "cache", overlays=[lay], by=LOSSLESS)
    frames = planes_of(segments)
    seen = [int(frame.y[52:68, 102:138].min()) == 235 for frame in frames]
    assert seen == [False] * 4 + [True] * 8 + [False] * 4
    without = made(shown, tmp_path / "cache", by=LOSSLESS)
    assert [segment.made for segment in without] == [True, True, True]
    again = made(shown, tmp_path / "cache", overlays=[lay, Overlay(lay.png, 0, 0, 0, 1)], by=LOSSLESS)
    assert [segment.made for segment in again] == [True, False, False]
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.name.startswith(".part")]


def test_an_overlay_of_odd_size_or_at_an_odd_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="41x20"):
        frames_of(tmp_path, [Overlay(box((0, 0, 0, 255), (41, 20)), 0, 0, 0, 8)])
    with pytest.raises(BadInputError, match="3, 4"):
        frames_of(tmp_path, [Overlay(box((0, 0, 0, 255)), 3, 4, 0, 8)])
