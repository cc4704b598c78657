"""A storyboard file of forty shots, with the surprises of real ones, goes whole to film and ZIP."""

import json
import re
import shutil
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.commands import Commands
from support.finished_episodes import (
    FinishedEpisode,
    check_lengths,
    check_no_line_is_cut,
    check_package,
    check_subtitles,
)
from support.storyboards import write_v4_storyboard
from support.watching import letters

from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.storyboards.keeping import load_storyboard
from aianime_pipeline.storyboard.model import Shot, Transition

pytestmark = pytest.mark.whole

KEY = "harbour-e004"
BOARD = write_v4_storyboard(shots=40)
CHANGED_SHOT = 9
QUIET = 0.01
"""-40 dB below full scale: speech is ten times louder."""


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    commands = Commands(tmp_path_factory.mktemp("forty"))
    commands("project", "harbour", "--size", "480p")
    return commands


@pytest.fixture(scope="module")
def imported(commands: Commands) -> Any:
    return commands("import", commands.write("board.json", as_file(BOARD)), "--project", "harbour")


@pytest.fixture(scope="module")
def made(commands: Commands, imported: Any) -> Any:
    return commands("make", KEY)


@pytest.fixture(scope="module")
def episode(commands: Commands, made: Any) -> FinishedEpisode:
    return FinishedEpisode(commands, made)


