"""Settings of this installation, read from the environment once per process.

| variable | meaning | default |
| --- | --- | --- |
| AIANIME_HOME | folder of all state | `.aianime` in the current folder |
| AIANIME_DATABASE_URL | SQLAlchemy URL of the database | SQLite in AIANIME_HOME |
| AIANIME_OBJECTS_URL | `s3://bucket/prefix` of the objects; keys in the usual AWS variables | in AIANIME_HOME |
| AIANIME_S3_ENDPOINT | `https://host` of an S3 service that is not Amazon's | Amazon's |
| AIANIME_S3_PUBLIC_ENDPOINT | where people reach that service, for downloads; `none`: they do not | the same |
| AIANIME_DAGSTER_CONFIG | the `dagster.yaml` of the instance, such as a team's `deploy/dagster.yaml` | the laptop's |
| AIANIME_PROVIDERS_FILE | the vendors, their models, prices and routes | `aianime.toml` in AIANIME_HOME |
| AIANIME_PROVIDER | `module:Class` that is `local/animatic` in routes | the built-in animatic |
| AIANIME_PATIENCE_SECONDS | a run that Dagster started leaves jobs that take longer to the sensor | 60 |
| AIANIME_IMAGE_LIMIT, …_VIDEO_LIMIT, …_VOICE_LIMIT | shots made at once in one run | 2, 2, 4 |
| AIANIME_TASKS_AT_ONCE | tasks whose runs are launched at once; as many as Dagster's queue lets run | 2 |
| AIANIME_SEGMENT_WORKERS | ffmpeg processes at once while a film is made | one for every two cores |
| AIANIME_SEGMENT_CACHE_BYTES | the segment cache is kept below this | 20 GB |
| AIANIME_FFMPEG | another ffmpeg | the one in the imageio-ffmpeg wheel |
| AIANIME_DAGSTER_URL | where Dagster's web server is | `http://127.0.0.1:3000` |
| AIANIME_SECRET_KEY | signs log-in tokens and shared links: 32 random characters or more | made once in AIANIME_HOME |
| AIANIME_METRICS_TOKEN | whoever reads `/metrics` sends it as a bearer token | read on this machine alone |
| AIANIME_API_ORIGINS | pages of other addresses that may call the API from a browser, separated by commas | none |
| AIANIME_OIDC_ISSUER | the identity provider that people may log in through; needs AIANIME_PUBLIC_URL | none |
| AIANIME_OIDC_CLIENT_ID, …_CLIENT_SECRET | what it calls us, and our secret there | no secret |
| AIANIME_SMTP_URL | the mail server, `smtp://user:password@host:587` or `smtps://…` | no e-mails |
| AIANIME_MAIL_FROM | whom e-mails are from | no e-mails |
| AIANIME_PUBLIC_URL | where people reach the installation: put before links in messages | links stay out of them |
| AIANIME_WEBHOOKS_INSIDE | `yes`: webhooks may lie inside the network, and be plain http | no |
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from aianime_pipeline.errors import BadSettingError

ANIMATIC = "aianime_pipeline.providers.local.provider:AnimaticProvider"


@dataclass(frozen=True)
class Settings:
    home: Path
    database_url: str
    provider: str = ANIMATIC
    objects_url: str = ""
    """`s3://bucket/prefix`; empty: the folder `objects`."""
    s3_endpoint: str = ""
    """Of an S3 service that is not Amazon's; empty: Amazon's."""
    s3_public_endpoint: str = ""
    """The service's address for people outside; empty: the same; `none`: downloads go through the API."""
    dagster_config: Path | None = None
    """The instance's `dagster.yaml`; None: the laptop's."""
    providers_path: Path | None = None
    patience_seconds: int = 60
    image_limit: int = 2
    video_limit: int = 2
    voice_limit: int = 4
    tasks_at_once: int = 2
    segment_workers: int | None = None
    """None: one for every two cores."""
    segment_cache_bytes: int = 20_000_000_000
    dagster_url: str = field(default="http://127.0.0.1:3000", repr=False)
    secret_key: str = field(default="", repr=False)
    """Empty: the one in the file `secret.key`."""
    metrics_token: str = field(default="", repr=False)
    """Empty: metrics are read on this machine alone."""
    api_origins: tuple[str, ...] = ()
    oidc_issuer: str = ""
    """Empty: log-in with passwords alone."""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    public_url: str = ""
    webhooks_inside: bool = False

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
        objects_url=environment.get("AIANIME_OBJECTS_URL", "").strip(),
        s3_endpoint=environment.get("AIANIME_S3_ENDPOINT", "").strip(),
        s3_public_endpoint=environment.get("AIANIME_S3_PUBLIC_ENDPOINT", "").strip(),
        dagster_config=Path(file).absolute() if (file := environment.get("AIANIME_DAGSTER_CONFIG")) else None,
        providers_path=Path(file).absolute() if (file := environment.get("AIANIME_PROVIDERS_FILE")) else None,
        patience_seconds=_whole(environment, "AIANIME_PATIENCE_SECONDS", 60),
        image_limit=_whole(environment, "AIANIME_IMAGE_LIMIT", 2),
        video_limit=_whole(environment, "AIANIME_VIDEO_LIMIT", 2),
        voice_limit=_whole(environment, "AIANIME_VOICE_LIMIT", 4),
        tasks_at_once=_whole(environment, "AIANIME_TASKS_AT_ONCE", 2),
        segment_workers=_whole(environment, "AIANIME_SEGMENT_WORKERS", 0) or None,
        segment_cache_bytes=_whole(environment, "AIANIME_SEGMENT_CACHE_BYTES", 20_000_000_000),
        dagster_url=_web_address(environment, "AIANIME_DAGSTER_URL") or "http://127.0.0.1:3000",
        secret_key=environment.get("AIANIME_SECRET_KEY", "").strip(),
        metrics_token=environment.get("AIANIME_METRICS_TOKEN", "").strip(),
        api_origins=_origins(environment, "AIANIME_API_ORIGINS"),
        oidc_issuer=_web_address(environment, "AIANIME_OIDC_ISSUER"),
        oidc_client_id=environment.get("AIANIME_OIDC_CLIENT_ID", "").strip(),
        oidc_client_secret=environment.get("AIANIME_OIDC_CLIENT_SECRET", "").strip(),
        smtp_url=environment.get("AIANIME_SMTP_URL", "").strip(),
        mail_from=environment.get("AIANIME_MAIL_FROM", "").strip(),
        public_url=_web_address(environment, "AIANIME_PUBLIC_URL"),
        webhooks_inside=_yes(environment, "AIANIME_WEBHOOKS_INSIDE"),
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


def _yes(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name, "").strip().lower()
    if text not in ("", "yes", "no"):
        raise BadSettingError(f"{name} is {text!r}: it takes yes or no.", variable=name)
    return text == "yes"


def _origins(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = tuple(filter(None, (part.strip().rstrip("/") for part in environment.get(name, "").split(","))))
    for origin in found:
        if not origin.startswith(("http://", "https://")) or "/" in origin.partition("://")[2] or "*" in origin:
            raise BadSettingError(
                f"{name} has {origin!r}: it takes origins such as https://studio.example.com, separated by commas.",
                variable=name,
            )
    return found


def _web_address(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name, "").strip()
    if text and not text.startswith(("http://", "https://")):
        right = "https://studio.example.com"
        raise BadSettingError(f"{name} is {text!r}: it takes an address such as {right}.", variable=name)
    return text
