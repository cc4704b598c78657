"""The documentation says what the program does: every error code, every command, every setting."""

import re
from pathlib import Path

from aianime_pipeline import errors, settings

ROOT = Path(__file__).resolve().parent.parent
COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def raised_codes() -> set[str]:
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    return {kind.code for kind in classes if issubclass(kind, errors.PipelineError)}


def test_every_error_code_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `(ERR_\w+)`", COMMAND_LINE, re.MULTILINE))
    assert documented - {"ERR_USAGE", "ERR_UNEXPECTED", "ERR_STOPPED"} == raised_codes()


def test_no_two_errors_share_a_code() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    kinds = [kind for kind in classes if issubclass(kind, errors.PipelineError)]
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_every_command_is_documented() -> None:
    from aianime_pipeline.cli.app import app, budget, channel, database, film, storyboard, user

    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    names += [f"storyboard {command.name}".removesuffix(" unfreeze") for command in storyboard.registered_commands]
    names += [f"film {command.name}" for command in film.registered_commands]
    names += [f"db {command.name}" for command in database.registered_commands]
    names += [f"budget {command.name}" for command in budget.registered_commands]
    names += [f"channel {command.name}" for command in channel.registered_commands]
    names += [f"user {command.name}" for command in user.registered_commands]
    assert [name for name in names if f"`aianime {name}" not in COMMAND_LINE] == []


def test_every_setting_is_in_the_runbook() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    source = Path(settings.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r'"(AIANIME_\w+)"', source)) | {"AIANIME_FFMPEG"}
    assert {name for name in read if f"`{name}`" not in runbook} == set()


def test_the_readme_links_only_to_what_is_there() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
