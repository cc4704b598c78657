"""What is printed of exports and presets, as JSON and as tables for people, and how far an export is."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from aianime_pipeline.cli.output import size_text
from aianime_pipeline.db.models import Export
from aianime_pipeline.film.presets.preset import ExportPreset
from aianime_pipeline.film.presets.texts import to_document as preset_document
from aianime_pipeline.film.progress import Progress as FilmProgress
from aianime_pipeline.production.exports.records import ExportResult
from aianime_pipeline.production.films.composite_rows import ExportState
from aianime_pipeline.production.films.composites import Composite
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.publishing import export_path

_TOLD = ("frames", "seconds", "bytes", "lufs", "true_peak", "encoder")
_LISTED = ("warnings", "slates", "unapproved", "missing")


def exports_documents(place: Installation, composite: Composite) -> list[dict[str, Any]]:
    """The newest first."""
    return [_export_document(place, composite, row) for row in composite.exports]


def _export_document(place: Installation, composite: Composite, row: Export) -> dict[str, Any]:
    there = row.state == ExportState.DONE
    path = export_path(place, composite.episode, row.name, draft=row.draft) if there else None
    running = row.state == ExportState.EXPORTING
    return {
        "id": row.id,
        "preset": row.name,
        "draft": row.draft,
        "state": row.state,
        "reason": row.reason,
        "percent": 100.0 if there else composite.percent if running else None,
        "version": row.timeline_version,
        "requested_by": row.requested_by,
        "finished_at": row.finished_at.isoformat() if row.finished_at is not None else None,
        "path": str(path) if path is not None else None,
        "files": {kind: str(path.parent / file["name"]) for kind, file in row.files.items()} if path else {},
        **_report_document(row.report),
    }


def result_document(episode: str, preset: str, draft: bool, result: ExportResult) -> dict[str, Any]:
    """The contract of `film export --json`."""
    return {
        "episode": episode,
        "export": result.export_id,
        "preset": preset,
        "draft": draft,
        "made": result.made,
        "path": str(result.path),
        "files": {kind: str(path) for kind, path in result.files.items()},
        **_report_document(result.report),
    }


def _report_document(report: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: report.get(name) for name in _TOLD},
        **{name: report.get(name, []) for name in _LISTED},
        "lost_in_formats": report.get("lost_in_formats", {}),
    }


def tell_exports(documents: Sequence[dict[str, Any]]) -> None:
    console = Console()
    if not documents:
        tell_line(console, "exports: none yet")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("export", "preset", "state", "version", "size"):
        table.add_column(name, no_wrap=True)
    for one in documents:
        running = one["state"] == ExportState.EXPORTING
        state = f"{one['state']} {one['percent']:.0f} %" if running else one["state"]
        size = size_text(one["bytes"]) if one["bytes"] else "-"
        preset = one["preset"] + (" (draft)" if one["draft"] else "")
        version = "-" if one["version"] is None else str(one["version"])
        table.add_row(str(one["id"]), preset, state, version, size)
    console.print(table)
    for one in documents:
        if one["path"] is not None:
            tell_line(console, f"{one['id']}: {one['path']}")
        elif one["reason"]:
            tell_line(console, f"{one['id']}: {one['reason']}", style="yellow")


def tell_result(document: dict[str, Any]) -> None:
    """Where the files of an export are, and what a person should know about them."""
    console = Console()
    kept = "" if document["made"] else "  as it was: nothing has changed since"
    tell_line(
        console,
        f"film: {document['path']}  ({document['frames']} frames, {document['seconds']:.2f} s, "
        f"{size_text(document['bytes'])}){kept}",
    )
    for kind, path in document["files"].items():
        if not kind.startswith("media."):
            tell_line(console, f"{kind}: {path}")
    for slate in document["slates"]:
        tell_line(console, f"slate: shot {slate['shot']} ({slate['reason']})", style="yellow")
    for name in ("unapproved", "missing"):
        for one in document[name]:
            tell_line(console, f"{name}: shot {one['shot']}: {one['stage']} is {one['state']}", style="yellow")
    for warning in document["warnings"]:
        tell_line(console, f"warning: {warning}", style="yellow")
    for name, losses in document["lost_in_formats"].items():
        for loss in losses:
            tell_line(console, f"not in the {name} file: {loss}")


def tell_presets(presets: Sequence[tuple[str, ExportPreset]]) -> None:
    """Each with its kind: main, own or built_in."""
    table = Table(box=None, pad_edge=False)
    for name in ("preset", "", "size", "rate", "video", "quality", "subtitles", "LUFS"):
        table.add_column(name, no_wrap=True)
    table.add_column("also")
    for kind, preset in presets:
        document = preset_document(preset)
        also = ["cut to shape"] if preset.fit == "crop" else []
        also += ["hardware"] if preset.hardware else []
        also += [] if preset.watermark else ["no watermark"]
        also += [] if preset.ai_label else ["no AI label"]
        width, height = preset.size
        table.add_row(
            escape(preset.name),
            "" if kind == "built_in" else kind,
            f"{width}x{height}",
            document["rate"],
            preset.codec,
            preset.quality,
            preset.subtitles + (f" ({','.join(preset.languages)})" if preset.languages else ""),
            str(preset.loudness),
            ", ".join(also),
        )
    Console().print(table)


@contextmanager
def export_progress() -> Iterator[Callable[[FilmProgress], None]]:
    """A bar on a terminal, plain lines otherwise, on the standard error."""
    if not sys.stderr.isatty():
        yield _line_by_line()
        return
    columns = (TextColumn("film"), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("begins", total=100.0)

        def show(at: FilmProgress) -> None:
            bars.update(task, completed=at.percent, description=progress_text(at.percent, at.step, at.seconds_left))

        yield show


def _line_by_line() -> Callable[[FilmProgress], None]:
    said = [-1]

    def show(at: FilmProgress) -> None:
        quarter = int(at.percent // 25) * 25
        if quarter > said[0]:
            said[0] = quarter
            sys.stderr.write(f"film: {quarter} % ({at.step})\n")

    return show


def progress_text(percent: float, step: str, seconds_left: float | None) -> str:
    """`45 %, shots, 12 s left`."""
    left = f", {seconds_left:.0f} s left" if seconds_left is not None else ""
    return f"{percent:.0f} %, {step or 'begins'}{left}"


def tell_line(console: Console, text: str, style: str | None = None) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True, style=style)
