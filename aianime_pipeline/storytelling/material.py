"""The data part of a request: what the model works on, fenced off so that nothing in it can pass for an instruction.

The fence's sign is taken from the content and occurs nowhere in it, so no text can close its own fence. The content is
JSON, so a line break in a text is none in the message, and no text can open a part of its own. The same content gives
the same message: an answer that was paid for can be found again.
"""

import hashlib
import json
from typing import Any

_SIGN_LENGTH = 12


def material(**parts: Any) -> str:
    """The JSON-ready parts, each between two lines that carry the message's sign and the part's name."""
    bodies = {name: json.dumps(part, ensure_ascii=False, separators=(", ", ": ")) for name, part in parts.items()}
    sign = _sign("\n".join(bodies.values()))
    fenced = [f"<<<{sign} {name}>>>\n{body}\n<<<end {sign} {name}>>>" for name, body in bodies.items()]
    return "\n".join([f"Material, each part between two lines with the sign {sign}:", *fenced])


def _sign(content: str) -> str:
    for salt in range(len(content) + 2):
        sign = hashlib.sha256(f"{salt}\n{content}".encode(errors="surrogatepass")).hexdigest()[:_SIGN_LENGTH].upper()
        if sign.casefold() not in content.casefold():
            return sign
    raise AssertionError("a text cannot hold more signs than it has characters")
