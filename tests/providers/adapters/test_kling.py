"""Kling's adapter against a server that speaks as Kling's documentation does."""

import base64
import json
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
import stamina
from fakes.kling import ACCESS_KEY, SECRET_KEY
from fakes.vendor import Vendor
from support.vendor_calls import call, image_request, picture, video_request

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.production.shots.inspection import inspect_video
from aianime_pipeline.providers.adapters import kling as wire
from aianime_pipeline.providers.adapters.kling import Kling, classify
from aianime_pipeline.providers.capabilities import Capability, ErrorKind, JobState
from aianime_pipeline.providers.downloads import download
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Call, Checked, Model, ProviderSettings

MODEL = "kling-v2-6"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def server() -> Iterator[Vendor]:
    with Vendor("kling") as running:
        yield running


@pytest.fixture
def kling(server: Vendor) -> Vendor:
    """The server without faults, its jobs ending at once."""
    server.order()
    server.jobs_go(seconds=0, end="succeeded", error={}, polls_not_ready=0)
    return server


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


def adapter(address: str, *, timeout: float = 5, access: str = ACCESS_KEY, secret: str = SECRET_KEY) -> Kling:
    secrets = {"access_key": access, "secret_key": secret}
    return Kling(ProviderSettings("film-kling", "kling", address, secrets, timeout_seconds=timeout))


def shot(folder: Path, options: dict[str, Any] | None = None, model: str = MODEL, **more: Any) -> Call:
    return call(video_request(picture(folder, "first.png"), **more), model, options)


def refusal(address: str, asked: Call, **how: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        adapter(address, **how).submit(asked)
    return caught.value


def answered(status: int, body: Any, on: str = "submit", **more: Any) -> dict[str, Any]:
    return {"on": on, "kind": "answer", "status": status, "body": body} | more


def coded(code: int, message: str = "what the vendor says") -> dict[str, Any]:
    return {"code": code, "message": message, "request_id": "theirs-1"}


# What is sent -------------------------------------------------------------------------------------------------------


def test_a_shot_is_asked_for_by_its_first_frame_in_plain_base64(kling: Vendor, tmp_path: Path) -> None:
    asked = shot(tmp_path, negative_prompt="text, blur", feedback="slower")
    adapter(kling.address).submit(asked)
    sent = kling.requests("submit")[-1]
    assert sent["path"] == "/v1/videos/image2video"
    assert sent["body"] == {
        "model_name": MODEL,
        "prompt": "She turns to the window. camera: push. The take before was rejected, mend this: slower",
        "negative_prompt": "text, blur",
        "image": base64.b64encode((tmp_path / "first.png").read_bytes()).decode(),
        "mode": "std",
        "duration": "5",
        "external_task_id": "ours-1",
    }


def test_every_request_is_signed_with_a_token_of_half_an_hour(kling: Vendor, tmp_path: Path) -> None:
    adapter(kling.address).submit(shot(tmp_path))
    token = kling.requests("submit")[-1]["headers"]["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"])
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    assert claims["iss"] == ACCESS_KEY
    assert claims["exp"] - claims["nbf"] == 1805


def test_the_last_frame_goes_along_where_the_mode_takes_one(kling: Vendor, tmp_path: Path) -> None:
    last = picture(tmp_path, "last.jpg", colour="red")
    adapter(kling.address).submit(shot(tmp_path, {"mode": "pro"}, last_frame=last))
    assert kling.requests("submit")[-1]["body"]["image_tail"] == base64.b64encode(last.read_bytes()).decode()
    adapter(kling.address).submit(shot(tmp_path, {"last_frame": False}, last_frame=last))
    assert "image_tail" not in kling.requests("submit")[-1]["body"]


def test_options_of_the_model_are_sent(kling: Vendor, tmp_path: Path) -> None:
    options = {"mode": "4k", "sound": False, "cfg_scale": 0.7, "durations": [3, 8, 15]}
    adapter(kling.address).submit(shot(tmp_path, options, seconds=6))
    body = kling.requests("submit")[-1]["body"]
    assert (body["mode"], body["sound"], body["cfg_scale"], body["duration"]) == ("4k", "off", 0.7, "8")


@pytest.mark.parametrize(("seconds", "asked"), [(1, "5"), (5, "5"), (Fraction(21, 4), "10"), (30, "10")])
def test_the_shortest_clip_that_is_long_enough_is_asked_for(
    kling: Vendor, tmp_path: Path, seconds: Fraction, asked: str
) -> None:
    adapter(kling.address).submit(shot(tmp_path, seconds=seconds))
    assert kling.requests("submit")[-1]["body"]["duration"] == asked


