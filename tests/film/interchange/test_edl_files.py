"""CMX3600: read back by a small parser of our own and by OpenTimelineIO's."""

import re
import tempfile
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from support.editors_edits import FITTED, Edit, long_edit, one_shot, small_edit, small_timelines

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.timeline import ClipTransition, Timeline
from aianime_pipeline.storyboard.model import Transition

LINE = re.compile(
    r"(?P<number>\d{3,})  (?P<reel>\S{1,8}) +(?P<channel>V|A|A2) +(?P<kind>C|D|W\d{3})(?: +(?P<length>\d{3}))? +"
    r"(?P<si>[\d:]{11}) (?P<so>[\d:]{11}) (?P<ri>[\d:]{11}) (?P<ro>[\d:]{11})"
)
HOUR = 3600 * 24


@dataclass
class Event:
    reel: str
    channel: str
    kind: str
    length: int
    source: tuple[int, int]
    record: tuple[int, int]
    paths: dict[str, str] = field(default_factory=dict)
    frozen: bool = False


def parse(path: Path) -> list[Event]:
    """The last line of each event, for the first of two has no length."""
    events: list[Event] = []
    number = ""
    for line in path.read_text("utf-8").splitlines()[3:]:
        found = LINE.fullmatch(line)
        if found:
            ri, ro, si, so = (_frames(found[key]) for key in ("ri", "ro", "si", "so"))
            made = Event(
                found["reel"], found["channel"], found["kind"], int(found["length"] or 0), (si, so),
                (ri - HOUR, ro - HOUR),
            )  # fmt: skip
            if found["number"] == number:
                assert events[-1].record == (made.record[0], made.record[0])
                events[-1] = made
            else:
                events.append(made)
            number = found["number"]
        elif named := re.fullmatch(r"\* (FROM|TO) FILE: (.*)", line):
            events[-1].paths[named[1]] = named[2]
        elif line == "* * FREEZE FRAME":
            events[-1].frozen = True
        else:
            assert line.startswith(("* FROM CLIP NAME:", "* TO CLIP NAME:", "* LOC:", "M2 "))
    return events


