"""Pictures that go out with a request: read once, looked at against what the vendor takes, and encoded as it wants."""

import base64
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.adapters.not_asked import not_asked

_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
"""By Pillow's names of the formats."""


@dataclass(frozen=True)
class Taken:
    """What a vendor takes of a picture. Sides in pixels; `most_ratio` is the longer side by the shorter."""

    most_bytes: int
    media_types: tuple[str, ...] = ("image/png", "image/jpeg", "image/webp")
    least_side: int = 1
    most_ratio: float = float("inf")


@dataclass(frozen=True)
class SentPicture:
    data: bytes = field(repr=False)
    media_type: str

    @property
    def plain_base64(self) -> str:
        return base64.b64encode(self.data).decode("ascii")

    @property
    def data_url(self) -> str:
        return f"data:{self.media_type};base64,{self.plain_base64}"


def sent_picture(path: Path, taken: Taken, provider: str) -> SentPicture:
    """Raises ProviderError(BAD_INPUT) for a picture that cannot be read or that the vendor would not take."""
    try:
        data = path.read_bytes()
        with Image.open(path, formats=tuple(_MEDIA_TYPES)) as picture:
            media_type, (width, height) = _MEDIA_TYPES[picture.format or ""], picture.size
    except (OSError, KeyError, Image.DecompressionBombError) as error:
        raise _refused(provider, path, f"cannot be read ({type(error).__name__})") from error
    if media_type not in taken.media_types:
        raise _refused(provider, path, f"is {media_type}; it takes {', '.join(taken.media_types)}")
    if len(data) > taken.most_bytes:
        raise _refused(provider, path, f"has {len(data)} bytes; it takes {taken.most_bytes} at most")
    if min(width, height) < taken.least_side:
        raise _refused(provider, path, f"has {width}x{height} pixels; it takes {taken.least_side} a side at least")
    if max(width, height) > min(width, height) * taken.most_ratio:
        raise _refused(provider, path, f"has {width}x{height} pixels; its sides may be 1:{taken.most_ratio:g} at most")
    return SentPicture(data, media_type)


def _refused(provider: str, path: Path, why: str) -> ProviderError:
    return not_asked(provider, f"the picture {path.name} {why}")
