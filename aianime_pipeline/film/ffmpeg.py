"""Running ffmpeg: which binary, how its progress is read, how its failures are told, how it is stopped.

Commands are graphs of ffmpeg-python, which quotes what stands in a filter; no shell is ever involved, and only the
protocols `file` and `pipe` are open to it.
"""

import contextlib
import errno
import fcntl
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import IO

import ffmpeg

from aianime_pipeline.errors import DiskFullError, FfmpegFailedError

Cancelled = Callable[[], bool]
"""Asked several times a second; True means: stop, and leave nothing."""

NO_SPACE = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
"""A full disk, a file size limit and a full quota: the remedy is the same."""

_POLL_SECONDS = 0.1
_TAIL_BYTES = 8_000


class FfmpegCancelled(Exception):
    """The caller's `cancelled` said so. Not an error of the pipeline."""


@cache
def ffmpeg_binary() -> str:
    """Path of ffmpeg: `AIANIME_FFMPEG`, else the one in the `imageio-ffmpeg` wheel."""
    override = os.environ.get("AIANIME_FFMPEG")
    if override:
        return override
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


@cache
def ffmpeg_version() -> str:
    """First line of `ffmpeg -version`; part of every cache key, because another build encodes other bytes."""
    done = subprocess.run([ffmpeg_binary(), "-version"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


def run_ffmpeg(
    command: ffmpeg.Stream | Sequence[str],
    *,
    stdin: Iterable[bytes | memoryview] | None = None,
    stdout: Callable[[IO[bytes]], None] | None = None,
    on_seconds: Callable[[float], None] | None = None,
    cancelled: Cancelled | None = None,
    doing: str = "run",
) -> None:
    """Run ffmpeg to its end. `command` is what `ffmpeg.output` gives, or the arguments after the binary's own name.

    `stdin` is fed to `pipe:0`; `stdout` reads `pipe:1` in a thread of its own (then there is no progress);
    `on_seconds` gets the seconds of output written so far. Raises FfmpegFailedError with the end of ffmpeg's own
    words, DiskFullError when they say that no space is left, FfmpegCancelled.
    """
    arguments = command.get_args() if isinstance(command, ffmpeg.Stream) else command
    general = ["-hide_banner", "-loglevel", "warning", "-y"]
    if stdin is None:
        general.append("-nostdin")
    if stdout is None:
        general += ["-progress", "pipe:1", "-nostats"]
    whole = [ffmpeg_binary(), *general, *_closed_to_the_network(arguments)]
    with _running(whole, fed=stdin is not None) as process:
        _attended(process, stdin, stdout, on_seconds, cancelled, doing)


@contextmanager
def _running(command: Sequence[str], *, fed: bool) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process group of its own, which ends with us even if we are killed.

    The group holds a pipe's reading end; when our end closes, the kernel sends the group SIGKILL. PR_SET_PDEATHSIG
    would need code of ours after the fork, and a fork of a process with as many threads as this one can hang.
    """
    theirs, ours = os.pipe()
    try:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE if fed else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                pass_fds=(theirs,),
            )
            if hasattr(fcntl, "F_SETSIG"):  # Linux
                with contextlib.suppress(OSError):
                    fcntl.fcntl(theirs, fcntl.F_SETSIG, signal.SIGKILL)
                    fcntl.fcntl(theirs, fcntl.F_SETOWN, -process.pid)
                    fcntl.fcntl(theirs, fcntl.F_SETFL, os.O_ASYNC)
        finally:
            os.close(theirs)
        yield process
    finally:
        os.close(ours)


def _attended(
    process: subprocess.Popen[bytes],
    stdin: Iterable[bytes | memoryview] | None,
    stdout: Callable[[IO[bytes]], None] | None,
    on_seconds: Callable[[float], None] | None,
    cancelled: Cancelled | None,
    doing: str,
) -> None:
    """Feed it, hear it, and wait until it is gone."""
    assert process.stdout is not None
    assert process.stderr is not None
    said = bytearray()
    failure: list[BaseException] = []
    silent = threading.Event()  # it has closed its output, so it is about to end

    def guard(work: Callable[[], None]) -> Callable[[], None]:
        def guarded() -> None:
            try:
                work()
            except BrokenPipeError:
                pass  # ffmpeg closed its end: its exit code and words say why
            except BaseException as error:  # noqa: BLE001 - handed to the calling thread below
                failure.append(error)
                _kill(process)

        return guarded

    def read_words() -> None:
        assert process.stderr is not None
        while chunk := process.stderr.read1(4096):  # type: ignore[attr-defined]
            said.extend(chunk)
            del said[:-_TAIL_BYTES]

    def read_output() -> None:
        assert process.stdout is not None
        try:
            if stdout is not None:
                stdout(process.stdout)
                return
            for line in process.stdout:
                key, _, value = line.partition(b"=")
                if key == b"out_time_us" and on_seconds is not None and value.strip().isdigit():
                    on_seconds(int(value) / 1_000_000)
        finally:
            silent.set()

    def feed() -> None:
        assert process.stdin is not None
        assert stdin is not None
        try:
            for chunk in stdin:
                process.stdin.write(chunk)
        finally:
            process.stdin.close()

    works = [read_words, read_output] + ([feed] if stdin is not None else [])
    threads = [threading.Thread(target=guard(work), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    stopped = False
    try:
        while True:
            try:
                # `wait` looks only every 50 ms: too late, by a twentieth of what a short segment takes.
                process.wait(_POLL_SECONDS if silent.wait(_POLL_SECONDS) else 0)
                break
            except subprocess.TimeoutExpired:
                if cancelled is not None and cancelled():
                    stopped = True
                    _kill(process)
    except BaseException:
        _kill(process)
        process.wait()
        raise
    for thread in threads:
        thread.join()
    if stopped:
        raise FfmpegCancelled(doing)
    if failure:
        raise failure[0]
    if process.returncode != 0:
        raise _failure(doing, process.returncode, said.decode("utf-8", "replace").strip())


def _closed_to_the_network(arguments: Sequence[str]) -> list[str]:
    """The protocol list is an option of each input: said once in front, it would hold for the first only."""
    guarded: list[str] = []
    for argument in arguments:
        if argument == "-i":
            guarded += ["-protocol_whitelist", "file,pipe"]
        guarded.append(argument)
    return guarded


def _failure(doing: str, exit_code: int, words: str) -> Exception:
    if exit_code == -signal.SIGXFSZ or any(os.strerror(number) in words for number in NO_SPACE):
        return DiskFullError(f"No space left on the disk while ffmpeg was to {doing}. Free some space and run again.")
    ended = f"killed by signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
    lines = words.splitlines()
    return FfmpegFailedError(
        f"ffmpeg could not {doing} ({ended}): {' / '.join(lines[-3:]) or 'it said nothing'}",
        exit_code=exit_code,
        first_words=lines[0] if lines else "",
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
