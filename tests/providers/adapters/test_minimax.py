"""MiniMax over HTTP against a fake of it: what is sent, what comes back, and what each refusal means."""

import base64
import io
import socket
import wave
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
import stamina
from fakes import minimax as fake
from fakes.vendor import Vendor
from PIL import Image

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters.minimax import MiniMax, wire
from aianime_pipeline.providers.adapters.minimax.emotions import EMOTIONS, emotion_of
from aianime_pipeline.providers.adapters.minimax.pictures import nearest_ratio, offered_size
from aianime_pipeline.providers.adapters.minimax.refusals import classify
from aianime_pipeline.providers.capabilities import (
    AssetBrief,
    Capability,
    ErrorKind,
    ImageRequest,
    JobState,
    PictureBrief,
    SpeechRequest,
    TextRequest,
    VideoRequest,
)
from aianime_pipeline.providers.downloads import download
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Call, Model, ProviderSettings
from aianime_pipeline.storyboard.model import CameraMove, Framing

VOICES = {"voices": {"林晚": "voice-lin", "male": "voice-man", "default": "voice-any"}}
SPEECH = Model("mm/speech", "mm", Capability.SPEECH, "speech-2.8-hd", VOICES)
IMAGE = Model("mm/image", "mm", Capability.IMAGE, "image-01")
VIDEO = Model("mm/video", "mm", Capability.VIDEO, "MiniMax-Hailuo-2.3")
VIDEO_V2 = replace(VIDEO, vendor_name="MiniMax-H3", options={"api": "v2"})

LINE = SpeechRequest("你好，world", "zh", {"gender": "female", "age": "young"}, "怒吼", speaker="林晚")


@pytest.fixture(scope="module")
def server() -> Iterator[Vendor]:
    with Vendor("minimax") as vendor:
        yield vendor


@pytest.fixture
def vendor(server: Vendor) -> Iterator[Vendor]:
    server.order()
    server.jobs_go(seconds=0, end="succeeded", error={}, polls_not_ready=0)
    with stamina.set_testing(True, attempts=10, cap=True):
        yield server


def adapter_for(address: str, key: str = fake.KEY, timeout: float = 20) -> MiniMax:
    return MiniMax(ProviderSettings("mm", "minimax", address, {"api_key": key}, timeout_seconds=timeout))


@pytest.fixture
def adapter(vendor: Vendor) -> Iterator[MiniMax]:
    made = adapter_for(vendor.address)
    yield made
    made.http.close()


def picture(folder: Path, name: str, colour: str, size: tuple[int, int] = (640, 360)) -> Path:
    path = folder / name
    Image.new("RGB", size, colour).save(path)
    return path


@pytest.fixture
def shot(tmp_path: Path) -> ImageRequest:
    brief = PictureBrief(
        "林晚站在桥上",
        Framing.MEDIUM,
        characters=(
            AssetBrief("character", "沈渡", "黑衣", reference=picture(tmp_path, "shen.png", "black")),
            AssetBrief("character", "林晚", "白裙", reference=picture(tmp_path, "lin.png", "white")),
        ),
        speaker="林晚",
        location=AssetBrief("location", "桥", reference=picture(tmp_path, "bridge.png", "grey")),
    )
    return ImageRequest(1280, 720, 7, "林晚站在桥上", brief, negative_prompt="雨", style="水墨", feedback="太暗")


@pytest.fixture
def clip(tmp_path: Path) -> VideoRequest:
    first = picture(tmp_path, "first.png", "red")
    last = picture(tmp_path, "last.jpg", "blue")
    return VideoRequest(
        1280, 720, 100, Fraction(24), 7, "林晚转身", first, CameraMove.PAN_LEFT, negative_prompt="文字", last_frame=last
    )


def refusal(adapter: MiniMax, model: Model = SPEECH, request: Any = LINE) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        adapter.submit(Call(model, request, "r1"))
    return caught.value


def sent(vendor: Vendor) -> dict[str, Any]:
    return dict(vendor.requests("submit")[-1]["body"])


def saved(adapter: MiniMax, answer: Answer, into: Path, kind: Any) -> Path:
    assert answer.file is not None
    headers = adapter.http.authorisation()
    return download(answer.file, into, kind, own_host=adapter.http.host, headers=headers).path


# Speech ---------------------------------------------------------------------------------------------------------------


