"""A person's edit of an episode's timeline: kept with a version, merged with what changes later, thrown away."""

from functools import partial
from pathlib import Path

import pytest
from support.making import KEY, Studio
from support.stories import shot, storyboard_file

from aianime_pipeline.db.models import CompositeTask, Export
from aianime_pipeline.errors import BadInputError, NotFoundError, StaleVersionError, WorkHeldError
from aianime_pipeline.film.timeline import Music, Timeline
from aianime_pipeline.film.timeline.document import to_document
from aianime_pipeline.film.timeline.edits import move, remove
from aianime_pipeline.film.timeline.rough import Edited
from aianime_pipeline.film.timeline.sound_edits import set_music
from aianime_pipeline.film.timeline.trims import set_frames
from aianime_pipeline.production.films.composites import (
    current_timeline,
    delete_composite,
    discard_edits,
    edit_timeline,
    read_composite,
    replace_timeline,
)
from aianime_pipeline.production.importing import import_file
from aianime_pipeline.production.shots.stages import Stage

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@pytest.fixture
def two(studio: Studio, tmp_path: Path) -> Studio:
    studio.storyboard(tmp_path, 2)
    studio.make_all()
    return studio


def shots_of(timeline: Timeline) -> list[int]:
    return [clip.shot for clip in timeline.clips]


def swapped(timeline: Timeline) -> Edited:
    return move(timeline, 2, 0)


def test_an_edit_is_kept_with_a_version_and_with_who_made_it_and_when(two: Studio) -> None:
    assert read_composite(two.place, KEY).version == 0
    stored = edit_timeline(two.place, KEY, swapped, expected_version=0, who="li")
    assert (stored.version, shots_of(stored.timeline)) == (1, [2, 1])
    task = read_composite(two.place, KEY)
    assert (task.state, task.version, task.edited_by) == ("editing", 1, "li")
    assert task.edited_at is not None
    found = current_timeline(two.place, KEY)
    assert (shots_of(found.timeline), shots_of(found.base), found.merged) == ([2, 1], [1, 2], False)


def test_an_edit_of_an_older_version_is_refused_with_who_was_faster(two: Studio) -> None:
    edit_timeline(two.place, KEY, swapped, expected_version=0, who="li")
    with pytest.raises(StaleVersionError, match=r"version 1 by now, not 0: li changed it at .* UTC") as told:
        edit_timeline(two.place, KEY, partial(remove, shot=1), expected_version=0, who="wu")
    assert told.value.details["edited_by"] == "li"
    assert shots_of(current_timeline(two.place, KEY).timeline) == [2, 1]


@on_sqlite
def test_an_edit_that_cannot_be_done_leaves_everything_as_it_was(two: Studio) -> None:
    with pytest.raises(BadInputError, match="Shot 9"):
        edit_timeline(two.place, KEY, partial(remove, shot=9), expected_version=0, who="li")
    assert read_composite(two.place, KEY).version == 0


@on_sqlite
def test_a_whole_document_is_an_edit_too_and_may_name_only_what_is_in_the_store(two: Studio) -> None:
    document = to_document(swapped(current_timeline(two.place, KEY).timeline).timeline)
    assert replace_timeline(two.place, KEY, document, expected_version=0, who="li").version == 1
    document["clips"][0]["digest"] = "0" * 64
    with pytest.raises(NotFoundError, match=r"0{64}, which is not in the store"):
        replace_timeline(two.place, KEY, document, expected_version=1, who="li")
    with pytest.raises(BadInputError, match="format"):
        replace_timeline(two.place, KEY, {"clips": []}, expected_version=1, who="li")
    document = to_document(current_timeline(two.place, KEY).timeline)
    document["clips"][1] |= {"source_frames": 9999, "source_out": 9999}
    with pytest.raises(BadInputError, match=r"clips\[1\] \(shot 1\) says that its source is a video of 9999 frames"):
        replace_timeline(two.place, KEY, document, expected_version=1, who="li")
    assert shots_of(current_timeline(two.place, KEY).timeline) == [2, 1]


