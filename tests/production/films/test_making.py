import shutil
from pathlib import Path

import av
import pytest
from support.making import KEY, Studio
from support.stories import shot

from aianime_pipeline.db.models import CompositeTask, StageRun
from aianime_pipeline.errors import DiskFullError, ObjectMissingError, WorkHeldError
from aianime_pipeline.production.episodes.status import episode_status
from aianime_pipeline.production.exports import exporting
from aianime_pipeline.production.films.gate import Waiting
from aianime_pipeline.production.films.making import FilmResult
from aianime_pipeline.production.generations import RunCancelled
from aianime_pipeline.production.shots.stages import Stage, State

# What a film is does not depend on the database; that it is made at all is tested on both.
on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@pytest.fixture
def two(studio: Studio, tmp_path: Path) -> Studio:
    """Two shots of a second, all takes made."""
    studio.storyboard(tmp_path, 2)
    studio.make_all()
    return studio


def film_of(studio: Studio) -> FilmResult:
    result = studio.film()
    assert isinstance(result, FilmResult)
    return result


def frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_a_film_is_made_of_the_selected_takes_and_found_by_its_episodes_name(two: Studio) -> None:
    result = film_of(two)
    assert result.path == two.place.settings.output(KEY) / f"{KEY}.mp4"
    assert (result.made, result.report["frames"], frames(result.path)) == (True, 48, 48)
    assert result.path.with_suffix(".srt").read_text("utf-8").count("-->") == 2
    (task,) = two.rows(CompositeTask)
    assert (task.state, task.film_digest, task.claimed_by) == ("done", result.digest, None)
    two.place.store.verify(result.digest)


@on_sqlite
def test_the_gate_names_every_stage_that_is_not_approved(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, [shot(1), shot(2), shot(3, 生成任务=["图像"])])
    studio.set_project(review_video="human")
    studio.steering.fail("speech", "line 2.")
    studio.make_all()
    waiting = studio.film()
    assert waiting == [
        Waiting(1, Stage.VIDEO, State.REVIEW),
        Waiting(2, Stage.VIDEO, State.REVIEW),
        Waiting(2, Stage.VOICE, State.FAILED),
    ]
    assert str(waiting[2]) == "shot 2: voice is failed"
    assert studio.rows(CompositeTask) == []
    assert [row.waiting for row in studio.rows(StageRun) if row.stage == "film"] == [1]


@on_sqlite
def test_nothing_made_yet_keeps_the_gate_closed_for_every_stage(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, 1)
    assert studio.film() == [Waiting(1, stage, State.PENDING) for stage in Stage]


@on_sqlite
def test_a_film_of_the_same_takes_is_kept(two: Studio) -> None:
    first, second = film_of(two), film_of(two)
    assert (second.made, second.digest, second.data_version) == (False, first.digest, first.data_version)
    assert len(two.asked("music")) == 1


@on_sqlite
def test_a_film_of_another_take_is_made_again_with_the_other_segments_kept(two: Studio) -> None:
    first = film_of(two)
    two.make_all(two.run(shots=[2], force=True))
    second = film_of(two)
    assert (second.made, second.digest != first.digest) == (True, True)
    assert (second.report["segments_kept"], second.report["segments_made"]) == (1, 1)
    assert len(two.asked("music")) == 1


@on_sqlite
@pytest.mark.parametrize("harm", ["removed", "renamed", "replaced", "cut"])
def test_an_output_file_that_somebody_changed_comes_back(two: Studio, harm: str) -> None:
    result = film_of(two)
    wanted = result.path.read_bytes()
    match harm:
        case "removed":
            shutil.rmtree(result.path.parent)
        case "renamed":
            result.path.rename(result.path.with_name("mine.mp4"))
        case "replaced":
            result.path.unlink()
            result.path.write_bytes(b"holiday")
        case "cut":
            part = result.path.with_name("cut.mp4")
            part.write_bytes(wanted[:100])
            part.replace(result.path)
    assert not film_of(two).made
    assert result.path.read_bytes() == wanted
    assert result.path.with_suffix(".srt").exists()


