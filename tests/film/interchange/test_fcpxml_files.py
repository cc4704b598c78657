"""FCPXML, checked against the format's own rules, and read back by OpenTimelineIO's adapter (clips only: it drops
dissolves)."""

import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import opentimelineio as otio
from hypothesis import given, settings
from support.editors_edits import FITTED, NASTY, Edit, Row, long_edit, one_shot, small_edit, small_timelines

from aianime_pipeline.film.timeline import Timeline

SPINE_ITEMS = ("asset-clip", "video")
_ORDER = {
    name: place
    for place, names in enumerate(
        (
            ("note",),
            ("timeMap",),
            ("adjust-blend",),
            ("adjust-volume",),
            ("asset-clip", "video", "title"),
            ("marker",),
            ("filter-video",),
        )
    )
    for name in names
}
"""The order of an item's children in the format's grammar."""


class Read:
    """Everything in frames; times that are none fail here."""

    def __init__(self, path: Path, rate: Fraction) -> None:
        self.rate = rate
        self.root = ET.parse(path).getroot()
        self.resources = {one.attrib["id"]: one for one in self.root.findall("resources/*")}
        spine = self.root.find("library/event/project/sequence/spine")
        assert spine is not None
        self.spine = spine
        self.origin = self.frames(self.sequence.attrib["tcStart"])

    @property
    def sequence(self) -> ET.Element:
        found = self.root.find("library/event/project/sequence")
        assert found is not None
        return found

    def frames(self, time: str) -> int:
        assert time.endswith("s")
        frames = Fraction(time[:-1]) * self.rate
        assert frames.denominator == 1, f"{time} is no whole number of frames"
        return int(frames)

    def rows(self) -> list[Row]:
        rows = []
        for item in self.spine:
            if item.tag not in SPINE_ITEMS:
                continue
            asset = self.resources[item.attrib["ref"]]
            held = item.find("timeMap")
            source = self.frames(item.attrib["start"]) - (self.origin if item.tag == "video" else 0)
            if held is not None:
                values = [point.attrib["value"] for point in held]
                assert len(set(values)) == 1
                source = self.frames(values[0])
            start = self.frames(item.attrib["offset"]) - self.origin
            rows.append(Row(_path(asset), start, self.frames(item.attrib["duration"]), source, held is not None))
        return rows

    def check(self) -> None:
        """The rules that Final Cut Pro refuses a file for."""
        ids = [one.attrib["id"] for one in self.root.iter() if "id" in one.attrib]
        assert len(ids) == len(set(ids))
        for one in self.root.iter():
            if "ref" in one.attrib:
                assert one.attrib["ref"] in ids
            if one.tag == "asset":
                assert one.attrib.get("format", "r1") in self.resources
            for key in ("offset", "start", "duration", "tcStart", "time", "value"):
                if (key in one.attrib and one.tag != "marker") or (key in ("start", "duration") and key in one.attrib):
                    self.frames(one.attrib[key])
            if one.tag in SPINE_ITEMS:
                order = [_ORDER[child.tag] for child in one]
                assert order == sorted(order)
        self._check_spine()

    def _check_spine(self) -> None:
        at = self.origin
        for item in self.spine:
            if item.tag != "transition":
                assert self.frames(item.attrib["offset"]) == at
                at += self.frames(item.attrib["duration"])
        assert at - self.origin == self.frames(self.sequence.attrib["duration"])
        tags = [item.tag for item in self.spine]
        assert "transition" not in (tags[0], tags[-1])
        assert all("transition" not in pair or pair.count("transition") == 1 for pair in pairwise(tags))
        for place, item in enumerate(self.spine):
            if item.tag == "transition":
                self._check_handles(item, self.spine[place - 1], self.spine[place + 1])

    def _check_handles(self, transition: ET.Element, before: ET.Element, after: ET.Element) -> None:
        cut = self.frames(after.attrib["offset"])
        start = self.frames(transition.attrib["offset"])
        end = start + self.frames(transition.attrib["duration"])
        assert start <= cut <= end
        assert start >= self.frames(before.attrib["offset"])
        assert end <= cut + self.frames(after.attrib["duration"])
        if after.tag == "asset-clip":
            assert self.frames(after.attrib["start"]) >= cut - start
        if before.tag == "asset-clip" and before.find("timeMap") is None:
            has = self.frames(self.resources[before.attrib["ref"]].attrib["duration"])
            last = self.frames(before.attrib["start"]) + self.frames(before.attrib["duration"])
            assert last + end - cut <= has


def _path(asset: ET.Element) -> str:
    source = asset.find("media-rep")
    assert source is not None
    return unquote(source.attrib["src"]).removeprefix("./")


def test_an_fcpxml_gives_back_each_clip_and_keeps_the_rules(edit: Edit) -> None:
    edit.export("fcpxml", "film.fcpxml")
    read = Read(edit.folder / "film.fcpxml", edit.timeline.rate)
    read.check()
    assert read.rows() == edit.rows()
    assert all((edit.folder / row.path).is_file() for row in read.rows())
    assert read.origin == 24 * 3600
    project = read.root.find("library/event/project")
    assert project is not None
    assert project.attrib["name"] == "第1集 " + NASTY.replace("\x07 ", " ")


