"""The providers' configuration: one TOML file, secrets from the environment. Reading it is pure.

    [providers.ark]
    kind = "ark"                          # which adapter
    api_key_env = "ARK_API_KEY"           # the variable that holds the key, never the key itself
    concurrency = 8                       # jobs at once
    requests_per_minute = 60

    [providers.ark.models.seedream]
    capability = "image"
    model = "doubao-seedream-4-5"         # the vendor's own name
    options = { watermark = false }
    prices = [{ from = 2026-07-01, currency = "CNY", per_image = "0.25" }]

    [routes]                              # in order of preference
    image = ["ark/seedream"]

    [projects.moonlit.routes]             # for one project
    image = ["local/animatic"]

Every mistake is told with its place in the file and what would be right; a key that means nothing is a mistake.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aianime_pipeline.errors import BadSettingError, ProvidersFileError
from aianime_pipeline.providers.adapters import ADAPTERS
from aianime_pipeline.providers.capabilities import Capability
from aianime_pipeline.providers.configured_values import (
    amount,
    only_known,
    plain_table,
    table,
    text,
    whole_number,
    word,
)
from aianime_pipeline.providers.prices import PER, Price
from aianime_pipeline.providers.vendor import Model, ProviderSettings

LOCAL = "local"
"""The built-in provider: always there, free, and the route of what the file routes nowhere."""

_SECRET_ENDING = "_env"
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
"""In capitals, so that a key which was pasted in the name's place is noticed."""
_NAME = re.compile(r"[\w.-]+")
_ROUTED = tuple(Capability)
_MADE_LOCALLY = (Capability.IMAGE, Capability.VIDEO, Capability.SPEECH, Capability.MUSIC)
_DEFAULT_TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Limits:
    """None: no limit. Tokens in and out, as they are expected before each request."""

    concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


NO_LIMITS = Limits()

_OF_A_PROVIDER = ("kind", "base_url", "options", "models", *Limits.__dataclass_fields__, "timeout_seconds")
_ABOUT_SECRETS = '; a key goes into an environment variable, and api_key_env = "THE_VARIABLE" names it'


@dataclass(frozen=True)
class ProviderEntry:
    """`secret_names` are the secrets that the file names a variable for. What it says there is not kept: it may be the
    key itself."""

    settings: ProviderSettings
    secret_names: tuple[str, ...]
    limits: Limits
    models: Mapping[str, Model]


@dataclass(frozen=True)
class ProvidersConfiguration:
    providers: Mapping[str, ProviderEntry] = field(default_factory=dict)
    routes: Mapping[Capability, tuple[str, ...]] = field(default_factory=dict)
    project_routes: Mapping[str, Mapping[Capability, tuple[str, ...]]] = field(default_factory=dict)

    def route(self, capability: Capability, project: str = "") -> tuple[str, ...]:
        """Names of models in order of preference; `local/animatic` where nothing is said, none for what it cannot
        make."""
        own = self.project_routes.get(project, {})
        built_in = (f"{LOCAL}/animatic",) if capability in _MADE_LOCALLY else ()
        return own.get(capability) or self.routes.get(capability) or built_in

    def model(self, name: str) -> Model:
        """Raises BadSettingError."""
        provider, _, entry = name.partition("/")
        found = self.providers.get(provider)
        if found is None or entry not in found.models:
            raise BadSettingError(f"There is no model {name!r} in the providers' configuration.")
        return found.models[entry]


def read_configuration(path: Path, environment: Mapping[str, str]) -> ProvidersConfiguration:
    """Raises ProvidersFileError naming the file and the place in it."""
    try:
        document = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ProvidersFileError(f"{path} cannot be read: {error}.", path=str(path)) from error
    try:
        return parse_configuration(document, environment)
    except BadSettingError as error:
        raise ProvidersFileError(f"{path}: {error.message}", path=str(path), **error.details) from error


def parse_configuration(document: Mapping[str, Any], environment: Mapping[str, str]) -> ProvidersConfiguration:
    """The configuration of a parsed TOML document. Raises BadSettingError with the place of the mistake.

    A secret that is not in the environment is no mistake yet: it is told when the provider is used or checked.
    """
    only_known(document, "", ("providers", "routes", "projects"))
    providers = {
        name: _provider(name, table(entry, f"providers.{name}"), environment)
        for name, entry in table(document.get("providers", {}), "providers").items()
    }
    return ProvidersConfiguration(
        providers,
        _routes(document.get("routes", {}), "routes", providers),
        {
            project: _project_routes(project, table(entry, f"projects.{project}"), providers)
            for project, entry in table(document.get("projects", {}), "projects").items()
        },
    )


