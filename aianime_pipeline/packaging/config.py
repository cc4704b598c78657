"""What an episode's ZIP includes, as a person sets it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.packaging.names import PartKind


@dataclass(frozen=True)
class PackageConfig:
    """Everything, unless it is switched off. Raises BadSettingError when nothing is left."""

    shot_images: bool = True
    shot_videos: bool = True
    voices: bool = True
    film: bool = True
    subtitles: bool = True
    storyboard: bool = True
    screenplay: bool = True

    def __post_init__(self) -> None:
        if not any(asdict(self).values()):
            raise BadSettingError(
                f"The package settings switch everything off. Leave at least one on of: {', '.join(SETTINGS)}."
            )

    def includes(self, kind: PartKind) -> bool:
        return bool(getattr(self, _SETTING_OF[kind]))

    def to_document(self) -> dict[str, bool]:
        return asdict(self)


SETTINGS = tuple(field.name for field in fields(PackageConfig))

_SETTING_OF: dict[PartKind, str] = {
    "shot_image": "shot_images",
    "shot_video": "shot_videos",
    "voice": "voices",
    "film": "film",
    "subtitles": "subtitles",
    "storyboard": "storyboard",
    "screenplay": "screenplay",
}


def package_config(document: Mapping[str, Any]) -> PackageConfig:
    """The settings from a JSON object; what it leaves out is included. Raises BadSettingError."""
    for key, value in document.items():
        if key not in SETTINGS:
            raise BadSettingError(
                f"{key!r} is not a package setting. There are: {', '.join(SETTINGS)}.", setting=str(key)
            )
        if not isinstance(value, bool):
            raise BadSettingError(f"The package setting {key} is true or false, not {value!r}.", setting=key)
    return PackageConfig(**document)
