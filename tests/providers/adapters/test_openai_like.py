"""The interface of OpenAI over HTTP against a fake of it: what is sent, what comes back, what each refusal means."""

import base64
import io
import json
import re
import socket
import threading
import wave
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
import stamina
from fakes import openai_like as fake
from fakes.forms import form_of
from fakes.vendor import Asked, Vendor
from PIL import Image

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters import ADAPTERS
from aianime_pipeline.providers.adapters.openai_like import OpenAiLike, wire
from aianime_pipeline.providers.adapters.openai_like.choices import as_form, nearest_size
from aianime_pipeline.providers.adapters.openai_like.refusals import classify
from aianime_pipeline.providers.adapters.openai_like.schemas import is_strict
from aianime_pipeline.providers.capabilities import (
    AssetBrief,
    Capability,
    ErrorKind,
    ImageRequest,
    JobState,
    MusicRequest,
    PictureBrief,
    PictureReviewRequest,
    SpeechRequest,
    TextRequest,
    VideoRequest,
)
from aianime_pipeline.providers.downloads import download
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Call, Model, ProviderSettings
from aianime_pipeline.storyboard.model import CameraMove, Framing

TEXT = Model("oa/text", "oa", Capability.TEXT, fake.TEXT_MODEL)
REVIEW = Model("oa/eye", "oa", Capability.PICTURE_REVIEW, fake.TEXT_MODEL)
IMAGE = Model("oa/image", "oa", Capability.IMAGE, fake.IMAGE_MODEL)
OLD_IMAGE = replace(IMAGE, vendor_name=fake.OLD_IMAGE_MODEL)
SPEECH = Model("oa/speech", "oa", Capability.SPEECH, fake.SPEECH_MODEL)
VIDEO = Model("oa/video", "oa", Capability.VIDEO, fake.VIDEO_MODEL)

SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "shots": {"type": "integer", "minimum": 3}},
    "required": ["title", "shots"],
    "additionalProperties": False,
}
OPEN_SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}}
STORY = TextRequest("Plan the scene.", "林晚站在桥上。", SCHEMA)
PLAIN = TextRequest("Say it again.", "林晚转身。")
LINE = SpeechRequest(
    "你好，world", "zh", {"gender": "female", "age": "young"}, "怒吼", feedback="慢一点", speaker="林晚"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Vendor]:
    with Vendor("openai_like") as vendor:
        yield vendor


@pytest.fixture
def vendor(server: Vendor) -> Iterator[Vendor]:
    server.order()
    server.jobs_go(seconds=0, end="succeeded", error={}, polls_not_ready=0)
    with stamina.set_testing(True, attempts=4, cap=True):
        yield server


def adapter_for(address: str, key: str = fake.KEY, path: str = "/v1", timeout: float = 20) -> OpenAiLike:
    secrets = {"api_key": key} if key else {}
    return OpenAiLike(ProviderSettings("oa", "openai", address + path, secrets, timeout_seconds=timeout))


@pytest.fixture
def adapter(vendor: Vendor) -> Iterator[OpenAiLike]:
    made = adapter_for(vendor.address)
    yield made
    made.http.close()


def picture(folder: Path, name: str, colour: str, size: tuple[int, int] = (64, 36)) -> Path:
    path = folder / name
    Image.new("RGB", size, colour).save(path)
    return path


@pytest.fixture
def brief(tmp_path: Path) -> PictureBrief:
    return PictureBrief(
        "林晚站在桥上",
        Framing.CLOSE_UP,
        emotion="警惕",
        characters=(
            AssetBrief("character", "沈渡", "黑衣", reference=picture(tmp_path, "shen.png", "black")),
            AssetBrief("character", "林晚", "白裙", reference=picture(tmp_path, "lin.jpg", "white")),
        ),
        speaker="林晚",
        location=AssetBrief("location", "桥", "石桥", reference=picture(tmp_path, "bridge.webp", "grey")),
        props=(AssetBrief("prop", "铜镜"),),
    )


@pytest.fixture
def shot(brief: PictureBrief) -> ImageRequest:
    return ImageRequest(1920, 1080, 7, "林晚站在桥上", brief, negative_prompt="雨", style="水墨", feedback="太暗")


@pytest.fixture
def sheet() -> ImageRequest:
    return ImageRequest(1024, 1024, 7, "林晚的设定图", AssetBrief("character", "林晚", "白裙"))


@pytest.fixture
def clip(tmp_path: Path) -> VideoRequest:
    first = picture(tmp_path, "first.png", "red", (640, 360))
    return VideoRequest(
        1920,
        1080,
        100,
        Fraction(24),
        7,
        "林晚转身",
        first,
        CameraMove.PAN_LEFT,
        negative_prompt="文字",
        feedback="太快",
    )


def submit(adapter: OpenAiLike, model: Model, request: Any) -> Answer:
    return adapter.submit(Call(model, request, "request-1"))


def refusal(adapter: OpenAiLike, model: Model = TEXT, request: Any = PLAIN) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        submit(adapter, model, request)
    return caught.value


def sent(vendor: Vendor) -> dict[str, Any]:
    return dict(vendor.requests("submit")[-1]["body"])


def sent_form(vendor: Vendor) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    asked = vendor.requests("submit")[-1]
    raw = asked["raw"].encode("latin-1")
    return form_of(Asked("POST", asked["path"], {}, asked["headers"], {}, raw, re.fullmatch("", "")))


def saved(adapter: OpenAiLike, answer: Answer, into: Path, kind: Any) -> Path:
    assert answer.file is not None
    headers = adapter.http.authorisation() if answer.file.authorised else {}
    return download(answer.file, into, kind, own_host=adapter.http.host, headers=headers).path


def with_options(model: Model, **options: Any) -> Model:
    return replace(model, options=options)


def test_the_configuration_finds_it_by_its_kind() -> None:
    assert ADAPTERS["openai"] == f"{OpenAiLike.__module__.rpartition('.')[0]}:{OpenAiLike.__name__}"
    assert (OpenAiLike.SECRETS, OpenAiLike.BASE_URL) == ((), "https://api.openai.com/v1")


# Text -----------------------------------------------------------------------------------------------------------------


def test_a_text_is_asked_for_with_its_schema_and_what_it_cost_comes_back(vendor: Vendor, adapter: OpenAiLike) -> None:
    before = vendor.charged_micros
    answer = submit(adapter, TEXT, STORY)
    asked = vendor.requests("submit")[-1]
    assert (asked["path"], asked["headers"]["authorization"]) == ("/v1/chat/completions", f"Bearer {fake.KEY}")
    assert asked["headers"]["x-client-request-id"] == "request-1"
    assert asked["body"] == {
        "model": "gpt-fake",
        "messages": [
            {"role": "system", "content": "Plan the scene."},
            {"role": "user", "content": "林晚站在桥上。"},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True},
        },
    }
    assert json.loads(answer.text or "") == {"title": "text", "shots": 3}
    assert (answer.state, answer.job_id, answer.file, answer.facts) == (JobState.SUCCEEDED, "", None, {})
    assert answer.units is not None
    tokens_in, tokens_out = fake.TEXT_MICROS
    cost = answer.units.tokens_in * tokens_in + answer.units.tokens_out * tokens_out
    assert vendor.charged_micros - before == cost > 0


