"""What every service works with: the settings, the database, the object store and the providers, opened once."""

import atexit
import importlib
import os
import threading
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import cast

from aianime_pipeline.db.engine import Database, database
from aianime_pipeline.errors import BadSettingError, ProvidersFileError
from aianime_pipeline.production.makers.backends import Embedded, MediaProvider, Route, Vendor, local_model
from aianime_pipeline.providers.capabilities import (
    Capability,
    ImageProvider,
    MusicProvider,
    SpeechProvider,
    VideoProvider,
)
from aianime_pipeline.providers.configuration import LOCAL, ProvidersConfiguration, read_configuration
from aianime_pipeline.settings import Settings, settings
from aianime_pipeline.storage.folder import FolderStore
from aianime_pipeline.storage.store import ObjectStore


@dataclass
class Installation:
    settings: Settings
    database: Database
    store: ObjectStore
    _vendors: dict[str, Vendor] = field(default_factory=dict)
    _opening: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def configuration(self) -> ProvidersConfiguration:
        """The providers' file with its secrets from the environment, empty where there is none. Raises
        ProvidersFileError, also for a file that is named and not there."""
        file = self.settings.providers_file
        if not file.exists():
            if self.settings.providers_path is None:
                return ProvidersConfiguration()
            raise ProvidersFileError(
                f"AIANIME_PROVIDERS_FILE names {file}, and there is no such file.", variable="AIANIME_PROVIDERS_FILE"
            )
        return read_configuration(file, os.environ)

    def routes(self, capability: Capability, project: str = "") -> tuple[Route, ...]:
        """Who may be asked for it, in order of preference. Raises BadSettingError where one is not set up."""
        return tuple(self._route(name, capability) for name in self.configuration.route(capability, project))

    def charges(self, capability: Capability, project: str = "") -> bool:
        """Whether any of them takes money."""
        return any(route.backend.charges for route in self.routes(capability, project))

    def _route(self, name: str, capability: Capability) -> Route:
        provider, _, _ = name.partition("/")
        if provider == LOCAL:
            return Route(local_model(capability), Embedded(self.provider))
        entry = self.configuration.providers[provider]
        with self._opening:
            if provider not in self._vendors:
                self._vendors[provider] = Vendor(entry)
            return Route(self.configuration.model(name), self._vendors[provider], entry.limits)

    def route_named(self, name: str, capability: Capability) -> Route:
        """The route of a generation's row, also when the file no longer prefers it. Raises BadSettingError."""
        if not name.startswith(f"{LOCAL}/"):
            self.configuration.model(name)
        return self._route(name, capability)

    @cached_property
    def provider(self) -> MediaProvider:
        """The one that works in this process. Opened when something is to be made. Raises BadSettingError."""
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
        store=open_store(chosen),
    )


def open_store(chosen: Settings) -> ObjectStore:
    """Where the settings say that the objects lie; nothing is asked of a bucket yet. Raises BadSettingError."""
    if not chosen.objects_url:
        return FolderStore(chosen.objects)
    from aianime_pipeline.storage.s3 import S3ObjectStore  # a laptop's start does not wait for it

    return S3ObjectStore(
        chosen.objects_url,
        chosen.s3_endpoint,
        scratch=chosen.scratch / "objects",
        public_endpoint=chosen.s3_public_endpoint,
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
