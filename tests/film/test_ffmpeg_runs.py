"""Running ffmpeg: what it may open, and how its failures are told."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import ffmpeg
import pytest
from support.film_media import Media, ffmpeg_children

from aianime_pipeline.errors import DiskFullError, FfmpegFailedError
from aianime_pipeline.film.ffmpeg import FfmpegCancelled, run_ffmpeg


def test_no_input_may_open_the_network_the_second_as_little_as_the_first(media: Media, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        local, far = ["-i", str(media.voice())], ["-i", f"tcp://127.0.0.1:{server.getsockname()[1]}"]
        for inputs in ([*far, *local], [*local, *far]):
            with pytest.raises(FfmpegFailedError, match="ffmpeg could not mix"):
                run_ffmpeg([*inputs, str(tmp_path / "out.wav")], doing="mix")
        with pytest.raises(BlockingIOError):
            server.accept()  # nobody ever knocked


def test_a_failure_tells_what_was_being_done_and_ffmpegs_own_words(tmp_path: Path) -> None:
    with pytest.raises(FfmpegFailedError, match=r"could not read a page \(exit code \d+\).*No such file") as caught:
        run_ffmpeg(["-i", str(tmp_path / "gone.mp4"), str(tmp_path / "out.mp4")], doing="read a page")
    assert caught.value.details["exit_code"] > 0


def test_an_error_of_the_feeding_side_comes_out_as_itself_and_stops_ffmpeg(tmp_path: Path) -> None:
    def frames() -> Iterator[bytes]:
        yield bytes(64 * 64 * 3 // 2)
        raise DiskFullError("the source's disk")

    raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", "64x64", "-i", "pipe:0"]
    with pytest.raises(DiskFullError, match="the source's disk"):
        run_ffmpeg([*raw, str(tmp_path / "out.mp4")], stdin=frames())
    assert ffmpeg_children() == []


def test_a_cancelled_run_is_gone_when_the_call_returns(tmp_path: Path) -> None:
    endless = ["-re", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=24", str(tmp_path / "out.mp4")]
    begun = threading.Event()
    with pytest.raises(FfmpegCancelled):
        run_ffmpeg(endless, on_seconds=lambda _: begun.set(), cancelled=begun.is_set)
    assert ffmpeg_children() == []


def test_output_can_be_read_from_the_pipe(media: Media) -> None:
    got: list[bytes] = []
    arguments = ["-i", str(media.voice(seconds=1.0)), "-f", "s16le", "-ac", "1", "-ar", "8000", "pipe:1"]
    run_ffmpeg(arguments, stdout=lambda pipe: got.append(pipe.read()))
    assert len(got[0]) == 16_000


def test_the_inputs_of_a_graph_may_not_open_the_network_either(media: Media, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        local, far = (ffmpeg.input(str(media.voice())), ffmpeg.input(f"tcp://127.0.0.1:{server.getsockname()[1]}"))
        for inputs in ([far, local], [local, far]):
            mixed = ffmpeg.filter(inputs, "amix", inputs=2)
            with pytest.raises(FfmpegFailedError, match="ffmpeg could not mix"):
                run_ffmpeg(ffmpeg.output(mixed, str(tmp_path / "out.wav")), doing="mix")
        with pytest.raises(BlockingIOError):
            server.accept()  # nobody ever knocked
    mixed = ffmpeg.filter([local, local.filter("volume", volume=0.5)], "amix", inputs=2)
    run_ffmpeg(ffmpeg.output(mixed, str(tmp_path / "out.wav")), doing="mix")
    assert (tmp_path / "out.wav").stat().st_size > 1000
