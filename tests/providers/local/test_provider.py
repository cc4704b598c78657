"""The built-in provider through its four capabilities, from submit to the fetched file."""

import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from aianime_pipeline.errors import DiskFullError, ProviderError
from aianime_pipeline.providers.capabilities import (
    AssetBrief,
    Capability,
    ErrorKind,
    ImageProvider,
    ImageRequest,
    JobState,
    JobStatus,
    MusicProvider,
    MusicRequest,
    PictureBrief,
    SpeechProvider,
    SpeechRequest,
    VideoProvider,
    VideoRequest,
)
from aianime_pipeline.providers.local import provider, speech
from aianime_pipeline.providers.local.pictures import drawing
from aianime_pipeline.providers.local.provider import AnimaticProvider
from aianime_pipeline.providers.local.voices import NARRATOR
from aianime_pipeline.storyboard.model import CameraMove, Framing

SHOT = PictureBrief(
    "林晚站在码头，望着江上的雾",
    Framing.MEDIUM,
    place="码头",
    characters=(AssetBrief("character", "林晚", "22岁女孩，长发"),),
)
IMAGE = ImageRequest(320, 180, 7, "", SHOT)
MUSIC = MusicRequest(1_000, 1, "古风")
SPEECH = SpeechRequest("你好，世界。", "zh", NARRATOR)


@pytest.fixture
def animatic(tmp_path: Path) -> Any:
    with AnimaticProvider(tmp_path / "work", max_workers=2) as opened:
        yield opened


def video_of(folder: Path, **changes: Any) -> VideoRequest:
    still = folder / "still.png"
    Image.new("RGB", (320, 180), (40, 90, 160)).save(still)
    usual = {"width": 320, "height": 180, "frames": 24, "rate": Fraction(24000, 1001), "seed": 1, "prompt": ""}
    return VideoRequest(**{**usual, "first_frame": still, "camera_move": CameraMove.PUSH, **changes})


def ended(animatic: AnimaticProvider, job_id: str) -> JobStatus:
    for _ in range(3_000):
        status = animatic.poll(job_id)
        if status.state not in (JobState.QUEUED, JobState.RUNNING):
            return status
        time.sleep(0.01)
    raise AssertionError(f"{job_id} did not end")


def test_it_is_a_provider_of_four_capabilities_and_not_of_text(animatic: AnimaticProvider) -> None:
    for protocol in (ImageProvider, VideoProvider, SpeechProvider, MusicProvider):
        assert isinstance(animatic, protocol)
    assert (animatic.name, animatic.charges) == ("animatic", False)
    assert animatic.model(Capability.IMAGE) == "animatic-image-2"
    assert len({animatic.model(capability) for capability in provider.MODELS}) == 4
    with pytest.raises(ProviderError, match="text"):
        animatic.model(Capability.TEXT)


def test_an_image_is_drawn_in_its_size_and_the_same_every_time(animatic: AnimaticProvider, tmp_path: Path) -> None:
    jobs = [animatic.submit_image(IMAGE) for _ in range(2)]
    for job in jobs:
        status = ended(animatic, job)
        assert (status.state, status.error) == (JobState.SUCCEEDED, "")
        assert (status.usage.images, status.usage.cost_micros) == (1, 0)
    made = [animatic.fetch(job, tmp_path / "out") for job in jobs]
    with Image.open(made[0].path) as picture:
        assert (picture.size, picture.mode, picture.format) == ((320, 180), "RGB", "PNG")
        assert len(picture.getcolors(100_000) or []) > 50
    assert made[0].media_type == "image/png"
    assert made[0].path != made[1].path
    assert made[0].path.read_bytes() == made[1].path.read_bytes()


