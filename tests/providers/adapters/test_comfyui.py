"""ComfyUI over HTTP against a fake of it: any workflow with slots, uploads, the queue, and what each answer means."""

import hashlib
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import av
import pytest
import stamina
from fakes.vendor import Vendor
from PIL import Image

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters.comfyui import ComfyUi
from aianime_pipeline.providers.adapters.comfyui.outcome import classify, outcome
from aianime_pipeline.providers.capabilities import (
    AssetBrief,
    Capability,
    ErrorKind,
    ImageRequest,
    JobState,
    PictureBrief,
    SpeechRequest,
    VideoRequest,
)
from aianime_pipeline.providers.downloads import download
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Answer, Call, Model, ProviderSettings
from aianime_pipeline.storyboard.model import CameraMove, Framing

KEYFRAMES: dict[str, Any] = {
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "anime.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "PROMPT", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "ugly", "clip": ["4", 1]}},
    "12": {"class_type": "LoadImage", "inputs": {"image": "neutral.png"}},
    "13": {"class_type": "LoadImage", "inputs": {"image": "neutral.png"}},
    "14": {"class_type": "IPAdapter", "inputs": {"model": ["4", 0], "first": ["12", 0], "second": ["13", 0]}},
    "3": {
        "class_type": "KSampler",
        "inputs": {"seed": 1, "steps": 20, "model": ["14", 0], "positive": ["6", 0], "negative": ["7", 0]},
    },
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "关键帧 1/shot", "images": ["8", 0]}},
}
KEYFRAME_SLOTS = {
    "prompt": "6.text",
    "negative": "7.text",
    "seed": "3.seed",
    "width": "5.width",
    "height": "5.height",
    "reference_2": "13.image",
    "reference_1": "12.image",
}
CLIPS: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "neutral.png"}},
    "2": {"class_type": "LoadImage", "inputs": {"image": "neutral.png"}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}},
    "5": {"class_type": "WanImageToVideo", "inputs": {"length": 81, "start_image": ["1", 0], "end_image": ["2", 0]}},
    "3": {"class_type": "KSampler", "inputs": {"seed": 1, "latent_image": ["5", 0], "positive": ["6", 0]}},
    "9": {
        "class_type": "VHS_VideoCombine",
        "inputs": {"frame_rate": 16, "images": ["3", 0], "filename_prefix": "clip"},
    },
}
CLIP_SLOTS = {
    "prompt": "6.text",
    "frames": "5.length",
    "rate": "9.frame_rate",
    "seed": "3.seed",
    "first_frame": "1.image",
    "last_frame": "2.image",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Vendor]:
    with Vendor("comfyui") as vendor:
        yield vendor


@pytest.fixture
def vendor(server: Vendor) -> Iterator[Vendor]:
    server.order()
    server.jobs_go(seconds=0, end="succeeded", error={}, polls_not_ready=0)
    with stamina.set_testing(True, attempts=10, cap=True):
        yield server


def adapter_for(address: str, timeout: float = 20, **options: Any) -> ComfyUi:
    return ComfyUi(ProviderSettings("studio", "comfyui", address, {}, options, timeout))


@pytest.fixture
def adapter(vendor: Vendor) -> Iterator[ComfyUi]:
    made = adapter_for(vendor.address)
    yield made
    made.http.close()


def workflow_file(folder: Path, nodes: Any) -> str:
    path = folder / "workflow.json"
    path.write_text(nodes if isinstance(nodes, str) else json.dumps(nodes), "utf-8")
    return str(path)


def image_model(folder: Path, nodes: Any = KEYFRAMES, slots: Any = None, **options: Any) -> Model:
    chosen = {"workflow": workflow_file(folder, nodes), "slots": KEYFRAME_SLOTS if slots is None else slots, **options}
    return Model("studio/keyframes", "studio", Capability.IMAGE, "keyframes", chosen)