@pytest.mark.parametrize("structured", ["json_object", "plain"])
def test_without_a_servers_help_the_model_is_told_the_schema(
    vendor: Vendor, adapter: OpenAiLike, structured: str
) -> None:
    answer = submit(adapter, with_options(TEXT, structured=structured), STORY)
    body = sent(vendor)
    told = body["messages"][0]["content"]
    assert told.startswith("Plan the scene.\n\n")
    assert "json" in told
    assert json.dumps(SCHEMA) in told
    assert body.get("response_format") == ({"type": "json_object"} if structured == "json_object" else None)
    assert json.loads(answer.text or "") == {"title": "text", "shots": 3}


def test_a_free_text_asks_for_no_form(vendor: Vendor, adapter: OpenAiLike) -> None:
    for model in (TEXT, with_options(TEXT, structured="json_object")):
        assert submit(adapter, model, replace(PLAIN, instructions="")).text == "林晚转身。"
        assert sent(vendor) == {"model": "gpt-fake", "messages": [{"role": "user", "content": "林晚转身。"}]}


def test_a_schema_that_leaves_something_open_is_not_asked_for_as_strict(vendor: Vendor, adapter: OpenAiLike) -> None:
    submit(adapter, TEXT, replace(STORY, schema=OPEN_SCHEMA))
    assert sent(vendor)["response_format"]["json_schema"]["strict"] is False


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (SCHEMA, True),
        (OPEN_SCHEMA, False),
        ({**SCHEMA, "required": ["title"]}, False),
        ({**SCHEMA, "properties": {"title": {}, "shots": {"type": "array", "items": SCHEMA}}}, True),
        ({**SCHEMA, "properties": {"title": {}, "shots": {"type": "array", "items": OPEN_SCHEMA}}}, False),
        ({**SCHEMA, "properties": {"title": {}, "shots": {"anyOf": [{"type": "null"}, OPEN_SCHEMA]}}}, False),
        ({**SCHEMA, "$defs": {"one": OPEN_SCHEMA}}, False),
    ],
)
def test_a_schema_is_strict_if_all_its_objects_are_closed(schema: dict[str, Any], strict: bool) -> None:
    assert is_strict(schema) is strict


def test_further_fields_are_sent_as_they_are(vendor: Vendor, adapter: OpenAiLike) -> None:
    submit(adapter, with_options(TEXT, extra={"temperature": 0.3, "thinking": {"type": "disabled"}}), PLAIN)
    assert (sent(vendor)["temperature"], sent(vendor)["thinking"]) == (0.3, {"type": "disabled"})


def test_a_text_that_was_cut_says_so(adapter: OpenAiLike) -> None:
    answer = submit(adapter, TEXT, replace(PLAIN, text="CUT in the middle"))
    assert (answer.state, answer.text, dict(answer.facts)) == (JobState.SUCCEEDED, "CUT in t", {"cut": True})


def test_a_text_in_parts_is_put_together(adapter: OpenAiLike) -> None:
    assert submit(adapter, TEXT, replace(PLAIN, text="PARTS of it")).text == "PARTS of it"


@pytest.mark.parametrize(("text", "words"), [("FILTERED", "content_filter"), ("REFUSED", "I'm sorry")])
def test_what_a_filter_stopped_is_moderated_and_was_charged(
    vendor: Vendor, adapter: OpenAiLike, text: str, words: str
) -> None:
    before = vendor.charged_micros
    answer = submit(adapter, TEXT, replace(PLAIN, text=text))
    assert (answer.state, answer.error_kind, answer.text) == (JobState.FAILED, ErrorKind.MODERATED, None)
    assert words in answer.error
    assert answer.units is not None
    assert answer.units.tokens_in > 0
    assert vendor.charged_micros > before


@pytest.mark.parametrize(
    "body",
    [
        {"id": "1"},
        {"id": "1", "choices": []},
        {"id": "1", "choices": ["text"]},
        {"id": "1", "choices": [{"message": None, "finish_reason": "stop"}]},
        {"id": "1", "choices": [{"message": {"content": None}, "finish_reason": "tool_calls"}]},
    ],
)
def test_an_answer_without_a_text_may_have_been_charged(
    vendor: Vendor, adapter: OpenAiLike, body: dict[str, Any]
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "body": body})
    assert refusal(adapter).kind == ErrorKind.AMBIGUOUS


def test_an_error_in_place_of_a_text_is_a_failure(vendor: Vendor, adapter: OpenAiLike) -> None:
    choice = {"finish_reason": "error", "error": {"code": "server_error", "message": f"gone {fake.KEY}"}}
    vendor.order({"on": "submit", "kind": "answer", "body": {"id": "1", "choices": [choice]}})
    answer = submit(adapter, TEXT, PLAIN)
    assert (answer.state, answer.error_kind, answer.error) == (JobState.FAILED, ErrorKind.TRANSIENT, "gone ***")


def test_a_server_that_does_not_count_tokens_says_nothing_of_the_cost(vendor: Vendor, adapter: OpenAiLike) -> None:
    body = {"choices": [{"message": {"content": "ja"}, "finish_reason": "stop"}]}
    vendor.order({"on": "submit", "kind": "answer", "body": body})
    answer = submit(adapter, TEXT, PLAIN)
    assert (answer.text, answer.units) == ("ja", None)


def test_no_more_tokens_are_expected_than_the_configuration_allows(adapter: OpenAiLike) -> None:
    asked = adapter.expected(Call(TEXT, STORY, "r"))
    allowed = adapter.expected(Call(with_options(TEXT, extra={"max_tokens": 500}), STORY, "r"))
    assert asked.tokens_in > len(json.dumps(SCHEMA))
    assert (asked.tokens_out, allowed.tokens_out) == (4_000, 500)


# A look at a picture --------------------------------------------------------------------------------------------------


