"""Renders on their way: how far they are, and what is left when they are cancelled, refused or fail."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.film_media import Media, as_picture, ffmpeg_children
from support.small_films import assert_nothing_stray, shots, timeline_of

from aianime_pipeline.errors import BadSettingError, DiskFullError, FilmMismatchError, UnreadableMediaError
from aianime_pipeline.film import render as render_module
from aianime_pipeline.film.ffmpeg import FfmpegCancelled
from aianime_pipeline.film.render import Progress, render_film
from aianime_pipeline.film.timeline import TimelineShot


def test_progress_never_falls_and_ends_at_a_hundred(media: Media, tmp_path: Path) -> None:
    told: list[Progress] = []
    render_film(timeline_of(shots(media), media), tmp_path / "f.mp4", cache=tmp_path / "cache", on_progress=told.append)
    percents = [progress.percent for progress in told]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert list(dict.fromkeys(progress.step for progress in told)) == ["segments", "sound", "join", "check", "done"]
    assert told[0].seconds_left is None
    assert told[-1].seconds_left == 0


@pytest.mark.parametrize("step", ["segments", "sound", "join", "check"])
def test_a_cancellation_in_any_step_leaves_nothing_but_finished_pieces(media: Media, tmp_path: Path, step: str) -> None:
    reached: list[str] = []
    output = tmp_path / "out" / "film.mp4"
    with pytest.raises(FfmpegCancelled):
        render_film(
            timeline_of(shots(media), media),
            output,
            cache=tmp_path / "cache",
            on_progress=lambda progress: reached.append(progress.step),
            cancelled=lambda: step in reached,
        )
    assert_nothing_stray(output, tmp_path / "cache")


def test_a_failed_render_leaves_the_earlier_film_as_it_was(media: Media, tmp_path: Path) -> None:
    output, page = tmp_path / "film.mp4", tmp_path / "page.mp4"
    page.write_text("<html>")
    render_film(timeline_of(shots(media)[:1], media), output, cache=tmp_path / "cache")
    before = output.read_bytes(), output.with_suffix(".jpg").read_bytes()
    with pytest.raises(UnreadableMediaError, match="Shot 3"):
        render_film(
            timeline_of([*shots(media)[:1], TimelineShot(3, 500, as_picture(page))], media),
            output,
            cache=tmp_path / "cache",
        )
    assert (output.read_bytes(), output.with_suffix(".jpg").read_bytes()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "film.jpg", "film.mp4", "page.mp4"]


def test_a_film_that_is_not_its_timeline_is_refused_with_both_numbers(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = render_module.join_film

    def without_the_last(finishing: Any, segments: Sequence[Any], *rest: Any, **more: Any) -> None:
        whole(finishing, segments[:-1], *rest, **more)

    monkeypatch.setattr(render_module, "join_film", without_the_last)
    timeline = timeline_of(shots(media), media)
    with pytest.raises(FilmMismatchError, match=rf"{timeline.starts[-1]} frames instead of {timeline.total_frames}"):
        render_film(timeline, tmp_path / "out" / "film.mp4", cache=tmp_path / "cache")
    assert_nothing_stray(tmp_path / "out" / "film.mp4", tmp_path / "cache")


def test_a_disk_that_is_really_full_is_told_and_leaves_nothing(media: Media, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("a small disk can be mounted by root only")
    try:
        timeline = timeline_of(shots(media), media)
        with pytest.raises(DiskFullError, match="space"):
            render_film(timeline, disk / "film.mp4", cache=disk / "cache")
        assert_nothing_stray(disk / "film.mp4", disk / "cache")
        assert not ffmpeg_children()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_only_mp4_is_promised(media: Media, tmp_path: Path) -> None:
    with pytest.raises(BadSettingError, match=r"film\.mov"):
        render_film(timeline_of(shots(media), media), tmp_path / "film.mov", cache=tmp_path)
