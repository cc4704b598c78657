"""DashScope's adapter against a server that speaks as DashScope's documentation does."""

import base64
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import stamina
from fakes.dashscope import CHARACTER_MICROS, KEY, PICTURE_MICROS, SECOND_MICROS
from fakes.vendor import Vendor
from PIL import Image
from support.vendor_calls import call, image_request, picture, speech_request, video_request

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.production.shots.inspection import inspect_sound, inspect_video
from aianime_pipeline.providers.adapters.dashscope import DashScope, wire
from aianime_pipeline.providers.adapters.dashscope.pictures import fitting_size
from aianime_pipeline.providers.capabilities import Capability, ErrorKind, JobState, TextRequest
from aianime_pipeline.providers.downloads import download
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Call, Checked, Model, ProviderSettings

PICTURES, SPEECH, CLIPS, OLD_CLIPS = "qwen-image-2.0", "qwen3-tts-flash", "wan2.7-i2v", "wan2.6-i2v"
VOICES = {"voices": {"阿月": "Cherry", "female": "Serena", "default": "Ethan"}}
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def server() -> Iterator[Vendor]:
    with Vendor("dashscope") as running:
        yield running


@pytest.fixture
def dashscope(server: Vendor) -> Vendor:
    """The server without faults, its jobs ending at once."""
    server.order()
    server.jobs_go(seconds=0, end="succeeded", error={}, polls_not_ready=0)
    return server


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


def adapter(address: str, *, timeout: float = 5, key: str = KEY) -> DashScope:
    settings = ProviderSettings("film-dashscope", "dashscope", address, {"api_key": key}, timeout_seconds=timeout)
    return DashScope(settings)


def shot(folder: Path, options: dict[str, Any] | None = None, model: str = CLIPS, **more: Any) -> Call:
    return call(video_request(picture(folder, "first.png"), **more), model, options)


def still(options: dict[str, Any] | None = None, **more: Any) -> Call:
    return call(image_request(**more), PICTURES, options)


def line(text: str = "今晚的月亮真圆。", options: dict[str, Any] | None = None, **more: Any) -> Call:
    return call(speech_request(text, **more), SPEECH, VOICES if options is None else options)


def sent_for(server: Vendor, asked: Call) -> dict[str, Any]:
    adapter(server.address).submit(asked)
    return dict(server.requests("submit")[-1]["body"])