def test_pictures_are_looked_at_in_their_order_by_the_instructions_and_the_schema(
    vendor: Vendor, adapter: OpenAiLike, tmp_path: Path
) -> None:
    shown = (picture(tmp_path, "take.jpg", "green"), picture(tmp_path, "sheet.png", "red"))
    answer = submit(adapter, REVIEW, PictureReviewRequest(shown, "Judge it.", "A take, and its sheet.", SCHEMA))
    told, asked = sent(vendor)["messages"]
    assert told == {"role": "system", "content": "Judge it."}
    text, *pictures = asked["content"]
    assert text == {"type": "text", "text": "A take, and its sheet."}
    assert [one["image_url"]["url"] for one in pictures] == [
        f"data:image/{kind};base64," + base64.b64encode(path.read_bytes()).decode()
        for kind, path in zip(("jpeg", "png"), shown, strict=True)
    ]
    assert sent(vendor)["response_format"]["json_schema"]["schema"] == SCHEMA
    assert json.loads(answer.text or "") == {"title": "text", "shots": 3}
    assert answer.units is not None
    assert answer.units.tokens_in > 2 * 800


def test_a_server_that_sees_to_no_schema_is_told_it_in_words(
    vendor: Vendor, adapter: OpenAiLike, tmp_path: Path
) -> None:
    shown = (picture(tmp_path, "take.jpg", "green"),)
    submit(adapter, REVIEW, PictureReviewRequest(shown, "Judge it.", "A take.", SCHEMA, "plain"))
    assert "response_format" not in sent(vendor)
    assert json.dumps(SCHEMA, ensure_ascii=False) in sent(vendor)["messages"][0]["content"]


def test_each_picture_counts_among_the_expected_tokens(adapter: OpenAiLike, tmp_path: Path) -> None:
    shown = picture(tmp_path, "take.jpg", "green")
    one, two = (
        adapter.expected(Call(REVIEW, PictureReviewRequest((shown,) * count, "Judge it.", "A take."), "r"))
        for count in (1, 2)
    )
    assert two.tokens_in - one.tokens_in == 2_000


def test_a_picture_that_is_none_is_not_sent(vendor: Vendor, adapter: OpenAiLike, tmp_path: Path) -> None:
    count = len(vendor.requests())
    (tmp_path / "none.png").write_bytes(b"no picture")
    for name in ("none.png", "missing.png"):
        request = PictureReviewRequest((tmp_path / name,), "Judge it.", "A take.")
        assert refusal(adapter, REVIEW, request).kind == ErrorKind.BAD_INPUT
    assert len(vendor.requests()) == count


# Pictures -------------------------------------------------------------------------------------------------------------


def test_a_sheet_is_made_from_words(vendor: Vendor, adapter: OpenAiLike, sheet: ImageRequest, tmp_path: Path) -> None:
    before = vendor.charged_micros
    answer = submit(adapter, IMAGE, sheet)
    assert vendor.requests("submit")[-1]["path"] == "/v1/images/generations"
    assert sent(vendor) == {"model": "gpt-image-fake", "prompt": "林晚的设定图", "size": "1024x1024"}
    with Image.open(saved(adapter, answer, tmp_path, "picture")) as made:
        assert (made.format, made.size) == ("PNG", (1024, 1024))
    assert (answer.state, dict(answer.facts)) == (JobState.SUCCEEDED, {"size": "1024x1024", "quality": "high"})
    assert answer.units is not None
    assert answer.units.images == 1
    tokens_in, tokens_out = fake.IMAGE_MICROS
    cost = answer.units.tokens_in * tokens_in + answer.units.tokens_out * tokens_out
    assert vendor.charged_micros - before == cost


def test_a_shot_is_an_edit_of_its_references_in_their_order(
    vendor: Vendor, adapter: OpenAiLike, shot: ImageRequest, tmp_path: Path
) -> None:
    model = with_options(IMAGE, sizes=["1024x1024", "1536x1024", "1024x1536"], extra={"quality": "low", "fidelity": 1})
    answer = submit(adapter, model, shot)
    asked = vendor.requests("submit")[-1]
    assert asked["path"] == "/v1/images/edits"
    assert asked["headers"]["content-type"].startswith("multipart/form-data")
    assert asked["headers"]["authorization"] == f"Bearer {fake.KEY}"
    fields, files = sent_form(vendor)
    assert fields == {
        "model": "gpt-image-fake",
        "prompt": (
            "水墨. 林晚站在桥上. 警惕. "
            "Reference image 1 is the character 林晚: keep the same look. "
            "Reference image 2 is the character 沈渡: keep the same look. "
            "Reference image 3 is the place 桥: keep the same look. "
            "The take before was rejected, mend this: 太暗. Avoid: 雨"
        ),
        "size": "1536x1024",
        "quality": "low",
        "fidelity": "1",
    }
    originals = [(tmp_path / name).read_bytes() for name in ("lin.jpg", "shen.png", "bridge.webp")]
    assert files == [("image[]", original) for original in originals]
    assert 'filename="reference1.jpeg"\r\nContent-Type: image/jpeg' in asked["raw"]
    with Image.open(saved(adapter, answer, tmp_path, "picture")) as made:
        assert made.size == (1536, 1024)


def test_a_single_reference_goes_under_the_single_name(
    vendor: Vendor, adapter: OpenAiLike, shot: ImageRequest, tmp_path: Path
) -> None:
    submit(adapter, with_options(IMAGE, references=1), shot)
    assert sent_form(vendor)[1] == [("image", (tmp_path / "lin.jpg").read_bytes())]


def test_a_server_without_edits_gets_words_only(vendor: Vendor, adapter: OpenAiLike, shot: ImageRequest) -> None:
    submit(adapter, with_options(IMAGE, references=0, seed=True), shot)
    body = sent(vendor)
    assert (body["size"], body["seed"]) == ("1920x1080", 7)
    assert "林晚: 白裙" in body["prompt"]
    assert "Reference image" not in body["prompt"]


def test_a_picture_may_come_as_an_address(
    vendor: Vendor, adapter: OpenAiLike, sheet: ImageRequest, tmp_path: Path
) -> None:
    before = vendor.charged_micros
    answer = submit(adapter, OLD_IMAGE, sheet)
    assert answer.file is not None
    assert (answer.file.authorised, answer.units) == (False, None)
    assert answer.facts["revised_prompt"] == "A picture of 林晚的设定图"
    with Image.open(saved(adapter, answer, tmp_path, "picture")) as made:
        assert made.size == (1024, 1024)
    assert vendor.charged_micros - before == fake.OLD_IMAGE_MICROS


def test_a_reference_that_is_no_picture_is_not_sent(
    vendor: Vendor, adapter: OpenAiLike, shot: ImageRequest, tmp_path: Path
) -> None:
    count = len(vendor.requests())
    (tmp_path / "lin.jpg").write_bytes(b"broken")
    assert refusal(adapter, IMAGE, shot).kind == ErrorKind.BAD_INPUT
    assert len(vendor.requests()) == count


@pytest.mark.parametrize("body", [{"data": []}, {"data": [{}]}, {"data": None}, {"created": 1}])
def test_an_answer_without_a_picture_may_have_been_charged(
    vendor: Vendor, adapter: OpenAiLike, sheet: ImageRequest, body: dict[str, Any]
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "body": body})
    assert refusal(adapter, IMAGE, sheet).kind == ErrorKind.AMBIGUOUS


