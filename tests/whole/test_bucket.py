"""An episode whose objects lie in a bucket is the same episode: made, exported, packed, and made again for nothing."""

import json
import uuid
from pathlib import Path

import pytest
from support.commands import Commands
from support.finished_episodes import FinishedEpisode, check_all
from support.seaweed import SeaweedServer
from support.storyboards import write_v4_storyboard

pytestmark = pytest.mark.whole

KEY = "bucket-e004"


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory, seaweed: SeaweedServer) -> Commands:
    commands = Commands(tmp_path_factory.mktemp("bucket"))
    commands.environment |= seaweed.environment | {"AIANIME_OBJECTS_URL": seaweed.url(uuid.uuid4().hex)}
    return commands


@pytest.fixture(scope="module")
def episode(commands: Commands) -> FinishedEpisode:
    board = write_v4_storyboard(shots=40)
    file = commands.write("three.json", json.dumps(board | {"镜头列表": board["镜头列表"][:3]}, ensure_ascii=False))
    commands("project", "bucket", "--size", "480p")
    commands("import", file, "--project", "bucket")
    return FinishedEpisode(commands, commands("make", KEY))


def test_the_film_and_the_zip_are_right(episode: FinishedEpisode) -> None:
    assert len(episode.shots) == 3
    assert episode.spoken_shots
    check_all(episode)


def test_no_object_lies_in_the_home(commands: Commands, episode: FinishedEpisode) -> None:
    home = commands.folder / "home"
    assert not (home / "objects").exists()
    assert list((home / "tmp" / "objects").iterdir()) == []


def test_made_again_nothing_is_made_and_what_people_have_stays(commands: Commands, episode: FinishedEpisode) -> None:
    copies = (episode.film_path, episode.package_path)
    before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in copies]
    again = commands("make", KEY)
    assert {name: stage["made"] for name, stage in again["stages"].items()} == dict.fromkeys(again["stages"], 0)
    assert [(path.stat().st_ino, path.stat().st_mtime_ns) for path in copies] == before


def test_an_export_for_editing_programs_has_its_media_beside_it(commands: Commands, episode: FinishedEpisode) -> None:
    export = commands("film", "export", KEY, "--name", "edit", "--set", "quality=draft", "--format", "fcpxml,otioz")
    assert {"edit.fcpxml", "edit.otioz"} <= set(export["files"])
    assert all(Path(path).stat().st_size > 0 for path in [export["path"], *export["files"].values()])
