"""A mail server on a free port that keeps what it takes, and fails as a test wants."""

import ssl
import subprocess
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from support.processes import free_port

HOST = "127.0.0.1"
USER, PASSWORD = "crew@studio", "p@ss word"


class MailServer:
    """`with MailServer() as server:`; `taken` are the e-mails. `rcpt` and `data` replace the server's answers; with
    `hangs_up` it takes the e-mail and hangs up. With `certificate` it offers STARTTLS, and asks for USER and PASSWORD.
    """

    def __init__(
        self, *, rcpt: str = "", data: str = "", hangs_up: bool = False, certificate: "Certificate | None" = None
    ) -> None:
        self.taken: list[EmailMessage] = []
        self.encrypted: list[bool] = []
        self._rcpt, self._data, self._hangs_up = rcpt, data, hangs_up
        options: dict[str, Any] = {}
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.path, certificate.key)
            options = {"tls_context": context, "authenticator": _authenticate, "auth_required": True}
        self.port = free_port()
        self._controller = Controller(self, hostname=HOST, port=self.port, **options)

    def __enter__(self) -> "MailServer":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self._rcpt:
            envelope.rcpt_tos.append(address)
        return self._rcpt or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self._data:
            return self._data
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.taken.append(mail)
        self.encrypted.append(session.ssl is not None)
        if self._hangs_up:
            assert server.transport is not None
            server.transport.abort()
        return "250 OK"


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


class Certificate:
    """Of HOST, signed by itself: whoever trusts the file `path` trusts it."""

    def __init__(self, folder: Path) -> None:
        self.path, self.key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=studio",
             "-addext", f"subjectAltName=IP:{HOST}", "-keyout", self.key, "-out", self.path],
            check=True, capture_output=True,
        )  # fmt: skip
