"""The adapter that the guide builds is a working one."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from fakes import tone
from fakes.vendor import Vendor

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers import configuration
from aianime_pipeline.providers.capabilities import ErrorKind, SpeechRequest
from aianime_pipeline.providers.vendor import Adapter, Call, Model, ProviderSettings

GUIDE = (Path(__file__).parents[2] / "docs" / "add-a-provider.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def written() -> ModuleType:
    module = ModuleType("tone_of_the_guide")
    exec(compile(block("python"), "add-a-provider.md", "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with Vendor("tone") as running:
        yield running


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setitem(configuration.ADAPTERS, "tone", "tone_of_the_guide:Tone")
    found = configuration.parse_configuration(tomllib.loads(block("toml")), {"TONE_API_KEY": tone.KEY})
    assert found.route(configuration.Capability.SPEECH) == ("tone/voices", "local/animatic")
    return found.model("tone/voices")


def adapter(written: ModuleType, vendor: Vendor, key: str = tone.KEY) -> Adapter:
    made: Adapter = written.Tone(ProviderSettings("tone", "tone", vendor.address, {"api_key": key}))
    return made


def test_it_speaks_with_the_voice_of_the_configuration(written: ModuleType, vendor: Vendor, model: Model) -> None:
    request = SpeechRequest("hello", "en", {"gender": "female"})
    answer = adapter(written, vendor).submit(Call(model, request, "r-1"))
    assert answer.file is not None
    assert answer.file.data is not None
    assert answer.file.data.startswith(b"RIFF")
    assert vendor.requests("submit")[-1]["body"] == {"text": "hello", "voice": "anna"}
    assert answer.units is not None
    assert model.prices[0].micros(answer.units) == vendor.charged_micros == 100


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("bad_text", ErrorKind.BAD_INPUT),
        ("not_allowed", ErrorKind.MODERATED),
        ("no_credit", ErrorKind.NO_MONEY),
        ("too_fast", ErrorKind.RATE_LIMITED),
    ],
)
def test_its_refusals_are_classed(
    written: ModuleType, vendor: Vendor, model: Model, code: str, kind: ErrorKind
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "status": 400, "body": {"code": code, "message": "no"}})
    with pytest.raises(ProviderError) as refused:
        adapter(written, vendor).submit(Call(model, SpeechRequest("hello", "en", {}), "r-2"))
    assert refused.value.kind == kind


def test_its_check_tells_a_wrong_key(written: ModuleType, vendor: Vendor, model: Model) -> None:
    assert adapter(written, vendor).check(model).key is True
    found = adapter(written, vendor, "another-key").check(model)
    assert (found.address, found.key) == (True, False)
    assert "another-key" not in found.words