def refusal(address: str, asked: Call, **how: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        adapter(address, **how).submit(asked)
    return caught.value


def fetched(answer: Answer, made: DashScope, into: Path, kind: Any) -> Path:
    assert answer.file is not None
    return download(answer.file, into, kind, own_host=made.http.host, headers={}).path


def answered(status: int, body: Any, on: str = "submit", **more: Any) -> dict[str, Any]:
    return {"on": on, "kind": "answer", "status": status, "body": body} | more


def coded(code: str, message: str = "what the vendor says") -> dict[str, Any]:
    return {"code": code, "message": message, "request_id": "theirs-1"}


def standing(word: str, **more: Any) -> dict[str, Any]:
    return {"output": {"task_id": "1", "task_status": word} | more, "request_id": "theirs-1"}


def data_url(path: Path, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(path.read_bytes()).decode()}"


# Pictures -----------------------------------------------------------------------------------------------------------


def test_a_picture_is_asked_for_with_its_references_first(dashscope: Vendor, tmp_path: Path) -> None:
    shown = {name: picture(tmp_path, f"{name}.jpg", colour=name) for name in ("red", "green", "blue", "black")}
    seen = [
        ("character", "Ann", shown["red"]),
        ("character", "Ben", shown["green"]),
        ("character", "Cat", None),
        ("location", "the hall", shown["blue"]),
        ("prop", "a lamp", shown["black"]),
    ]
    asked = still(references=seen, speaker="Ben", style="ink", negative_prompt="text", feedback="darker")
    body = sent_for(dashscope, asked)
    assert dashscope.requests("submit")[-1]["headers"]["authorization"] == f"Bearer {KEY}"
    *pictures, words = body["input"]["messages"][0]["content"]
    assert [one["image"] for one in pictures] == [
        data_url(shown[name], "image/jpeg") for name in ("green", "red", "blue")
    ]
    assert words["text"].startswith("ink. Two people at a table. Cat: Cat's look. a lamp: a lamp's look")
    assert "Reference image 1 is the character Ben" in words["text"]
    assert "Reference image 3 is the place the hall" in words["text"]
    assert words["text"].endswith("mend this: darker")
    assert body["model"] == PICTURES
    assert body["input"]["messages"][0]["role"] == "user"
    assert body["parameters"] == {
        "n": 1,
        "size": "1280*720",
        "seed": 7,
        "watermark": False,
        "prompt_extend": False,
        "negative_prompt": "text",
    }


def test_a_model_that_reads_only_text_is_shown_no_picture(dashscope: Vendor, tmp_path: Path) -> None:
    seen = [("character", "Ann", picture(tmp_path, "ann.png"))]
    body = sent_for(dashscope, still({"references": 0}, references=seen))
    (words,) = body["input"]["messages"][0]["content"]
    assert "Ann: Ann's look" in words["text"]
    assert "Reference" not in words["text"]


def test_options_of_a_picture_are_sent(dashscope: Vendor) -> None:
    options = {"watermark": True, "prompt_extend": True, "negative": "words", "sizes": ["928*1664", "1664*928"]}
    body = sent_for(dashscope, still(options, negative_prompt="text"))
    assert body["parameters"] == {
        "n": 1,
        "size": "1664*928",
        "seed": 7,
        "watermark": True,
        "prompt_extend": True,
    }
    assert body["input"]["messages"][0]["content"][-1]["text"].endswith(". Avoid: text")


@pytest.mark.parametrize(
    ("wished", "sizes", "least", "found"),
    [
        ((1280, 720), (), 0, (1280, 720)),
        ((640, 360), (), 512 * 512, (688, 384)),
        ((1080, 1920), (), 3_686_400, (1440, 2560)),
        ((1280, 720), ((1328, 1328), (1664, 928), (928, 1664)), 0, (1664, 928)),
        ((1280, 720), ((832, 464), (1664, 928), (3328, 1856)), 0, (1664, 928)),
        ((4000, 2250), ((832, 464), (1664, 928)), 0, (1664, 928)),
    ],
)
def test_the_size_is_the_nearest_that_the_model_makes(
    wished: tuple[int, int], sizes: tuple[tuple[int, int], ...], least: int, found: tuple[int, int]
) -> None:
    assert fitting_size(*wished, sizes, least) == found


def test_a_picture_comes_with_the_answer(dashscope: Vendor, tmp_path: Path) -> None:
    made, before = adapter(dashscope.address), dashscope.charged_micros
    answer = made.submit(still())
    assert (answer.state, answer.job_id, answer.units) == (JobState.SUCCEEDED, "", Units(images=1))
    assert answer.facts == {"seed": 7, "size": "1280*720"}
    with Image.open(fetched(answer, made, tmp_path, "picture")) as opened:
        assert opened.size == (1280, 720)
    assert dashscope.charged_micros - before == PICTURE_MICROS


def test_an_answer_that_says_no_usage_has_no_units(dashscope: Vendor) -> None:
    content = [{"text": "Here it is"}, {"image": "https://example.com/1.png"}]
    answer = {"output": {"choices": [{"message": {"content": content}}]}, "usage": {"image_count": "1"}}
    dashscope.order(answered(200, answer))
    found = adapter(dashscope.address).submit(still())
    assert found.units is None
    assert found.file is not None
    assert found.file.url == "https://example.com/1.png"


# Speech -------------------------------------------------------------------------------------------------------------


def test_a_line_is_asked_for_in_its_speakers_voice(dashscope: Vendor) -> None:
    body = sent_for(dashscope, line())
    assert body == {
        "model": SPEECH,
        "input": {"text": "今晚的月亮真圆。", "voice": "Cherry", "language_type": "Chinese"},
    }


@pytest.mark.parametrize(
    ("language", "options", "found"),
    [
        ("en-GB", {}, "English"),
        ("ja", {}, "Japanese"),
        ("th", {}, "Auto"),
        ("zh", {"language_type": "Auto"}, "Auto"),
    ],
)
def test_the_language_is_told_in_the_vendors_words(
    dashscope: Vendor, language: str, options: dict[str, Any], found: str
) -> None:
    body = sent_for(dashscope, line(options=VOICES | options, language=language))
    assert body["input"]["language_type"] == found


def test_a_voice_is_found_by_gender_where_nobody_has_the_name(dashscope: Vendor) -> None:
    assert sent_for(dashscope, line(speaker="阿明"))["input"]["voice"] == "Serena"
    assert sent_for(dashscope, line(speaker="阿明", voice={}))["input"]["voice"] == "Ethan"


def test_a_line_comes_with_the_answer(dashscope: Vendor, tmp_path: Path) -> None:
    made, before = adapter(dashscope.address), dashscope.charged_micros
    answer = made.submit(line())
    assert (answer.state, answer.units, answer.facts) == (
        JobState.SUCCEEDED,
        Units(characters=8),
        {"voice": "Cherry"},
    )
    sound = fetched(answer, made, tmp_path, "sound")
    assert inspect_sound(sound)["samples"] == pytest.approx(48_000 * 8 * 0.12, rel=0.01)
    assert dashscope.charged_micros - before == 8 * CHARACTER_MICROS


@pytest.mark.parametrize(
    ("usage", "units"),
    [
        ({"input_tokens": 12, "output_tokens": 340}, Units(tokens_in=12, tokens_out=340)),
        ({}, None),
        ({"characters": None}, None),
    ],
)
def test_units_of_speech_are_what_is_said(dashscope: Vendor, usage: dict[str, Any], units: Units | None) -> None:
    output = {"audio": {"url": "https://example.com/1.wav"}}
    dashscope.order(answered(200, {"output": output, "usage": usage}))
    assert adapter(dashscope.address).submit(line()).units == units


# Clips --------------------------------------------------------------------------------------------------------------


def test_a_shot_is_asked_for_by_its_first_and_last_frame(dashscope: Vendor, tmp_path: Path) -> None:
    last = picture(tmp_path, "last.webp", colour="red")
    body = sent_for(dashscope, shot(tmp_path, last_frame=last, negative_prompt="text", feedback="slower"))
    sent = dashscope.requests("submit")[-1]
    assert sent["headers"]["x-dashscope-async"] == "enable"
    assert sent["path"].endswith("/video-synthesis")
    assert body == {
        "model": CLIPS,
        "input": {
            "prompt": "She turns to the window. camera: push. The take before was rejected, mend this: slower",
            "negative_prompt": "text",
            "media": [
                {"type": "first_frame", "url": data_url(tmp_path / "first.png")},
                {"type": "last_frame", "url": data_url(last, "image/webp")},
            ],
        },
        "parameters": {
            "resolution": "720P",
            "duration": 4,
            "seed": 7,
            "watermark": False,
            "prompt_extend": False,
        },
    }


def test_an_older_model_gets_its_picture_in_the_older_form(dashscope: Vendor, tmp_path: Path) -> None:
    last = picture(tmp_path, "last.png")
    body = sent_for(dashscope, shot(tmp_path, {"frames": "img_url"}, OLD_CLIPS, last_frame=last))
    assert body["input"] == {
        "prompt": "She turns to the window. camera: push",
        "img_url": data_url(tmp_path / "first.png"),
    }


def test_options_of_a_clip_are_sent(dashscope: Vendor, tmp_path: Path) -> None:
    options = {
        "resolution": "1080P", "durations": [5, 10], "last_frame": False, "watermark": True, "prompt_extend": True,
        "ratio": "16:9", "audio": False, "negative": "words",
    }  # fmt: skip
    last = picture(tmp_path, "last.png")
    body = sent_for(dashscope, shot(tmp_path, options, last_frame=last, negative_prompt="text"))
    assert len(body["input"]["media"]) == 1
    assert body["input"]["prompt"].endswith(". Avoid: text")
    assert body["parameters"] == {
        "resolution": "1080P",
        "duration": 5,
        "seed": 7,
        "watermark": True,
        "prompt_extend": True,
        "ratio": "16:9",
        "audio": False,
    }


@pytest.mark.parametrize(("seconds", "asked"), [(1, 2), (Fraction(9, 2), 5), (15, 15), (40, 15)])
def test_the_shortest_clip_that_is_long_enough_is_asked_for(
    dashscope: Vendor, tmp_path: Path, seconds: Fraction, asked: int
) -> None:
    body = sent_for(dashscope, shot(tmp_path, seconds=seconds, width=1920, height=1080))
    assert body["parameters"]["duration"] == asked
    assert body["parameters"]["resolution"] == "1080P"


def test_a_clip_comes_from_submission_to_file(dashscope: Vendor, tmp_path: Path) -> None:
    made, asked, before = adapter(dashscope.address), shot(tmp_path, seconds=3), dashscope.charged_micros
    submitted = made.submit(asked)
    assert submitted.state is JobState.QUEUED
    done = made.poll(submitted.job_id, asked.model)
    assert (done.state, done.units, done.error) == (JobState.SUCCEEDED, Units(video_ms=3000), "")
    assert inspect_video(fetched(done, made, tmp_path, "video"))["frames"] == 30
    assert dashscope.charged_micros - before == 3 * SECOND_MICROS["720P"]


def test_what_is_expected_is_what_is_asked_for(tmp_path: Path) -> None:
    made = adapter(NOWHERE)
    assert made.expected(shot(tmp_path, {"durations": [5, 10]}, seconds=6)) == Units(video_ms=10_000)
    assert made.expected(line("四个字。")) == Units(characters=4)
    assert made.expected(still()) == Units(images=1)


@pytest.mark.parametrize(
    ("usage", "units"),
    [
        ({"duration": 5, "SR": 720}, Units(video_ms=5000)),
        ({"duration": 5.5}, Units(video_ms=5500)),
        ({"video_duration": 5, "video_count": 1}, Units(video_ms=5000)),
        ({"video_duration": 0, "duration": 8}, Units(video_ms=8000)),
        ({"duration": 0}, None),
        ({"duration": "5"}, None),
        (None, None),
    ],
)
def test_units_of_a_clip_are_what_is_said(
    dashscope: Vendor, tmp_path: Path, usage: dict[str, Any] | None, units: Units | None
) -> None:
    body = standing("SUCCEEDED", video_url="https://example.com/1.mp4") | {"usage": usage}
    dashscope.order(answered(200, body, on="poll"))
    assert adapter(dashscope.address).poll("1", shot(tmp_path).model).units == units


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("PENDING", JobState.QUEUED),
        ("RUNNING", JobState.RUNNING),
        ("SUSPENDED", JobState.RUNNING),
        ("FAILED", JobState.FAILED),
        ("CANCELED", JobState.CANCELLED),
        ("UNKNOWN", JobState.EXPIRED),
        ("SUCCEEDED", JobState.RUNNING),
    ],
)
def test_each_word_for_a_task_has_a_state(dashscope: Vendor, tmp_path: Path, word: str, state: JobState) -> None:
    dashscope.order(answered(200, standing(word), on="poll"))
    assert adapter(dashscope.address).poll("1", shot(tmp_path).model).state is state


