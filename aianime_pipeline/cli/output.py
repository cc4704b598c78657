"""What a person reads: progress bars or plain lines, tables, and where the files lie."""

import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from aianime_pipeline.db.models import Project, StageRun
from aianime_pipeline.film.presets.texts import to_document as preset_document
from aianime_pipeline.making import MakeResult
from aianime_pipeline.production.films.settings import main_preset, subtitle_style
from aianime_pipeline.production.importing import ImportReport
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.projects.retention import retention_of
from aianime_pipeline.production.quotes.episodes import quote_episode
from aianime_pipeline.production.runs import StageName, percent_of
from aianime_pipeline.production.shots.stages import Stage

_SHOWN_WARNINGS = 10
_MICROS = 1_000_000


def import_document(report: ImportReport) -> dict[str, Any]:
    return {
        "project": report.project,
        "episodes": report.episodes,
        "scenes": report.scenes,
        "blocks": report.blocks,
        "shots": report.shots,
        "warnings": [{"line": notice.line, "message": notice.message} for notice in report.warnings],
    }


def tell_import(report: ImportReport) -> None:
    console = Console()
    shown = f"{report.episodes[0]} to {report.episodes[-1]}" if len(report.episodes) > 1 else report.episodes[0]
    console.print(f"[bold]{report.project}[/]: {len(report.episodes)} episode(s), {shown}", highlight=False)
    if report.shots:
        console.print(f"{report.shots} shots", highlight=False)
    if report.scenes:
        counted = ", ".join(f"{count} {kind}" for kind, count in report.blocks.items() if count)
        console.print(f"{report.scenes} scenes: {counted}", highlight=False)
    if report.unchanged:
        console.print(f"{len(report.unchanged)} episode(s) as they were", highlight=False)
    for notice in report.warnings[:_SHOWN_WARNINGS]:
        where = f"line {notice.line}: " if notice.line is not None else ""
        console.print(f"warning: {where}{notice.message}", markup=False, highlight=False, style="yellow")
    if len(report.warnings) > _SHOWN_WARNINGS:
        console.print(f"and {len(report.warnings) - _SHOWN_WARNINGS} more warnings (--json lists them)")
    console.print(f"next: aianime make {report.episodes[0]}", highlight=False)


@contextmanager
def progress_display() -> Iterator[Callable[[Sequence[StageRun]], None]]:
    """Bars on a terminal, plain lines otherwise, on the standard error.

    Dagster redirects the process's own streams while a step runs, so the display keeps a copy of the stream's handle.
    """
    with os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8", buffering=1) as stream:
        if stream.isatty():
            with _bars(stream) as show:
                yield show
        else:
            yield _lines(stream)


@contextmanager
def _bars(stream: TextIO) -> Iterator[Callable[[Sequence[StageRun]], None]]:
    columns = (
        TextColumn("{task.description:<11}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
    )
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(file=stream)) as progress:

        def show(rows: Sequence[StageRun]) -> None:
            for row in rows:
                if row.stage not in bars:
                    bars[row.stage] = progress.add_task(row.stage, total=100.0, told="")
                progress.update(bars[row.stage], completed=percent_of(row), told=_told(row))
                if row.ended_at is not None:
                    progress.stop_task(bars[row.stage])

        yield show


