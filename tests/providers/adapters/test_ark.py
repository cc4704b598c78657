"""Volcengine Ark over real HTTP, against a small server that speaks as its documentation says."""

import base64
import json
import socket
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from fakes.vendor import Vendor
from PIL import Image

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters.ark import Ark, wire
from aianime_pipeline.providers.adapters.ark.errors import classify
from aianime_pipeline.providers.adapters.ark.images import computed_size
from aianime_pipeline.providers.capabilities import (
    AssetBrief,
    Capability,
    ErrorKind,
    ImageRequest,
    JobState,
    PictureBrief,
    VideoRequest,
)
from aianime_pipeline.providers.downloads import Downloaded, Kind, download
from aianime_pipeline.providers.prices import Price
from aianime_pipeline.providers.vendor import Answer, Call, Checked, Model, ProviderSettings
from aianime_pipeline.storyboard.model import CameraMove, Framing

KEY = "sk-very-secret-0123456789"


@pytest.fixture(scope="module")
def server() -> Iterator[Vendor]:
    with Vendor("ark") as running:
        yield running


@pytest.fixture
def vendor(server: Vendor) -> Iterator[Vendor]:
    yield server
    server.order()
    server.jobs_go(seconds=0.0, end="succeeded", error={}, polls_not_ready=0)