def test_a_task_goes_through_its_states(dashscope: Vendor, tmp_path: Path) -> None:
    made, asked = adapter(dashscope.address), shot(tmp_path)
    for how, state in (
        ({"seconds": 60}, JobState.QUEUED),
        ({"seconds": 0, "end": "stays"}, JobState.RUNNING),
        ({"end": "unknown"}, JobState.RUNNING),
        ({"end": "expired"}, JobState.EXPIRED),
        ({"end": "failed"}, JobState.FAILED),
    ):
        dashscope.jobs_go(**how)
        assert made.poll(made.submit(asked).job_id, asked.model).state is state


def test_a_task_that_the_vendor_does_not_know_is_expired(dashscope: Vendor, tmp_path: Path) -> None:
    assert adapter(dashscope.address).poll("no-such-task", shot(tmp_path).model).state is JobState.EXPIRED


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("DataInspectionFailed", ErrorKind.MODERATED),
        ("InvalidParameter.ImageSize", ErrorKind.BAD_INPUT),
        ("InternalError.Algo", ErrorKind.TRANSIENT),
        ("SomethingNew", ErrorKind.BAD_INPUT),
    ],
)
def test_a_failed_task_has_the_vendors_words(dashscope: Vendor, tmp_path: Path, code: str, kind: ErrorKind) -> None:
    dashscope.jobs_go(end="failed", error={"code": code, "message": "what the vendor says"})
    made, asked, before = adapter(dashscope.address), shot(tmp_path), dashscope.charged_micros
    failed = made.poll(made.submit(asked).job_id, asked.model)
    assert (failed.state, failed.error_kind) == (JobState.FAILED, kind)
    assert failed.error == f"what the vendor says [{code}]"
    assert dashscope.charged_micros == before


