"""Whether the providers of the configuration can be used: asked without spending, and as their rows say."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.generations.intents import standing
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.makers.backends import Vendor
from aianime_pipeline.providers.capabilities import Capability
from aianime_pipeline.providers.configuration import LOCAL, ProviderEntry
from aianime_pipeline.providers.prices import price_on
from aianime_pipeline.providers.routing import blocked
from aianime_pipeline.providers.vendor import Checked, Model


@dataclass(frozen=True)
class CheckedModel:
    """`words` say what a person should do."""

    model: str
    capability: str
    checked: Checked
    words: tuple[str, ...]

    @property
    def usable(self) -> bool:
        return False not in (self.checked.address, self.checked.key, self.checked.model)

    def to_document(self) -> dict[str, Any]:
        checked = self.checked
        return {
            "model": self.model,
            "capability": self.capability,
            "address": checked.address,
            "key": checked.key,
            "answers": checked.model,
            "usable": self.usable,
            "words": list(self.words),
        }


def check_providers(place: Installation, name: str | None = None) -> list[CheckedModel]:
    """Each model of each provider, or of the one that is named. Raises BadSettingError for one that is not there."""
    return [one for entry in _entries(place, name) for one in _checked(entry)]


def check_providers_within(place: Installation, seconds: float, name: str | None = None) -> list[CheckedModel]:
    """The same, all providers at once, and for no longer than so many seconds: those that are not done by then have not
    answered. Raises BadSettingError for one that is not there."""
    checkers = [_Checker(entry) for entry in _entries(place, name)]
    for checker in checkers:
        checker.start()
    until = time.monotonic() + seconds
    for checker in checkers:
        checker.join(max(until - time.monotonic(), 0))
    return [one for checker in checkers for one in checker.found(seconds)]


class _Checker(threading.Thread):
    """Asks one provider. A daemon: nobody waits for it at the end of the process."""

    def __init__(self, entry: ProviderEntry) -> None:
        super().__init__(daemon=True, name=f"check-{entry.settings.name}")
        self._entry = entry
        self._found: list[CheckedModel] | None = None
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._found = _checked(self._entry)
        except Exception as error:  # noqa: BLE001 - raised where it is asked for
            self._error = error

    def found(self, seconds: float) -> list[CheckedModel]:
        if self._error is not None:
            raise self._error
        if self._found is not None:
            return self._found
        silent = Checked(False, None, None, f"it did not answer within {seconds:g} seconds")
        return [_with_words(model, silent) for model in self._entry.models.values()]


def _entries(place: Installation, name: str | None) -> list[ProviderEntry]:
    entries = place.configuration.providers
    if name is not None and name not in entries:
        raise BadSettingError(f"There is no provider {name!r}; the file has {', '.join(sorted(entries)) or 'none'}.")
    return [entry for provider, entry in entries.items() if name in (None, provider)]


def _checked(entry: ProviderEntry) -> list[CheckedModel]:
    try:
        vendor = Vendor(entry)
    except BadSettingError as error:
        missing = Checked(None, False, None, error.message)
        return [_with_words(model, missing) for model in entry.models.values()]
    try:
        return [_with_words(model, vendor.adapter.check(model)) for model in entry.models.values()]
    finally:
        vendor.adapter.http.close()


def _with_words(model: Model, checked: Checked) -> CheckedModel:
    words = tuple(word for word in (checked.words, _price_words(model)) if word)
    return CheckedModel(model.name, model.capability.value, checked, words)


def _price_words(model: Model) -> str:
    if price_on(model.prices, datetime.now(UTC).date(), model.options) is not None:
        return ""
    return "it has no price for today: its cost counts as 0, and a hard budget refuses it"


def provider_standings(place: Installation) -> list[Mapping[str, Any]]:
    """Every route that is in use, in order of preference, and whether it may be asked now: `until` says not before
    when, and without it `why` says what is not set up."""
    found: list[Mapping[str, Any]] = []
    with place.database.read() as session:
        for capability in Capability:
            names = dict.fromkeys((*place.configuration.route(capability), *_of_projects(place, capability)))
            found += [
                {"capability": capability.value, "route": name, **_stands(session, place, name, capability)}
                for name in names
                if not name.startswith(f"{LOCAL}/")
            ]
    return found


def _stands(session: Session, place: Installation, name: str, capability: Capability) -> dict[str, Any]:
    try:
        stands = standing(session, place.route_named(name, capability))
    except BadSettingError as error:
        return {"open_jobs": 0, "until": None, "why": error.message}
    why = blocked(stands, now())
    if why is None:
        return {"open_jobs": stands.open_jobs, "until": None, "why": ""}
    return {"open_jobs": stands.open_jobs, "until": why.until.isoformat(), "why": why.why}


def _of_projects(place: Installation, capability: Capability) -> list[str]:
    return [name for routes in place.configuration.project_routes.values() for name in routes.get(capability, ())]
