from pathlib import Path

import pytest
import sqlalchemy as sa
from support.making import Studio, quick_provider
from support.stories import shot

from aianime_pipeline.db.models import ProviderUsage, ReviewRecord, ShotStage
from aianime_pipeline.errors import BadSettingError, NotFoundError, StateError
from aianime_pipeline.production.episodes.rows import load_shots
from aianime_pipeline.production.generations import RunCancelled
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.shots.making import ChangedMeanwhile, ShotJob, make_shot
from aianime_pipeline.production.shots.stages import Decision, ReviewMode, Stage, State
from aianime_pipeline.production.shots.work import StageWork

PICTURES = ["picture 1.", "picture 2.", "picture 3."]


@pytest.fixture
def three(studio: Studio, tmp_path: Path) -> Studio:
    """Three shots of one second, nothing made yet."""
    studio.storyboard(tmp_path, 3)
    return studio


def states(studio: Studio, stage: Stage) -> dict[int, str]:
    with studio.place.database.read() as session:
        views = load_shots(session, studio.episode.id)
        return {view.number: view.stages[stage].state.value for view in views if stage in view.stages}


def test_every_stage_of_every_shot_is_made_once_and_then_kept(three: Studio) -> None:
    for stage, capability in ((Stage.IMAGE, "image"), (Stage.VIDEO, "video"), (Stage.VOICE, "speech")):
        assert three.make(stage).counts == (3, 0, 0, 0, 0)
        assert len(three.asked(capability)) == 3
        assert three.make(stage).counts == (0, 3, 0, 0, 0)
        assert len(three.asked(capability)) == 3
        assert states(three, stage) == {1: "approved", 2: "approved", 3: "approved"}


def test_a_take_holds_everything_to_make_it_again(three: Studio) -> None:
    three.make(Stage.IMAGE)
    (take,) = three.takes(2, Stage.IMAGE)
    assert (take.number, take.state, take.verdict) == (1, "ready", "approved")
    expected = {"provider": "quick", "model": "quick-image-1", "prompt": "picture 2.", "width": 160, "height": 90}
    assert {name: take.inputs[name] for name in expected} == expected
    assert take.facts == {"seed": take.seed, "width": 160, "height": 90}
    assert take.object_digest is not None
    three.place.store.verify(take.object_digest)
    assert three.stage_row(2, Stage.IMAGE).selected_take_id == take.id
    assert three.stage_row(2, Stage.IMAGE).claimed_by is None


def test_videos_wait_for_their_images(three: Studio) -> None:
    done = three.make(Stage.VIDEO)
    assert done.counts == (0, 0, 3, 0, 0)
    assert {result.reason for result in done.outcome.results.values()} == {"its image is not approved"}
    assert three.asked("video") == []


