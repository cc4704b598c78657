"""What the film's tests share: media, and one finished film that nobody may change."""

from pathlib import Path

import pytest
from support.film_media import Media
from support.small_films import shots, timeline_of

from aianime_pipeline.film.render import FilmReport, render_film
from aianime_pipeline.film.timeline import Timeline


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    return Media(tmp_path_factory.mktemp("media"))


@pytest.fixture(scope="session")
def film_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp('it\'s a "film" 100%')


@pytest.fixture(scope="session")
def film(media: Media, film_folder: Path) -> tuple[Timeline, FilmReport]:
    timeline = timeline_of(shots(media), media)
    return timeline, render_film(
        timeline, film_folder / "第1集.mp4", cache=film_folder / "cache", title="月光\n'夜'; {x}"
    )