def test_a_picture_as_a_data_address_is_read(
    vendor: Vendor, adapter: OpenAiLike, sheet: ImageRequest, tmp_path: Path
) -> None:
    data = base64.b64encode(picture(tmp_path, "small.png", "red").read_bytes()).decode()
    body = {"data": [{"b64_json": f"data:image/png;base64,{data}"}]}
    vendor.order({"on": "submit", "kind": "answer", "body": body})
    assert saved(adapter, submit(adapter, IMAGE, sheet), tmp_path, "picture").suffix == ".png"


def test_a_picture_that_cannot_be_decoded_is_of_no_use(
    vendor: Vendor, adapter: OpenAiLike, sheet: ImageRequest, tmp_path: Path
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "body": {"data": [{"b64_json": "no base64!"}]}})
    answer = submit(adapter, IMAGE, sheet)
    with pytest.raises(ProviderError) as caught:
        saved(adapter, answer, tmp_path, "picture")
    assert caught.value.details["unusable"] is True


@pytest.mark.parametrize(
    ("asked", "offered", "chosen"),
    [
        ((1920, 1080), [(1024, 1024), (1536, 1024), (1024, 1536)], (1536, 1024)),
        ((1080, 1920), [(1024, 1024), (1536, 1024), (1024, 1536)], (1024, 1536)),
        ((1920, 1080), [(1024, 1024), (1792, 1024), (1024, 1792)], (1792, 1024)),
        ((1920, 1080), [(640, 360), (1280, 720), (3840, 2160)], (1280, 720)),
        ((1920, 1080), [(640, 360), (1280, 720), (2560, 1440)], (2560, 1440)),
        ((1000, 1000), [(1536, 1024), (1024, 1536)], (1536, 1024)),
        ((1920, 1080), [], (1920, 1080)),
    ],
)
def test_the_size_nearest_in_shape_and_then_in_area_is_chosen(
    asked: tuple[int, int], offered: list[tuple[int, int]], chosen: tuple[int, int]
) -> None:
    assert nearest_size(*asked, offered) == chosen


def test_the_fields_of_a_form_are_texts() -> None:
    assert as_form({"a": "x", "b": 1, "c": True, "d": {"e": "雨"}}) == {
        "a": "x",
        "b": "1",
        "c": "true",
        "d": '{"e": "雨"}',
    }


def test_a_picture_is_expected_to_cost_as_one_and_by_its_tokens(adapter: OpenAiLike, shot: ImageRequest) -> None:
    expected = adapter.expected(Call(IMAGE, shot, "r"))
    assert (expected.images, expected.tokens_out) == (1, 6_300)
    assert expected.tokens_in > 3 * 2_000


# Speech ---------------------------------------------------------------------------------------------------------------


def test_a_line_comes_back_as_sound_and_costs_its_characters(
    vendor: Vendor, adapter: OpenAiLike, tmp_path: Path
) -> None:
    before = vendor.charged_micros
    answer = submit(adapter, SPEECH, LINE)
    assert vendor.requests("submit")[-1]["path"] == "/v1/audio/speech"
    assert sent(vendor) == {"model": "tts-fake", "input": LINE.text, "voice": "nova", "response_format": "wav"}
    assert answer.file is not None
    assert (answer.state, answer.file.media_type, answer.units) == (
        JobState.SUCCEEDED,
        "audio/wav",
        Units(characters=len(LINE.text)),
    )
    assert vendor.charged_micros - before == len(LINE.text) * fake.CHARACTER_MICROS
    assert adapter.expected(Call(SPEECH, LINE, "r")) == answer.units
    with wave.open(str(saved(adapter, answer, tmp_path, "sound"))) as sound:
        assert sound.getnframes() == sound.getframerate() * 60 * len(LINE.text) // 1000


@pytest.mark.parametrize(
    ("voices", "chosen"),
    [
        ({"林晚": "sage", "female-young": "nova"}, "sage"),
        ({"female-young": "nova", "female": "onyx"}, "nova"),
        ({"female": "onyx", "default": "nova"}, "onyx"),
        ({"default": "alloy"}, "alloy"),
    ],
)
def test_the_voice_is_the_nearest_in_the_table(
    vendor: Vendor, adapter: OpenAiLike, voices: dict[str, str], chosen: str
) -> None:
    submit(adapter, with_options(SPEECH, voices=voices), LINE)
    assert sent(vendor)["voice"] == chosen


def test_a_model_that_can_be_told_how_to_speak_is_told(vendor: Vendor, adapter: OpenAiLike) -> None:
    submit(adapter, with_options(SPEECH, instructions=True, extra={"speed": 1.1}), LINE)
    body = sent(vendor)
    assert body["instructions"] == "Speak it so: 怒吼. The take before was rejected, mend this: 慢一点"
    assert body["speed"] == 1.1
    submit(adapter, with_options(SPEECH, instructions=True), replace(LINE, emotion="", feedback=""))
    assert "instructions" not in sent(vendor)


@pytest.mark.parametrize(
    ("model", "line"),
    [
        (SPEECH, replace(LINE, text=" ")),
        (SPEECH, replace(LINE, text="字" * 4097)),
        (with_options(SPEECH, voices={"male": "onyx"}), LINE),
    ],
)
def test_a_line_that_cannot_be_spoken_is_not_sent(
    vendor: Vendor, adapter: OpenAiLike, model: Model, line: SpeechRequest
) -> None:
    count = len(vendor.requests())
    assert refusal(adapter, model, line).kind == ErrorKind.BAD_INPUT
    assert len(vendor.requests()) == count


def test_a_sound_of_an_unnamed_kind_is_of_the_kind_that_was_asked_for(vendor: Vendor, adapter: OpenAiLike) -> None:
    vendor.order({"on": "submit", "kind": "truncated"})  # sent as application/octet-stream
    answer = submit(adapter, SPEECH, LINE)
    assert answer.file is not None
    assert answer.file.media_type == "audio/wav"


@pytest.mark.parametrize("body", [{"ok": True}, "<html>Hello</html>"])
def test_words_in_place_of_a_sound_may_have_been_charged(vendor: Vendor, adapter: OpenAiLike, body: Any) -> None:
    vendor.order({"on": "submit", "kind": "answer_after", "body": body})
    assert refusal(adapter, SPEECH, LINE).kind == ErrorKind.AMBIGUOUS


def test_a_refusal_in_place_of_a_sound_is_told(vendor: Vendor, adapter: OpenAiLike) -> None:
    error = refusal(adapter, with_options(SPEECH, voices={"default": "nobody"}), LINE)
    assert (error.kind, error.details["code"]) == (ErrorKind.BAD_INPUT, "invalid_value")
    vendor.order({"on": "submit", "kind": "answer", "status": 429, "body": said("insufficient_quota")})
    assert refusal(adapter, SPEECH, LINE).kind == ErrorKind.NO_MONEY


