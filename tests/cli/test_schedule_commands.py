"""`aianime schedule`: what a person and a script meet."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.command_line import CommandLine

from aianime_pipeline.cli.schedules import schedule, seconds_of
from aianime_pipeline.errors import BadSettingError

FIELDS = {
    "uid", "name", "project", "cron", "time_zone", "action", "settings", "enabled", "catch_up", "grace_seconds",
    "revision", "created_by", "created_at", "updated_at", "problem", "next",
}  # fmt: skip
NIGHTLY = ("nightly", "--cron", "30 2 * * mon-fri", "--zone", "Asia/Shanghai", "--action", "pipeline", "--project", "p")


@pytest.fixture
def line(imported: CommandLine, tmp_path: Path) -> CommandLine:
    return imported.copy_to(tmp_path / "line")


@pytest.fixture
def nightly(line: CommandLine) -> CommandLine:
    line.done("schedule", "add", *NIGHTLY, "--episodes", "1-8", "--to", "images", "--grace", "2h")
    return line


def changed(line: CommandLine, *arguments: str) -> dict[str, Any]:
    return dict(line.done("schedule", "change", "nightly", *arguments, "--json").json["schedule"])


def test_a_schedule_is_added_and_its_next_five_times_are_told_in_its_zone(line: CommandLine) -> None:
    found = line.done(
        "schedule", "add", *NIGHTLY, "--episodes", "１-8，12", "--to", "images", "--shots", "3,4", "--force",
        "--catch-up", "all", "--grace", "2h", "--json",
    ).json["schedule"]  # fmt: skip
    assert set(found) == FIELDS
    assert (found["name"], found["project"], found["action"], found["enabled"]) == ("nightly", "p", "pipeline", True)
    assert (found["cron"], found["time_zone"]) == ("30 2 * * MON-FRI", "Asia/Shanghai")
    assert found["settings"] == {"episodes": "1-8,12", "to": "images", "shots": [3, 4], "force": True}
    assert (found["catch_up"], found["grace_seconds"], found["revision"], found["problem"]) == ("all", 7200, 1, "")
    times = [datetime.fromisoformat(at) for at in found["next"]]
    assert len(times) == 5
    assert all(at.isoformat().endswith("T02:30:00+08:00") and at.weekday() < 5 for at in times)
    assert times == sorted(times)


def test_it_is_shown_to_people_with_what_it_does_and_when(nightly: CommandLine) -> None:
    told = nightly.done("schedule", "show", "nightly").out.splitlines()
    assert told[0] == "nightly  on  30 2 * * MON-FRI  Asia/Shanghai  pipeline of p, episodes 1-8, to images"
    assert told[1].startswith("    when late: latest, up to 2h; revision 1, created by ")
    assert re.fullmatch(r"    next  (Mon|Tue|Wed|Thu|Fri) [0-9-]{10} 02:30 \+0800", told[2])
    assert len(told) == 7
    assert nightly.done("schedule", "list").out.splitlines() == told


def test_what_is_given_is_changed_and_the_rest_stays(nightly: CommandLine) -> None:
    found = changed(nightly, "--cron", "0 4 * * *", "--zone", "UTC", "--shots", "2", "--grace", "90m")
    assert (found["cron"], found["time_zone"], found["grace_seconds"], found["revision"]) == (
        "0 4 * * *",
        "UTC",
        5400,
        2,
    )
    assert found["settings"] == {"episodes": "1-8", "to": "images", "shots": [2], "force": False}
    found = changed(nightly, "--shots", "all", "--force", "--episodes", "all", "--catch-up", "skip", "--revision", "2")
    assert found["settings"] == {"episodes": "all", "to": "images", "shots": [], "force": True}
    assert (found["catch_up"], found["revision"]) == ("skip", 3)
    assert changed(nightly, "--no-force", "--rename", "weekly")["name"] == "weekly"
    assert nightly.done("schedule", "show", "weekly", "--json").json["schedule"]["settings"]["force"] is False


def test_it_becomes_another_action_with_that_ones_settings(nightly: CommandLine) -> None:
    assert changed(nightly, "--action", "film")["settings"] == {"episodes": "1-8"}
    found = changed(nightly, "--action", "cleanup", "--dry-run")
    assert (found["project"], found["settings"]) == (None, {"dry_run": True})


def test_it_is_turned_off_on_and_removed(nightly: CommandLine) -> None:
    off = nightly.done("schedule", "disable", "nightly", "--json").json["schedule"]
    assert (off["enabled"], off["next"], off["revision"]) == (False, [], 2)
    assert nightly.done("schedule", "disable", "nightly", "--json").json["schedule"]["revision"] == 2
    assert nightly.done("schedule", "show", "nightly").out.startswith("nightly  off  ")
    assert len(nightly.done("schedule", "enable", "nightly", "--json").json["schedule"]["next"]) == 5
    assert nightly.done("schedule", "remove", "nightly", "--json").json == {
        "removed": {"name": "nightly", "uid": off["uid"]}
    }
    assert nightly.done("schedule", "list").out == "no schedules\n"


def test_a_schedule_can_be_added_turned_off(line: CommandLine) -> None:
    found = line.done("schedule", "add", *NIGHTLY, "--disabled", "--json").json["schedule"]
    assert (found["enabled"], found["next"], found["settings"]["episodes"]) == (False, [], "all")


def test_they_are_listed_of_a_project_or_all(nightly: CommandLine) -> None:
    nightly.done("schedule", "add", "clean", "--cron", "0 4 * * SUN", "--zone", "UTC", "--action", "cleanup")
    everything = nightly.done("schedule", "list", "--json").json["schedules"]
    assert [one["name"] for one in everything] == ["clean", "nightly"]
    assert [one["name"] for one in nightly.done("schedule", "list", "--project", "p", "--json").json["schedules"]] == [
        "nightly"
    ]


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1_800), ("２h", 7_200), ("7 d", 604_800)])
def test_a_grace_is_a_number_with_its_unit(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "1.5h", "-2h", "2w", "²h"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(BadSettingError, match="right would be 90m, 2h or 1d"):
        seconds_of(text)


OTHER = ("x", "--zone", "UTC", "--action", "report")
WRONG = [
    (["add", *OTHER, "--cron", "0 9 * *"], "ERR_SETTING", "it has 4 fields and takes five"),
    (["add", *OTHER, "--cron", "0 9 1 * MON"], "ERR_SETTING", "of which a cron takes either"),
    (["add", *OTHER], "ERR_USAGE", "--cron"),
    (["change", "nightly", "--zone", "UTC+8"], "ERR_SETTING", "such as Asia/Shanghai"),
    (["change", "nightly", "--action", "voices"], "ERR_SETTING", "it takes one of pipeline, images"),
    (["change", "nightly", "--project", "q"], "ERR_NOT_FOUND", "there are: p"),
    (["change", "nightly", "--episodes", "8-3"], "ERR_SETTING", "such as 3-8,12"),
    (["change", "nightly", "--to", "movie"], "ERR_SETTING", "storyboard, images, videos"),
    (["change", "nightly", "--dry-run"], "ERR_SETTING", "pipeline does not take dry_run"),
    (["change", "nightly", "--shots", "x"], "ERR_SETTING", "right would be 3,4"),
    (["change", "nightly", "--catch-up", "some"], "ERR_SETTING", "skip, latest, all"),
    (["change", "nightly", "--grace", "40d"], "ERR_SETTING", "a minute to 31 days"),
    (["change", "weekly", "--force"], "ERR_NOT_FOUND", "there are: nightly"),
    (["show", "weekly"], "ERR_NOT_FOUND", "there are: nightly"),
    (["enable", "weekly"], "ERR_NOT_FOUND", "there are: nightly"),
    (["remove", "weekly"], "ERR_NOT_FOUND", "there are: nightly"),
    (["list", "--project", "q"], "ERR_NOT_FOUND", "there are: p"),
]


@pytest.fixture(scope="module")
def kept(imported: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """One with the schedule `nightly`. To be looked at only."""
    line = imported.copy_to(tmp_path_factory.mktemp("kept"))
    line.done("schedule", "add", *NIGHTLY)
    return line


@pytest.mark.parametrize(("arguments", "error", "right"), WRONG, ids=[" ".join(one[0])[:60] for one in WRONG])
def test_what_is_wrong_is_told_with_what_would_be_right(
    kept: CommandLine, arguments: list[str], error: str, right: str
) -> None:
    ended = kept.run("schedule", *arguments, "--json")
    assert (ended.code, ended.error["code"]) == (2, error)
    assert right in ended.error["message"]


def test_a_name_that_is_taken_is_told_as_what_cannot_be_done_now(kept: CommandLine) -> None:
    ended = kept.run("schedule", "add", *NIGHTLY, "--json")
    assert (ended.code, ended.error["code"]) == (1, "ERR_SCHEDULE_EXISTS")
    assert ended.error["message"] == "There is a schedule 'nightly' already: choose another name."


def test_who_saw_an_older_revision_is_refused(nightly: CommandLine) -> None:
    changed(nightly, "--force")
    ended = nightly.run("schedule", "change", "nightly", "--no-force", "--revision", "1", "--json")
    assert (ended.code, ended.error["code"]) == (1, "ERR_STALE_VERSION")
    assert ended.error["details"] == {"revision": 2}


def test_every_command_is_documented() -> None:
    documented = Path(__file__).parents[2].joinpath("docs", "command-line.md").read_text("utf-8")
    for command in schedule.registered_commands:
        assert re.search(rf"`aianime schedule [a-z\\|]*\b{command.name}\b", documented), command.name
