import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.making import Studio, quick_provider
from support.processes import Script, wait_until
from support.quick_provider import FOLDER_VARIABLE, QuickProvider

from aianime_pipeline.db.models import AssetVersion, CompositeTask, Generation, ProviderUsage, Take
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import ProviderError, ProvidersPausedError, UnreadableMediaError
from aianime_pipeline.production import generations
from aianime_pipeline.production.assets.references import make_references
from aianime_pipeline.production.generations import (
    RunCancelled,
    Subject,
    Work,
    asking,
    find_open,
    generate,
    generate_or_resume,
)
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.shots.requests import Inputs
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.providers import routing
from aianime_pipeline.providers.capabilities import Capability, ErrorKind, JobState, JobStatus, SpeechRequest
from aianime_pipeline.providers.routing import WAITS

REQUEST = SpeechRequest(text="hello", language="en", voice={})
MAKERS = (("quick", "quick-speech-1"),)
INPUTS = Inputs(Capability.SPEECH, {"text": "hello"}, MAKERS)


@pytest.fixture
def one(studio: Studio, tmp_path: Path) -> Studio:
    """One shot."""
    studio.storyboard(tmp_path, 1)
    return studio


@pytest.fixture(autouse=True)
def _no_pause_before_a_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_FIRST_PAUSE_SECONDS", 0.0)


def charging(studio: Studio) -> None:
    (studio.steering.folder / "charges").touch()
    studio.place.provider = quick_provider(studio.place)  # type: ignore[misc]


def subject(studio: Studio) -> Subject:
    episode = studio.episode
    with studio.place.database.read() as session:
        shot_id = session.scalar(sa.text("SELECT min(id) FROM shots"))
    return Subject(episode.project_id, episode.id, episode.project.currency, shot_id)


def speak(studio: Studio, inspect: Callable[[Path], dict[str, object]] = lambda path: {}) -> generations.Finished:
    return generate(studio.place, studio.run(), work(studio, inspect=inspect))


def work(studio: Studio, **more: Any) -> Work:
    chosen: dict[str, Any] = {"inspect": lambda path: {}, "keep": lambda session, finished: None} | more
    return Work(subject(studio), INPUTS, REQUEST, **chosen)


def only(studio: Studio) -> Generation:
    (row,) = studio.rows(Generation)
    return row


def test_the_intent_is_written_before_the_provider_is_asked_and_the_job_before_it_is_polled(
    one: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str, str | None]] = []
    provider = one.place.provider

    def watch(name: str) -> None:
        really = getattr(provider, name)

        def call(*arguments: object) -> object:
            row = only(one)  # as another process sees it: committed
            seen.append((name, row.state, row.job_id))
            return really(*arguments)

        monkeypatch.setattr(provider, name, call)

    for name in ("submit_speech", "poll", "fetch"):
        watch(name)
    speak(one)
    row = only(one)
    assert row.job_id is not None
    assert seen[0] == ("submit_speech", "intent", None)
    assert set(seen[1:]) == {("poll", "submitted", row.job_id), ("fetch", "submitted", row.job_id)}
    assert (row.state, row.submitted_at is not None, row.settled_at is not None) == ("succeeded", True, True)
    assert (row.provider, row.model, row.request_digest) == ("quick", "quick-speech-1", INPUTS.digest)


def test_a_success_is_stored_with_its_facts_and_its_usage(one: Studio) -> None:
    charging(one)
    finished = speak(one, lambda path: {"samples": path.stat().st_size})
    assert finished.facts == {"sample_rate": 48_000, "milliseconds": 400, "samples": finished.stored.size}
    one.place.store.verify(finished.stored.digest)
    (usage,) = one.rows(ProviderUsage)
    assert (usage.generation_id, usage.characters, usage.cost_micros) == (only(one).id, 5, 1_000)
    assert (usage.provider, usage.model, usage.capability, usage.currency) == (
        "quick",
        "quick-speech-1",
        "speech",
        "CNY",
    )
    assert finished.cost_micros == 1_000


def test_nothing_is_left_in_the_scratch_folder(one: Studio) -> None:
    speak(one)
    one.steering.fail("speech", "hello")
    with pytest.raises(ProviderError):
        speak(one)
    folder = one.place.settings.scratch / "generations"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", [kind for kind in ErrorKind if kind not in {ErrorKind.TRANSIENT, *WAITS}])