def test_a_line_is_asked_for_with_voice_and_emotion_and_comes_back_as_sound(
    vendor: Vendor, adapter: MiniMax, tmp_path: Path
) -> None:
    answer = adapter.submit(Call(SPEECH, LINE, "r1"))
    asked = vendor.requests("submit")[-1]
    assert (asked["path"], asked["headers"]["authorization"]) == ("/v1/t2a_v2", f"Bearer {fake.KEY}")
    assert asked["body"] == {
        "model": "speech-2.8-hd",
        "text": "你好，world",
        "stream": False,
        "voice_setting": {"voice_id": "voice-lin", "emotion": "angry"},
        "audio_setting": {"sample_rate": 44_100, "format": "wav", "channel": 1},
    }
    assert (answer.state, answer.job_id) == (JobState.SUCCEEDED, "")
    assert answer.facts == {"voice": "voice-lin", "emotion": "angry"}
    with wave.open(str(saved(adapter, answer, tmp_path, "sound"))) as sound:
        milliseconds = sound.getnframes() * 1000 // sound.getframerate()
    assert answer.units == Units(characters=11, audio_ms=milliseconds)


def test_the_units_agree_with_what_the_vendor_charges(vendor: Vendor, adapter: MiniMax) -> None:
    before = vendor.charged_micros
    units = adapter.submit(Call(SPEECH, LINE, "r1")).units
    assert units is not None
    assert vendor.charged_micros - before == units.characters * fake.MICROS_PER_CHARACTER


@pytest.mark.parametrize(("form", "ending"), [("mp3", ".mp3"), ("flac", ".flac")])
def test_another_format_is_asked_for_and_named_by_what_it_is(
    adapter: MiniMax, tmp_path: Path, form: str, ending: str
) -> None:
    model = replace(SPEECH, options={**VOICES, "format": form})
    assert saved(adapter, adapter.submit(Call(model, LINE, "r1")), tmp_path, "sound").suffix == ending


def test_speed_is_sent_only_where_the_configuration_has_it(vendor: Vendor, adapter: MiniMax) -> None:
    adapter.submit(Call(replace(SPEECH, options={**VOICES, "speed": 1.2}), replace(LINE, max_ms=100), "r1"))
    assert sent(vendor)["voice_setting"]["speed"] == 1.2


def test_another_speaker_has_the_voice_of_the_gender_and_an_unknown_emotion_is_left_out(
    vendor: Vendor, adapter: MiniMax
) -> None:
    adapter.submit(Call(SPEECH, replace(LINE, speaker="沈渡", voice={"gender": "male"}, emotion="威严"), "r1"))
    assert sent(vendor)["voice_setting"] == {"voice_id": "voice-man"}


def test_a_speaker_without_a_voice_is_refused_before_anything_is_sent(vendor: Vendor, adapter: MiniMax) -> None:
    count = len(vendor.requests())
    error = refusal(adapter, replace(SPEECH, options={"voices": {"male": "voice-man"}}))
    assert error.kind == ErrorKind.BAD_INPUT
    assert "林晚" in error.message
    assert "voices" in error.message
    assert len(vendor.requests()) == count


def test_a_line_that_is_too_long_is_refused_before_anything_is_sent(vendor: Vendor, adapter: MiniMax) -> None:
    count = len(vendor.requests())
    error = refusal(adapter, request=replace(LINE, text="长" * 10_000))
    assert error.kind == ErrorKind.BAD_INPUT
    assert "10000" in error.message
    assert len(vendor.requests()) == count


@pytest.mark.parametrize("data", [None, {}, {"audio": ""}, {"audio": "xyz"}])
def test_an_answer_without_a_sound_is_ambiguous_because_it_may_be_charged(
    vendor: Vendor, adapter: MiniMax, data: Any
) -> None:
    body = {"data": data, "base_resp": {"status_code": 0, "status_msg": "success"}}
    vendor.order({"on": "submit", "kind": "answer", "body": body})
    assert refusal(adapter).kind == ErrorKind.AMBIGUOUS


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ("怒吼", "angry"),
        ("不耐烦地", "angry"),
        ("惊恐", "fearful"),
        ("不安", "fearful"),
        ("惊讶", "surprised"),
        ("哽咽", "sad"),
        ("不高兴", "sad"),
        ("苦笑", "sad"),
        ("开心地笑", "happy"),
        ("喜极而泣", "happy"),
        ("冷笑", "disgusted"),
        ("温柔", "calm"),
        ("Furious", "angry"),
        ("terrified", "fearful"),
        ("in disbelief", "surprised"),
        ("unhappy", "sad"),
        ("with a smile", "happy"),
        ("sneering", "disgusted"),
        ("calmly", "calm"),
        ("毫不害怕", ""),
        ("不愤怒", ""),
        ("没有恐惧", ""),
        ("并不吃惊", ""),
        ("不悲伤", ""),
        ("没有微笑", ""),
        ("忍不住笑", "happy"),
        ("not afraid", ""),
        ("not very happy", ""),
        ("fearless", ""),
        ("encouraging", ""),
        ("没有怒意，平静", "calm"),
        ("威严", ""),
        ("", ""),
    ],
)
def test_an_emotion_in_free_words_is_one_of_the_vendors(told: str, word: str) -> None:
    assert emotion_of(told) == word