@on_sqlite
def test_a_document_of_somebody_elses_may_name_only_what_the_project_has(two: Studio, tmp_path: Path) -> None:
    """Another project's sound is as good as not there, for who may not hear it."""
    document = to_document(current_timeline(two.place, KEY).timeline)
    assert document["speech"]
    other = tmp_path / "other.wav"
    with two.place.store.open(document["speech"][0]["digest"]) as sound:
        other.write_bytes(sound.read() + b"\0\0")
    digest = two.place.store.put_file(other, "audio/wav").digest
    foreign = document | {"speech": [document["speech"][0] | {"digest": digest}, *document["speech"][1:]]}
    with pytest.raises(NotFoundError, match=f"{digest}, which is not in the store"):
        replace_timeline(two.place, KEY, foreign, expected_version=0, who="li", own_only=True)
    own = document | {"speech": list(reversed(document["speech"]))[:1]}
    assert replace_timeline(two.place, KEY, own, expected_version=0, who="li", own_only=True).version == 1
    assert replace_timeline(two.place, KEY, document, expected_version=1, who="li", own_only=True).version == 2
    assert replace_timeline(two.place, KEY, foreign, expected_version=2, who="li").version == 3


@on_sqlite
def test_a_new_take_comes_into_an_edited_timeline_and_the_edit_stays(two: Studio) -> None:
    edit_timeline(two.place, KEY, swapped, expected_version=0, who="li")
    before = {clip.shot: clip.digest for clip in current_timeline(two.place, KEY).timeline.clips}
    two.make(Stage.VIDEO, two.run(shots=[2], force=True))
    found = current_timeline(two.place, KEY)
    after = {clip.shot: clip.digest for clip in found.timeline.clips}
    assert (shots_of(found.timeline), found.merged) == ([2, 1], True)
    assert (after[1], after[2] != before[2]) == (before[1], True)
    assert read_composite(two.place, KEY).version == 1  # reading stores nothing
    again = edit_timeline(two.place, KEY, partial(set_frames, shot=1, frames=30), expected_version=1, who="wu")
    assert {clip.shot: clip.digest for clip in again.timeline.clips} == after
    assert not current_timeline(two.place, KEY).merged


@on_sqlite
def test_a_rebuilt_storyboard_merges_into_the_edit_and_what_it_could_not_keep_is_told(
    two: Studio, tmp_path: Path
) -> None:
    edit_timeline(two.place, KEY, partial(set_frames, shot=2, frames=36), expected_version=0, who="li")
    import_file(two.place, storyboard_file(tmp_path, [shot(1), shot(3)]), project="p")
    two.make_all()
    found = current_timeline(two.place, KEY)
    assert shots_of(found.timeline) == [1, 3]
    assert any("2" in note for note in found.notes), found.notes
    result = two.export()
    assert (result.report["timeline_version"], result.report["frames"]) == (2, 48)
    assert set(found.notes) <= set(result.report["warnings"])
    assert read_composite(two.place, KEY).merge_notes == found.notes
    with pytest.raises(StaleVersionError, match=r"not 1: a person \(merge for an export\) changed it"):
        edit_timeline(two.place, KEY, swapped, expected_version=1, who="li")


@on_sqlite
def test_a_shot_that_a_person_took_out_keeps_no_gate_closed_and_does_not_come_back(
    studio: Studio, tmp_path: Path
) -> None:
    studio.storyboard(tmp_path, 2)
    studio.set_project(review_video="human")
    studio.make_all()
    studio.review(Stage.VIDEO, approve=[1])
    assert {one.shot for one in read_composite(studio.place, KEY).waiting} == {2}
    edit_timeline(studio.place, KEY, partial(remove, shot=2), expected_version=0, who="li")
    assert read_composite(studio.place, KEY).waiting == ()
    assert studio.export().report["frames"] == 24
    studio.review(Stage.VIDEO, approve=[2])
    assert shots_of(current_timeline(studio.place, KEY).timeline) == [1]


@on_sqlite
def test_edits_that_are_discarded_leave_the_built_timeline_and_a_newer_version(two: Studio) -> None:
    edit_timeline(two.place, KEY, swapped, expected_version=0, who="li")
    with pytest.raises(StaleVersionError):
        discard_edits(two.place, KEY, expected_version=0, who="wu")
    assert discard_edits(two.place, KEY, expected_version=1, who="wu") == 2
    assert shots_of(current_timeline(two.place, KEY).timeline) == [1, 2]


