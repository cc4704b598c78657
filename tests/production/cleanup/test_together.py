"""A clean-up beside everybody else: other clean-ups, whoever puts what it is about to remove, and its own death."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.histories import History
from support.making import KEY, Studio
from support.processes import Script

from aianime_pipeline.db.models import Generation, ShotStage, Take
from aianime_pipeline.film.timeline import Music
from aianime_pipeline.film.timeline.sound_edits import set_music
from aianime_pipeline.production.films.composites import current_timeline, edit_timeline
from aianime_pipeline.production.generations import remember_object
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.storage.store import GRACE, StoredObject

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)

OPENED = """
import json, multiprocessing, os, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from aianime_pipeline.db.engine import Database
from aianime_pipeline.production.cleanup import run_cleanup
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.settings import Settings
from aianime_pipeline.storage.folder import FolderStore

def opened(store=FolderStore):
    settings = Settings(home=Path(sys.argv[2]), database_url=sys.argv[1])
    return Installation(settings=settings, database=Database(sys.argv[1]), store=store(settings.objects))

moment = datetime.fromtimestamp(float(sys.argv[3]), UTC)
"""


def script(history: History, url: str, code: str) -> Script:
    return Script(OPENED + code, url, history.place.settings.home, history.moment.timestamp())


@pytest.fixture
def history(place: Installation) -> History:
    return History(place)


TWO = """
def clean(start, done):
    place = opened()
    start.wait()
    done.put(run_cleanup(place, dry_run=False, moment=moment).to_document())

fork = multiprocessing.get_context("fork")
start, done = fork.Barrier(3), fork.Queue()
cleaners = [fork.Process(target=clean, args=(start, done)) for _ in range(3)]
for cleaner in cleaners:
    cleaner.start()
print(json.dumps([done.get(timeout=120) for _ in cleaners]))
"""


def test_clean_ups_at_once_remove_everything_once(history: History, migrated_url: str) -> None:
    takes = [history.take() for _ in range(60)]
    for _ in range(20):
        history.put(remembered=False)
        history.export(draft=True)
    history.passes(365)
    reports = json.loads(script(history, migrated_url, TWO).end())
    counted = {kind: sum(one["removed"][kind]["count"] for one in reports) for kind in reports[0]["removed"]}
    assert counted["takes"] == 59
    assert counted["exports"] == 20
    assert counted["objects"] == 59 + 40
    assert history.stored() == history.known() == {takes[-1].object_digest}


BESIDE = """
from aianime_pipeline.db.models import MediaObject, Project, Take
from aianime_pipeline.production.generations import remember_object
import sqlalchemy as sa

TURNS, CLEANERS, OWNERS = 60, 2, 3

def clean(start, over, done):
    place, removed = opened(), 0
    start.wait()
    while not over.is_set():
        report = run_cleanup(place, dry_run=False)
        removed += report.removed["objects"].count + report.removed["strays"].count
    done.put(removed)

def own(number, start, done):
    # The bytes are this process's alone: nobody else makes them older than they are.
    place, long_ago = opened(), datetime.now(UTC) - timedelta(days=3)
    with place.database.read() as session:
        take_id = session.scalars(sa.select(Take.id).order_by(Take.id)).all()[number]
    start.wait()
    for turn in range(TURNS):
        data = f"{number} {turn % 3}".encode()
        stored = place.store.put_bytes(data, "text/plain")
        digest = stored.digest
        age(place, digest, long_ago)
        way = turn % 4
        if way == 0:
            place.store.put_bytes(data, "text/plain")
            with place.database.write() as session:
                remember_object(session, stored)
                session.get_one(Take, take_id).object_digest = digest
        elif way == 1:
            place.store.put_bytes(data, "text/plain")
            with place.database.write() as session:
                remember_object(session, stored)
            with place.database.write() as session:
                session.get_one(Take, take_id).inputs = {"first_frame": digest}
        elif place.store.renew(digest):
            with place.database.write() as session:
                if way == 2:
                    remember_object(session, stored)
                    session.get_one(Take, take_id).object_digest = digest
                else:
                    session.get_one(Take, take_id).inputs = {"first_frame": digest}
        else:
            continue
        for _ in range(20):
            place.store.verify(digest)
            time.sleep(0)
        with place.database.write() as session:
            take = session.get_one(Take, take_id)
            assert take.object_digest is None or session.get(MediaObject, digest) is not None
            take.object_digest, take.inputs = None, {}
            session.execute(sa.update(MediaObject).where(MediaObject.digest == digest).values(created_at=long_ago))
    done.put(number)

def age(place, digest, long_ago):
    try:
        os.utime(place.settings.objects / "objects" / digest[:2] / digest, (long_ago.timestamp(), long_ago.timestamp()))
    except FileNotFoundError:
        pass

fork = multiprocessing.get_context("fork")
start, over, ended, removed = fork.Barrier(CLEANERS + OWNERS), fork.Event(), fork.Queue(), fork.Queue()
cleaners = [fork.Process(target=clean, args=(start, over, removed)) for _ in range(CLEANERS)]
owners = [fork.Process(target=own, args=(number, start, ended)) for number in range(OWNERS)]
for process in cleaners + owners:
    process.start()