def test_what_the_storyboard_does_not_ask_for_is_skipped(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(
        tmp_path,
        [
            shot(1),
            shot(2, 生成任务=["图像", "TTS"]),
            shot(3, 生成任务=["图像", "视频"]),
            shot(4, 台词="（无）", 角色=""),
        ],
    )
    assert studio.make(Stage.IMAGE).counts == (4, 0, 0, 0, 0)
    assert studio.make(Stage.VIDEO).counts == (3, 0, 0, 1, 0)
    assert studio.make(Stage.VOICE).counts == (2, 0, 0, 2, 0)
    assert states(studio, Stage.VIDEO)[2] == states(studio, Stage.VOICE)[3] == "skipped"


def test_what_was_skipped_is_made_when_the_storyboard_asks_for_it_again(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, [shot(1, 生成任务=["图像"])])
    studio.make_all()
    studio.storyboard(tmp_path, [shot(1)])
    assert studio.make(Stage.VIDEO).counts == (1, 0, 0, 0, 0)


def test_one_failed_shot_does_not_stop_the_others_and_says_why(three: Studio) -> None:
    three.steering.fail("image", "picture 2.", kind="moderated")
    done = three.make(Stage.IMAGE)
    assert done.counts == (2, 0, 0, 0, 1)
    row = three.stage_row(2, Stage.IMAGE)
    assert (row.state, row.claimed_by) == ("failed", None)
    assert "told to fail with moderated" in row.reason
    assert [take.state for take in three.takes(2, Stage.IMAGE)] == ["failed"]
    assert done.outcome.where(None)[0].reason == row.reason
    assert states(three, Stage.IMAGE) == {1: "approved", 2: "failed", 3: "approved"}


def test_the_next_run_makes_only_what_failed_and_forgets_the_reason(three: Studio) -> None:
    three.steering.fail("image", "picture 2.")
    three.make(Stage.IMAGE)
    assert three.make(Stage.IMAGE).counts == (1, 2, 0, 0, 0)
    assert three.asked("image") == sorted([*PICTURES, "picture 2."])
    assert three.stage_row(2, Stage.IMAGE).reason == ""
    assert [(take.number, take.state) for take in three.takes(2, Stage.IMAGE)] == [(1, "failed"), (2, "ready")]


def test_the_video_of_a_shot_whose_image_failed_waits_and_the_others_are_made(three: Studio) -> None:
    three.steering.fail("image", "picture 2.")
    three.make(Stage.IMAGE)
    assert three.make(Stage.VIDEO).counts == (2, 0, 1, 0, 0)


# Review


def test_takes_wait_for_a_person_where_the_project_says_so(three: Studio) -> None:
    three.set_project(review_image="human")
    assert three.make(Stage.IMAGE).counts == (3, 0, 3, 0, 0)
    assert states(three, Stage.IMAGE) == {1: "review", 2: "review", 3: "review"}
    assert three.make(Stage.IMAGE).counts == (0, 0, 3, 0, 0)
    assert three.make(Stage.VIDEO).counts == (0, 0, 3, 0, 0)
    assert len(three.asked("image")) == 3


def test_a_rejected_shots_next_take_is_made_with_the_reviewers_words_and_another_seed(
    three: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.set_project(review_image="human")
    three.make(Stage.IMAGE)
    assert three.review(Stage.IMAGE, approve=[1, 3], reject=[2], reason="  the lamp is missing ") == {
        1: State.APPROVED,
        3: State.APPROVED,
        2: State.REJECTED,
    }
    asked = []
    provider = three.place.provider
    really = provider.submit_image
    monkeypatch.setattr(provider, "submit_image", lambda request: (asked.append(request), really(request))[1])
    assert three.make(Stage.IMAGE).counts == (1, 2, 1, 0, 0)
    first, second = three.takes(2, Stage.IMAGE)
    assert (asked[0].feedback, asked[0].prompt) == ("the lamp is missing", "picture 2.")
    assert first.seed != second.seed == asked[0].seed
    assert first.inputs_digest == second.inputs_digest
    assert (first.verdict, first.reason) == ("rejected", "the lamp is missing")
    assert three.stage_row(2, Stage.IMAGE).state == "review"
    assert three.stage_row(2, Stage.IMAGE).selected_take_id == second.id


def test_verdicts_are_recorded_with_who_gave_them(three: Studio) -> None:
    three.set_project(review_image="human")
    three.make(Stage.IMAGE)
    three.review(Stage.IMAGE, approve=None)
    found = {(row.reviewer, row.verdict) for row in three.rows(ReviewRecord)}
    assert (found, len(three.rows(ReviewRecord))) == ({("a person", "approved")}, 3)


def test_verdicts_are_given_all_or_none(three: Studio) -> None:
    three.set_project(review_image="human")
    three.make(Stage.IMAGE)
    with pytest.raises(NotFoundError, match="no shot 9"):
        three.review(Stage.IMAGE, approve=[1, 9])
    with pytest.raises(BadSettingError, match="needs a reason"):
        three.review(Stage.IMAGE, reject=[1], reason="  ")
    with pytest.raises(BadSettingError, match="Shots 1 are both"):
        three.review(Stage.IMAGE, approve=[1], reject=[1], reason="x")
    with pytest.raises(BadSettingError, match="is no text"):
        three.review(Stage.IMAGE, reject=[1], reason="\udcff")
    with pytest.raises(StateError, match="Shot 1 has no video yet"):
        three.review(Stage.VIDEO, approve=[1])
    three.review(Stage.IMAGE, reject=[2], reason="no")
    with pytest.raises(StateError, match="Shot 2: A shot that is rejected cannot be approved"):
        three.review(Stage.IMAGE, approve=[1, 2])
    assert states(three, Stage.IMAGE) == {1: "review", 2: "rejected", 3: "review"}
    assert len(three.rows(ReviewRecord)) == 1


def test_automatic_review_lets_takes_through_but_does_not_count_as_a_person(three: Studio) -> None:
    three.set_project(review_image="human")
    three.make(Stage.IMAGE)
    assert three.make(Stage.IMAGE, three.run(auto_review=True)).counts == (0, 3, 0, 0, 0)
    assert states(three, Stage.IMAGE) == {1: "approved", 2: "approved", 3: "approved"}
    assert {row.reviewer for row in three.rows(ReviewRecord)} == {"auto"}
    with three.place.database.read() as session:
        assert not any(view.stages[Stage.IMAGE].by_person for view in load_shots(session, three.episode.id))


def test_automatic_review_leaves_nothing_waiting_for_the_ai_reviewer(three: Studio) -> None:
    three.set_project(review_image="ai_and_human")
    three.make(Stage.IMAGE)
    assert states(three, Stage.IMAGE) == {1: "ai_reviewing", 2: "ai_reviewing", 3: "ai_reviewing"}
    assert three.make(Stage.IMAGE, three.run(auto_review=True)).counts == (0, 3, 0, 0, 0)
    assert states(three, Stage.IMAGE) == {1: "approved", 2: "approved", 3: "approved"}
    assert {(row.reviewer, row.state_before) for row in three.rows(ReviewRecord)} == {("auto", "ai_reviewing")}


def test_automatic_review_of_named_shots_leaves_the_others_waiting(three: Studio) -> None:
    three.set_project(review_image="human")
    three.make(Stage.IMAGE)
    three.make(Stage.IMAGE, three.run(auto_review=True, shots=[2]))
    assert states(three, Stage.IMAGE) == {1: "review", 2: "approved", 3: "review"}


def test_automatic_review_does_not_approve_what_a_person_rejected(three: Studio, tmp_path: Path) -> None:
    three.set_project(review_image="human")
    three.make(Stage.IMAGE)
    three.review(Stage.IMAGE, reject=[2], reason="no")
    rejected = three.takes(2, Stage.IMAGE)[0]
    three.make(Stage.IMAGE, three.run(auto_review=True))
    assert three.stage_row(2, Stage.IMAGE).selected_take_id != rejected.id
    assert [take.verdict for take in three.takes(2, Stage.IMAGE)] == ["rejected", "approved"]


def test_a_verdict_given_while_automatic_review_looks_stays(three: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    three.set_project(review_image="human")
    three.make(Stage.IMAGE)
    really = StageWork._look

    def look(work: StageWork, shot_id: int | None = None) -> object:
        found = really(work, shot_id)
        if three.stage_row(2, Stage.IMAGE).state == "review":
            three.review(Stage.IMAGE, reject=[2], reason="no")
        return found

    monkeypatch.setattr(StageWork, "_look", look)
    done = three.make(Stage.IMAGE, three.run(auto_review=True))
    assert done.counts == (0, 2, 1, 0, 0)
    assert states(three, Stage.IMAGE) == {1: "approved", 2: "rejected", 3: "approved"}


# Current and out of date


def test_another_dialogue_makes_only_the_voice_of_its_shot_again(three: Studio, tmp_path: Path) -> None:
    three.make_all()
    three.storyboard(tmp_path, [shot(1), shot(2, 台词="other words."), shot(3)])
    assert three.make(Stage.IMAGE).counts == (0, 3, 0, 0, 0)
    assert three.make(Stage.VIDEO).counts == (0, 3, 0, 0, 0)
    assert three.make(Stage.VOICE).counts == (1, 2, 0, 0, 0)
    assert three.asked("speech")[-1] == "other words."


def test_another_description_makes_the_image_and_then_the_video_of_its_shot_again(
    three: Studio, tmp_path: Path
) -> None:
    three.make_all()
    three.storyboard(tmp_path, [shot(1), shot(2, 画面描述="a lamp."), shot(3)])
    assert three.make(Stage.IMAGE).counts == (1, 2, 0, 0, 0)
    assert three.make(Stage.VIDEO).counts == (1, 2, 0, 0, 0)
    assert three.make(Stage.VOICE).counts == (0, 3, 0, 0, 0)


def test_another_length_makes_only_the_video_again(three: Studio, tmp_path: Path) -> None:
    three.make_all()
    three.storyboard(tmp_path, [shot(1), shot(2, 时长=2), shot(3)])
    assert [three.make(stage).counts[0] for stage in Stage] == [0, 1, 0]


def test_another_position_or_note_makes_nothing_again(three: Studio, tmp_path: Path) -> None:
    three.make_all()
    three.storyboard(tmp_path, [shot(3), shot(1, 备注="slower"), shot(2)])
    assert [three.make(stage).counts[0] for stage in Stage] == [0, 0, 0]


def test_what_a_person_approved_is_told_to_be_out_of_date_but_kept_until_it_is_named(
    three: Studio, tmp_path: Path
) -> None:
    three.set_project(review_image="human")
    three.make(Stage.IMAGE)
    three.review(Stage.IMAGE, approve=None)
    three.storyboard(tmp_path, [shot(1), shot(2, 画面描述="a lamp."), shot(3)])
    done = three.make(Stage.IMAGE)
    assert (done.counts, done.out_of_date) == ((0, 3, 0, 0, 0), [2])
    done = three.make(Stage.IMAGE, three.run(shots=[2]))
    assert (done.row.made, done.out_of_date) == (1, [])


def test_what_costs_money_is_told_to_be_out_of_date_but_kept_until_it_is_named(three: Studio, tmp_path: Path) -> None:
    (three.steering.folder / "charges").touch()
    three.place.provider = quick_provider(three.place)  # type: ignore[misc]
    three.make(Stage.IMAGE)
    three.storyboard(tmp_path, [shot(1), shot(2, 画面描述="a lamp."), shot(3)])
    done = three.make(Stage.IMAGE)
    assert (done.counts, done.out_of_date) == ((0, 3, 0, 0, 0), [2])
    assert three.make(Stage.IMAGE, three.run(shots=[2])).row.made == 1
    assert sum(row.cost_micros for row in three.rows(ProviderUsage)) == 4_000


# Named shots, and force


def test_only_the_named_shots_are_made(three: Studio) -> None:
    done = three.make(Stage.IMAGE, three.run(shots=[1, 3]))
    assert done.counts == (2, 0, 1, 0, 0)
    assert three.asked("image") == ["picture 1.", "picture 3."]
    assert done.outcome.results[2].reason == "not asked for in this run"


def test_a_named_shot_that_is_current_is_kept(three: Studio) -> None:
    three.make(Stage.IMAGE)
    assert three.make(Stage.IMAGE, three.run(shots=[2])).counts == (0, 3, 0, 0, 0)


def test_force_makes_what_is_current_again_with_another_seed(three: Studio) -> None:
    three.make(Stage.IMAGE)
    assert three.make(Stage.IMAGE, three.run(shots=[2], force=True)).counts == (1, 2, 0, 0, 0)
    first, second = three.takes(2, Stage.IMAGE)
    assert (first.seed != second.seed, first.object_digest != second.object_digest) == (True, True)


def test_force_counts_once_in_a_chain_of_re_executions(three: Studio) -> None:
    three.make(Stage.IMAGE)
    first = three.run(force=True)
    assert three.make(Stage.IMAGE, first).row.made == 3
    again = three.run(force=True, root=first.run_id)
    assert three.make(Stage.IMAGE, again).counts == (0, 3, 0, 0, 0)
    assert three.make(Stage.IMAGE, three.run(force=True)).row.made == 3


def test_a_re_execution_with_force_makes_what_failed_in_the_first_run_and_no_more(three: Studio) -> None:
    three.make(Stage.IMAGE)
    three.steering.fail("image", "picture 2.")
    first = three.run(force=True)
    assert three.make(Stage.IMAGE, first).counts == (2, 0, 0, 0, 1)
    assert three.make(Stage.IMAGE, three.run(force=True, root=first.run_id)).counts == (1, 2, 0, 0, 0)


# Several workers


def test_a_take_of_a_worker_that_lost_its_claim_is_kept_but_not_selected(
    three: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, thief = three.run(shots=[2]), three.run()
    provider = three.place.provider
    really = provider.fetch

    def fetch(job_id: str, into: Path) -> object:
        with three.place.database.write() as session:
            row = session.get_one(ShotStage, three.stage_row(2, Stage.IMAGE).id)
            row.claimed_by, row.version = thief.worker_id, row.version + 1
        run.stop.set()  # it looks no further
        return really(job_id, into)

    monkeypatch.setattr(provider, "fetch", fetch)
    work = StageWork(three.place, run, Stage.IMAGE, three.progress(run, StageName.IMAGES))
    work._prepare_rows()
    (looked,) = [one for one in work._look() if one.view.number == 2]
    row = looked.view.stages[Stage.IMAGE].row
    job = ShotJob(
        three.episode, Stage.IMAGE, looked.view.row_id, 2, row.id, row.version, ReviewMode.NONE, looked.inputs
    )
    with pytest.raises(ChangedMeanwhile):
        make_shot(three.place, run, job)
    row = three.stage_row(2, Stage.IMAGE)
    assert (row.claimed_by, row.selected_take_id, row.state) == (thief.worker_id, None, "generating")
    (take,) = three.takes(2, Stage.IMAGE)
    assert (take.state, take.object_digest is not None, take.verdict) == ("ready", True, "none")


def test_a_shot_that_another_run_makes_meanwhile_is_waited_for_and_not_made_twice(
    three: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both looked before either began."""
    really = StageWork._look
    looked = []

    def look(work: StageWork, shot_id: int | None = None) -> object:
        found = really(work, shot_id)
        if not looked:
            looked.append(1)
            three.make(Stage.IMAGE)
        return found

    monkeypatch.setattr(StageWork, "_look", look)
    assert three.make(Stage.IMAGE).counts == (0, 3, 0, 0, 0)
    assert three.asked("image") == PICTURES


def test_a_shot_that_left_the_storyboard_meanwhile_is_skipped(
    three: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = StageWork._look
    looked = []

    def look(work: StageWork, shot_id: int | None = None) -> object:
        found = really(work, shot_id)
        if not looked:
            looked.append(1)
            three.storyboard(tmp_path, 2)
            with three.place.database.write() as session:
                session.execute(sa.update(ShotStage).values(version=ShotStage.version + 1))
        return found

    monkeypatch.setattr(StageWork, "_look", look)
    done = three.make(Stage.IMAGE)
    assert (done.row.made, done.row.skipped) == (2, 1)
    assert done.outcome.results[3].reason == "no longer in the storyboard"


def test_a_stage_that_a_dead_worker_left_and_nobody_wants_any_more_is_skipped(three: Studio, tmp_path: Path) -> None:
    three.make(Stage.IMAGE)
    three.make(Stage.VOICE, three.run(shots=[1]))
    with three.place.database.write() as session:
        row = session.get_one(ShotStage, three.stage_row(2, Stage.VOICE).id)
        row.state, row.claimed_by = "generating", "nobody"
    three.storyboard(tmp_path, [shot(1), shot(2, 台词="（无）", 角色=""), shot(3)])
    assert three.make(Stage.VOICE).counts == (1, 1, 0, 1, 0)
    assert three.stage_row(2, Stage.VOICE).state == "skipped"


def test_a_stopped_run_gives_back_what_it_had_begun(three: Studio) -> None:
    three.steering.hold("image", "picture 2.")
    run = three.run()
    work = StageWork(three.place, run, Stage.IMAGE, three.progress(run, StageName.IMAGES))
    results = work.results()
    seen = {next(results).number, next(results).number}
    assert seen == {1, 3}
    results.close()  # what Dagster does with a step that is cancelled
    row = three.stage_row(2, Stage.IMAGE)
    assert (row.state, row.claimed_by, row.reason) == ("pending", None, "")
    assert [(take.state, take.reason) for take in three.takes(2, Stage.IMAGE)] == [("failed", "the run was cancelled")]
    assert states(three, Stage.IMAGE) == {1: "approved", 2: "pending", 3: "approved"}


def test_a_person_who_asks_again_after_a_stop_gets_the_rejected_shot_with_the_same_words(three: Studio) -> None:
    three.set_project(review_image="human")
    three.make(Stage.IMAGE, three.run(shots=[2]))
    three.review(Stage.IMAGE, reject=[2], reason="no lamp")
    held = three.steering.hold("image", "picture 2.")
    run = three.run(shots=[2])
    run.stop.set()
    with pytest.raises(RunCancelled):
        three.make(Stage.IMAGE, run)
    held.unlink()
    assert three.stage_row(2, Stage.IMAGE).state == "rejected"


def test_an_episode_without_shots_has_nothing_to_make(studio: Studio, tmp_path: Path) -> None:
    from support.stories import write_screenplay

    from aianime_pipeline.production.importing import import_file

    import_file(studio.place, write_screenplay(tmp_path), project="p")
    assert studio.make(Stage.IMAGE).counts == (0, 0, 0, 0, 0)


def test_decisions_are_told_per_shot(three: Studio) -> None:
    three.make(Stage.IMAGE, three.run(shots=[1]))
    three.steering.fail("image", "picture 3.")
    outcome = three.make(Stage.IMAGE).outcome
    assert {number: result.decision for number, result in outcome.results.items()} == {
        1: Decision.KEEP,
        2: Decision.MAKE,
        3: None,
    }


def test_a_shot_whose_file_is_lost_is_made_again_and_the_others_are_kept(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, 2)
    studio.make(Stage.IMAGE)
    lost = studio.takes(1, Stage.IMAGE)[-1]
    assert lost.object_digest is not None
    studio.place.store.delete(lost.object_digest)
    outcome = studio.make(Stage.IMAGE)
    assert outcome.counts == (1, 1, 0, 0, 0)
