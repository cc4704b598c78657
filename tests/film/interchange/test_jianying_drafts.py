"""The JianYing draft, opened by pyJianYingDraft as a template, and its media."""

import hashlib
import json
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from pyJianYingDraft import DraftFolder, TransitionType
from support.editors_edits import NASTY, Edit, Row, long_edit, one_shot
from support.film_media import seen

from aianime_pipeline.film.interchange.jianying import draft_name
from aianime_pipeline.film.interchange.jianying_words import DRAFT_FOLDER_WORD


class Draft:
    def __init__(self, archive: Path, folder: Path) -> None:
        with zipfile.ZipFile(archive) as zipped:
            assert zipped.testzip() is None
            zipped.extractall(folder)
        (self.folder,) = folder.iterdir()
        self.script = DraftFolder(str(folder)).load_template(self.folder.name)
        self.materials: dict[str, dict[str, Any]] = {
            one["id"]: one for kind in self.script.imported_materials.values() for one in kind
        }

    def tracks(self, kind: str) -> list[Any]:
        return [track for track in self.script.imported_tracks if track.track_type.name == kind]

    def path(self, segment: Any) -> Path:
        """Where the material of a segment lies."""
        path = self.materials[segment.material_id]["path"]
        assert path.startswith(DRAFT_FOLDER_WORD + "/")
        return self.folder / path.removeprefix(DRAFT_FOLDER_WORD + "/")


@pytest.fixture
def draft(edit: Edit, tmp_path: Path) -> Draft:
    edit.export("jianying", "draft.zip")
    return Draft(edit.folder / "draft.zip", tmp_path / "drafts")


def rows_of(draft: Draft, edit: Edit) -> list[Row]:
    rows = []
    for segment in draft.tracks("video")[0].segments:
        path = draft.path(segment).relative_to(draft.folder).as_posix()
        start, end, source = (
            round(at * edit.timeline.rate / 1_000_000)
            for at in (segment.start, segment.end, segment.source_timerange.start)
        )
        assert segment.source_timerange.duration == segment.duration
        rows.append(Row(path, start, end - start, source))
    return rows


def test_a_draft_gives_back_each_clip(draft: Draft, edit: Edit) -> None:
    for found, row in zip(rows_of(draft, edit), edit.rows(), strict=True):
        if row.frozen:
            stem = Path(row.path).stem
            assert found == Row(f"media/{stem}-frame-{row.source_in}.png", row.start, row.frames, 0)
        else:
            assert found == row
    segments = draft.tracks("video")[0].segments
    assert all(draft.path(segment).is_file() for segment in segments)
    assert segments[0].start == 0
    assert all(segment.end == later.start for segment, later in pairwise(segments))
    assert draft.script.duration == segments[-1].end
    assert (draft.script.width, draft.script.height) == (320, 180)


def test_the_held_frame_of_a_draft_is_the_very_frame_of_its_source(draft: Draft, edit: Edit) -> None:
    clip = edit.timeline.clips[3]
    (held,) = (draft.folder / "media").glob("*-frame-*.png")
    assert held.stem.endswith(f"-frame-{clip.source_out - 1}")
    picture = np.asarray(PIL.Image.open(held).convert("RGB")).astype(int)
    frames = seen(clip.source)
    apart = [float(np.abs(frame.astype(int) - picture).mean()) for frame in frames]
    assert int(np.argmin(apart)) == clip.source_out - 1
    assert min(apart) < 2


def test_a_draft_has_its_transitions_on_the_clip_before_them(draft: Draft, edit: Edit) -> None:
    found = []
    for place, segment in enumerate(draft.tracks("video")[0].segments):
        for reference in segment.raw_data["extra_material_refs"]:
            material = draft.materials[reference]
            if material["type"] == "transition":
                found.append((place, material["name"], round(material["duration"] * edit.timeline.rate / 1_000_000)))
                known = TransitionType.from_name(material["name"]).value
                assert (known.effect_id, known.resource_id) == (material["effect_id"], material["resource_id"])
                assert known.is_overlap == material["is_overlap"]
                assert not known.is_vip
    # Shot 4 is two segments, so what follows it is one further.
    assert found == [
        (0, "叠化", 12), (1, "向右擦除", 8), (2, "闪黑", 16), (4, "闪白", 6), (5, "叠化", 12), (7, "叠化", 8),
        (8, "叠化", 8),
    ]  # fmt: skip


def test_a_draft_has_each_sound_at_its_time_with_its_volume_and_fades(draft: Draft, edit: Edit) -> None:
    sounds = {
        (draft.path(segment).name, segment.start, segment.duration): segment.raw_data
        for track in draft.tracks("audio")
        for segment in track.segments
    }
    for sound in (*edit.timeline.placed_speech, *edit.timeline.placed_effects):
        start, end = (round(at / 48_000 * 1e6) for at in (sound.start, min(sound.end, edit.timeline.total_samples)))
        assert (edit.media[sound.clip.digest].name, start, end - start) in sounds
    music = sorted((key, raw) for key, raw in sounds.items() if key[0].startswith("music"))
    assert sum(length for (_, _, length), _ in music) == round(edit.timeline.total_samples / 48_000 * 1e6)
    assert music[0][1]["volume"] == pytest.approx(10 ** (-12 / 20), abs=1e-4)
    fade = draft.materials[music[0][1]["extra_material_refs"][-1]]
    assert (fade["fade_in_duration"], fade["fade_out_duration"]) == (100_000, 0)
    volumes = [segment.raw_data["volume"] for segment in draft.tracks("video")[0].segments]
    assert [place for place, volume in enumerate(volumes) if volume] == [3]


def test_a_draft_has_subtitles_as_text_to_the_letter(draft: Draft, edit: Edit) -> None:
    chinese, english = draft.tracks("text")
    content = json.loads(draft.materials[chinese.segments[0].material_id]["content"])
    words = f"我等了\n{NASTY}".replace("\x07", "")
    assert content["text"] == words
    assert content["styles"][0]["range"] == [0, len(words.encode("utf-16-le")) // 2]
    assert chinese.segments[0].start == edit.timeline.cues("zh")[0].start_ms * 1000
    assert json.loads(draft.materials[english.segments[0].material_id]["content"])["text"] == "I <waited> & waited"


def test_a_draft_carries_the_very_bytes_of_its_media(draft: Draft, edit: Edit) -> None:
    for key, file in edit.media.files.items():
        assert hashlib.sha256((draft.folder / file.path).read_bytes()).hexdigest() == key
    facts = json.loads((draft.folder / "draft_meta_info.json").read_text("utf-8"))
    assert facts["draft_name"] == draft.folder.name


def test_a_draft_is_called_what_any_system_can_call_a_folder() -> None:
    assert draft_name('a/b\\c:d*e?f"g<h>i|j\n') == "a_b_c_d_e_f_g_h_i_j"
    assert draft_name("  ..") == "draft"
    assert draft_name("../../etc") == "_.._etc"


def test_equal_timelines_give_equal_drafts(edit: Edit) -> None:
    edit.export("jianying", "a.zip")
    edit.export("jianying", "b.zip")
    assert (edit.folder / "a.zip").read_bytes() == (edit.folder / "b.zip").read_bytes()


def test_a_film_of_one_shot_and_one_of_five_hundred_are_whole_in_a_draft(edit: Edit, tmp_path: Path) -> None:
    for name, other in (("one", one_shot(edit)), ("many", long_edit(edit))):
        other.export("jianying", f"{name}.zip")
        draft = Draft(edit.folder / f"{name}.zip", tmp_path / name)
        assert rows_of(draft, other) == other.rows()
