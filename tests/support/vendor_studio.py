"""A studio whose pictures and clips are made by fake vendors, and a person who reads the vendor's own account."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fakes.vendor import Vendor
from support.making import Studio
from support.processes import wait_until
from support.quick_provider import Steering

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Generation, ProviderUsage, Take
from aianime_pipeline.production.generations.people import resolve
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.settings import Settings
from aianime_pipeline.storage.folder import FolderStore

KEY_VARIABLE = "FAKE_VENDORS_KEY"
KEY = "sk-a-key-that-nobody-may-see"

ARK = """
[providers.ark]
kind = "ark"
base_url = "{ark}"
api_key_env = "FAKE_VENDORS_KEY"
concurrency = {concurrency}
timeout_seconds = {timeout}

[providers.ark.models.seedream]
capability = "image"
model = "ep-seedream"
options = {{ pixels = [921600, 4000000] }}
prices = [{{ from = 2026-01-01, currency = "CNY", per_image = "0.25" }}]

[providers.ark.models.seedance]
capability = "video"
model = "ep-seedance"
options = {{ durations = [4, 12], resolution = "480p" }}
prices = [{{ from = 2026-01-01, currency = "CNY", per_1m_tokens_out = "16" }}]

[routes]
image = ["ark/seedream"]
video = ["ark/seedance"]
"""


def write_configuration(
    home: Path, text: str = ARK, *, concurrency: int = 8, timeout: int = 20, **addresses: str
) -> None:
    home.mkdir(parents=True, exist_ok=True)
    filled = text.format(concurrency=concurrency, timeout=timeout, **addresses)
    (home / "aianime.toml").write_text(filled, encoding="utf-8")
    os.environ[KEY_VARIABLE] = KEY


def open_studio(url: str, home: Path, steering: Path) -> Studio:
    """What another process opens of the same installation."""
    settings = Settings(home=home, database_url=url)
    settings.scratch.mkdir(parents=True, exist_ok=True)
    place = Installation(settings, Database(url), FolderStore(settings.objects))
    return Studio(place, Steering(steering))


LONG_JOB = 6.0
"""Seconds that a job takes which a test means to find at work, however slow the machine is."""


def wait_for_jobs(vendor: Vendor) -> None:
    """Until none of the vendor's jobs is at work any more."""
    wait_until(lambda: all(job["state"] not in ("queued", "running") for job in vendor.jobs))


class Person:
    """Looks up what is ambiguous in the fake's own account, and says what it found."""

    def __init__(self, studio: Studio, vendor: Vendor) -> None:
        self._studio, self._vendor = studio, vendor

    def resolve_all(self) -> int:
        """How many there were."""
        place = self._studio.place
        with place.database.read() as session:
            rows = session.scalars(sa.select(Generation).order_by(Generation.id)).all()
            paid = set(session.scalars(sa.select(ProviderUsage.generation_id)))
            takes = session.scalars(sa.select(Take).where(Take.generation_id.is_not(None))).all()
        words = {take.generation_id: str(take.inputs["prompt"]) for take in takes}
        waiting = [row for row in rows if row.state == "ambiguous"]
        charges = self._vendor.ledger
        for row in waiting:
            said = words[row.id]
            charged = sum(_says(charge["request"], said) for charge in charges)
            on_record = sum(words.get(one) == said for one in paid)
            resolve(place, row.id, "charged" if charged > on_record else "not_charged", "a person")
            if charged > on_record:
                paid.add(row.id)
        return len(waiting)


def _says(request: Mapping[str, Any], words: str) -> bool:
    return bool(words) and words.rstrip(".") in str(request.get("prompt", request)).split(". ")