# What is refused before anything is sent ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"modus": "pro"}, "the option 'modus' means nothing; there are mode, durations"),
        ({"mode": "fast"}, "the option mode is 'fast'; it takes one of std, pro, 4k"),
        ({"durations": []}, "it takes a list of whole seconds"),
        ({"durations": [5.5]}, "it takes a list of whole seconds"),
        ({"last_frame": "no"}, "it takes true or false"),
        ({"cfg_scale": 2}, "it takes a number from 0 to 1"),
        ({"cfg_scale": True}, "it takes a number from 0 to 1"),
        ({"sound": "off"}, "it takes true or false"),
    ],
)
def test_an_option_that_is_wrong_is_told_by_its_name(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    last = picture(tmp_path, "last.png")
    with pytest.raises(BadSettingError, match="vendor/model: ") as caught:
        adapter(NOWHERE).submit(shot(tmp_path, options, last_frame=last))
    assert words in caught.value.message


def test_the_provider_has_no_options() -> None:
    with pytest.raises(BadSettingError, match="film-kling: the option 'region' means nothing; there are none"):
        Kling(ProviderSettings("film-kling", "kling", options={"region": "cn"}))


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("small.png", (640, 200), "640x200 pixels; it takes 300 a side at least"),
        ("wide.png", (1000, 320), "its sides may be 1:2.5 at most"),
        ("other.webp", (640, 360), "is image/webp; it takes image/png, image/jpeg"),
    ],
)
def test_a_frame_that_is_not_taken_is_refused_here(
    kling: Vendor, tmp_path: Path, name: str, size: tuple[int, int], words: str
) -> None:
    before = len(kling.requests("submit"))
    error = refusal(kling.address, call(video_request(picture(tmp_path, name, size)), MODEL))
    assert error.kind == ErrorKind.BAD_INPUT
    assert words in error.message
    assert len(kling.requests("submit")) == before


def test_a_frame_that_is_no_picture_or_too_large_is_refused_here(tmp_path: Path) -> None:
    path = picture(tmp_path, "large.png")
    path.write_bytes(path.read_bytes() + bytes(10 * 1024 * 1024))
    assert "it takes 10485760 at most" in refusal(NOWHERE, call(video_request(path), MODEL)).message
    path.write_bytes(b"<html>")
    assert "cannot be read" in refusal(NOWHERE, call(video_request(path), MODEL)).message
    missing = call(video_request(tmp_path / "missing.png"), MODEL)
    assert refusal(NOWHERE, missing).kind == ErrorKind.BAD_INPUT


def test_a_prompt_that_is_too_long_and_a_picture_that_is_wanted_are_refused_here(tmp_path: Path) -> None:
    assert "2501 characters" in refusal(NOWHERE, shot(tmp_path, negative_prompt="x" * 2501)).message
    assert "the prompt has" in refusal(NOWHERE, shot(tmp_path, prompt="x" * 2500)).message
    assert refusal(NOWHERE, call(image_request(), "kling-image")).kind == ErrorKind.BAD_INPUT


# Results ------------------------------------------------------------------------------------------------------------


def test_a_clip_comes_from_submission_to_file(kling: Vendor, tmp_path: Path) -> None:
    made, before = adapter(kling.address), kling.charged_micros
    asked = shot(tmp_path, {"mode": "pro"})
    submitted = made.submit(asked)
    assert submitted.state is JobState.QUEUED
    assert submitted.job_id.startswith("image2video/")
    done = made.poll(submitted.job_id, asked.model)
    assert (done.state, done.job_id, done.units) == (JobState.SUCCEEDED, submitted.job_id, None)
    assert done.file is not None
    found = download(done.file, tmp_path, "video", own_host=made.http.host, headers={})
    assert inspect_video(found.path)["frames"] == 50
    assert kling.charged_micros - before == 5 * 700_000


