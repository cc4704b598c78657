"""Sending one e-mail by SMTP, once, and what is known of it then.

A password goes only over a connection whose certificate was checked. Without a user's name STARTTLS is used where the
server offers it, whatever its certificate: that is more than plain text, which would go otherwise.
"""

import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.policy import SMTP

from aianime_pipeline.deadlines import Deadline
from aianime_pipeline.notifying.answers import TAKEN, Outcome, Verdict
from aianime_pipeline.notifying.mail import MailServer

_SILENCE_SECONDS = 10.0
_MOST_SECONDS = 40.0
"""For all of it, from the look-up of the server's name on: one that says a letter now and then is hung up on."""


def send_mail(server: MailServer, mail: EmailMessage, sender: str, to: str) -> Outcome:
    """Never raises for what the network or the server does."""
    with Deadline(_MOST_SECONDS) as deadline:
        try:
            client = deadline.run(lambda: _Client(server, deadline))
        except (OSError, UnicodeError, smtplib.SMTPException) as error:
            return _not_taken(error)
        try:
            return _sent(client, server, mail, sender, to)
        finally:
            client.close()


class _Client(smtplib.SMTP):
    """Connects as the server wants it, within the deadline."""

    def __init__(self, server: MailServer, deadline: Deadline) -> None:
        self._server, self._deadline = server, deadline
        super().__init__(server.host, server.port, timeout=_SILENCE_SECONDS)

    def secure(self, context: ssl.SSLContext) -> None:
        assert self.sock is not None
        self.sock.settimeout(self._deadline.at_most(_SILENCE_SECONDS))
        self.starttls(context=context)
        self._deadline.watch(self.sock)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """The library's own place for connecting otherwise."""
        connection = socket.create_connection((host, port), timeout)
        self._deadline.watch(connection)
        if self._server.encrypted:
            connection = ssl.create_default_context().wrap_socket(connection, server_hostname=host)
            self._deadline.watch(connection)
        return connection


def _sent(client: _Client, server: MailServer, mail: EmailMessage, sender: str, to: str) -> Outcome:
    try:
        _prepare(client, server)
        _accepted(client.mail(sender))
        _accepted(client.rcpt(to))
    except (OSError, smtplib.SMTPException) as error:
        return _not_taken(error)
    try:
        code, words = client.data(mail.as_bytes(policy=SMTP))
    except smtplib.SMTPDataError as error:
        return _not_taken(error)
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(Verdict.UNKNOWN, f"the mail server gave no answer ({_words(error)}): it may have taken it")
    if code != 250:
        return _not_taken(smtplib.SMTPResponseException(code, words))
    return TAKEN


def _prepare(client: _Client, server: MailServer) -> None:
    client.ehlo_or_helo_if_needed()
    if not server.encrypted and client.has_extn("starttls"):
        client.secure(_context(checked=bool(server.user)))
        client.ehlo()
    elif not server.encrypted and server.user:
        raise smtplib.SMTPNotSupportedError("it offers no STARTTLS, and a password is not sent in the clear")
    if server.user:
        client.login(server.user, server.password)


def _context(*, checked: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not checked:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _accepted(answer: tuple[int, bytes]) -> None:
    code, words = answer
    if code not in (250, 251):
        raise smtplib.SMTPResponseException(code, words)


def _not_taken(error: Exception) -> Outcome:
    return Outcome(Verdict.NOT_TAKEN, f"the mail server did not take it ({_words(error)})")


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
