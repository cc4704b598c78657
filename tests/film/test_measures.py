"""Black, frozen, loud; posters and contact sheets."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.film_media import Media, ebur128

from aianime_pipeline.errors import BadInputError, UnreadableMediaError
from aianime_pipeline.film.posters import SHEET_BYTES, contact_sheet, poster_frame
from aianime_pipeline.film.probe import measure_loudness, measure_picture


def test_a_black_video_is_black_and_a_moving_one_is_neither_black_nor_frozen(media: Media) -> None:
    black = media.make("black.mp4", "-f", "lavfi", "-i", "color=black:s=320x180:r=24:d=2", "-pix_fmt", "yuv420p")
    found = measure_picture(black)
    assert (found.black, found.frozen, found.samples) == (1.0, 1.0, 24)
    moving = measure_picture(media.video("v.mp4"))
    assert (moving.black, moving.frozen) == (0.0, 0.0)


def test_half_black_and_half_frozen_are_told_as_halves(media: Media) -> None:
    half = media.make(
        "half.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=4",
        "-vf", "drawbox=t=fill:c=black:enable='gte(t,2)'", "-pix_fmt", "yuv420p",
    )  # fmt: skip
    found = measure_picture(half)
    assert found.black == pytest.approx(0.5, abs=0.05)
    assert found.frozen == pytest.approx(0.5, abs=0.06)


def test_a_long_video_is_sought_and_a_single_frame_is_enough(media: Media) -> None:
    long = media.video("long.mp4", size="64x36", rate="5", seconds=200)
    assert measure_picture(long, samples=10).samples == 10
    one = media.make("one.mp4", "-i", str(media.video("v.mp4")), "-frames:v", "1")
    assert measure_picture(one).frozen == 1.0


def test_the_loudness_of_a_file_is_ffmpegs(media: Media) -> None:
    stereo = media.make("stereo.wav", "-i", str(media.music()), "-ac", "2", "-c:a", "pcm_f32le")
    loudness, peak = ebur128(stereo)
    ours = measure_loudness(stereo)
    assert ours.lufs == pytest.approx(loudness, abs=0.1)
    assert ours.true_peak == pytest.approx(peak, abs=0.2)
    with pytest.raises(UnreadableMediaError, match="no sound"):
        measure_loudness(media.video("v.mp4"))


def test_a_poster_is_the_frame_that_was_asked_for(media: Media) -> None:
    change = media.make(
        "change.mp4", "-f", "lavfi", "-i", "color=red:s=320x180:r=24:d=2",
        "-vf", "drawbox=t=fill:c=blue:enable='gte(t,1)'", "-pix_fmt", "yuv420p",
    )  # fmt: skip
    for at, channel in [(0.0, 0), (0.4, 0), (0.6, 2), (1.0, 2)]:
        assert int(np.asarray(poster_frame(change, at=at)).mean(axis=(0, 1)).argmax()) == channel
    assert poster_frame(change, width=100).size == (100, 56)
    with pytest.raises(BadInputError, match=r"1\.5"):
        poster_frame(change, at=1.5)
    with pytest.raises(UnreadableMediaError):
        poster_frame(media.voice())


def noisy(folder: Path, count: int) -> list[Path]:
    rng = np.random.default_rng(1)
    paths = []
    for n in range(count):
        path = folder / f"{n}.png"
        Image.fromarray(rng.integers(0, 255, (90 + n, 160, 3), dtype=np.uint8)).save(path)
        paths.append(path)
    return paths


@pytest.mark.parametrize("count", [1, 7, 60])
def test_a_contact_sheet_of_any_pictures_stays_within_its_bytes(tmp_path: Path, count: int) -> None:
    sheet = contact_sheet(noisy(tmp_path, count))
    assert len(sheet) <= SHEET_BYTES
    picture = Image.open(io.BytesIO(sheet))
    assert picture.format == "JPEG"
    assert picture.width > picture.height * 0.5


def test_a_sheet_puts_each_picture_in_its_place(tmp_path: Path) -> None:
    paths = []
    for n, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
        paths.append(tmp_path / f"{n}.png")
        Image.new("RGB", (160, 90), colour).save(paths[-1])
    sheet = np.asarray(Image.open(io.BytesIO(contact_sheet(paths, columns=2, cell_width=96))))
    assert sheet.shape == (108, 192, 3)
    assert [int(sheet[y, x].argmax()) for y, x in [(40, 60), (40, 150), (100, 60)]] == [0, 1, 2]
    assert sheet[100, 150].max() < 60
    assert sheet[:16, :16].min(axis=2).max() > 120  # the number in its corner


def test_a_sheet_takes_videos_too_and_any_labels(media: Media, tmp_path: Path) -> None:
    pictures = [media.video("v.mp4"), *noisy(tmp_path, 1)]
    labelled = contact_sheet(pictures, labels=["12a", "13"])
    assert labelled != contact_sheet(pictures)
    assert Image.open(io.BytesIO(labelled)).width == 192


def test_a_sheet_of_nothing_or_of_no_picture_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.png"
    page.write_text("<html>")
    with pytest.raises(UnreadableMediaError, match=r"page\.png"):
        contact_sheet([page])
    with pytest.raises(BadInputError, match="it was given 0"):
        contact_sheet([])