def test_what_is_expected_are_the_seconds_that_are_asked_for(tmp_path: Path) -> None:
    made = adapter(NOWHERE)
    assert made.expected(shot(tmp_path, seconds=3)) == Units(video_ms=5000)
    assert made.expected(shot(tmp_path, {"durations": [3, 4, 7]}, seconds=6)) == Units(video_ms=7000)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("submitted", JobState.QUEUED),
        ("processing", JobState.RUNNING),
        ("reviewing", JobState.RUNNING),
        ("SUCCEED", JobState.RUNNING),
        ("failed", JobState.FAILED),
    ],
)
def test_each_word_for_a_task_has_a_state(kling: Vendor, tmp_path: Path, word: str, state: JobState) -> None:
    kling.order(answered(200, {"code": 0, "data": {"task_id": "1", "task_status": word}}, on="poll"))
    assert adapter(kling.address).poll("image2video/1", shot(tmp_path).model).state is state


def test_a_task_goes_from_queue_to_running_to_its_end(kling: Vendor, tmp_path: Path) -> None:
    kling.jobs_go(seconds=60)
    made, asked = adapter(kling.address), shot(tmp_path)
    job_id = made.submit(asked).job_id
    assert made.poll(job_id, asked.model).state is JobState.QUEUED
    kling.jobs_go(seconds=0, end="stays")
    assert made.poll(made.submit(asked).job_id, asked.model).state is JobState.RUNNING
    kling.jobs_go(end="unknown")
    assert made.poll(made.submit(asked).job_id, asked.model).state is JobState.RUNNING


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Failure to pass the risk control system", ErrorKind.MODERATED),
        ("Service busy, please try again later", ErrorKind.TRANSIENT),
        ("The first frame cannot be used", ErrorKind.BAD_INPUT),
    ],
)
def test_a_failed_task_has_the_vendors_words(kling: Vendor, tmp_path: Path, words: str, kind: ErrorKind) -> None:
    kling.jobs_go(end="failed", error={"message": words})
    made, asked, before = adapter(kling.address), shot(tmp_path), kling.charged_micros
    failed = made.poll(made.submit(asked).job_id, asked.model)
    assert (failed.state, failed.error_kind, failed.error) == (JobState.FAILED, kind, words)
    assert kling.charged_micros == before


def test_a_task_that_fails_without_a_word_has_an_error_all_the_same(kling: Vendor, tmp_path: Path) -> None:
    kling.order(answered(200, {"code": 0, "data": {"task_id": "1", "task_status": "failed"}}, on="poll"))
    failed = adapter(kling.address).poll("image2video/1", shot(tmp_path).model)
    assert failed.error_kind == ErrorKind.BAD_INPUT
    assert failed.error


@pytest.mark.parametrize("job_id", ["image2video/000", "text2video/000", "000"])
def test_a_task_that_the_vendor_does_not_know_is_expired(kling: Vendor, tmp_path: Path, job_id: str) -> None:
    if "/" not in job_id:
        kling.order(answered(404, coded(1203), on="poll"))
        job_id = "image2video/" + job_id
    assert adapter(kling.address).poll(job_id, shot(tmp_path).model).state is JobState.EXPIRED


def test_a_success_without_an_address_is_looked_at_again(kling: Vendor, tmp_path: Path) -> None:
    for result in ({}, {"task_result": None}, {"task_result": {"videos": []}}, {"task_result": {"videos": [{}]}}):
        data = {"task_id": "1", "task_status": "succeed"} | result
        kling.order(answered(200, {"code": 0, "data": data}, on="poll"))
        assert adapter(kling.address).poll("image2video/1", shot(tmp_path).model).state is JobState.RUNNING


def test_a_clip_that_is_not_there_yet_is_fetched_again(kling: Vendor, tmp_path: Path) -> None:
    kling.jobs_go(polls_not_ready=1)
    made, asked = adapter(kling.address), shot(tmp_path)
    done = made.poll(made.submit(asked).job_id, asked.model)
    assert done.file is not None
    found = download(done.file, tmp_path, "video", own_host=made.http.host, headers={})
    assert found.media_type == "video/mp4"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, "<html>Bad gateway</html>"),
        (404, "<html>Not found</html>"),
        (400, coded(1201)),
        (200, {"code": 0}),
        (200, {"code": 9999, "message": "new"}),
        (200, {"code": 0, "data": []}),
        (500, coded(5000)),
    ],
)
def test_a_poll_of_which_nothing_is_learnt_is_passing(kling: Vendor, tmp_path: Path, status: int, body: Any) -> None:
    kling.order(answered(status, body, on="poll", times=None))
    with pytest.raises(ProviderError) as caught:
        adapter(kling.address).poll("image2video/1", shot(tmp_path).model)
    assert caught.value.kind == ErrorKind.TRANSIENT