@on_sqlite
def test_an_edit_after_the_film_is_done_opens_the_task_again(two: Studio) -> None:
    two.export()
    assert read_composite(two.place, KEY).state == "done"
    edit_timeline(two.place, KEY, swapped, expected_version=0, who="li")
    assert read_composite(two.place, KEY).state == "editing"


def test_a_deleted_composite_takes_its_files_along_and_keeps_the_music_that_was_paid_for(two: Studio) -> None:
    edit_timeline(two.place, KEY, swapped, expected_version=0, who="li")
    film, draft = two.export(), two.export(draft=True)
    delete_composite(two.place, KEY)
    assert not two.place.settings.output(KEY).exists()
    assert two.rows(Export) == []
    task = read_composite(two.place, KEY)
    assert (task.state, task.exports) == ("editing", ())
    assert shots_of(current_timeline(two.place, KEY).timeline) == [1, 2]
    for one in (film, draft):
        two.place.store.verify(one.digest)
    assert two.export().made
    assert len(two.asked("music")) == 1


@on_sqlite
def test_a_composite_that_is_being_exported_is_not_deleted(two: Studio) -> None:
    two.export()
    with two.place.database.write() as session:
        session.get_one(CompositeTask, 1).claimed_by = two.run().worker_id
    with pytest.raises(WorkHeldError, match=r"since .* UTC; 100 % of it is done"):
        delete_composite(two.place, KEY)


@pytest.fixture
def own_music(two: Studio) -> Music:
    """Music that a person brought: a take of a line will do, it is a sound in the store."""
    digest = current_timeline(two.place, KEY).timeline.speech[0].digest
    return Music(Path(digest), digest, -9.0)


def music_of(studio: Studio) -> str | None:
    music = current_timeline(studio.place, KEY).timeline.music
    return music.digest if music is not None else None


def test_own_music_from_before_the_first_export_asks_for_none_and_nothing_is_said_of_other_music(
    two: Studio, own_music: Music
) -> None:
    edit_timeline(two.place, KEY, partial(set_music, music=own_music), expected_version=0, who="li")
    result = two.export()
    assert two.asked("music") == []
    assert music_of(two) == own_music.digest
    assert (result.report["timeline_version"], result.report["warnings"]) == (1, [])
    assert read_composite(two.place, KEY).merge_notes == ()


def test_music_that_is_off_before_there_was_any_is_not_made_until_it_is_wanted_again(two: Studio) -> None:
    off = edit_timeline(two.place, KEY, Edited, expected_version=0, who="li", music_wanted=False)
    assert (off.version, read_composite(two.place, KEY).music_wanted) == (1, False)
    silent = two.export()
    assert (two.asked("music"), music_of(two), silent.report["timeline_version"]) == ([], None, 1)
    edit_timeline(two.place, KEY, swapped, expected_version=1, who="li")
    two.export()
    assert two.asked("music") == [], "an edit of anything else leaves it off"
    edit_timeline(two.place, KEY, Edited, expected_version=2, who="li", music_wanted=True)
    with_music = two.export()
    assert with_music.digest != silent.digest
    assert len(two.asked("music")) == 1
    assert music_of(two) is not None
    assert shots_of(current_timeline(two.place, KEY).timeline) == [2, 1]


@on_sqlite
def test_own_music_takes_back_that_there_is_to_be_none_and_so_does_discarding(two: Studio, own_music: Music) -> None:
    edit_timeline(two.place, KEY, Edited, expected_version=0, who="li", music_wanted=False)
    edit_timeline(two.place, KEY, partial(set_music, music=own_music), expected_version=1, who="li")
    assert read_composite(two.place, KEY).music_wanted
    edit_timeline(two.place, KEY, partial(set_music, music=None), expected_version=2, who="li", music_wanted=False)
    two.export()
    assert (two.asked("music"), music_of(two)) == ([], None)
    discard_edits(two.place, KEY, expected_version=3, who="li")
    two.export()
    assert len(two.asked("music")) == 1
