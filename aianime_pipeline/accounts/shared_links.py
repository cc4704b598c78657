"""Links that let somebody who has no account fetch one file until a moment.

The link holds everything, signed: what the file is, its name, and how long the link is good. Nothing is written down,
so a link cannot be taken back by itself; another signing key ends all of them. It names bytes, not a take or an
episode: what is selected or exported later does not come by it.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import LinkAlteredError, LinkExpiredError

_SALT = "aianime.shared-link.1"


@dataclass(frozen=True)
class SharedFile:
    """`digest` is of the object, or of a package's manifest."""

    digest: str
    name: str
    media_type: str
    is_package: bool


def shared_token(file: SharedFile, key: str, lifetime: timedelta) -> tuple[str, datetime]:
    """The link's token, and when it ends, to the second."""
    until = (now() + lifetime).replace(microsecond=0)
    payload = [file.digest, file.name, file.media_type, int(file.is_package), int(until.timestamp())]
    return _serializer(key).dumps(payload), until


def read_token(token: str, key: str) -> tuple[SharedFile, datetime]:
    """What the token is for, and when it ends. Raises LinkAlteredError, LinkExpiredError."""
    try:
        digest, name, media_type, is_package, seconds = _serializer(key).loads(token)
    except (BadData, ValueError, TypeError) as error:
        raise LinkAlteredError("The link is not one of ours, or was altered. Ask for it again.") from error
    until = datetime.fromtimestamp(seconds, UTC)
    if now() >= until:
        raise LinkExpiredError(f"The link was good until {until.isoformat()}. Ask for a new one.")
    return SharedFile(digest, name, media_type, bool(is_package)), until


def _serializer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, _SALT, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256})