def test_a_poll_is_asked_again_when_it_fails_in_passing(kling: Vendor, tmp_path: Path) -> None:
    made, asked = adapter(kling.address), shot(tmp_path)
    job_id = made.submit(asked).job_id
    kling.order(answered(503, coded(5001), on="poll"))
    assert made.poll(job_id, asked.model).state is JobState.SUCCEEDED


def test_no_task_can_be_cancelled(tmp_path: Path) -> None:
    assert adapter(NOWHERE).cancel("image2video/1", shot(tmp_path).model) is False


# Refusals -----------------------------------------------------------------------------------------------------------

CODES = [
    *((401, code, ErrorKind.AUTH) for code in (1000, 1001, 1002, 1003, 1004)),
    *((429, code, ErrorKind.NO_MONEY) for code in (1100, 1101, 1102)),
    (403, 1103, ErrorKind.AUTH),
    (400, 1200, ErrorKind.BAD_INPUT),
    (400, 1201, ErrorKind.BAD_INPUT),
    (404, 1202, ErrorKind.BAD_INPUT),
    (404, 1203, ErrorKind.BAD_INPUT),
    (400, 1300, ErrorKind.MODERATED),
    (400, 1301, ErrorKind.MODERATED),
    (429, 1302, ErrorKind.RATE_LIMITED),
    (429, 1303, ErrorKind.CONCURRENCY_FULL),
    (429, 1304, ErrorKind.AUTH),
    (500, 5000, ErrorKind.TRANSIENT),
    (503, 5001, ErrorKind.TRANSIENT),
    (504, 5002, ErrorKind.TRANSIENT),
]


@pytest.mark.parametrize(("status", "code", "kind"), CODES)
def test_every_code_has_its_kind_and_is_asked_once(
    kling: Vendor, tmp_path: Path, status: int, code: int, kind: ErrorKind
) -> None:
    before = len(kling.requests("submit"))
    kling.order(answered(status, coded(code)))
    error = refusal(kling.address, shot(tmp_path))
    assert error.kind == kind
    assert error.details["code"] == str(code)
    assert error.details["status"] == status
    assert error.details["vendor_request"] == "theirs-1"
    assert "what the vendor says" in error.message
    assert len(kling.requests("submit")) == before + 1


def test_the_table_of_codes_is_tested_whole() -> None:
    assert {code for _, code, _ in CODES} == set(wire.CODES)


def test_an_error_that_comes_with_200_is_one(kling: Vendor, tmp_path: Path) -> None:
    kling.order(answered(200, coded(1102, "resource pack used up")))
    assert refusal(kling.address, shot(tmp_path)).kind == ErrorKind.NO_MONEY


def test_a_code_given_as_text_is_known_and_a_success_is_none() -> None:
    assert getattr(classify(429, {"code": "1101"}), "kind", None) is ErrorKind.NO_MONEY
    assert classify(200, {"code": 0, "message": "SUCCEED", "data": {}}) is None
    assert classify(200, {}) is None
    assert classify(400, {"code": "InvalidParameter"}) is None


def test_an_unknown_code_goes_by_its_status(kling: Vendor, tmp_path: Path) -> None:
    kling.order(answered(429, coded(1399)))
    assert refusal(kling.address, shot(tmp_path)).kind == ErrorKind.RATE_LIMITED
    kling.order(answered(500, coded(5999)))
    assert refusal(kling.address, shot(tmp_path)).kind == ErrorKind.AMBIGUOUS


def test_how_long_to_wait_is_told(kling: Vendor, tmp_path: Path) -> None:
    kling.order(answered(429, coded(1303), headers={"retry-after": "7"}))
    assert refusal(kling.address, shot(tmp_path)).details["retry_after"] == 7.0


@pytest.mark.parametrize(
    "fault",
    [
        answered(502, "<html>Bad gateway</html>"),
        answered(200, "<html>Welcome</html>"),
        answered(200, {"code": 0, "message": "SUCCEED"}),
        answered(200, {"code": 0, "data": {"task_status": "submitted"}}),
        answered(200, {"code": 9999, "message": "new"}),
        {"on": "submit", "kind": "timeout_before", "seconds": 1},
        {"on": "submit", "kind": "timeout_after", "seconds": 1},
        {"on": "submit", "kind": "cut"},
    ],
    ids=["502 page", "200 page", "no data", "no id", "unknown code", "timeout before", "timeout after", "cut"],
)
def test_where_it_may_have_been_taken_it_is_ambiguous_and_asked_once(
    kling: Vendor, tmp_path: Path, fault: dict[str, Any]
) -> None:
    before = len(kling.requests("submit"))
    kling.order(fault)
    assert refusal(kling.address, shot(tmp_path), timeout=0.4).kind == ErrorKind.AMBIGUOUS
    assert len(kling.requests("submit")) == before + 1


