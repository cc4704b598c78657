"""FCP7 XML, read back by OpenTimelineIO's adapter and as plain XML."""

import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from support.editors_edits import FITTED, NASTY, TITLE, Edit, Row, long_edit, one_shot, small_edit, small_timelines

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.film.timeline import Timeline


def expected(edit: Edit, fitted: dict[int, tuple[int, int]]) -> list[Row]:
    """A reader takes the middle of a transition for its cut: picture and source move together, nothing else does."""
    rows = edit.rows()
    starts = edit.timeline.start_of
    for shot, (before, after) in fitted.items():
        moved = (after - before) // 2 if before and after else 0
        place = next(at for at, row in enumerate(rows) if row.start == starts[shot])
        row, last = rows[place], rows[place - 1]
        rows[place] = replace(row, start=row.start + moved, frames=row.frames - moved, source_in=row.source_in + moved)
        rows[place - 1] = replace(last, frames=last.frames + moved)
    return rows


def read(edit: Edit, name: str) -> tuple[otio.schema.Timeline, list[Row], list[tuple[int, int, int]]]:
    timeline = otio.adapters.read_from_file(str(edit.folder / name), "fcp_xml")
    track = timeline.video_tracks()[0]
    rows, joints, at = [], [], 0
    for item in track:
        if isinstance(item, otio.schema.Transition):
            joints.append((at, item.in_offset.to_frames(), item.out_offset.to_frames()))
            continue
        frames = item.source_range.duration.to_frames()
        frozen = any("Time Remap" in effect.name for effect in item.effects)
        path = unquote(item.media_reference.target_url)
        still = path.endswith(".png")
        rows.append(Row(path, at, frames, 0 if still else item.source_range.start_time.to_frames(), frozen))
        at += frames
    return timeline, rows, joints


def test_an_fcp7_file_gives_back_each_clip(edit: Edit) -> None:
    edit.export("fcp7", "film.xml")
    timeline, rows, _ = read(edit, "film.xml")
    assert rows == expected(edit, FITTED)
    assert timeline.name == TITLE.replace("\x07", "")
    assert timeline.global_start_time.to_frames() == 24 * 3600
    assert timeline.global_start_time.rate == pytest.approx(float(edit.timeline.rate))
    assert all((edit.folder / row.path).is_file() for row in rows)


def test_an_fcp7_file_gives_back_each_transition(edit: Edit) -> None:
    edit.export("fcp7", "film.xml")
    root = ET.parse(edit.folder / "film.xml").getroot()
    found = [
        tuple(item.findtext(tag) for tag in ("effect/name", "alignment", "start", "end"))
        for item in root.iter("transitionitem")
    ]
    start = edit.timeline.start_of
    one = "Cross Dissolve"

    def span(shot: int, before: int, after: int) -> tuple[str, str]:
        return str(start[shot] - before), str(start[shot] + after)

    assert found == [
        (one, "start-black", *span(1, 0, 6)),
        (one, "center", *span(2, 6, 6)),
        ("Edge Wipe", "center", *span(3, 4, 4)),
        (one, "end-black", *span(4, 8, 0)),
        (one, "start-black", *span(4, 0, 8)),
        ("Dip to Color Dissolve", "end-black", *span(5, 2, 0)),
        ("Dip to Color Dissolve", "start-black", *span(5, 0, 4)),
        (one, "center", *span(6, 5, 7)),
        (one, "start", *span(8, 0, 4)),
        (one, "end", *span(9, 4, 0)),
    ]
    _, _, joints = read(edit, "film.xml")
    assert [before + after for _, before, after in joints] == [6, 12, 8, 8, 8, 2, 4, 12, 4, 4]


def test_no_clip_of_an_fcp7_file_reaches_outside_its_source(edit: Edit) -> None:
    edit.export("fcp7", "film.xml")
    for clip in ET.parse(edit.folder / "film.xml").getroot().iter("clipitem"):
        first, end, has = (int(clip.findtext(tag) or "") for tag in ("in", "out", "duration"))
        assert 0 <= first < end <= has
        if "-1" not in (clip.findtext("start"), clip.findtext("end")):
            assert int(clip.findtext("end") or "") - int(clip.findtext("start") or "") == end - first


