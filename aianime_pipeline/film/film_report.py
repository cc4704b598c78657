"""What is told of a finished film, and what of it is sealed with the film so that it can be told again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from aianime_pipeline.film.picture.segments import Segment
from aianime_pipeline.film.timeline import GrownShot, Timeline

_HELD_SECONDS = 0.5
"""A last frame that is held for less is not seen."""


@dataclass(frozen=True)
class FilmReport:
    """What was made. Seconds are exact; `lufs` and `true_peak` (dBTP) are None for a silent film; `timings` are seconds
    by step; `digest` is the timeline's. `files` are those beside the film, by kind and language, such as `srt.zh` and
    `poster`. `kept` tells that the film lay there already: nothing was done."""

    path: Path
    digest: str
    frames: int
    picture_seconds: Fraction
    sound_seconds: Fraction
    bytes: int
    lufs: float | None
    true_peak: float | None
    segments_made: int
    segments_kept: int
    sound_made: bool
    grown: tuple[GrownShot, ...]
    warnings: tuple[str, ...]
    timings: Mapping[str, float]
    encoder: str
    slates: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    kept: bool = False


def facts_for_seal(report: FilmReport) -> dict[str, Any]:
    """What is sealed with the film: facts of it and not of this render, so that equal films are equal bytes."""
    document = asdict(replace(report, segments_kept=report.segments_made + report.segments_kept))
    document["picture_seconds"], document["sound_seconds"] = str(report.picture_seconds), str(report.sound_seconds)
    for name in ("path", "files", "kept", "bytes", "segments_made", "sound_made", "timings"):
        del document[name]
    return document


def report_of_seal(document: dict[str, Any], output: Path, files: Mapping[str, Path]) -> FilmReport:
    """The report of a film that lies there already."""
    return FilmReport(
        **{
            **document,
            "path": output,
            "files": files,
            "bytes": output.stat().st_size,
            "picture_seconds": Fraction(document["picture_seconds"]),
            "sound_seconds": Fraction(document["sound_seconds"]),
            "grown": tuple(GrownShot(**grown) for grown in document["grown"]),
            "warnings": tuple(document["warnings"]),
            "slates": {int(shot): why for shot, why in document["slates"].items()},
        },
        segments_made=0,
        sound_made=False,
        timings={},
        kept=True,
    )


def held_shots(timeline: Timeline, segments: Sequence[Segment]) -> list[str]:
    """Shots whose video ends long before the shot does."""
    measured = {
        segment.piece.shot: segment.source_seconds for segment in segments if segment.source_seconds is not None
    }
    held = []
    for clip in timeline.clips:
        if clip.kind == "still":
            continue
        wanted = float(clip.frames / timeline.rate)
        has = float((clip.source_out - clip.source_in) / timeline.rate)
        if clip.shot in measured:
            # Whatever the timeline was told of its length.
            has = min(has, measured[clip.shot] - float(clip.source_in / timeline.rate))
        if wanted - has > _HELD_SECONDS:
            held.append(f"{clip.shot} ({has:.2f} s of {wanted:.2f} s)")
    return [f"The last frame is held where a video is shorter than its shot: {', '.join(held)}."] if held else []