def test_the_table_of_emotions_has_no_word_that_the_vendor_does_not_know() -> None:
    assert {word for word, _ in EMOTIONS} <= set(fake.EMOTIONS)


# Pictures -------------------------------------------------------------------------------------------------------------


def test_a_picture_is_asked_for_with_the_speaker_as_its_subject(
    vendor: Vendor, adapter: MiniMax, shot: ImageRequest, tmp_path: Path
) -> None:
    answer = adapter.submit(Call(IMAGE, shot, "r1"))
    body = sent(vendor)
    reference = body.pop("subject_reference")
    prompt = body.pop("prompt")
    assert body == {
        "model": "image-01", "response_format": "url", "n": 1, "seed": 7, "width": 1280, "height": 720,
    }  # fmt: skip
    encoded = base64.b64encode((tmp_path / "lin.png").read_bytes()).decode()
    assert reference == [{"type": "character", "image_file": f"data:image/png;base64,{encoded}"}]
    for words in ("水墨", "林晚站在桥上", "Reference image 1 is the character 林晚", "沈渡: 黑衣", "太暗", "Avoid: 雨"):
        assert words in prompt
    assert "Reference image 2" not in prompt
    assert answer.units == Units(images=1)
    with Image.open(saved(adapter, answer, tmp_path, "picture")) as made:
        assert made.size == (1280, 720)


def test_no_reference_goes_out_where_the_option_says_none(vendor: Vendor, adapter: MiniMax, shot: ImageRequest) -> None:
    adapter.submit(Call(replace(IMAGE, options={"references": 0}), shot, "r1"))
    assert "subject_reference" not in sent(vendor)
    assert "Reference image" not in sent(vendor)["prompt"]


def test_a_model_that_takes_no_pixels_gets_the_nearest_ratio(
    vendor: Vendor, adapter: MiniMax, shot: ImageRequest
) -> None:
    options = {"size": "ratio", "prompt_optimizer": True}
    adapter.submit(Call(replace(IMAGE, options=options), replace(shot, negative_prompt=""), "r1"))
    body = sent(vendor)
    assert (body["aspect_ratio"], body["prompt_optimizer"], "width" in body) == ("16:9", True, False)
    assert "Avoid" not in body["prompt"]


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ((1280, 720), (1280, 720)),
        ((480, 270), (912, 512)),
        ((3840, 2160), (2048, 1152)),
        ((1080, 1920), (1080, 1920)),
        ((1001, 1001), (1000, 1000)),
    ],
)
def test_a_size_that_is_not_offered_becomes_the_nearest_of_the_same_ratio(
    asked: tuple[int, int], offered: tuple[int, int]
) -> None:
    assert offered_size("mm", *asked) == offered


def test_the_nearest_ratio_knows_upright_from_lying() -> None:
    assert [nearest_ratio(*size) for size in ((1080, 1920), (1000, 1000), (2560, 1080))] == ["9:16", "1:1", "21:9"]


def test_what_the_model_cannot_make_is_refused_before_anything_is_sent(
    vendor: Vendor, adapter: MiniMax, shot: ImageRequest, clip: VideoRequest, tmp_path: Path
) -> None:
    count = len(vendor.requests())
    small = picture(tmp_path, "small.png", "red", (200, 200))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    for model, request in (
        (IMAGE, replace(shot, width=3000, height=300)),
        (IMAGE, replace(shot, prompt="长" * 1_600)),
        (VIDEO, replace(clip, first_frame=small)),
        (VIDEO, replace(clip, first_frame=broken)),
        (VIDEO, replace(clip, prompt="长" * 2_100)),
        (SPEECH, TextRequest("", "")),
    ):
        assert refusal(adapter, model, request).kind == ErrorKind.BAD_INPUT
    assert len(vendor.requests()) == count


def test_a_picture_that_comes_as_base64_is_taken(
    vendor: Vendor, adapter: MiniMax, shot: ImageRequest, tmp_path: Path
) -> None:
    with io.BytesIO() as file:
        Image.new("RGB", (8, 8)).save(file, "PNG")
        encoded = base64.b64encode(file.getvalue()).decode()
    body = {"data": {"image_base64": [encoded]}, "metadata": {"success_count": 1}, "base_resp": {"status_code": 0}}
    vendor.order({"on": "submit", "kind": "answer", "body": body})
    assert saved(adapter, adapter.submit(Call(IMAGE, shot, "r1")), tmp_path, "picture").suffix == ".png"


