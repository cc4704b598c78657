"""One edit with everything in it, its media, and a folder to export into."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from support.editors_edits import Edit, full_edit
from support.film_media import Media


@pytest.fixture(params=[Fraction(24), Fraction(24000, 1001)], ids=["24", "23.976"])
def edit(request: pytest.FixtureRequest, media: Media, tmp_path: Path) -> Edit:
    return full_edit(media, request.param, tmp_path)


@pytest.fixture
def edit_at(media: Media, tmp_path: Path) -> Callable[[Fraction], Edit]:
    return lambda rate: full_edit(media, rate, tmp_path)
