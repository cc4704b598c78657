"""What scripts rely on: the JSON of each command, its exit code, and which stream says what."""

import csv
import json
import re
from pathlib import Path

import pytest
from fakes import openai_like
from fakes.vendor import Vendor
from support.command_line import CommandLine
from support.processes import Script
from support.stories import shot, storyboard_file, write_screenplay

from aianime_pipeline import __version__
from aianime_pipeline.cli.arguments import shot_numbers
from aianime_pipeline.db.schema import HEAD
from aianime_pipeline.errors import BadSettingError

STAGES = ["storyboard", "images", "videos", "voices", "film", "package"]
COUNTS = {"seconds", "made", "kept", "waiting", "skipped", "failed"}
MAKE = {
    "episode",
    "run_id",
    "status",
    "currency",
    "stages",
    "film",
    "package",
    "cost_micros",
    "problems",
    "warnings",
    "refused",
}


def counts(document: dict[str, dict[str, dict[str, int]]], stage: str) -> tuple[int, ...]:
    row = document["stages"][stage]
    return tuple(row[name] for name in ("made", "kept", "waiting", "skipped", "failed"))


# import


def test_importing_a_screenplay_tells_what_was_found(empty: CommandLine, tmp_path: Path) -> None:
    line = empty.copy_to(tmp_path / "line")
    text = "前言。\n\n第1集\n\n1-1 日 内 茶铺\n人物：林夏\n△灯灭了。\n△\n林夏：走。\n林夏os：冷。\n"
    found = line.done("import", write_screenplay(tmp_path, text), "--project", "p", "--title", "T", "--json").json
    assert set(found) == {"project", "episodes", "scenes", "blocks", "shots", "warnings"}
    assert (found["project"], found["episodes"], found["scenes"], found["shots"]) == ("p", ["p-e001"], 1, 0)
    assert found["blocks"] == {"action": 1, "dialogue": 1, "os": 1, "direction": 0, "closeup": 0}
    assert found["warnings"], "the stray lines are told"
    assert all(set(warning) == {"line", "message"} for warning in found["warnings"])


def test_importing_a_storyboard_tells_its_shots(empty: CommandLine, tmp_path: Path) -> None:
    line = empty.copy_to(tmp_path / "line")
    path = storyboard_file(tmp_path, [shot(1), shot(2, 运镜方式="意识流")], episode=12)
    found = line.done("import", path, "--project", "p", "--json").json
    assert (found["episodes"], found["shots"], found["scenes"]) == (["p-e012"], 2, 0)
    told = line.done("import", path, "--project", "p")
    assert "p: 1 episode(s), p-e012" in told.out
    assert "2 shots" in told.out
    assert "next: aianime make p-e012" in told.out


# make


def test_making_tells_every_stage_and_where_the_files_are(finished: CommandLine) -> None:
    found = finished.done("make", "p-e001", "--json").json
    assert set(found) == MAKE
    assert (found["episode"], found["status"], found["currency"], found["cost_micros"]) == ("p-e001", "done", "CNY", 0)
    assert list(found["stages"]) == STAGES
    assert all(set(row) == COUNTS for row in found["stages"].values())
    assert [counts(found, stage) for stage in STAGES] == [*[(0, 3, 0, 0, 0)] * 4, *[(0, 1, 0, 0, 0)] * 2]
    assert re.fullmatch(r"[0-9a-f-]{36}", found["run_id"])
    film, package = found["film"], found["package"]
    output = finished.home / "output" / "p-e001"
    assert film == {
        "path": str(output / "p-e001.mp4"),
        "frames": 72,
        "seconds": 3.0,
        "bytes": (output / "p-e001.mp4").stat().st_size,
    }
    assert package == {"path": str(output / "p-e001.zip"), "bytes": (output / "p-e001.zip").stat().st_size}
    assert (found["problems"], found["warnings"]) == ([], [])


def test_without_a_terminal_progress_is_plain_lines_on_the_standard_error(fresh: CommandLine) -> None:
    ended = fresh.done("make", "p-e001", "--to", "images", "--json")
    assert ended.json["status"] == "done"
    lines = ended.told.splitlines()
    assert lines[-1] == "images: 3 made"
    assert all(re.fullmatch(r"[a-z]+: ([0-9]+ %|[0-9]+ (made|kept)(, [0-9]+ [a-z]+)*|…)", line) for line in lines), (
        lines
    )
    assert "\x1b" not in ended.told
    assert list(ended.json["stages"]) == ["storyboard", "images"]
    assert (ended.json["film"], ended.json["package"]) == (None, None)


