"""The providers' file: good documents, every mistake with its place, secrets that stay secret, what the docs say."""

import importlib
import json
import re
import socket
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters import ADAPTERS
from aianime_pipeline.providers.capabilities import (
    AssetBrief,
    Capability,
    ImageRequest,
    SpeechRequest,
    TextRequest,
    VideoRequest,
)
from aianime_pipeline.providers.configuration import (
    Limits,
    ProviderEntry,
    ProvidersConfiguration,
    missing_secrets,
    parse_configuration,
    read_configuration,
)
from aianime_pipeline.providers.prices import PER, price_on
from aianime_pipeline.providers.vendor import Call, Model
from aianime_pipeline.storyboard.model import CameraMove

DOCS = (Path(__file__).parents[2] / "docs" / "providers.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)
KEY = "sk-0123456789abcdef"

DAY = 'from = 2026-07-01, currency = "CNY"'

GOOD = """
[providers.ark]
kind = "ark"
api_key_env = "ARK_API_KEY"
concurrency = 8
requests_per_minute = 60
tokens_per_minute = 5000
timeout_seconds = 90
base_url = "https://ark.example:8443/api/v3"
options = { region = "cn" }

[providers.ark.models.seedream]
capability = "image"
model = "doubao-seedream-4-5"
options = { watermark = false, size = "2K", sound = false, box = [1, 2] }
prices = [
    { from = 2026-07-01, currency = "CNY", per_image = "0.25" },
    { from = 2026-08-01, currency = "CNY", per_image = 0.5, per_request = 1, when = { size = "4K", sound = true } },
]

[providers.ark.models."seedance-1.5"]
capability = "video"
model = "doubao-seedance-1-5-pro"

[providers.plain]
kind = "openai"

[providers.plain.models.chat]
capability = "text"
model = "qwen"

[routes]
image = ["ark/seedream", "local/animatic", "ark/seedream"]
video = ["ark/seedance-1.5"]
text = ["plain/chat"]

[projects.moonlit.routes]
image = ["local/animatic"]
"""


def parsed(text: str, **environment: str) -> ProvidersConfiguration:
    return parse_configuration(tomllib.loads(text), environment)


def mistake(text: str, **environment: str) -> str:
    with pytest.raises(BadSettingError) as caught:
        parsed(text, **environment)
    return caught.value.message


def provider(lines: str) -> str:
    return f'[providers.ark]\nkind = "ark"\n{lines}'


def model(lines: str) -> str:
    return provider(f"[providers.ark.models.m]\n{lines}")


def price(inside: str) -> str:
    return model(f'capability = "image"\nmodel = "m"\nprices = [{{ {inside} }}]')


def entry(text: str, name: str = "ark", **environment: str) -> ProviderEntry:
    return parsed(text, **environment).providers[name]


# Good documents -----------------------------------------------------------------------------------------------------


def test_a_document_is_read_whole() -> None:
    ark = entry(GOOD, ARK_API_KEY=KEY)
    assert (ark.settings.name, ark.settings.kind, ark.settings.timeout_seconds) == ("ark", "ark", 90.0)
    assert ark.settings.base_url == "https://ark.example:8443/api/v3"
    assert ark.settings.secrets == {"api_key": KEY}
    assert ark.settings.options == {"region": "cn"}
    assert ark.secret_names == ("api_key",)
    assert ark.limits == Limits(concurrency=8, requests_per_minute=60, tokens_per_minute=5000)
    seedream = ark.models["seedream"]
    assert (seedream.name, seedream.provider, seedream.capability) == ("ark/seedream", "ark", Capability.IMAGE)
    assert seedream.vendor_name == "doubao-seedream-4-5"
    assert seedream.options == {"watermark": False, "size": "2K", "sound": False, "box": [1, 2]}
    assert [one.start for one in seedream.prices] == [date(2026, 7, 1), date(2026, 8, 1)]
    assert seedream.prices[0].rates == {"per_image": Decimal("0.25")}
    assert seedream.prices[1].rates == {"per_image": Decimal("0.5"), "per_request": Decimal(1)}
    assert seedream.prices[1].when == {"size": "4K", "sound": True}


def test_what_is_left_out_has_its_default() -> None:
    plain = entry(GOOD, "plain")
    assert (plain.settings.base_url, plain.settings.timeout_seconds, plain.limits) == ("", 120.0, Limits())
    assert plain.models["chat"].prices == ()
    assert parsed("") == ProvidersConfiguration()


def test_routes_are_those_of_the_project_else_of_all_else_the_built_in_one() -> None:
    read = parsed(GOOD)
    assert read.route(Capability.IMAGE) == ("ark/seedream", "local/animatic")
    assert read.route(Capability.IMAGE, "moonlit") == ("local/animatic",)
    assert read.route(Capability.VIDEO, "moonlit") == ("ark/seedance-1.5",)
    assert read.route(Capability.IMAGE, "another") == ("ark/seedream", "local/animatic")
    assert read.route(Capability.SPEECH) == ("local/animatic",)
    assert read.route(Capability.TEXT) == ("plain/chat",)


@pytest.mark.parametrize("capability", [Capability.TEXT, Capability.PICTURE_REVIEW])
def test_the_built_in_one_is_nobodys_route_for_what_it_cannot_make(capability: Capability) -> None:
    assert ProvidersConfiguration().route(capability) == ()


def test_a_model_is_found_by_its_name() -> None:
    read = parsed(GOOD)
    assert read.model("ark/seedance-1.5").vendor_name == "doubao-seedance-1-5-pro"
    for name in ("ark/none", "none/seedream", "ark", "ark/", "", "local/animatic"):
        with pytest.raises(BadSettingError, match="no model"):
            read.model(name)


def test_what_was_read_can_be_written_as_json() -> None:
    for one in entry(GOOD).models.values():
        json.dumps([dict(one.options), [price.to_document() for price in one.prices]])


# Mistakes -----------------------------------------------------------------------------------------------------------

MISTAKES: list[tuple[str, str, str]] = [
    ("provider = 1", "provider means nothing", "there are providers, routes, projects"),
    ("providers = 1", "providers takes a table", ""),
    ('providers.ark = "sk-a"', "providers.ark takes a table", ""),
    ("[providers.ark]", "providers.ark.kind is missing", "one of ark, comfyui, dashscope, kling, minimax, openai"),
    ('[providers.ark]\nkind = "arc"', "providers.ark.kind is 'arc'", "one of ark,"),
    ('[providers.ark]\nkind = ["ark"]', "providers.ark.kind is ['ark']", "one of ark,"),
    ('[providers.local]\nkind = "ark"', "providers.local:", "not local"),
    ('[providers."a/b"]\nkind = "ark"', "providers.a/b:", "letters, digits"),
    ('[providers."a b"]\nkind = "ark"', "providers.a b:", "letters, digits"),
    ('[providers.""]\nkind = "ark"', "providers.:", "letters, digits"),
    (provider("modles = {}"), "providers.ark.modles means nothing", "models"),
    (provider('api_key = "sk-a"'), "providers.ark.api_key means nothing", 'api_key_env = "THE_VARIABLE" names it'),
    (provider('_env = "A"'), "providers.ark._env means nothing", "there are kind"),
    (provider('api_key_env = ""'), "providers.ark.api_key_env takes the name", "ARK_API_KEY"),
    (provider("concurrency = 0"), "providers.ark.concurrency is 0", "a whole number from 1"),
    (provider("concurrency = true"), "providers.ark.concurrency is true", "a whole number from 1"),
    (provider("concurrency = 2.0"), "providers.ark.concurrency is 2.0", "a whole number from 1"),
    (provider('requests_per_minute = "60"'), "providers.ark.requests_per_minute is '60'", "a whole number from 1"),
    (provider("tokens_per_minute = -1"), "providers.ark.tokens_per_minute is -1", "a whole number from 1"),
    (provider("timeout_seconds = 0"), "providers.ark.timeout_seconds is 0", "a whole number from 1"),
    (provider("base_url = 1"), "providers.ark.base_url is 1", "takes a text"),
    (provider('base_url = " "'), "providers.ark.base_url is ' '", "takes a text"),
    (provider('base_url = "ark.example"'), "providers.ark.base_url is 'ark.example'", "http:// or https://"),
    (provider('base_url = "ftp://ark.example"'), "providers.ark.base_url is", "http:// or https://"),
    (provider('base_url = "https://"'), "providers.ark.base_url is 'https://'", "and a host"),
    (provider('base_url = "https://ark.example:port"'), "providers.ark.base_url", "no web address"),
    (provider('base_url = "https://[::1"'), "providers.ark.base_url", "no web address"),
    (provider('base_url = "https://ark .example"'), "providers.ark.base_url is", "and a host"),
    (provider('base_url = "https://ark.example/v1?key=a"'), "providers.ark.base_url has a ? or #", "the path"),
    (provider('base_url = "https://me:sk-a@ark.example"'), "providers.ark.base_url holds a user", "variable"),
    (provider("options = 1"), "providers.ark.options takes a table", ""),
    (provider("options = { since = 2026-07-01 }"), "providers.ark.options.since is 2026-07-01", "in quotes"),
    (provider("options = { a = [{ b = inf }] }"), "providers.ark.options.a[0].b is inf", "in quotes"),
    (provider("models = []"), "providers.ark.models takes a table", ""),
    (provider("[providers.ark.models]\nm = 1"), "providers.ark.models.m takes a table", ""),
    (provider('[providers.ark.models."a/b"]'), "providers.ark.models.a/b:", "letters, digits"),
    (model(""), "providers.ark.models.m.capability is missing", "one of text, image, video, speech, music"),
    (model('capability = "picture"'), "providers.ark.models.m.capability is 'picture'", "one of text, image"),
    (model('capability = "image"'), "providers.ark.models.m.model is missing", "takes a text"),
    (model('capability = "image"\nmodel = 4'), "providers.ark.models.m.model is 4", "takes a text"),
    (model('price = "1"'), "providers.ark.models.m.price means nothing", "prices"),
    (model('capability = "image"\nmodel = "m"\nprices = {}'), "providers.ark.models.m.prices is a list", "[{ from ="),
    (model('capability = "image"\nmodel = "m"\nprices = [1]'), "providers.ark.models.m.prices[0] takes a table", ""),
    (model('capability = "image"\nmodel = "m"\noptions = { at = 07:30:00 }'),
     "providers.ark.models.m.options.at is 07:30:00", "in quotes"),
    (price('currency = "CNY", per_image = "1"'), "prices[0].from is missing", "2026-07-01"),
    (price('from = "2026-07-01", currency = "CNY", per_image = "1"'), "prices[0].from is '2026", "without quotes"),
    (price('from = 2026-07-01T00:00:00Z, currency = "CNY", per_image = "1"'), "prices[0].from is", "without quotes"),
    (price('from = 2026-07-01, per_image = "1"'), "prices[0].currency is missing", ""),
    (price('from = 2026-07-01, currency = "yuan", per_image = "1"'), "prices[0].currency is 'yuan'", "such as CNY"),
    (price('from = 2026-07-01, currency = "cny", per_image = "1"'), "prices[0].currency is 'cny'", "such as CNY"),
    (price('from = 2026-07-01, currency = "人民币", per_image = "1"'), "prices[0].currency is", "such as CNY"),
    (price(DAY), "prices[0] has no amount", "per_image"),
    (price(f'{DAY}, per_picture = "1"'), "prices[0].per_picture means nothing", "per_image"),
    *[
        (price(f'{DAY}, per_image = {amount}'), "prices[0].per_image is", '"0.25"')
        for amount in ("-0.1", "true", "nan", "[1]", '"free"', '"-1"', '"NaN"', '""', '"1,5"', '"1e9"', '"1e-13"')
    ],
    (price(f'{DAY}, per_image = "1", when = 1'), "prices[0].when takes a table", ""),
    (price(f'{DAY}, per_image = "1", when = {{ size = ["4K"] }}'),
     "prices[0].when.size takes a text", "a number, true or false"),
    (price(f'{DAY}, per_image = "1", when = {{ size = "4K" }}'),
     "prices[0].when.size can never be met", "write size into the model's options, also where it is as usual"),
    *[
        (GOOD.replace("sound = true }", f"sound = {value} }}"), "prices[1].when.sound is", "the options say False")
        for value in ("1", '"true"')
    ],
    (price(f'{DAY}, per_image = "1" }}, {{ {DAY}, per_image = "2"'),
     "prices[1] begins on the same day as providers.ark.models.m.prices[0]", "leave one of them out"),
    ("routes = 1", "routes takes a table", ""),
    ('[routes]\npicture = ["local/animatic"]', "routes.picture means nothing", "takes text, image"),
    ('[routes]\nimage = "local/animatic"', "routes.image is a list", '["ark/seedream"]'),
    ("[routes]\nimage = []", "routes.image is a list", '["ark/seedream"]'),
    ("[routes]\nimage = [1]", "routes.image is a list", '["ark/seedream"]'),
    ('[routes]\nimage = ["ark/seedream"]', "routes.image names 'ark/seedream'", "the file has no model"),
    (GOOD.replace('"ark/seedance-1.5"', '"ark/seedance"'), "routes.video names 'ark/seedance'",
     "the file has ark/seedance-1.5, ark/seedream, plain/chat"),
    (GOOD.replace('"ark/seedance-1.5"', '"ark"'), "routes.video names 'ark'", "the file has"),
    (GOOD.replace('"ark/seedance-1.5"', '"ark/seedream"'), "routes.video names 'ark/seedream'", "which is for image"),
    ('[routes]\nimage = ["local/other"]', "routes.image names 'local/other'", "local/animatic"),
    ('[routes]\ntext = ["local/animatic"]', "routes.text names 'local/animatic'", "makes no text"),
    ("projects = 1", "projects takes a table", ""),
    ("[projects]\nmoonlit = 1", "projects.moonlit takes a table", ""),
    ("[projects.moonlit]\nroute = {}", "projects.moonlit.route means nothing", "there are routes"),
    ('[projects.moonlit.routes]\nimage = ["a/b"]', "projects.moonlit.routes.image names 'a/b'", "no model"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "right"), MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_would_be_right(text: str, place: str, right: str) -> None:
    told = mistake(text)
    assert place in told
    assert right in told
    assert "sk-a" not in told, "what may be a key is not repeated"
    assert told.endswith(".")


# Secrets ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [f'"{KEY}"', '"abcdef0123456789"', f'["{KEY}"]', f'{{ a = "{KEY}" }}', '"$ARK_API_KEY"']
)
def test_a_key_in_the_place_of_a_variables_name_is_noticed_and_not_repeated(value: str) -> None:
    told = mistake(provider(f"api_key_env = {value}"))
    assert "never the key itself" in told
    assert "0123456789" not in told


def test_no_secret_is_in_what_python_shows() -> None:
    read = parsed(GOOD, ARK_API_KEY=KEY)
    shown = f"{read!r} {read.providers['ark']!r} {read.providers['ark'].settings!r} {read.model('ark/seedream')!r}"
    assert "api_key" in shown
    assert KEY not in shown


def test_spaces_around_a_key_are_left_out() -> None:
    assert entry(GOOD, ARK_API_KEY=f" {KEY}\r\n").settings.secrets == {"api_key": KEY}


@pytest.mark.parametrize("value", [f"{KEY}\nsk-second", f"{KEY} # mine", f"“{KEY}”", f"{KEY}\x00"])
def test_a_key_that_is_none_is_told_by_its_variable(value: str) -> None:
    told = mistake(GOOD, ARK_API_KEY=value)
    assert "The environment's ARK_API_KEY" in told
    assert "sk-" not in told


def test_a_secret_that_is_missing_is_no_mistake_until_it_is_needed() -> None:
    for environment in ({}, {"ARK_API_KEY": ""}, {"ARK_API_KEY": "  "}):
        ark = entry(GOOD, **environment)
        assert ark.settings.secrets == {}
        assert missing_secrets(ark, ["api_key"]) == [
            "providers.ark.api_key_env names a variable that is not set in the environment."
        ]
    assert missing_secrets(entry(GOOD, ARK_API_KEY=KEY), ["api_key"]) == []


@pytest.mark.parametrize("key", ["LTAI5TAB3CD7EXAMPLEKEY", "SK_0123456789_ABCDEF"])
def test_a_key_that_looks_like_a_variables_name_is_told_nowhere(key: str) -> None:
    pasted = entry(provider(f'api_key_env = "{key}"'))
    assert key not in f"{missing_secrets(pasted, ['api_key'])} {pasted!r}"


def test_each_secret_that_is_missing_is_told_in_a_sentence() -> None:
    kling = entry('[providers.k]\nkind = "kling"\naccess_key_env = "KLING_ACCESS"', "k")
    assert missing_secrets(kling, ["access_key", "secret_key"]) == [
        "providers.k.access_key_env names a variable that is not set in the environment.",
        'providers.k needs secret_key_env = "THE_VARIABLE".',
    ]


def test_a_variable_that_is_named_has_to_be_set_also_where_the_interface_needs_no_key() -> None:
    text = '[providers.own]\nkind = "openai"\napi_key_env = "OWN_KEY"'
    assert missing_secrets(entry(text, "own"), []) == [
        "providers.own.api_key_env names a variable that is not set in the environment."
    ]
    assert missing_secrets(entry(text, "own", OWN_KEY=KEY), []) == []
    assert missing_secrets(entry(GOOD, "plain"), []) == []


# The file -----------------------------------------------------------------------------------------------------------


def test_a_file_is_read_with_the_secrets_of_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "aianime.toml"
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_text(f"# 画面\n{GOOD}", encoding=encoding)
        assert read_configuration(path, {"ARK_API_KEY": KEY}).providers["ark"].settings.secrets == {"api_key": KEY}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[providers.ark\n", "line 1"),
        (b'[routes]\nimage = ["a"]\nimage = ["b"]\n', "line 3"),
        ("# 画面".encode("gbk"), "utf-8"),
    ],
)
def test_a_file_that_is_no_toml_is_told_with_its_name(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "aianime.toml"
    path.write_bytes(content)
    with pytest.raises(BadSettingError) as caught:
        read_configuration(path, {})
    assert caught.value.message.startswith(f"{path} cannot be read: ")
    assert words in caught.value.message
    assert caught.value.details["path"] == str(path)


def test_a_mistake_in_a_file_is_told_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "aianime.toml"
    path.write_text(provider("concurrency = 0"))
    with pytest.raises(BadSettingError, match="concurrency is 0") as caught:
        read_configuration(path, {})
    assert caught.value.message.startswith(f"{path}: providers.ark.concurrency is 0")
    assert caught.value.details["path"] == str(path)
    with pytest.raises(BadSettingError, match="cannot be read"):
        read_configuration(tmp_path, {})


# What the docs say --------------------------------------------------------------------------------------------------


def documented(text: str) -> ProvidersConfiguration:
    variables = re.findall(r'_env = "(\w+)"', text)
    return parsed(text, **dict.fromkeys(variables, KEY))


def request_for(one: Model, picture: Path) -> Any:
    match one.capability:
        case Capability.IMAGE:
            return ImageRequest(1280, 720, 7, "rain", AssetBrief("prop", "lamp"))
        case Capability.VIDEO:
            return VideoRequest(1280, 720, 72, Fraction(24), 7, "rain", picture, CameraMove.HOLD)
        case Capability.SPEECH:
            return SpeechRequest("你好", "zh", {"gender": "female", "age": "young"}, speaker="林晚")
        case _:
            return TextRequest("Answer.", "rain", {"type": "object"})


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 2
    assert {one.settings.kind for one in documented(EXAMPLES[0]).providers.values()} == {"ark", "minimax", "openai"}


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_can_be_read_and_every_model_of_it_has_a_price(text: str) -> None:
    read = documented(text)
    for one in read.providers.values():
        for its_model in one.models.values():
            assert price_on(its_model.prices, date(2026, 12, 1), its_model.options) is not None


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_option_of_an_example_is_known_to_its_interface(text: str, tmp_path: Path) -> None:
    """It would be asked; only that nobody is there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = f"http://127.0.0.1:{server.getsockname()[1]}"
    picture = tmp_path / "first.png"
    Image.new("RGB", (1280, 720)).save(picture)
    for one in documented(text).providers.values():
        module, _, name = ADAPTERS[one.settings.kind].partition(":")
        adapter = getattr(importlib.import_module(module), name)(replace(one.settings, base_url=nobody))
        assert missing_secrets(one, adapter.SECRETS) == []
        for its_model in one.models.values():
            assert its_model.capability in adapter.capabilities
            with pytest.raises(ProviderError, match="could not be reached") as caught:
                adapter.submit(Call(its_model, request_for(its_model, picture), "request-1"))
            assert caught.value.kind == "transient"
        adapter.http.close()


def test_the_table_of_interfaces_is_what_there_is() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \| (.+?) \| `(\S+)` \|$", DOCS, re.MULTILINE)
    assert {row[0] for row in rows} == set(ADAPTERS)
    for kind, makes, secrets, address in rows:
        module, _, name = ADAPTERS[kind].partition(":")
        adapter = getattr(importlib.import_module(module), name)
        assert makes.split(", ") == sorted(one.value for one in adapter.capabilities)
        assert address == adapter.BASE_URL
        wanted = secrets.partition(";")[0].replace("`", "")
        assert wanted == (", ".join(f"{secret}_env" for secret in adapter.SECRETS) or "none")


def test_every_word_of_the_file_is_in_the_docs() -> None:
    words = {*PER, *Limits.__dataclass_fields__, "base_url", "timeout_seconds", "from", "when", "currency", *Capability}
    assert [word for word in sorted(words) if f"`{word}`" not in DOCS and f"{word} =" not in DOCS] == []
