"""Several providers at work: who is asked, what waits, what goes on where it stood, and what a person sees."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import stamina
from fakes.vendor import Vendor
from support.making import Studio
from support.processes import wait_until
from support.spending import budget
from support.vendor_studio import ARK, KEY, LONG_JOB, open_studio, wait_for_jobs, write_configuration

from aianime_pipeline.db.models import Generation, Notice, ProviderState, ProviderUsage, Shot, StageRun, Take
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import BadSettingError, NotFoundError, StateError
from aianime_pipeline.production.generations import RunCancelled
from aianime_pipeline.production.generations.people import cancel, list_generations, resolve
from aianime_pipeline.production.generations.waiting import ended_generations
from aianime_pipeline.production.makers.checks import check_providers, provider_standings
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.quotes.episodes import quote_episode
from aianime_pipeline.production.runs import StageName, Waits, cost_micros
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.production.shots.work import StageWork

SECOND = """
[providers.second]
kind = "ark"
base_url = "{second}"
api_key_env = "FAKE_VENDORS_KEY"

[providers.second.models.seedream]
capability = "image"
model = "ep-second"
options = {{ pixels = [921600, 4000000] }}
prices = [{{ from = 2026-01-01, currency = "CNY", per_image = "0.30" }}]
"""
TWO = ARK.replace('image = ["ark/seedream"]', 'image = ["ark/seedream", "second/seedream"]') + SECOND


@pytest.fixture
def studio(migrated_url: str, tmp_path: Path) -> Studio:
    return open_studio(migrated_url, tmp_path / "home", tmp_path / "steering")


def refusal(status: int, code: str) -> dict[str, object]:
    body = {"error": {"code": code, "message": "told to fail"}}
    return {"on": "submit", "kind": "answer", "status": status, "body": body, "times": None}


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (refusal(403, "AccountOverdueError"), 1),
        (refusal(401, "AuthenticationError"), 1),
        (refusal(429, "SetLimitExceeded"), 1),
        (refusal(429, "RateLimitExceeded.EndpointRPMExceeded"), 1),
        (refusal(500, "InternalServiceError"), 3),
    ],
)
def test_the_next_route_is_asked_when_a_provider_is_down_limited_or_out_of_money(
    studio: Studio, tmp_path: Path, fault: dict[str, object], seen: int
) -> None:
    with Vendor("ark") as first, Vendor("ark") as second:
        write_configuration(studio.place.settings.home, TWO, ark=first.address, second=second.address)
        studio.storyboard(tmp_path, 1)
        first.order(fault)
        assert studio.make(Stage.IMAGE).counts == (1, 0, 0, 0, 0)
        assert len(first.requests("submit")) == seen
        assert len(second.ledger) == 1
        (take,) = studio.takes(1, Stage.IMAGE)
        assert (take.inputs["provider"], take.inputs["model"]) == ("second", "ep-second")
        (usage,) = studio.rows(ProviderUsage)
        assert (usage.provider, usage.cost_micros) == ("second", 300_000)
        # What another route made is as current as what the preferred one would make.
        assert studio.make(Stage.IMAGE).counts == (0, 1, 0, 0, 0)


@pytest.mark.parametrize("code", ["InputTextSensitiveContentDetected", "InvalidParameter"])
def test_refused_content_and_bad_input_go_to_no_other_route(studio: Studio, tmp_path: Path, code: str) -> None:
    with Vendor("ark") as first, Vendor("ark") as second:
        write_configuration(studio.place.settings.home, TWO, ark=first.address, second=second.address)
        studio.storyboard(tmp_path, 1)
        first.order(refusal(400, code))
        assert studio.make(Stage.IMAGE).counts == (0, 0, 0, 0, 1)
        assert second.requests("submit") == []
        assert "told to fail" in studio.stage_row(1, Stage.IMAGE).reason


def test_a_limit_on_jobs_at_once_holds(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, concurrency=3, ark=ark.address)
        studio.storyboard(tmp_path, 9)
        ark.order({"on": "submit", "kind": "slow", "seconds": 0.3, "times": None})
        began = time.monotonic()
        assert studio.make(Stage.IMAGE).counts == (9, 0, 0, 0, 0)
        assert time.monotonic() - began > 0.9


def test_a_run_that_waits_for_a_limit_says_so_in_its_stage_until_it_goes_on(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 2)
        until = now() + timedelta(minutes=9)
        with studio.place.database.write() as session:
            session.add(ProviderState(name="ark/seedream", limited_until=until, reason="too fast"))
        run = studio.run()

        def step() -> str | None:
            return next((row.step for row in studio.rows(StageRun) if row.run_id == run.run_id), None)

        with ThreadPoolExecutor(1) as pool:
            made = pool.submit(studio.make, Stage.IMAGE, run)
            wait_until(lambda: step() == f"ark is busy until {until:%H:%M:%S} UTC")
            with studio.place.database.write() as session:
                session.execute(sa.update(ProviderState).values(limited_until=None))
            assert made.result().counts == (2, 0, 0, 0, 0)
        assert step() == ""


def test_a_run_that_is_stopped_while_it_waits_says_so_no_longer(studio: Studio, tmp_path: Path) -> None:
    told: list[str] = []
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 1)
        with studio.place.database.write() as session:
            session.add(
                ProviderState(name="ark/seedream", limited_until=now() + timedelta(minutes=9), reason="too fast")
            )
        run = studio.run()
        work = StageWork(studio.place, run, Stage.IMAGE, studio.progress(run, StageName.IMAGES))

        def tell(words: str) -> None:
            told.append(words)
            run.stop.set()

        run.waits.tell = tell
        with pytest.raises(RunCancelled):
            list(work.results())
    assert [bool(words) for words in told] == [True, False]


def test_what_several_threads_wait_for_is_told_until_the_last_goes_on() -> None:
    told: list[str] = []
    waits = Waits()
    waits.tell = told.append
    waits.end()
    waits.begin("ark is busy")
    waits.begin("ark is busy")
    with ThreadPoolExecutor(1) as other:
        other.submit(waits.begin, "second is busy").result()
        other.submit(waits.end).result()
    waits.end()
    assert told == ["ark is busy", "second is busy", "ark is busy", ""]


def stay_at_their_vendor(studio: Studio, vendor: Vendor, folder: Path, count: int) -> list[Generation]:
    """So many clips that go on for ever, and are due to be asked after."""
    studio.storyboard(folder, count)
    studio.make(Stage.IMAGE)
    vendor.jobs_go(end="stays")
    studio.make(Stage.VIDEO, replace(studio.run(), patient_until=now()))
    with studio.place.database.write() as session:
        submitted = sa.update(Generation).where(Generation.state == "submitted")
        session.execute(submitted.values(next_poll_at=now()))
    return [row for row in studio.rows(Generation) if row.state == "submitted"]


def test_jobs_are_asked_after_at_once_and_each_answer_is_its_own(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        first, gone, last = stay_at_their_vendor(studio, ark, tmp_path, 3)
        with studio.place.database.write() as session:
            session.execute(sa.update(Generation).where(Generation.id == gone.id).values(job_id="cgt-unknown"))
        polled = len(ark.requests("poll"))
        ark.order({"on": "poll", "kind": "together", "count": 3, "times": 3})
        found = ended_generations(studio.place)
        assert (found.asked, len(ark.requests("poll")) - polled) == (3, 3)
        assert [one.episode for one in found.ended] == ["p-e001"]
        again = {row.id: row.next_poll_at for row in studio.rows(Generation) if row.state == "submitted"}
        assert again[gone.id] > max(again[first.id], again[last.id]) + timedelta(minutes=1)


def test_a_look_after_jobs_that_cannot_be_made_raises(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        _, lost, _ = stay_at_their_vendor(studio, ark, tmp_path, 3)
        with studio.place.database.write() as session:
            session.execute(sa.update(Generation).where(Generation.id == lost.id).values(route="ark/no-more"))
        with pytest.raises(BadSettingError, match="ark/no-more"):
            ended_generations(studio.place)


def test_a_job_that_outlasts_its_run_is_left_asked_after_and_fetched_by_the_next(
    studio: Studio, tmp_path: Path
) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 2)
        studio.make(Stage.IMAGE)
        ark.jobs_go(seconds=LONG_JOB)
        done = studio.make(Stage.VIDEO, replace(studio.run(), patient_until=now() + timedelta(seconds=0.3)))
        assert done.counts == (0, 0, 2, 0, 0)
        assert "is being made by ark since" in done.outcome.results[1].reason
        assert [take.state for take in studio.takes(1, Stage.VIDEO)] == ["generating"]
        place = studio.place
        with place.database.write() as session:
            session.query(Generation).update({"next_poll_at": now()})
        assert ended_generations(place).ended == []
        wait_for_jobs(ark)
        with place.database.write() as session:
            session.query(Generation).filter(Generation.state == "submitted").update({"next_poll_at": now()})
        (ended,) = ended_generations(place).ended
        assert (ended.episode, ended.capabilities) == ("p-e001", frozenset({"video"}))
        assert ended_generations(place).asked == 0, "whoever fetches it has time to do so"
        assert studio.make(Stage.VIDEO).counts == (2, 0, 0, 0, 0)
        assert len(ark.requests("submit")) == 4
        assert [take.state for take in studio.takes(1, Stage.VIDEO)] == ["ready"]
        assert sum(row.cost_micros for row in studio.rows(ProviderUsage)) == ark.charged_micros


def test_a_job_whose_shot_is_gone_is_paid_and_takes_no_place_any_more(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, concurrency=1, ark=ark.address)
        studio.storyboard(tmp_path, 2)
        studio.make(Stage.IMAGE)
        ark.jobs_go(seconds=LONG_JOB)
        studio.make(Stage.VIDEO, replace(studio.run(), patient_until=now()))
        (job,) = [row for row in studio.rows(Generation) if row.state == "submitted"]
        with studio.place.database.write() as session:
            session.execute(sa.update(Shot).where(Shot.id == job.shot_id).values(retired=True))
            session.execute(sa.update(Generation).where(Generation.id == job.id).values(next_poll_at=now()))
        wait_for_jobs(ark)
        assert ended_generations(studio.place).ended == []
        row = next(row for row in studio.rows(Generation) if row.id == job.id)
        assert (row.state, row.error) == ("failed", "nobody asks for it any more")
        assert sum(row.cost_micros for row in studio.rows(ProviderUsage)) == ark.charged_micros
        assert studio.make(Stage.VIDEO).counts[0] == 1


def test_an_intent_whose_process_died_takes_no_place_at_the_vendor(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, concurrency=1, ark=ark.address)
        studio.storyboard(tmp_path, 2)
        with studio.place.database.write() as session:
            session.add(
                Generation(
                    project_id=studio.episode.project_id, episode_id=studio.episode.id, capability="image",
                    provider="ark", model="ep-seedream", route="ark/seedream", request_digest="of another work",
                    run_id="dead", worker_id="dead",
                )
            )  # fmt: skip
        assert studio.make(Stage.IMAGE).counts == (2, 0, 0, 0, 0)


def test_a_result_that_cannot_be_fetched_now_is_fetched_by_the_next_run_and_not_paid_again(
    studio: Studio, tmp_path: Path
) -> None:
    with stamina.set_testing(True, attempts=2, cap=True), Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 1)
        ark.order({"on": "download", "kind": "answer", "status": 503, "times": None})
        assert studio.make(Stage.IMAGE).counts == (0, 0, 0, 0, 1)
        assert [row.state for row in studio.rows(Generation)] == ["submitted"]
        ark.order()
        assert studio.make(Stage.IMAGE).counts == (1, 0, 0, 0, 0)
        assert len(ark.ledger) == 1


def test_a_persons_word_ends_what_is_ambiguous(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 2)
        studio.make(Stage.IMAGE)
        ark.order({"on": "submit", "kind": "cut", "times": 2})
        studio.make(Stage.VIDEO)
        with studio.place.database.read() as session:
            first, second = reversed(list_generations(session, state="ambiguous", project="p"))
        jobs = {job["request"]["content"][0]["text"]: job["id"] for job in ark.jobs}
        # The first one's job is known from the vendor's account, the second was not charged there.
        words = next(take for take in studio.rows(Take) if take.generation_id == first.id).inputs["prompt"]
        job = next(identity for text, identity in jobs.items() if words.rstrip(".") in text)
        assert resolve(studio.place, first.id, "charged", "ann", job_id=job).state == "submitted"
        with pytest.raises(StateError, match=f"that of generation {first.id} already"):
            resolve(studio.place, second.id, "charged", "ann", job_id=job)
        assert resolve(studio.place, second.id, "not_charged", "ann").state == "failed"
        with pytest.raises(StateError, match="nothing to resolve"):
            resolve(studio.place, second.id, "charged", "ann")
        assert studio.make(Stage.VIDEO).counts == (2, 0, 0, 0, 0)
        assert len(ark.requests("submit")) == 2 + 2 + 1


def test_a_job_that_waits_at_its_vendor_can_be_cancelled(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 1)
        studio.make(Stage.IMAGE)
        ark.jobs_go(seconds=600)
        studio.make(Stage.VIDEO, replace(studio.run(), patient_until=now()))
        (job,) = [row for row in studio.rows(Generation) if row.state == "submitted"]
        assert cancel(studio.place, job.id, "ann")
        row = studio.rows(Generation)[-1]
        assert (row.state, row.error) == ("failed", "cancelled by ann")
        with pytest.raises(StateError, match="only a job at a vendor"):
            cancel(studio.place, job.id, "ann")


def test_a_check_says_of_each_model_whether_it_answers(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        found = check_providers(studio.place)
        assert [(one.model, one.usable, one.checked.key) for one in found] == [
            ("ark/seedream", True, True),
            ("ark/seedance", True, True),
        ]
        assert ark.ledger == []
        monkeypatch.setenv("FAKE_VENDORS_KEY", "sk-wrong-key")
        found = check_providers(
            open_studio(
                str(studio.place.settings.database_url), studio.place.settings.home, studio.steering.folder
            ).place
        )
        assert [one.checked.key for one in found] == [False, False]
        assert "sk-wrong-key" not in str([one.words for one in found])


def test_generations_of_a_project_that_is_not_there_are_not_found(studio: Studio, tmp_path: Path) -> None:
    studio.storyboard(tmp_path, 1)
    with studio.place.database.read() as session:
        assert list_generations(session, project="p") == []
        with pytest.raises(NotFoundError, match="There is no project 'nope'"):
            list_generations(session, project="nope")


def test_a_providers_file_that_is_named_and_not_there_is_a_mistake_and_none_at_all_is_not(studio: Studio) -> None:
    settings = studio.place.settings
    assert replace(studio.place).configuration.providers == {}
    lost = replace(studio.place, settings=replace(settings, providers_path=settings.home / "lost.toml"))
    with pytest.raises(BadSettingError, match=r"AIANIME_PROVIDERS_FILE names .*lost\.toml, and there is no such file"):
        _ = lost.configuration


def test_how_the_providers_stand_is_told_with_the_reason(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 1)
        ark.order(refusal(403, "AccountOverdueError"))
        studio.make(Stage.IMAGE)
        by_route = {one["route"]: one for one in provider_standings(studio.place)}
        assert "told to fail" in by_route["ark/seedream"]["why"]
        assert by_route["ark/seedance"]["until"], "it is the provider that is out of money"


def test_a_quote_counts_and_prices_what_is_due(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 4)
        assert quote_episode(studio.place, "p-e001", upto=Stage.IMAGE).in_words() == "5 images: about 1.25 CNY"
        studio.make(Stage.IMAGE)
        found = quote_episode(studio.place, "p-e001", upto=Stage.VIDEO)
        assert [(line.capability, line.count) for line in found.lines] == [("image", 1), ("video", 4)]
        studio.make(Stage.VIDEO)
        paid = sum(row.cost_micros for row in studio.rows(ProviderUsage) if row.capability == "video")
        assert found.costs == {"CNY": paid + 250_000} == {"CNY": ark.charged_micros - 3 * 250_000}


def test_a_project_of_somebody_who_can_log_in_asks_no_vendor_before_it_has_a_budget(
    studio: Studio, tmp_path: Path
) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 1)
        with studio.place.database.write() as session:
            find_project(session, "p").created_by = "li"
        assert quote_episode(studio.place, "p-e001", upto=Stage.IMAGE).needs_budget
        studio.make(Stage.IMAGE)
        assert studio.stage_row(1, Stage.IMAGE).state == "failed"
        assert "no budget says what it may spend" in studio.stage_row(1, Stage.IMAGE).reason
        assert (ark.charged_micros, studio.rows(Generation)) == (0, [])
        budget(studio.place.database, hard=False)
        assert not quote_episode(studio.place, "p-e001", upto=Stage.IMAGE).needs_budget
        studio.make(Stage.IMAGE)
        assert studio.stage_row(1, Stage.IMAGE).state == "approved"
        assert ark.charged_micros > 0


def test_no_secret_reaches_the_database(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 1)
        body = {"error": {"code": "InvalidParameter", "message": f"the key {KEY} is not liked"}}
        ark.order({"on": "submit", "kind": "answer", "status": 400, "body": body})
        studio.make(Stage.IMAGE)
        told = [
            str(vars(row))
            for table in (Generation, ProviderState, Take)
            for row in studio.rows(table)  # type: ignore[type-var]
        ]
        assert any("is not liked" in words for words in told)
        assert not any(KEY in words for words in told)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, "OutputImageSensitiveContentDetected", "the vendor refused the content"),
        (403, "AccountOverdueError", "the account is out of money"),
        (401, "AuthenticationError", "the key is refused"),
    ],
)
def test_people_are_told_of_what_only_they_can_mend(
    studio: Studio, tmp_path: Path, status: int, code: str, words: str
) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 1)
        ark.order(refusal(status, code))
        studio.make(Stage.IMAGE)
        (notice,) = studio.rows(Notice)
        assert notice.text.startswith(f"ark/ep-seedream: {words} (generation 1, image): ark refused: told to fail")


def test_an_episode_that_has_no_pictures_yet_is_quoted_whole_with_its_references(
    studio: Studio, tmp_path: Path
) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 2)
        found = quote_episode(studio.place, "p-e001")
        assert {line.capability: line.count for line in found.lines} == {"image": 3, "video": 2, "speech": 2}
        assert found.costs["CNY"] > 3 * 250_000


def test_what_a_later_run_fetches_is_in_that_runs_cost(studio: Studio, tmp_path: Path) -> None:
    with Vendor("ark") as ark:
        write_configuration(studio.place.settings.home, ark=ark.address)
        studio.storyboard(tmp_path, 1)
        studio.make(Stage.IMAGE)
        ark.jobs_go(seconds=LONG_JOB)
        first, second = replace(studio.run(), patient_until=now()), studio.run()
        studio.make(Stage.VIDEO, first)
        studio.make(Stage.VIDEO, second)
        with studio.place.database.read() as session:
            assert cost_micros(session, first.run_id) == 0
            assert cost_micros(session, second.run_id) == ark.charged_micros - 250_000
