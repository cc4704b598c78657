"""From the bytes of a storyboard file to its text, in the encodings that screenplays come in too."""

from aianime_pipeline.errors import EmptyFileError
from aianime_pipeline.screenplay.reading import read_text


def decode(data: bytes, name: str = "The storyboard file") -> str:
    """The text of `data` without a byte-order mark. Raises EmptyFileError, BinaryFileError or EncodingError."""
    if not data.strip():
        raise EmptyFileError(f"{name} is empty; choose a file that holds shots.")
    return read_text(data, filename=name)