@pytest.fixture
def adapter(vendor: Vendor) -> Iterator[Ark]:
    made = ark(vendor.address + "/api/v3")
    yield made
    made.http.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A small picture by its colour, made once."""
    folder = tmp_path_factory.mktemp("pictures")

    def picture(colour: str, width: int = 640, height: int = 360) -> Path:
        path = folder / f"{colour}-{width}x{height}"
        if not path.exists():
            Image.new("RGB", (width, height), colour).save(path, "PNG")
        return path

    return picture


def ark(address: str, key: str = KEY, **changes: Any) -> Ark:
    return Ark(ProviderSettings(name="ark", kind="ark", base_url=address, secrets={"api_key": key}, **changes))


def image_model(vendor_name: str = "doubao-seedream-4-5-251128", **options: Any) -> Model:
    return Model("ark/seedream", "ark", Capability.IMAGE, vendor_name, options)


def video_model(vendor_name: str = "doubao-seedance-1-5-pro-251215", **options: Any) -> Model:
    return Model("ark/seedance", "ark", Capability.VIDEO, vendor_name, options)


def image_request(**changes: Any) -> ImageRequest:
    usual: dict[str, Any] = {
        "width": 1920,
        "height": 1080,
        "seed": 77,
        "prompt": "a ferry at dusk",
        "subject": PictureBrief("a ferry at dusk", Framing.WIDE),
    }
    return ImageRequest(**{**usual, **changes})


@pytest.fixture
def video_request(pictures: Callable[..., Path]) -> Callable[..., VideoRequest]:
    def make(**changes: Any) -> VideoRequest:
        usual: dict[str, Any] = {
            "width": 1280,
            "height": 720,
            "frames": 110,
            "rate": Fraction(24),
            "seed": 5,
            "prompt": "the ferry leaves",
            "first_frame": pictures("navy"),
            "camera_move": CameraMove.PUSH,
        }
        return VideoRequest(**{**usual, **changes})

    return make


def submit(adapter: Ark, model: Model, request: Any) -> Answer:
    return adapter.submit(Call(model, request, "request-1"))


def sent(vendor: Vendor) -> dict[str, Any]:
    """The last submission as it came to the vendor."""
    return vendor.requests("submit")[-1]


def refused(adapter: Ark, model: Model, request: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        submit(adapter, model, request)
    return caught.value


def fetched(answer: Answer, adapter: Ark, into: Path, kind: Kind) -> Downloaded:
    assert answer.file is not None
    return download(answer.file, into, kind, own_host=adapter.http.host, headers=adapter.http.authorisation())


def colour_of(data: str) -> tuple[int, ...]:
    head, _, text = data.partition(",")
    assert head == "data:image/png;base64"
    with Image.open(BytesIO(base64.b64decode(text))) as picture:
        return picture.convert("RGB").getpixel((0, 0))  # type: ignore[return-value]


def brief(kind: Any, name: str, reference: Path | None = None) -> AssetBrief:
    return AssetBrief(kind, name, reference=reference)


def error_body(code: str, message: str = "no") -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "param": "", "type": ""}}


# Pictures


def test_a_picture_comes_with_the_answer_and_is_fetched_from_its_address(
    adapter: Ark, vendor: Vendor, tmp_path: Path
) -> None:
    answer = submit(adapter, image_model(), image_request())
    assert (answer.state, answer.job_id) == (JobState.SUCCEEDED, "")
    assert answer.facts == {"vendor_model": "doubao-seedream-4-5-251128", "vendor_size": "2560x1440"}
    got = fetched(answer, adapter, tmp_path, "picture")
    assert got.media_type == "image/jpeg"
    with Image.open(got.path) as picture:
        assert picture.size == (2560, 1440)


def test_what_a_picture_costs_is_what_the_vendor_charges(adapter: Ark, vendor: Vendor) -> None:
    before = vendor.charged_micros
    answer = submit(adapter, image_model(), image_request())
    assert answer.units is not None
    assert (answer.units.images, answer.units.tokens_out) == (1, 2560 * 1440 // 256)
    price = Price(date(2026, 7, 1), "CNY", {"per_image": Decimal("0.25")})
    assert price.micros(answer.units) == vendor.charged_micros - before == 250_000


def test_a_picture_is_asked_for_with_key_own_id_prompt_and_no_watermark(adapter: Ark, vendor: Vendor) -> None:
    submit(adapter, image_model(), image_request(negative_prompt="text, hands", style="ink", feedback="too dark"))
    asked = sent(vendor)
    assert asked["path"] == "/api/v3/images/generations"
    assert asked["headers"]["authorization"] == f"Bearer {KEY}"
    assert asked["headers"]["x-client-request-id"] == "request-1"
    assert asked["body"] == {
        "model": "doubao-seedream-4-5-251128",
        "prompt": "ink. a ferry at dusk. The take before was rejected, mend this: too dark. avoid: text, hands",
        "size": "2560x1440",
        "response_format": "url",
        "watermark": False,
    }


def test_the_vendor_leaves_its_mark_only_if_a_model_is_configured_so(adapter: Ark, tmp_path: Path) -> None:
    corners = []
    for wanted in (False, True):
        into = tmp_path / str(wanted)
        into.mkdir()
        got = fetched(submit(adapter, image_model(watermark=wanted), image_request()), adapter, into, "picture")
        with Image.open(got.path) as picture:
            corners.append(min(picture.getpixel((2550, 1430))) > 250)  # type: ignore[arg-type]
    assert corners == [False, True]


def test_reference_pictures_go_in_the_order_in_which_the_prompt_counts_them(
    adapter: Ark, vendor: Vendor, pictures: Callable[..., Path]
) -> None:
    subject = PictureBrief(
        "two at the rail",
        Framing.MEDIUM,
        characters=(brief("character", "Lin", pictures("red")), brief("character", "Mei", pictures("lime"))),
        speaker="Mei",
        location=brief("location", "Deck", pictures("blue")),
        props=(brief("prop", "Lamp", pictures("yellow")),),
    )
    submit(adapter, image_model(), image_request(subject=subject))
    body = sent(vendor)["body"]
    assert [colour_of(one) for one in body["image"]] == [(0, 255, 0), (255, 0, 0), (0, 0, 255), (255, 255, 0)]
    assert "Reference image 1 is the character Mei" in body["prompt"]
    assert "Reference image 3 is the place Deck" in body["prompt"]

    submit(adapter, image_model(references=1), image_request(subject=subject))
    assert colour_of(sent(vendor)["body"]["image"]) == (0, 255, 0)
    submit(adapter, image_model(references=0), image_request(subject=subject))
    assert "image" not in sent(vendor)["body"]


def test_no_more_than_fourteen_reference_pictures_are_sent(
    adapter: Ark, vendor: Vendor, pictures: Callable[..., Path]
) -> None:
    crowd = tuple(brief("character", f"Nr {number}", pictures("red")) for number in range(16))
    subject = PictureBrief("a crowd", Framing.WIDE, characters=crowd)
    submit(adapter, image_model(), image_request(subject=subject))
    assert len(sent(vendor)["body"]["image"]) == 14


def test_a_reference_picture_of_more_than_ten_megabytes_is_refused_before_anything_is_sent(
    adapter: Ark, vendor: Vendor, tmp_path: Path
) -> None:
    large, broken = tmp_path / "large.png", tmp_path / "broken.png"
    Image.new("RGB", (2000, 2000)).save(large, compress_level=0)
    broken.write_bytes(b"no picture")
    before = len(vendor.requests())
    for path, words in ((large, "10485760 at most"), (broken, "cannot be read"), (tmp_path / "gone", "cannot be read")):
        subject = PictureBrief("", Framing.WIDE, characters=(brief("character", "Lin", path),))
        error = refused(adapter, image_model(), image_request(subject=subject))
        assert error.kind == ErrorKind.BAD_INPUT
        assert words in error.message
    assert len(vendor.requests()) == before


@pytest.mark.parametrize(
    ("shape", "pixels", "size"),
    [
        ((1920, 1080), (921_600, 16_777_216), (1920, 1080)),
        ((1920, 1080), (3_686_400, 16_777_216), (2560, 1440)),
        ((1280, 720), (921_600, 921_600), (1280, 720)),
        ((320, 180), (921_600, 4_624_220), (1280, 720)),
        ((1080, 1920), (3_686_400, 4_624_220), (1440, 2560)),
        ((1000, 1000), (3_686_400, 4_624_220), (1920, 1920)),
        ((7680, 4320), (921_600, 4_624_220), (2864, 1611)),
        ((1600, 100), (921_600, 4_624_220), (3840, 240)),
        ((1700, 100), (921_600, 4_624_220), None),
    ],
)
def test_a_size_keeps_the_shape_and_fits_the_pixels(
    shape: tuple[int, int], pixels: tuple[int, int], size: tuple[int, int] | None
) -> None:
    assert computed_size(*shape, *pixels) == size


@pytest.mark.parametrize("shape", [(1919, 1080), (1080, 1919), (997, 991), (4001, 251), (7001, 4001), (13, 11)])
def test_a_shape_of_no_common_divisor_is_kept_as_nearly_as_pixels_allow(shape: tuple[int, int]) -> None:
    found = computed_size(*shape, 3_686_400, 4_624_220)
    assert found is not None
    width, height = found
    assert 3_686_400 <= width * height <= 4_624_220
    assert width / height == pytest.approx(shape[0] / shape[1], rel=0.003)


def test_a_picture_of_a_shape_that_no_model_makes_is_refused_before_anything_is_sent(
    adapter: Ark, vendor: Vendor
) -> None:
    before = len(vendor.requests())
    error = refused(adapter, image_model(), image_request(width=3400, height=200))
    assert error.kind == ErrorKind.BAD_INPUT
    assert "3400x200" in error.message
    assert len(vendor.requests()) == before


def test_the_pixels_of_a_model_decide_the_size(adapter: Ark, vendor: Vendor) -> None:
    submit(adapter, image_model("doubao-seedream-4-0-250828", pixels=[921_600, 16_777_216]), image_request())
    assert sent(vendor)["body"]["size"] == "1920x1080"


def test_a_size_by_a_word_leaves_the_shape_to_the_prompt(adapter: Ark, vendor: Vendor) -> None:
    submit(adapter, image_model(size="2K"), image_request())
    assert sent(vendor)["body"]["size"] == "2K"
    assert sent(vendor)["body"]["prompt"].endswith("aspect ratio 16:9")
    submit(adapter, image_model(size="2304x1728"), image_request())
    assert sent(vendor)["body"]["size"] == "2304x1728"
    assert "aspect ratio" not in sent(vendor)["body"]["prompt"]


def test_what_only_some_models_take_is_sent_only_if_configured(adapter: Ark, vendor: Vendor) -> None:
    model = image_model(seed=True, guidance_scale=2.5, output_format="png", optimize_prompt="fast")
    submit(adapter, model, image_request())
    body = sent(vendor)["body"]
    assert (body["seed"], body["guidance_scale"], body["output_format"]) == (77, 2.5, "png")
    assert body["optimize_prompt_options"] == {"mode": "fast"}


def test_a_picture_can_come_inside_the_answer(adapter: Ark, tmp_path: Path) -> None:
    model = image_model(response_format="b64_json", output_format="png")
    answer = submit(adapter, model, image_request())
    assert answer.file is not None
    assert answer.file.url is None
    assert fetched(answer, adapter, tmp_path, "picture").media_type == "image/png"


def test_a_picture_that_cannot_be_decoded_is_found_out_as_paid_for_and_of_no_use(
    adapter: Ark, vendor: Vendor, tmp_path: Path
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "body": {"data": [{"b64_json": "*"}]}})
    answer = submit(adapter, image_model(), image_request())
    with pytest.raises(ProviderError) as caught:
        fetched(answer, adapter, tmp_path, "picture")
    assert caught.value.details["unusable"] is True


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("OutputImageSensitiveContentDetected", ErrorKind.MODERATED),
        ("InternalServiceError", ErrorKind.TRANSIENT),
        ("SomethingNew", ErrorKind.BAD_INPUT),
    ],
)
def test_an_error_in_place_of_the_picture_is_a_refusal_and_costs_nothing(
    adapter: Ark, vendor: Vendor, code: str, kind: ErrorKind
) -> None:
    before = vendor.charged_micros
    vendor.jobs_go(end="failed", error={"code": code, "message": f"not this one, {KEY}"})
    error = refused(adapter, image_model(), image_request())
    assert (error.kind, error.details["code"]) == (kind, code)
    assert "not this one, ***" in error.message
    assert vendor.charged_micros == before


def test_a_picture_beside_an_error_is_taken(adapter: Ark, vendor: Vendor) -> None:
    data = [error_body("OutputImageSensitiveContentDetected"), {"url": "http://somewhere/else.jpg"}]
    vendor.order({"on": "submit", "kind": "answer", "body": {"data": data, "usage": {"generated_images": 1}}})
    answer = submit(adapter, image_model(), image_request())
    assert answer.file is not None
    assert answer.file.url == "http://somewhere/else.jpg"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"data": []}, ErrorKind.AMBIGUOUS),
        ({"created": 1}, ErrorKind.AMBIGUOUS),
        ({"data": [{"size": "1x1"}], "usage": {"generated_images": 1}}, ErrorKind.AMBIGUOUS),
        ({"data": [], "usage": {"generated_images": 0}}, ErrorKind.TRANSIENT),
    ],
)
def test_an_answer_without_a_picture_is_free_only_if_the_vendor_says_so(
    adapter: Ark, vendor: Vendor, body: dict[str, Any], kind: ErrorKind
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "body": body})
    assert refused(adapter, image_model(), image_request()).kind == kind


# Clips


def test_a_clip_is_a_task_that_waits_runs_and_succeeds(
    adapter: Ark, vendor: Vendor, tmp_path: Path, video_request: Callable[..., VideoRequest]
) -> None:
    vendor.jobs_go(seconds=1.0)
    model, before = video_model(), vendor.charged_micros
    answer = submit(adapter, model, video_request())
    assert answer.state is JobState.QUEUED
    assert answer.job_id.startswith("cgt-")
    states = []
    while answer.state in (JobState.QUEUED, JobState.RUNNING):
        answer = adapter.poll(answer.job_id, model)
        states.append(answer.state)
        time.sleep(0.1)
    assert list(dict.fromkeys(states)) == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]
    assert answer.units is not None
    assert answer.units.tokens_out == 1280 * 720 * 24 * 5 // 1024
    assert answer.units.video_ms == 5000
    price = Price(date(2026, 7, 1), "CNY", {"per_1m_tokens_out": Decimal(16)})
    assert price.micros(answer.units) == vendor.charged_micros - before == 16 * 108_000
    assert answer.facts["seed"] == 5
    assert (answer.facts["resolution"], answer.facts["framespersecond"]) == ("720p", 24)
    got = fetched(answer, adapter, tmp_path, "video")
    with av.open(got.path) as clip:
        stream = clip.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (1280, 720, 120)


def test_a_clip_is_asked_for_with_its_first_frame_and_without_sound_and_watermark(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest]
) -> None:
    submit(adapter, video_model(), video_request(negative_prompt="rain"))
    asked = sent(vendor)
    assert asked["path"] == "/api/v3/contents/generations/tasks"
    assert asked["headers"]["authorization"] == f"Bearer {KEY}"
    assert asked["headers"]["x-client-request-id"] == "request-1"
    text, first = asked["body"].pop("content")
    assert text == {"type": "text", "text": "the ferry leaves. camera: push. avoid: rain"}
    assert (first["type"], first["role"]) == ("image_url", "first_frame")
    assert colour_of(first["image_url"]["url"]) == (0, 0, 128)
    assert asked["body"] == {
        "model": "doubao-seedance-1-5-pro-251215",
        "resolution": "720p",
        "duration": 5,
        "watermark": False,
        "generate_audio": False,
        "seed": 5,
    }


def test_the_last_frame_follows_the_first_unless_the_model_takes_none(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest], pictures: Callable[..., Path]
) -> None:
    request = video_request(last_frame=pictures("red"))
    submit(adapter, video_model(), request)
    frames = sent(vendor)["body"]["content"][1:]
    assert [frame["role"] for frame in frames] == ["first_frame", "last_frame"]
    assert [colour_of(frame["image_url"]["url"]) for frame in frames] == [(0, 0, 128), (255, 0, 0)]
    submit(adapter, video_model(last_frame=False), request)
    assert [part.get("role") for part in sent(vendor)["body"]["content"]] == [None, "first_frame"]


def test_the_camera_is_fixed_when_the_shot_holds_it(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest]
) -> None:
    request = video_request(camera_move=CameraMove.HOLD)
    submit(adapter, video_model(), request)
    assert sent(vendor)["body"]["camera_fixed"] is True
    submit(adapter, video_model(camera_fixed=False, seed=False), request)
    assert not {"camera_fixed", "seed"} & set(sent(vendor)["body"])


@pytest.mark.parametrize(
    ("frames", "durations", "seconds"),
    [
        (24, None, 4),
        (100, None, 5),
        (24 * 40, None, 12),
        (24 * 14, [4, 15], 14),
        (24 * 6, [5, 8, 10], 8),
        (24 * 6, [10], 10),
    ],
)
def test_a_clip_has_the_fewest_whole_seconds_that_are_long_enough(
    adapter: Ark,
    vendor: Vendor,
    video_request: Callable[..., VideoRequest],
    frames: int,
    durations: list[int] | None,
    seconds: int,
) -> None:
    options: dict[str, Any] = {} if durations is None else {"durations": durations}
    submit(adapter, video_model("doubao-seedance-2-0-260128", **options), video_request(frames=frames))
    assert sent(vendor)["body"]["duration"] == seconds


def test_what_is_configured_of_a_clip_is_sent(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest]
) -> None:
    chosen = {
        "resolution": "480p",
        "ratio": "16:9",
        "generate_audio": True,
        "watermark": True,
        "service_tier": "flex",
    }
    submit(adapter, video_model(**chosen), video_request())
    body = sent(vendor)["body"]
    assert {name: body[name] for name in chosen} == chosen


def test_a_first_frame_that_the_vendor_would_not_take_is_refused_before_anything_is_sent(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest], pictures: Callable[..., Path]
) -> None:
    before = len(vendor.requests())
    error = refused(adapter, video_model(), video_request(first_frame=pictures("red", 900, 300)))
    assert error.kind == ErrorKind.BAD_INPUT
    assert "900x300" in error.message
    assert len(vendor.requests()) == before


def test_an_address_that_is_not_ready_yet_is_asked_again(
    adapter: Ark, vendor: Vendor, tmp_path: Path, video_request: Callable[..., VideoRequest]
) -> None:
    vendor.jobs_go(polls_not_ready=2)
    answer = adapter.poll(submit(adapter, video_model(), video_request()).job_id, video_model())
    before = len(vendor.requests("download"))
    assert fetched(answer, adapter, tmp_path, "video").path.stat().st_size > 1000
    assert len(vendor.requests("download")) == before + 3


@pytest.mark.parametrize(("word", "state"), [*wire.STATES.items(), ("archiving", JobState.RUNNING)])
def test_every_word_for_a_state_is_known_and_one_that_is_not_means_running(
    adapter: Ark, vendor: Vendor, word: str, state: JobState
) -> None:
    body = {"id": "cgt-1", "status": word, "content": {"video_url": "http://somewhere/clip.mp4"}}
    vendor.order({"on": "poll", "kind": "answer", "body": body})
    answer = adapter.poll("cgt-1", video_model())
    assert (answer.state, answer.job_id) == (state, "cgt-1")
    assert (answer.file is not None) == (state is JobState.SUCCEEDED)
    assert answer.units is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("OutputVideoSensitiveContentDetected", ErrorKind.MODERATED),
        ("OutputAudioSensitiveContentDetected.PolicyViolation", ErrorKind.MODERATED),
        ("InternalServiceError", ErrorKind.TRANSIENT),
        ("SomethingNew", ErrorKind.BAD_INPUT),
    ],
)
def test_a_failed_task_says_why_in_the_vendor_s_words_and_costs_nothing(
    adapter: Ark,
    vendor: Vendor,
    video_request: Callable[..., VideoRequest],
    code: str,
    kind: ErrorKind,
) -> None:
    before = vendor.charged_micros
    vendor.jobs_go(end="failed", error={"code": code, "message": f"not this one, {KEY}"})
    answer = adapter.poll(submit(adapter, video_model(), video_request()).job_id, video_model())
    assert (answer.state, answer.error_kind) == (JobState.FAILED, kind)
    assert answer.error == f"not this one, *** [{code}]"
    assert vendor.charged_micros == before


def test_a_task_that_waited_too_long_may_be_asked_for_again_and_one_that_a_person_cancelled_may_not(
    adapter: Ark, vendor: Vendor
) -> None:
    kinds = {}
    for word in ("expired", "cancelled"):
        vendor.order({"on": "poll", "kind": "answer", "body": {"id": "cgt-1", "status": word, "error": None}})
        answer = adapter.poll("cgt-1", video_model())
        assert answer.error == f"The task is {word}."
        kinds[word] = answer.error_kind
    assert kinds == {"expired": ErrorKind.TRANSIENT, "cancelled": ErrorKind.BAD_INPUT}


def test_a_task_that_the_vendor_does_not_know_is_expired_and_nobody_says_whether_it_was_charged(adapter: Ark) -> None:
    answer = adapter.poll("cgt-unknown/../x", video_model())
    assert (answer.state, answer.error_kind) == (JobState.EXPIRED, None)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 404, "body": "<html>no such page</html>"}, ErrorKind.BAD_INPUT),
        ({"status": 404, "body": error_body("ModelNotOpen")}, ErrorKind.AUTH),
        ({"status": 401, "body": error_body("AuthenticationError")}, ErrorKind.AUTH),
        ({"status": 200, "body": {"id": "cgt-1"}}, ErrorKind.TRANSIENT),
        ({"status": 200, "body": {"id": "cgt-1", "status": "succeeded", "content": {}}}, ErrorKind.TRANSIENT),
    ],
)
def test_a_poll_of_which_nothing_was_learnt_does_not_end_the_job(
    adapter: Ark, vendor: Vendor, fault: dict[str, Any], kind: ErrorKind
) -> None:
    vendor.order({"on": "poll", "kind": "answer", **fault})
    with pytest.raises(ProviderError) as caught:
        adapter.poll("cgt-1", video_model())
    assert caught.value.kind == kind


def test_a_poll_that_fails_in_passing_is_asked_again(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest]
) -> None:
    job = submit(adapter, video_model(), video_request()).job_id
    vendor.order(
        {"on": "poll", "kind": "answer", "status": 502, "body": "<html>Bad gateway</html>"},
        {"on": "poll", "kind": "answer", "status": 500, "body": error_body("InternalServiceError")},
    )
    assert adapter.poll(job, video_model()).state is JobState.SUCCEEDED


def test_a_length_in_frames_is_a_length_too(adapter: Ark, vendor: Vendor) -> None:
    body = {
        "status": "succeeded",
        "content": {"video_url": "http://somewhere/clip.mp4"},
        "usage": {"completion_tokens": 50, "total_tokens": 50},
        "frames": 57,
        "framespersecond": 24,
    }
    vendor.order({"on": "poll", "kind": "answer", "body": body})
    units = adapter.poll("cgt-1", video_model()).units
    assert units is not None
    assert (units.tokens_out, units.video_ms) == (50, 2375)


def test_a_task_without_a_name_may_have_been_taken(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest]
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "body": {"created": 1}})
    assert refused(adapter, video_model(), video_request()).kind == ErrorKind.AMBIGUOUS


# Cancelling


def test_a_task_that_waits_is_cancelled_and_not_charged(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest]
) -> None:
    vendor.jobs_go(seconds=60)
    before = vendor.charged_micros
    job = submit(adapter, video_model(), video_request()).job_id
    assert adapter.cancel(job, video_model()) is True
    assert adapter.poll(job, video_model()).state is JobState.CANCELLED
    assert adapter.cancel(job, video_model()) is True
    assert vendor.charged_micros == before


def test_a_task_that_runs_or_has_succeeded_is_not_cancelled_and_its_file_stays(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest]
) -> None:
    vendor.jobs_go(end="stays")
    running = submit(adapter, video_model(), video_request()).job_id
    assert adapter.poll(running, video_model()).state is JobState.RUNNING
    assert adapter.cancel(running, video_model()) is False
    vendor.jobs_go(end="succeeded")
    done = submit(adapter, video_model(), video_request()).job_id
    assert adapter.cancel(done, video_model()) is False
    assert adapter.poll(done, video_model()).file is not None
    assert adapter.cancel("cgt-unknown", video_model()) is False
    assert "DELETE" not in {one["method"] for one in vendor.requests() if done in one["path"]}


def test_a_task_that_begins_to_run_before_it_is_cancelled_is_charged(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest]
) -> None:
    vendor.jobs_go(end="stays")
    job = submit(adapter, video_model(), video_request()).job_id
    vendor.order({"on": "poll", "kind": "answer", "body": {"id": job, "status": "queued"}})
    assert adapter.cancel(job, video_model()) is False


@pytest.mark.parametrize("end", ["failed", "expired"])
def test_a_task_that_ended_without_a_clip_is_not_charged(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest], end: str
) -> None:
    vendor.jobs_go(end=end)
    assert adapter.cancel(submit(adapter, video_model(), video_request()).job_id, video_model()) is True


# Refusals

CODES = [
    (400, "MissingParameter", ErrorKind.BAD_INPUT),
    (400, "InvalidParameter", ErrorKind.BAD_INPUT),
    (400, "InvalidParameter.UnsupportedImageFormat", ErrorKind.BAD_INPUT),
    (400, "InvalidImageURL.EmptyURL", ErrorKind.BAD_INPUT),
    (400, "SensitiveContentDetected", ErrorKind.MODERATED),
    (400, "SensitiveContentDetected.SevereViolation", ErrorKind.MODERATED),
    (400, "InputTextSensitiveContentDetected", ErrorKind.MODERATED),
    (400, "InputImageSensitiveContentDetected", ErrorKind.MODERATED),
    (400, "InputImageSensitiveContentDetected.PrivacyInformation", ErrorKind.MODERATED),
    (400, "InputVideoSensitiveContentDetected", ErrorKind.MODERATED),
    (400, "OutputTextSensitiveContentDetected", ErrorKind.MODERATED),
    (400, "OutputImageSensitiveContentDetected", ErrorKind.MODERATED),
    (400, "OutputVideoSensitiveContentDetected", ErrorKind.MODERATED),
    (400, "InputTextRiskDetection", ErrorKind.MODERATED),
    (400, "OutputImageRiskDetection", ErrorKind.MODERATED),
    (401, "AuthenticationError", ErrorKind.AUTH),
    (401, "InvalidAccountStatus", ErrorKind.AUTH),
    (403, "AccountOverdueError", ErrorKind.NO_MONEY),
    (403, "AccessDenied", ErrorKind.AUTH),
    (403, "OperationDenied.PermissionDenied", ErrorKind.AUTH),
    (403, "OperationDenied.ServiceNotOpen", ErrorKind.AUTH),
    (403, "OperationDenied.ServiceOverdue", ErrorKind.NO_MONEY),
    (400, "OperationDenied.CallbackNotSupported", ErrorKind.BAD_INPUT),
    (404, "InvalidEndpointOrModel.NotFound", ErrorKind.BAD_INPUT),
    (404, "ModelNotOpen", ErrorKind.AUTH),
    (429, "RateLimitExceeded.EndpointRPMExceeded", ErrorKind.RATE_LIMITED),
    (429, "RateLimitExceeded.EndpointTPMExceeded", ErrorKind.RATE_LIMITED),
    (429, "ModelAccountRpmRateLimitExceeded", ErrorKind.RATE_LIMITED),
    (429, "ModelAccountTpmRateLimitExceeded", ErrorKind.RATE_LIMITED),
    (429, "ModelAccountIpmRateLimitExceeded", ErrorKind.RATE_LIMITED),
    (429, "APIAccountRpmRateLimitExceeded", ErrorKind.RATE_LIMITED),
    (429, "AccountRateLimitExceeded", ErrorKind.RATE_LIMITED),
    (429, "RequestBurstTooFast", ErrorKind.RATE_LIMITED),
    (429, "InflightBatchsizeExceeded", ErrorKind.CONCURRENCY_FULL),
    (429, "ServerOverloaded", ErrorKind.RATE_LIMITED),
    (429, "QuotaExceeded", ErrorKind.NO_MONEY),
    (429, "SetLimitExceeded", ErrorKind.NO_MONEY),
    (500, "InternalServiceError", ErrorKind.TRANSIENT),
    (400, "SomethingNew", ErrorKind.BAD_INPUT),
    (401, "SomethingNew", ErrorKind.AUTH),
    (402, "SomethingNew", ErrorKind.NO_MONEY),
    (403, "SomethingNew", ErrorKind.AUTH),
    (429, "SomethingNew", ErrorKind.RATE_LIMITED),
    (500, "SomethingNew", ErrorKind.AMBIGUOUS),
]


@pytest.mark.parametrize(("status", "code", "kind"), CODES)
def test_every_code_of_the_vendor_s_has_its_kind(
    adapter: Ark, vendor: Vendor, status: int, code: str, kind: ErrorKind
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "status": status, "body": error_body(code, "the vendor's words")})
    error = refused(adapter, image_model(), image_request())
    assert error.kind == kind
    assert error.details["status"] == status
    assert "the vendor's words" in error.message
    assert code in error.message
    if kind is not ErrorKind.AMBIGUOUS:
        assert error.details["code"] == code


def test_an_error_that_comes_as_a_success_is_a_refusal(
    adapter: Ark, vendor: Vendor, video_request: Callable[..., VideoRequest]
) -> None:
    body = error_body("InputImageSensitiveContentDetected.PrivacyInformation", "a real person")
    for model, request in ((image_model(), image_request()), (video_model(), video_request())):
        vendor.order({"on": "submit", "kind": "answer", "status": 200, "body": body})
        error = refused(adapter, model, request)
        assert error.kind == ErrorKind.MODERATED
        assert "a real person" in error.message


def test_an_answer_without_an_error_is_none() -> None:
    assert classify(200, {"data": [], "error": None}) is None
    assert classify(200, {"id": "cgt-1", "status": "failed", "error": {"code": "x", "message": "y"}}) is None
    assert classify(502, {"error": "Bad gateway"}) is None


def test_a_rate_limit_says_when_to_come_back(adapter: Ark, vendor: Vendor) -> None:
    body = error_body("RateLimitExceeded.EndpointRPMExceeded")
    headers = {"Retry-After": "7", "X-Request-Id": "0217-abc"}
    vendor.order({"on": "submit", "kind": "answer", "status": 429, "headers": headers, "body": body})
    error = refused(adapter, image_model(), image_request())
    assert (error.details["retry_after"], error.details["vendor_request"]) == (7.0, "0217-abc")


@pytest.mark.parametrize(
    ("fault", "kind", "charged"),
    [
        ({"kind": "answer", "status": 502, "body": "<html>Bad gateway</html>"}, ErrorKind.AMBIGUOUS, False),
        ({"kind": "answer_after", "status": 504, "body": "<html>Too late</html>"}, ErrorKind.AMBIGUOUS, True),
        ({"kind": "answer", "status": 503, "body": "<html>Busy</html>"}, ErrorKind.TRANSIENT, False),
        ({"kind": "answer_after", "status": 200, "body": "no JSON"}, ErrorKind.AMBIGUOUS, True),
        ({"kind": "timeout_before", "seconds": 1.0}, ErrorKind.AMBIGUOUS, False),
        ({"kind": "timeout_after", "seconds": 1.0}, ErrorKind.AMBIGUOUS, True),
        ({"kind": "cut"}, ErrorKind.AMBIGUOUS, True),
    ],
)
def test_what_may_have_been_taken_is_ambiguous_and_asked_once(
    vendor: Vendor, fault: dict[str, Any], kind: ErrorKind, charged: bool
) -> None:
    before, asked = vendor.charged_micros, len(vendor.requests("submit"))
    vendor.order({"on": "submit", **fault})
    adapter = ark(vendor.address, timeout_seconds=0.6)
    # A small picture, so that a slow machine draws it well before the time is over.
    model = image_model("doubao-seedream-4-0-250828", pixels=[921_600, 1_000_000])
    assert refused(adapter, model, image_request()).kind == kind
    assert len(vendor.requests("submit")) == asked + 1
    assert (vendor.charged_micros > before) == charged
    adapter.http.close()


def test_a_server_that_is_not_there_took_nothing() -> None:
    adapter = ark(nowhere())
    assert refused(adapter, image_model(), image_request()).kind == ErrorKind.TRANSIENT
    adapter.http.close()


def test_the_key_is_in_no_error(adapter: Ark, vendor: Vendor) -> None:
    for status in (200, 400, 401, 500, 502):
        body: Any = error_body("InvalidParameter", f"the key {KEY} is odd") if status != 502 else f"<p>{KEY}</p>"
        vendor.order({"on": "submit", "kind": "answer", "status": status, "body": body})
        error = refused(adapter, image_model(), image_request())
        assert "***" in error.message
        assert KEY not in f"{error} {json.dumps(error.details)}"


# Settings


@pytest.mark.parametrize(
    "options",
    [
        {"watermarks": False},
        {"size": "large"},
        {"pixels": [921_600]},
        {"pixels": [2, 1]},
        {"pixels": "all"},
        {"references": 15},
        {"watermark": "no"},
        {"response_format": "jpeg"},
        {"seed": 3},
        {"guidance_scale": 11},
        {"output_format": "webp"},
        {"optimize_prompt": "slow"},
        {"durations": [4, 12]},
    ],
)
def test_an_option_of_pictures_that_means_nothing_is_a_mistake_with_its_name(
    adapter: Ark, vendor: Vendor, options: dict[str, Any]
) -> None:
    before = len(vendor.requests())
    with pytest.raises(BadSettingError, match=f"ark/seedream: .*{next(iter(options))}"):
        submit(adapter, image_model(**options), image_request())
    assert len(vendor.requests()) == before


@pytest.mark.parametrize(
    "options",
    [
        {"size": "2K"},
        {"resolution": "720P"},
        {"durations": []},
        {"durations": [12, 4]},
        {"durations": [4.5]},
        {"ratio": "wide"},
        {"generate_audio": "no"},
        {"watermark": 0},
        {"service_tier": "fast"},
        {"seed": -1},
        {"camera_fixed": "yes"},
    ],
)
def test_an_option_of_clips_that_means_nothing_is_a_mistake_with_its_name(
    adapter: Ark, video_request: Callable[..., VideoRequest], options: dict[str, Any]
) -> None:
    with pytest.raises(BadSettingError, match=f"ark/seedance: .*{next(iter(options))}"):
        submit(adapter, video_model(**options), video_request())


def test_a_provider_has_no_options() -> None:
    with pytest.raises(BadSettingError, match="ark: the option 'region'"):
        ark("http://127.0.0.1:1", options={"region": "north"})


def test_the_vendor_s_own_address_is_asked_unless_another_is_configured() -> None:
    adapter = ark("")
    assert adapter.http.base_url == Ark.BASE_URL
    assert adapter.http.base_url.startswith("https://")
    adapter.http.close()


# Checking


@pytest.mark.parametrize("model", [image_model(), video_model()])
def test_a_check_finds_address_key_and_model_and_spends_nothing(adapter: Ark, vendor: Vendor, model: Model) -> None:
    before, submissions = vendor.charged_micros, len(vendor.requests("submit"))
    assert adapter.check(model) == Checked(True, True, True)
    assert vendor.charged_micros == before
    assert len(vendor.requests("submit")) == submissions


def test_a_check_tells_a_wrong_key(vendor: Vendor) -> None:
    adapter = ark(vendor.address, "sk-wrong")
    found = adapter.check(image_model())
    assert (found.address, found.key, found.model) == (True, False, None)
    assert "API key" in found.words
    adapter.http.close()


def test_a_check_tells_a_wrong_and_a_withdrawn_model(adapter: Ark) -> None:
    wrong = adapter.check(image_model("doubao-seedream-9"))
    assert (wrong.address, wrong.key, wrong.model) == (True, True, False)
    assert "doubao-seedream-9" in wrong.words
    gone = adapter.check(image_model("doubao-seedream-3-0-t2i-250415"))
    assert (gone.address, gone.key, gone.model) == (True, True, False)
    assert "withdrawn" in gone.words


def test_a_check_cannot_tell_of_an_endpoint_of_the_user_s_own(adapter: Ark) -> None:
    found = adapter.check(video_model("ep-20260125201054-pfrb4"))
    assert (found.address, found.key, found.model) == (True, True, None)
    assert found.words


@pytest.mark.parametrize(
    ("times", "fault", "told"),
    [
        (1, {"status": 403, "body": error_body("AccountOverdueError", "in arrears")}, (True, True, None)),
        (1, {"status": 404, "body": "<html>nginx</html>"}, (False, None, None)),
        (None, {"status": 500, "body": error_body("InternalServiceError")}, (True, None, None)),
    ],
)
def test_a_check_says_what_an_odd_answer_tells(
    adapter: Ark, vendor: Vendor, times: int | None, fault: dict[str, Any], told: tuple[bool | None, ...]
) -> None:
    vendor.order({"on": "free", "kind": "answer", "times": times, **fault})
    found = adapter.check(image_model())
    assert (found.address, found.key, found.model) == told
    assert found.words


def test_a_check_of_a_server_that_is_not_there_says_so() -> None:
    adapter = ark(nowhere())
    found = adapter.check(image_model())
    assert (found.address, found.key, found.model) == (False, None, None)
    assert found.words
    adapter.http.close()


def test_a_check_tells_an_option_that_means_nothing(adapter: Ark) -> None:
    found = adapter.check(image_model(colour="red"))
    assert found.model is False
    assert "colour" in found.words


def nowhere() -> str:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
