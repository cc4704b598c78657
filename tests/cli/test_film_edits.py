"""`aianime film`: every edit from the command line, what it says, and what stands in the edit and in the film then."""

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.command_line import CommandLine
from support.film_media import ffmpeg, seen
from support.stories import storyboard_file

from aianime_pipeline.cli.arguments import decibels, frames_of, samples_of
from aianime_pipeline.errors import BadSettingError

KEY = "p-e001"

EDITS: list[tuple[list[str], str]] = [
    (["move", "3", "--to", "1"], "Shot 3 is number 1 of 3 now, 3 before."),
    (["remove", "1"], "Shot 1, 1 s (24 frames), is out of the film; restore brings it back."),
    (["restore", "1"], "Shot 1 is in the film again, as number 1 of 3."),
    (["move", "1", "--after", "3"], "Shot 1 is number 2 of 3 now, 1 before."),
    (
        ["trim", "2", "--in", "4", "--length", "+0.5"],
        "Shot 2 is 1.5 s (36 frames) long now, 1 s (24 frames) before: fr",
    ),
    (
        ["trim", "２", "--length", "３２ｆ"],
        "Shot 2 is 1.33 s (32 frames) long now, 1.5 s (36 frames) before: frames 4 to",
    ),
    (["roll", "2", "-2"], "Shot 2 begins 2 frames earlier now, at 1.92 s."),
    (["slip", "2", "-1"], "Shot 2 shows frames 1 to 23 of 24, the last held for 12 now; before, frames 2 to 24 of 24"),
    (
        ["transition", "1", "dissolve", "--frames", "6"],
        "Shot 1 begins with a dissolve of 6 frames (3 before the cut) n",
    ),
    (["gain", "-3", "--track", "speech"], "The track speech: -3 dB now."),
    (["gain", "+2.5dB", "--shot", "2"], "Speech of shot 2: +2.5 dB now."),
    (["own-sound", "2", "on"], "The own sound of shot 2 is heard now."),
    (["speech", "2", "--at", "0.25"], "The line of shot 2 begins 0.25 s after the shot now, 0.23 s before."),
    (["effect", "2", "bell.wav", "--at", "12f", "--gain", "-6"], "Shot 2 has effect 1 now: bell.wav, 0.7 s long, from"),
    (["effect", "1", "bell.wav"], "Shot 1 has effect 1 now"),
    (["effect", "1", "--remove", "1"], "Effect 1 of shot 1 is gone; it has 0 now."),
    (["music", "--off"], "Music: none now; before, -4 dB"),
    (["music", "--made", "--fade-out", "0.5"], "Music: -4 dB, -10 dB more under speech, fades 0 s in and 0.5 s out"),
    (["music", "--file", "bell.wav", "--gain", "-9", "--ducking", "6"], "Music: -9 dB, -6 dB more under speech"),
    (["subtitle", "2", "别回头。"], "Subtitle 1 of shot 2 is '别回头。' now"),
    (["subtitle", "2", "--from", "0.3", "--to", "0.9"], "Subtitle 1 of shot 2 is '别回头。' now, from 0.3 s to 0.9 s"),
    (["subtitle", "2", "走。", "--add", "--from", "1", "--to", "1.2"], "Shot 2 has 2 subtitles now."),
    (["subtitle", "3", "--remove"], "The subtitle 'line 3.' of shot 3 is gone."),
    (["subtitles", "fr.srt", "--language", "fr"], "Subtitles now: en (3), fr (2)."),
    (["marker", "2", "the hand", "--at", "0.5", "--colour", "green"], "Shot 2 has 1 marker now."),
]