def video_model(folder: Path, nodes: Any = CLIPS, slots: Any = None, **options: Any) -> Model:
    chosen = {"workflow": workflow_file(folder, nodes), "slots": CLIP_SLOTS if slots is None else slots, **options}
    return Model("studio/clips", "studio", Capability.VIDEO, "clips", chosen)


def picture(folder: Path, name: str, colour: str) -> Path:
    path = folder / name
    Image.new("RGB", (64, 36), colour).save(path)
    return path


def stored_name(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:24] + ".png"


@pytest.fixture
def shot(tmp_path: Path) -> ImageRequest:
    brief = PictureBrief(
        "林晚站在桥上",
        Framing.MEDIUM,
        characters=(
            AssetBrief("character", "沈渡", reference=picture(tmp_path, "shen.png", "black")),
            AssetBrief("character", "林晚", reference=picture(tmp_path, "lin.png", "white")),
        ),
        speaker="林晚",
        location=AssetBrief("location", "桥", reference=picture(tmp_path, "bridge.png", "grey")),
    )
    return ImageRequest(640, 360, 7, "林晚站在桥上", brief, negative_prompt="雨", style="水墨", feedback="太暗")


@pytest.fixture
def clip(tmp_path: Path) -> VideoRequest:
    first, last = picture(tmp_path, "first.png", "red"), picture(tmp_path, "last.png", "blue")
    return VideoRequest(640, 360, 36, Fraction(12), 7, "林晚转身", first, CameraMove.PAN_LEFT, last_frame=last)


