"""Providers over HTTP: names, how they stand, and the check; never a secret or a path of the server."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.vendor import Vendor
from support.callers import Callers
from support.raw_servers import RawServer
from support.vendor_studio import ARK, KEY, KEY_VARIABLE, write_configuration

from aianime_pipeline.db.models import ProviderState
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.installation import Installation
from api.routes import providers

OWN = '\n[projects.moonlit.routes]\nimage = ["local/animatic"]\n'
SECOND = """
[providers.second]
kind = "ark"
base_url = "{second}"
api_key_env = "FAKE_VENDORS_KEY"

[providers.second.models.seedream]
capability = "image"
model = "ep-second"
prices = [{{ from = 2026-01-01, currency = "CNY", per_image = "0.30" }}]
"""


@pytest.fixture(scope="module")
def ark() -> Iterator[Vendor]:
    with Vendor("ark") as server:
        yield server


@pytest.fixture
def configured(place: Installation, ark: Vendor, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    write_configuration(place.settings.home, ARK + OWN, ark=ark.address)
    return place.settings.home / "aianime.toml"


@pytest.mark.usefixtures("configured")
def test_models_and_routes_are_told_by_name(callers: Callers, ark: Vendor) -> None:
    stranger, reviewer = callers.person("stranger"), callers.person("reviewer")
    answer = stranger.get("/api/v1/providers")
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["providers"]
    assert found["models"][0] == {"name": "ark/seedream", "capability": "image", "model": "ep-seedream"}
    routes = answer.json()["routes"]
    assert (routes["image"], routes["speech"], routes["text"]) == (["ark/seedream"], ["local/animatic"], [])
    assert "moonlit" not in answer.text, "which routes a project has is the project's"
    assert ark.address not in answer.text
    own = reviewer.get("/api/v1/projects/moonlit/routes").json()["routes"]
    assert (own["image"], own["video"]) == (["local/animatic"], ["ark/seedance"])
    assert stranger.get("/api/v1/projects/moonlit/routes").status_code == 404


@pytest.mark.usefixtures("configured")
def test_how_they_stand_is_told_with_the_reason(place: Installation, callers: Callers) -> None:
    reviewer = callers.person("reviewer")
    with place.database.write() as session:
        session.add(ProviderState(name="ark/seedream", limited_until=now() + timedelta(minutes=5), reason="too often"))
    image, video = reviewer.get("/api/v1/providers/health").json()["routes"]
    assert (image["route"], image["usable"], image["why"]) == ("ark/seedream", False, "too often")
    assert image["until"] is not None
    assert (video["route"], video["usable"], video["until"], video["why"]) == ("ark/seedance", True, None, "")


@pytest.mark.usefixtures("configured")
def test_a_key_that_is_not_set_up_is_told_and_hides_nothing_else(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    answer = callers.person("reviewer").get("/api/v1/providers/health")
    assert answer.status_code == 200, answer.text
    assert [(one["usable"], one["until"]) for one in answer.json()["routes"]] == [(False, None)] * 2
    assert "names a variable that is not set" in answer.json()["routes"][0]["why"]


@pytest.mark.usefixtures("configured")
def test_a_check_is_an_administrators_and_tells_no_key(callers: Callers, ark: Vendor) -> None:
    ark.order()
    assert callers.person("director").post("/api/v1/providers/check").status_code == 403
    admin = callers.person("admin")
    answer = admin.post("/api/v1/providers/check", json={"name": "ark"})
    assert answer.status_code == 200, answer.text
    assert [(one["model"], one["usable"], one["key"]) for one in answer.json()["models"]] == [
        ("ark/seedream", True, True),
        ("ark/seedance", True, True),
    ]
    assert KEY not in answer.text
    assert len(admin.post("/api/v1/providers/check").json()["models"]) == 2
    assert admin.post("/api/v1/providers/check", json={"name": "nobody"}).status_code == 422
    assert ark.ledger == []


def test_a_provider_that_keeps_silent_does_not_hold_the_check_up(
    place: Installation, callers: Callers, ark: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "CHECK_SECONDS", 1.0)
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    enough = threading.Event()
    ark.order()
    with RawServer(lambda _connection, _request: _wait_for(enough)) as silent:
        write_configuration(place.settings.home, ARK + SECOND, ark=ark.address, second=silent.address)
        answer = callers.person("admin").post("/api/v1/providers/check")
        enough.set()
    assert answer.status_code == 200, answer.text
    found = {one["model"]: (one["usable"], one["words"]) for one in answer.json()["models"]}
    assert found["second/seedream"] == (False, ["it did not answer within 1 seconds"])


def _wait_for(event: threading.Event) -> None:
    event.wait(60)


def test_a_file_with_a_mistake_tells_no_path_of_the_server(callers: Callers, configured: Path) -> None:
    configured.write_text("[providers.ark]\nkind = 'nobody'\n", encoding="utf-8")
    for path in ("/api/v1/providers", "/api/v1/providers/health"):
        answer = callers.person("admin").get(path)
        assert (answer.status_code, answer.json()["code"]) == (500, "ERR_PROVIDERS_FILE")
        assert str(configured.parent) not in answer.text


def test_without_a_file_everything_is_made_by_the_built_in_one(callers: Callers) -> None:
    answer = callers.person("stranger").get("/api/v1/providers").json()
    assert (answer["providers"], answer["routes"]["image"]) == ([], ["local/animatic"])
    assert callers.person("stranger").get("/api/v1/providers/health").json() == {"routes": []}
    assert callers.person("admin").post("/api/v1/providers/check").json() == {"models": []}
