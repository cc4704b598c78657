"""`.otio` and `.otioz`, read back by OpenTimelineIO itself."""

import hashlib
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import unquote

import opentimelineio as otio
from hypothesis import given, settings
from support.editors_edits import NASTY, TITLE, Edit, Joint, Row, long_edit, one_shot, small_edit, small_timelines

from aianime_pipeline.film.timeline import Timeline


def read(path: Path) -> tuple[otio.schema.Timeline, list[Row], list[Joint]]:
    timeline = otio.adapters.read_from_file(str(path))
    track = timeline.video_tracks()[0]
    rows, joints, begun = [], [], None
    for item in track:
        if isinstance(item, otio.schema.Transition):
            begun = item
            continue
        start = track.range_of_child(item).start_time.to_frames()
        if begun is not None:
            before, after = begun.in_offset.to_frames(), begun.out_offset.to_frames()
            joints.append(Joint(begun.metadata["aianime"]["kind"], start - before, before + after))
            begun = None
        frozen = any(isinstance(effect, otio.schema.FreezeFrame) for effect in item.effects)
        source = item.source_range
        path_back = unquote(item.media_reference.target_url)
        rows.append(Row(path_back, start, source.duration.to_frames(), source.start_time.to_frames(), frozen))
    return timeline, rows, joints


def test_an_otio_gives_back_each_clip_and_transition(edit: Edit) -> None:
    edit.export("otio", "film.otio")
    timeline, rows, joints = read(edit.folder / "film.otio")
    assert rows == edit.rows()
    assert joints == edit.joints()
    assert timeline.name == TITLE
    assert timeline.global_start_time.to_frames() == 24 * 3600
    assert all((edit.folder / row.path).is_file() for row in rows)


def test_an_otio_gives_back_each_sound_to_the_sample(edit: Edit) -> None:
    edit.export("otio", "film.otio")
    timeline, _, _ = read(edit.folder / "film.otio")
    found = set()
    for track in timeline.audio_tracks():
        for clip in track.find_clips():
            source = clip.source_range
            at = track.range_of_child(clip).start_time
            found.add((track.name, int(at.value), int(source.duration.value), int(source.start_time.value)))
    for sound in edit.timeline.placed_speech:
        assert ("speech", sound.start, sound.clip.length, sound.clip.source_in) in found
    effects = sorted(one for one in found if one[0].startswith("effects"))
    assert [name for name, *_ in effects] == ["effects", "effects", "effects 2"]
    music = sorted(one for one in found if one[0] == "music")
    assert len(music) > 1
    assert music[-1][1] + music[-1][2] == edit.timeline.total_samples
    assert sum(length for _, _, length, _ in music) == edit.timeline.total_samples


def test_an_otio_keeps_subtitles_and_markers_to_the_letter(edit: Edit) -> None:
    report = edit.export("otio", "film.otio")
    timeline, _, _ = read(edit.folder / "film.otio")
    assert timeline.metadata["aianime"]["subtitles"]["zh"][0]["text"] == f"我等了\n{NASTY}"
    marker = timeline.tracks.markers[0]
    assert marker.name == NASTY
    assert marker.marked_range.start_time.to_frames() == edit.timeline.start_of[5] + 3
    assert marker.color == "GREEN"
    assert any("camera move “push” of shot 3" in loss for loss in report.losses)
    assert any("shots 8 and 9 go beyond" in loss for loss in report.losses)


def test_an_otioz_carries_the_very_bytes_of_its_media(edit: Edit) -> None:
    edit.export("otioz", "film.otioz")
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder)
        otio.adapters.read_from_file(str(edit.folder / "film.otioz"), extract_to_directory=str(unpacked))
        _, rows, joints = read(edit.folder / "film.otioz")
        assert rows == edit.rows()
        assert joints == edit.joints()
        for key, file in edit.media.files.items():
            assert hashlib.sha256((unpacked / file.path).read_bytes()).hexdigest() == key
    with zipfile.ZipFile(edit.folder / "film.otioz") as archive:
        assert archive.testzip() is None


def test_a_film_of_one_shot_and_one_of_five_hundred_are_whole_in_an_otio(edit: Edit) -> None:
    for other in (one_shot(edit), long_edit(edit)):
        other.export("otio", "other.otio")
        _, rows, joints = read(edit.folder / "other.otio")
        assert rows == other.rows()
        assert joints == other.joints()


@given(timeline=small_timelines())
@settings(max_examples=60, deadline=None)
def test_any_timeline_comes_back_from_an_otio(timeline: Timeline) -> None:
    with tempfile.TemporaryDirectory() as folder:
        edit = small_edit(timeline, Path(folder))
        edit.export("otio", "a.otio")
        _, rows, joints = read(edit.folder / "a.otio")
    assert rows == edit.rows()
    assert joints == edit.joints()