def _project_routes(
    project: str, entry: Mapping[str, Any], providers: Mapping[str, ProviderEntry]
) -> Mapping[Capability, tuple[str, ...]]:
    only_known(entry, f"projects.{project}", ("routes",))
    return _routes(entry.get("routes", {}), f"projects.{project}.routes", providers)


def _provider(name: str, entry: Mapping[str, Any], environment: Mapping[str, str]) -> ProviderEntry:
    place = f"providers.{name}"
    if name == LOCAL or not _NAME.fullmatch(name):
        raise BadSettingError(
            f"{place}: a provider may not be called {name!r}; it takes letters, digits, dots, - and _, and not {LOCAL}."
        )
    variables = {key.removesuffix(_SECRET_ENDING): key for key in entry if re.fullmatch(r"\w+_env", key)}
    only_known(entry, place, (*_OF_A_PROVIDER, *variables.values()), _ABOUT_SECRETS)
    named = {secret: _variable(entry, place, key) for secret, key in variables.items()}
    settings = ProviderSettings(
        name=name,
        kind=word(entry, place, "kind", sorted(ADAPTERS)),
        base_url=_base_url(entry, place),
        secrets=_secrets(named, environment),
        options=plain_table(entry, place, "options"),
        timeout_seconds=float(whole_number(entry, place, "timeout_seconds") or _DEFAULT_TIMEOUT_SECONDS),
    )
    limits = Limits(*(whole_number(entry, place, limit) for limit in Limits.__dataclass_fields__))
    models = {
        entry_name: _model(name, entry_name, table(model, f"{place}.models.{entry_name}"))
        for entry_name, model in table(entry.get("models", {}), f"{place}.models").items()
    }
    return ProviderEntry(settings, tuple(named), limits, models)


def _variable(entry: Mapping[str, Any], place: str, key: str) -> str:
    """What stands there is never told: it may be the key itself."""
    found = entry[key]
    if not isinstance(found, str) or not _VARIABLE.fullmatch(found):
        raise BadSettingError(
            f"{place}.{key} takes the name of an environment variable in capitals, such as ARK_API_KEY, "
            "never the key itself."
        )
    return found


def _secrets(variables: Mapping[str, str], environment: Mapping[str, str]) -> Mapping[str, str]:
    """Those that are in the environment."""
    found = {secret: environment.get(variable, "").strip() for secret, variable in variables.items()}
    for secret, value in found.items():
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise BadSettingError(
                f"The environment's {variables[secret]} holds a space, a line break or a letter that no key has: "
                "set it to the key alone."
            )
    return {secret: value for secret, value in found.items() if value}


def _base_url(entry: Mapping[str, Any], place: str) -> str:
    """Empty where there is none. One with a user's name is not repeated: a password stands beside it."""
    if "base_url" not in entry:
        return ""
    found = text(entry, place, "base_url")
    try:
        parts = urlsplit(found)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise BadSettingError(f"{place}.base_url is no web address.") from None
    if parts.username is not None:
        raise BadSettingError(f"{place}.base_url holds a user's name; a key goes into an environment variable.")
    if not usable or not (found.isascii() and found.isprintable()) or " " in found:
        raise BadSettingError(f"{place}.base_url is {found!r}; it begins with http:// or https:// and a host.")
    if parts.query or parts.fragment:
        raise BadSettingError(f"{place}.base_url has a ? or #; it ends with the path.")
    return found


def _model(provider: str, name: str, entry: Mapping[str, Any]) -> Model:
    place = f"providers.{provider}.models.{name}"
    if not _NAME.fullmatch(name):
        raise BadSettingError(f"{place}: a model may not be called {name!r}; it takes letters, digits, dots, - and _.")
    only_known(entry, place, ("capability", "model", "options", "prices"))
    options = plain_table(entry, place, "options")
    return Model(
        name=f"{provider}/{name}",
        provider=provider,
        capability=Capability(word(entry, place, "capability", _ROUTED)),
        vendor_name=text(entry, place, "model"),
        options=options,
        prices=_prices(entry.get("prices", []), f"{place}.prices", options),
    )