def test_a_refusal_is_asked_once_and_kept_by_its_class(one: Studio, kind: ErrorKind) -> None:
    one.steering.fail("speech", "hello", kind=kind.value, times=3)
    with pytest.raises(ProviderError, match=f"told to fail with {kind}") as failed:
        speak(one)
    assert failed.value.kind == kind
    assert len(one.asked("speech")) == 1
    row = only(one)
    expected = "ambiguous" if kind is ErrorKind.AMBIGUOUS else "failed"
    assert (row.state, row.error_kind, row.error) == (expected, kind.value, f"told to fail with {kind}")
    assert one.rows(ProviderUsage) == []


@pytest.mark.parametrize("kind", sorted(WAITS))
def test_a_limit_is_waited_for_and_spends_no_attempt(
    one: Studio, kind: ErrorKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "_LIMITED", timedelta(seconds=0.05))
    one.steering.fail("speech", "hello", kind=kind.value, times=5)
    speak(one)
    assert one.generations() == [("speech", "failed")] * 5 + [("speech", "succeeded")]
    assert [row.attempt for row in one.rows(Generation)] == [1] * 6


def test_a_run_without_patience_says_until_when_a_limit_holds(one: Studio) -> None:
    one.steering.fail("speech", "hello", kind="rate_limited", times=1)
    with pytest.raises(ProvidersPausedError, match=r"No provider may be asked before .*local/animatic: told to fail"):
        generate(one.place, replace(one.run(), patient_until=now()), work(one))
    assert len(one.asked("speech")) == 1


def test_the_same_request_with_the_same_seed_is_paid_once(one: Studio) -> None:
    charging(one)
    first = generate(one.place, one.run(), work(one, seed=7))
    again = generate(one.place, one.run(), work(one, seed=7))
    assert (again.reused, again.cost_micros, again.stored) == (True, 0, first.stored)
    assert len(one.asked("speech")) == 1
    other = generate(one.place, one.run(), work(one, seed=8))
    assert not other.reused
    assert len(one.asked("speech")) == 2


def test_a_result_whose_file_is_gone_is_paid_again(one: Studio) -> None:
    charging(one)
    first = generate(one.place, one.run(), work(one, seed=7))
    one.place.store.delete(first.stored.digest)
    assert not generate(one.place, one.run(), work(one, seed=7)).reused


def test_a_passing_fault_is_tried_three_times_in_all(one: Studio) -> None:
    one.steering.fail("speech", "hello", kind="transient", times=5)
    with pytest.raises(ProviderError):
        speak(one)
    assert one.generations() == [("speech", "failed")] * 3
    assert len(one.asked("speech")) == 3


def test_a_second_try_that_succeeds_is_a_success_with_one_usage_row(one: Studio) -> None:
    one.steering.fail("speech", "hello", kind="transient", times=2)
    finished = speak(one)
    assert one.generations() == [("speech", "failed"), ("speech", "failed"), ("speech", "succeeded")]
    assert [row.generation_id for row in one.rows(ProviderUsage)] == [finished.generation_id]


