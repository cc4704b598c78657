"""What every service works with: the settings, the database, the object store and the provider, opened once."""

import atexit
import importlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol, cast

from aianime_pipeline.db.engine import Database, database
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.providers.capabilities import (
    ImageProvider,
    MusicProvider,
    SpeechProvider,
    VideoProvider,
)
from aianime_pipeline.settings import Settings, settings
from aianime_pipeline.storage.folder import FolderStore
from aianime_pipeline.storage.store import ObjectStore


class MediaProvider(ImageProvider, VideoProvider, SpeechProvider, MusicProvider, Protocol):
    """A provider of everything that an episode needs besides its story."""


@dataclass
class Installation:
    settings: Settings
    database: Database
    store: ObjectStore

    @cached_property
    def provider(self) -> MediaProvider:
        """Opened when something is to be made. Raises BadSettingError."""
        chosen = self.settings
        parallel = max(chosen.image_limit, chosen.video_limit, chosen.voice_limit)
        made = _provider(chosen.provider, chosen.scratch / "provider", parallel)
        # Its files of work are of no use to anybody else.
        atexit.register(made.close)
        return made


@cache
def installation() -> Installation:
    """The one of this process. Raises BadSettingError where a setting names what is not there."""
    chosen = settings()
    for folder in (chosen.home, chosen.scratch):
        folder.mkdir(parents=True, exist_ok=True)
    return Installation(
        settings=chosen,
        database=database(),
        store=FolderStore(chosen.objects),
    )


def _provider(name: str, workdir: Path, parallel: int) -> MediaProvider:
    module, _, attribute = name.partition(":")
    try:
        made = getattr(importlib.import_module(module), attribute)(workdir=workdir, max_workers=parallel)
    except (ImportError, AttributeError, ValueError) as error:
        raise BadSettingError(f"AIANIME_PROVIDER is {name!r}: it takes module:Class ({error}).") from error
    for protocol in (ImageProvider, VideoProvider, SpeechProvider, MusicProvider):
        if not isinstance(made, protocol):
            raise BadSettingError(f"AIANIME_PROVIDER is {name!r}, which is no {protocol.__name__}.")
    return cast(MediaProvider, made)