def test_a_success_with_a_code_and_no_clip_is_a_failure(dashscope: Vendor, tmp_path: Path) -> None:
    dashscope.order(answered(200, standing("SUCCEEDED", code="DataInspectionFailed", message="no"), on="poll"))
    failed = adapter(dashscope.address).poll("1", shot(tmp_path).model)
    assert (failed.state, failed.error_kind) == (JobState.FAILED, ErrorKind.MODERATED)


def test_a_clip_that_is_not_there_yet_is_fetched_again(dashscope: Vendor, tmp_path: Path) -> None:
    dashscope.jobs_go(polls_not_ready=1)
    made, asked = adapter(dashscope.address), shot(tmp_path)
    done = made.poll(made.submit(asked).job_id, asked.model)
    assert fetched(done, made, tmp_path, "video").exists()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, "<html>Bad gateway</html>"),
        (404, "<html>Not found</html>"),
        (400, coded("InvalidParameter")),
        (200, {"request_id": "theirs-1"}),
        (200, {"output": {"task_id": "1"}}),
        (200, coded("SomethingNew")),
        (500, coded("InternalError")),
    ],
)
def test_a_poll_of_which_nothing_is_learnt_is_passing(
    dashscope: Vendor, tmp_path: Path, status: int, body: Any
) -> None:
    dashscope.order(answered(status, body, on="poll", times=None))
    with pytest.raises(ProviderError) as caught:
        adapter(dashscope.address).poll("1", shot(tmp_path).model)
    assert caught.value.kind == ErrorKind.TRANSIENT


