"""The key that tokens and shared links are signed with: from the environment, else made once in the state's folder."""

import os
import secrets
from pathlib import Path

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.settings import Settings

LEAST_CHARACTERS = 32
_FILE = "secret.key"


def signing_key(chosen: Settings) -> str:
    """AIANIME_SECRET_KEY, or what `secret.key` in AIANIME_HOME has; the file is made where there is none, readable by
    its owner alone. Several machines need the variable. Raises BadSettingError for a key that is too short."""
    key = chosen.secret_key or _kept(chosen.home / _FILE)
    if len(key) < LEAST_CHARACTERS:
        raise BadSettingError(
            f"The signing key has {len(key)} characters; it takes {LEAST_CHARACTERS} random ones or more "
            f"(AIANIME_SECRET_KEY, or the file {_FILE} in AIANIME_HOME).",
            variable="AIANIME_SECRET_KEY",
        )
    return key


def _kept(file: Path) -> str:
    if not file.exists():
        part = file.with_name(f".{_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(48))
        try:
            os.link(part, file)  # the first of several processes wins
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return file.read_text(encoding="ascii").strip()