def test_a_picture_that_was_held_back_has_failed_as_moderated(
    vendor: Vendor, adapter: MiniMax, shot: ImageRequest
) -> None:
    body = {"data": {"image_urls": []}, "metadata": {"success_count": "0", "failed_count": "1"}}
    vendor.order({"on": "submit", "kind": "answer", "body": body | {"base_resp": {"status_code": 0}}})
    answer = adapter.submit(Call(IMAGE, shot, "r1"))
    assert (answer.state, answer.error_kind) == (JobState.FAILED, ErrorKind.MODERATED)


@pytest.mark.parametrize("data", [None, {"image_urls": []}, {"image_base64": ["%"]}])
def test_an_answer_without_a_picture_is_ambiguous(
    vendor: Vendor, adapter: MiniMax, shot: ImageRequest, data: Any
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "body": {"data": data, "base_resp": {"status_code": 0}}})
    assert refusal(adapter, IMAGE, shot).kind == ErrorKind.AMBIGUOUS


# Clips ----------------------------------------------------------------------------------------------------------------


def test_a_clip_of_v1_is_asked_for_from_its_first_frame_and_fetched_by_its_file(
    vendor: Vendor, adapter: MiniMax, clip: VideoRequest, tmp_path: Path
) -> None:
    before = vendor.charged_micros
    answer = adapter.submit(Call(VIDEO, clip, "r1"))
    body = sent(vendor)
    encoded = base64.b64encode((tmp_path / "first.png").read_bytes()).decode()
    assert body.pop("first_frame_image") == f"data:image/png;base64,{encoded}"
    assert body == {
        "model": "MiniMax-Hailuo-2.3",
        "prompt": "林晚转身. camera: pan left. Avoid: 文字",
        "duration": 6,
        "resolution": "768P",
    }
    assert (answer.state, answer.units) == (JobState.QUEUED, Units(video_ms=6000))
    done = adapter.poll(answer.job_id, VIDEO)
    assert (done.state, done.job_id, done.units) == (JobState.SUCCEEDED, answer.job_id, None)
    with av.open(str(saved(adapter, done, tmp_path, "video"))) as opened:
        assert sum(1 for _ in opened.decode(video=0)) == 6 * 24
    assert vendor.charged_micros - before == fake.MICROS_PER_CLIP


@pytest.mark.parametrize(
    ("options", "frames", "seconds"),
    [({}, 200, 10), ({}, 900, 10), ({"resolution": "1080P"}, 200, 6), ({"durations": [10]}, 24, 10)],
)
def test_the_shortest_clip_that_is_long_enough_is_asked_for(
    vendor: Vendor, adapter: MiniMax, clip: VideoRequest, options: dict[str, Any], frames: int, seconds: int
) -> None:
    adapter.submit(Call(replace(VIDEO, options=options), replace(clip, frames=frames), "r1"))
    assert sent(vendor)["duration"] == seconds


def test_v1_gets_the_last_frame_only_for_a_model_that_takes_one(
    vendor: Vendor, adapter: MiniMax, clip: VideoRequest
) -> None:
    adapter.submit(Call(replace(VIDEO, options={"last_frame": True, "prompt_optimizer": False}), clip, "r1"))
    assert sent(vendor)["last_frame_image"].startswith("data:image/jpeg;base64,")
    assert sent(vendor)["prompt_optimizer"] is False


def test_a_clip_of_v2_is_asked_for_by_texts_and_pictures_with_roles(
    vendor: Vendor, adapter: MiniMax, clip: VideoRequest, tmp_path: Path
) -> None:
    answer = adapter.submit(Call(VIDEO_V2, clip, "r1"))
    asked = vendor.requests("submit")[-1]
    assert asked["path"] == "/v2/video_generation"
    assert {name: asked["body"][name] for name in ("model", "duration", "resolution")} == {
        "model": "MiniMax-H3",
        "duration": 5,
        "resolution": "768P",
    }
    text, first, last = asked["body"]["content"]
    assert text == {"type": "text", "text": "林晚转身. camera: pan left. Avoid: 文字"}
    assert [(one["type"], one["role"]) for one in (first, last)] == [
        ("image_url", "first_frame"),
        ("image_url", "last_frame"),
    ]
    assert first["image_url"]["url"].startswith("data:image/png;base64,")
    assert answer.job_id.startswith("v2/")
    done = adapter.poll(answer.job_id, VIDEO)
    assert (done.state, done.units) == (JobState.SUCCEEDED, Units(video_ms=5000))
    with av.open(str(saved(adapter, done, tmp_path, "video"))) as opened:
        assert sum(1 for _ in opened.decode(video=0)) == 5 * 24


