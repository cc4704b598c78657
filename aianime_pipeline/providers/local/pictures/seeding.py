"""Chance that can be repeated: random generators and picks that depend only on stable text."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def digest_number(*parts: object) -> int:
    """A 64-bit number from the parts' text. The same in every process, unlike `hash()`."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def dice(*parts: object) -> random.Random:
    return random.Random(digest_number(*parts))


def pick(options: Sequence[T], *parts: object) -> T:
    return options[digest_number(*parts) % len(options)]
