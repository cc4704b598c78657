"""The forms of the channels. The signatures were computed by openssl."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from aianime_pipeline.notifying.kinds import ChannelKind
from aianime_pipeline.notifying.message import Item, Message
from aianime_pipeline.notifying.posts import post_of
from aianime_pipeline.notifying.signatures import dingtalk_query, feishu_signature, webhook_signature

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
ADDRESS = "https://robots.example.com/hook/token-of-it"


def item(text: str = "50 % is used", number: int = 1, link: str = "") -> Item:
    return Item(number, "budget", AT, text, link, "moonlit")


def message(*texts: str, link: str = "") -> Message:
    return Message("the-id", tuple(item(text, number, link) for number, text in enumerate(texts, 1)))


def text_of(kind: ChannelKind, sent: Message, public_url: str = "") -> str:
    body = json.loads(post_of(kind, ADDRESS, "", sent, at=AT, public_url=public_url).body)
    match kind:
        case ChannelKind.FEISHU:
            assert set(body) == {"msg_type", "content"}
            assert body["msg_type"] == "text"
            return str(body["content"]["text"])
        case ChannelKind.SLACK:
            assert set(body) == {"text"}
            return str(body["text"])
        case _:
            assert set(body) == {"msgtype", "text"}
            assert body["msgtype"] == "text"
            return str(body["text"]["content"])


ROBOTS = [ChannelKind.FEISHU, ChannelKind.DINGTALK, ChannelKind.WECOM, ChannelKind.SLACK]


def test_each_signature_is_the_one_that_its_receiver_computes() -> None:
    at = datetime.fromtimestamp(1599360473, UTC)
    assert feishu_signature("demo", at) == ("1599360473", "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=")
    at = datetime.fromtimestamp(1577262236.757, UTC)
    assert dingtalk_query("SECtest", at) == (
        "timestamp=1577262236757&sign=Za%2Fne6w2koB8B4ROVlgTNd%2FX%2B%2FFbyDpZrXLz57xNZSA%3D"
    )
    at = datetime.fromtimestamp(1796000000, UTC)
    assert webhook_signature("whsec", at, b'{"a": 1}') == (
        "t=1796000000,v1=f0eb8e68e5ecf15dcb5314ac888628b4847b45a521e183cb75a275dc6878a11e"
    )


def test_a_webhook_gets_a_signed_document_with_an_id_that_tells_duplicates() -> None:
    sent = message("50 % is used", link="/projects/moonlit")
    post = post_of(ChannelKind.WEBHOOK, ADDRESS, "whsec", sent, at=AT)
    assert json.loads(post.body) == {
        "id": "the-id",
        "notices": [
            {
                "id": 1,
                "kind": "budget",
                "at": "2026-11-03T12:00:00+00:00",
                "text": "50 % is used",
                "link": "/projects/moonlit",
                "project": "moonlit",
            }
        ],
    }
    assert post.url == ADDRESS
    assert post.headers["X-Aianime-Id"] == "the-id"
    assert post.headers["X-Aianime-Signature"] == webhook_signature("whsec", AT, post.body)
    later = post_of(ChannelKind.WEBHOOK, ADDRESS, "whsec", sent, at=AT.replace(hour=13))
    assert (later.body, later.headers["X-Aianime-Id"]) == (post.body, "the-id")
    assert later.headers["X-Aianime-Signature"] != post.headers["X-Aianime-Signature"]
    absolute = post_of(ChannelKind.WEBHOOK, ADDRESS, "whsec", sent, at=AT, public_url="https://studio.example.com/")
    assert json.loads(absolute.body)["notices"][0]["link"] == "https://studio.example.com/projects/moonlit"


def test_feishu_is_signed_in_the_body_and_dingtalk_in_the_address() -> None:
    body = json.loads(post_of(ChannelKind.FEISHU, ADDRESS, "s", message("a"), at=AT).body)
    assert (body["timestamp"], body["sign"]) == feishu_signature("s", AT)
    address = "https://robots.example.com/robot/send?access_token=t"
    post = post_of(ChannelKind.DINGTALK, address, "s", message("a"), at=AT)
    query = parse_qs(urlsplit(post.url).query)
    assert query["access_token"] == ["t"]
    assert set(query) == {"access_token", "timestamp", "sign"}
    assert post.url.endswith(dingtalk_query("s", AT))
    assert "?timestamp=" in post_of(ChannelKind.DINGTALK, ADDRESS, "s", message("a"), at=AT).url
    assert post_of(ChannelKind.DINGTALK, address, "", message("a"), at=AT).url == address


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_robot_is_told_one_notice_as_it_is_and_several_as_a_list(kind: ChannelKind) -> None:
    assert text_of(kind, message("第12集的成片完成了")) == "第12集的成片完成了"
    assert text_of(kind, message("a", "b\nc")) == "2 notices\n• a\n• b c"


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_relative_link_goes_out_where_the_installation_says_its_address(kind: ChannelKind) -> None:
    sent = message("a", link="/e/1")
    assert text_of(kind, sent) == "a"
    assert text_of(kind, sent, "https://studio.example.com/") == "a https://studio.example.com/e/1"
    assert text_of(kind, message("a", link="https://other.example.com/")) == "a https://other.example.com/"


LIMITS = [
    (ChannelKind.FEISHU, 20_480, lambda body, text: len(body)),
    (ChannelKind.DINGTALK, 20_000, lambda body, text: len(body)),
    (ChannelKind.WECOM, 2_048, lambda body, text: len(text.encode())),
    (ChannelKind.SLACK, 4_000, lambda body, text: len(text)),
]


@pytest.mark.parametrize(("kind", "most", "size"), LIMITS, ids=[str(one[0]) for one in LIMITS])
@pytest.mark.parametrize("text", ["镜" * 1_900, '"<&>\\' * 380, "😀" * 1_999], ids=["Chinese", "signs", "beyond"])
def test_a_message_never_has_more_than_its_receiver_takes(
    kind: ChannelKind, most: int, size: object, text: str
) -> None:
    assert callable(size)
    for count in (1, 2, 50):
        sent = message(*[text] * count)
        told = text_of(kind, sent)
        body = post_of(kind, ADDRESS, "secret", sent, at=AT).body
        assert size(body, told) <= most
        assert size(body, told) > most / 20, "and not much less than it takes"
    assert told.startswith("50 notices\n• ")
    assert told.endswith(("more", "…"))


def test_what_does_not_fit_into_a_digest_is_counted() -> None:
    told = text_of(ChannelKind.WECOM, message(*["a" * 500] * 7))
    assert told.splitlines()[0] == "7 notices"
    assert told.splitlines()[-1] == "… and 3 more"
    assert len(told.splitlines()) == 6


def test_what_a_person_wrote_calls_nobody_and_marks_up_nothing() -> None:
    rejected = message('li rejected take 2: <at user_id="all"></at> & <!channel> <@li>')
    for kind in (ChannelKind.FEISHU, ChannelKind.WECOM):
        assert "<" not in text_of(kind, rejected)
    told = text_of(ChannelKind.SLACK, rejected)
    assert '&lt;at user_id="all"&gt;' in told
    assert "&amp; &lt;!channel&gt;" in told