def refusal(adapter: ComfyUi, model: Model, request: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        adapter.submit(Call(model, request, "r1"))
    return caught.value


def graph(vendor: Vendor) -> dict[str, Any]:
    return dict(vendor.requests("submit")[-1]["body"]["prompt"])


def saved(adapter: ComfyUi, answer: Answer, into: Path, kind: Any) -> Path:
    assert answer.file is not None
    return download(answer.file, into, kind, own_host=adapter.http.host, headers={}).path


# What is sent ---------------------------------------------------------------------------------------------------------


def test_a_picture_is_made_by_the_filled_workflow(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    model = image_model(tmp_path)
    answer = adapter.submit(Call(model, shot, "r1"))
    asked = vendor.requests("submit")[-1]
    assert asked["body"]["client_id"] == "r1"
    assert "authorization" not in asked["headers"]
    sent = graph(vendor)
    assert (sent["3"]["inputs"]["seed"], sent["7"]["inputs"]["text"]) == (7, "雨")
    assert (sent["5"]["inputs"]["width"], sent["5"]["inputs"]["height"]) == (640, 360)
    for words in ("水墨", "Reference image 1 is the character 林晚", "Reference image 2 is the character 沈渡", "太暗"):
        assert words in sent["6"]["inputs"]["text"]
    assert sent["9"] == KEYFRAMES["9"]
    assert (answer.state, bool(answer.job_id)) == (JobState.QUEUED, True)
    done = adapter.poll(answer.job_id, model)
    assert (done.state, done.units) == (JobState.SUCCEEDED, Units(requests=1))
    with Image.open(saved(adapter, done, tmp_path, "picture")) as made:
        assert made.size == (640, 360)


def test_references_are_uploaded_and_stand_in_their_slots_in_order(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    before = len(vendor.requests("upload"))
    adapter.submit(Call(image_model(tmp_path), shot, "r1"))
    sent = graph(vendor)
    assert sent["12"]["inputs"]["image"] == stored_name(tmp_path / "lin.png")
    assert sent["13"]["inputs"]["image"] == stored_name(tmp_path / "shen.png")
    uploads = vendor.requests("upload")[before:]
    assert len(uploads) == 2
    assert all('name="image"' in one["raw"] and "image/png" in one["raw"] for one in uploads)


def test_a_slot_gets_the_name_and_folder_that_the_server_gave_the_picture(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    body = {"name": "kept (1).png", "subfolder": "project", "type": "input"}
    vendor.order({"on": "upload", "kind": "answer", "body": body})
    assert "project/kept (1).png" in refusal(adapter, image_model(tmp_path), shot).message


def test_a_slot_that_a_shot_has_nothing_for_keeps_what_the_workflow_has(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    sheet = replace(shot, subject=AssetBrief("character", "林晚"))
    adapter.submit(Call(image_model(tmp_path, slots={"prompt": "6.text", "reference_1": "12.image"}), sheet, "r1"))
    sent = graph(vendor)
    assert (sent["12"], sent["5"], sent["3"]["inputs"]["seed"]) == (KEYFRAMES["12"], KEYFRAMES["5"], 1)


def test_a_clip_is_made_from_its_first_and_last_frame(
    vendor: Vendor, adapter: ComfyUi, clip: VideoRequest, tmp_path: Path
) -> None:
    model = video_model(tmp_path)
    answer = adapter.submit(Call(model, clip, "r1"))
    sent = graph(vendor)
    assert sent["6"]["inputs"]["text"] == "林晚转身. camera: pan left"
    assert sent["1"]["inputs"]["image"] == stored_name(clip.first_frame)
    assert clip.last_frame is not None
    assert sent["2"]["inputs"]["image"] == stored_name(clip.last_frame)
    assert (sent["5"]["inputs"]["length"], sent["9"]["inputs"]["frame_rate"]) == (36, 12)
    done = adapter.poll(answer.job_id, model)
    assert done.file is not None
    assert done.file.media_type == "video/mp4"
    with av.open(str(saved(adapter, done, tmp_path, "video"))) as opened:
        assert opened.streams.video[0].average_rate == 12
        assert sum(1 for _ in opened.decode(video=0)) == 36


def test_a_rate_that_is_no_whole_number_is_sent_as_it_is(
    vendor: Vendor, adapter: ComfyUi, clip: VideoRequest, tmp_path: Path
) -> None:
    adapter.submit(Call(video_model(tmp_path), replace(clip, rate=Fraction(24000, 1001)), "r1"))
    assert graph(vendor)["9"]["inputs"]["frame_rate"] == pytest.approx(23.976, abs=0.001)


def test_frames_without_a_slot_are_not_uploaded(
    vendor: Vendor, adapter: ComfyUi, clip: VideoRequest, tmp_path: Path
) -> None:
    before = len(vendor.requests("upload"))
    adapter.submit(Call(video_model(tmp_path, slots={"first_frame": "1.image"}), clip, "r1"))
    assert len(vendor.requests("upload")) == before + 1
    assert graph(vendor)["2"] == CLIPS["2"]


def test_options_of_the_provider_hold_for_all_its_models(
    vendor: Vendor, shot: ImageRequest, clip: VideoRequest, tmp_path: Path
) -> None:
    adapter = adapter_for(vendor.address, workflow=workflow_file(tmp_path, KEYFRAMES), slots=KEYFRAME_SLOTS)
    bare = Model("studio/keyframes", "studio", Capability.IMAGE, "keyframes")
    assert adapter.submit(Call(bare, shot, "r1")).state is JobState.QUEUED
    with pytest.raises(BadSettingError, match="width"):
        adapter.submit(Call(replace(bare, options={"slots": {"prompt": "6.text", "width": "5.w"}}), shot, "r1"))


# Uploading ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "cut"},
        {"kind": "answer", "status": 502, "body": "<html>Bad gateway</html>"},
        {"kind": "timeout_before", "seconds": 1},
    ],
)
def test_an_upload_that_fails_in_passing_is_tried_again(
    vendor: Vendor, clip: VideoRequest, tmp_path: Path, fault: dict[str, Any]
) -> None:
    vendor.order({"on": "upload", **fault})
    adapter = adapter_for(vendor.address, timeout=0.5)
    assert adapter.submit(Call(video_model(tmp_path), clip, "r1")).state is JobState.QUEUED


def test_an_upload_that_never_comes_through_is_not_ambiguous_because_nothing_was_submitted(
    vendor: Vendor, adapter: ComfyUi, clip: VideoRequest, tmp_path: Path
) -> None:
    before = len(vendor.requests("submit"))
    vendor.order({"on": "upload", "kind": "answer", "status": 502, "body": "<html/>", "times": None})
    assert refusal(adapter, video_model(tmp_path), clip).kind == ErrorKind.TRANSIENT
    assert len(vendor.requests("submit")) == before


def test_a_refused_upload_is_bad_input_and_not_tried_again(
    vendor: Vendor, adapter: ComfyUi, clip: VideoRequest, tmp_path: Path
) -> None:
    before = len(vendor.requests("upload"))
    vendor.order({"on": "upload", "kind": "answer", "status": 400, "body": "", "times": None})
    assert refusal(adapter, video_model(tmp_path), clip).kind == ErrorKind.BAD_INPUT
    assert len(vendor.requests("upload")) == before + 1


def test_a_picture_that_cannot_be_read_is_refused_before_anything_is_sent(
    vendor: Vendor, adapter: ComfyUi, clip: VideoRequest, tmp_path: Path
) -> None:
    before = len(vendor.requests())
    clip.first_frame.write_bytes(b"no picture")
    error = refusal(adapter, video_model(tmp_path), clip)
    assert error.kind == ErrorKind.BAD_INPUT
    assert "first.png" in error.message
    assert len(vendor.requests()) == before


# Configuration --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({"promt": "6.text"}, "'promt'"),
        ({"reference_0": "12.image"}, "'reference_0'"),
        ({"prompt": "6"}, "node_id.input_name"),
        ({"prompt": 6}, "node_id.input_name"),
        ({"prompt": "66.text"}, "no node '66'"),
        ({"prompt": "6.txt"}, "node 6 (CLIPTextEncode) has no input 'txt', it has text, clip"),
        ({"seed": "3.seed"}, "no 'prompt'"),
    ],
)
def test_a_slot_that_fits_nothing_is_told_by_its_name_before_anything_is_sent(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path, slots: dict[str, Any], words: str
) -> None:
    before, model = len(vendor.requests()), image_model(tmp_path, slots=slots)
    with pytest.raises(BadSettingError) as caught:
        adapter.submit(Call(model, shot, "r1"))
    assert words in caught.value.message
    assert len(vendor.requests()) == before
    checked = adapter.check(model)
    assert checked.model is False
    assert words in checked.words


def test_a_workflow_for_clips_needs_a_place_for_the_first_frame(
    adapter: ComfyUi, clip: VideoRequest, tmp_path: Path
) -> None:
    with pytest.raises(BadSettingError, match="first_frame"):
        adapter.submit(Call(video_model(tmp_path, slots={"prompt": "6.text"}), clip, "r1"))


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ({"nodes": [], "links": []}, "API form"),
        ({"3": {"class_type": "KSampler"}}, "no workflow"),
        ({}, "no workflow"),
        ([], "no workflow"),
        ("{", "cannot be read"),
    ],
)
def test_a_file_that_is_no_workflow_in_api_form_is_told(
    adapter: ComfyUi, shot: ImageRequest, tmp_path: Path, nodes: Any, words: str
) -> None:
    with pytest.raises(BadSettingError, match=words):
        adapter.submit(Call(image_model(tmp_path, nodes), shot, "r1"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"workflow": "/no/such.json"}, "/no/such.json"),
        ({"workflow": ""}, "workflow"),
        ({"output": "99"}, "'99'"),
        ({"graph": "x"}, "'graph'"),
        ({"slots": "6.text"}, "slots"),
    ],
)
def test_a_wrong_option_is_told_by_its_name(
    adapter: ComfyUi, shot: ImageRequest, tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    model = image_model(tmp_path)
    with pytest.raises(BadSettingError) as caught:
        adapter.submit(Call(replace(model, options={**model.options, **options}), shot, "r1"))
    assert words in caught.value.message


def test_an_unknown_option_of_the_provider_is_told_at_once() -> None:
    with pytest.raises(BadSettingError, match="voice"):
        adapter_for("", voice="x")


def test_it_makes_no_speech(adapter: ComfyUi, tmp_path: Path) -> None:
    assert refusal(adapter, image_model(tmp_path), SpeechRequest("a", "en", {})).kind == ErrorKind.BAD_INPUT


# Submitting -----------------------------------------------------------------------------------------------------------


def test_a_graph_that_is_refused_names_the_node(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    nodes = {**KEYFRAMES, "12": {"class_type": "LoadImage", "inputs": {"image": "gone.png"}}}
    slots = {"prompt": "6.text"}
    error = refusal(adapter, image_model(tmp_path, nodes, slots), shot)
    assert (error.kind, error.details["code"]) == (ErrorKind.BAD_INPUT, "prompt_outputs_failed_validation")
    assert "node 12 (LoadImage)" in error.message
    assert "Invalid image file: gone.png" in error.message


def test_a_class_of_nodes_that_the_server_has_not_is_bad_input(
    adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    nodes = {**KEYFRAMES, "14": {"class_type": "MagicAdapter", "inputs": {}}}
    error = refusal(adapter, image_model(tmp_path, nodes), shot)
    assert error.kind == ErrorKind.BAD_INPUT
    assert "MagicAdapter does not exist" in error.message
    assert "#14" in error.message


def test_a_graph_that_is_only_partly_right_is_refused_and_taken_out_of_the_queue(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    vendor.jobs_go(seconds=60)
    broken = {
        "20": {"class_type": "LoadImage", "inputs": {"image": "gone.png"}},
        "21": {"class_type": "PreviewImage", "inputs": {"images": ["20", 0]}},
    }
    error = refusal(adapter, image_model(tmp_path, {**KEYFRAMES, **broken}), shot)
    assert error.kind == ErrorKind.BAD_INPUT
    assert "node 20 (LoadImage)" in error.message
    assert vendor.requests("free")[-1]["path"] == "/queue"
    assert "delete" in vendor.requests("free")[-1]["body"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "answer", "body": {"number": 1}}, ErrorKind.AMBIGUOUS),
        ({"kind": "answer_after", "status": 500, "body": "500 Internal Server Error"}, ErrorKind.AMBIGUOUS),
        ({"kind": "answer_after", "status": 502, "body": "<html>Bad gateway</html>"}, ErrorKind.AMBIGUOUS),
        ({"kind": "answer", "status": 503, "body": "<html/>"}, ErrorKind.TRANSIENT),
        ({"kind": "answer", "status": 401, "body": {"error": "who are you?"}}, ErrorKind.AUTH),
        ({"kind": "answer", "status": 400, "body": {"error": "no prompt", "node_errors": []}}, ErrorKind.BAD_INPUT),
        ({"kind": "timeout_before", "seconds": 1}, ErrorKind.AMBIGUOUS),
        ({"kind": "timeout_after", "seconds": 1}, ErrorKind.AMBIGUOUS),
        ({"kind": "cut"}, ErrorKind.AMBIGUOUS),
    ],
)
def test_a_graph_is_put_into_the_queue_once_whatever_goes_wrong(
    vendor: Vendor, shot: ImageRequest, tmp_path: Path, fault: dict[str, Any], kind: ErrorKind
) -> None:
    adapter, before = adapter_for(vendor.address, timeout=0.5), len(vendor.requests("submit"))
    vendor.order({"on": "submit", **fault})
    assert refusal(adapter, image_model(tmp_path), shot).kind == kind
    assert len(vendor.requests("submit")) == before + 1


def test_too_many_requests_say_when_to_come_back(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    headers = {"retry-after": "7"}
    vendor.order({"on": "submit", "kind": "answer", "status": 429, "headers": headers, "body": {"error": "busy"}})
    error = refusal(adapter, image_model(tmp_path), shot)
    assert (error.kind, error.details["retry_after"]) == (ErrorKind.RATE_LIMITED, 7.0)


def test_a_server_that_is_not_there_was_not_asked(vendor: Vendor, shot: ImageRequest, tmp_path: Path) -> None:
    adapter = adapter_for(f"http://127.0.0.1:{closed_port()}")
    model = image_model(tmp_path, slots={"prompt": "6.text"})
    assert refusal(adapter, model, shot).kind == ErrorKind.TRANSIENT


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, {"prompt_id": "1", "node_errors": {}}), (500, {"error": "x"}), (401, {"error": "x"}), (200, {})],
)
def test_what_is_no_refused_graph_is_left_to_the_http_status(status: int, body: dict[str, Any]) -> None:
    assert classify(status, body) is None


