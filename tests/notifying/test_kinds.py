import pytest

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.notifying.kinds import (
    ChannelKind,
    checked_address,
    checked_kind,
    checked_kinds,
    checked_variable,
    shown_address,
    tokens_of,
)

TOKEN = "t0ken-that-nobody-may-see"


def test_an_address_is_shown_without_what_is_as_good_as_a_password() -> None:
    assert shown_address(ChannelKind.FEISHU, f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}") == (
        "https://open.feishu.cn/…"
    )
    assert shown_address(ChannelKind.DINGTALK, f"https://oapi.dingtalk.com?access_token={TOKEN}") == (
        "https://oapi.dingtalk.com/…"
    )
    assert shown_address(ChannelKind.WEBHOOK, "https://hooks.example.com:8443/") == "https://hooks.example.com:8443"
    assert shown_address(ChannelKind.EMAIL, "crew@example.com") == "crew@example.com"


def test_every_part_of_an_address_that_may_be_a_token_is_known() -> None:
    assert TOKEN in tokens_of(f"https://hooks.example.com/services/{TOKEN}/x")
    assert TOKEN in tokens_of(f"https://hooks.example.com/send?key={TOKEN}")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (f"ftp://host/{TOKEN}", "is no web address"),
        (f"host/{TOKEN}", "is no web address"),
        (f"https:///{TOKEN}", "is no web address"),
        (f"https://host:99999/{TOKEN}", "cannot be read"),
        (f"https://user:{TOKEN}@host/", "holds a user's name"),
        (f"https://host/{TOKEN}#part", "or a # part"),
        (f"https://host/{TOKEN}\n", ""),
        (f"https://host/ {TOKEN}", "characters that no web address has"),
        (f"https://主机/{TOKEN}", "characters that no web address has"),
        (f"http://host/{TOKEN}", "AIANIME_WEBHOOKS_INSIDE=yes"),
        (f"https://host/{TOKEN}{'x' * 2000}", "it takes 2000"),
    ],
)
def test_an_address_that_does_not_fit_is_refused_without_repeating_it(address: str, words: str) -> None:
    if not words:
        assert checked_address(ChannelKind.SLACK, address, inside=False) == address.strip()
        return
    with pytest.raises(BadSettingError, match=words) as refused:
        checked_address(ChannelKind.SLACK, address, inside=False)
    assert TOKEN not in refused.value.message


def test_plain_http_is_for_installations_that_allow_receivers_inside() -> None:
    assert checked_address(ChannelKind.WEBHOOK, "http://10.0.0.5:8080/hook", inside=True) == "http://10.0.0.5:8080/hook"


@pytest.mark.parametrize("address", ["crew", "crew@", "a@b\nBcc: c@d", "a@b, c@d", "<a@b>", "队@example.com"])
def test_what_is_no_single_mail_address_is_refused(address: str) -> None:
    assert checked_address(ChannelKind.EMAIL, " crew+films@example.com", inside=False) == "crew+films@example.com"
    with pytest.raises(BadSettingError, match=r"right would be crew@example\.com"):
        checked_address(ChannelKind.EMAIL, address, inside=False)


def test_a_secret_is_named_and_never_given() -> None:
    assert checked_variable(ChannelKind.FEISHU, "FEISHU_SECRET") == "FEISHU_SECRET"
    assert checked_variable(ChannelKind.FEISHU, None) is None
    with pytest.raises(BadSettingError, match="no name of one, such as FEISHU_SECRET") as refused:
        checked_variable(ChannelKind.DINGTALK, f"SEC-{TOKEN}")
    assert TOKEN not in refused.value.message
    with pytest.raises(BadSettingError, match="A webhook is signed"):
        checked_variable(ChannelKind.WEBHOOK, None)
    for kind in (ChannelKind.WECOM, ChannelKind.SLACK, ChannelKind.EMAIL):
        assert checked_variable(kind, None) is None
        with pytest.raises(BadSettingError, match="it takes no secret"):
            checked_variable(kind, "SECRET")


def test_kinds_that_there_are_not_are_refused_with_those_that_there_are() -> None:
    assert checked_kinds(["task_failed", "budget", "budget"]) == ["budget", "task_failed"]
    with pytest.raises(BadSettingError, match="'films'; there are budget, channel"):
        checked_kinds(["films"])
    with pytest.raises(BadSettingError, match="'sms'; it takes one of webhook, feishu"):
        checked_kind("sms")
