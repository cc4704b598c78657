"""One tick of the notifications: what is new is handed to the channels, and what is due is sent, each message once.

Every channel is sent to in a thread of its own, so that a slow one does not hold up the others. A tick waits for them
only so long: who is not done then writes down its outcome when it has one, and its channel is left alone until it has.
"""

import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote, urlsplit

import structlog

from aianime_pipeline.db.models import Channel
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError, ChannelError
from aianime_pipeline.notifying.answers import Outcome, Verdict
from aianime_pipeline.notifying.kinds import ChannelKind, tokens_of
from aianime_pipeline.notifying.mail import MailServer, mail_of
from aianime_pipeline.notifying.message import Item, Message
from aianime_pipeline.notifying.posts import post_of
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.notifications.channels import find_channel
from aianime_pipeline.production.notifications.handing import hand_over
from aianime_pipeline.production.notifications.mailing import send_mail
from aianime_pipeline.production.notifications.posting import send_post
from aianime_pipeline.production.notifications.taking import channels_due, lapse, record_outcome, take_next
from aianime_pipeline.providers.cleaning import Secrets, one_line

MOST_MESSAGES = 5
"""To one channel in one tick: robots take 20 in a minute, and a tick comes every 15 seconds."""
MOST_CHANNELS = 32
PATIENCE_SECONDS = 30.0
"""Of a tick: what takes longer goes on without it."""

_TOLD = 300

_log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]


@dataclass
class Round:
    """What a tick did. `messages` counts by the state in which they were left: sent, pending (tried again later),
    failed or unknown; `going` are channels that are still being sent to."""

    handed: int = 0
    messages: Counter[str] = field(default_factory=Counter)
    lapsed: int = 0
    going: int = 0

    def in_words(self) -> str:
        told = {
            "sent": "were sent",
            "pending": "were refused and are tried again",
            "failed": "have failed",
            "unknown": "may have arrived",
        }
        parts = [f"{self.handed} notices were handed to channels"] if self.handed else []
        parts += [f"{self.messages[state]} messages {words}" for state, words in told.items() if self.messages[state]]
        parts += [f"{self.lapsed} deliveries lost their sender"] if self.lapsed else []
        parts += [f"{self.going} channels are still being sent to"] if self.going else []
        return f"{', '.join(parts)}." if parts else "Nothing was told that a channel carries, and nothing is due."


def notify(place: Installation, *, clock: Clock = now, patience_seconds: float = PATIENCE_SECONDS) -> Round:
    """One tick. Raises what the database raises: a tick that cannot look is none."""
    done = Round(lapsed=lapse(place, clock()), handed=hand_over(place, clock()))
    senders = [_Sender(place, channel, clock) for channel in channels_due(place, clock(), MOST_CHANNELS)]
    for sender in senders:
        sender.start()
    until = time.monotonic() + patience_seconds
    for sender in senders:
        sender.join(max(until - time.monotonic(), 0))
    for sender in senders:
        if sender.error is not None:
            raise sender.error
        done.messages.update(sender.left)
    done.going = sum(sender.is_alive() for sender in senders)
    return done


class _Sender(threading.Thread):
    """Sends what is due to one channel. It dies with its process: what it was sending is then nobody's knowledge."""

    def __init__(self, place: Installation, channel_id: int, clock: Clock) -> None:
        super().__init__(daemon=True, name=f"channel-{channel_id}")
        self._place, self._channel_id, self._clock = place, channel_id, clock
        self.left: list[str] = []
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            for _ in range(MOST_MESSAGES):
                outgoing = take_next(self._place, self._channel_id, self._clock())
                if outgoing is None:
                    return
                outcome = send(self._place, outgoing.channel, outgoing.message, self._clock())
                self.left.append(record_outcome(self._place, outgoing, outcome, self._clock()))
                if outcome.verdict is not Verdict.TAKEN:
                    return
        except Exception as error:  # noqa: BLE001 - raised by the tick, or logged where that is over
            _log.warning("a channel could not be sent to", channel=self._channel_id, error=type(error).__name__)
            self.error = error


def send(place: Installation, channel: Channel, message: Message, at: datetime) -> Outcome:
    """Send it, once. What is not set up counts as not taken. No word of the outcome holds the secret or a token."""
    secret = os.environ.get(channel.secret_variable, "") if channel.secret_variable else ""
    try:
        outcome = _sent(place, channel, secret, message, at)
    except BadSettingError as error:
        outcome = Outcome(Verdict.NOT_TAKEN, error.message)
    words = one_line(Secrets([secret, *_hidden(place, channel)]).clean(outcome.words))[:_TOLD]
    _log.info(
        "a message was sent to a channel", channel=channel.name, message=message.id, verdict=outcome.verdict.value
    )
    return Outcome(outcome.verdict, words, outcome.wait)


def try_channel(place: Installation, name: str) -> None:
    """Send it a message that says that it is a test, now and whatever its hours are.

    Raises NotFoundError, ChannelError where it was not taken or nobody knows.
    """
    with place.database.read() as session:
        channel = find_channel(session, name)
    outcome = send_test(place, channel)
    if outcome.verdict is not Verdict.TAKEN:
        raise ChannelError(
            f"The channel {name} {_VERDICTS[outcome.verdict]}: {outcome.words}.",
            channel=name,
            verdict=outcome.verdict.value,
        )


def send_test(place: Installation, channel: Channel) -> Outcome:
    """The same, and what became of it."""
    moment = now()
    item = Item(0, "test", moment, f"A test of the channel {channel.name}: messages arrive here.")
    return send(place, channel, Message(str(uuid.uuid4()), (item,)), moment)


_VERDICTS = {Verdict.NOT_TAKEN: "did not take the test", Verdict.UNKNOWN: "may have taken the test, or not"}


def _hidden(place: Installation, channel: Channel) -> list[str]:
    """What of addresses and settings nobody may see."""
    if channel.kind != ChannelKind.EMAIL:
        return tokens_of(channel.address)
    url = place.settings.smtp_url
    return [url, unquote(urlsplit(url).password or "")]


def _sent(place: Installation, channel: Channel, secret: str, message: Message, at: datetime) -> Outcome:
    settings, kind = place.settings, ChannelKind(channel.kind)
    if channel.secret_variable and not secret:
        raise BadSettingError(f"{channel.secret_variable} is not set, where the channel's secret should be")
    if kind is ChannelKind.EMAIL:
        server = MailServer.of(settings.smtp_url)
        mail = mail_of(message, sender=settings.mail_from, to=channel.address, at=at, public_url=settings.public_url)
        return send_mail(server, mail, settings.mail_from, channel.address)
    post = post_of(kind, channel.address, secret, message, at=at, public_url=settings.public_url)
    return send_post(kind, post, inside=settings.webhooks_inside)