# Clips ----------------------------------------------------------------------------------------------------------------


def test_a_clip_is_asked_for_with_its_first_frame_and_fetched_with_the_key(
    vendor: Vendor, adapter: OpenAiLike, clip: VideoRequest, tmp_path: Path
) -> None:
    before = vendor.charged_micros
    vendor.jobs_go(seconds=0.4)
    answer = submit(adapter, VIDEO, clip)
    fields, files = sent_form(vendor)
    assert fields == {
        "model": "sora-fake",
        "prompt": "林晚转身. camera: pan left. The take before was rejected, mend this: 太快. Avoid: 文字",
        "seconds": "8",
        "size": "1280x720",
    }
    assert [name for name, _ in files] == ["input_reference"]
    with Image.open(io.BytesIO(files[0][1])) as frame:
        assert (frame.size, frame.getpixel((640, 360))) == ((1280, 720), (255, 0, 0))
    assert (answer.state, answer.progress, answer.file) == (JobState.QUEUED, 0.0, None)
    assert answer.job_id.startswith("video_")
    assert vendor.charged_micros == before

    vendor.jobs_go(seconds=0)
    done = until(adapter, answer.job_id, JobState.SUCCEEDED)
    assert (done.units, done.progress) == (Units(video_ms=8_000), 1.0)
    assert dict(done.facts) == {"seconds": "8", "size": "1280x720"}
    assert vendor.charged_micros - before == 8 * fake.SECOND_MICROS
    assert done.file is not None
    assert done.file.authorised
    assert done.file.url == f"{vendor.address}/v1/videos/{done.job_id}/content"
    with av.open(str(saved(adapter, done, tmp_path, "video"))) as film:
        assert film.duration == 8 * av.time_base
    assert vendor.requests("download")[-1]["headers"]["authorization"] == f"Bearer {fake.KEY}"


def until(adapter: OpenAiLike, job_id: str, state: JobState) -> Answer:
    for _ in range(100):
        answer = adapter.poll(job_id, VIDEO)
        if answer.state is state:
            return answer
        threading.Event().wait(0.02)
    raise AssertionError(answer)


def test_a_first_frame_of_another_shape_is_cut_and_one_that_fits_goes_as_it_is(
    vendor: Vendor, adapter: OpenAiLike, clip: VideoRequest, tmp_path: Path
) -> None:
    square = picture(tmp_path, "square.png", "blue", (500, 500))
    submit(adapter, VIDEO, replace(clip, first_frame=square, width=1080, height=1920))
    with Image.open(io.BytesIO(sent_form(vendor)[1][0][1])) as frame:
        assert frame.size == (720, 1280)
    right = picture(tmp_path, "right.jpg", "blue", (1280, 720))
    submit(adapter, VIDEO, replace(clip, first_frame=right))
    assert sent_form(vendor)[1][0][1] == right.read_bytes()


@pytest.mark.parametrize(("frames", "seconds"), [(24, "4"), (96, "4"), (97, "4"), (100, "8"), (240, "12"), (900, "12")])
def test_the_clip_is_the_shortest_that_is_long_enough(
    vendor: Vendor, adapter: OpenAiLike, clip: VideoRequest, frames: int, seconds: str
) -> None:
    submit(adapter, VIDEO, replace(clip, frames=frames))
    assert sent_form(vendor)[0]["seconds"] == seconds
    assert adapter.expected(Call(VIDEO, replace(clip, frames=frames), "r")).video_ms == int(seconds) * 1000


def test_another_model_has_its_own_sizes_and_durations(vendor: Vendor, adapter: OpenAiLike, clip: VideoRequest) -> None:
    model = with_options(VIDEO, sizes=["1920x1080"], durations=[5, 10], seed=True, extra={"watermark": False})
    assert refusal(adapter, model, clip).kind == ErrorKind.BAD_INPUT
    fields, _ = sent_form(vendor)
    assert (fields["size"], fields["seconds"], fields["seed"], fields["watermark"]) == ("1920x1080", "5", "7", "false")


@pytest.mark.parametrize("word", sorted(wire.STATES))
def test_each_word_for_a_state_is_known(vendor: Vendor, adapter: OpenAiLike, word: str) -> None:
    vendor.order({"on": "poll", "kind": "answer", "body": {"id": "video_1", "status": word.upper(), "progress": 40}})
    answer = adapter.poll("video_1", VIDEO)
    assert (answer.state, answer.job_id) == (wire.STATES[word], "video_1")
    if answer.state in (JobState.QUEUED, JobState.RUNNING):
        assert answer.progress == 0.4
    assert (answer.file is not None) is (answer.state is JobState.SUCCEEDED)


@pytest.mark.parametrize("body", [{"id": "1", "status": "dreaming"}, {"id": "1"}, {"id": "1", "status": None}])
def test_an_unknown_word_for_a_state_means_that_it_runs(
    vendor: Vendor, adapter: OpenAiLike, body: dict[str, Any]
) -> None:
    vendor.order({"on": "poll", "kind": "answer", "body": body})
    answer = adapter.poll("1", VIDEO)
    assert (answer.state, answer.progress) == (JobState.RUNNING, None)


def test_a_job_that_speaks_of_states_nobody_knows_runs(vendor: Vendor, adapter: OpenAiLike, clip: VideoRequest) -> None:
    vendor.jobs_go(end="unknown")
    answer = submit(adapter, VIDEO, clip)
    assert (answer.state, answer.progress) == (JobState.RUNNING, 0.7)
    assert adapter.poll(answer.job_id, VIDEO).state is JobState.RUNNING


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "moderation_blocked", "message": "Blocked."}, ErrorKind.MODERATED),
        ({"code": "server_error", "message": "An error."}, ErrorKind.TRANSIENT),
        ({"code": "insufficient_quota", "message": "No money."}, ErrorKind.NO_MONEY),
        ({"code": "video_generation_failed", "message": "It failed."}, ErrorKind.BAD_INPUT),
    ],
)
def test_a_failed_job_says_why(
    vendor: Vendor, adapter: OpenAiLike, clip: VideoRequest, error: dict[str, str], kind: ErrorKind
) -> None:
    vendor.jobs_go(end="failed", error=error)
    answer = submit(adapter, VIDEO, clip)
    for found in (answer, adapter.poll(answer.job_id, VIDEO)):
        assert (found.state, found.error_kind) == (JobState.FAILED, kind)
        assert found.error == f"{error['message']} [{error['code']}]"


