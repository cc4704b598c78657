"""How a make ends when it is stopped, killed, or out of room, and what the next one finds."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.command_line import CommandLine, Ended
from support.postgres import PostgresServer
from support.processes import wait_until
from support.stories import shot, storyboard_file, write_screenplay

from aianime_pipeline.db.models import CompositeTask, Generation, ShotStage, Take, Worker


@pytest.fixture
def held(fresh: CommandLine) -> Iterator[tuple[CommandLine, Path, subprocess.Popen[str]]]:
    """A make in the middle: two images are made, the third is at work for as long as a file is there."""
    file = fresh.steering.hold("image", "picture 2.")
    process = fresh.start("make", "p-e001", "--json")
    database = fresh.database()

    def ready() -> int:
        assert process.poll() is None, process.communicate()
        with database.read() as session:
            image = (ShotStage.stage == "image") & (ShotStage.state == "approved")
            return session.scalar(sa.select(sa.func.count()).select_from(ShotStage).where(image)) or 0

    wait_until(lambda: ready() >= 2)
    wait_until(lambda: len(fresh.steering.submitted("picture 2.")) == 1)
    database.close()
    yield fresh, file, process
    if process.poll() is None:
        process.kill()
    process.communicate()


def end(process: subprocess.Popen[str]) -> Ended:
    out, told = process.communicate(timeout=120)
    return Ended(process.returncode, out, told)


def assert_nothing_half_done(line: CommandLine) -> None:
    database = line.database()
    with database.read() as session:
        states = set(session.scalars(sa.select(ShotStage.state)))
        claims = [name for name in session.scalars(sa.select(ShotStage.claimed_by)) if name]
        takes = set(session.scalars(sa.select(Take.state)))
        generations = set(session.scalars(sa.select(Generation.state)))
    database.close()
    assert not claims
    assert states <= {"pending", "approved"}
    assert takes <= {"ready", "failed"}
    assert generations <= {"succeeded", "failed"}


def made_once(line: CommandLine) -> bool:
    """Of each shot but the second, each thing was asked for once."""
    asked = [(one.capability, one.words) for one in line.steering.submitted() if "2." not in one.words]
    return len(asked) == len(set(asked))


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_a_make_that_is_stopped_ends_as_cancelled_and_the_next_one_goes_on(
    held: tuple[CommandLine, Path, subprocess.Popen[str]], way: signal.Signals
) -> None:
    line, file, process = held
    process.send_signal(way)
    ended = end(process)
    assert (ended.code, ended.json["status"]) == (1, "cancelled"), ended.told
    assert ended.json["problems"] == ["It was stopped; the next make goes on from here."]
    assert "Traceback" not in ended.told
    assert_nothing_half_done(line)
    file.unlink()
    again = line.done("make", "p-e001", "--json").json
    assert (again["status"], again["stages"]["images"]["made"], again["stages"]["images"]["kept"]) == ("done", 1, 2)
    assert made_once(line)


def test_a_make_that_is_killed_is_taken_over_by_the_next_one_at_once(
    held: tuple[CommandLine, Path, subprocess.Popen[str]],
) -> None:
    line, file, process = held
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    file.unlink()
    warnings = line.done("status", "p-e001", "--json").json["shots"][1]["warnings"]
    assert warnings == ["image: the run that was making it is gone; make takes it over"]
    again = line.done("make", "p-e001", "--json").json
    assert (again["status"], again["stages"]["images"]["made"], again["stages"]["images"]["kept"]) == ("done", 1, 2)
    assert made_once(line)
    assert_nothing_half_done(line)


def test_a_second_make_of_the_episode_is_refused_while_the_first_is_alive(
    held: tuple[CommandLine, Path, subprocess.Popen[str]],
) -> None:
    line, file, process = held
    second = line.run("make", "p-e001", "--json")
    assert (second.code, second.error["code"]) == (1, "ERR_WORK_HELD")
    database = line.database()
    with database.read() as session:
        run_id = session.scalars(sa.select(Worker.run_id).where(Worker.ended_at.is_(None))).one()
    database.close()
    assert run_id in second.error["message"]
    assert f"process {process.pid} on" in second.error["message"]
    file.unlink()
    assert end(process).json["status"] == "done"
    assert len(line.steering.submitted("picture 2.")) == 2  # its image and its video


def test_a_full_disk_while_the_film_is_written_is_told_as_such_and_the_next_make_finishes(
    empty: CommandLine, tmp_path: Path
) -> None:
    """A limit on a file's size stands for the disk: nothing but the music as it is mixed into a film is as large."""
    line = empty.copy_to(tmp_path / "line")
    line.done("import", storyboard_file(line.folder, [shot(1, 时长=25, 生成任务=["图像"])]), "--project", "p")
    line.set_project(width=160, height=90)
    ended = line.run_anew("make", "p-e001", "--json", largest_file=4_000_000)
    assert (ended.code, ended.json["status"]) == (1, "failed"), ended.told
    (problem,) = ended.json["problems"]
    assert "ERR_DISK_FULL: No space left on the disk" in problem
    assert problem in ended.told.replace("\n", " ")
    assert "Traceback" not in ended.told
    assert (ended.json["film"], ended.json["package"]) == (None, None)
    database = line.database()
    with database.read() as session:
        task = session.scalars(sa.select(CompositeTask)).one()
    database.close()
    assert (task.state, task.claimed_by) == ("failed", None)
    assert "No space left" in task.reason
    assert not list((line.home / "tmp" / "films").iterdir())
    assert line.done("make", "p-e001", "--json").json["film"]["seconds"] == 25


def test_a_season_on_postgresql_is_imported_made_and_told_alike(postgres: PostgresServer, tmp_path: Path) -> None:
    name = postgres.new_database()
    line = CommandLine(tmp_path / "line", database_url=postgres.url(name))
    try:
        found = line.done("import", write_screenplay(line.folder), "--project", "p", "--json").json
        assert found["episodes"] == ["p-e001", "p-e002"]
        line.set_project(width=160, height=90)
        made = line.done("make", "p-e001", "--json").json
        assert made["status"] == "done"
        assert made["stages"]["storyboard"]["made"] == made["stages"]["images"]["made"] > 0
        assert line.done("make", "p-e001", "--json").json["stages"]["film"]["kept"] == 1
        status = line.done("status", "p-e001", "--json").json
        assert status["film"] == made["film"]
        assert {one["image"] for one in status["shots"]} == {"approved"}
        assert not (line.home / "aianime.db").exists()
    finally:
        postgres.drop_database(name)


def test_the_progress_of_a_failed_make_is_told_once_per_stage(fresh: CommandLine) -> None:
    fresh.steering.fail("image", "picture 1.")
    ended = fresh.run("make", "p-e001", "--to", "images")
    assert ended.code == 1
    assert ended.told.count("images: 2 made, 1 failed") == 1
    assert "shot 1: told to fail with bad_input" in ended.told
    assert "p-e001: failed, cost 0.00 CNY" in ended.out
    with pytest.raises(json.JSONDecodeError):
        json.loads(ended.out)
