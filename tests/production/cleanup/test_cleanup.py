"""What a clean-up removes, and what it leaves alone."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.histories import History

from aianime_pipeline.db.models import (
    Channel,
    CompositeTask,
    Delivery,
    Event,
    Export,
    Generation,
    MediaObject,
    Notice,
    Project,
    Take,
    Task,
)
from aianime_pipeline.errors import BadSettingError, StateError
from aianime_pipeline.production.cleanup import clean_up_for_task
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.publishing import export_path
from aianime_pipeline.production.scratch import scratch_folder


@pytest.fixture
def history(place: Installation) -> History:
    return History(place, shots=2)


def superseded(history: History) -> Take:
    """A take in whose place another counts since a year."""
    old = history.take()
    history.take()
    history.passes(365)
    return old


def test_a_superseded_take_loses_its_file_and_keeps_its_record(history: History) -> None:
    old = superseded(history)
    found = history.cleanup()
    assert history.now_of(old) == ("removed", None)
    assert old.object_digest not in history.stored() | history.known()
    assert found.removed["takes"].count == found.removed["objects"].count == 1
    assert found.removed["objects"].bytes == len("object 1")
    assert found.episodes == {"p-e001": 1}
    with history.place.database.read() as session:
        row = session.get_one(Take, old.id)
        generation = session.get_one(Generation, old.generation_id)
        assert (row.facts, row.number, generation.state, generation.result_digest) == ({}, 1, "succeeded", None)


def test_a_dry_run_says_the_same_and_changes_nothing(history: History) -> None:
    old = superseded(history)
    history.export(draft=True)
    history.put(remembered=False)
    history.passes(400)
    before = history.stored(), history.known()
    listed = history.cleanup(dry_run=True).to_document()
    assert (history.stored(), history.known(), history.now_of(old)[0]) == (*before, "ready")
    assert listed["removed"]["objects"]["count"] == 3
    assert history.cleanup().to_document() == listed | {"dry_run": False}
    assert history.cleanup().bytes == 0


@pytest.mark.parametrize("kept", [None, 400])
def test_a_project_may_keep_its_superseded_takes_longer_or_for_ever(history: History, kept: int | None) -> None:
    old = superseded(history)
    history.keep(superseded_takes=kept)
    history.cleanup()
    assert history.now_of(old)[0] == "ready"
    history.keep(superseded_takes=364)
    history.cleanup()
    assert history.now_of(old)[0] == "removed"


def test_the_retention_counts_from_the_last_thing_that_happened_on_the_stage(history: History) -> None:
    old, new = history.take(), history.take()
    history.passes(365)
    history.select(old)
    history.cleanup()
    assert history.now_of(new)[0] == "ready"
    history.passes(29)
    history.cleanup()
    assert history.now_of(new)[0] == "ready"
    history.passes(2)
    history.cleanup()
    assert (history.now_of(old)[0], history.now_of(new)[0]) == ("ready", "removed")


def test_a_take_that_no_other_has_taken_the_place_of_stays(history: History) -> None:
    only = history.take(selected=False)
    history.passes(365)
    history.cleanup()
    assert history.now_of(only)[0] == "ready"


@pytest.mark.parametrize("state", ["generating", "regenerating", "ai_reviewing"])
def test_nothing_of_a_shot_in_work_is_touched(history: History, state: str) -> None:
    old = superseded(history)
    history.set_stage(0, "video", state)
    history.cleanup()
    assert history.now_of(old)[0] == "ready"
    history.set_stage(0, "video", "approved")
    history.cleanup()
    assert history.now_of(old)[0] == "removed"


def test_a_shot_with_a_job_at_a_vendor_is_in_work(history: History) -> None:
    old = superseded(history)
    with history.place.database.write() as session:
        generation = session.get_one(Generation, old.generation_id)
        open_one = Generation(
            project_id=generation.project_id, shot_id=generation.shot_id, capability="video", provider="ark", model="m",
            request_digest="", state="submitted", run_id="r", worker_id="w",
        )  # fmt: skip
        session.add(open_one)
    history.cleanup()
    assert history.now_of(old)[0] == "ready"


def test_what_a_take_that_counts_was_made_from_stays(history: History) -> None:
    picture = history.take()
    video = history.take(stage="video")
    history.take()
    history.passes(365)
    history.cleanup()
    assert history.now_of(picture) == ("ready", picture.object_digest)
    # Once another video counts, both may go, in one clean-up.
    history.take(stage="video")
    history.passes(365)
    history.cleanup()
    assert (history.now_of(picture)[0], history.now_of(video)[0]) == ("removed", "removed")


def test_what_an_edit_shows_stays_until_the_edit_does_not_show_it_any_more(history: History) -> None:
    old = superseded(history)
    assert old.object_digest is not None
    history.edit(old.object_digest)
    history.cleanup()
    assert history.now_of(old) == ("ready", old.object_digest)
    history.edit()
    history.cleanup()
    assert history.now_of(old)[0] == "removed"


def test_what_lies_beside_an_export_stays_with_it(history: History) -> None:
    old = superseded(history)
    assert old.object_digest is not None
    history.export(name="phone", shows=(old.object_digest,))
    history.passes(400)
    history.cleanup()
    assert history.now_of(old)[0] == "ready"
    history.keep(exports=300)
    found = history.cleanup()
    assert found.removed["exports"].count == 1
    assert history.now_of(old)[0] == "removed"
    assert found.removed["objects"].count == 3


def test_bytes_that_two_takes_share_stay_while_one_of_them_needs_them(history: History) -> None:
    old = history.take(0, data="the same")
    twin = history.take(1, data="the same")
    history.take(0)
    history.passes(365)
    history.cleanup()
    assert history.now_of(old)[0] == "ready"
    assert twin.object_digest in history.stored()
    history.take(1)
    history.passes(365)
    history.cleanup()
    assert (history.now_of(old)[0], history.now_of(twin)[0]) == ("removed", "removed")
    assert twin.object_digest not in history.stored()


def test_the_episodes_film_is_never_removed_however_old(history: History) -> None:
    history.keep(exports=1, drafts=1)
    film = history.export()
    history.passes(3650)
    history.cleanup()
    assert {film.film_digest, film.files["srt.zh"]["digest"]} <= history.stored()


def test_an_old_draft_goes_with_its_published_files(history: History) -> None:
    draft = history.export(draft=True)
    path = export_path(history.place, "p-e001", "main", draft=True)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a copy")
    history.passes(31)
    history.cleanup()
    assert not path.exists()
    assert draft.film_digest not in history.stored()


def test_exports_of_an_episode_that_is_being_exported_stay(history: History) -> None:
    draft = history.export(draft=True)
    history.passes(31)
    with history.place.database.write() as session:
        session.execute(sa.update(CompositeTask).values(state="exporting"))
    assert history.cleanup().removed["exports"].count == 0
    assert draft.film_digest in history.stored()


def test_results_that_nothing_shows_go_and_a_language_models_answers_stay(history: History) -> None:
    music, answer = history.put(), history.put()
    with history.place.database.write() as session:
        for digest, capability in ((music, "music"), (answer, "text")):
            session.add(
                Generation(
                    project_id=history.project_id, capability=capability, provider="ark", model="m", request_digest="",
                    state="succeeded", result_digest=digest, run_id="r", worker_id="w", settled_at=history.moment,
                )
            )  # fmt: skip
    history.passes(29)
    history.cleanup()
    assert {music, answer} <= history.stored()
    history.passes(2)
    assert history.cleanup().removed["results"].count == 1
    assert {music, answer} & history.stored() == {answer}


def test_old_events_go_but_the_newest_stays_so_that_its_number_is_not_given_again(history: History) -> None:
    with history.place.database.write() as session:
        project = session.scalars(sa.select(Project)).one().id
        for number, whose in enumerate((project, None, project)):
            at = history.moment + timedelta(days=number)
            session.add(Event(project_id=whose, kind="shot", document={}, created_at=at))
    history.keep(events=1)
    history.passes(2.5)
    # The second is about no project: it is kept as long as usual.
    assert history.cleanup().removed["events"].count == 1
    history.passes(365)
    assert history.cleanup(dry_run=True).removed["events"].count == 1
    assert history.cleanup().removed["events"].count == 1
    with history.place.database.read() as session:
        assert session.scalars(sa.select(Event.id)).all() == [3]


def test_old_notices_go_with_what_hangs_on_them_unless_they_are_on_their_way(history: History) -> None:
    with history.place.database.write() as session:
        channel = Channel(name="c", kind="webhook", address="a", kinds=[], created_by="a person")
        notices = [Notice(key=f"n{n}", kind="k", text="t", created_at=history.moment) for n in range(3)]
        session.add_all([channel, *notices])
        session.flush()
        for notice, state in zip(notices, ("sent", "pending"), strict=False):
            session.add(Delivery(channel_id=channel.id, notice_id=notice.id, state=state, due_at=history.moment))
    history.passes(181)
    assert history.cleanup().removed["notices"].count == 1
    with history.place.database.read() as session:
        assert session.scalars(sa.select(Notice.key).order_by(Notice.id)).all() == ["n1", "n2"]
        assert session.scalars(sa.select(Delivery.state)).all() == ["pending"]


def test_a_file_that_no_row_knows_goes_after_a_day(history: History) -> None:
    stray = history.put(remembered=False)
    history.passes(0.9)
    assert history.cleanup().removed["strays"].count == 0
    history.passes(0.2)
    assert history.cleanup().removed["strays"].count == 1
    assert stray not in history.stored()


def test_a_slate_that_an_edit_shows_stays_though_it_has_no_row(history: History) -> None:
    slate = history.put(remembered=False)
    history.edit(slate)
    history.passes(365)
    history.cleanup()
    assert slate in history.stored()


def test_a_file_that_was_put_again_is_as_young_as_a_new_one(history: History) -> None:
    stray = history.put("again", remembered=False)
    history.passes(365)
    history.put("again", remembered=False)
    history.cleanup()
    assert stray in history.stored()


def test_a_row_whose_file_is_gone_is_told_with_what_needs_it_and_left_alone(history: History) -> None:
    take = history.take()
    assert take.object_digest is not None
    history.edit(take.object_digest)
    history.place.store.delete(take.object_digest)
    history.passes(365)
    found = history.cleanup()
    (missing,) = found.missing
    assert missing.digest == take.object_digest
    assert missing.needed_by == ("composite_tasks.document", "generations.result_digest", "takes.object_digest")
    assert history.now_of(take) == ("ready", take.object_digest)
    assert take.object_digest in history.known()


def test_work_of_dead_processes_goes_and_that_of_living_ones_stays(history: History) -> None:
    scratch = history.place.settings.scratch
    (left := scratch / "generations" / "7").mkdir(parents=True)
    (left / "clip.mp4").write_bytes(b"12345")
    drafts = history.place.settings.objects / "drafts"
    drafts.mkdir(parents=True, exist_ok=True)
    (drafts / ".aianime-1.part").write_bytes(b"half")
    with scratch_folder(scratch / "films") as held:
        two_days_ago = time.time() - 2 * 86_400
        for path in (left / "clip.mp4", left, held, drafts / ".aianime-1.part"):
            os.utime(path, (two_days_ago, two_days_ago))
        listed = history.cleanup(dry_run=True)
        assert (listed.removed["scratch"].count, listed.removed["scratch"].bytes) == (1, 5)
        assert listed.removed["unfinished"].count == 1
        assert left.exists()
        assert history.cleanup().to_document() == listed.to_document() | {"dry_run": False}
        assert held.exists()
    assert not left.exists()
    assert list(drafts.iterdir()) == []


def test_the_provider_keeps_its_own_folder_in_order(history: History) -> None:
    own = history.place.settings.scratch / "provider" / "animatic-1"
    own.mkdir(parents=True)
    os.utime(own, (0, 0))
    history.cleanup()
    assert own.exists()


def test_many_objects_are_looked_at_part_by_part(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    from aianime_pipeline.production.cleanup import objects, records, strays

    takes = [history.take() for _ in range(25)]
    for _ in range(9):
        history.put()
        history.put(remembered=False)
    with history.place.database.write() as session:
        session.add_all(Event(kind="shot", document={}, created_at=history.moment) for _ in range(12))
    history.passes(365)
    for module, names in (
        (objects, ("_PAGE", "_MOST_CANDIDATES", "_REMOVED_AT_ONCE")),
        (records, ("_REMOVED_AT_ONCE",)),
        (strays, ("_PAGE",)),
    ):
        for size, name in enumerate(names, start=3):
            monkeypatch.setattr(module, name, size)
    listed = history.cleanup(dry_run=True)
    counts = {kind: one.count for kind, one in listed.removed.items() if one.count}
    assert counts == {"takes": 24, "events": 11, "objects": 33, "strays": 9}
    assert history.cleanup().to_document() == listed.to_document() | {"dry_run": False}
    assert history.stored() == history.known() == {takes[-1].object_digest}


def test_a_task_has_the_report_as_its_result(history: History) -> None:
    with history.place.database.write() as session:
        task = Task(action="cleanup", settings={}, origin="person", requested_by="a person", result={}, state="running")
        session.add(task)
    found = clean_up_for_task(history.place, task.id, dry_run=True)
    with history.place.database.read() as session:
        assert session.get_one(Task, task.id).result == found.to_document()


def test_a_retention_that_somebody_wrote_by_hand_is_refused_before_anything_goes(history: History) -> None:
    old = superseded(history)
    with history.place.database.write() as session:
        session.execute(sa.update(Project).values(retention={"drafts": 0}))
    with pytest.raises(BadSettingError, match="Project p: drafts is 0; it takes days from 1"):
        history.cleanup()
    assert history.now_of(old)[0] == "ready"


def test_a_removed_take_cannot_be_selected_again(history: History) -> None:
    from aianime_pipeline.db.models import Episode
    from aianime_pipeline.production.reviews.selecting import select_take
    from aianime_pipeline.production.shots.stages import Stage

    superseded(history)
    history.cleanup()
    with history.place.database.write() as session:
        episode = session.get_one(Episode, history.episode_id)
        with pytest.raises(StateError, match="is removed"):
            select_take(session, episode, Stage.IMAGE, 0, 1, who="a person")


def test_an_empty_house_is_clean(place: Installation, tmp_path: Path) -> None:
    report = History(place).cleanup()
    assert report.in_words() == ["there is nothing to remove"]
    with place.database.read() as session:
        assert session.scalars(sa.select(Export.id)).all() == session.scalars(sa.select(MediaObject)).all() == []