def test_an_fcpxml_has_dissolves_over_their_cuts_and_fades_as_opacity(edit: Edit) -> None:
    report = edit.export("fcpxml", "film.fcpxml")
    read = Read(edit.folder / "film.fcpxml", edit.timeline.rate)
    start = edit.timeline.start_of
    found = [
        (read.frames(one.attrib["offset"]) - read.origin, read.frames(one.attrib["duration"]))
        for one in read.spine.findall("transition")
    ]
    assert found == [(start[shot] - before, before + after) for shot, (before, after) in FITTED.items()]
    fades = [
        (item.attrib["name"], fade.tag, read.frames(fade.attrib["duration"]))
        for item in read.spine
        for fade in item.findall("adjust-blend/param/*")
    ]
    names = {clip.shot: edit.media[clip.digest].stem for clip in edit.timeline.clips}
    assert fades == [(names[1], "fadeIn", 6), (names[3], "fadeOut", 8), (names[4], "fadeIn", 8)]
    assert "The wipe into shot 3 is a cross dissolve." in report.losses
    assert "The white flash into shot 5 is a cut." in report.losses


def test_what_hangs_on_an_fcpxml_clip_lies_at_its_own_time_in_the_film(edit: Edit) -> None:
    edit.export("fcpxml", "film.fcpxml")
    read = Read(edit.folder / "film.fcpxml", edit.timeline.rate)
    placed: set[tuple[str, int, int]] = set()
    lanes: dict[str, list[tuple[int, int]]] = {}
    for item in read.spine:
        for child in item:
            if "lane" in child.attrib:
                into = read.frames(child.attrib["offset"]) - read.frames(item.attrib["start"])
                at = read.frames(item.attrib["offset"]) - read.origin + into
                assert into < read.frames(item.attrib["duration"])
                length = read.frames(child.attrib["duration"])
                placed.add((child.attrib["name"], at, length))
                lanes.setdefault(child.attrib["lane"], []).append((at, at + length))
    total = edit.timeline.total_samples
    for sound in (*edit.timeline.placed_speech, *edit.timeline.placed_effects):
        start, end = (round(at * edit.timeline.rate / 48_000) for at in (sound.start, min(sound.end, total)))
        assert (edit.media[sound.clip.digest].stem, start, end - start) in placed
    for spans in lanes.values():
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(sorted(spans)))
    music = sorted(one for one in placed if one[0] == "music")
    assert sum(length for *_, length in music) == edit.timeline.total_frames
    first = edit.timeline.cues("zh")[0]
    assert any(at == round(first.start_ms * edit.timeline.rate / 1000) for name, at, _ in placed if "我等了" in name)
    marker = next(read.spine.iter("marker"))
    assert marker.attrib["value"] == NASTY.replace("\x07 ", " ")


def test_an_fcpxml_has_gains_and_fades_and_the_words_to_the_letter(edit: Edit) -> None:
    edit.export("fcpxml", "film.fcpxml")
    read = Read(edit.folder / "film.fcpxml", edit.timeline.rate)
    levels = {
        (clip.attrib["name"], level.attrib["amount"])
        for clip in read.spine.iter("asset-clip")
        for level in clip.findall("adjust-volume")
    }
    lines = [edit.media[sound.digest].stem for sound in edit.timeline.speech]
    assert {(lines[0], "3.50dB"), (lines[1], "1.00dB"), ("music", "-12.00dB")} <= levels
    talking = edit.media[edit.timeline.clips[3].digest].stem
    assert (talking, "-3.00dB") in levels
    assert {clip.attrib.get("srcEnable") for clip in read.spine.findall("asset-clip")} == {None, "video"}
    words = [style.text for style in read.spine.iter("text-style") if "ref" in style.attrib]
    assert words == [f"我等了\n{NASTY}".replace("\x07", ""), "I <waited> & waited"]


def test_opentimelineio_reads_the_video_clips_of_an_fcpxml(edit_at: Callable[[Fraction], Edit]) -> None:
    """Its adapter knows neither stills, which Final Cut Pro writes as bare `video`, nor where version 1.10 keeps
    paths, nor rates that are no whole number."""
    edit = edit_at(Fraction(24))
    clips = tuple(replace(clip, transition=None) for clip in edit.timeline.clips if clip.kind == "video")
    bare = replace(edit.timeline, clips=clips, speech=(), effects=(), music=None, subtitles=(), markers=())
    videos = replace(edit, timeline=bare)
    videos.export("fcpxml", "film.fcpxml")
    found = otio.adapters.read_from_file(str(edit.folder / "film.fcpxml"), "fcpx_xml")
    clips_read = list(found.find_clips())
    rows = videos.rows()
    assert [clip.name for clip in clips_read] == [Path(row.path).stem + " (hold)" * row.frozen for row in rows]
    for clip, row in zip(clips_read, rows, strict=True):
        assert clip.source_range.duration.to_frames() == row.frames
        assert clip.source_range.start_time.to_frames() == (0 if row.frozen else row.source_in)


@given(timeline=small_timelines())
@settings(max_examples=60, deadline=None)
def test_any_timeline_comes_back_from_an_fcpxml_that_keeps_the_rules(timeline: Timeline) -> None:
    with tempfile.TemporaryDirectory() as folder:
        edit = small_edit(timeline, Path(folder))
        edit.export("fcpxml", "a.fcpxml")
        read = Read(edit.folder / "a.fcpxml", timeline.rate)
    read.check()
    assert read.rows() == edit.rows()


def test_a_film_of_one_shot_and_one_of_five_hundred_are_whole_in_an_fcpxml(edit: Edit) -> None:
    for other in (one_shot(edit), long_edit(edit)):
        other.export("fcpxml", "other.fcpxml")
        read = Read(edit.folder / "other.fcpxml", edit.timeline.rate)
        read.check()
        assert read.rows() == other.rows()