def test_a_poll_is_asked_again_when_it_fails_in_passing(dashscope: Vendor, tmp_path: Path) -> None:
    made, asked = adapter(dashscope.address), shot(tmp_path)
    job_id = made.submit(asked).job_id
    dashscope.order(answered(500, coded("InternalError"), on="poll"))
    assert made.poll(job_id, asked.model).state is JobState.SUCCEEDED


def test_only_a_task_that_waits_can_be_cancelled(dashscope: Vendor, tmp_path: Path) -> None:
    made, asked, before = adapter(dashscope.address), shot(tmp_path), dashscope.charged_micros
    dashscope.jobs_go(seconds=60)
    waiting = made.submit(asked).job_id
    assert made.cancel(waiting, asked.model) is True
    assert made.poll(waiting, asked.model).state is JobState.CANCELLED
    assert dashscope.charged_micros == before
    dashscope.jobs_go(seconds=0, end="stays")
    assert made.cancel(made.submit(asked).job_id, asked.model) is False
    assert made.cancel("no-such-task", asked.model) is False
    assert adapter(NOWHERE).cancel(waiting, asked.model) is False
    dashscope.order(answered(200, {"hello": "world"}, on="cancel"))
    assert made.cancel(waiting, asked.model) is False


# What is refused before anything is sent ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (still({"refs": 1}), "the option 'refs' means nothing; there are references, sizes"),
        (still({"references": 10}), "it takes a whole number from 0 to 9"),
        (still({"references": True}), "it takes a whole number from 0 to 9"),
        (still({"sizes": "1664*928"}), "it takes a list of texts"),
        (still({"sizes": ["1664x928"]}), "it takes sizes such as 1664*928"),
        (still({"negative": "none"}), "it takes one of field, words"),
        (still({"watermark": 1}), "it takes true or false"),
        (still({"most_pixels": 0}), "it takes a whole number from 1"),
        (line(options={"voices": "Cherry"}), "it takes a table"),
        (line(options={"voice": "Cherry"}), "the option 'voice' means nothing; there are voices"),
        (line(options=VOICES | {"language_type": 1}), "it takes a text"),
    ],
)
def test_an_option_that_is_wrong_is_told_by_its_name(asked: Call, words: str) -> None:
    with pytest.raises(BadSettingError, match="vendor/model: ") as caught:
        adapter(NOWHERE).submit(asked)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"size": "720P"}, "the option 'size' means nothing; there are resolution, durations"),
        ({"resolution": "720p"}, "it takes one of 480P, 720P, 1080P"),
        ({"durations": 5}, "it takes a list of whole seconds"),
        ({"frames": "url"}, "it takes one of media, img_url"),
    ],
)
def test_an_option_of_a_clip_that_is_wrong_is_told_by_its_name(
    tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadSettingError) as caught:
        adapter(NOWHERE).submit(shot(tmp_path, options))
    assert words in caught.value.message