for process in owners:
    process.join()
over.set()
for process in cleaners:
    process.join()
assert [process.exitcode for process in cleaners + owners] == [0] * (CLEANERS + OWNERS)
print(sum(removed.get() for _ in cleaners))
"""


def test_what_is_put_or_renewed_and_then_named_stays_however_many_clean_ups_run(
    history: History, migrated_url: str
) -> None:
    """Each process ages its own bytes, so that they may go, and begins to use them again, in each way there is: put and
    a foreign key, put and a document, renewed and a foreign key, renewed and a document."""
    for _ in range(3):
        history.take(selected=False)
    with history.place.database.write() as session:
        session.execute(sa.update(Take).values(state="generating", object_digest=None))
        session.execute(sa.update(Generation).values(result_digest=None))
    removed = int(script(history, migrated_url, BESIDE).end(300))
    # Not one removed in all that time would mean that the test looks at nothing.
    assert removed > 0


HANGS = """
class Hanging(FolderStore):
    def remove_if_older(self, digest, than):
        print("about to remove a file", flush=True)
        time.sleep(600)

run_cleanup(opened(Hanging), dry_run=False, moment=moment)
"""


def test_one_that_is_killed_between_rows_and_files_leaves_files_for_the_next(
    history: History, migrated_url: str
) -> None:
    old, new = history.take(), history.take()
    history.passes(365)
    killed = script(history, migrated_url, HANGS)
    killed.says("about to remove a file")
    killed.kill()
    assert history.now_of(old) == ("removed", None)
    assert history.known() == {new.object_digest}
    assert old.object_digest in history.stored()
    assert history.cleanup().removed["strays"].count == 1
    assert history.stored() == {new.object_digest}


@on_postgres
def test_a_take_that_a_person_is_about_to_select_is_left_alone(history: History) -> None:
    old = history.take()
    history.take()
    history.passes(365)
    with history.place.database.write() as session:
        session.get_one(ShotStage, old.stage_id, with_for_update=True).selected_take_id = old.id
        session.flush()
        assert history.cleanup().removed["takes"].count == 0
    assert history.now_of(old) == ("ready", old.object_digest)
    assert old.object_digest in history.stored() & history.known()


@on_postgres
@pytest.mark.parametrize("at_once", [1, 200])
def test_what_a_take_was_made_from_that_a_person_is_about_to_select_is_left_alone(
    history: History, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aianime_pipeline.production.cleanup.objects._REMOVED_AT_ONCE", at_once)
    picture = history.take()
    video = history.take(stage="video")
    history.take()
    history.take(stage="video")
    history.passes(365)
    assert history.cleanup(dry_run=True).removed["takes"].count == 2
    with history.place.database.write() as session:
        session.get_one(ShotStage, video.stage_id, with_for_update=True).selected_take_id = video.id
        session.flush()
        assert history.cleanup().removed["takes"].count == 0
    assert history.now_of(video) == ("ready", video.object_digest)
    assert history.now_of(picture) == ("ready", picture.object_digest)


@on_postgres
def test_an_object_that_somebody_is_about_to_refer_to_is_left_alone(history: History) -> None:
    digest = history.put()
    history.passes(365)
    with history.place.database.write() as session:
        remember_object(session, StoredObject(digest, 1, 0, "text/plain"))
        session.flush()
        assert history.cleanup().removed["objects"].count == 0
    assert digest in history.stored() & history.known()


def test_a_row_that_a_clean_up_took_is_written_again_by_whoever_puts_the_bytes(history: History) -> None:
    digest = history.put("sea")
    history.passes(365)
    history.cleanup()
    assert history.known() == history.stored() == set()
    assert history.put("sea") == digest
    assert history.known() == history.stored() == {digest}


def made_old(studio: Studio, digest: str) -> Path:
    """The object's file, three days old."""
    with studio.place.store.local_path(digest) as path:
        three_days_ago = time.time() - 3 * 86_400
        os.utime(path, (three_days_ago, three_days_ago))
        return path


def age(path: Path) -> timedelta:
    return timedelta(seconds=time.time() - path.stat().st_mtime)


@on_sqlite
def test_what_a_person_puts_into_an_edit_is_renewed_before_the_edit_is_stored(studio: Studio, tmp_path: Path) -> None:
    """Else a clean-up that has looked already would remove it behind the person's back."""
    studio.storyboard(tmp_path, 1)
    studio.make_all()
    music = studio.place.store.put_bytes(b"a sound", "audio/wav").digest
    path = made_old(studio, music)
    edit_timeline(
        studio.place,
        KEY,
        lambda timeline: set_music(timeline, Music(Path(music), music)),
        expected_version=0,
        who="a person",
    )
    assert age(path) < GRACE / 2


@on_sqlite
def test_a_slate_is_renewed_whenever_it_is_shown(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, 1)
    (slate,) = current_timeline(studio.place, KEY).timeline.clips
    path = made_old(studio, slate.digest)
    current_timeline(studio.place, KEY)
    assert age(path) < GRACE / 2