def test_a_job_that_the_provider_forgot_is_asked_for_again(one: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = one.place.provider
    really, polled = provider.poll, []

    def poll(job_id: str) -> JobStatus:
        polled.append(job_id)
        return JobStatus(JobState.EXPIRED) if len(polled) == 1 else really(job_id)

    monkeypatch.setattr(provider, "poll", poll)
    speak(one)
    assert one.generations() == [("speech", "failed"), ("speech", "succeeded")]


def test_where_money_is_taken_a_job_that_the_provider_forgot_is_not_asked_for_again(
    one: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    charging(one)
    monkeypatch.setattr(one.place.provider, "poll", lambda job_id: JobStatus(JobState.EXPIRED))
    with pytest.raises(ProviderError, match="is expired"):
        speak(one)
    assert one.generations() == [("speech", "ambiguous")]


def test_a_file_that_does_not_open_fails_the_generation_but_what_was_charged_is_counted(one: Studio) -> None:
    charging(one)

    def inspect(path: Path) -> dict[str, object]:
        raise UnreadableMediaError("it does not open")

    with pytest.raises(UnreadableMediaError):
        speak(one, inspect)
    assert (only(one).state, only(one).error) == ("failed", "it does not open")
    assert [row.cost_micros for row in one.rows(ProviderUsage)] == [1_000]


def test_a_disk_error_settles_the_generation_too(one: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def put_file(path: Path, media_type: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(one.place.store, "put_file", put_file)
    with pytest.raises(PermissionError):
        speak(one)
    assert only(one).state == "failed"


def test_what_was_paid_and_what_was_kept_are_one_transaction(one: Studio) -> None:
    def keep(session: Session, finished: generations.Finished) -> None:
        session.execute(sa.update(AssetVersion).values(reason="half-way"))
        raise RuntimeError("the process died here")

    with pytest.raises(RuntimeError):
        generate(one.place, one.run(), work(one, keep=keep))
    assert only(one).state == "submitted"
    assert one.rows(ProviderUsage) == []
    assert {row.reason for row in one.rows(AssetVersion)} == {""}


def test_a_stopped_run_cancels_its_job(one: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    one.steering.hold("speech", "hello")
    run = one.run()
    cancelled = []
    monkeypatch.setattr(one.place.provider, "cancel", lambda job_id: cancelled.append(job_id) or True)
    ended: list[BaseException] = []

    def ask() -> None:
        try:
            generate(one.place, run, work(one))
        except RunCancelled as error:
            ended.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(lambda: one.generations() == [("speech", "submitted")])
    run.stop.set()
    thread.join(30)
    assert len(ended) == 1
    assert cancelled == [only(one).job_id]
    assert (only(one).state, only(one).error) == ("failed", "the run was cancelled")


def leave_open(studio: Studio, state: str, *, inputs: Inputs = INPUTS, shot: bool = True) -> None:
    """A generation as a process that died in the middle leaves it."""
    whose = subject(studio)
    with studio.place.database.write() as session:
        session.add(
            Generation(
                project_id=whose.project_id,
                episode_id=whose.episode_id,
                shot_id=whose.shot_id if shot else None,
                capability=inputs.capability.value,
                provider="quick",
                model="m",
                request_digest=inputs.digest,
                state=state,
                run_id="dead",
                worker_id="dead",
            )
        )


@pytest.mark.parametrize("state", ["intent", "ambiguous"])
def test_what_a_crash_left_open_at_a_free_provider_is_closed_and_may_be_made_again(one: Studio, state: str) -> None:
    leave_open(one, state)
    assert find_open(one.place, subject(one), INPUTS) is None
    assert (only(one).state, only(one).error) == ("failed", "its process died")


@pytest.mark.parametrize("state", ["intent", "ambiguous"])
def test_what_a_crash_left_open_where_money_is_taken_is_ambiguous_however_often_it_is_looked_at(
    one: Studio, state: str
) -> None:
    charging(one)
    leave_open(one, state)
    for _ in range(2):
        with pytest.raises(ProviderError, match=r"not known whether the request 1 to quick was charged") as stopped:
            find_open(one.place, subject(one), INPUTS)
        assert stopped.value.kind == ErrorKind.AMBIGUOUS
        assert only(one).state == "ambiguous"


def test_another_shots_or_capabilitys_open_generation_is_left_alone(one: Studio) -> None:
    charging(one)
    leave_open(one, "intent", inputs=Inputs(Capability.IMAGE, {}, MAKERS))
    leave_open(one, "intent", shot=False)
    assert find_open(one.place, subject(one), INPUTS) is None
    assert [state for _, state in one.generations()] == ["intent", "intent"]


def test_work_of_no_shot_is_recognised_by_what_it_was_asked_with(one: Studio) -> None:
    charging(one)
    whose = subject(one)
    episodes = Subject(whose.project_id, whose.episode_id, whose.currency)
    leave_open(one, "intent", shot=False, inputs=Inputs(Capability.SPEECH, {"text": "other"}, MAKERS))
    assert find_open(one.place, episodes, INPUTS) is None
    leave_open(one, "intent", shot=False)
    with pytest.raises(ProviderError):
        find_open(one.place, episodes, INPUTS)


def test_a_submitted_generation_goes_on_where_it_stood(one: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    charging(one)

    def die(job_id: str) -> JobStatus:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(one.place.provider, "poll", die)
        with pytest.raises(SystemExit):
            speak(one)
    assert only(one).state == "submitted"
    finished = generate_or_resume(one.place, one.run(), work(one))
    assert len(one.asked("speech")) == 1
    assert (only(one).state, finished.cost_micros) == ("succeeded", 1_000)


def test_a_request_of_which_nobody_knows_whether_it_was_charged_is_not_repeated_by_the_next_run(one: Studio) -> None:
    charging(one)
    one.steering.fail("image", "picture 1.", kind="ambiguous")
    assert one.make(Stage.IMAGE).counts == (0, 0, 0, 0, 1)
    for _ in range(2):
        assert one.make(Stage.IMAGE).counts == (0, 0, 0, 0, 1)
    assert one.asked("image") == ["picture 1."]
    assert "not known whether the request" in one.stage_row(1, Stage.IMAGE).reason
    assert [take.state for take in one.takes(1, Stage.IMAGE)] == ["failed"]


# Processes that are killed

MAKE = """
import sys
from pathlib import Path
from support.making import Studio
from support.quick_provider import FOLDER_VARIABLE, Steering, QuickProvider
from aianime_pipeline.db.engine import Database
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.settings import Settings
from aianime_pipeline.storage.folder import FolderStore
import os
url, home, stage = sys.argv[1:]
settings = Settings(home=Path(home), database_url=url)
place = Installation(settings, Database(url), FolderStore(settings.objects))
place.provider = QuickProvider(workdir=settings.scratch / "provider", max_workers=4)
studio = Studio(place, Steering(Path(os.environ[FOLDER_VARIABLE])))
print("ready", flush=True)
studio.make(Stage(stage))
print("done", flush=True)
"""


def start(studio: Studio, stage: Stage) -> Script:
    place = studio.place
    script = Script(
        MAKE,
        place.settings.database_url,
        place.settings.home,
        stage.value,
        environment={FOLDER_VARIABLE: str(studio.steering.folder)},
    )
    script.says("ready")
    return script


def test_after_a_kill_in_the_middle_of_a_stage_only_the_rest_is_made(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, 6)
    held = studio.steering.hold("image", "picture 4.")
    process = start(studio, Stage.IMAGE)
    wait_until(lambda: len([row for row in studio.rows(Take) if row.state == "ready"]) == 5)
    process.kill()
    held.unlink()
    assert studio.stage_row(4, Stage.IMAGE).state == "generating"
    assert studio.make(Stage.IMAGE).counts == (1, 5, 0, 0, 0)
    asked = studio.asked("image")
    assert sorted(set(asked)) == [f"picture {number}." for number in range(1, 7)]
    assert len(asked) == 7  # only the shot that was cut off was asked for twice
    assert [(take.state, take.reason) for take in studio.takes(4, Stage.IMAGE)] == [
        ("failed", "interrupted"),
        ("ready", ""),
    ]
    assert sorted(state for _, state in studio.generations()) == ["failed", *["succeeded"] * 6]


def test_after_a_kill_where_money_is_taken_the_open_request_is_left_to_a_person(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, 2)
    charging(studio)
    studio.steering.hold("image", "picture 2.")
    process = start(studio, Stage.IMAGE)
    wait_until(lambda: sorted(state for _, state in studio.generations()) == ["submitted", "succeeded"])
    process.kill()
    assert studio.make(Stage.IMAGE).counts == (0, 1, 0, 0, 1)
    assert studio.make(Stage.IMAGE).counts == (0, 1, 0, 0, 1)
    assert studio.asked("image") == ["picture 1.", "picture 2."]
    assert sorted(state for _, state in studio.generations()) == ["ambiguous", "succeeded"]
    assert sum(row.cost_micros for row in studio.rows(ProviderUsage)) == 1_000


def test_two_processes_that_make_one_stage_at_once_make_each_shot_once(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, 6)
    both = [start(studio, Stage.IMAGE) for _ in range(2)]
    for process in both:
        process.end()
    assert studio.asked("image") == [f"picture {number}." for number in range(1, 7)]
    assert [state for _, state in studio.generations()] == ["succeeded"] * 6


# References


def references(studio: Studio) -> list[tuple[str, bool, str]]:
    run = studio.run()
    results = make_references(studio.place, run, studio.progress(run, StageName.REFERENCES))
    return sorted((one.name, one.made, one.reason) for one in results)


def test_an_assets_reference_picture_is_made_once(one: Studio) -> None:
    assert references(one) == [("林夏", True, "")]
    assert references(one) == [("林夏", False, "")]
    assert len(one.asked("image")) == 1


def test_a_reference_that_fails_says_why_and_is_made_by_the_next_run(one: Studio) -> None:
    one.steering.fail("image", "林夏")
    assert references(one) == [("林夏", False, "told to fail with bad_input")]
    (row,) = one.rows(AssetVersion)
    assert (row.state, row.reason, row.claimed_by) == ("failed", "told to fail with bad_input", None)
    assert references(one) == [("林夏", True, "")]


def test_a_reference_that_a_dead_worker_left_is_not_paid_twice(one: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    charging(one)

    def die(provider: QuickProvider, job_id: str) -> JobStatus:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(QuickProvider, "poll", die)
        with pytest.raises(SystemExit):
            references(one)
    assert references(one) == [("林夏", True, "")]
    assert len(one.asked("image")) == 1


def test_music_that_a_dead_worker_left_is_not_paid_twice(one: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    charging(one)
    one.make_all()

    def die(provider: QuickProvider, job_id: str) -> JobStatus:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(QuickProvider, "poll", die)
        with pytest.raises(SystemExit):
            one.film()
    assert one.film()
    assert len(one.asked("music")) == 1
    (task,) = one.rows(CompositeTask)
    assert (task.state, task.claimed_by) == ("done", None)
