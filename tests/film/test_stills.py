"""Opening still pictures that came from outside: whatever is wrong with one, it is one error, wherever it is used."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from support.film_pieces import clip, film_of

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film import stills
from aianime_pipeline.film.interchange import name_media
from aianime_pipeline.film.picture.motion import open_still
from aianime_pipeline.film.posters import contact_sheet
from aianime_pipeline.film.stills import PICTURE_FORMATS, opened_still
from aianime_pipeline.storyboard.model import CameraMove


def decoded(path: Path) -> object:
    with opened_still(path) as picture:
        return picture.load()


def moved(path: Path) -> object:
    return open_still(path, CameraMove.HOLD, width=32, height=18, frames=1)


def named(path: Path) -> object:
    return name_media(film_of([clip(path, 6)]))


def on_a_sheet(path: Path) -> object:
    return contact_sheet([path])


USES = [decoded, moved, named, on_a_sheet]


def damaged(whole: bytes) -> list[bytes]:
    """Cut short and with wrong bytes, at eighty places."""
    places = range(0, len(whole), max(1, len(whole) // 80))
    return [data for at in places for data in (whole[:at], whole[:at] + b"\xff\x00\xff" + whole[at + 3 :])]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("kind", PICTURE_FORMATS)
def test_a_damaged_picture_is_shown_or_refused_by_name_and_never_breaks(
    kind: str, use: Callable[[Path], object], tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    Image.effect_noise((64, 64), 90).convert("RGB").save(path, kind)
    whole = path.read_bytes()
    use(path)
    for data in damaged(whole):
        path.write_bytes(data)
        try:
            use(path)
        except UnreadableMediaError as error:
            assert "picture" in error.message  # noqa: PT017


@pytest.mark.parametrize("use", USES)
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_read(
    use: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "picture.png"
    Image.new("RGB", (64, 36)).save(path)
    use(path)
    monkeypatch.setattr(stills, "MOST_PIXELS", 64 * 36 - 1)
    with pytest.raises(UnreadableMediaError, match=r"picture\.png has 64x36 pixels"):
        use(path)
