"""A message as an e-mail, and where the mail server is. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Self
from urllib.parse import unquote, urlsplit

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.notifying.message import Message, subject, written

_LONGEST_BODY = 100_000
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """`encrypted`: TLS from the first byte on; otherwise by STARTTLS."""

    host: str
    port: int
    encrypted: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Of AIANIME_SMTP_URL. Raises BadSettingError, which does not repeat it: a password is in it."""
        example = "right would be smtp://user:password@host:587, or smtps:// for TLS from the first byte on"
        if not url:
            raise BadSettingError(f"AIANIME_SMTP_URL is not set; {example}.", variable="AIANIME_SMTP_URL")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BadSettingError(f"AIANIME_SMTP_URL cannot be read; {example}.", variable="AIANIME_SMTP_URL") from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise BadSettingError(f"AIANIME_SMTP_URL is no mail server; {example}.", variable="AIANIME_SMTP_URL")
        return cls(
            parts.hostname,
            port or _PORTS[parts.scheme],
            parts.scheme == "smtps",
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )


def mail_of(message: Message, *, sender: str, to: str, at: datetime, public_url: str = "") -> EmailMessage:
    """The e-mail. Its Message-ID is the message's, so that a mail program shows it once. Raises BadSettingError for a
    sender that is no address."""
    if "@" not in sender or not sender.isprintable():
        raise BadSettingError(
            f"AIANIME_MAIL_FROM is {sender!r}; right would be aianime@example.com.", variable="AIANIME_MAIL_FROM"
        )
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject(message)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2].strip(' >') or 'localhost'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(written(message, public_url, len, _LONGEST_BODY) + "\n", cte="base64")
    return mail
