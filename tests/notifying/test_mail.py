from datetime import UTC, datetime

import pytest

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.notifying.mail import MailServer, mail_of
from aianime_pipeline.notifying.message import Item, Message

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", 587, False)),
        ("smtp://u%40x:p%3Aw@mail:25", MailServer("mail", 25, False, "u@x", "p:w")),
        ("smtps://u:p@mail", MailServer("mail", 465, True, "u", "p")),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, server: MailServer) -> None:
    assert MailServer.of(url) == server


@pytest.mark.parametrize("url", ["", "mail:587", "http://u:pass-word@mail", "smtp://u:pass-word@mail:x", "smtp://"])
def test_what_is_no_mail_server_is_refused_by_its_variable_without_the_password(url: str) -> None:
    with pytest.raises(BadSettingError, match="AIANIME_SMTP_URL") as refused:
        MailServer.of(url)
    assert "pass-word" not in refused.value.message
    assert "pass-word" not in repr(MailServer.of("smtp://u:pass-word@mail"))


def items(*texts: str) -> tuple[Item, ...]:
    return tuple(Item(number, "budget", AT, text, "/b") for number, text in enumerate(texts))


def test_a_mail_says_in_its_subject_what_it_is_about_and_all_of_it_below() -> None:
    text = "第12集 " + "很" * 200
    mail = mail_of(Message("id", items(text)), sender="aianime@example.com", to="crew@example.com", at=AT)
    assert (mail["From"], mail["To"], mail["Message-ID"]) == (
        "aianime@example.com", "crew@example.com", "<id@example.com>",
    )  # fmt: skip
    assert mail["Subject"].startswith("第12集 很")
    assert len(mail["Subject"]) == 120
    assert mail.get_content().strip() == text
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Tue, 03 Nov 2026 12:00:00 +0000"
    several = mail_of(
        Message("id", items("a", "b")), sender="a@b", to="c@d", at=AT, public_url="https://studio.example.com"
    )
    assert several["Subject"] == "2 notices"
    assert several.get_content() == ("2 notices\n• a https://studio.example.com/b\n• b https://studio.example.com/b\n")


def test_no_notice_writes_a_header() -> None:
    mail = mail_of(Message("id", items("a\r\nBcc: x@y")), sender="a@b", to="c@d", at=AT)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "a Bcc: x@y"


@pytest.mark.parametrize("sender", ["", "nobody", "a@b\nBcc: c@d"])
def test_a_sender_that_is_no_address_is_refused_by_its_variable(sender: str) -> None:
    with pytest.raises(BadSettingError, match="AIANIME_MAIL_FROM"):
        mail_of(Message("id", items("a")), sender=sender, to="c@d", at=AT)