def test_where_nobody_is_there_it_is_passing(tmp_path: Path) -> None:
    assert refusal(NOWHERE, shot(tmp_path)).kind == ErrorKind.TRANSIENT


def test_keys_that_are_wrong_or_missing_are_told(kling: Vendor, tmp_path: Path) -> None:
    wrong_secret = refusal(kling.address, shot(tmp_path), secret="another-0123456789abcdef0123456789")
    assert (wrong_secret.kind, wrong_secret.details["code"]) == (ErrorKind.AUTH, "1000")
    assert refusal(kling.address, shot(tmp_path), access="nobody").details["code"] == "1002"
    assert refusal(kling.address, shot(tmp_path), secret="").details["code"] == "1001"


@pytest.mark.parametrize(("ahead", "code"), [(3600, "1003"), (-3600, "1004")])
def test_a_clock_that_is_wrong_is_refused_and_told(
    kling: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: int, code: str
) -> None:
    now = time.time()
    monkeypatch.setattr(wire, "time", SimpleNamespace(time=lambda: now + ahead))
    error = refusal(kling.address, shot(tmp_path))
    assert error.details["code"] == code
    assert "clock is right" in error.message


def test_no_key_and_no_token_is_in_an_error(kling: Vendor, tmp_path: Path) -> None:
    token = jwt.encode({"iss": ACCESS_KEY, "exp": 1}, SECRET_KEY, algorithm="HS256")
    said = f"Bearer {token} of {ACCESS_KEY} signed with {SECRET_KEY}"
    errors = []
    for fault in (answered(400, coded(1201, said)), answered(502, said), answered(200, {"code": 0, "said": said})):
        kling.order(fault)
        errors.append(refusal(kling.address, shot(tmp_path)))
    kling.jobs_go(end="failed", error={"message": said})
    made, asked = adapter(kling.address), shot(tmp_path)
    failed = made.poll(made.submit(asked).job_id, asked.model)
    kling.order(answered(200, {"said": said}, on="free"))
    told = [*(error.message + json.dumps(error.details) for error in errors), failed.error]
    told.append(made.check(asked.model).words)
    for words in told:
        assert "***" in words
        for secret in (token, ACCESS_KEY, SECRET_KEY):
            assert secret not in words


# Checking -----------------------------------------------------------------------------------------------------------


def check(address: str, options: dict[str, Any] | None = None, **how: Any) -> Checked:
    model = Model("vendor/model", "vendor", Capability.VIDEO, "no-such-model", options or {})
    return adapter(address, **how).check(model)


def test_a_check_spends_nothing_and_cannot_tell_the_model(kling: Vendor) -> None:
    before = len(kling.requests("submit"))
    found = check(kling.address)
    assert (found.address, found.key, found.model) == (True, True, None)
    assert "no-such-model" in found.words
    assert len(kling.requests("submit")) == before


def test_a_check_tells_a_wrong_key_a_wrong_address_and_a_wrong_option(kling: Vendor) -> None:
    wrong_key = check(kling.address, secret="another-0123456789abcdef0123456789")
    assert (wrong_key.address, wrong_key.key) == (True, False)
    no_server = check(NOWHERE)
    assert (no_server.address, no_server.key) == (False, None)
    assert "could not be asked" in no_server.words
    wrong_option = check(kling.address, {"modus": "pro"})
    assert wrong_option.model is False
    assert "modus" in wrong_option.words


@pytest.mark.parametrize(
    ("status", "body", "address", "key"),
    [
        (404, "<html>Not found</html>", False, None),
        (200, {"hello": "world"}, False, None),
        (429, coded(1101), True, True),
        (500, coded(5000), True, None),
        (403, coded(1103), True, False),
    ],
)
def test_a_check_tells_what_answered(
    kling: Vendor, status: int, body: Any, address: bool | None, key: bool | None
) -> None:
    kling.order(answered(status, body, on="free", times=None))
    found = check(kling.address)
    assert (found.address, found.key) == (address, key)
    assert found.words
