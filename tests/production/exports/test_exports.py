"""Exports of an episode: the film and other files of its task, one at a time, cancelled, drafted, kept."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
import sqlalchemy as sa
from support.making import KEY, Studio
from support.processes import wait_until
from support.stories import shot

from aianime_pipeline.db.models import CompositeTask, Export, Project, ProjectChange, Worker
from aianime_pipeline.errors import (
    BadSettingError,
    ExportCancelledError,
    FilmNotReadyError,
    StateError,
    UnknownFormatError,
    WorkHeldError,
)
from aianime_pipeline.film.presets.presets import BUILT_IN, ExportPreset
from aianime_pipeline.film.timeline import SubtitleLine, SubtitleTrack
from aianime_pipeline.film.timeline.rough import Edited
from aianime_pipeline.production.episodes.rows import find_episode, load_shots
from aianime_pipeline.production.exports import exporting
from aianime_pipeline.production.exports.claims import cancel_export
from aianime_pipeline.production.films.composites import delete_export, edit_timeline, read_composite
from aianime_pipeline.production.films.settings import set_main_preset
from aianime_pipeline.production.generations import RunCancelled
from aianime_pipeline.production.shots.stages import Stage

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

SMALL = ExportPreset("phone", "480p", "9:16", quality="draft")


@pytest.fixture
def two(studio: Studio, tmp_path: Path) -> Studio:
    studio.storyboard(tmp_path, 2)
    studio.make_all()
    return studio


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """While it is not set, a render waits before it begins; a cancelled one ends."""
    go = threading.Event()
    really = exporting.render_film

    def render(*arguments: Any, **options: Any) -> Any:
        while not go.wait(0.02) and not options["cancelled"]():
            pass
        return really(*arguments, **options)

    monkeypatch.setattr(exporting, "render_film", render)
    return go


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """What it returned or raised, when the thread has ended."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(work())
        except (Exception, RunCancelled) as error:  # noqa: BLE001 - told to the test
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def is_exporting(studio: Studio) -> bool:
    return read_composite(studio.place, KEY).state == "exporting"


def output_names(studio: Studio) -> list[str]:
    folder = studio.place.settings.output(KEY)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def set_main(studio: Studio, preset: ExportPreset | None) -> None:
    with studio.place.database.write() as session:
        set_main_preset(session, session.get_one(Project, 1), preset, who="the owner")


def nothing_stray(studio: Studio) -> None:
    settings = studio.place.settings
    assert list((settings.scratch / "films").iterdir()) == []
    for folder in (settings.segments, settings.home / "output"):
        assert [path for path in folder.rglob("*") if ".part" in path.name] == []