def _lines(stream: TextIO) -> Callable[[Sequence[StageRun]], None]:
    said: dict[str, str] = {}

    def show(rows: Sequence[StageRun]) -> None:
        for row in rows:
            tenth = int(percent_of(row) // 25) * 25
            step = f", {row.step}" if row.step else ""
            line = f"{row.stage}: {_told(row)}" if row.ended_at is not None else f"{row.stage}: {tenth} %{step}"
            if said.get(row.stage) != line:
                said[row.stage] = line
                stream.write(line + "\n")

    return show


def _told(row: StageRun) -> str:
    counts = {
        "made": row.made,
        "kept": row.kept,
        "waiting": row.waiting,
        "skipped": row.skipped,
        "failed": row.failed,
    }
    told = [f"{count} {name}" for name, count in counts.items() if count]
    if row.step and (row.ended_at is None or not told):
        told.append(row.step)
    return ", ".join(told) or "…"


def tell_quote(
    place: Installation, key: str, to: StageName, *, shots: Collection[int], force: bool, reviewed: bool
) -> list[dict[str, Any]]:
    """What a make is going to cost, before it begins; nothing where it costs nothing. Returns what a budget will refuse
    of it for its currency, JSON-ready."""
    if to is StageName.STORYBOARD:
        return []
    upto = {StageName.IMAGES: Stage.IMAGE, StageName.VIDEOS: Stage.VIDEO}.get(to)
    found = quote_episode(place, key, upto=upto, shots=shots, force=force, reviewed=reviewed)
    if any(line.micros != 0 for line in found.lines):
        Console(stderr=True).print(f"To be made: {found.in_words()}", highlight=False, soft_wrap=True)
    return found.refused_documents()


def tell_make(result: MakeResult, *, to_stdout: bool) -> None:
    """On the standard output, or only what went wrong on the standard error where the output is JSON."""
    errors = Console(stderr=True)
    if to_stdout:
        console = Console()
        console.print(_stage_table(result))
        if result.film is not None:
            film = result.film
            console.print(
                f"film: {film['path']}  ({film['frames']} frames, {film['seconds']:.2f} s, {size_text(film['bytes'])})",
                soft_wrap=True,
                highlight=False,
            )
        for warning in result.warnings:
            console.print(f"      {warning}", style="dim", markup=False, soft_wrap=True, highlight=False)
        if result.package is not None:
            console.print(
                f"ZIP:  {result.package['path']}  ({size_text(result.package['bytes'])})",
                soft_wrap=True,
                highlight=False,
            )
        cost = result.cost_micros / _MICROS
        console.print(f"{result.episode}: {result.status}, cost {cost:.2f} {result.currency}", highlight=False)
    for problem in result.problems:
        errors.print(f"{result.status}: {problem}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def _stage_table(result: MakeResult) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("stage", "seconds", "made", "kept", "waiting", "skipped", "failed"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    for row in result.stages:
        seconds = (row.ended_at - row.created_at).total_seconds() if row.ended_at is not None else 0.0
        counts = (row.made, row.kept, row.waiting, row.skipped, row.failed)
        table.add_row(row.stage, f"{seconds:.1f}", *(str(count) for count in counts))
    return table


def tell_status(document: dict[str, Any]) -> None:
    console = Console()
    table = Table("shot", "image", "video", "voice", "warnings", box=None, pad_edge=False, title=document["episode"])
    for shot in document["shots"]:
        table.add_row(
            str(shot["number"]), shot["image"], shot["video"], shot["voice"], _plain("; ".join(shot["warnings"]))
        )
    console.print(table)
    for kind in ("film", "package"):
        found = document[kind]
        console.print(f"{kind}: {found['path'] if found else 'none yet'}", soft_wrap=True, highlight=False)


def tell_episodes(document: dict[str, Any]) -> None:
    table = Table("episode", "project", "shots", "film", "package", box=None, pad_edge=False)
    for episode in document["episodes"]:
        film, package = episode["film"], episode["package"]
        table.add_row(
            episode["episode"],
            episode["project"],
            str(episode["shots"]),
            f"{film['seconds']:.1f} s" if film else "-",
            size_text(package["bytes"]) if package else "-",
        )
    Console().print(table)


def project_document(project: Project) -> dict[str, Any]:
    """`preset` is the main one of the films, null where these have a size that no preset has."""
    preset = main_preset(project)
    return {
        "project": project.slug,
        "title": project.title,
        "organisation": project.organisation,
        "width": project.width,
        "height": project.height,
        "rate": str(project.rate),
        "language": project.language,
        "style": project.style,
        "negative_prompt": project.negative_prompt,
        "review_storyboard": project.review_storyboard,
        "review_image": project.review_image,
        "review_video": project.review_video,
        "review_voice": project.review_voice,
        "review_rubric": project.review_rubric,
        "review_threshold": project.review_threshold,
        "retake_cap": project.retake_cap,
        "auto_make": project.auto_make,
        "auto_export": project.auto_export,
        "auto_package": project.auto_package,
        "speed_up_speech": project.speed_up_speech,
        "currency": project.currency,
        "preset": preset_document(preset) if preset is not None else None,
        "subtitle_style": subtitle_style(project).to_document(),
        "watermark": project.watermark,
        "keep": retention_of(project).to_document(),
    }


def tell_project(document: dict[str, Any]) -> None:
    console = Console()
    for name, value in document.items():
        if isinstance(value, dict):
            value = ", ".join(f"{field}={_written(one)}" for field, one in value.items() if field != "name")
        console.print(f"{name:16} {_written(value)}", markup=False, highlight=False, soft_wrap=True)


def _written(value: Any) -> str:
    """As a person may give it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else ",".join(value) if isinstance(value, list) else str(value)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def size_text(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB"