def test_the_provider_has_no_options() -> None:
    with pytest.raises(BadSettingError, match="film-dashscope: the option 'region' means nothing"):
        DashScope(ProviderSettings("film-dashscope", "dashscope", options={"region": "cn"}))


def test_what_the_model_cannot_make_is_refused_here(dashscope: Vendor, tmp_path: Path) -> None:
    before = len(dashscope.requests("submit"))
    small = call(video_request(picture(tmp_path, "small.png", (640, 200))), CLIPS)
    missing = call(image_request([("character", "Ann", tmp_path / "missing.png")]), PICTURES)
    for asked, words in (
        (still(width=4096, height=2304), "9437184 pixels; vendor/model makes 4194304 at most"),
        (line(options={}), "has no voice for 阿月; give voices.default"),
        (line("字" * 601), "601 characters; vendor/model speaks 600 at most"),
        (small, "it takes 240 a side at least"),
        (missing, "missing.png cannot be read"),
        (call(TextRequest("Write", "a story"), "qwen-max"), "it makes no text"),
    ):
        error = refusal(dashscope.address, asked)
        assert error.kind == ErrorKind.BAD_INPUT
        assert words in error.message
    assert len(dashscope.requests("submit")) == before


# Refusals -----------------------------------------------------------------------------------------------------------

CODES = [
    (400, "InvalidParameter", ErrorKind.BAD_INPUT),
    (400, "InvalidParameter.DataInspection", ErrorKind.BAD_INPUT),
    (400, "InvalidURL", ErrorKind.BAD_INPUT),
    (400, "UnsupportedOperation", ErrorKind.BAD_INPUT),
    (400, "DataInspectionFailed", ErrorKind.MODERATED),
    (400, "IPInfringementSuspect", ErrorKind.MODERATED),
    (400, "Arrearage", ErrorKind.NO_MONEY),
    (429, "PrepaidBillOverdue", ErrorKind.NO_MONEY),
    (429, "PostpaidBillOverdue", ErrorKind.NO_MONEY),
    (403, "AllocationQuota.FreeTierOnly", ErrorKind.NO_MONEY),
    (429, "CommodityNotPurchased", ErrorKind.AUTH),
    (401, "InvalidApiKey", ErrorKind.AUTH),
    (403, "AccessDenied", ErrorKind.AUTH),
    (403, "AccessDenied.Unpurchased", ErrorKind.AUTH),
    (403, "Model.AccessDenied", ErrorKind.AUTH),
    (401, "Workspace.AccessDenied", ErrorKind.AUTH),
    (404, "ModelNotFound", ErrorKind.BAD_INPUT),
    (408, "RequestTimeOut", ErrorKind.TRANSIENT),
    (413, "BadRequest.TooLarge", ErrorKind.BAD_INPUT),
    (429, "Throttling", ErrorKind.RATE_LIMITED),
    (429, "Throttling.RateQuota", ErrorKind.RATE_LIMITED),
    (429, "Throttling.AllocationQuota", ErrorKind.RATE_LIMITED),
    (500, "InternalError", ErrorKind.TRANSIENT),
    (500, "InternalError.Algo", ErrorKind.TRANSIENT),
    (500, "ModelServingError", ErrorKind.TRANSIENT),
    (503, "ModelUnavailable", ErrorKind.TRANSIENT),
    (503, "ServiceUnavailable", ErrorKind.TRANSIENT),
]


