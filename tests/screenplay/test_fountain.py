"""Fountain: every element of the syntax, its odd corners, and a cross-check with another reader of the format."""

import io

import pytest
from screenplain.parsers import fountain as screenplain_fountain
from screenplain.types import Dialog, DualDialog, Slug

from aianime_pipeline.errors import DuplicateEpisodeError, NoSceneError
from aianime_pipeline.screenplay.fountain import parse_fountain
from aianime_pipeline.screenplay.model import Block, CastEntry, Scene

HEADING = "INT. FERRY HOUSE - DAY"


def scene_of(body: str) -> Scene:
    return parse_fountain(f"{HEADING}\n\n{body}\n").episodes[0].scenes[0]


def forms(body: str) -> list[tuple[str, str | None, str | None, str]]:
    return [(block.type, block.speaker, block.emotion, block.text) for block in scene_of(body).blocks]


@pytest.mark.parametrize(
    ("line", "place", "time", "inside"),
    [
        ("INT. FERRY HOUSE - DAY", "FERRY HOUSE", "day", "int"),
        ("EXT. RIVER - ON THE FERRY - NIGHT", "RIVER - ON THE FERRY", "night", "ext"),
        ("ext. river – dawn", "river", "dawn", "ext"),
        ("INT./EXT. CAR - DUSK", "CAR", "dusk", "int_ext"),
        ("INT/EXT CAR - EVENING", "CAR", "dusk", "int_ext"),
        ("I/E CAR - MIDNIGHT", "CAR", "night", "int_ext"),
        ("EST. HARBOUR - LATE AFTERNOON", "HARBOUR", "day", "ext"),
        ("INT HOUSE - KITCHEN", "HOUSE - KITCHEN", None, "int"),
        ("EXT. SUNSET BOULEVARD", "SUNSET BOULEVARD", None, "ext"),
        (".SNIPER SCOPE - NIGHT", "SNIPER SCOPE", "night", None),
        ("INT. 咖啡厅 - 夜", "咖啡厅", "night", "int"),
    ],
)
def test_a_scene_heading_gives_place_time_and_inside(
    line: str, place: str, time: str | None, inside: str | None
) -> None:
    scene = parse_fountain(f"{line}\n\nShe waits.\n").episodes[0].scenes[0]
    assert (scene.place, scene.time_of_day, scene.interior) == (place, time, inside)
    assert scene.heading == line.removeprefix(".")


def test_a_number_in_hashes_is_the_number_of_the_scene() -> None:
    scenes = parse_fountain("INT. A - DAY #12A#\n\nX.\n\nINT. B - DAY\n\nY.\n").episodes[0].scenes
    assert [(scene.number, scene.place) for scene in scenes] == [("12A", "A"), ("1-2", "B")]


@pytest.mark.parametrize("line", ["INTERIOR thoughts fill her.", "EXTRA people walk by.", "...and then", ".", "INT."])
def test_a_line_that_only_begins_like_a_heading_is_action(line: str) -> None:
    assert forms(line)[0][0] == "action"