def test_a_file_that_is_not_ready_at_once_is_fetched_in_the_end(
    vendor: Vendor, adapter: MiniMax, clip: VideoRequest, tmp_path: Path
) -> None:
    vendor.jobs_go(polls_not_ready=2)
    answer = adapter.poll(adapter.submit(Call(VIDEO_V2, clip, "r1")).job_id, VIDEO_V2)
    assert saved(adapter, answer, tmp_path, "video").suffix == ".mp4"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Preparing", JobState.QUEUED),
        ("Queueing", JobState.QUEUED),
        ("Processing", JobState.RUNNING),
        ("Fail", JobState.FAILED),
        ("Success", JobState.RUNNING),  # there is no file yet
        ("Polishing", JobState.RUNNING),
        ("", JobState.RUNNING),
    ],
)
def test_each_word_of_v1_for_a_tasks_state(vendor: Vendor, adapter: MiniMax, word: str, state: JobState) -> None:
    body = {"task_id": "1", "status": word, "base_resp": {"status_code": 0, "status_msg": "success"}}
    vendor.order({"on": "poll", "kind": "answer", "body": body})
    assert adapter.poll("v1/1", VIDEO).state == state


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("queued", JobState.QUEUED),
        ("running", JobState.RUNNING),
        ("succeeded", JobState.RUNNING),  # there is no address yet
        ("failed", JobState.FAILED),
        ("cancelled", JobState.CANCELLED),
        ("polishing", JobState.RUNNING),
    ],
)
def test_each_word_of_v2_for_a_tasks_state(vendor: Vendor, adapter: MiniMax, word: str, state: JobState) -> None:
    vendor.order({"on": "poll", "kind": "answer", "body": {"task": {"id": "1", "status": word}}})
    assert adapter.poll("v2/1", VIDEO_V2).state == state


@pytest.mark.parametrize("model", [VIDEO, VIDEO_V2], ids=["v1", "v2"])
def test_a_task_waits_runs_and_ends(vendor: Vendor, adapter: MiniMax, clip: VideoRequest, model: Model) -> None:
    vendor.jobs_go(seconds=0.6)
    job_id = adapter.submit(Call(model, clip, "r1")).job_id
    seen = [adapter.poll(job_id, model).state]
    while seen[-1] is not JobState.SUCCEEDED:
        state = adapter.poll(job_id, model).state
        seen += [state] if state is not seen[-1] else []
    assert seen == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]


@pytest.mark.parametrize("model", [VIDEO, VIDEO_V2], ids=["v1", "v2"])
@pytest.mark.parametrize(
    ("end", "error", "state", "kind"),
    [
        ("failed", {"code": "1027", "message": "output new_sensitive"}, JobState.FAILED, ErrorKind.MODERATED),
        ("failed", {"code": "1033", "message": "system error"}, JobState.FAILED, ErrorKind.TRANSIENT),
        ("failed", {}, JobState.FAILED, ErrorKind.TRANSIENT),
        ("expired", {}, JobState.EXPIRED, None),
        ("unknown", {}, JobState.RUNNING, None),
        ("stays", {}, JobState.RUNNING, None),
    ],
)
def test_how_a_task_ends(
    vendor: Vendor,
    adapter: MiniMax,
    clip: VideoRequest,
    model: Model,
    end: str,
    error: dict[str, str],
    state: JobState,
    kind: ErrorKind | None,
) -> None:
    before = vendor.charged_micros
    vendor.jobs_go(end=end, error=error)
    answer = adapter.poll(adapter.submit(Call(model, clip, "r1")).job_id, model)
    assert (answer.state, answer.error_kind) == (state, kind)
    assert error.get("message", "") in answer.error
    assert vendor.charged_micros == before


@pytest.mark.parametrize("job_id", ["v1/none", "v2/none"])
def test_a_task_that_the_vendor_does_not_know_has_expired(adapter: MiniMax, job_id: str) -> None:
    assert adapter.poll(job_id, VIDEO).state is JobState.EXPIRED