@pytest.mark.parametrize("error", [None, "it broke", {}, {"message": None}])
def test_a_failed_job_may_say_nothing(vendor: Vendor, adapter: OpenAiLike, error: Any) -> None:
    vendor.order({"on": "poll", "kind": "answer", "body": {"id": "1", "status": "failed", "error": error}})
    answer = adapter.poll("1", VIDEO)
    assert (answer.state, answer.error_kind) == (JobState.FAILED, ErrorKind.BAD_INPUT)
    assert answer.error


def test_a_file_that_is_not_kept_any_more_is_expired(vendor: Vendor, adapter: OpenAiLike, clip: VideoRequest) -> None:
    vendor.jobs_go(end="expired")
    answer = submit(adapter, VIDEO, clip)
    assert adapter.poll(answer.job_id, VIDEO).state is JobState.EXPIRED


def test_a_job_that_the_vendor_does_not_know_is_expired(adapter: OpenAiLike) -> None:
    answer = adapter.poll("video_nobody", VIDEO)
    assert (answer.state, answer.job_id) == (JobState.EXPIRED, "video_nobody")


def test_a_web_page_that_says_not_found_says_nothing_of_the_job(vendor: Vendor, adapter: OpenAiLike) -> None:
    vendor.order({"on": "poll", "kind": "answer", "status": 404, "body": "<html>no such page</html>", "times": None})
    with pytest.raises(ProviderError) as caught:
        adapter.poll("video_1", VIDEO)
    assert caught.value.kind == ErrorKind.TRANSIENT


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "invalid_api_key", ErrorKind.AUTH),
        (429, "insufficient_quota", ErrorKind.NO_MONEY),
        (429, "rate_limit_exceeded", ErrorKind.RATE_LIMITED),
        (400, "invalid_value", ErrorKind.TRANSIENT),
        (500, "do_request_failed", ErrorKind.TRANSIENT),
        (500, "server_error", ErrorKind.TRANSIENT),
    ],
)
def test_a_refused_question_says_nothing_of_the_job(
    vendor: Vendor, adapter: OpenAiLike, status: int, code: str, kind: ErrorKind
) -> None:
    vendor.order({"on": "poll", "kind": "answer", "status": status, "body": said(code), "times": None})
    with pytest.raises(ProviderError) as caught:
        adapter.poll("video_1", VIDEO)
    assert (caught.value.kind, caught.value.details["code"]) == (kind, code)


def test_a_clip_that_was_moderated_may_be_told_by_a_refused_question(vendor: Vendor, adapter: OpenAiLike) -> None:
    vendor.order({"on": "poll", "kind": "answer", "status": 400, "body": said("moderation_blocked")})
    answer = adapter.poll("video_1", VIDEO)
    assert (answer.state, answer.error_kind) == (JobState.FAILED, ErrorKind.MODERATED)


def test_a_question_is_asked_again_when_it_fails_in_passing(
    vendor: Vendor, adapter: OpenAiLike, clip: VideoRequest
) -> None:
    job_id = submit(adapter, VIDEO, clip).job_id
    vendor.order({"on": "poll", "kind": "answer", "status": 502, "body": "<html>Bad gateway</html>", "times": 2})
    assert adapter.poll(job_id, VIDEO).state is JobState.SUCCEEDED


def test_a_file_that_is_not_ready_yet_is_asked_for_again(
    vendor: Vendor, adapter: OpenAiLike, clip: VideoRequest, tmp_path: Path
) -> None:
    vendor.jobs_go(polls_not_ready=2)
    answer = submit(adapter, VIDEO, replace(clip, frames=24))
    count = len(vendor.requests("download"))
    assert saved(adapter, answer, tmp_path, "video").suffix == ".mp4"
    assert len(vendor.requests("download")) == count + 3


def test_a_job_without_an_id_may_have_been_taken(vendor: Vendor, adapter: OpenAiLike, clip: VideoRequest) -> None:
    for body in ({"status": "queued"}, {"id": "", "status": "queued"}, {"id": 7, "status": "queued"}):
        vendor.order({"on": "submit", "kind": "answer_after", "body": body})
        assert refusal(adapter, VIDEO, clip).kind == ErrorKind.AMBIGUOUS


def test_a_job_id_cannot_lead_elsewhere(vendor: Vendor, adapter: OpenAiLike) -> None:
    adapter.poll("../models?x=1", VIDEO)
    assert vendor.requests("poll")[-1]["path"] == "/v1/videos/..%2Fmodels%3Fx%3D1"


def test_a_clip_cannot_be_cancelled(vendor: Vendor, adapter: OpenAiLike) -> None:
    count = len(vendor.requests())
    assert adapter.cancel("video_1", VIDEO) is False
    assert len(vendor.requests()) == count


def test_a_first_frame_that_is_no_picture_is_not_sent(
    vendor: Vendor, adapter: OpenAiLike, clip: VideoRequest, tmp_path: Path
) -> None:
    count = len(vendor.requests())
    (tmp_path / "first.png").write_bytes(b"broken")
    assert refusal(adapter, VIDEO, clip).kind == ErrorKind.BAD_INPUT
    assert len(vendor.requests()) == count


def test_music_is_not_made(adapter: OpenAiLike) -> None:
    music = replace(TEXT, capability=Capability.MUSIC)
    assert refusal(adapter, music, MusicRequest(1000, 1)).kind == ErrorKind.BAD_INPUT
    assert adapter.check(music).model is False


# Refusals -------------------------------------------------------------------------------------------------------------


def said(code: str | int | None, kind_named: str = "invalid_request_error", words: str = "no") -> dict[str, Any]:
    return {"error": {"message": words, "type": kind_named, "param": None, "code": code}}


def test_every_code_of_the_table_is_told_as_code_and_as_type() -> None:
    for code, kind in wire.CODES.items():
        for body in (said(code), said(code.upper()), said(f"{code}.More"), said(None, code)):
            for status in (200, 400, 429, 500):
                found = classify(status, body)
                assert found is not None
                assert (found.kind, found.code.lower().partition(".")[0]) == (kind, code)