def test_an_fcp7_file_has_each_sound_with_its_level_and_fades(edit: Edit) -> None:
    edit.export("fcp7", "film.xml")
    timeline, _, _ = read(edit, "film.xml")
    starts = {
        (clip.name, track.range_of_child(clip).start_time.to_frames())
        for track in timeline.audio_tracks()
        for clip in track.find_clips()
    }
    for sound in (*edit.timeline.placed_speech, *edit.timeline.placed_effects):
        nearest = round(sound.start * edit.timeline.rate / 48_000)
        assert (edit.media[sound.clip.digest].stem, nearest) in starts
    assert (edit.media[edit.timeline.clips[3].digest].stem, edit.timeline.start_of[4]) in starts
    root = ET.parse(edit.folder / "film.xml").getroot()
    music = [clip for clip in root.iter("clipitem") if clip.findtext("name") == "music"]
    level = music[0].find("filter/effect/parameter")
    assert level is not None
    assert float(level.findtext("value") or "") == pytest.approx(10 ** (-12 / 20), abs=1e-5)
    keys = [(int(key.findtext("when") or ""), float(key.findtext("value") or "")) for key in level.iter("keyframe")]
    assert keys[0] == (0, 0.0)
    assert keys[1] == (2, pytest.approx(10 ** (-12 / 20), abs=1e-5))


def test_an_fcp7_file_has_subtitles_as_text_and_markers(edit: Edit) -> None:
    edit.export("fcp7", "film.xml")
    root = ET.parse(edit.folder / "film.xml").getroot()
    words = [value.text for item in root.iter("generatoritem") for value in item.findall("effect/parameter/value")]
    assert words == [f"我等了\n{NASTY}".replace("\x07", ""), "I <waited> & waited"]
    marker = root.find("sequence/marker")
    assert marker is not None
    assert marker.findtext("name") == NASTY.replace("\x07", "")
    assert int(marker.findtext("in") or "") == edit.timeline.start_of[5] + 3


def test_a_film_of_one_shot_and_one_of_five_hundred_are_whole_in_an_fcp7_file(edit: Edit) -> None:
    for other, count in ((one_shot(edit), 1), (long_edit(edit), 500)):
        other.export("fcp7", "other.xml")
        _, rows, joints = read(other, "other.xml")
        assert rows == other.rows()
        assert len(joints) == count // 2


def test_a_rate_that_the_format_has_no_word_for_is_refused(edit_at: Callable[[Fraction], Edit]) -> None:
    edit = edit_at(Fraction(25, 2))
    with pytest.raises(BadSettingError, match="25/2"):
        edit.export("fcp7", "film.xml")
    assert [path.name for path in edit.folder.iterdir()] == ["media"]


@given(timeline=small_timelines())
@settings(max_examples=60, deadline=None)
def test_the_clips_of_any_fcp7_file_lie_end_to_end_inside_their_sources(timeline: Timeline) -> None:
    with tempfile.TemporaryDirectory() as folder:
        edit = small_edit(timeline, Path(folder))
        edit.export("fcp7", "a.xml")
        _, rows, _ = read(edit, "a.xml")
        root = ET.parse(edit.folder / "a.xml").getroot()
    wanted = edit.rows()
    assert [row.path for row in rows] == [row.path for row in wanted]
    assert sum(row.frames for row in rows) == timeline.total_frames
    for found, row in zip(rows, wanted, strict=True):
        # A reader may take another frame under the transition for the cut, but then for both sides of it.
        assert abs(found.start - row.start) <= 2
        assert found.source_in - row.source_in == found.start - row.start
    for clip in root.iter("clipitem"):
        first, end, has = (int(clip.findtext(tag) or "") for tag in ("in", "out", "duration"))
        assert 0 <= first < end <= has