def test_a_query_that_tells_of_moderation_tells_of_the_clip(vendor: Vendor, adapter: MiniMax) -> None:
    vendor.order({"on": "poll", "kind": "answer", "body": told(1027, "output new_sensitive")})
    answer = adapter.poll("v1/1", VIDEO)
    assert (answer.state, answer.error_kind) == (JobState.FAILED, ErrorKind.MODERATED)
    assert "output new_sensitive" in answer.error


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"body": {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}}, ErrorKind.TRANSIENT),
        ({"status": 502, "body": "<html>Bad gateway</html>"}, ErrorKind.TRANSIENT),
        ({"body": "<html>maintenance</html>"}, ErrorKind.TRANSIENT),
        ({"body": {"base_resp": {"status_code": 2049, "status_msg": "invalid api key"}}}, ErrorKind.AUTH),
    ],
)
def test_a_query_that_says_nothing_of_the_task_is_asked_again_later(
    vendor: Vendor, adapter: MiniMax, fault: dict[str, Any], kind: ErrorKind
) -> None:
    vendor.order({"on": "poll", "kind": "answer", "times": None, **fault})
    with pytest.raises(ProviderError) as caught:
        adapter.poll("v1/1", VIDEO)
    assert caught.value.kind == kind


def test_a_query_that_fails_in_passing_is_repeated(vendor: Vendor, adapter: MiniMax, clip: VideoRequest) -> None:
    job_id = adapter.submit(Call(VIDEO, clip, "r1")).job_id
    vendor.order({"on": "poll", "kind": "answer", "status": 502, "body": "<html/>", "times": 2})
    assert adapter.poll(job_id, VIDEO).state is JobState.SUCCEEDED


def test_a_finished_clip_whose_file_has_no_address_yet_still_runs(
    vendor: Vendor, adapter: MiniMax, clip: VideoRequest
) -> None:
    job_id = adapter.submit(Call(VIDEO, clip, "r1")).job_id
    vendor.order({"on": "free", "kind": "answer", "body": {"file": {}, "base_resp": {"status_code": 0}}})
    assert adapter.poll(job_id, VIDEO).state is JobState.RUNNING
    assert adapter.poll(job_id, VIDEO).state is JobState.SUCCEEDED


def test_a_finished_clip_whose_file_is_refused_is_asked_for_again_later(
    vendor: Vendor, adapter: MiniMax, clip: VideoRequest
) -> None:
    job_id = adapter.submit(Call(VIDEO, clip, "r1")).job_id
    vendor.order({"on": "free", "kind": "answer", "body": told(2013, "no file")})
    with pytest.raises(ProviderError) as caught:
        adapter.poll(job_id, VIDEO)
    assert caught.value.kind == ErrorKind.TRANSIENT
    assert adapter.poll(job_id, VIDEO).state is JobState.SUCCEEDED


def test_a_submission_that_is_answered_without_a_task_is_ambiguous(
    vendor: Vendor, adapter: MiniMax, clip: VideoRequest
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "body": {"task_id": "", "base_resp": {"status_code": 0}}})
    assert refusal(adapter, VIDEO, clip).kind == ErrorKind.AMBIGUOUS


def test_a_task_cannot_be_cancelled(vendor: Vendor, adapter: MiniMax) -> None:
    count = len(vendor.requests())
    assert adapter.cancel("v1/1", VIDEO) is False
    assert len(vendor.requests()) == count


# Refusals -------------------------------------------------------------------------------------------------------------


def told(code: int | str, words: str = "no") -> dict[str, Any]:
    return {"base_resp": {"status_code": code, "status_msg": words}}


def told_v2(kind: str, words: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": words, "http_code": "400"}, "request_id": "0217"}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1000, ErrorKind.TRANSIENT),
        (1001, ErrorKind.TRANSIENT),
        (1002, ErrorKind.RATE_LIMITED),
        (1004, ErrorKind.AUTH),
        (1008, ErrorKind.NO_MONEY),
        (1013, ErrorKind.TRANSIENT),
        (1024, ErrorKind.TRANSIENT),
        (1026, ErrorKind.MODERATED),
        (1027, ErrorKind.MODERATED),
        (1033, ErrorKind.TRANSIENT),
        (1039, ErrorKind.RATE_LIMITED),
        (1041, ErrorKind.CONCURRENCY_FULL),
        (1042, ErrorKind.BAD_INPUT),
        (2013, ErrorKind.BAD_INPUT),
        (2042, ErrorKind.BAD_INPUT),
        (2045, ErrorKind.RATE_LIMITED),
        (2049, ErrorKind.AUTH),
        (2056, ErrorKind.NO_MONEY),
        (2061, ErrorKind.AUTH),
        (20132, ErrorKind.BAD_INPUT),
        (9999, ErrorKind.BAD_INPUT),
    ],
)
def test_an_answer_200_with_a_code_is_the_error_that_the_code_says(
    vendor: Vendor, adapter: MiniMax, code: int, kind: ErrorKind
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "status": 200, "body": told(code, "the vendor's words")})
    error = refusal(adapter)
    assert (error.kind, error.details["code"]) == (kind, str(code))
    assert "the vendor's words" in error.message


