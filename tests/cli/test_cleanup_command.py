"""`aianime cleanup`, and how long a project keeps things."""

import os
import time

from support.command_line import CommandLine


def leave_behind(line: CommandLine) -> None:
    folder = line.home / "objects" / "objects" / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    stray = folder / ("ab" * 32)
    stray.write_bytes(b"x" * 1_000_000)
    three_days_ago = time.time() - 3 * 86_400
    os.utime(stray, (three_days_ago, three_days_ago))


def test_it_lists_first_and_removes_with_apply(fresh: CommandLine) -> None:
    leave_behind(fresh)
    listed = fresh.done("cleanup").out
    assert "1  files in the store that no row knows, 1.0 MB" in listed
    assert "1.0 MB would be free; remove it with --apply" in listed
    found = fresh.done("cleanup", "--json").json
    assert (found["dry_run"], found["bytes"]) == (True, 1_000_000)
    assert found["removed"]["strays"] == {"count": 1, "bytes": 1_000_000}
    assert (found["missing"], found["missing_count"]) == ([], 0)
    assert "1.0 MB are free" in fresh.done("cleanup", "--apply").out
    assert "there is nothing to remove" in fresh.done("cleanup").out


def test_what_is_not_in_the_store_is_told_with_what_needs_it(fresh: CommandLine) -> None:
    for path in (fresh.home / "objects" / "objects").rglob("?" * 64):
        path.unlink()
    told = fresh.done("cleanup", "--apply").out
    assert "1 objects are not in the store" in told
    assert "storyboards.source_digest" in told


def test_a_project_says_how_long_it_keeps_things(fresh: CommandLine) -> None:
    usual = {"superseded_takes": 30, "drafts": 30, "exports": "forever", "events": 30, "notices": 180}
    assert fresh.done("project", "p", "--json").json["keep"] == usual
    words = ("--keep", "drafts=7", "--keep", "superseded-takes=forever")
    changed = usual | {"drafts": 7, "superseded_takes": "forever"}
    assert fresh.done("project", "p", *words, "--json").json["keep"] == changed
    assert "superseded_takes=forever, drafts=7" in fresh.done("project", "p").out
    assert fresh.done("project", "p", "--keep", "default", "--json").json["keep"] == usual


def test_days_that_are_none_change_nothing(fresh: CommandLine) -> None:
    ended = fresh.run("project", "p", "--keep", "drafts=7", "--keep", "events=0", "--json")
    assert (ended.code, ended.error["code"]) == (2, "ERR_SETTING")
    assert "events is '0'; it takes days from 1 to 36500, or forever" in ended.error["message"]
    assert fresh.done("project", "p", "--json").json["keep"]["drafts"] == 30
