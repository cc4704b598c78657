"""Small real pictures and sounds for the fakes' results."""

import wave
from functools import cache
from io import BytesIO

from PIL import Image

SPEECH_RATE = 24_000


@cache
def png(width: int, height: int) -> bytes:
    with BytesIO() as file:
        Image.new("RGB", (width, height), (120, 60, 30)).save(file, "PNG")
        return file.getvalue()


def wav(milliseconds: int) -> bytes:
    """Mono silence of 16 bits."""
    with BytesIO() as file:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(SPEECH_RATE)
            sound.writeframes(bytes(2 * SPEECH_RATE * milliseconds // 1000))
        return file.getvalue()