def _prices(found: Any, place: str, options: Mapping[str, Any]) -> tuple[Price, ...]:
    if not isinstance(found, list):
        raise BadSettingError(
            f'{place} is a list such as [{{ from = 2026-07-01, currency = "CNY", per_image = "1" }}].'
        )
    prices = tuple(_price(price, f"{place}[{number}]", options) for number, price in enumerate(found))
    for number, price in enumerate(prices):
        for earlier, other in enumerate(prices[:number]):
            if (price.start, price.when) == (other.start, other.when):
                raise BadSettingError(
                    f"{place}[{number}] begins on the same day as {place}[{earlier}] and for the same requests: "
                    "leave one of them out."
                )
    return prices


def _price(entry: Any, place: str, options: Mapping[str, Any]) -> Price:
    entry = table(entry, place)
    only_known(entry, place, ("from", "currency", "when", *PER))
    start = entry.get("from")
    if not isinstance(start, date) or isinstance(start, datetime):
        is_now = "missing" if start is None else repr(start)
        raise BadSettingError(f"{place}.from is {is_now}; it takes a day without quotes, such as 2026-07-01.")
    currency = text(entry, place, "currency")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise BadSettingError(f"{place}.currency is {currency!r}; it takes three letters such as CNY.")
    rates = {unit: amount(entry[unit], f"{place}.{unit}") for unit in PER if unit in entry}
    if not rates:
        raise BadSettingError(f"{place} has no amount: give one of {', '.join(PER)}.")
    when = plain_table(entry, place, "when")
    for option, value in when.items():
        if isinstance(value, dict | list):
            raise BadSettingError(f"{place}.when.{option} takes a text, a number, true or false.")
        # What an interface does where nothing is written is known to nobody here: a price that holds by luck is none.
        if option not in options:
            raise BadSettingError(
                f"{place}.when.{option} can never be met: write {option} into the model's options, also where it is as "
                "usual."
            )
        if _kind(value) is not _kind(options[option]):
            raise BadSettingError(
                f"{place}.when.{option} is {value!r} and can never be met: the options say {options[option]!r}."
            )
    return Price(start, currency, rates, when)


def _kind(value: Any) -> type:
    """Whole numbers and others are one kind: 5 is 5.0."""
    return float if type(value) is int else type(value)


def _routes(found: Any, place: str, providers: Mapping[str, ProviderEntry]) -> Mapping[Capability, tuple[str, ...]]:
    routes: dict[Capability, tuple[str, ...]] = {}
    for stage, names in table(found, place).items():
        if stage not in _ROUTED:
            raise BadSettingError(f"{place}.{stage} means nothing; it takes {', '.join(_ROUTED)}.")
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise BadSettingError(f'{place}.{stage} is a list of models such as ["ark/seedream"].')
        for name in names:
            _check_routed(f"{place}.{stage}", Capability(stage), name, providers)
        routes[Capability(stage)] = tuple(dict.fromkeys(names))
    return routes


def _check_routed(place: str, capability: Capability, name: str, providers: Mapping[str, ProviderEntry]) -> None:
    provider, _, entry = name.partition("/")
    if provider == LOCAL:
        if entry != "animatic" or capability not in _MADE_LOCALLY:
            raise BadSettingError(f"{place} names {name!r}; the built-in one is local/animatic, and makes no text.")
        return
    model = providers[provider].models.get(entry) if provider in providers else None
    if model is None:
        known = sorted(model.name for one in providers.values() for model in one.models.values())
        raise BadSettingError(f"{place} names {name!r}; the file has {', '.join(known) or 'no model'}.")
    if model.capability is not capability:
        raise BadSettingError(f"{place} names {name!r}, which is for {model.capability.value}.")


def missing_secrets(entry: ProviderEntry, wanted: Sequence[str]) -> list[str]:
    """What a person has to do about the secrets that an adapter wants, or that the file names a variable for, and that
    are not there; a sentence each."""
    found = []
    for secret in dict.fromkeys((*wanted, *entry.secret_names)):
        place = f"providers.{entry.settings.name}"
        if secret not in entry.secret_names:
            found.append(f'{place} needs {secret}{_SECRET_ENDING} = "THE_VARIABLE".')
        elif not entry.settings.secrets.get(secret):
            found.append(f"{place}.{secret}{_SECRET_ENDING} names a variable that is not set in the environment.")
    return found