@pytest.mark.parametrize(
    ("status", "code", "kind_named", "kind"),
    [
        (429, "insufficient_quota", "insufficient_quota", ErrorKind.NO_MONEY),
        (429, "rate_limit_exceeded", "insufficient_quota", ErrorKind.NO_MONEY),
        (429, "project_spend_limit_exceeded", "insufficient_quota", ErrorKind.NO_MONEY),
        (400, "billing_hard_limit_reached", "invalid_request_error", ErrorKind.NO_MONEY),
        (402, "invalid_request_error", "unknown_error", ErrorKind.NO_MONEY),
        (429, None, "exceeded_current_quota_error", ErrorKind.NO_MONEY),
        (403, "insufficient_user_quota", "new_api_error", ErrorKind.NO_MONEY),
        (429, "rate_limit_exceeded", "requests", ErrorKind.RATE_LIMITED),
        (429, None, "tokens", ErrorKind.RATE_LIMITED),
        (429, None, "new_error", ErrorKind.RATE_LIMITED),
        (400, "content_policy_violation", "image_generation_user_error", ErrorKind.MODERATED),
        (400, "moderation_blocked", "image_generation_user_error", ErrorKind.MODERATED),
        (400, "InputTextSensitiveContentDetected.Violence", "BadRequest", ErrorKind.MODERATED),
        (401, "invalid_api_key", "invalid_request_error", ErrorKind.AUTH),
        (401, None, "invalid_request_error", ErrorKind.AUTH),
        (403, "unsupported_country_region_territory", "request_forbidden", ErrorKind.AUTH),
        (404, "model_not_found", "invalid_request_error", ErrorKind.BAD_INPUT),
        (503, "model_not_found", "new_api_error", ErrorKind.BAD_INPUT),
        (400, "context_length_exceeded", "invalid_request_error", ErrorKind.BAD_INPUT),
        (400, 400, "BadRequestError", ErrorKind.BAD_INPUT),
        (500, None, "server_error", ErrorKind.TRANSIENT),
        (500, 500, "Internal Server Error", ErrorKind.TRANSIENT),
        (503, "overloaded", "server_error", ErrorKind.TRANSIENT),
        (503, None, "new_error", ErrorKind.TRANSIENT),
        (429, None, "engine_overloaded_error", ErrorKind.TRANSIENT),
        (408, None, "new_error", ErrorKind.TRANSIENT),
        (500, "do_request_failed", "new_api_error", ErrorKind.AMBIGUOUS),
        (504, "upstream_timeout", "upstream_error", ErrorKind.AMBIGUOUS),
        (200, "rate_limit_exceeded", "requests", ErrorKind.RATE_LIMITED),
        (200, 402, "", ErrorKind.NO_MONEY),
        (200, "a_new_code", "a_new_error", ErrorKind.BAD_INPUT),
    ],
)
def test_each_refusal_is_what_its_code_says(
    vendor: Vendor, adapter: OpenAiLike, status: int, code: str | int | None, kind_named: str, kind: ErrorKind
) -> None:
    body = said(code, kind_named, "the vendor's words")
    vendor.order({"on": "submit", "kind": "answer", "status": status, "body": body})
    error = refusal(adapter)
    assert (error.kind, error.details["status"]) == (kind, status)
    assert error.details["code"] == (kind_named if code is None else str(code))
    assert "the vendor's words" in error.message


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (200, {"error": "Unexpected endpoint"}, ErrorKind.BAD_INPUT, "Unexpected endpoint"),
        (404, {"error": "model 'x' not found, try pulling it first"}, ErrorKind.BAD_INPUT, "try pulling it"),
        (400, {"object": "error", "message": "too long", "type": "BadRequestError"}, ErrorKind.BAD_INPUT, "too long"),
        (404, {"detail": "Not Found"}, ErrorKind.BAD_INPUT, "Not Found"),
        (429, {"message": "slow down"}, ErrorKind.RATE_LIMITED, "slow down"),
        (422, {"detail": [{"msg": "field required"}]}, ErrorKind.BAD_INPUT, "field required"),
    ],
)
def test_look_alikes_tell_refusals_in_other_forms(
    vendor: Vendor, adapter: OpenAiLike, status: int, body: dict[str, Any], kind: ErrorKind, words: str
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "status": status, "body": body})
    error = refusal(adapter)
    assert error.kind == kind
    assert words in error.message


def test_the_fakes_own_refusals_are_told(vendor: Vendor, adapter: OpenAiLike, sheet: ImageRequest) -> None:
    error = refusal(adapter, replace(TEXT, vendor_name="gpt-9"))
    assert (error.kind, error.details["code"]) == (ErrorKind.BAD_INPUT, "model_not_found")
    assert error.details["vendor_request"] == "req_fake"
    assert refusal(adapter, with_options(IMAGE, extra={"size": "auto"}), sheet).kind == ErrorKind.BAD_INPUT
    assert refusal(adapter_for(vendor.address, "sk-wrong-key")).kind == ErrorKind.AUTH


def test_too_many_requests_say_when_to_come_back(vendor: Vendor, adapter: OpenAiLike) -> None:
    body, headers = said("rate_limit_exceeded", "requests"), {"retry-after": "7"}
    vendor.order({"on": "submit", "kind": "answer", "status": 429, "headers": headers, "body": body})
    error = refusal(adapter)
    assert (error.kind, error.details["retry_after"]) == (ErrorKind.RATE_LIMITED, 7.0)


@pytest.mark.parametrize("kind_of_request", ["text", "speech", "video"])
@pytest.mark.parametrize(
    ("fault", "kind", "taken"),
    [
        ({"kind": "answer", "status": 500, "body": said(None, "server_error")}, ErrorKind.TRANSIENT, False),
        ({"kind": "answer_after", "status": 502, "body": "<html>Bad gateway</html>"}, ErrorKind.AMBIGUOUS, True),
        ({"kind": "answer_after", "status": 200, "body": "<html>Hello</html>"}, ErrorKind.AMBIGUOUS, True),
        ({"kind": "timeout_before", "seconds": 0.7}, ErrorKind.AMBIGUOUS, False),
        ({"kind": "timeout_after", "seconds": 0.7}, ErrorKind.AMBIGUOUS, True),
        ({"kind": "cut"}, ErrorKind.AMBIGUOUS, True),
    ],
)
def test_a_request_is_asked_once_whatever_goes_wrong(
    vendor: Vendor, clip: VideoRequest, kind_of_request: str, fault: dict[str, Any], kind: ErrorKind, taken: bool
) -> None:
    requests = {"text": (TEXT, PLAIN), "speech": (SPEECH, LINE), "video": (VIDEO, clip)}
    adapter = adapter_for(vendor.address, timeout=0.4)
    charged, asked = vendor.charged_micros, len(vendor.requests("submit"))
    vendor.order({"on": "submit", **fault})
    assert refusal(adapter, *requests[kind_of_request]).kind == kind
    assert len(vendor.requests("submit")) == asked + 1
    assert (vendor.charged_micros > charged) is taken


def test_a_server_that_is_not_there_was_not_asked() -> None:
    assert refusal(adapter_for(f"http://127.0.0.1:{closed_port()}")).kind == ErrorKind.TRANSIENT