# The job --------------------------------------------------------------------------------------------------------------


def test_a_job_waits_runs_and_ends(vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path) -> None:
    vendor.jobs_go(seconds=0.6)
    model = image_model(tmp_path)
    job_id = adapter.submit(Call(model, shot, "r1")).job_id
    seen = [adapter.poll(job_id, model).state]
    while seen[-1] is not JobState.SUCCEEDED:
        state = adapter.poll(job_id, model).state
        seen += [state] if state is not seen[-1] else []
    assert seen == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]


@pytest.mark.parametrize(
    ("end", "error", "state", "kind", "words"),
    [
        (
            "failed",
            {"code": "RuntimeError", "message": "shapes do not match"},
            JobState.FAILED,
            ErrorKind.BAD_INPUT,
            "node 3 (KSampler): shapes do not match",
        ),
        (
            "failed",
            {"code": "torch.OutOfMemoryError", "message": "Allocation on device"},
            JobState.FAILED,
            ErrorKind.TRANSIENT,
            "Allocation on device",
        ),
        (
            "failed",
            {"code": "RuntimeError", "message": "CUDA error: out of memory"},
            JobState.FAILED,
            ErrorKind.TRANSIENT,
            "out of memory",
        ),
        ("expired", {}, JobState.EXPIRED, None, "knows no job"),
        ("unknown", {}, JobState.RUNNING, None, ""),
        ("stays", {}, JobState.RUNNING, None, ""),
    ],
)
def test_how_a_job_ends(
    vendor: Vendor,
    adapter: ComfyUi,
    shot: ImageRequest,
    tmp_path: Path,
    end: str,
    error: dict[str, str],
    state: JobState,
    kind: ErrorKind | None,
    words: str,
) -> None:
    vendor.jobs_go(end=end, error=error)
    model = image_model(tmp_path)
    answer = adapter.poll(adapter.submit(Call(model, shot, "r1")).job_id, model)
    assert (answer.state, answer.error_kind) == (state, kind)
    assert words in answer.error


