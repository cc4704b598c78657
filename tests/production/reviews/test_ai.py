"""The AI review line with the built-in reviewer alone: what waits is looked at, and goes where the verdict sends it."""

import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from support.making import Studio
from support.review_media import SIZE, moving_clip, saved, scene, still_clip, voice
from support.review_studio import ai_records, lay, one, reviewed, reviewing

from aianime_pipeline.db.models import Event, ShotStage, Worker
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import NotFoundError
from aianime_pipeline.production.generations import RunCancelled
from aianime_pipeline.production.reviews import ai
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.reviewing.opinion import Opinion


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return saved(scene(), tmp_path, "good.png")


@pytest.fixture
def black(tmp_path: Path) -> Path:
    return saved(Image.new("RGB", SIZE, "black"), tmp_path, "black.png")


@pytest.mark.parametrize(
    ("mode", "approved", "rejected"),
    [
        ("ai", State.APPROVED, State.REJECTED),
        ("ai_then_human", State.APPROVED, State.HUMAN_REVIEW),
        ("ai_and_human", State.HUMAN_REVIEW, State.HUMAN_REVIEW),
    ],
)
def test_a_verdict_sends_a_shot_where_its_projects_mode_says(
    studio: Studio, tmp_path: Path, good: Path, black: Path, mode: str, approved: State, rejected: State
) -> None:
    reviewing(studio, tmp_path, 2, review_image=mode).make(Stage.IMAGE)
    lay(studio, 1, good)
    lay(studio, 2, black)
    found = reviewed(studio)
    assert [(shot.verdict, shot.state) for shot in found.shots] == [("approved", approved), ("rejected", rejected)]
    assert (found.reviewed, found.passed) == (2, False)
    assert [studio.stage_row(number, Stage.IMAGE).state for number in (1, 2)] == [approved, rejected]
    assert studio.stage_row(2, Stage.IMAGE).retakes == (mode == "ai")


def test_an_approval_is_on_record_with_its_score_and_told(studio: Studio, tmp_path: Path, good: Path) -> None:
    reviewing(studio, tmp_path).make(Stage.IMAGE)
    lay(studio, 1, good)
    before = studio.stage_row(1, Stage.IMAGE).version
    assert reviewed(studio).passed
    [record] = ai_records(studio)
    assert (record.reviewer, record.verdict, record.score, record.reason) == ("built-in", "approved", 100, "")
    assert (record.state_before, record.state_after) == ("ai_reviewing", "approved")
    row, [take] = studio.stage_row(1, Stage.IMAGE), studio.takes(1, Stage.IMAGE)
    assert (take.verdict, row.version, row.claimed_by) == ("approved", before + 1, None)
    told = studio.rows(Event)[-1]
    assert told.kind == "review"
    assert told.document["verdict"] == "approved"
    assert (told.document["shot"], told.document["stage"], told.document["score"]) == (1, "image", 100)
    assert (told.document["state"], told.document["version"]) == ("approved", row.version)