def test_named_shots_are_made_and_the_others_left(fresh: CommandLine) -> None:
    ended = fresh.run("make", "p-e001", "--shots", "1,3", "--to", "images", "--json")
    assert counts(ended.json, "images") == (2, 0, 1, 0, 0)
    asked = [line.words for line in fresh.steering.submitted("picture")]
    assert sorted(asked) == ["picture 1.", "picture 3."]
    assert (ended.code, ended.json["status"]) == (3, "waiting")


def test_a_forced_shot_is_made_again_with_what_follows_from_it(finished: CommandLine) -> None:
    found = finished.done("make", "p-e001", "--shots", "2", "--force", "--json").json
    assert [counts(found, stage)[:2] for stage in ("images", "videos", "voices")] == [(1, 2)] * 3
    assert [counts(found, stage)[0] for stage in ("film", "package")] == [1, 1]


def test_what_waits_for_a_review_ends_with_3_and_names_the_shots_until_a_person_was_there(fresh: CommandLine) -> None:
    fresh.done("project", "p", "--review-image", "human")
    ended = fresh.run("make", "p-e001", "--json")
    assert (ended.code, ended.json["status"]) == (3, "waiting")
    assert "shot 1: image is review" in ended.json["problems"]
    assert "waiting: shot 3: image is review" in ended.told
    assert counts(ended.json, "film") == (0, 0, 1, 0, 0)
    assert (ended.json["film"], ended.json["package"]) == (None, None)
    verdicts = fresh.done(
        "review", "p-e001", "--stage", "images", "--approve", "1,3", "--reject", "2", "--reason", "no lamp", "--json"
    ).json
    assert verdicts == {
        "episode": "p-e001",
        "stage": "images",
        "shots": {"1": "approved", "3": "approved", "2": "rejected"},
    }
    ended = fresh.run("make", "p-e001", "--review", "auto", "--json")
    assert (ended.code, ended.json["status"], ended.json["problems"]) == (0, "done", [])
    assert counts(ended.json, "images") == (1, 2, 0, 0, 0)


def test_a_failed_shot_ends_with_1_and_is_named_with_its_reason(fresh: CommandLine) -> None:
    fresh.steering.fail("video", "picture 2.", kind="moderated")
    ended = fresh.run("make", "p-e001", "--json")
    assert (ended.code, ended.json["status"]) == (1, "failed")
    assert counts(ended.json, "videos") == (2, 0, 0, 0, 1)
    (problem,) = ended.json["problems"]
    assert problem.endswith("1 of 3 shots failed, the others were kept: shot 2: told to fail with moderated")
    assert "Traceback" not in ended.told
    shots = fresh.done("status", "p-e001", "--json").json["shots"]
    assert [one["video"] for one in shots] == ["approved", "failed", "approved"]
    assert any("told to fail with moderated" in warning for warning in shots[1]["warnings"])


# status


def test_the_status_of_an_episode_tells_each_shot_and_the_files(made: CommandLine) -> None:
    found = made.done("status", "p-e001", "--json").json
    assert set(found) == {"episode", "shots", "film", "package"}
    versions = [one.pop("versions") for one in found["shots"]]
    assert all(set(one) == {"image", "video", "voice"} and min(one.values()) > 1 for one in versions)
    approved = {"image": "approved", "video": "approved", "voice": "approved", "warnings": [], "left_out": False}
    assert found["shots"] == [{"number": number} | approved for number in (1, 2, 3)]
    assert (found["film"]["frames"], set(found["package"])) == (72, {"path", "bytes"})


def test_the_status_without_a_key_tells_every_episode(made: CommandLine, imported: CommandLine, tmp_path: Path) -> None:
    (found,) = made.done("status", "--json").json["episodes"]
    assert set(found) == {"episode", "project", "shots", "film", "package"}
    assert (found["episode"], found["project"], found["shots"], found["film"]["frames"]) == ("p-e001", "p", 3, 72)
    (found,) = imported.done("status", "--json").json["episodes"]
    assert (found["film"], found["package"]) == (None, None)
    assert CommandLine(tmp_path).done("status", "--json").json == {"episodes": []}


def test_what_is_out_of_date_is_told(finished: CommandLine) -> None:
    path = storyboard_file(finished.folder, [shot(1), shot(2, 台词="other words."), shot(3)])
    finished.done("import", path, "--project", "p")
    shots = finished.done("status", "p-e001", "--json").json["shots"]
    assert [bool(one["warnings"]) for one in shots] == [False, True, False]
    assert "voice" in shots[1]["warnings"][0]


