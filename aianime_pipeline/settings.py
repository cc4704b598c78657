"""Settings of this installation, read from the environment once per process.

| variable | meaning | default |
| --- | --- | --- |
| AIANIME_HOME | folder of all state | `.aianime` in the current folder |
| AIANIME_DATABASE_URL | SQLAlchemy URL of the database | SQLite in AIANIME_HOME |
| AIANIME_PROVIDERS_FILE | the vendors, their models, prices and routes | `aianime.toml` in AIANIME_HOME |
| AIANIME_PROVIDER | `module:Class` that is `local/animatic` in routes | the built-in animatic |
| AIANIME_PATIENCE_SECONDS | a run that Dagster started leaves jobs that take longer to the sensor | 60 |
| AIANIME_IMAGE_LIMIT, …_VIDEO_LIMIT, …_VOICE_LIMIT | shots made at once in one run | 2, 2, 4 |
| AIANIME_SEGMENT_WORKERS | ffmpeg processes at once while a film is made | one for every two cores |
| AIANIME_SEGMENT_CACHE_BYTES | the segment cache is kept below this | 20 GB |
| AIANIME_FFMPEG | another ffmpeg | the one in the imageio-ffmpeg wheel |
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aianime_pipeline.errors import BadSettingError

ANIMATIC = "aianime_pipeline.providers.local.provider:AnimaticProvider"


@dataclass(frozen=True)
class Settings:
    home: Path
    database_url: str
    provider: str = ANIMATIC
    providers_path: Path | None = None
    patience_seconds: int = 60
    image_limit: int = 2
    video_limit: int = 2
    voice_limit: int = 4
    segment_workers: int | None = None
    """None: one for every two cores."""
    segment_cache_bytes: int = 20_000_000_000

    @property
    def providers_file(self) -> Path:
        return self.providers_path or self.home / "aianime.toml"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @property
    def objects(self) -> Path:
        return self.home / "objects"

    @property
    def segments(self) -> Path:
        """Cache of film segments: may be deleted at any time, costs time to make again."""
        return self.home / "cache" / "segments"

    @property
    def scratch(self) -> Path:
        return self.home / "tmp"

    def output(self, episode_key: str) -> Path:
        """Where a person finds an episode's film and ZIP."""
        return self.home / "output" / episode_key


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises BadSettingError, naming the variable."""
    home = Path(environment.get("AIANIME_HOME") or ".aianime").absolute()
    url = environment.get("AIANIME_DATABASE_URL") or f"sqlite:///{home / 'aianime.db'}"
    return Settings(
        home=home,
        database_url=url,
        provider=environment.get("AIANIME_PROVIDER") or ANIMATIC,
        providers_path=Path(file).absolute() if (file := environment.get("AIANIME_PROVIDERS_FILE")) else None,
        patience_seconds=_whole(environment, "AIANIME_PATIENCE_SECONDS", 60),
        image_limit=_whole(environment, "AIANIME_IMAGE_LIMIT", 2),
        video_limit=_whole(environment, "AIANIME_VIDEO_LIMIT", 2),
        voice_limit=_whole(environment, "AIANIME_VOICE_LIMIT", 4),
        segment_workers=_whole(environment, "AIANIME_SEGMENT_WORKERS", 0) or None,
        segment_cache_bytes=_whole(environment, "AIANIME_SEGMENT_CACHE_BYTES", 20_000_000_000),
    )


@cache
def settings() -> Settings:
    return read_settings(os.environ)


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise BadSettingError(f"{name} is {text!r}: it takes a whole number from 1.", variable=name)
    return int(text)