def test_a_continuous_scene_has_the_time_of_the_one_before() -> None:
    scenes = parse_fountain("INT. A - NIGHT\n\nX.\n\nEXT. B - CONTINUOUS\n\nY.\n").episodes[0].scenes
    assert [(scene.time_text, scene.time_of_day) for scene in scenes] == [("NIGHT", "night"), ("CONTINUOUS", "night")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("MARA\nHello.", [("dialogue", "MARA", None, "Hello.")]),
        ("MARA (V.O.)\nHello.", [("os", "MARA", None, "Hello.")]),
        ("MARA (O.S.)\nHello.", [("os", "MARA", None, "Hello.")]),
        ("MARA (CONT'D)\nHello.", [("dialogue", "MARA", None, "Hello.")]),
        ("MARA (on the radio)\nHello.", [("dialogue", "MARA", "on the radio", "Hello.")]),
        ("MARA (V.O.) (CONT'D)\nHello.", [("os", "MARA", None, "Hello.")]),
        ("MARA\n(softly)\nHello.", [("dialogue", "MARA", "softly", "Hello.")]),
        (
            "MARA\nHello.\n(turning)\nGo.",
            [("dialogue", "MARA", None, "Hello."), ("dialogue", "MARA", "turning", "Go.")],
        ),
        ("MARA\nHello.\n(beat)", [("dialogue", "MARA", None, "Hello."), ("direction", None, None, "MARA (beat)")]),
        ("@McCLANE\nHello.", [("dialogue", "McCLANE", None, "Hello.")]),
        ("@林夏\n你听见了吗？\n快走。", [("dialogue", "林夏", None, "你听见了吗？快走。")]),
        ("R2D2\nBeep.", [("dialogue", "R2D2", None, "Beep.")]),
        ("MARA\n~La la la", [("dialogue", "MARA", "singing", "La la la")]),
        (
            "MARA\nOne line\nand another.\n  \nAnd a third.",
            [("dialogue", "MARA", None, "One line and another. And a third.")],
        ),
        ("NARRATOR\nOnce.", [("os", "NARRATOR", None, "Once.")]),
        (
            "MARA WAITS.\n\nShe is cold.",
            [("action", None, None, "MARA WAITS."), ("action", None, None, "She is cold.")],
        ),
        ("23\nNumbers are no name.", [("action", None, None, "23 Numbers are no name.")]),
        ("!SCREAMING\nAll around.", [("action", None, None, "SCREAMING All around.")]),
        ("CUT TO:", [("direction", None, None, "CUT TO:")]),
        ("> FADE OUT.", [("direction", None, None, "FADE OUT.")]),
        ("> THE END <", [("direction", None, None, "THE END")]),
        ("~La la la", [("direction", None, None, "La la la")]),
        ("CLOSE ON: the bell", [("closeup", None, None, "the bell")]),
        ("INSERT - a letter", [("closeup", None, None, "a letter")]),
        ("She *waits*, **cold**, _alone_, ***still***.", [("action", None, None, "She waits, cold, alone, still.")]),
        (r"Five \*stars\* and snake_case_name", [("action", None, None, "Five *stars* and snake_case_name")]),
        ("She waits. [[a note]] Then not.", [("action", None, None, "She waits.  Then not.")]),
    ],
)
def test_an_element_becomes_its_blocks(body: str, expected: list[tuple[str, str | None, str | None, str]]) -> None:
    assert forms(body) == expected


def test_blocks_name_their_lines_also_behind_notes_and_boneyard() -> None:
    screenplay = parse_fountain(f"Title: X\n\n/* cut\n\nout */\n\n{HEADING}\n\n[[note]]\nShe waits.\n\nMARA\nGo.\n")
    scene = screenplay.episodes[0].scenes[0]
    assert scene.line == 7
    assert [(block.text, block.line) for block in scene.blocks] == [("She waits.", 10), ("Go.", 13)]


def test_the_title_page_becomes_title_and_metadata() -> None:
    screenplay = parse_fountain(
        f"Title:\n\t_**THE LAST FERRY**_\nAuthor: A\nContact:\n    Street\n    Town\n\n{HEADING}\n\nX."
    )
    assert screenplay.title == "THE LAST FERRY"
    assert screenplay.metadata == {"Author": "A", "Contact": "Street\nTown"}


def test_a_transition_on_the_first_line_is_no_title_page() -> None:
    screenplay = parse_fountain(f"FADE IN:\n\n{HEADING}\n\nX.")
    assert screenplay.metadata == {"preamble": "FADE IN:"}
    assert [notice.line for notice in screenplay.notices] == [1]


def test_what_stays_out_of_the_film_is_counted_and_kept() -> None:
    text = f"{HEADING}\n\n= a synopsis\n\n# Act One\n\nX. [[one]]\n\n[[two\nlines]]\n\n/* old */\n\n===\n"
    screenplay = parse_fountain(text)
    assert screenplay.metadata == {
        "notes": "one\ntwo\nlines",
        "synopses": "a synopsis",
        "sections": "Act One",
        "boneyard": "old",
    }
    messages = " ".join(notice.message for notice in screenplay.notices)
    for words in ("2 notes left out", "1 synopsis left out", "1 section left out", "1 boneyard passage", "page breaks"):
        assert words in messages