def test_a_video_is_made_from_its_first_frame(animatic: AnimaticProvider, tmp_path: Path) -> None:
    job = animatic.submit_video(video_of(tmp_path))
    status = ended(animatic, job)
    assert (status.state, status.usage.video_ms) == (JobState.SUCCEEDED, 1001)
    made = animatic.fetch(job, tmp_path / "out")
    with av.open(str(made.path)) as opened:
        assert sum(1 for _ in opened.decode(video=0)) == 24
    assert made.media_type == "video/mp4"


def test_a_line_and_a_piece_of_music_are_made(animatic: AnimaticProvider, tmp_path: Path) -> None:
    spoken, played = animatic.submit_speech(SPEECH), animatic.submit_music(MUSIC)
    assert ended(animatic, spoken).usage.characters == len(SPEECH.text)
    assert ended(animatic, played).state is JobState.SUCCEEDED
    line, bed = (animatic.fetch(job, tmp_path / "out") for job in (spoken, played))
    for made, channels in ((line, 1), (bed, 2)):
        with av.open(str(made.path)) as opened:
            assert opened.streams.audio[0].channels == channels
            samples = sum(frame.samples for frame in opened.decode(audio=0))
        assert samples == made.metadata["samples"]


def test_a_file_can_be_fetched_again_and_nothing_half_written_is_left(
    animatic: AnimaticProvider, tmp_path: Path
) -> None:
    job = animatic.submit_music(MUSIC)
    ended(animatic, job)
    first = animatic.fetch(job, tmp_path / "a")
    first.path.unlink()
    second = animatic.fetch(job, tmp_path / "a" / "deeper")
    assert second.path.stat().st_size == 44 + 48_000 * 4
    assert [path.name for path in (tmp_path / "a").rglob("*") if path.is_file()] == [second.path.name]


def test_a_job_nobody_knows_is_expired(animatic: AnimaticProvider, tmp_path: Path) -> None:
    assert animatic.poll("animatic-image-x").state is JobState.EXPIRED
    assert animatic.cancel("animatic-image-x") is False
    with pytest.raises(ProviderError, match="expired"):
        animatic.fetch("animatic-image-x", tmp_path)


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (ProviderError("try later", kind=ErrorKind.TRANSIENT), ErrorKind.TRANSIENT),
        (ProviderError("not that", kind=ErrorKind.BAD_INPUT), ErrorKind.BAD_INPUT),
        (DiskFullError("no space"), ErrorKind.TRANSIENT),
        (OSError("no space"), ErrorKind.TRANSIENT),
        (KeyError("lamp"), ErrorKind.BAD_INPUT),
    ],
)
def test_a_failure_is_told_with_its_kind_and_words(
    animatic: AnimaticProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception, kind: ErrorKind
) -> None:
    def fail(request: ImageRequest) -> Image.Image:
        raise failure

    monkeypatch.setattr(drawing, "draw_picture", fail)
    job = animatic.submit_image(IMAGE)
    status = ended(animatic, job)
    assert (status.state, status.error_kind) == (JobState.FAILED, kind)
    assert str(failure) in status.error
    with pytest.raises(ProviderError, match="failed") as caught:
        animatic.fetch(job, tmp_path)
    assert caught.value.kind is kind


def test_a_picture_of_the_wrong_size_is_no_result(animatic: AnimaticProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "draw_picture", lambda request: Image.new("RGB", (10, 10)))
    status = ended(animatic, animatic.submit_image(IMAGE))
    assert (status.state, "10×10" in status.error) == (JobState.FAILED, True)


def test_a_picture_that_cannot_be_read_is_bad_input(animatic: AnimaticProvider, tmp_path: Path) -> None:
    request = video_of(tmp_path)
    request.first_frame.write_text("no picture")
    status = ended(animatic, animatic.submit_video(request))
    assert (status.state, status.error_kind) == (JobState.FAILED, ErrorKind.BAD_INPUT)
    assert "still.png" in status.error


