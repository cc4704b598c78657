"""`aianime film`: exports from the command line, their files, how they end, and the presets that they are made by."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine, Ended
from support.film_media import ffmpeg, seen
from support.processes import wait_until
from support.stories import storyboard_file
from support.watching import watch

from aianime_pipeline.cli.export_output import progress_text
from aianime_pipeline.cli.film_export import named_after
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.presets.presets import BUILT_IN, with_changes

KEY = "p-e001"
EXPORT = {
    *("episode", "export", "preset", "draft", "made", "path", "files", "frames", "seconds", "bytes", "lufs"),
    *("true_peak", "encoder", "warnings", "slates", "unapproved", "missing", "lost_in_formats"),
}
LISTED = EXPORT - {"episode", "export", "made"} | {
    *("id", "state", "reason", "percent", "version", "requested_by", "finished_at"),
}


def test_an_export_lies_beside_the_film_with_subtitles_and_projects_for_editing_programs(
    finished: CommandLine,
) -> None:
    film = finished.home / "output" / KEY / f"{KEY}.mp4"
    was = film.read_bytes()
    ended = finished.done(
        "film", "export", KEY, "--preset", "preview-480p", "--format", "otio，edl", "--format", "edl", "--json"
    )
    found = ended.json
    assert set(found) == EXPORT
    assert (found["preset"], found["draft"], found["made"], found["frames"]) == ("preview-480p", False, True, 72)
    path = Path(found["path"])
    assert path == film.parent / "exports" / f"{KEY}-preview-480p.mp4"
    watched = watch(path)
    assert (watched.width, watched.height, watched.frames) == (854, 480, 72)
    assert path.stat().st_size == found["bytes"]
    assert {kind for kind in found["files"] if not kind.startswith("media.")} == {
        *("srt.en", "vtt.en", "ass.en", "poster", "edit.otio", "edit.edl"),
    }
    assert "line 2." in Path(found["files"]["srt.en"]).read_text("utf-8")
    assert json.loads(Path(found["files"]["edit.otio"]).read_text("utf-8"))["OTIO_SCHEMA"].startswith("Timeline")
    assert all(Path(file).is_file() for file in found["files"].values())
    assert set(found["lost_in_formats"]) == {"otio", "edl"}
    assert any("subtitles" in loss for loss in found["lost_in_formats"]["edl"])
    assert all(line.startswith("film: ") and " % (" in line for line in ended.told.splitlines()), ended.told
    assert film.read_bytes() == was

    again = finished.done("film", "export", KEY, "--preset", "preview-480p", "--format", "otio,edl").out
    assert f"film: {path}  (72 frames, 3.00 s" in again
    assert "as it was" in again
    assert "not in the edl file: " in again

    listed = finished.done("film", "exports", KEY, "--json").json
    assert [(one["preset"], one["state"], one["percent"]) for one in listed["exports"]] == [
        ("preview-480p", "done", 100.0),
        ("main", "done", 100.0),
    ]
    assert all(set(one) == LISTED for one in listed["exports"])
    newest = listed["exports"][0]["id"]
    assert str(path) in finished.done("film", "exports", KEY).out
    assert finished.done("film", "delete", KEY, "--export", newest, "--json").json == {
        "episode": KEY,
        "deleted": [newest],
    }
    assert not path.parent.exists()
    assert film.read_bytes() == was


def test_a_changed_preset_gets_files_of_its_own_named_after_what_is_changed(finished: CommandLine) -> None:
    arguments = ("--preset", "preview-480p", "--set", "subtitles=none", "--set", "poster-second=none")
    found = finished.done("film", "export", KEY, *arguments, "--json").json
    assert found["preset"] == "preview-480p-no-subtitles-no-poster"
    assert found["path"].endswith(f"/{KEY}-preview-480p-no-subtitles-no-poster.mp4")
    assert found["files"] == {}
    named = finished.done("film", "export", KEY, *arguments, "--name", "给客户", "--json").json
    assert named["path"].endswith(f"/{KEY}-给客户.mp4")


def test_shots_that_wait_end_the_export_with_3_and_a_draft_shows_slates_in_their_place(finished: CommandLine) -> None:
    finished.done("import", storyboard_file(finished.folder, 4), "--project", "p")
    ended = finished.run("film", "export", KEY, "--json")
    assert (ended.code, ended.error["code"]) == (3, "ERR_FILM_NOT_READY")
    assert {one["shot"] for one in ended.error["details"]["waiting"]} == {4}
    assert "waits for shot 4" in ended.error["message"]
    assert "--draft" in ended.error["message"]

    found = finished.done("film", "export", KEY, "--draft", "--json").json
    assert found["path"].endswith(f"/{KEY}-main-DRAFT.mp4")
    assert [(one["shot"], one["shown"]) for one in found["slates"]] == [(4, "card")]
    frames = seen(Path(found["path"]))
    assert len(frames) == found["frames"] == 96
    assert frames[84][:60].mean() < 90 < frames[36][:60].mean(), "the slate is a dark card, the shots are light"
    told = finished.done("film", "export", KEY, "--draft").out
    assert "slate: shot 4 (image is pending)" in told
    shown = finished.done("film", "show", KEY).out
    assert "slate: image is pending" in shown
    assert "main (draft)" in shown

    deleted = finished.done("film", "delete", KEY, "--json").json["deleted"]
    assert len(deleted) == 2
    assert not list((finished.home / "output" / KEY).rglob("*.mp4"))
    assert finished.done("film", "exports", KEY, "--json").json == {"episode": KEY, "exports": []}


@pytest.fixture
def running(finished: CommandLine) -> Iterator[tuple[CommandLine, subprocess.Popen[str]]]:
    """An export in the middle: it waits for music of another mood."""
    finished.done("project", "p", "--style", "ink")
    finished.done("film", "trim", KEY, "1", "--length", "2")
    finished.steering.hold("music", "ink")
    process = finished.start("film", "export", KEY, "--json")
    wait_until(lambda: finished.steering.submitted("ink") or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    yield finished, process
    if process.poll() is None:
        process.kill()
    process.communicate()


def end(process: subprocess.Popen[str]) -> Ended:
    out, told = process.communicate(timeout=60)
    return Ended(process.returncode, out, told)


def assert_nothing_half_done(line: CommandLine) -> None:
    shown = line.done("film", "show", KEY, "--json").json
    assert (shown["state"], shown["version"]) == ("editing", 1)
    assert [one["state"] for one in shown["exports"]] == ["cancelled", "done"]
    assert [one.name for one in (line.home / "output" / KEY).glob("*.mp4")] == [f"{KEY}.mp4"]
    assert not list((line.home / "tmp" / "films").glob("*/*"))


def test_an_export_is_stopped_from_another_process_and_a_second_one_is_refused_meanwhile(
    running: tuple[CommandLine, subprocess.Popen[str]],
) -> None:
    line, process = running
    second = line.run("film", "export", KEY, "--preset", "preview-480p", "--json")
    assert (second.code, second.error["code"]) == (1, "ERR_WORK_HELD")
    assert f"process {process.pid} on" in second.error["message"]
    assert "exporting" in line.done("film", "show", KEY).out
    assert line.done("film", "cancel", KEY, "--json").json == {"episode": KEY, "state": "editing"}
    first = end(process)
    assert (first.code, first.error["code"]) == (1, "ERR_EXPORT_CANCELLED")
    assert_nothing_half_done(line)
    nothing = line.run("film", "cancel", KEY, "--json")
    assert (nothing.code, nothing.error["code"]) == (1, "ERR_STATE")


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_an_export_that_is_stopped_by_its_own_terminal_leaves_nothing(
    running: tuple[CommandLine, subprocess.Popen[str]], way: signal.Signals
) -> None:
    line, process = running
    process.send_signal(way)
    ended = end(process)
    assert (ended.code, ended.error["code"]) == (1, "ERR_STOPPED")
    assert_nothing_half_done(line)


# Presets, and what a project exports with


def test_the_presets_are_listed_with_a_projects_own_and_its_main_one(fresh: CommandLine) -> None:
    built_in = fresh.done("film", "presets", "--json").json["presets"]
    assert [one["name"] for one in built_in] == list(BUILT_IN)
    assert {one["kind"] for one in built_in} == {"built_in"}
    made = fresh.done(
        "film", "preset", "p", "phone", "--from", "vertical-1080p", "--set", "quality=high", "--json"
    ).json
    assert (made["project"], made["preset"]["name"]) == ("p", "phone")
    assert (made["preset"]["aspect"], made["preset"]["quality"]) == ("9:16", "high")
    changed = fresh.done("film", "preset", "p", "phone", "--set", "rate=30", "--json").json["preset"]
    assert (changed["quality"], changed["rate"]) == ("high", "30")
    fresh.done("project", "p", "--preset", "web-14", "--preset", "quality=standard")
    kinds = {
        one["name"]: one["kind"] for one in fresh.done("film", "presets", "--project", "p", "--json").json["presets"]
    }
    assert (kinds["main"], kinds["phone"]) == ("main", "own")
    told = fresh.done("film", "presets", "--project", "p").out
    assert all(name in told for name in (*BUILT_IN, "phone", "main"))
    assert fresh.done("film", "preset", "p", "phone", "--delete", "--json").json == {"project": "p", "deleted": "phone"}
    assert "phone" not in fresh.done("film", "presets", "--project", "p").out


def test_a_projects_preset_subtitle_style_and_watermark_are_kept_told_and_taken_back(fresh: CommandLine) -> None:
    logo = fresh.folder / "logo.png"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x32,format=rgba", "-frames:v", "1", logo)
    usual = fresh.done("project", "p", "--json").json
    assert (usual["preset"], usual["watermark"]) == (None, None), "no preset has 160x90"
    found = fresh.done(
        *("project", "p", "--preset", "vertical-1080p", "--preset", "ai-label=no"),
        *("--subtitle-style", "size=０.０８", "--subtitle-style", "backing=box"),
        *("--watermark", logo, "--watermark", "corner=bottom_left", "--json"),
    ).json
    assert (found["preset"]["aspect"], found["preset"]["ai_label"], found["preset"]["name"]) == ("9:16", False, "main")
    assert (found["subtitle_style"]["size"], found["subtitle_style"]["backing"]) == (0.08, "box")
    assert (found["watermark"]["corner"], found["watermark"]["width"]) == ("bottom_left", 0.12)
    changed = fresh.done("project", "p", "--watermark", "width=0.2", "--json").json["watermark"]
    assert changed == found["watermark"] | {"width": 0.2}
    told = fresh.done("project", "p").out
    assert "aspect=9:16" in told
    assert "backing=box" in told
    back = ("--preset", "default", "--subtitle-style", "default", "--watermark", "off", "--json")
    assert fresh.done("project", "p", *back).json == usual


WRONG = [
    (["film", "export", KEY, "--preset", "wide"], 2, "ERR_NOT_FOUND", "there are: broadcast-25"),
    (["film", "export", KEY, "--set", "quality=high"], 2, "ERR_SETTING", "160x90"),
    (["film", "export", KEY, "--preset", "web-14", "--set", "size=4k"], 2, "ERR_SETTING", "it takes resolution"),
    (["film", "export", KEY, "--preset", "web-14", "--set", "4k"], 2, "ERR_SETTING", "resolution=4k"),
    (["film", "export", KEY, "--preset", "web-14", "--name", "a/b"], 2, "ERR_SETTING", "hyphens"),
    (["film", "export", KEY, "--format", "avid"], 2, "ERR_FORMAT_UNKNOWN", "otio, otioz, edl"),
    (["film", "cancel", KEY], 1, "ERR_STATE", "Nothing of p-e001 is being exported"),
    (["film", "delete", KEY, "--export", "77"], 2, "ERR_NOT_FOUND", "no export 77"),
    (["film", "presets", "--project", "q"], 2, "ERR_NOT_FOUND", "there are: p"),
    (["film", "preset", "p", "web-14", "--set", "quality=high"], 2, "ERR_SETTING", "take another"),
    (["film", "preset", "p", "phone", "--delete"], 2, "ERR_NOT_FOUND", "no preset 'phone'"),
    (["project", "p", "--preset", "quality=high"], 2, "ERR_SETTING", "--preset landscape-1080p"),
    (["project", "p", "--preset", "web-14", "--preset", "square-1080p"], 2, "ERR_SETTING", "one is right"),
    (["project", "p", "--subtitle-style", "size=big"], 2, "ERR_SETTING", "it takes a number"),
    (["project", "p", "--subtitle-style", "weight=3"], 2, "ERR_SETTING", "it has size"),
    (["project", "p", "--watermark", "gone.png"], 2, "ERR_NOT_FOUND", "There is no file gone.png"),
    (["project", "p", "--watermark", "width=0.2"], 2, "ERR_SETTING", "no watermark yet"),
]


@pytest.mark.parametrize(("arguments", "code", "error", "right"), WRONG, ids=[" ".join(one[0]) for one in WRONG])
def test_what_cannot_be_exported_or_set_is_told_with_what_would_be_right(
    made: CommandLine, arguments: list[str], code: int, error: str, right: str
) -> None:
    ended = made.run(*arguments, "--json")
    assert (ended.code, ended.error["code"]) == (code, error), ended.told
    assert right in ended.error["message"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"resolution": "4k", "codec": "h264"}, "web-14-4k"),
        ({"aspect": "9:16", "fit": "crop", "rate": "23.976"}, "web-14-9x16-23_976fps-crop"),
        ({"quality": "draft"}, "web-14-draft-quality"),
        ({"watermark": "no", "ai_label": "no", "hardware": "yes"}, "web-14-hardware-no-watermark-no-ai-label"),
        ({"subtitles": "burned", "languages": "en", "loudness": "-16"}, "web-14-burned-subtitles-en-16lufs"),
        ({"poster_second": "1.5", "subtitles": "none"}, "web-14-no-subtitles-poster-1_5s"),
    ],
)
def test_a_changed_presets_name_says_what_is_changed(changes: dict[str, str], name: str) -> None:
    preset = BUILT_IN["web-14"]
    assert named_after(preset, with_changes(preset, **changes)) == name


def test_a_name_that_would_be_too_long_is_asked_for() -> None:
    preset = BUILT_IN["vertical-burned-in"]
    changed = with_changes(preset, resolution="4k", rate="30", codec="av1", quality="high", fit="pad", loudness="-23")
    with pytest.raises(BadSettingError, match="--name"):
        named_after(preset, changed)


def test_how_far_an_export_is_is_told_with_the_time_that_is_left() -> None:
    assert progress_text(44.6, "segments", 12.4) == "45 %, segments, 12 s left"
    assert progress_text(0.0, "", None) == "0 %, begins"