def test_the_key_is_in_no_error(vendor: Vendor, adapter: OpenAiLike) -> None:
    bodies = (
        (400, said("invalid_value", words=f"bad key {fake.KEY}")),
        (400, said(f"code_{fake.KEY}")),
        (502, f"<html>{fake.KEY}</html>"),
    )
    for status, body in bodies:
        vendor.order({"on": "submit", "kind": "answer", "status": status, "body": body})
        error = refusal(adapter)
        assert fake.KEY not in f"{error.message} {error.details}"
        assert "***" in error.message
    failed = {"id": "1", "status": "failed", "error": {"code": fake.KEY, "message": f"seen {fake.KEY}"}}
    vendor.order({"on": "poll", "kind": "answer", "body": failed})
    assert adapter.poll("1", VIDEO).error == "seen *** [***]"
    assert fake.KEY not in repr(ProviderSettings("oa", "openai", secrets={"api_key": fake.KEY}))


def test_a_wrong_key_that_the_vendor_repeats_is_not_told(vendor: Vendor) -> None:
    error = refusal(adapter_for(vendor.address, "sk-wrong-key"))
    assert "sk-wrong-key" not in error.message
    assert "***" in error.message


# A server that asks for no key ----------------------------------------------------------------------------------------


def test_without_a_key_nobody_says_who_asks(vendor: Vendor, clip: VideoRequest) -> None:
    adapter = adapter_for(vendor.address, key="", path="/open/v1")
    assert submit(adapter, TEXT, PLAIN).text == PLAIN.text
    job = submit(adapter, VIDEO, clip)
    assert adapter.poll(job.job_id, VIDEO).state is JobState.SUCCEEDED
    for asked in vendor.requests()[-3:]:
        assert "authorization" not in asked["headers"]
        assert asked["path"].startswith("/open/v1/")


def test_a_server_that_wants_a_key_says_so(vendor: Vendor) -> None:
    assert refusal(adapter_for(vendor.address, key="")).kind == ErrorKind.AUTH


# Configuration --------------------------------------------------------------------------------------------------------


def test_an_option_of_the_provider_means_nothing() -> None:
    with pytest.raises(BadSettingError, match="organisation"):
        OpenAiLike(ProviderSettings("oa", "openai", options={"organisation": "1"}))


@pytest.mark.parametrize(
    ("model", "options", "word"),
    [
        (TEXT, {"structure": "plain"}, "structure"),
        (TEXT, {"structured": "xml"}, "structured"),
        (TEXT, {"extra": {"stream": True}}, "stream"),
        (TEXT, {"extra": "temperature"}, "extra"),
        (REVIEW, {"structured": "plain"}, "structured"),
        (IMAGE, {"sizes": ["large"]}, "large"),
        (IMAGE, {"sizes": "1024x1024"}, "sizes"),
        (IMAGE, {"references": 17}, "references"),
        (IMAGE, {"seed": 7}, "seed"),
        (SPEECH, {"voices": "nova"}, "voices"),
        (SPEECH, {"format": "pcm"}, "format"),
        (SPEECH, {"instructions": "slowly"}, "instructions"),
        (VIDEO, {"durations": []}, "durations"),
        (VIDEO, {"extra": {"size": "720x1280"}}, "size"),
    ],
)
def test_a_wrong_option_of_a_model_is_told_by_its_name(
    vendor: Vendor,
    adapter: OpenAiLike,
    shot: ImageRequest,
    clip: VideoRequest,
    model: Model,
    options: dict[str, Any],
    word: str,
) -> None:
    wrong, count = replace(model, options=options), len(vendor.requests())
    request = {
        Capability.TEXT: PLAIN,
        Capability.PICTURE_REVIEW: PictureReviewRequest((clip.first_frame,), "Judge it.", "A take."),
        Capability.IMAGE: shot,
        Capability.SPEECH: LINE,
        Capability.VIDEO: clip,
    }[model.capability]
    with pytest.raises(BadSettingError, match=word):
        submit(adapter, wrong, request)
    checked = adapter.check(wrong)
    assert checked.model is False
    assert word in checked.words
    assert len(vendor.requests()) == count


@pytest.mark.parametrize("model", [TEXT, REVIEW, IMAGE, SPEECH, VIDEO])
def test_a_check_with_the_right_key_spends_nothing(vendor: Vendor, adapter: OpenAiLike, model: Model) -> None:
    before, asked = vendor.charged_micros, len(vendor.requests("submit"))
    checked = adapter.check(model)
    assert (checked.address, checked.key, checked.model, checked.words) == (True, True, True, "")
    assert (vendor.charged_micros, len(vendor.requests("submit"))) == (before, asked)


def test_a_check_of_a_model_that_is_not_there_names_those_that_are(adapter: OpenAiLike) -> None:
    checked = adapter.check(replace(TEXT, vendor_name="gpt-9"))
    assert (checked.address, checked.key, checked.model) == (True, True, False)
    assert "gpt-9" in checked.words
    assert fake.TEXT_MODEL in checked.words


def test_a_model_with_a_tag_is_found_without_it(adapter: OpenAiLike) -> None:
    assert adapter.check(replace(TEXT, vendor_name="local-fake")).model is True


@pytest.mark.parametrize("key", ["sk-wrong-key", ""])
def test_a_check_with_a_wrong_key_says_so(vendor: Vendor, key: str) -> None:
    checked = adapter_for(vendor.address, key).check(TEXT)
    assert (checked.address, checked.key, checked.model) == (True, False, None)
    assert "sk-wrong-key" not in checked.words


def test_a_check_of_a_server_without_keys_cannot_tell_of_one(vendor: Vendor) -> None:
    checked = adapter_for(vendor.address, "", "/open/v1").check(TEXT)
    assert (checked.address, checked.key, checked.model) == (True, None, True)


def test_a_check_of_a_server_that_is_not_there_says_so(vendor: Vendor) -> None:
    checked = adapter_for(f"http://127.0.0.1:{closed_port()}").check(TEXT)
    assert (checked.address, checked.key, checked.model) == (False, None, None)


@pytest.mark.parametrize(
    ("fault", "found", "words"),
    [
        ({"status": 404, "body": "<html>no such page</html>"}, (False, None, None), "/v1"),
        ({"status": 200, "body": "<html>Welcome</html>"}, (False, None, None), "Welcome"),
        ({"status": 404, "body": said("unknown_url")}, (True, None, None), "unknown_url"),
        ({"status": 429, "body": said("insufficient_quota")}, (True, True, None), "insufficient_quota"),
        ({"status": 429, "body": said("rate_limit_exceeded")}, (True, None, None), "rate_limit_exceeded"),
        ({"status": 200, "body": {"object": "list", "data": []}}, (True, True, None), "only a request can tell"),
    ],
)
def test_a_check_tells_what_it_could_learn(
    vendor: Vendor, adapter: OpenAiLike, fault: dict[str, Any], found: tuple[Any, ...], words: str
) -> None:
    vendor.order({"on": "free", "kind": "answer", "times": None, **fault})
    checked = adapter.check(TEXT)
    assert (checked.address, checked.key, checked.model) == found
    assert words in checked.words


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