# storyboard


def test_a_storyboard_goes_out_as_json_and_csv_and_comes_back(
    made: CommandLine, empty: CommandLine, tmp_path: Path
) -> None:
    found = made.done("storyboard", "export", "p-e001", tmp_path / "out.json", "--json").json
    assert found == {"episode": "p-e001", "path": str(tmp_path / "out.json"), "shots": 3}
    document = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert document["格式标识"] == "storyboard_ai_v4"
    assert [entry["镜号"] for entry in document["镜头列表"]] == [1, 2, 3]
    assert made.done("storyboard", "export", "p-e001", tmp_path / "out.csv").out.startswith("3 shots of p-e001 in ")
    rows = list(csv.reader((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 4
    other = empty.copy_to(tmp_path / "other")
    for name, number in (("out.json", "1"), ("out.csv", "2")):
        report = other.done("import", tmp_path / name, "--project", "q", "--episode", number, "--json").json
        assert (report["shots"], report["episodes"]) == (3, [f"q-e00{number}"])


def test_a_frozen_storyboard_is_said_to_be_frozen(fresh: CommandLine) -> None:
    assert fresh.done("storyboard", "freeze", "p-e001", "--json").json == {"episode": "p-e001", "state": "frozen"}
    ended = fresh.run("import", fresh.folder / "board.json", "--project", "p", "--json")
    assert (ended.code, ended.error["code"]) == (1, "ERR_STORYBOARD_FROZEN")
    assert fresh.done("storyboard", "unfreeze", "p-e001", "--json").json["state"] == "editing"


STORY_MODEL = f"""
[providers.text]
kind = "openai"
base_url = "{{address}}/v1"
api_key_env = "TEXT_KEY"

[providers.text.models.chat]
capability = "text"
model = "{openai_like.TEXT_MODEL}"

[routes]
text = ["text/chat"]
"""


def test_a_storyboard_is_told_anew_by_the_language_model_that_is_asked_and_paid_again(
    empty: CommandLine, tmp_path: Path
) -> None:
    line = empty.copy_to(tmp_path / "line")
    line.done("import", write_screenplay(tmp_path), "--project", "p")
    ended = line.run("storyboard", "retell", "p-e001", "--json")
    assert (ended.code, ended.error["code"]) == (2, "ERR_SETTING")
    assert "routes.text" in ended.error["message"]
    with Vendor("openai_like") as text:
        Path(line.home, "aianime.toml").write_text(STORY_MODEL.format(address=text.address), "utf-8")
        key = {"TEXT_KEY": openai_like.KEY}
        found = line.done("storyboard", "retell", "p-e001", "--json", environment=key).json
        assert set(found) == {"episode", "shots", "source", "changed", "by_rules"}
        assert (found["source"], found["changed"], found["by_rules"]) == ("story model text/chat", True, [])
        asked = len(text.requests("submit"))
        assert f"{found['shots']} shots of p-e001" in line.done("storyboard", "retell", "p-e001", environment=key).out
        assert len(text.requests("submit")) > asked
        line.done("storyboard", "freeze", "p-e001")
        ended = line.run("storyboard", "retell", "p-e001", "--json", environment=key)
        assert (ended.code, ended.error["code"]) == (1, "ERR_STATE")


# Options that are kept


def test_a_projects_options_are_told_as_they_are_then(fresh: CommandLine) -> None:
    found = fresh.done("project", "p", "--aspect", "9:16", "--size", "480p", "--rate", "23.976", "--json").json
    assert (found["width"], found["height"], found["rate"]) == (480, 854, "24000/1001")
    assert fresh.done("project", "p", "--json").json == found


def test_another_organisations_budgets_count_what_a_project_spends_from_then_on(fresh: CommandLine) -> None:
    assert fresh.done("project", "p", "--json").json["organisation"] == "studio"
    assert fresh.done("project", "p", "--organisation", " 月影 film ", "--json").json["organisation"] == "月影 film"
    fresh.done("budget", "set", "10", "--organisation", "月影 film", "--currency", "CNY")
    (budget,) = fresh.done("budget", "list", "--project", "p", "--json").json["budgets"]
    assert (budget["scope"], budget["subject"]) == ("organisation", "月影 film")
    for name in ("", "  ", "x" * 65, "two\nlines"):
        ended = fresh.run("project", "p", "--organisation", name, "--json")
        assert (ended.code, ended.error["code"]) == (2, "ERR_SETTING")
        assert "1 to 64" in ended.error["message"]
    assert fresh.done("project", "p", "--json").json["organisation"] == "月影 film"


def test_what_goes_into_the_zip_is_kept_and_told(fresh: CommandLine) -> None:
    found = fresh.done("package", "p-e001", "--leave-out", "voices, shot_images", "--json").json
    left_out = {name for name, included in found["config"].items() if not included}
    assert left_out == {"voices", "shot_images"}
    assert fresh.done("package", "p-e001", "--include", "voices", "--json").json["config"]["voices"] is True


# The program itself


def test_the_version_is_told(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    assert line.done("version", "--json").json == {"version": __version__}
    assert line.done("version").out == f"{__version__}\n"


def test_the_database_is_upgraded_once(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    assert line.done("db", "upgrade", "--json").json == {"revision": HEAD, "changed": True}
    assert line.done("db", "upgrade", "--json").json == {"revision": HEAD, "changed": False}


HEAVY = """
import sys
sys.argv = ["aianime", *sys.argv[1:]]
from aianime_pipeline.cli import main
try:
    main()
except SystemExit as end:
    sys.stderr.write(f"code {end.code}")
heavy = {"dagster", "pandas", "sqlalchemy", "numpy", "av", "PIL", "cv2"} & set(sys.modules)
sys.stderr.write(f" heavy {sorted(heavy)}")
"""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["make", "--help"], ["film", "--help"], ["film", "trim", "--help"], ["version"], ["nonsense"]],
)
def test_help_is_quick_because_it_loads_nothing_heavy(arguments: list[str]) -> None:
    script = Script(HEAVY, *arguments)
    out, told = script.process.communicate(timeout=60)
    assert told.endswith("heavy []"), told
    if "--help" in arguments:
        assert "code 0" in told
        assert "Usage" in out


# Whatever is wrong: what it is and what would be right, on both streams

WRONG = [
    (["make", "p-e009", "--json"], 2, "ERR_NOT_FOUND", "there are: p-e001"),
    (["make", "p-1", "--json"], 2, "ERR_EPISODE_KEY", "such as moonlit-e012"),
    (["make", "p-e001", "--to", "movie", "--json"], 2, "ERR_SETTING", "storyboard, images, videos, voices, film"),
    (["make", "p-e001", "--shots", "9", "--json"], 2, "ERR_NOT_FOUND", "no shot 9; it has 1 to 3"),
    (["make", "p-e001", "--shots", "3-1", "--json"], 2, "ERR_SETTING", "right would be 3,4 or 7-9"),
    (["make", "p-e001", "--shots", "", "--json"], 2, "ERR_SETTING", "right would be 3,4 or 7-9"),
    (["make", "p-e001", "--review", "me", "--json"], 2, "ERR_SETTING", "it takes auto"),
    (["make", "--json"], 2, "ERR_USAGE", "EPISODE_KEY"),
    (["make", "p-e001", "--too", "film", "--json"], 2, "ERR_USAGE", "--too"),
    (["status", "p-e009", "--json"], 2, "ERR_NOT_FOUND", "there are: p-e001"),
    (["status", "\udcff", "--json"], 2, "ERR_EPISODE_KEY", "such as moonlit-e012"),
    (["import", "gone.txt", "--project", "p", "--json"], 2, "ERR_NOT_FOUND", "There is no file gone.txt"),
    (["import", "board.json", "--project", "Moon Lit", "--json"], 2, "ERR_PROJECT_SLUG", "such as 'moon-lit'"),
    (["import", "board.json", "--json"], 2, "ERR_USAGE", "--project"),
    (["import", "board.json", "--project", "p", "--format", "doc", "--json"], 2, "ERR_FORMAT_UNKNOWN", "chinese"),
    (["storyboard", "export", "p-e001", "a.txt", "--json"], 2, "ERR_FORMAT_UNKNOWN", ".json"),
    (["storyboard", "export", "p-e001", "no/such/a.json", "--json"], 2, "ERR_BAD_INPUT", "cannot be written"),
    (["storyboard", "unfreeze", "p-e001", "--json"], 1, "ERR_STATE", "not frozen"),
    (["review", "p-e001", "--stage", "sounds", "--approve", "1", "--json"], 2, "ERR_SETTING", "images, videos, voices"),
    (["review", "p-e001", "--stage", "images", "--json"], 2, "ERR_SETTING", "--approve 3,4"),
    (
        ["review", "p-e001", "--stage", "images", "--lock", "1", "--reason", "x", "--json"],
        2,
        "ERR_SETTING",
        "no --reason",
    ),
    (["review", "p-e001", "--skip", "1", "--version", "1:1", "--json"], 2, "ERR_SETTING", "as a whole"),
    (["review", "p-e001", "--stage", "videos", "--unskip", "1", "--json"], 2, "ERR_SETTING", "as a whole"),
    (["ask", "cleanup", "--project", "p", "--json"], 2, "ERR_SETTING", "--project is for a report"),
    (["review", "p-e001", "--stage", "images", "--reject", "1", "--json"], 2, "ERR_SETTING", "needs a reason"),
    (["project", "p", "--rate", "29.97", "--json"], 2, "ERR_SETTING", "24, 25, 30, 23.976"),
    (["package", "p-e001", "--leave-out", "music", "--json"], 2, "ERR_SETTING", "shot_images"),
    (["up", "--port", "70000", "--json"], 2, "ERR_USAGE", "--json"),
    (["dance", "--json"], 2, "ERR_USAGE", "dance"),
]


@pytest.mark.parametrize(("arguments", "code", "error", "right"), WRONG, ids=[" ".join(one[0][:-1]) for one in WRONG])
def test_what_is_wrong_is_told_as_json_with_its_exit_code_and_what_would_be_right(
    imported: CommandLine, arguments: list[str], code: int, error: str, right: str
) -> None:
    ended = imported.run(*arguments)
    assert (ended.code, ended.error["code"]) == (code, error)
    assert right in ended.error["message"]


def test_a_wrong_setting_is_told_likewise(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    ended = line.run("status", "--json", environment={"AIANIME_IMAGE_LIMIT": "many"})
    assert (ended.code, ended.error["details"]) == (2, {"variable": "AIANIME_IMAGE_LIMIT"})
    ended = line.run_anew("status", "--json", environment={"AIANIME_DATABASE_URL": "mysql://host/name"})
    assert (ended.code, ended.error["code"]) == (2, "ERR_SETTING")


def test_a_provider_that_is_not_there_is_told_likewise(fresh: CommandLine) -> None:
    ended = fresh.run("make", "p-e001", "--json", environment={"AIANIME_PROVIDER": "no.such:Provider"})
    assert (ended.code, ended.error["code"]) == (2, "ERR_SETTING")
    assert "it takes module:Class" in ended.error["message"]


def test_without_json_an_error_is_one_line_on_the_standard_error(imported: CommandLine) -> None:
    ended = imported.run("status", "p-e009")
    assert (ended.code, ended.out) == (2, "")
    assert ended.told == "ERR_NOT_FOUND: There is no episode 'p-e009'; there are: p-e001.\n"


@pytest.mark.parametrize("arguments", [["--debug", "status", "p-e009"], ["status", "p-e009", "--debug"]])
def test_the_traceback_is_shown_when_it_is_asked_for(imported: CommandLine, arguments: list[str]) -> None:
    ended = imported.run(*arguments)
    assert ended.code == 2
    assert "Traceback (most recent call last)" in ended.told
    assert "ERR_NOT_FOUND" in ended.told.splitlines()[-1]


def test_a_damaged_database_is_told_by_its_name_and_without_a_traceback(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    line.home.mkdir()
    (line.home / "aianime.db").write_bytes(b"no database at all" * 1000)
    ended = line.run("status", "--json")
    assert (ended.code, ended.error["code"]) == (1, "ERR_DATABASE")
    assert "Traceback" not in ended.told


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (None, []),
        ("3", [3]),
        ("3,4", [3, 4]),
        (" 7 - 9 ", None),
        ("7-9", [7, 8, 9]),
        ("1, 3-4,9", [1, 3, 4, 9]),
        ("３，４", [3, 4]),
        ("1、７－９", [1, 7, 8, 9]),
        ("三", None),
    ],
)
def test_shots_are_named_by_numbers_and_ranges(text: str | None, numbers: list[int] | None) -> None:
    if numbers is None:
        with pytest.raises(BadSettingError):
            shot_numbers(text)
    else:
        assert shot_numbers(text) == numbers


@pytest.mark.parametrize("text", ["", ",", "3,", "0", "-3", "3-", "9-7", "a", "1.5", "٣", "²", "1-99999999999", "3;4"])
def test_what_names_no_shot_is_refused_and_never_means_all(text: str) -> None:
    with pytest.raises(BadSettingError, match=r"names no shot; right would be 3,4 or 7-9"):
        shot_numbers(text)