def test_an_opening_mark_that_nobody_closed_takes_nothing_away() -> None:
    text = "She waits. [[so\n\nlong ]] and /* then"
    assert " ".join(block.text for block in scene_of(text).blocks) == "She waits. [[so long ]] and /* then"


@pytest.mark.parametrize(
    "section",
    ["# Episode 2: The Bell", "# EPISODE TWO - The Bell", "# EP 2 The Bell", "# 第2集：The Bell", "## 第二集 The Bell"],
)
def test_a_section_that_says_so_is_an_episode(section: str) -> None:
    screenplay = parse_fountain(f"# Episode 1\n\n{HEADING}\n\nX.\n\n{section}\n\n{HEADING}\n\nY.\n")
    assert [(episode.number, episode.title) for episode in screenplay.episodes] == [(1, None), (2, "The Bell")]
    assert screenplay.episodes[1].scenes[0].number == "2-1"


def test_two_episodes_with_one_number_are_refused_naming_both_lines() -> None:
    with pytest.raises(DuplicateEpisodeError) as caught:
        parse_fountain(f"# Episode 1\n\n{HEADING}\n\nX.\n\n# Episode One\n\n{HEADING}\n\nY.\n")
    assert caught.value.details["lines"] == [1, 7]


def test_dual_dialogue_keeps_both_speeches_with_a_notice() -> None:
    screenplay = parse_fountain(f"{HEADING}\n\nMARA\nGo.\n\nTOBIN ^\nStay.\n")
    blocks = screenplay.episodes[0].scenes[0].blocks
    assert blocks == (Block("dialogue", "Go.", 4, "MARA"), Block("dialogue", "Stay.", 7, "TOBIN"))
    assert [notice.line for notice in screenplay.notices] == [6]


def test_who_speaks_and_is_seen_is_the_cast() -> None:
    scene = scene_of("MARA\nGo.\n\nTOBIN (V.O.)\nNo.\n\nANN\nYes.\n\nMARA\nNow.")
    assert scene.cast == (CastEntry("MARA"), CastEntry("ANN"))


@pytest.mark.parametrize("text", ["", "Title: X\n", "She waits.", "MARA\nHello."])
def test_fountain_with_no_scene_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NoSceneError, match=r"INT\. FERRY - NIGHT"):
        parse_fountain(text)


SAMPLE = """Title: The Last Ferry
Author: A

EXT. RIVER LANDING - DAWN

Fog lies on the water.

MARA
(whispering)
Nothing comes back.

.FORCED PLACE

TOBIN (V.O.)
It rang for me.
Twice.

@McCoy
Wait.

MARA
Go.

TOBIN ^
Stay.

INT. FERRY HOUSE - NIGHT

THE FERRYMAN
One fare.
(beat)
One name.

CUT TO:

EXT. RIVER - CONTINUOUS

She SCREAMS
"""


def test_another_reader_of_the_format_finds_the_same_headings_speakers_and_words() -> None:
    headings: list[str] = []
    speakers: list[str] = []
    words: list[str] = []
    for paragraph in screenplain_fountain.parse(io.StringIO(SAMPLE)):
        if isinstance(paragraph, Slug):
            headings.append(str(paragraph.line))
        dialogs = [paragraph] if isinstance(paragraph, Dialog) else []
        if isinstance(paragraph, DualDialog):
            dialogs = [paragraph.left, paragraph.right]
        for dialog in dialogs:
            speakers.append(str(dialog.character).partition(" (")[0])
            words += [str(text) for is_parenthetical, text in dialog.blocks if not is_parenthetical]
    scenes = parse_fountain(SAMPLE).episodes[0].scenes
    spoken = [block for scene in scenes for block in scene.blocks if block.type in ("dialogue", "os")]
    assert [scene.heading for scene in scenes] == headings
    assert list(dict.fromkeys(block.speaker for block in spoken)) == list(dict.fromkeys(speakers))
    assert " ".join(block.text for block in spoken) == " ".join(words)