def test_a_rejections_wishes_are_what_the_next_take_is_made_with(
    studio: Studio, tmp_path: Path, black: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewing(studio, tmp_path).make(Stage.IMAGE)
    lay(studio, 1, black)
    reviewed(studio)
    [record] = ai_records(studio)
    assert record.feedback == {
        "problems": [{"code": "black", "text": "it is black"}],
        "changes": ["show the shot, with more light"],
    }
    row, [take] = studio.stage_row(1, Stage.IMAGE), studio.takes(1, Stage.IMAGE)
    assert (take.verdict, take.reason, row.reason) == ("rejected", *["show the shot, with more light"] * 2)
    told: list[str] = []
    ask = studio.place.provider.submit_image
    monkeypatch.setattr(
        studio.place.provider, "submit_image", lambda request: (told.append(request.feedback), ask(request))[1]
    )
    studio.make(Stage.IMAGE)
    assert told == ["show the shot, with more light"]
    assert studio.stage_row(1, Stage.IMAGE).state == "ai_reviewing"


def test_over_the_cap_of_retakes_a_person_decides(studio: Studio, tmp_path: Path, black: Path) -> None:
    reviewing(studio, tmp_path, retake_cap=1).make(Stage.IMAGE)
    lay(studio, 1, black)
    assert one(reviewed(studio)).state is State.REJECTED
    studio.make(Stage.IMAGE)
    lay(studio, 1, black)
    again = one(reviewed(studio))
    assert (again.state, again.verdict) == (State.HUMAN_REVIEW, "rejected")
    row = studio.stage_row(1, Stage.IMAGE)
    assert (row.retakes, row.reason) == (1, "it is black")
    assert studio.takes(1, Stage.IMAGE)[1].verdict == "none"


def test_the_projects_threshold_counts(studio: Studio, tmp_path: Path) -> None:
    reviewing(studio, tmp_path, review_threshold=90, width=1280, height=720).make(Stage.IMAGE)
    small = scene((160, 90)).resize(SIZE, Image.Resampling.BILINEAR)
    lay(studio, 1, saved(small.resize((1280, 720)), tmp_path))
    soft = one(reviewed(studio))
    assert (soft.verdict, soft.score) == ("rejected", 85)
    assert "the project wants 90" in soft.reasons


@pytest.mark.parametrize("mode", ["none", "human"])
def test_a_project_without_ai_review_has_nothing_to_be_looked_at(studio: Studio, tmp_path: Path, mode: str) -> None:
    reviewing(studio, tmp_path, review_image=mode).make(Stage.IMAGE)
    found = reviewed(studio)
    assert (found.reviewed, found.shots, found.passed) == (0, (), True)


def test_what_was_said_is_told_again_when_nothing_waits(studio: Studio, tmp_path: Path, black: Path) -> None:
    reviewing(studio, tmp_path).make(Stage.IMAGE)
    lay(studio, 1, black)
    first, second = reviewed(studio), reviewed(studio)
    assert (first.reviewed, second.reviewed) == (1, 0)
    assert second.shots == first.shots
    assert not second.passed
    assert len(ai_records(studio)) == 1


def test_what_a_person_approves_passes_whatever_the_reviewer_said(studio: Studio, tmp_path: Path, black: Path) -> None:
    reviewing(studio, tmp_path, review_image="ai_then_human").make(Stage.IMAGE)
    lay(studio, 1, black)
    assert not reviewed(studio).passed
    studio.review(Stage.IMAGE, approve=[1])
    assert reviewed(studio).passed


def test_a_run_for_named_shots_looks_at_no_others(studio: Studio, tmp_path: Path, good: Path) -> None:
    reviewing(studio, tmp_path, 2).make(Stage.IMAGE)
    for number in (1, 2):
        lay(studio, number, good)
    found = reviewed(studio, run=studio.run(shots=[2]))
    assert [(shot.shot, shot.verdict) for shot in found.shots] == [(1, "waiting"), (2, "approved")]


def test_an_episode_that_is_not_there_is_told(studio: Studio, tmp_path: Path) -> None:
    reviewing(studio, tmp_path)
    with pytest.raises(NotFoundError, match="p-e009"):
        reviewed(studio, run=replace(studio.run(), episode_key="p-e009"))


def hold(studio: Studio, *, alive: bool) -> None:
    worker = Worker(
        id=str(uuid.uuid4()), host="elsewhere", pid=1, process_started="", run_id="theirs",
        beat_at=now() + timedelta(hours=1 if alive else -1),
    )  # fmt: skip
    with studio.place.database.write() as session:
        session.add(worker)
        session.flush()
        session.get_one(ShotStage, studio.stage_row(1, Stage.IMAGE).id).claimed_by = worker.id


def test_what_a_living_worker_holds_is_left_to_it(studio: Studio, tmp_path: Path, good: Path) -> None:
    reviewing(studio, tmp_path).make(Stage.IMAGE)
    lay(studio, 1, good)
    hold(studio, alive=True)
    found = reviewed(studio)
    assert (found.reviewed, found.passed, ai_records(studio)) == (0, False, [])
    assert (one(found).verdict, one(found).reasons) == ("waiting", "somebody else is at it (run theirs)")


def test_what_a_dead_worker_held_is_taken_over(studio: Studio, tmp_path: Path, good: Path) -> None:
    reviewing(studio, tmp_path).make(Stage.IMAGE)
    lay(studio, 1, good)
    hold(studio, alive=False)
    assert one(reviewed(studio)).state is State.APPROVED


def test_a_person_who_decides_meanwhile_has_decided(
    studio: Studio, tmp_path: Path, black: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewing(studio, tmp_path).make(Stage.IMAGE)
    lay(studio, 1, black)
    judge = ai.opinion_on

    def beaten(*given: object) -> Opinion:
        studio.review(Stage.IMAGE, approve=[1])
        return judge(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(ai, "opinion_on", beaten)
    found = reviewed(studio)
    assert (found.reviewed, found.shots, ai_records(studio)) == (0, (), [])
    assert studio.stage_row(1, Stage.IMAGE).state == "approved"
    assert studio.takes(1, Stage.IMAGE)[0].verdict == "approved"


def test_what_changed_between_the_look_and_the_claim_is_left(
    studio: Studio, tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewing(studio, tmp_path).make(Stage.IMAGE)
    lay(studio, 1, good)
    claim = ai._claim

    def late(*given: object) -> str:
        studio.review(Stage.IMAGE, reject=[1], reason="no")
        return claim(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(ai, "_claim", late)
    assert reviewed(studio).reviewed == 0
    assert studio.stage_row(1, Stage.IMAGE).state == "rejected"


def test_a_mode_that_was_changed_meanwhile_leaves_it_to_a_person(studio: Studio, tmp_path: Path, good: Path) -> None:
    reviewing(studio, tmp_path).make(Stage.IMAGE)
    lay(studio, 1, good)
    studio.set_project(review_image="human")
    assert one(reviewed(studio)).state is State.HUMAN_REVIEW


def test_a_take_whose_file_is_gone_is_left_to_a_person_with_the_words(studio: Studio, tmp_path: Path) -> None:
    reviewing(studio, tmp_path).make(Stage.IMAGE)
    digest = studio.takes(1, Stage.IMAGE)[0].object_digest
    assert digest is not None
    Path(studio.place.store.address(digest)).unlink()
    found = one(reviewed(studio))
    assert (found.state, found.verdict, found.score) == (State.HUMAN_REVIEW, "unsure", None)
    assert digest[:8] in found.reasons
    assert studio.stage_row(1, Stage.IMAGE).reason == found.reasons


def test_a_run_that_is_stopped_gives_its_claims_back(
    studio: Studio, tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewing(studio, tmp_path).make(Stage.IMAGE)
    lay(studio, 1, good)

    def stopped(*_: object) -> Opinion:
        raise RunCancelled

    with monkeypatch.context() as patched:
        patched.setattr(ai, "opinion_on", stopped)
        with pytest.raises(RunCancelled):
            reviewed(studio)
    row = studio.stage_row(1, Stage.IMAGE)
    assert (row.state, row.claimed_by) == ("ai_reviewing", None)
    run = studio.run()
    run.stop.set()
    with pytest.raises(RunCancelled):
        reviewed(studio, run=run)
    assert one(reviewed(studio)).state is State.APPROVED


def test_a_video_is_judged_by_its_length_and_movement_and_against_its_image(
    studio: Studio, tmp_path: Path, good: Path
) -> None:
    reviewing(studio, tmp_path, 3, review_image="none", review_video="ai").make(Stage.IMAGE)
    for number in (1, 2, 3):
        lay(studio, number, good)
    studio.make(Stage.VIDEO)
    lay(studio, 1, moving_clip(scene(), tmp_path, seconds=1), Stage.VIDEO)
    lay(studio, 2, still_clip(scene(), tmp_path, seconds=1), Stage.VIDEO)
    lay(studio, 3, moving_clip(scene(), tmp_path, seconds=0.5), Stage.VIDEO)
    found = reviewed(studio, Stage.VIDEO)
    assert [shot.verdict for shot in found.shots] == ["approved", "rejected", "rejected"]
    assert "nothing moves" in found.shots[1].reasons
    assert "it lasts 0.5 s, the shot 1.0 s" in found.shots[2].reasons
    assert [studio.stage_row(number, Stage.IMAGE).state for number in (1, 2, 3)] == ["approved"] * 3


def test_a_voice_is_judged_by_what_is_heard(studio: Studio, tmp_path: Path) -> None:
    reviewing(studio, tmp_path, 2, review_image="none", review_voice="ai").make(Stage.VOICE)
    lay(studio, 1, voice(tmp_path, seconds=1.2), Stage.VOICE)
    lay(studio, 2, voice(tmp_path, seconds=1.2, filters="volume=0", name="silent.wav"), Stage.VOICE)
    found = reviewed(studio, Stage.VOICE)
    assert [(shot.verdict, shot.state) for shot in found.shots] == [
        ("approved", State.APPROVED),
        ("rejected", State.REJECTED),
    ]
    assert studio.takes(2, Stage.VOICE)[0].reason == "speak the line aloud"