def test_every_code_of_the_table_is_told_by_either_interface() -> None:
    for code, kind in wire.CODES.items():
        first, second = classify(200, told(code)), classify(400, told_v2("other_error", f"no ({code})"))
        assert first is not None
        assert second is not None
        assert (first.kind, first.code, second.kind, second.code) == (kind, code, kind, code)


@pytest.mark.parametrize(
    ("status", "kind_named", "words", "kind"),
    [
        (400, "bad_request_error", "invalid params (2013)", ErrorKind.BAD_INPUT),
        (401, "authorized_error", "login fail (1004)", ErrorKind.AUTH),
        (402, "insufficient_balance_error", "insufficient balance (1008)", ErrorKind.NO_MONEY),
        (422, "unprocessable_entity_error", "contains sensitive content (1026)", ErrorKind.MODERATED),
        (429, "rate_limit_error", "rate limit (1002)", ErrorKind.RATE_LIMITED),
        (429, "rate_limit_error", "usage limit exceeded (2056)", ErrorKind.NO_MONEY),
        (500, "server_error", "internal error (1000)", ErrorKind.TRANSIENT),
        (500, "api_error", "Internal server error", ErrorKind.TRANSIENT),
        (402, "insufficient_balance_error", "no number", ErrorKind.NO_MONEY),
        (429, "new_error", "no number", ErrorKind.RATE_LIMITED),
    ],
)
def test_each_refusal_of_v2(
    vendor: Vendor,
    adapter: MiniMax,
    clip: VideoRequest,
    status: int,
    kind_named: str,
    words: str,
    kind: ErrorKind,
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "status": status, "body": told_v2(kind_named, words)})
    error = refusal(adapter, VIDEO_V2, clip)
    assert error.kind == kind
    assert words in error.message


def test_the_vendors_own_number_of_a_refused_request_is_kept(
    vendor: Vendor, adapter: MiniMax, clip: VideoRequest
) -> None:
    vendor.order({"on": "submit", "kind": "answer", "status": 500, "body": told_v2("server_error", "no (1000)")})
    assert refusal(adapter, VIDEO_V2, clip).details["vendor_request"] == "0217"


def test_too_many_requests_say_when_to_come_back(vendor: Vendor, adapter: MiniMax) -> None:
    headers = {"retry-after": "7"}
    vendor.order({"on": "submit", "kind": "answer", "status": 429, "headers": headers, "body": told(1002)})
    error = refusal(adapter)
    assert (error.kind, error.details["retry_after"]) == (ErrorKind.RATE_LIMITED, 7.0)


@pytest.mark.parametrize(
    ("fault", "kind", "taken"),
    [
        ({"kind": "answer", "status": 500, "body": told(1013, "internal")}, ErrorKind.TRANSIENT, False),
        ({"kind": "answer_after", "status": 502, "body": "<html>Bad gateway</html>"}, ErrorKind.AMBIGUOUS, True),
        ({"kind": "answer_after", "status": 200, "body": "<html>Hello</html>"}, ErrorKind.AMBIGUOUS, True),
        ({"kind": "answer", "status": 503, "body": "<html>Busy</html>"}, ErrorKind.TRANSIENT, False),
        ({"kind": "timeout_before", "seconds": 1}, ErrorKind.AMBIGUOUS, False),
        ({"kind": "timeout_after", "seconds": 1}, ErrorKind.AMBIGUOUS, True),
        ({"kind": "cut"}, ErrorKind.AMBIGUOUS, True),
    ],
)
def test_a_submission_is_asked_once_whatever_goes_wrong(
    vendor: Vendor, fault: dict[str, Any], kind: ErrorKind, taken: bool
) -> None:
    adapter = adapter_for(vendor.address, timeout=0.5)
    charged, asked = vendor.charged_micros, len(vendor.requests("submit"))
    vendor.order({"on": "submit", **fault})
    assert refusal(adapter).kind == kind
    assert len(vendor.requests("submit")) == asked + 1
    assert (vendor.charged_micros > charged) is taken


def test_a_server_that_is_not_there_was_not_asked() -> None:
    adapter = adapter_for(f"http://127.0.0.1:{closed_port()}")
    assert refusal(adapter).kind == ErrorKind.TRANSIENT


