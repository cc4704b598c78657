"""Whether the providers of the configuration can be used: asked without spending, and as their rows say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.backends import Vendor
from aianime_pipeline.production.generations.intents import standing
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.providers.capabilities import Capability
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
    entries = place.configuration.providers
    if name is not None and name not in entries:
        raise BadSettingError(f"There is no provider {name!r}; the file has {', '.join(sorted(entries)) or 'none'}.")
    found = []
    for provider, entry in entries.items():
        if name not in (None, provider):
            continue
        try:
            vendor: Vendor | None = Vendor(entry)
            problem = ""
        except BadSettingError as error:
            vendor, problem = None, error.message
        for model in entry.models.values():
            checked = Checked(None, False, None, problem) if vendor is None else vendor.adapter.check(model)
            words = tuple(word for word in (checked.words, _price_words(model)) if word)
            found.append(CheckedModel(model.name, model.capability.value, checked, words))
        if vendor is not None:
            vendor.adapter.http.close()
    return found


def _price_words(model: Model) -> str:
    if price_on(model.prices, datetime.now(UTC).date(), model.options) is not None:
        return ""
    return "it has no price for today: its cost counts as 0, and a hard budget refuses it"


def provider_standings(place: Installation) -> list[Mapping[str, Any]]:
    """Every route that is in use, in order of preference, and whether it may be asked now."""
    found: list[Mapping[str, Any]] = []
    with place.database.read() as session:
        for capability in Capability:
            names = dict.fromkeys((*place.configuration.route(capability), *_of_projects(place, capability)))
            for name in names:
                if name.startswith("local/"):
                    continue
                route = place.route_named(name, capability)
                stands = standing(session, route)
                why = blocked(stands, now())
                found.append(
                    {
                        "capability": capability.value,
                        "route": name,
                        "open_jobs": stands.open_jobs,
                        "until": why.until.isoformat() if why is not None else None,
                        "why": why.why if why is not None else "",
                    }
                )
    return found


def _of_projects(place: Installation, capability: Capability) -> list[str]:
    return [name for routes in place.configuration.project_routes.values() for name in routes.get(capability, ())]