@pytest.fixture(scope="module")
def line(made: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A film that is there, with files to edit it with."""
    line = made.copy_to(tmp_path_factory.mktemp("edited"))
    ffmpeg("-f", "lavfi", "-i", "sine=440:r=48000:d=0.7", line.folder / "bell.wav")
    words = "1\n00:00:00,100 --> 00:00:00,800\nPremier\n\n2\n00:00:02,100 --> 00:00:02,800\nDeuxième\n"
    (line.folder / "fr.srt").write_text(words, "utf-8")
    return line


@pytest.fixture(scope="module")
def answers(line: CommandLine) -> list[dict[str, Any]]:
    """What each of EDITS printed, one after another on the same film."""
    return [line.done("film", words[0], KEY, *words[1:], "--json").json for words, _ in EDITS]


@pytest.fixture(scope="module")
def timeline(line: CommandLine, answers: list[dict[str, Any]]) -> dict[str, Any]:
    """What stands there after all of them."""
    found = line.done("film", "show", KEY, "--json").json
    assert found["version"] == len(answers)
    return dict(found["timeline"])


@pytest.mark.parametrize("number", range(len(EDITS)), ids=[" ".join(words) for words, _ in EDITS])
def test_each_edit_says_in_one_sentence_what_it_changed_and_has_a_version(
    answers: list[dict[str, Any]], number: int
) -> None:
    answer = answers[number]
    assert set(answer) == {"episode", "version", "changed", "notes", "frames", "seconds"}
    assert answer["changed"].startswith(EDITS[number][1])
    assert (answer["episode"], answer["version"]) == (KEY, number + 1)
    assert answer["seconds"] == pytest.approx(answer["frames"] / 24)


def of_shot(parts: list[dict[str, Any]], shot: int) -> Mapping[str, Any]:
    (found,) = [part for part in parts if part["shot"] == shot]
    return found


def test_the_edits_stand_in_the_timeline(timeline: dict[str, Any]) -> None:
    assert [clip["shot"] for clip in timeline["clips"]] == [3, 1, 2]
    clip = of_shot(timeline["clips"], 2)
    assert (clip["source_in"], clip["source_out"], clip["hold"], clip["keeps_own_sound"]) == (1, 23, 12, True)
    assert of_shot(timeline["clips"], 1)["transition"] == {"kind": "dissolve", "in_offset": 3, "out_offset": 3}
    assert timeline["gains"] == {"speech": -3.0, "own_sound": 0.0, "effects": 0.0}
    speech = of_shot(timeline["speech"], 2)
    assert (speech["gain_db"], speech["offset"]) == (2.5, 12_000)
    effect = of_shot(timeline["effects"], 2)
    assert (effect["offset"], effect["length"], effect["gain_db"]) == (24_000, 33_600, -6.0)
    assert {name: timeline["music"][name] for name in ("gain_db", "ducking_db", "fade_out")} == {
        "gain_db": -9.0,
        "ducking_db": -6.0,
        "fade_out": 24_000,
    }
    assert timeline["music"]["digest"] == effect["digest"]
    assert timeline["markers"] == [{"shot": 2, "offset": 12, "text": "the hand", "colour": "green"}]


def test_the_subtitles_stand_in_the_timeline_by_language(timeline: dict[str, Any]) -> None:
    tracks = {track["language"]: track["lines"] for track in timeline["subtitles"]}
    assert [(one["shot"], one["lines"], one["start_ms"], one["end_ms"]) for one in tracks["en"]] == [
        (1, ["line 1."], 150, 850),
        (2, ["别回头。"], 300, 900),
        (2, ["走。"], 1000, 1200),
    ]
    assert [(one["shot"], one["lines"]) for one in tracks["fr"]] == [(3, ["Premier"]), (2, ["Deuxième"])]


def test_the_edit_is_what_the_next_film_shows(line: CommandLine, timeline: dict[str, Any]) -> None:
    before = seen(line.home / "output" / KEY / f"{KEY}.mp4")
    assert len(before) == 72
    found = line.done("film", "export", KEY, "--json").json
    frames = seen(Path(found["path"]))
    assert len(frames) == found["frames"] == 24 + 22 + 34
    # The provider's shots are of one colour each.
    for frame, shot in ((2, 3), (30, 1), (60, 2), (79, 2)):
        was = before[24 * (shot - 1) + 12]
        assert np.abs(frames[frame].astype(int) - was).mean() < 6, f"frame {frame} shows shot {shot}"
    assert "别回头。" in Path(found["files"]["srt.en"]).read_text("utf-8")
    assert line.done("film", "show", KEY, "--json").json["state"] == "done"


def test_a_person_reads_the_edit_as_a_table(line: CommandLine, timeline: dict[str, Any]) -> None:
    told = line.done("film", "show", KEY).out
    assert "1-23 of 24 +12" in told
    assert "dissolve 6f" in told
    for words in (
        "subtitles: en (3), fr (2)",
        "gains: speech -3 dB",
        "effect 1 of shot 2: at 0.5 s, 0.7 s long, -6 dB",
    ):
        assert words in told
    assert f"version {len(EDITS)}, edited by " in told
    assert "marker 1 of shot 2: at 0.5 s (green): the hand" in told


WRONG = [
    (["move", KEY, "2"], "ERR_BAD_INPUT", "--to or --before or --after"),
    (["move", KEY, "2", "--to", "4"], "ERR_BAD_INPUT", "it has 1 to 3"),
    (["move", KEY, "2", "--before", "2"], "ERR_BAD_INPUT", "beside itself"),
    (["move", KEY, "two", "--to", "1"], "ERR_SETTING", "no number"),
    (["remove", KEY, "7"], "ERR_BAD_INPUT", "Shot 7 is not on the timeline"),
    (["restore", KEY, "2"], "ERR_SHOT_NUMBER_DUPLICATE", "already"),
    (["trim", KEY, "2"], "ERR_BAD_INPUT", "--length"),
    (["trim", KEY, "2", "--length", "1", "--hold", "3"], "ERR_BAD_INPUT", "without --out and --hold"),
    (["trim", KEY, "2", "--length", "1.5f"], "ERR_SETTING", "36f in frames or 1.5s"),
    (["trim", KEY, "2", "--in", "40"], "ERR_SHOT_DURATION", "Shot 2"),
    (["roll", KEY, "1", "-2"], "ERR_BAD_INPUT", "begins the film"),
    (["transition", KEY, "2", "star"], "ERR_SETTING", "cut, dissolve, fade_black, flash_white, wipe"),
    (["transition", KEY, "2", "wipe", "--frames", "90"], "ERR_SHOT_DURATION", "from 1 to 48"),
    (["gain", KEY, "-6"], "ERR_BAD_INPUT", "--track or --shot"),
    (["gain", KEY, "loud", "--track", "music"], "ERR_SETTING", "in dB"),
    (["gain", KEY, "99", "--track", "music"], "ERR_SETTING", "between -60 and 60"),
    (["gain", KEY, "3", "--track", "songs"], "ERR_SETTING", "speech, own_sound, effects, music"),
    (["effect", KEY, "1", "gone.wav"], "ERR_NOT_FOUND", "There is no file gone.wav"),
    (["effect", KEY, "1", "--remove", "1"], "ERR_BAD_INPUT", "Shot 1 has no effect number 1; it has none."),
    (["music", KEY], "ERR_BAD_INPUT", "--file, --off"),
    (["music", KEY, "--off", "--gain", "3"], "ERR_BAD_INPUT", "--off alone"),
    (["subtitle", KEY, "2"], "ERR_BAD_INPUT", "TEXT"),
    (["subtitle", KEY, "2", "x", "--line", "3"], "ERR_BAD_INPUT", "no subtitle (en) number 3; it has one"),
    (["subtitle", KEY, "2", "\udcff"], "ERR_SETTING", "no text"),
    (["subtitles", KEY, "board.json", "--language", "en"], "ERR_BAD_INPUT", "begins no subtitle"),
    (["subtitles", KEY, "--remove", "--language", "fr"], "ERR_BAD_INPUT", "no subtitles in 'fr'"),
    (["timeline", KEY], "ERR_BAD_INPUT", "--out or --put"),
    (["timeline", KEY, "--put", "board.json"], "ERR_BAD_INPUT", "format"),
    (["show", "p-e009"], "ERR_NOT_FOUND", "there are: p-e001"),
]


@pytest.mark.parametrize(("arguments", "error", "right"), WRONG, ids=[" ".join(map(repr, one[0])) for one in WRONG])
def test_what_cannot_be_done_is_told_with_what_would_be_right(
    made: CommandLine, arguments: list[str], error: str, right: str
) -> None:
    ended = made.run("film", *arguments, "--json")
    assert (ended.code, ended.error["code"]) == (2, error), ended.told
    assert right in ended.error["message"]


def test_what_is_refused_stores_nothing(made: CommandLine) -> None:
    made.run("film", "trim", KEY, "2", "--in", "40")
    shown = made.done("film", "show", KEY, "--json").json
    assert (shown["version"], shown["edited_by"], shown["state"]) == (0, None, "done")


def test_an_edit_of_a_version_that_is_no_more_is_refused_and_says_whose_is_newer(finished: CommandLine) -> None:
    finished.done("film", "trim", KEY, "1", "--length", "2", "--version", "0")
    ended = finished.run("film", "trim", KEY, "1", "--length", "3", "--version", "0", "--json")
    assert (ended.code, ended.error["code"]) == (1, "ERR_STALE_VERSION")
    assert (ended.error["details"]["version"], ended.error["details"]["expected"]) == (1, 0)
    again = finished.done("film", "trim", KEY, "1", "--length", "3").out.splitlines()
    assert again[0].startswith("Shot 1 is 3 s (72 frames) long now, 2 s (48 frames) before")
    assert again[-1] == f"{KEY}: version 2, 5 s (120 frames)"


def test_an_edit_that_changes_nothing_is_not_stored(finished: CommandLine) -> None:
    ended = finished.done("film", "move", KEY, "2", "--to", "2", "--json")
    assert (ended.json["version"], ended.json["changed"]) == (0, "Nothing to change: it is so already.")
    assert finished.done("film", "show", KEY, "--json").json["state"] == "done"


def test_music_that_is_not_made_yet_cannot_be_louder_or_softer(imported: CommandLine) -> None:
    for arguments in (["--gain", "-3"], ["--made", "--gain", "-3"]):
        ended = imported.run("film", "music", KEY, *arguments, "--json")
        assert (ended.code, ended.error["code"]) == (1, "ERR_STATE")
        assert "music" in ended.error["message"]


def test_music_is_put_off_before_the_first_export_makes_it_and_wanted_again(fresh: CommandLine) -> None:
    assert "music: none yet; the film's export makes it" in fresh.done("film", "show", KEY).out
    off = fresh.done("film", "music", KEY, "--off", "--json").json
    assert (off["version"], off["changed"]) == (1, "Music: none now; before, none.")
    again = fresh.done("film", "music", KEY, "--off", "--json").json
    assert (again["version"], again["changed"]) == (1, "Nothing to change: it is so already.")
    assert "music: none yet" not in fresh.done("film", "show", KEY).out
    fresh.done("make", KEY)
    assert [one for one in fresh.steering.submitted() if one.capability == "music"] == []
    assert fresh.done("film", "show", KEY, "--json").json["timeline"]["music"] is None
    back = fresh.done("film", "music", KEY, "--made", "--json").json
    assert back["changed"] == "Music: none now, until the next export of the film makes it; before, none."
    fresh.done("film", "export", KEY)
    assert len([one for one in fresh.steering.submitted() if one.capability == "music"]) == 1
    assert fresh.done("film", "show", KEY, "--json").json["timeline"]["music"] is not None


def test_what_had_to_give_way_is_told(finished: CommandLine) -> None:
    finished.done("film", "transition", KEY, "2", "dissolve", "--frames", "20")
    notes = finished.done("film", "move", KEY, "2", "--to", "1", "--json").json["notes"]
    assert notes == ["Shot 2 begins the film now: it cannot begin with a dissolve, so it begins with a cut."]
    told = finished.done("film", "subtitle", KEY, "1", "很长的一句话，" * 12).out
    assert "note: The subtitle of shot 1 is too long for two lines" in told


def test_the_edit_goes_out_as_a_file_and_comes_back_changed_by_hand(finished: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "cut.json"
    answer = finished.done("film", "timeline", KEY, "--out", file, "--json").json
    assert answer == {"episode": KEY, "version": 0, "path": str(file)}
    document = json.loads(file.read_text("utf-8"))
    document["clips"].reverse()
    file.write_text("\ufeff" + json.dumps(document, ensure_ascii=False), "utf-8")  # as Windows editors write it
    put = finished.done("film", "timeline", KEY, "--put", file, "--version", "0", "--json").json
    assert (put["version"], put["frames"]) == (1, 72)
    shown = finished.done("film", "show", KEY, "--json").json["timeline"]
    assert [clip["shot"] for clip in shown["clips"]] == [3, 2, 1]
    document["clips"][0]["digest"] = "0" * 64
    file.write_text(json.dumps(document), "utf-8")
    ended = finished.run("film", "timeline", KEY, "--put", file, "--json")
    assert (ended.code, ended.error["code"]) == (2, "ERR_NOT_FOUND")


def test_an_edit_stays_when_the_storyboard_grows_and_is_gone_when_it_is_thrown_away(finished: CommandLine) -> None:
    finished.done("film", "move", KEY, "3", "--to", "1")
    finished.done("import", storyboard_file(finished.folder, 4), "--project", "p")
    shown = finished.done("film", "show", KEY, "--json").json
    assert [clip["shot"] for clip in shown["timeline"]["clips"]] == [3, 4, 1, 2]
    assert {one["shot"] for one in shown["waiting"]} == {4}
    assert "waits: shot 4: video is pending" in finished.done("film", "show", KEY).out
    assert finished.done("film", "discard", KEY, "--json").json == {"episode": KEY, "version": 2}
    shown = finished.done("film", "show", KEY, "--json").json
    assert [clip["shot"] for clip in shown["timeline"]["clips"]] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "bare", "frames"),
    [("12", "f", 12), ("12", "s", 300), ("0.5s", "f", 13), ("-6f", "s", -6), ("+１．５", "s", 38), ("36 F", "s", 36)],
)
def test_lengths_are_frames_or_seconds(text: str, bare: Any, frames: int) -> None:
    assert frames_of(text, Fraction(25), bare=bare) == frames
    assert abs(samples_of("-0.5", Fraction(25))) == 24_000


@pytest.mark.parametrize("text", ["", "s", "1.5f", "1:30", "1e3", "nan", "-", "½"])
def test_what_is_no_length_or_gain_is_refused(text: str) -> None:
    with pytest.raises(BadSettingError, match="36f in frames"):
        frames_of(text, Fraction(25), bare="f")
    with pytest.raises(BadSettingError, match="in dB"):
        decibels(text + "x")