@pytest.mark.parametrize(("status", "code", "kind"), CODES)
def test_every_code_has_its_kind_and_is_asked_once(dashscope: Vendor, status: int, code: str, kind: ErrorKind) -> None:
    before = len(dashscope.requests("submit"))
    dashscope.order(answered(status, coded(code)))
    error = refusal(dashscope.address, still())
    assert error.kind == kind
    assert error.details["code"] == code
    assert error.details["status"] == status
    assert error.details["vendor_request"] == "theirs-1"
    assert "what the vendor says" in error.message
    assert len(dashscope.requests("submit")) == before + 1


def test_the_table_of_codes_is_tested_whole() -> None:
    tested = {code for _, code, _ in CODES}
    assert {
        code for code in wire.CODES if not any(one == code or one.startswith(f"{code}.") for one in tested)
    } == set()


def test_an_error_that_comes_with_200_is_one(dashscope: Vendor, tmp_path: Path) -> None:
    dashscope.order(answered(200, coded("Arrearage"), times=2))
    assert refusal(dashscope.address, still()).kind == ErrorKind.NO_MONEY
    assert refusal(dashscope.address, shot(tmp_path)).kind == ErrorKind.NO_MONEY


def test_a_success_with_an_empty_code_is_none() -> None:
    assert wire.classify(200, {"code": None, "message": "", "output": {"task_id": "1"}}) is None
    assert wire.classify(200, {"code": "", "output": {}}) is None
    assert wire.classify(400, {"code": 400, "msg": "another's form"}) is None


def test_an_unknown_code_goes_by_its_status(dashscope: Vendor) -> None:
    dashscope.order(answered(429, coded("SomethingNew")))
    assert refusal(dashscope.address, still()).kind == ErrorKind.RATE_LIMITED
    dashscope.order(answered(500, coded("SomethingNew")))
    assert refusal(dashscope.address, still()).kind == ErrorKind.AMBIGUOUS


def test_how_long_to_wait_is_told(dashscope: Vendor) -> None:
    dashscope.order(answered(429, coded("Throttling.RateQuota"), headers={"retry-after": "7"}))
    assert refusal(dashscope.address, still()).details["retry_after"] == 7.0


@pytest.mark.parametrize(
    "fault",
    [
        answered(502, "<html>Bad gateway</html>"),
        answered(200, "<html>Welcome</html>"),
        answered(200, {"request_id": "theirs-1"}),
        answered(200, {"output": {"choices": [{"message": {"content": [{"text": "I cannot"}]}}], "audio": {}}}),
        answered(200, {"output": {"task_status": "PENDING"}}),
        answered(200, coded("SomethingNew")),
        {"on": "submit", "kind": "timeout_before", "seconds": 0.6},
        {"on": "submit", "kind": "timeout_after", "seconds": 0.6},
        {"on": "submit", "kind": "cut"},
    ],
    ids=["502 page", "200 page", "empty", "words only", "no id", "code", "timeout before", "timeout after", "cut"],
)
@pytest.mark.parametrize("capability", ["image", "speech", "video"])
def test_where_it_may_have_been_taken_it_is_ambiguous_and_asked_once(
    dashscope: Vendor, tmp_path: Path, fault: dict[str, Any], capability: str
) -> None:
    asked = {"image": still(), "speech": line(), "video": shot(tmp_path)}[capability]
    before = len(dashscope.requests("submit"))
    dashscope.order(fault)
    assert refusal(dashscope.address, asked, timeout=0.3).kind == ErrorKind.AMBIGUOUS
    assert len(dashscope.requests("submit")) == before + 1