def test_requests_that_cannot_be_are_refused_before_there_is_a_job(
    animatic: AnimaticProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = [
        lambda: animatic.submit_image(ImageRequest(0, 180, 1, "", SHOT)),
        lambda: animatic.submit_video(video_of(tmp_path, width=321)),
        lambda: animatic.submit_speech(SpeechRequest("你好", "zh", {})),
        lambda: animatic.submit_music(MusicRequest(0, 1)),
    ]
    for submit in refused:
        with pytest.raises(ProviderError) as caught:
            submit()
        assert caught.value.kind is ErrorKind.BAD_INPUT
    monkeypatch.setattr(speech, "find_spec", lambda name: None)
    with pytest.raises(ProviderError, match="pip install"):
        animatic.submit_speech(SPEECH)


def test_submit_returns_at_once_and_jobs_wait_for_a_free_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    def wait(request: ImageRequest) -> Image.Image:
        go.wait(20)
        return Image.new("RGB", (request.width, request.height))

    monkeypatch.setattr(drawing, "draw_picture", wait)
    with AnimaticProvider(tmp_path, max_workers=1) as animatic:
        first, second, third = (animatic.submit_image(IMAGE) for _ in range(3))
        assert animatic.poll(third).state is JobState.QUEUED
        assert animatic.cancel(second) is True
        assert animatic.poll(second).state is JobState.CANCELLED
        go.set()
        assert ended(animatic, first).state is JobState.SUCCEEDED
        assert ended(animatic, third).state is JobState.SUCCEEDED
        assert animatic.cancel(first) is False
        assert animatic.poll(first).state is JobState.SUCCEEDED


def test_a_video_at_work_is_cancelled_and_leaves_nothing(animatic: AnimaticProvider, tmp_path: Path) -> None:
    job = animatic.submit_video(video_of(tmp_path, frames=10**7))
    while animatic.poll(job).state is not JobState.RUNNING:
        time.sleep(0.01)
    assert animatic.cancel(job) is True
    assert ended(animatic, job).state is JobState.CANCELLED
    assert not list((tmp_path / "work").rglob("*.mp4"))
    with pytest.raises(ProviderError, match="cancelled"):
        animatic.fetch(job, tmp_path)


def test_closing_stops_the_work_and_removes_the_files(tmp_path: Path) -> None:
    animatic = AnimaticProvider(tmp_path / "work", max_workers=1)
    finished = animatic.submit_music(MUSIC)
    ended(animatic, finished)
    endless = animatic.submit_video(video_of(tmp_path, frames=10**7))
    waiting = animatic.submit_music(MUSIC)
    animatic.close()
    assert list((tmp_path / "work").iterdir()) == []
    assert {animatic.poll(job).state for job in (finished, endless, waiting)} == {JobState.EXPIRED}
    with pytest.raises(ProviderError, match="closed"):
        animatic.submit_music(MUSIC)
    animatic.close()


def test_old_fetched_jobs_are_forgotten_with_their_files(
    animatic: AnimaticProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "_KEPT_JOBS", 2)
    jobs = [animatic.submit_music(MusicRequest(10, seed)) for seed in range(4)]
    for job in jobs:
        ended(animatic, job)
        animatic.fetch(job, tmp_path / "out")
    assert [animatic.poll(job).state for job in jobs] == [JobState.EXPIRED] * 2 + [JobState.SUCCEEDED] * 2
    assert len(list((tmp_path / "work").rglob("music.wav"))) == 2


def test_several_kinds_of_work_run_side_by_side_without_mixing_up(animatic: AnimaticProvider, tmp_path: Path) -> None:
    jobs = [animatic.submit_speech(SPEECH) if turn % 2 else animatic.submit_music(MUSIC) for turn in range(8)]
    assert len(set(jobs)) == 8
    made = []
    for job in jobs:
        assert ended(animatic, job).state is JobState.SUCCEEDED
        made.append(animatic.fetch(job, tmp_path / "out").path.read_bytes())
    assert len(set(made[0::2])) == len(set(made[1::2])) == 1
