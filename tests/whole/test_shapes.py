"""Films of other shapes and rates, and of another language, are what their projects say."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from support.commands import Commands
from support.finished_episodes import FinishedEpisode, check_all
from support.storyboards import write_v4_storyboard

pytestmark = pytest.mark.whole

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


@pytest.fixture(scope="module")
def episodes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FinishedEpisode]:
    """Made whole, by the names of their projects."""
    commands = Commands(tmp_path_factory.mktemp("shapes"))
    board = write_v4_storyboard(shots=40)
    three = commands.write("three.json", json.dumps(board | {"镜头列表": board["镜头列表"][:3]}, ensure_ascii=False))
    projects = {
        "ferry": (EXAMPLES / "the-last-ferry.fountain", []),
        "tall": (three, ["--aspect", "9:16"]),
        "television": (three, ["--rate", "23.976"]),
    }
    for project, (file, options) in projects.items():
        commands("project", project, "--size", "480p", *options)
        commands("import", file, "--project", project)
    made = commands.make_each(["ferry-e001", "tall-e004", "television-e004"], processes=2)
    return {key.partition("-")[0]: FinishedEpisode(commands, document) for key, document in made.items()}


def test_a_vertical_film_is_higher_than_wide(episodes: dict[str, FinishedEpisode]) -> None:
    film = episodes["tall"].film
    assert (film.width, film.height, film.rate) == (480, 854, Fraction(24))


def test_a_film_at_the_rate_of_television_keeps_it_exactly(episodes: dict[str, FinishedEpisode]) -> None:
    film = episodes["television"].film
    assert (film.width, film.height, film.rate) == (854, 480, Fraction(24000, 1001))


@pytest.mark.parametrize(("project", "shots"), [("tall", 3), ("television", 3), ("ferry", 16)])
def test_films_of_every_shape_are_whole(episodes: dict[str, FinishedEpisode], project: str, shots: int) -> None:
    assert len(episodes[project].shots) == shots
    assert episodes[project].spoken_shots
    check_all(episodes[project])


def test_the_english_example_is_spoken_and_read_in_english(episodes: dict[str, FinishedEpisode]) -> None:
    ferry = episodes["ferry"]
    assert {line.language for _, line in ferry.spoken_shots} == {"en"}
    assert ferry.film.subtitle_language == "eng"