@on_sqlite
def test_an_edit_of_the_output_file_never_reaches_the_object_and_the_next_make_puts_the_film_back(two: Studio) -> None:
    result = film_of(two)
    wanted = result.path.read_bytes()
    with result.path.open("r+b") as file:
        file.write(b"holiday")
    two.place.store.verify(result.digest)
    assert not film_of(two).made
    assert result.path.read_bytes() == wanted


@on_sqlite
def test_an_output_file_that_lies_there_as_it_was_put_is_not_copied_again(two: Studio) -> None:
    first = film_of(two).path.stat().st_ino
    assert film_of(two).path.stat().st_ino == first


@on_sqlite
def test_an_editor_that_replaces_the_output_file_leaves_the_object_as_it_is(two: Studio) -> None:
    result = film_of(two)
    edited = result.path.with_name("edited")
    edited.write_bytes(b"edited")
    edited.replace(result.path)
    two.place.store.verify(result.digest)


@on_sqlite
def test_a_film_whose_object_is_lost_is_made_again(two: Studio) -> None:
    result = film_of(two)
    two.place.store.delete(result.digest)
    again = film_of(two)
    assert again.made
    assert frames(again.path) == 48


@on_sqlite
def test_a_take_whose_object_is_lost_fails_the_film_and_is_named(two: Studio) -> None:
    digest = two.takes(2, Stage.VIDEO)[0].object_digest
    assert digest is not None
    two.place.store.delete(digest)
    with pytest.raises(ObjectMissingError, match=digest):
        two.film()
    (task,) = two.rows(CompositeTask)
    assert (task.state, task.claimed_by) == ("failed", None)
    assert digest in task.reason


@on_sqlite
def test_a_full_disk_fails_the_film_with_its_reason_and_the_next_run_makes_it(
    two: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise DiskFullError("No space left on the disk.")

    with monkeypatch.context() as disk:
        disk.setattr(exporting, "render_film", full)
        with pytest.raises(DiskFullError):
            two.film()
    (task,) = two.rows(CompositeTask)
    assert (task.state, task.reason, task.claimed_by) == ("failed", "No space left on the disk.", None)
    assert list((two.place.settings.scratch / "films").iterdir()) == []
    assert film_of(two).made
    (task,) = two.rows(CompositeTask)
    assert (task.state, task.reason) == ("done", "")


@on_sqlite
def test_a_cancelled_film_leaves_nothing_half_done(two: Studio) -> None:
    run = two.run()
    run.stop.set()
    with pytest.raises(RunCancelled):
        two.film(run)
    (task,) = two.rows(CompositeTask)
    assert (task.state, task.claimed_by, task.film_digest) == ("editing", None, None)
    assert not two.place.settings.output(KEY).exists()
    assert episode_status(two.place, KEY)["film"] is None
    assert film_of(two).made


def test_a_film_that_another_living_run_makes_is_refused_with_that_run(two: Studio) -> None:
    film_of(two)
    other = two.run()
    with two.place.database.write() as session:
        session.get_one(CompositeTask, 1).claimed_by = other.worker_id
    with pytest.raises(WorkHeldError, match=f"is being made by run {other.run_id} .*since"):
        two.film()


@on_sqlite
def test_the_projects_size_and_rate_are_the_films(two: Studio) -> None:
    two.set_project(width=90, height=160, rate_numerator=25)
    two.make_all()
    result = film_of(two)
    with av.open(str(result.path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (90, 160, 25)
    assert frames(result.path) == 50


@on_sqlite
def test_an_awkward_title_reaches_the_films_metadata_as_it_is(two: Studio) -> None:
    title = "O'Brien \"=;#\\ 月下渡 🏮"
    two.set_project(title=title)
    with av.open(str(film_of(two).path)) as container:
        assert container.metadata["title"] == f"{title} 灯"