def test_another_preset_is_a_file_of_the_task_beside_the_film(two: Studio) -> None:
    film, phone = two.export(), two.export(preset=SMALL)
    assert film.path.name == f"{KEY}.mp4"
    assert phone.path == two.place.settings.output(KEY) / "exports" / f"{KEY}-phone.mp4"
    with av.open(str(phone.path)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (480, 854)
    assert {"srt.en", "vtt.en", "ass.en", "poster"} <= set(phone.files)
    assert all(path.stat().st_size for path in phone.files.values())
    rows = {row.name: row for row in two.rows(Export)}
    assert {name: (row.state, row.requested_by) for name, row in rows.items()} == {
        "main": ("done", "a person"),
        "phone": ("done", "a person"),
    }
    (task,) = two.rows(CompositeTask)
    assert (task.film_digest, task.state) == (film.digest, "done")
    nothing_stray(two)


@on_sqlite
def test_the_same_export_asked_for_again_is_kept_and_another_of_its_name_takes_its_place(two: Studio) -> None:
    first, second = two.export(preset=SMALL), two.export(preset=SMALL)
    assert (second.made, second.digest, second.export_id) == (False, first.digest, first.export_id)
    third = two.export(preset=replace(SMALL, subtitles="none"))
    assert third.made
    assert [row.id for row in two.rows(Export)] == [third.export_id]
    assert output_names(two) == [f"exports/{KEY}-phone.jpg", f"exports/{KEY}-phone.mp4"]


@on_sqlite
def test_what_the_main_preset_no_longer_makes_does_not_stay_beside_the_film(two: Studio) -> None:
    french = SubtitleTrack("fr", (SubtitleLine(1, 100, 800, ("Premier",)),))
    edit_timeline(
        two.place,
        KEY,
        lambda timeline: Edited(replace(timeline, subtitles=(*timeline.subtitles, french))),
        expected_version=0,
        who="li",
    )
    names = {f"{KEY}.{ending}" for ending in ("mp4", "jpg", "srt", "vtt", "ass", "fr.srt", "fr.vtt", "fr.ass")}
    set_main(two, SMALL)
    two.export()
    assert set(output_names(two)) == names
    (two.place.settings.output(KEY) / "mine.txt").write_text("a person's own")
    set_main(two, replace(SMALL, languages=("en",)))
    two.export()
    assert set(output_names(two)) == {name for name in names if ".fr." not in name} | {"mine.txt"}
    set_main(two, replace(SMALL, poster_second=None, subtitles="none"))
    two.export()
    assert output_names(two) == ["mine.txt", f"{KEY}.mp4"]
    set_main(two, None)
    two.export()
    set_main(two, replace(SMALL, poster_second=None, subtitles="none"))
    two.export()
    assert output_names(two) == ["mine.txt", f"{KEY}.mp4"]


@on_sqlite
def test_the_subtitles_of_a_film_of_before_there_were_exports_go_where_none_are_made(two: Studio) -> None:
    two.export()
    with two.place.database.write() as session:
        session.execute(sa.delete(Export))
    folder = two.place.settings.output(KEY)
    for path in folder.iterdir():
        if path.suffix not in (".mp4", ".srt"):
            path.unlink()
    set_main(two, replace(SMALL, poster_second=None, subtitles="none"))
    two.export()
    assert output_names(two) == [f"{KEY}.mp4"]


@on_sqlite
def test_an_export_is_deleted_with_its_files_and_the_film_only_with_its_task(two: Studio) -> None:
    film, phone = two.export(), two.export(preset=SMALL)
    before = output_names(two)
    delete_export(two.place, KEY, phone.export_id)
    assert output_names(two) == [name for name in before if not name.startswith("exports/")]
    with pytest.raises(StateError, match=r"the film of p-e001 itself, .* `aianime film delete p-e001`"):
        delete_export(two.place, KEY, film.export_id)


@on_sqlite
def test_a_preset_cannot_pass_for_the_film_or_for_a_draft(two: Studio) -> None:
    with pytest.raises(BadSettingError, match="kept for the project's main preset"):
        two.export(preset=ExportPreset("main", "480p"))
    with pytest.raises(BadSettingError, match="-DRAFT"):
        two.export(preset=ExportPreset("phone-draft", "480p"))
    with pytest.raises(UnknownFormatError, match="otio"):
        two.export(formats=["avid"])
    assert two.rows(CompositeTask) == []


@on_sqlite
def test_a_shot_that_waits_refuses_the_export_and_is_named(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, 2)
    studio.make(Stage.IMAGE)
    with pytest.raises(FilmNotReadyError, match="waits for shots 1, 2: shot 1: video is pending") as told:
        studio.export()
    assert {"shot": 2, "stage": "voice", "state": "pending"} in told.value.details["waiting"]
    assert studio.rows(Export) == []


def test_a_draft_shows_what_is_approved_with_slates_for_the_rest_and_says_so(studio: Studio, tmp_path: Path) -> None:
    """In turn: an unapproved video, a picture without its video, nothing at all."""
    studio.storyboard(tmp_path, [shot(1), shot(2), shot(3)])
    studio.set_project(review_video="human")
    studio.steering.fail("video", "picture 2.")
    studio.steering.fail("image", "picture 3.")
    studio.make_all()
    result = studio.export(draft=True)
    assert result.path.name == f"{KEY}-main-DRAFT.mp4"
    assert result.report["slates"] == [
        {"shot": 1, "reason": "video is review", "shown": "picture"},
        {"shot": 2, "reason": "video is failed", "shown": "picture"},
        {"shot": 3, "reason": "image is failed", "shown": "card"},
    ]
    assert {"shot": 1, "stage": "video", "state": "review"} in result.report["unapproved"]
    assert result.report["frames"] == 72
    with av.open(str(result.path)) as container:
        assert "DRAFT" in container.metadata["title"]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    card = frames[60].mean()
    assert card < 70, "the card is dark"
    (task,) = studio.rows(CompositeTask)
    assert (task.state, task.film_digest) == ("editing", None)
    assert studio.asked("music") == []


@on_sqlite
def test_a_draft_goes_on_where_a_file_is_lost_and_says_which_shot(two: Studio) -> None:
    with two.place.database.read() as session:
        view = load_shots(session, find_episode(session, KEY).id)[1]
        video = view.stages[Stage.VIDEO].take
        assert video is not None
    with two.place.store.local_path(video.object_digest or "") as path:
        path.unlink()
    result = two.export(draft=True)
    assert result.report["slates"] == [{"shot": 2, "reason": "the video's file is lost", "shown": "picture"}]


@on_sqlite
def test_a_second_export_of_the_episode_is_told_which_one_runs(two: Studio, held: threading.Event) -> None:
    thread, results = in_thread(two.export)
    wait_until(lambda: is_exporting(two))
    with pytest.raises(WorkHeldError, match=r"being made by run export-.* \(process \d+ on .*since .* UTC; \d+ %"):
        two.export(preset=SMALL)
    held.set()
    thread.join()
    assert [type(result).__name__ for result in results] == ["ExportResult"]
    assert two.export(preset=SMALL).made
    assert [row.name for row in two.rows(Export)] == ["main", "phone"]


def test_a_cancelled_export_goes_back_to_editing_and_leaves_nothing(two: Studio, held: threading.Event) -> None:
    thread, results = in_thread(two.export)
    wait_until(lambda: is_exporting(two))
    cancel_export(two.place, KEY, who="wu")
    thread.join(30)
    assert isinstance(results[0], ExportCancelledError)
    assert "wu stopped the export" in results[0].message
    (task,), (row,) = two.rows(CompositeTask), two.rows(Export)
    assert (task.state, task.claimed_by, task.cancel_requested) == ("editing", None, None)
    assert (row.state, row.reason) == ("cancelled", "Stopped by wu.")
    assert not two.place.settings.output(KEY).exists()
    nothing_stray(two)
    held.set()
    assert two.export().made


@on_sqlite
def test_an_export_in_the_middle_of_its_pictures_is_cancelled_within_moments(
    two: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The render itself is stopped, not only what comes before it."""
    began = threading.Event()

    def seen(watch: Any, at: Any) -> None:
        if at.percent > 0:
            began.set()

    monkeypatch.setattr(exporting.ExportWatch, "on_progress", seen)
    thread, results = in_thread(lambda: two.export(preset=BUILT_IN["landscape-4k"]))
    assert began.wait(60)
    cancel_export(two.place, KEY, who="wu")
    thread.join(30)
    assert isinstance(results[0], ExportCancelledError), results
    nothing_stray(two)
    assert not two.place.settings.output(KEY).exists()


@on_sqlite
def test_a_stopped_process_ends_its_export_as_cancelled(two: Studio, held: threading.Event) -> None:
    stop = threading.Event()
    thread, results = in_thread(lambda: two.export(stop=stop))
    wait_until(lambda: is_exporting(two))
    stop.set()
    thread.join(30)
    assert isinstance(results[0], RunCancelled)
    assert read_composite(two.place, KEY).state == "editing"


@on_sqlite
def test_where_nothing_is_exported_nothing_can_be_cancelled(two: Studio) -> None:
    with pytest.raises(StateError, match="Nothing of p-e001 is being exported"):
        cancel_export(two.place, KEY, who="wu")


def test_how_far_an_export_is_can_be_read_while_it_goes_on(two: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[float, str]] = []
    go = threading.Event()
    really = exporting.render_film

    def render(*arguments: Any, **options: Any) -> Any:
        report = really(*arguments, **options)
        assert go.wait(60)
        return report

    monkeypatch.setattr(exporting, "render_film", render)
    thread, _ = in_thread(lambda: two.export(on_progress=lambda at: seen.append((at.percent, at.step))))
    wait_until(lambda: read_composite(two.place, KEY).percent > 0)
    found = read_composite(two.place, KEY)
    assert (found.state, bool(found.step)) == ("exporting", True)
    go.set()
    thread.join(60)
    found = read_composite(two.place, KEY)
    assert (found.state, found.percent, found.step, found.seconds_left) == ("done", 100.0, "done", 0.0)
    assert seen
    (worker,) = (one for one in two.rows(Worker) if one.run_id.startswith("export-"))
    assert worker.ended_at is not None


@on_sqlite
def test_an_export_that_fails_says_why_in_both_rows_and_the_next_begins_anew(
    two: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any, **options: Any) -> Any:
        raise BadSettingError("No level allows this.")

    with monkeypatch.context() as changed:
        changed.setattr(exporting, "render_film", broken)
        with pytest.raises(BadSettingError):
            two.export()
    found = read_composite(two.place, KEY)
    assert (found.state, found.reason) == ("failed", "No level allows this.")
    assert (found.exports[0].state, found.exports[0].reason) == ("failed", "No level allows this.")
    assert two.export().made
    assert [export.state for export in read_composite(two.place, KEY).exports] == ["done"]


@on_sqlite
def test_an_edit_while_an_export_goes_on_leaves_the_task_open_when_it_ends(two: Studio, held: threading.Event) -> None:
    from aianime_pipeline.film.timeline.edits import move

    thread, results = in_thread(two.export)
    wait_until(lambda: two.rows(Export) != [] and two.place.settings.scratch.joinpath("films").exists())
    edit_timeline(two.place, KEY, lambda timeline: move(timeline, 2, 0), expected_version=0, who="li")
    assert is_exporting(two)
    held.set()
    thread.join(60)
    assert read_composite(two.place, KEY).state == "editing"
    assert results[0].report["timeline_version"] == 0  # type: ignore[attr-defined]


@on_sqlite
def test_a_film_without_the_ai_label_is_recorded_with_who_wanted_it(two: Studio) -> None:
    with two.place.database.write() as session:
        project = session.get_one(Project, 1)
        set_main_preset(session, project, replace(SMALL, ai_label=False), who="the owner")
    result = two.export()
    with av.open(str(result.path)) as container:
        assert "AI" not in container.metadata.get("comment", "")
    two.export(preset=replace(SMALL, name="clean", ai_label=False))
    changes = [(one.who, one.field, one.before, one.after) for one in two.rows(ProjectChange)]
    unlabelled = ({"value": True}, {"value": False})
    assert ("the owner", "export_preset.ai_label", *unlabelled) in changes
    assert ("a person", f"exports.{KEY}-clean.ai_label", *unlabelled) in changes


@on_sqlite
def test_projects_for_editing_programs_lie_in_a_folder_with_their_media(two: Studio) -> None:
    result = two.export(formats=["otio", "otioz"])
    folder = two.place.settings.output(KEY) / f"{KEY}-editors"
    assert result.files["edit.otio"] == folder / f"{KEY}.otio"
    assert (folder / f"{KEY}.otioz").stat().st_size > 0
    text = (folder / f"{KEY}.otio").read_text("utf-8")
    media = list((folder / "media").iterdir())
    assert media
    assert all(path.name in text for path in media)
    assert set(result.report["lost_in_formats"]) == {"otio", "otioz"}
    two.export()
    assert not folder.exists()
