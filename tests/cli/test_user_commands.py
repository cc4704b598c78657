"""`aianime user`: the first administrator, and whoever comes after."""

import subprocess
from pathlib import Path

import pytest
from support.command_line import COMMAND, CommandLine

from aianime_pipeline.accounts import log_ins
from aianime_pipeline.errors import LoginFailedError

KEY = "k" * 40


@pytest.fixture
def line(empty: CommandLine, tmp_path: Path) -> CommandLine:
    return empty.copy_to(tmp_path / "line")


def logs_in(line: CommandLine, name: str, password: str) -> bool:
    database = line.database()
    try:
        return bool(log_ins.log_in(database, name, password, "192.0.2.1", KEY).access)
    except LoginFailedError:
        return False
    finally:
        database.close()


def test_the_first_administrator_is_made_and_logs_in_with_what_is_printed(line: CommandLine) -> None:
    assert line.done("user", "list").out.startswith("nobody: `aianime user add NAME --admin`")
    made = line.done("user", "add", "林夏", "--admin", "--json").json
    assert made["user"] == {
        "name": "林夏",
        "display_name": "",
        "email": "",
        "is_admin": True,
        "disabled": False,
        "has_password": True,
        "last_login_at": None,
    }
    assert logs_in(line, "林夏", made["password"])
    listed = line.done("user", "list", "--json").json["users"]
    assert [(user["name"], user["last_login_at"] is not None) for user in listed] == [("林夏", True)]
    told = line.done("user", "add", "lin", "--display-name", "Lin", "--email", "lin@example.com").out.splitlines()
    assert told[0] == "lin; Lin; lin@example.com"
    assert logs_in(line, "lin", told[1].removeprefix("password: ").split()[0])


def test_a_password_from_the_standard_input_is_taken_and_not_printed(line: CommandLine) -> None:
    for words, given in ((("add", "lin"), "correct horse battery"), (("password", "LIN"), "密码密码密码密码密码")):
        done = subprocess.run(
            [*COMMAND, "user", *words, "--password-stdin"],
            env=line.environment, input=given + "\n", capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert given not in done.stdout + done.stderr
        assert logs_in(line, "lin", given)
    assert not logs_in(line, "lin", "correct horse battery")
    assert line.run("user", "add", "li", "--password-stdin", "--json").error["code"] == "ERR_BAD_INPUT"


def test_accounts_are_closed_and_opened_and_the_last_administrator_stays(line: CommandLine) -> None:
    line.done("user", "add", "root", "--admin")
    password = line.done("user", "add", "lin", "--json").json["password"]
    assert line.done("user", "disable", "lin").out == "lin; disabled\n"
    assert not logs_in(line, "lin", password)
    assert line.done("user", "enable", "lin").out == "lin\n"
    assert logs_in(line, "lin", password)
    for words in (("disable", "root"), ("admin", "root", "--remove")):
        assert line.run("user", *words, "--json").error["code"] == "ERR_LAST_ADMINISTRATOR"
    assert line.done("user", "admin", "lin").out == "lin; administrator\n"
    assert line.done("user", "admin", "root", "--remove").out == "root\n"
    assert line.run("user", "add", "LIN", "--json").error["code"] == "ERR_NAME_TAKEN"
    assert line.run("user", "add", "a b", "--json").error["code"] == "ERR_USER_NAME"
    assert line.run("user", "password", "nobody", "--json").error["code"] == "ERR_NOT_FOUND"
