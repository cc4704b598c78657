"""What is told about a film that was exported: what the render measured, and what of it is not as it should become."""

from collections.abc import Sequence
from typing import Any

from aianime_pipeline.film.render import FilmReport
from aianime_pipeline.film.timeline import Timeline
from aianime_pipeline.production.episodes.rows import ShotView
from aianime_pipeline.production.films.gate import Waiting, waiting_shots
from aianime_pipeline.production.films.shots import is_card, ready_take
from aianime_pipeline.production.shots.stages import Stage


def measured(report: FilmReport) -> dict[str, Any]:
    """The render's report as JSON; `seconds` are the picture's, `lufs` and `true_peak` None for a silent film."""
    return {
        "frames": report.frames,
        "seconds": float(report.picture_seconds),
        "sound_seconds": float(report.sound_seconds),
        "bytes": report.bytes,
        "lufs": report.lufs,
        "true_peak": report.true_peak,
        "segments_made": report.segments_made,
        "segments_kept": report.segments_kept,
        "sound_made": report.sound_made,
        "encoder": report.encoder,
        "grown": [vars(shot) for shot in report.grown],
        "warnings": list(report.warnings),
        "timings": dict(report.timings),
    }


def unfinished(timeline: Timeline, views: Sequence[ShotView]) -> dict[str, Any]:
    """The shots of a draft that are not what they will be: `slates` with what is shown in their place and why,
    `unapproved` takes, which are there and neither seen nor heard, `missing` lines."""
    shown = {clip.shot: clip for clip in timeline.clips}
    by_number = {view.number: view for view in views}
    slates = [
        {
            "shot": clip.shot,
            "reason": clip.slate,
            "shown": "card" if is_card(clip.slate) else "picture",
        }
        for clip in timeline.clips
        if clip.slate and clip.shot in by_number
    ]
    waiting = [one for one in waiting_shots(views) if one.shot in shown]
    there = {one: ready_take(by_number[one.shot], one.stage) is not None for one in waiting}
    return {
        "slates": slates,
        "unapproved": [one.to_document() for one in waiting if there[one]],
        "missing": [one.to_document() for one in waiting if not there[one] and _is_heard(one)],
    }


def left_out_warnings(views: Sequence[ShotView]) -> list[str]:
    shots = [str(view.number) for view in views if view.skipped]
    words = f"shot{'s' if len(shots) > 1 else ''} {', '.join(shots)}"
    return [f"Left out on purpose, so that the film shows its slate: {words}."] if shots else []


def _is_heard(one: Waiting) -> bool:
    return one.stage is Stage.VOICE