def test_the_key_is_in_no_error(vendor: Vendor, adapter: MiniMax, clip: VideoRequest) -> None:
    for body in (told(2013, f"bad key {fake.KEY}"), {"base_resp": {"status_code": 0}, "seen": fake.KEY}):
        vendor.order({"on": "submit", "kind": "answer", "body": body})
        error = refusal(adapter)
        assert fake.KEY not in f"{error.message} {error.details}"
        assert "***" in error.message
    vendor.order({"on": "poll", "kind": "answer", "body": told(1027, f"seen {fake.KEY}")})
    assert fake.KEY not in adapter.poll("v1/1", VIDEO).error


@pytest.mark.parametrize("job_id", ["v1/1", "v2/1"])
def test_the_key_is_not_in_the_words_of_a_failed_task(vendor: Vendor, adapter: MiniMax, job_id: str) -> None:
    failed = {"status": "fail", **told(1033, f"seen {fake.KEY}")}
    task = {"status": "failed", "error": {"code": "1033", "message": f"seen {fake.KEY}"}}
    vendor.order({"on": "poll", "kind": "answer", "body": failed if job_id.startswith("v1") else {"task": task}})
    assert adapter.poll(job_id, VIDEO).error == "seen ***"


# Configuration --------------------------------------------------------------------------------------------------------


def test_an_option_of_the_provider_means_nothing() -> None:
    with pytest.raises(BadSettingError, match="group_id"):
        MiniMax(ProviderSettings("mm", "minimax", options={"group_id": "1"}))


@pytest.mark.parametrize(
    ("model", "options", "word"),
    [
        (SPEECH, {"voice": "x"}, "voice"),
        (SPEECH, {"voices": "x"}, "voices"),
        (SPEECH, {**VOICES, "speed": 3}, "speed"),
        (SPEECH, {**VOICES, "format": "pcm"}, "format"),
        (IMAGE, {"references": 2}, "references"),
        (IMAGE, {"size": "large"}, "size"),
        (VIDEO, {"api": "v3"}, "api"),
        (VIDEO, {"durations": []}, "durations"),
        (VIDEO, {"resolution": 768}, "resolution"),
        (VIDEO_V2, {"api": "v2", "prompt_optimizer": True}, "prompt_optimizer"),
    ],
)
def test_a_wrong_option_of_a_model_is_told_by_its_name(
    adapter: MiniMax, shot: ImageRequest, clip: VideoRequest, model: Model, options: dict[str, Any], word: str
) -> None:
    wrong = replace(model, options=options)
    request = {Capability.SPEECH: LINE, Capability.IMAGE: shot, Capability.VIDEO: clip}[model.capability]
    with pytest.raises(BadSettingError, match=word):
        adapter.submit(Call(wrong, request, "r1"))
    checked = adapter.check(wrong)
    assert checked.model is False
    assert word in checked.words


@pytest.mark.parametrize("model", [SPEECH, IMAGE, VIDEO, VIDEO_V2])
def test_a_check_with_the_right_key_spends_nothing(vendor: Vendor, adapter: MiniMax, model: Model) -> None:
    before, asked = vendor.charged_micros, len(vendor.requests("submit"))
    checked = adapter.check(model)
    assert (checked.address, checked.key, checked.model) == (True, True, None)
    assert model.vendor_name in checked.words
    assert (vendor.charged_micros, len(vendor.requests("submit"))) == (before, asked)


@pytest.mark.parametrize("key", ["wrong-key", ""])
def test_a_check_with_a_wrong_key_says_so(vendor: Vendor, key: str) -> None:
    checked = adapter_for(vendor.address, key).check(SPEECH)
    assert (checked.address, checked.key, checked.model) == (True, False, None)


def test_a_check_of_what_the_vendor_does_not_make_says_so(adapter: MiniMax) -> None:
    checked = adapter.check(replace(SPEECH, capability=Capability.MUSIC, options={}))
    assert checked.model is False
    assert "music" in checked.words


def test_a_check_of_a_server_that_is_not_there_says_so(vendor: Vendor) -> None:
    checked = adapter_for(f"http://127.0.0.1:{closed_port()}").check(SPEECH)
    assert (checked.address, checked.key, checked.model) == (False, None, None)


@pytest.mark.parametrize(
    ("fault", "address", "key"),
    [
        ({"status": 404, "body": "<html>no such page</html>"}, False, None),
        ({"body": told(1008, "insufficient balance")}, True, True),
        ({"body": told(1002, "rate limit")}, True, None),
    ],
)
def test_a_check_tells_what_it_could_learn(
    vendor: Vendor, adapter: MiniMax, fault: dict[str, Any], address: bool, key: bool | None
) -> None:
    vendor.order({"on": "poll", "kind": "answer", "times": None, **fault})
    checked = adapter.check(SPEECH)
    assert (checked.address, checked.key) == (address, key)
    assert checked.words


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