def test_where_nobody_is_there_it_is_passing() -> None:
    assert refusal(NOWHERE, still()).kind == ErrorKind.TRANSIENT


def test_a_key_or_a_model_that_is_wrong_is_told(dashscope: Vendor, tmp_path: Path) -> None:
    wrong_key = refusal(dashscope.address, still(), key="sk-another")
    assert (wrong_key.kind, wrong_key.details["code"]) == (ErrorKind.AUTH, "InvalidApiKey")
    assert refusal(dashscope.address, still(), key="").kind == ErrorKind.AUTH
    wrong_model = refusal(dashscope.address, shot(tmp_path, model="wan9-i2v"))
    assert (wrong_model.kind, wrong_model.details["code"]) == (ErrorKind.BAD_INPUT, "ModelNotFound")


def test_no_key_is_in_an_error(dashscope: Vendor, tmp_path: Path) -> None:
    said = f"your key {KEY} is not for this"
    errors = []
    for fault in (
        answered(400, coded("InvalidParameter", said)),
        answered(400, coded(f"InvalidParameter.{KEY}", said)),
        answered(502, said),
        answered(200, {"said": said}),
    ):
        dashscope.order(fault)
        errors.append(refusal(dashscope.address, still()))
    dashscope.jobs_go(end="failed", error={"message": said})
    made, asked = adapter(dashscope.address), shot(tmp_path)
    failed = made.poll(made.submit(asked).job_id, asked.model)
    dashscope.order(answered(200, {"said": said}, on="poll"))
    told = [*(error.message + json.dumps(error.details) for error in errors), failed.error]
    told.append(made.check(asked.model).words)
    for words in told:
        assert "***" in words
        assert KEY not in words


# Checking -----------------------------------------------------------------------------------------------------------


def check(address: str, options: dict[str, Any] | None = None, **how: Any) -> Checked:
    model = Model("vendor/model", "vendor", Capability.VIDEO, "no-such-model", options or {})
    return adapter(address, **how).check(model)


def test_a_check_spends_nothing_and_cannot_tell_the_model(dashscope: Vendor) -> None:
    before = len(dashscope.requests("submit"))
    found = check(dashscope.address)
    assert (found.address, found.key, found.model) == (True, True, None)
    assert "no-such-model" in found.words
    assert len(dashscope.requests("submit")) == before


def test_a_check_tells_a_wrong_key_a_wrong_address_and_a_wrong_option(dashscope: Vendor) -> None:
    wrong_key = check(dashscope.address, key="sk-another")
    assert (wrong_key.address, wrong_key.key) == (True, False)
    unwritable_key = check(dashscope.address, key="sk-密钥")
    assert (unwritable_key.address, unwritable_key.key) == (None, False)
    no_server = check(NOWHERE)
    assert (no_server.address, no_server.key) == (False, None)
    assert "could not be asked" in no_server.words
    wrong_option = check(dashscope.address, {"size": "720P"})
    assert wrong_option.model is False
    assert "size" in wrong_option.words


@pytest.mark.parametrize(
    ("status", "body", "address", "key"),
    [
        (404, "<html>Not found</html>", False, None),
        (301, "<html>Moved</html>", False, None),
        (200, {"hello": "world"}, False, None),
        (400, coded("Arrearage"), True, True),
        (500, coded("InternalError"), True, None),
        (403, coded("AccessDenied"), True, False),
    ],
)
def test_a_check_tells_what_answered(
    dashscope: Vendor, status: int, body: Any, address: bool | None, key: bool | None
) -> None:
    dashscope.order(answered(status, body, on="poll", times=None))
    found = check(dashscope.address)
    assert (found.address, found.key) == (address, key)
    assert found.words