def _frames(timecode: str) -> int:
    hours, minutes, seconds, frames = map(int, timecode.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 24 + frames


def test_an_edl_says_each_clip_as_its_grammar_wants(edit: Edit) -> None:
    """An event begins where its transition does, and ends where the next one's begins."""
    edit.export("edl", "film.edl")
    picture = [event for event in parse(edit.folder / "film.edl") if event.channel == "V"]
    black = [event for event in picture if event.reel == "BL"]
    assert [(event.record, event.length) for event in black] == [((64, 72), 8)]
    shown = [event for event in picture if event.reel != "BL"]
    begun = {clip.shot: FITTED.get(clip.shot, (0, 0)) for clip in edit.timeline.clips} | {4: (8, 8), 5: (0, 0)}
    shots = [clip.shot for clip in edit.timeline.clips for _ in range(2 if clip.hold else 1)]
    rows = edit.rows()
    assert len(shown) == len(rows)
    for place, (event, row) in enumerate(zip(shown, rows, strict=True)):
        after = begun[shots[place + 1]][0] if place + 1 < len(rows) and not rows[place + 1].frozen else 0
        early = 0 if row.frozen or shots[place] == 4 else begun[shots[place]][0]
        assert event.record == (row.start - early, row.start + row.frames - after)
        still = edit.timeline.clip_of(shots[place]).kind == "still"
        assert event.source[0] == (0 if still else row.source_in - early)
        length = 1 if row.frozen else event.record[1] - event.record[0]
        assert event.source[1] - event.source[0] == length
        assert event.frozen == row.frozen
        assert event.paths["TO" if event.length else "FROM"] == row.path


def test_an_edl_writes_dissolves_fades_and_wipes_in_its_own_words(edit: Edit) -> None:
    report = edit.export("edl", "film.edl")
    events = [event for event in parse(edit.folder / "film.edl") if event.length]
    kinds = [(event.kind, event.length) for event in events]
    assert kinds == [("D", 6), ("D", 12), ("W001", 8), ("D", 8), ("D", 8), ("D", 12), ("D", 4), ("D", 4)]
    assert "The white flash into shot 5 is a cut: an EDL knows no white." in report.losses
    assert any("The transitions into shots 8 and 9 are shorter" in loss for loss in report.losses)


def test_an_edl_has_speech_and_effects_on_its_two_sound_channels(edit: Edit) -> None:
    report = edit.export("edl", "film.edl")
    events = parse(edit.folder / "film.edl")
    speech = [event for event in events if event.channel == "A"]
    assert len(speech) == len(edit.timeline.speech)
    for event, line in zip(speech, edit.timeline.placed_speech, strict=True):
        assert abs(Fraction(event.record[0]) / edit.timeline.rate - Fraction(line.start, 48_000)) <= Fraction(1, 47)
    assert len([event for event in events if event.channel == "A2"]) == 2
    assert "Not in the EDL, which has one channel for effects: 1 sound over others." in report.losses
    assert len([loss for loss in report.losses if "whole frames" in loss]) == 1
    assert any("own sound is not in the EDL" in loss for loss in report.losses)
    assert any("music is not in the EDL" in loss for loss in report.losses)
    assert "Not in the EDL: gains of 3 sounds." in report.losses


def test_every_line_of_an_edl_is_one_that_a_reader_knows_whatever_the_words_are(edit: Edit) -> None:
    edit.export("edl", "film.edl")
    text = (edit.folder / "film.edl").read_text("utf-8")
    assert text.startswith("TITLE: 第1集 月光 <b>")
    assert "\x07" not in text
    assert text.splitlines()[1] == "FCM: NON-DROP FRAME"
    assert "* LOC: 01:00:04:15 GREEN" in text
    reels = {event.reel: event.paths for event in parse(edit.folder / "film.edl")}
    assert all(re.fullmatch(r"[A-Z0-9]{1,8}", reel) for reel in reels)


def test_opentimelineio_reads_the_edl_clip_by_clip(edit: Edit) -> None:
    """Its reader refuses a fade at the very beginning, which the format has: so here the film begins with a cut."""
    first = replace(edit.timeline.clips[0], transition=None)
    begun = replace(edit, timeline=replace(edit.timeline, clips=(first, *edit.timeline.clips[1:])))
    begun.export("edl", "film.edl")
    read = otio.adapters.read_from_file(str(edit.folder / "film.edl"), rate=24)
    picture = next(track for track in read.tracks if track.name == "V")
    events = [event for event in parse(edit.folder / "film.edl") if event.channel == "V"]
    clips = list(picture.find_clips())
    assert len(clips) == len(events)
    at = 0
    for clip, event in zip(clips, events, strict=True):
        assert clip.source_range.start_time.to_frames() == event.source[0]
        assert clip.source_range.duration.to_frames() == event.record[1] - event.record[0]
        assert event.record[0] == at
        at = event.record[1]
        if event.reel != "BL":
            name = clip.name.removesuffix(" FF")
            assert edit.folder / "media" / name == edit.folder / event.paths["TO" if event.length else "FROM"]
        frozen = [effect for effect in clip.effects if isinstance(effect, otio.schema.FreezeFrame)]
        assert bool(frozen) == event.frozen
    types = [item.transition_type for item in picture if isinstance(item, otio.schema.Transition)]
    assert types == ["SMPTE_Dissolve", "SMPTE_Wipe", *["SMPTE_Dissolve"] * 5]


def test_a_long_edl_counts_its_events_and_says_that_there_are_many(edit: Edit) -> None:
    for count, many in ((500, False), (1000, True)):
        report = long_edit(edit, count).export("edl", "long.edl")
        events = parse(edit.folder / "long.edl")
        assert len(events) == count
        assert events[-1].record[1] == count * 20
        assert any("events" in loss for loss in report.losses) == many
    one_shot(edit).export("edl", "one.edl")
    assert [(event.record, event.source) for event in parse(edit.folder / "one.edl")] == [((0, 24), (20, 44))]


def test_a_clip_that_is_gone_before_its_neighbour_has_come_leaves_no_event(edit: Edit) -> None:
    """Eight frames that all lie under the next fade: only the fade speaks of them."""
    short = replace(edit.timeline.clips[0], source_out=18, transition=None)
    faded = replace(edit.timeline.clips[1], transition=ClipTransition(Transition.FADE_BLACK, 8, 4))
    small = replace(edit.timeline, clips=(short, faded), speech=(), effects=(), music=None, subtitles=(), markers=())
    replace(edit, timeline=small).export("edl", "small.edl")
    events = parse(edit.folder / "small.edl")
    assert [(event.reel, event.kind, event.record) for event in events] == [
        ("BL", "D", (0, 8)),
        ("SHOT001", "D", (8, 32)),
    ]


def test_more_frames_than_two_digits_count_are_refused(edit: Edit) -> None:
    fast = one_shot(edit)
    fast = replace(fast, timeline=replace(fast.timeline, rate=Fraction(120)))
    with pytest.raises(BadSettingError, match="99 frames"):
        fast.export("edl", "film.edl")
    assert not (edit.folder / "film.edl").exists()


@given(timeline=small_timelines())
@settings(max_examples=60, deadline=None)
def test_the_events_of_any_edl_lie_end_to_end_over_the_whole_film(timeline: Timeline) -> None:
    timeline = replace(timeline, rate=Fraction(24))
    with tempfile.TemporaryDirectory() as folder:
        edit = small_edit(timeline, Path(folder))
        edit.export("edl", "a.edl")
        events = parse(edit.folder / "a.edl")
    assert events[0].record[0] == 0
    assert all(earlier.record[1] == later.record[0] for earlier, later in pairwise(events))
    assert events[-1].record[1] == timeline.total_frames
    for event in events:
        assert event.length <= event.record[1] - event.record[0]
        assert event.frozen or event.source[1] - event.source[0] == event.record[1] - event.record[0]


def test_a_film_that_fades_in_over_more_than_its_first_frames_play_fades_over_those(edit: Edit) -> None:
    """One frame plays and is then held for another: the fade of two frames lies over both in the film."""
    fade = ClipTransition(Transition.FADE_BLACK, 0, 2)
    brief = replace(edit.timeline.clips[0], source_in=0, source_out=1, hold=1, transition=fade)
    small = replace(edit.timeline, clips=(brief,), speech=(), effects=(), music=None, subtitles=(), markers=())
    replace(edit, timeline=small).export("edl", "brief.edl")
    first, held = parse(edit.folder / "brief.edl")
    assert (first.kind, first.length, first.record) == ("D", 1, (0, 1))
    assert held.frozen
    assert held.record == (1, 2)