@pytest.fixture(scope="module")
def elsewhere(commands: Commands, made: Any, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """A copy of the installation, to change something in it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(commands.folder / "home", folder / "home")
    return Commands(folder)


def as_file(board: dict[str, Any]) -> str:
    return json.dumps(board, ensure_ascii=False)


def soft_beginnings(commands: Commands) -> set[int]:
    """The shots that do not begin with a cut."""
    return {shot.number for shot in shots_of(commands, KEY) if shot.transition is not Transition.CUT}


def line_in_file(entry: dict[str, Any]) -> str:
    """What is to be spoken of a 台词: without who says it and how."""
    text = "" if entry["台词"] in ("（无）", "无") else entry["台词"]
    return re.sub(r"^（.*?）", "", text.rpartition("：")[2])


def shots_of(commands: Commands, key: str) -> list[Shot]:
    """Without what belongs to the kind of file they came from."""
    with commands.place.database.read() as session:
        shots = load_storyboard(session, find_episode(session, key)).shots
    return [replace(shot, extra={}, warnings=()) for shot in shots]


def test_every_stage_makes_what_each_of_the_forty_shots_wants(made: Any) -> None:
    wanted = [set(entry["生成任务"]) for entry in BOARD["镜头列表"]]
    counts = {stage: (count["made"], count["skipped"], count["failed"]) for stage, count in made["stages"].items()}
    videos, voices = (sum(task in one for one in wanted) for task in ("视频", "TTS"))
    assert 0 < videos < 40
    assert 0 < voices < 40
    assert made["status"] == "done"
    assert made["problems"] == []
    assert counts["images"] == (40, 0, 0)
    assert counts["videos"] == (videos, 40 - videos, 0)
    assert counts["voices"] == (voices, 40 - voices, 0)


def test_the_import_names_every_camera_word_that_it_does_not_know(imported: Any) -> None:
    told = " ".join(warning["message"] for warning in imported["warnings"])
    for word in ("手持呼吸感", "主观视角"):
        keys = ("运镜方式", "景别")
        numbers = [e["镜号"] for e in BOARD["镜头列表"] if word in [e[key] for key in keys]]
        assert numbers
        assert all(f"shot {number}: " in told for number in numbers)
        assert word in told


def test_picture_sound_status_and_storyboard_agree_to_the_frame(commands: Commands, episode: FinishedEpisode) -> None:
    assert len(episode.shots) == 40
    check_lengths(episode)
    status = commands("status", KEY)
    assert len(status["shots"]) == 40
    assert (status["film"], status["package"]) == (episode.made["film"], episode.made["package"])


def test_each_cut_is_at_the_frame_reckoned_from_the_recordings(commands: Commands, episode: FinishedEpisode) -> None:
    changes, soft = episode.film.changes, soft_beginnings(commands)
    cuts = [shot for shot in episode.shots[1:] if shot.number not in soft]
    assert len(cuts) > 15
    for shot in cuts:
        around = max(changes[shot.first - 1], changes[shot.first + 1], 1.0)
        assert changes[shot.first] > 4 * around, f"shot {shot.number}"


def test_a_shot_that_begins_softly_has_no_cut(commands: Commands, episode: FinishedEpisode) -> None:
    changes, soft = episode.film.changes, soft_beginnings(commands)
    turns = [shot for shot in episode.shots[1:] if shot.number in soft]
    assert len(turns) > 5
    for shot in turns:
        at = max(changes[shot.first - 4 : shot.first + 5])
        beside = sorted(changes[shot.first - 4 : shot.first + 5])[-2]
        assert at < 4 * beside, f"shot {shot.number}"


def test_no_line_is_cut_and_no_two_are_spoken_at_once(episode: FinishedEpisode) -> None:
    assert len(episode.spoken_shots) == 29
    check_no_line_is_cut(episode)


def test_the_last_spoken_line_is_loud_enough_to_its_end(episode: FinishedEpisode) -> None:
    shot, line = episode.spoken_shots[-1]
    begins = episode.heard[shot.number].place
    for part in np.array_split(episode.film.sound[begins : begins + len(line.recording)], 4):
        assert np.sqrt(np.mean(part**2)) > QUIET


def test_what_is_spoken_is_what_the_file_says_without_names_and_manner(episode: FinishedEpisode) -> None:
    spoken = {shot.number: line.text for shot, line in episode.spoken_shots}
    written = {e["镜号"]: line_in_file(e) for e in BOARD["镜头列表"] if "TTS" in e["生成任务"]}
    assert spoken == written


def test_every_line_is_read_while_it_is_heard_and_can_be_read(episode: FinishedEpisode) -> None:
    assert episode.film.subtitle_language == "zho"
    check_subtitles(episode)


def test_a_line_without_a_voice_is_read_as_long_as_its_shot_is_seen(episode: FinishedEpisode) -> None:
    written = {entry["镜号"]: line_in_file(entry) for entry in BOARD["镜头列表"]}
    silent = [shot for shot in episode.shots if shot.spoken is None and written[shot.number]]
    assert silent
    for shot in silent:
        cues = episode.subtitles_of(shot)
        rate = episode.film.rate
        assert letters("".join(line for cue in cues for line in cue.lines)) == letters(written[shot.number])
        assert (cues[0].start, cues[-1].end) == (round(shot.first / rate * 1000), round(shot.end / rate * 1000))


def test_a_shot_without_a_line_has_no_subtitle(episode: FinishedEpisode) -> None:
    mute = {entry["镜号"] for entry in BOARD["镜头列表"] if not line_in_file(entry)}
    assert mute
    assert not [shot.number for shot in episode.shots if shot.number in mute and episode.subtitles_of(shot)]


def test_make_lists_the_shots_that_are_held_longer(episode: FinishedEpisode, made: Any) -> None:
    grown = [str(shot.number) for shot in episode.shots if shot.grew]
    assert len(grown) > 5
    told = next(warning for warning in made["warnings"] if warning.startswith("Held longer"))
    assert re.findall(r"\d+", told) == grown


def test_the_package_is_whole_and_its_names_can_be_read(episode: FinishedEpisode) -> None:
    check_package(episode)
    names = {file["name"] for file in episode.manifest["files"]}
    assert {
        "voices/s007_苏晚_顾迟.wav",
        "voices/s005_旁白.wav",
        "shots/s001_image.png",
        "shots/s040_video.mp4",
    } <= names
    with zipfile.ZipFile(episode.package_path) as package:
        assert all(re.fullmatch(r"[\w./-]+", name) for name in package.namelist())
        # Bit 11 says that the name is UTF-8: without it Chinese names come out garbled.
        assert all(info.flag_bits & 0x800 for info in package.infolist() if not info.filename.isascii())


def test_the_storyboard_comes_out_as_it_was_imported(commands: Commands, episode: FinishedEpisode) -> None:
    exported = commands.folder / "exported.json"
    commands("storyboard", "export", KEY, exported)
    assert json.loads(exported.read_text(encoding="utf-8")) == BOARD
    assert episode.storyboard == BOARD


def test_the_shots_survive_a_table(elsewhere: Commands) -> None:
    table = elsewhere.folder / "exported.csv"
    elsewhere("storyboard", "export", KEY, table)
    [back] = elsewhere("import", table, "--project", "table")["episodes"]
    assert shots_of(elsewhere, back) == shots_of(elsewhere, KEY)


@pytest.fixture(scope="module")
def remade(elsewhere: Commands) -> FinishedEpisode:
    """Made again after the description of one shot was changed and the file imported again."""
    board = json.loads(as_file(BOARD))
    board["镜头列表"][CHANGED_SHOT - 1]["画面描述"] += "远处还有一盏灯亮着。"
    elsewhere("import", elsewhere.write("changed.json", as_file(board)), "--project", "harbour")
    return FinishedEpisode(elsewhere, elsewhere("make", KEY))


def test_one_changed_shot_makes_one_image_one_video_and_the_pieces_of_film_that_show_it(
    commands: Commands, made: Any, remade: FinishedEpisode
) -> None:
    before = {stage: count["made"] for stage, count in made["stages"].items()}
    found = {stage: (count["made"], count["kept"]) for stage, count in remade.made["stages"].items()}
    assert found["images"] == (1, 39)
    assert found["videos"] == (1, before["videos"] - 1)
    assert found["voices"] == (0, before["voices"])
    soft = soft_beginnings(commands)
    touched = 1 + sum(number in soft for number in (CHANGED_SHOT, CHANGED_SHOT + 1))
    assert (remade.report["segments_made"], remade.report["segments_kept"]) == (touched, 40 + len(soft) - touched)
    assert remade.report["sound_made"] is False


def test_after_the_change_only_the_pictures_of_that_shot_are_others(
    episode: FinishedEpisode, remade: FinishedEpisode
) -> None:
    def contents(of: FinishedEpisode) -> dict[str, str]:
        return {file["name"]: file["sha256"] for file in of.manifest["files"] if file["kind"] != "film"}

    before, after = contents(episode), contents(remade)
    number = f"s{CHANGED_SHOT:03d}"
    assert {name for name in before if after[name] != before[name]} == {
        f"shots/{number}_image.png",
        f"shots/{number}_video.mp4",
        f"storyboard/{KEY}.json",
    }
    assert after.keys() == before.keys()
    assert np.array_equal(remade.film.sound, episode.film.sound)
    check_lengths(remade)
    check_package(remade)
