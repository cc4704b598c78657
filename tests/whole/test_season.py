"""A season of twenty episodes, as several hands typed it, goes whole to twenty films and ZIPs."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from support.commands import Commands
from support.finished_episodes import FinishedEpisode, check_all
from support.seasons import plan_season
from support.watching import letters

from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.storyboards.keeping import bring_storyboard_up_to_date, load_storyboard
from aianime_pipeline.screenplay.parsing import parse_screenplay
from aianime_pipeline.storyboard.model import Storyboard

pytestmark = pytest.mark.whole

SEASON = plan_season(20, 7, scenes=(1, 2), lines=(4, 7))
"""Episodes of three to twelve shots: as many as the time allows, and more would try nothing new."""
NUMBERS = range(1, 21)
KEYS = [f"season-e{number:03d}" for number in NUMBERS]


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    return Commands(tmp_path_factory.mktemp("season"), quick=True)


@pytest.fixture(scope="module")
def imported(commands: Commands) -> Any:
    """From a file as older editors save it."""
    commands("project", "season", "--size", "480p")
    return commands("import", commands.write("season.txt", SEASON.text.encode("gb18030")), "--project", "season")


@pytest.fixture(scope="module")
def made(commands: Commands, imported: Any) -> dict[str, Any]:
    """What `make` says of each episode."""
    return commands.make_each(imported["episodes"], processes=2)


@pytest.fixture(scope="module")
def episodes(commands: Commands, made: dict[str, Any]) -> dict[str, FinishedEpisode]:
    return {key: FinishedEpisode(commands, document) for key, document in made.items()}


def storyboard_of(commands: Commands, key: str) -> Storyboard:
    with commands.place.database.read() as session:
        episode = find_episode(session, key)
    bring_storyboard_up_to_date(commands.place, episode.id)
    with commands.place.database.read() as session:
        return load_storyboard(session, find_episode(session, key))


def test_the_season_comes_in_whole(imported: Any) -> None:
    assert imported["episodes"] == KEYS
    assert (imported["scenes"], imported["blocks"]) == (SEASON.scenes, SEASON.counts)
    assert len(imported["warnings"]) == SEASON.slips


def test_both_encodings_give_the_same_twenty_storyboards(commands: Commands, imported: Any) -> None:
    found = commands("import", commands.write("utf8.txt", SEASON.text), "--project", "utf8")
    assert {name: found[name] for name in ("scenes", "blocks")} == {
        name: imported[name] for name in ("scenes", "blocks")
    }
    assert len(found["episodes"]) == 20
    for key, other in zip(KEYS, found["episodes"], strict=True):
        planned = storyboard_of(commands, key).shots
        assert planned
        assert planned == storyboard_of(commands, other).shots


def test_every_episode_is_done(made: dict[str, Any]) -> None:
    assert sorted(made) == KEYS
    assert {document["status"] for document in made.values()} == {"done"}
    assert not [problem for document in made.values() for problem in document["problems"]]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_film_and_the_package_of_each_episode_are_whole(episodes: dict[str, FinishedEpisode], number: int) -> None:
    episode = episodes[KEYS[number - 1]]
    assert (episode.film.width, episode.film.height, episode.film.rate) == (854, 480, Fraction(24))
    check_all(episode)
    assert all(cue.end <= episode.film.frames / episode.film.rate * 1000 for cue in episode.script)


def test_every_line_of_the_season_is_spoken_in_its_order(episodes: dict[str, FinishedEpisode]) -> None:
    written = parse_screenplay(SEASON.text.encode("utf-8"), filename="season.txt")
    for key, told in zip(KEYS, written.episodes, strict=True):
        lines = [b.text for scene in told.scenes for b in scene.blocks if b.type in ("dialogue", "os")]
        spoken = [line.text for _, line in episodes[key].spoken_shots]
        assert letters("".join(spoken)) == letters("".join(lines)), key


def test_the_first_episode_is_whole_with_the_built_in_provider(tmp_path_factory: pytest.TempPathFactory) -> None:
    real = Commands(tmp_path_factory.mktemp("real"))
    real("project", "season", "--size", "480p")
    real("import", real.write("season.txt", SEASON.text.encode("gb18030")), "--project", "season")
    episode = FinishedEpisode(real, real("make", KEYS[0]))
    check_all(episode)
    changes = episode.film.changes
    assert all(changes[shot.first] > changes[shot.first - 1] for _, shot in pairwise(episode.shots))
