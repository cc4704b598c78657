"""`aianime channel`: what a person and a script meet."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.receiver import SECRET
from fakes.vendor import Vendor
from support.command_line import CommandLine

from aianime_pipeline.production.notices.telling import tell

TOKEN = "t0ken-that-nobody-may-see"
HOOK = f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}"


@pytest.fixture
def line(empty: CommandLine, tmp_path: Path) -> CommandLine:
    found = empty.copy_to(tmp_path / "line")
    found.done("project", "moonlit")
    return found


@pytest.fixture(scope="module")
def receiver() -> Iterator[Vendor]:
    with Vendor("receiver") as running:
        yield running


def test_a_channel_is_added_changed_listed_and_removed_and_its_token_never_shown(line: CommandLine) -> None:
    added = line.done(
        "channel", "add", "crew", "--kind", "feishu", "--to", HOOK, "--secret-env", "FEISHU_SECRET", "--project",
        "moonlit", "--user", "wang", "--only", "task，budget", "--quiet", "22：00－08：00", "--time-zone",
        "Asia/Shanghai", "--digest", "30", "--json",
    )  # fmt: skip
    document = added.json["channel"]
    assert {name: document[name] for name in document if name != "created_by"} == {
        "name": "crew",
        "kind": "feishu",
        "address": "https://open.feishu.cn/…",
        "secret_variable": "FEISHU_SECRET",
        "project": "moonlit",
        "user": "wang",
        "kinds": ["budget", "task"],
        "quiet": ["22:00", "08:00", "Asia/Shanghai"],
        "digest_minutes": 30,
        "enabled": True,
    }
    listed = line.done("channel", "list")
    assert listed.out == (
        "crew: feishu to https://open.feishu.cn/…; project moonlit; for wang; only budget, task; "
        "quiet 22:00-08:00 Asia/Shanghai; every 30 min\n"
    )
    assert line.done("channel", "list", "--json").json == {"channels": [document]}
    changed = line.done("channel", "change", "crew", "--digest", "0", "--only", "all", "--user", "all", "--json").json
    assert changed["channel"] == document | {"digest_minutes": 0, "kinds": [], "user": None}
    shifted = line.done("channel", "change", "crew", "--time-zone", "Europe/Berlin", "--json").json["channel"]
    assert shifted["quiet"] == ["22:00", "08:00", "Europe/Berlin"]
    plain = line.done(
        "channel", "change", "crew", "--quiet", "none", "--project", "all", "--secret-env", "none", "--json"
    )
    assert [plain.json["channel"][name] for name in ("quiet", "project", "secret_variable")] == [None] * 3
    assert line.done("channel", "disable", "crew").out.endswith("; switched off\n")
    assert line.done("channel", "enable", "crew", "--json").json["channel"]["enabled"] is True
    assert line.done("channel", "remove", "crew", "--json").json == {"removed": "crew"}
    assert line.done("channel", "list").out == "no channel: notices stand in `aianime notices` only\n"
    assert line.done("channel", "deliveries").out == "none\n"
    for ended in (added, listed, plain):
        assert TOKEN not in ended.out + ended.told


def test_a_test_says_whether_the_channel_took_it(line: CommandLine, receiver: Vendor) -> None:
    allowed = {"AIANIME_WEBHOOKS_INSIDE": "yes", "HOOK_SECRET": SECRET}
    address = f"{receiver.address}/webhook/{TOKEN}"
    line.done("channel", "add", "own", "--kind", "webhook", "--to", address, "--secret-env", "HOOK_SECRET",
              environment=allowed)  # fmt: skip
    assert line.done("channel", "test", "own", environment=allowed).out == "own took the message\n"
    assert line.done("channel", "test", "own", "--json", environment=allowed).json == {
        "channel": "own",
        "verdict": "taken",
    }
    text = receiver.ledger[-1]["request"]["body"]["notices"][0]["text"]
    assert text == "A test of the channel own: messages arrive here."
    wrong = line.run("channel", "test", "own", "--json", environment=allowed | {"HOOK_SECRET": "another"})
    assert (wrong.code, wrong.error["code"]) == (1, "ERR_CHANNEL")
    assert wrong.error["message"] == "The channel own did not take the test: it answered 401: wrong signature."
    assert wrong.error["details"] == {"channel": "own", "verdict": "not_taken"}
    assert TOKEN not in wrong.out + wrong.told


def test_deliveries_say_what_became_of_each_notice(line: CommandLine, receiver: Vendor) -> None:
    from aianime_pipeline.production.installation import Installation
    from aianime_pipeline.production.notifications.sending import notify
    from aianime_pipeline.settings import read_settings
    from aianime_pipeline.storage.folder import FolderStore

    environment = line.environment | {"AIANIME_WEBHOOKS_INSIDE": "yes"}
    line.done("channel", "add", "crew", "--kind", "slack", "--to", f"{receiver.address}/slack/{TOKEN}",
              environment=environment)  # fmt: skip
    settings = read_settings(environment)
    place = Installation(settings, line.database(), FolderStore(settings.objects))
    for text in ("a", "b"):
        with place.database.write() as session:
            tell(session, key=text, kind="budget", text=text)
    receiver.order(
        {"on": "submit", "kind": "slow", "seconds": 0},
        {"on": "submit", "kind": "answer", "status": 500, "body": "oops"},
    )
    notify(place)
    receiver.order()
    place.database.close()
    found = line.done("channel", "deliveries", "crew", "--json").json["deliveries"]
    assert [(row["text"], row["state"], row["error"]) for row in found] == [
        ("b", "unknown", "it answered 500: oops"), ("a", "sent", ""),
    ]  # fmt: skip
    assert set(found[0]) == {
        "id", "channel", "notice", "kind", "text", "state", "due_at", "attempts", "message", "sent_at", "error",
    }  # fmt: skip
    told = line.done("channel", "deliveries", "--state", "unknown").out
    assert told.endswith("unknown  crew  b  (it answered 500: oops)\n")
    assert told.count("\n") == 1
    assert TOKEN not in json.dumps(found) + told


ADD = ["channel", "add", "c", "--kind"]
WRONG = [
    ([*ADD, "sms", "--to", HOOK], "ERR_SETTING", "takes one of webhook, feishu"),
    ([*ADD, "slack"], "ERR_SETTING", "--to with the address"),
    ([*ADD, "slack", "--to", f"http://hooks/{TOKEN}"], "ERR_SETTING", "AIANIME_WEBHOOKS_INSIDE=yes"),
    ([*ADD, "email", "--to", "crew"], "ERR_SETTING", "right would be crew@example.com"),
    ([*ADD, "feishu", "--to", HOOK, "--secret-env", f"SEC-{TOKEN}"], "ERR_SETTING", "such as FEISHU_SECRET"),
    ([*ADD, "webhook", "--to", HOOK], "ERR_SETTING", "A webhook is signed"),
    ([*ADD, "slack", "--to", HOOK, "--only", "films"], "ERR_SETTING", "there are budget, channel"),
    ([*ADD, "slack", "--to", HOOK, "--project", "sunlit"], "ERR_NOT_FOUND", "there are: moonlit"),
    ([*ADD, "slack", "--to", HOOK, "--quiet", "22:00-08:00"], "ERR_SETTING", "--time-zone Asia/Shanghai"),
    ([*ADD, "slack", "--to", HOOK, "--quiet", "22:00", "--time-zone", "UTC"], "ERR_SETTING", "right would be 22:00"),
    ([*ADD, "slack", "--to", HOOK, "--time-zone", "UTC"], "ERR_SETTING", "say --quiet 22:00-08:00 too"),
    ([*ADD, "slack", "--to", HOOK, "--quiet", "none", "--time-zone", "UTC"], "ERR_SETTING", "it says nothing"),
    ([*ADD, "slack", "--to", HOOK, "--digest", "1441"], "ERR_SETTING", "it takes 0 to 1440"),
    (["channel", "change", "there"], "ERR_SETTING", "Say what changes"),
    (["channel", "change", "nowhere", "--digest", "1"], "ERR_NOT_FOUND", "there are: there"),
    (["channel", "test", "nowhere"], "ERR_NOT_FOUND", "there are: there"),
    (["channel", "enable", "nowhere"], "ERR_NOT_FOUND", "there are: there"),
    (["channel", "remove", "nowhere"], "ERR_NOT_FOUND", "there are: there"),
    (["channel", "deliveries", "nowhere"], "ERR_NOT_FOUND", "there are: there"),
    (["channel", "deliveries", "--state", "lost"], "ERR_SETTING", "pending, sending, sent, failed, unknown"),
]


@pytest.fixture(scope="module")
def settled(empty: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """With a project `moonlit` and a channel `there`. To be looked at only."""
    found = empty.copy_to(tmp_path_factory.mktemp("channels"))
    found.done("project", "moonlit")
    found.done("channel", "add", "there", "--kind", "slack", "--to", HOOK)
    return found


@pytest.mark.parametrize(("arguments", "error", "right"), WRONG)
def test_what_is_wrong_is_told_with_what_would_be_right_and_without_any_token(
    settled: CommandLine, arguments: list[str], error: str, right: str
) -> None:
    ended = settled.run(*arguments, "--json")
    assert (ended.code, ended.error["code"]) == (2, error)
    assert right in ended.error["message"]
    assert TOKEN not in ended.out + ended.told