def test_a_job_gone_from_history_and_queue_has_expired(adapter: ComfyUi, tmp_path: Path) -> None:
    assert adapter.poll("never-there", image_model(tmp_path)).state is JobState.EXPIRED


def test_a_job_that_ends_between_two_questions_is_not_taken_for_gone(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    model = image_model(tmp_path)
    job_id = adapter.submit(Call(model, shot, "r1")).job_id
    vendor.order({"on": "poll", "kind": "answer", "body": {}})
    assert adapter.poll(job_id, model).state is JobState.SUCCEEDED


def test_a_question_that_fails_in_passing_is_repeated(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    model = image_model(tmp_path)
    job_id = adapter.submit(Call(model, shot, "r1")).job_id
    vendor.order({"on": "poll", "kind": "answer", "status": 502, "body": "<html/>", "times": 2})
    assert adapter.poll(job_id, model).state is JobState.SUCCEEDED


def test_a_question_that_is_never_answered_says_nothing_of_the_job(
    vendor: Vendor, adapter: ComfyUi, tmp_path: Path
) -> None:
    vendor.order({"on": "poll", "kind": "answer", "status": 502, "body": "<html/>", "times": None})
    with pytest.raises(ProviderError) as caught:
        adapter.poll("1", image_model(tmp_path))
    assert caught.value.kind == ErrorKind.TRANSIENT


def test_a_job_can_be_asked_for_when_the_workflow_is_gone(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    model = image_model(tmp_path)
    job_id = adapter.submit(Call(model, shot, "r1")).job_id
    (tmp_path / "workflow.json").unlink()
    assert adapter_for(vendor.address).poll(job_id, model).state is JobState.SUCCEEDED


# The file -------------------------------------------------------------------------------------------------------------

PREVIEW = {"1": {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}}
SECOND = {"99": {"class_type": "SaveImage", "inputs": {"filename_prefix": "second", "images": ["8", 0]}}}


def test_a_file_in_a_folder_with_any_name_is_fetched_and_may_come_late(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    vendor.jobs_go(polls_not_ready=2)
    model = image_model(tmp_path)
    answer = adapter.poll(adapter.submit(Call(model, shot, "r1")).job_id, model)
    assert answer.file is not None
    assert answer.file.url is not None
    assert answer.file.url.startswith(f"{vendor.address}/view?filename=shot_")
    assert saved(adapter, answer, tmp_path, "picture").suffix == ".png"


def test_a_saved_picture_goes_before_a_preview_and_the_output_option_before_both(
    adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    nodes = {**PREVIEW, **KEYFRAMES, **SECOND}
    first = image_model(tmp_path, nodes)
    job_id = adapter.submit(Call(first, shot, "r1")).job_id
    files = [
        adapter.poll(job_id, replace(first, options={**first.options, "output": output})).file
        for output in ("", "1", "99")
    ]
    places = [dict(parse_qsl(urlsplit(str(file and file.url)).query)) for file in files]
    assert [place["type"] for place in places] == ["output", "temp", "output"]
    assert [place["filename"].split("_")[2] for place in places] == ["9", "1", "99"]


def test_a_clip_that_a_node_lists_among_its_images_is_found(
    adapter: ComfyUi, clip: VideoRequest, tmp_path: Path
) -> None:
    nodes = {
        **CLIPS,
        "9": {"class_type": "PreviewImage", "inputs": {"images": ["3", 0]}},
        "10": {"class_type": "SaveVideo", "inputs": {"video": ["3", 0], "filename_prefix": "video/clip"}},
    }
    model = video_model(tmp_path, nodes, {"first_frame": "1.image", "frames": "5.length"})
    answer = adapter.poll(adapter.submit(Call(model, clip, "r1")).job_id, model)
    assert saved(adapter, answer, tmp_path, "video").suffix == ".mp4"


def test_a_workflow_that_saves_no_clip_has_failed_and_says_what_to_do(
    adapter: ComfyUi, clip: VideoRequest, tmp_path: Path
) -> None:
    nodes = {**CLIPS, "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}}}
    model = video_model(tmp_path, nodes, {"first_frame": "1.image"})
    answer = adapter.poll(adapter.submit(Call(model, clip, "r1")).job_id, model)
    assert (answer.state, answer.error_kind) == (JobState.FAILED, ErrorKind.BAD_INPUT)
    assert "saved no video" in answer.error
    assert "output" in answer.error


def test_a_history_without_a_status_counts_by_its_files() -> None:
    """Older versions have none."""
    entry = {"outputs": {"9": {"videos": [{"filename": "a.webm"}]}}}
    answer = outcome(entry, "1", Capability.VIDEO, "", "http://studio")
    assert answer.file is not None
    assert (answer.state, answer.file.media_type) == (JobState.SUCCEEDED, "video/webm")
    assert answer.file.url == "http://studio/view?filename=a.webm&subfolder=&type=output"


# Cancelling -----------------------------------------------------------------------------------------------------------


def test_a_waiting_job_is_taken_out_of_the_queue(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    vendor.jobs_go(seconds=60)
    model = image_model(tmp_path)
    job_id = adapter.submit(Call(model, shot, "r1")).job_id
    assert adapter.cancel(job_id, model) is True
    assert vendor.requests("free")[-1]["body"] == {"delete": [job_id]}
    assert adapter.poll(job_id, model).state is JobState.EXPIRED


def test_a_running_job_is_interrupted_and_no_other(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    vendor.jobs_go(end="stays")
    model = image_model(tmp_path)
    job_id, other = (adapter.submit(Call(model, shot, name)).job_id for name in ("r1", "r2"))
    assert adapter.cancel(job_id, model) is True
    assert vendor.requests("free")[-1]["path"] == "/interrupt"
    assert vendor.requests("free")[-1]["body"] == {"prompt_id": job_id}
    assert adapter.poll(job_id, model).state is JobState.CANCELLED
    assert adapter.poll(other, model).state is JobState.RUNNING


def test_a_finished_job_cannot_be_cancelled_and_nothing_is_interrupted(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    model = image_model(tmp_path)
    job_id = adapter.submit(Call(model, shot, "r1")).job_id
    before = len(vendor.requests("free"))
    assert adapter.cancel(job_id, model) is False
    assert len(vendor.requests("free")) == before


def test_an_order_that_the_server_refuses_has_cancelled_nothing(
    vendor: Vendor, adapter: ComfyUi, shot: ImageRequest, tmp_path: Path
) -> None:
    vendor.jobs_go(end="stays")
    model = image_model(tmp_path)
    job_id = adapter.submit(Call(model, shot, "r1")).job_id
    vendor.order({"on": "free", "kind": "answer", "status": 502, "body": "<html/>"})
    assert adapter.cancel(job_id, model) is False


# Checking -------------------------------------------------------------------------------------------------------------


def test_a_check_of_a_right_workflow_runs_nothing(vendor: Vendor, adapter: ComfyUi, tmp_path: Path) -> None:
    before = len(vendor.requests("submit"))
    checked = adapter.check(image_model(tmp_path))
    assert (checked.address, checked.key, checked.model) == (True, True, True)
    assert len(vendor.requests("submit")) == before


def test_a_check_names_the_nodes_that_the_server_has_not(adapter: ComfyUi, tmp_path: Path) -> None:
    nodes = {**KEYFRAMES, "14": {"class_type": "MagicAdapter", "inputs": {}}}
    checked = adapter.check(image_model(tmp_path, nodes))
    assert (checked.address, checked.model) == (True, False)
    assert "MagicAdapter" in checked.words


@pytest.mark.parametrize(
    ("fault", "address", "key"),
    [
        ({"status": 404, "body": "<html>no such page</html>"}, False, None),
        ({"status": 401, "body": "who are you?"}, True, False),
        ({"status": 200, "body": "<html>Hello</html>"}, False, None),
    ],
)
def test_a_check_tells_what_is_at_the_address(
    vendor: Vendor, adapter: ComfyUi, tmp_path: Path, fault: dict[str, Any], address: bool, key: bool | None
) -> None:
    vendor.order({"on": "free", "kind": "answer", "times": None, **fault})
    checked = adapter.check(image_model(tmp_path))
    assert (checked.address, checked.key, checked.model) == (address, key, None)
    assert checked.words


def test_a_check_of_a_server_that_is_not_there_says_so(vendor: Vendor, tmp_path: Path) -> None:
    checked = adapter_for(f"http://127.0.0.1:{closed_port()}").check(image_model(tmp_path))
    assert (checked.address, checked.key, checked.model) == (False, None, None)


def test_a_check_of_what_it_does_not_make_says_so(adapter: ComfyUi, tmp_path: Path) -> None:
    checked = adapter.check(replace(image_model(tmp_path), capability=Capability.SPEECH))
    assert checked.model is False
    assert "speech" in checked.words


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
