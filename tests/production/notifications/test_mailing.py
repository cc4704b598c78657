"""E-mails to a real mail server."""

from urllib.parse import quote

import pytest
from support.channels import Clock, add, deliveries, inside, say, states
from support.mail_server import HOST, PASSWORD, USER, Certificate, MailServer
from support.raw_servers import RawServer, says

from aianime_pipeline.errors import ChannelError
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notifications import mailing
from aianime_pipeline.production.notifications.sending import notify, try_channel

SENDER = "aianime@example.com"
TO = "crew@example.com"


def with_server(place: Installation, url: str, sender: str = SENDER) -> Installation:
    inside(place, smtp_url=url, mail_from=sender)
    add(place, "mail", "email", TO, digest_minutes=0)
    return place


def logged_in(port: int, password: str = PASSWORD) -> str:
    return f"smtp://{quote(USER)}:{quote(password)}@{HOST}:{port}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("certificate"))


def test_a_notice_goes_out_as_an_email(place: Installation) -> None:
    with MailServer() as server:
        with_server(place, f"smtp://{HOST}:{server.port}")
        say(place, "第12集的成片完成了：看一看")
        notify(place)
        (mail,), (row,) = server.taken, deliveries(place)
        assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, TO, "第12集的成片完成了：看一看")
        assert mail.get_content().strip() == "第12集的成片完成了：看一看"
        assert mail["Message-ID"] == f"<{row.message}@example.com>"
        assert (row.state, row.error) == ("sent", "")
        try_channel(place, "mail")
        assert server.taken[1]["Subject"] == "A test of the channel mail: messages arrive here."


def test_a_password_goes_over_a_checked_connection(
    place: Installation, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    with MailServer(certificate=certificate) as server:
        with_server(place, logged_in(server.port))
        say(place, "a")
        notify(place)
        assert states(place) == ["sent"]
        assert server.encrypted == [True]


def test_a_password_does_not_go_to_a_server_whose_certificate_nobody_vouches_for(
    place: Installation, certificate: Certificate
) -> None:
    with MailServer(certificate=certificate) as server:
        with_server(place, logged_in(server.port))
        say(place, "a")
        notify(place)
        (row,) = deliveries(place)
        assert (row.state, server.taken) == ("pending", [])
        assert "CERTIFICATE_VERIFY_FAILED" in row.error


def test_a_password_is_not_sent_in_the_clear(place: Installation) -> None:
    with MailServer() as server:
        with_server(place, logged_in(server.port))
        say(place, "a")
        notify(place)
        (row,) = deliveries(place)
        assert (row.state, server.taken) == ("pending", [])
        assert "it offers no STARTTLS, and a password is not sent in the clear" in row.error
        assert PASSWORD not in row.error


def test_a_wrong_password_is_told_and_not_repeated(
    place: Installation, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    with MailServer(certificate=certificate) as server:
        with_server(place, logged_in(server.port, "wrong word"))
        with pytest.raises(ChannelError, match="535") as refused:
            try_channel(place, "mail")
        assert "wrong word" not in refused.value.message
        assert refused.value.details == {"channel": "mail", "verdict": "not_taken"}


@pytest.mark.parametrize("answers", [{"rcpt": "550 no such user"}, {"data": "452 full"}, {"data": "554 spam"}])
def test_what_a_mail_server_refuses_is_tried_again(place: Installation, answers: dict[str, str]) -> None:
    (words,) = answers.values()
    clock = Clock()
    with MailServer(**answers) as server:  # type: ignore[arg-type]
        with_server(place, f"smtp://{HOST}:{server.port}")
        say(place, "a")
        notify(place, clock=clock)
        (row,) = deliveries(place)
        assert (row.state, row.error) == ("pending", f"the mail server did not take it ({words})")


def test_an_email_whose_server_hangs_up_without_an_answer_is_not_sent_again(place: Installation) -> None:
    clock = Clock()
    with MailServer(hangs_up=True) as server:
        with_server(place, f"smtp://{HOST}:{server.port}")
        say(place, "a")
        notify(place, clock=clock)
        clock.pass_(hours=3)
        notify(place, clock=clock)
        (row,) = deliveries(place)
        assert (row.state, len(server.taken)) == ("unknown", 1)
        assert "it may have taken it" in row.error


def test_a_mail_server_that_is_not_there_or_says_nothing_was_sent_nothing(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "_SILENCE_SECONDS", 0.2)
    with RawServer(says(b"")) as server:
        with_server(place, f"smtp://{HOST}:1")
        say(place, "a")
        notify(place)
        assert "ConnectionRefusedError" in deliveries(place)[0].error
        inside(place, smtp_url=f"smtp://{HOST}:{server.port}")
        with pytest.raises(ChannelError, match="did not take the test") as refused:
            try_channel(place, "mail")
        assert refused.value.details["verdict"] == "not_taken"


@pytest.mark.parametrize(
    ("url", "sender", "variable"), [("", SENDER, "AIANIME_SMTP_URL"), ("smtp://h", "", "AIANIME_MAIL_FROM")]
)
def test_what_is_not_set_up_is_told_by_its_variable(place: Installation, url: str, sender: str, variable: str) -> None:
    with_server(place, url, sender)
    with pytest.raises(ChannelError, match=variable):
        try_channel(place, "mail")
