"""A vision model among the reviewers: it is really shown the picture, paid once, and its failures approve nothing."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fakes.story_writer import parts_in
from fakes.vendor import Vendor
from PIL import Image
from support.making import KEY, Studio
from support.review_media import SIZE, moving_clip, saved, scene
from support.review_studio import (
    ai_records,
    described,
    lay,
    one,
    reviewed,
    reviewing,
    sent_pictures,
    with_eye,
)

from aianime_pipeline.db.models import Asset, AssetVersion, Generation, ProviderUsage
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.budgets.limits import Subject, set_budget
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.generations import remember_object
from aianime_pipeline.production.quotes.episodes import quote_episode
from aianime_pipeline.production.reviews import select_take
from aianime_pipeline.production.reviews.ai import ShotReview
from aianime_pipeline.production.runs import cost_micros
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.reviewing.showing import shown_picture


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor("openai_like") as running:
        yield running


def looked_at(studio: Studio, vendor: Vendor, folder: Path, words: str = "", **options: Any) -> ShotReview:
    """What becomes of one good picture whose shot is described so."""
    reviewing(with_eye(studio, vendor.address), folder, described(words), **options).make(Stage.IMAGE)
    lay(studio, 1, saved(scene(), folder, "good.png"))
    return one(reviewed(studio))


def test_the_model_gets_the_picture_itself_and_what_the_shot_should_be(
    studio: Studio, vendor: Vendor, tmp_path: Path
) -> None:
    found = looked_at(studio, vendor, tmp_path, language="zh", review_rubric="不许出现现代物品")
    assert (found.state, found.verdict, found.reviewer, found.score) == (State.APPROVED, "approved", "oa/eye", 88)
    [request] = vendor.requests("submit")
    (tmp_path / "expected").mkdir()
    [expected] = shown_picture(tmp_path / "good.png", [], tmp_path / "expected")
    assert sent_pictures(request) == [expected.path.read_bytes()]
    system, user = request["body"]["messages"]
    assert "审片人" in system["content"]
    assert "不许出现现代物品" in system["content"]
    assert parts_in(user["content"][0]["text"])["shot"]["description"] == "A ferry."
    assert request["body"]["response_format"]["json_schema"]["strict"] is True


def test_the_reference_pictures_of_who_is_shown_go_with_it_smaller(
    studio: Studio, vendor: Vendor, tmp_path: Path
) -> None:
    reviewing(with_eye(studio, vendor.address), tmp_path, described("")).make(Stage.IMAGE)
    lay(studio, 1, saved(scene((1600, 900)), tmp_path, "good.png"))
    stored = studio.place.store.put_file(saved(scene((900, 1200), seed=3), tmp_path, "sheet.png"), "image/png")
    with studio.place.database.write() as session:
        remember_object(session, stored)
        version = session.scalars(
            sa.select(AssetVersion).join(Asset, Asset.id == AssetVersion.asset_id).where(Asset.name == "林夏")
        ).one()
        version.reference_digest = stored.digest
    reviewed(studio)
    [request] = vendor.requests("submit")
    assert [Image.open(BytesIO(data)).size for data in sent_pictures(request)] == [(1024, 576), (384, 512)]
    told = parts_in(request["body"]["messages"][-1]["content"][0]["text"])
    assert told["pictures"][1] == "reference picture of character 林夏"


def test_of_a_video_five_frames_are_shown(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    reviewing(with_eye(studio, vendor.address), tmp_path, 1, review_image="none", review_video="ai").make(Stage.IMAGE)
    lay(studio, 1, saved(scene(), tmp_path, "good.png"))
    studio.make(Stage.VIDEO)
    lay(studio, 1, moving_clip(scene(), tmp_path, seconds=1), Stage.VIDEO)
    assert one(reviewed(studio, Stage.VIDEO)).reviewer == "oa/eye"
    [request] = vendor.requests("submit")
    frames = sent_pictures(request)
    assert [Image.open(BytesIO(data)).size for data in frames] == [SIZE] * 5
    assert len(set(frames)) == 5


def test_what_it_rejects_is_made_again_with_its_wishes(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    found = looked_at(studio, vendor, tmp_path, "REJECT_IT")
    assert (found.state, found.score, found.reasons) == (State.REJECTED, 35, "the left hand has six fingers")
    assert studio.takes(1, Stage.IMAGE)[0].reason == "draw a left hand with five fingers"
    [record] = ai_records(studio)
    assert record.feedback == {
        "problems": [{"code": "anatomy", "text": "the left hand has six fingers"}],
        "changes": ["draw a left hand with five fingers"],
    }


def test_what_it_is_unsure_of_a_person_decides(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    found = looked_at(studio, vendor, tmp_path, "UNSURE_OF_IT")
    assert (found.state, found.verdict, found.reasons) == (State.HUMAN_REVIEW, "unsure", "too dark to tell")


def test_its_score_counts_against_the_projects_threshold(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    found = looked_at(studio, vendor, tmp_path, review_threshold=89)
    assert (found.state, found.score) == (State.REJECTED, 88)


def test_an_answer_that_cannot_be_read_is_mended_once(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    found = looked_at(studio, vendor, tmp_path, "GARBAGE_FIRST")
    assert (found.state, found.score) == (State.APPROVED, 88)
    first, second = vendor.requests("submit")
    assert sent_pictures(first) == sent_pictures(second)
    assert "What a lovely picture!" in str(second["body"])
    assert len(vendor.ledger) == 2


@pytest.mark.parametrize(
    ("words", "faults", "told"),
    [
        ("GARBAGE", [], "gave no usable answer"),
        ("REFUSED", [], "can't help with that"),
        ("FILTERED", [], "content_filter"),
        ("", [{"on": "submit", "kind": "answer", "status": 401, "body": {"error": {"code": "invalid_api_key"}}}], ""),
        ("", [{"on": "submit", "kind": "cut", "times": 1}], "not known whether"),
    ],
    ids=["garbage", "refused", "filtered", "wrong key", "cut off"],
)
def test_a_reviewer_that_fails_approves_nothing_and_says_why(
    studio: Studio, vendor: Vendor, tmp_path: Path, words: str, faults: list[dict[str, Any]], told: str
) -> None:
    vendor.order(*faults)
    found = looked_at(studio, vendor, tmp_path, words)
    assert (found.state, found.verdict, found.score) == (State.HUMAN_REVIEW, "unsure", None)
    assert told in found.reasons
    assert found.reviewer == "oa/eye"
    assert studio.stage_row(1, Stage.IMAGE).reason == found.reasons != ""
    assert studio.takes(1, Stage.IMAGE)[0].verdict == "none"


def test_a_server_that_is_down_leaves_it_to_a_person(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    vendor.order(
        {"on": "submit", "kind": "answer", "status": 503, "body": {"error": {"message": "down"}}, "times": None}
    )
    found = looked_at(studio, vendor, tmp_path)
    assert (found.state, found.verdict) == (State.HUMAN_REVIEW, "unsure")
    assert vendor.ledger == []


def test_a_key_that_is_not_there_leaves_it_to_a_person(
    studio: Studio, vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with_eye(studio, vendor.address)
    file = studio.place.settings.home / "aianime.toml"
    file.write_text(file.read_text().replace("timeout_seconds", 'api_key_env = "NO_SUCH_KEY"\ntimeout_seconds'))
    reviewing(studio, tmp_path).make(Stage.IMAGE)
    lay(studio, 1, saved(scene(), tmp_path, "good.png"))
    found = one(reviewed(studio))
    assert (found.state, found.verdict) == (State.HUMAN_REVIEW, "unsure")
    assert "api_key_env names a variable that is not set" in found.reasons


def test_a_model_that_is_limited_now_is_asked_later(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    limit = {"error": {"code": "rate_limit_exceeded", "message": "slow down"}}
    vendor.order(
        {
            "on": "submit",
            "kind": "answer",
            "status": 429,
            "headers": {"retry-after": "600"},
            "body": limit,
            "times": None,
        }
    )
    reviewing(with_eye(studio, vendor.address), tmp_path).make(Stage.IMAGE)
    lay(studio, 1, saved(scene(), tmp_path, "good.png"))
    found = reviewed(studio, run=replace(studio.run(), patient_until=now()))
    assert (found.reviewed, found.passed, ai_records(studio)) == (0, False, [])
    assert (one(found).verdict, one(found).state) == ("waiting", State.AI_REVIEWING)
    assert "No provider may be asked before" in one(found).reasons
    row = studio.stage_row(1, Stage.IMAGE)
    assert (row.state, row.claimed_by) == ("ai_reviewing", None)


def test_a_technical_rejection_is_final_and_saves_the_question(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    reviewing(with_eye(studio, vendor.address), tmp_path).make(Stage.IMAGE)
    lay(studio, 1, saved(Image.new("RGB", SIZE, "black"), tmp_path))
    found = one(reviewed(studio))
    assert (found.verdict, found.reviewer) == ("rejected", "built-in")
    assert vendor.requests("submit") == []


def test_a_voice_is_shown_to_nobody(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    reviewing(with_eye(studio, vendor.address), tmp_path, 1, review_image="none", review_voice="ai").make(Stage.VOICE)
    assert one(reviewed(studio, Stage.VOICE)).reviewer == "built-in"
    assert vendor.requests("submit") == []


def test_the_same_take_is_paid_once_however_often_it_is_looked_at(
    studio: Studio, vendor: Vendor, tmp_path: Path
) -> None:
    looked_at(studio, vendor, tmp_path, "REJECT_IT")
    studio.make(Stage.IMAGE)
    lay(studio, 1, saved(scene(seed=4), tmp_path, "second.png"))
    reviewed(studio)
    with studio.place.database.write() as session:
        select_take(session, find_episode(session, KEY), Stage.IMAGE, 1, 1, who="a person")
    assert one(reviewed(studio)).state is State.REJECTED
    assert len(vendor.ledger) == 2
    assert len(ai_records(studio)) == 3


def test_what_it_costs_is_on_record_and_what_the_vendor_charged(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    reviewing(with_eye(studio, vendor.address), tmp_path).make(Stage.IMAGE)
    lay(studio, 1, saved(scene(), tmp_path, "good.png"))
    run = studio.run()
    reviewed(studio, run=run)
    [generation] = [row for row in studio.rows(Generation) if row.capability == "picture_review"]
    assert (generation.state, generation.route, generation.run_id) == ("succeeded", "oa/eye", run.run_id)
    assert generation.episode_id == studio.episode.id
    [usage] = [row for row in studio.rows(ProviderUsage) if row.generation_id == generation.id]
    with studio.place.database.read() as session:
        assert usage.cost_micros == cost_micros(session, run.run_id) == vendor.charged_micros > 0


def test_a_budget_without_room_leaves_it_to_a_person_and_asks_nobody(
    studio: Studio, vendor: Vendor, tmp_path: Path
) -> None:
    reviewing(with_eye(studio, vendor.address), tmp_path).make(Stage.IMAGE)
    lay(studio, 1, saved(scene(), tmp_path, "good.png"))
    with studio.place.database.write() as session:
        set_budget(session, Subject("project", "p", "total", "CNY"), 10, set_by="li")
    found = one(reviewed(studio))
    assert (found.state, found.verdict) == (State.HUMAN_REVIEW, "unsure")
    assert "budget" in found.reasons
    assert vendor.requests("submit") == []


def test_many_takes_are_looked_at_side_by_side_and_each_gets_its_own_answer(
    studio: Studio, vendor: Vendor, tmp_path: Path
) -> None:
    words = ["", "REJECT_IT", "UNSURE_OF_IT", "", "REJECT_IT", "GARBAGE_FIRST"]
    shots = [{**described(word)[0], "镜号": number} for number, word in enumerate(words, start=1)]
    reviewing(with_eye(studio, vendor.address), tmp_path, shots).make(Stage.IMAGE)
    for number in range(1, 7):
        lay(studio, number, saved(scene(seed=number), tmp_path, f"{number}.png"))
    found = reviewed(studio)
    assert [shot.verdict for shot in found.shots] == [
        "approved",
        "rejected",
        "unsure",
        "approved",
        "rejected",
        "approved",
    ]
    assert len(vendor.ledger) == 7


def looks(studio: Studio, **options: Any) -> tuple[int, int | None]:
    """How many looks of the vision model a quote foresees, and what they cost together."""
    found = quote_episode(studio.place, KEY, **options)
    return next(((one.count, one.micros) for one in found.lines if one.capability == "picture_review"), (0, 0))


def test_a_quote_foresees_one_look_at_each_image_and_video_that_the_model_reviews(
    studio: Studio, vendor: Vendor, tmp_path: Path
) -> None:
    reviewing(with_eye(studio, vendor.address), tmp_path, 3, review_video="ai_then_human")
    count, micros = looks(studio)
    assert count == 6
    images = looks(studio, upto=Stage.IMAGE)
    assert images[0] == 3
    assert micros is not None
    assert images[1] is not None
    # A video is shown in five frames, an image in one picture.
    assert micros > 2 * images[1] > 0
    assert looks(studio, upto=Stage.IMAGE, shots=[2])[0] == 1
    assert looks(studio, reviewed=False)[0] == 0
    studio.make(Stage.IMAGE)
    assert looks(studio, upto=Stage.IMAGE) == images, "those that wait for the reviewer are still to be looked at"
    studio.set_project(review_image="human")
    assert looks(studio, upto=Stage.IMAGE)[0] == 0


def test_a_quote_is_no_less_than_what_a_look_costs(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    reviewing(with_eye(studio, vendor.address), tmp_path, 1).make(Stage.IMAGE)
    lay(studio, 1, saved(scene(), tmp_path, "good.png"))
    _, foreseen = looks(studio, upto=Stage.IMAGE)
    reviewed(studio)
    paid = sum(row.cost_micros for row in studio.rows(ProviderUsage) if row.capability == "picture_review")
    assert foreseen is not None
    assert 0 < paid <= foreseen


def test_looks_whose_price_is_not_known_are_said_to_be(studio: Studio, vendor: Vendor, tmp_path: Path) -> None:
    reviewing(with_eye(studio, vendor.address), tmp_path, 2)
    path = studio.place.settings.home / "aianime.toml"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("prices")]
    path.write_text("\n".join(lines), encoding="utf-8")
    words = quote_episode(studio.place, KEY, upto=Stage.IMAGE).in_words()
    assert "the price of 2 picture reviews is not known" in words


def test_without_a_vision_model_no_look_is_foreseen(studio: Studio, tmp_path: Path) -> None:
    assert looks(reviewing(studio, tmp_path, 2))[0] == 0
