"""A story by a language model, as rows: imported, described, drawn up; asked once, and kept where a person was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.stories import storyboard_file, write_screenplay
from support.story_model import Scripted, own_answer, refused
from support.story_model import StoryModel as Scripting

from aianime_pipeline.db.models import Asset, Base, MediaObject, Project, Screenplay, Storyboard
from aianime_pipeline.errors import NoSceneError, NotFoundError, ScreenplayLockedError, StateError
from aianime_pipeline.production.assets.editing import AssetChanges, change_asset
from aianime_pipeline.production.episodes.rows import find_episode, load_shots
from aianime_pipeline.production.importing import ImportReport, import_file
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.screenplays.editing import lock_screenplay
from aianime_pipeline.production.storyboards.keeping import (
    StoryboardState,
    bring_storyboard_up_to_date,
    kept_storyboard,
    load_storyboard,
    set_frozen,
)
from aianime_pipeline.production.storytelling import (
    StoryModel,
    bring_told_storyboard_up_to_date,
    describe_looks,
    tell_storyboard_anew,
)
from aianime_pipeline.providers.capabilities import ErrorKind

PROSE = """《月下渡》

第一章 无人的船

清晨的渡口起了雾，一只空船逆着水漂来。
林夏低声说：“这是阿萤的铃铛。”
她回到茶铺，把铃铛拍在柜台上。周掌柜说：“河上的事，问不得。”

第二章 灯

夜里，林夏又到了渡口，点起那盏灯。
沈渡问：“是你点的灯，要渡谁？”
林夏答：“十年前落水的林萤。”
"""

SCREENPLAY = """人物小传
林夏：女，22岁，月白长衫

第1集：无人的船

1-1 清晨 外 青石渡口
人物：林夏
△晨雾压着河面，一只空船慢慢漂近。
林夏：（低声）这是阿萤的铃铛。

1-2 夜 内 茶铺
人物：周掌柜，林夏
△油灯忽然熄灭。
周掌柜：姑娘，请回。
"""

KEY = "p-e001"


def story(model: Scripting) -> StoryModel:
    return StoryModel("vendor/words-9", model)


def brought(place: Installation, path: Path, model: Scripting | None, **options: Any) -> ImportReport:
    return import_file(
        place, path, project="p", story_model=lambda: story(model) if model is not None else None, **options
    )


def boarded(place: Installation, model: Scripting, *, anew: bool = False) -> StoryboardState:
    with place.database.read() as session:
        episode_id = find_episode(session, KEY).id
    return bring_told_storyboard_up_to_date(place, episode_id, story(model), anew=anew)


def planned(place: Installation) -> StoryboardState:
    with place.database.read() as session:
        episode_id = find_episode(session, KEY).id
    return bring_storyboard_up_to_date(place, episode_id)


def count(place: Installation, table: type[Base]) -> int:
    with place.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def looks(place: Installation, kind: str = "character") -> dict[str, tuple[int, str]]:
    with place.database.read() as session:
        assets = session.scalars(sa.select(Asset).where(Asset.kind == kind).order_by(Asset.id)).all()
        return {asset.name: (asset.current.version, asset.current.description) for asset in assets}


def lines(place: Installation, key: str = KEY) -> list[str]:
    with place.database.read() as session:
        shots = [view.shot for view in load_shots(session, find_episode(session, key).id)]
    return [shot.dialogue for shot in shots if shot.dialogue]


# Prose


def test_prose_becomes_episodes_with_scenes_lines_and_assets(place: Installation, tmp_path: Path) -> None:
    model = Scripting()
    report = brought(place, write_screenplay(tmp_path, PROSE), model)
    assert report.episodes == ["p-e001", "p-e002"]
    assert (report.scenes, report.blocks["dialogue"], report.warnings) == (3, 4, [])
    assert list(looks(place)) == ["林夏", "周掌柜", "沈渡"]
    assert list(looks(place, "location")) == ["渡口", "茶铺"]
    with place.database.read() as session:
        assert session.scalars(sa.select(Project.title)).one() == "月下渡"
        assert find_episode(session, "p-e002").title == "灯"


def test_a_text_with_a_layout_is_read_without_asking_anybody(place: Installation, tmp_path: Path) -> None:
    def nobody() -> StoryModel:
        raise AssertionError("asked")

    import_file(place, write_screenplay(tmp_path, SCREENPLAY), project="p", story_model=nobody)
    import_file(place, write_screenplay(tmp_path, PROSE, "x.txt"), project="q", format="text", story_model=nobody)


@pytest.mark.parametrize("options", [{}, {"story_model": lambda: None}])
def test_without_a_model_prose_is_refused_and_the_text_format_offered(
    place: Installation, tmp_path: Path, options: dict[str, Any]
) -> None:
    with pytest.raises(NoSceneError, match="the format `text` keeps it as one scene"):
        import_file(place, write_screenplay(tmp_path, "雾里有一只船。\n"), project="p", **options)
    assert not any(count(place, mapper.class_) for mapper in Base.registry.mappers)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ([refused(ErrorKind.NO_MONEY, "The account is empty.")], "The account is empty"),
        (["no idea"] * 6, "gave no usable answer"),
        ([StateError("The budget is spent.")], "The budget is spent"),
    ],
)
def test_a_model_that_is_of_no_use_refuses_the_prose_and_leaves_no_row(
    place: Installation, tmp_path: Path, script: list[Scripted], why: str
) -> None:
    with pytest.raises(NoSceneError, match=f"vendor/words-9 could not break it down: .*{why}.* The format `text`"):
        brought(place, write_screenplay(tmp_path, PROSE), Scripting(*script))
    assert not any(count(place, mapper.class_) for mapper in Base.registry.mappers)


def test_a_chapter_that_was_kept_as_it_is_is_named_in_the_report(place: Installation, tmp_path: Path) -> None:
    report = brought(place, write_screenplay(tmp_path, PROSE), Scripting(None, "no", "no", "no"))
    assert report.episodes == ["p-e001", "p-e002"]
    (warning,) = report.warnings
    assert warning.line == 11
    assert warning.message.startswith("chapter 2 was kept as one scene by rules: The language model was asked 3 times")


def test_the_same_prose_again_is_not_asked_for_again(place: Installation, tmp_path: Path) -> None:
    path = write_screenplay(tmp_path, PROSE)
    first = brought(place, path, Scripting())
    model = Scripting()
    again = brought(place, path, model)
    assert model.asked == []
    assert again.unchanged == again.episodes == first.episodes
    assert (again.scenes, again.blocks) == (first.scenes, first.blocks)
    assert count(place, Screenplay) == 2


def test_prose_that_changed_or_was_kept_in_part_is_asked_for_again(place: Installation, tmp_path: Path) -> None:
    brought(place, write_screenplay(tmp_path, PROSE), Scripting(None, "no", "no", "no"))
    model = Scripting()
    report = brought(place, write_screenplay(tmp_path, PROSE), model)
    assert len(model.asked) == 2
    assert report.unchanged == ["p-e001"]
    changed = Scripting()
    report = brought(place, write_screenplay(tmp_path, PROSE.replace("要渡谁", "想渡谁")), changed)
    assert len(changed.asked) == 2
    assert report.unchanged == ["p-e001"]


def test_prose_as_one_episode_takes_the_number_that_is_given(place: Installation, tmp_path: Path) -> None:
    prose = PROSE[PROSE.index("夜里") :]
    path = write_screenplay(tmp_path, prose)
    assert brought(place, path, Scripting(), episode=7).episodes == ["p-e007"]
    model = Scripting()
    assert brought(place, path, model, episode=7).unchanged == ["p-e007"]
    assert model.asked == []
    assert brought(place, path, model, episode=8).episodes == ["p-e008"]


def test_for_an_episode_whose_screenplay_is_locked_no_model_is_asked(place: Installation, tmp_path: Path) -> None:
    prose = PROSE[PROSE.index("夜里") :]
    brought(place, write_screenplay(tmp_path, prose), Scripting(), episode=7)
    with place.database.write() as session:
        lock_screenplay(session, find_episode(session, "p-e007"), who="lin")
    model = Scripting()
    with pytest.raises(ScreenplayLockedError):
        brought(place, write_screenplay(tmp_path, prose + "天亮了，雾散了。"), model, episode=7)
    assert model.asked == []


# Looks


def test_looks_are_added_behind_the_screenplays_own_words(place: Installation, tmp_path: Path) -> None:
    brought(place, write_screenplay(tmp_path, SCREENPLAY), None)
    added = own_answer(lambda answer: answer["characters"][0].update(appearance="腰间一只铃铛"))
    report = describe_looks(place, [KEY], story(Scripting(added)))
    assert (report.described, report.by_rules) == (("林夏", "周掌柜", "青石渡口", "茶铺"), ())
    assert looks(place)["林夏"] == (2, "女，22岁，月白长衫\n腰间一只铃铛")
    version, words = looks(place)["周掌柜"]
    assert version == 2
    assert words.startswith(("女，", "男，"))
    assert looks(place, "location")["青石渡口"] == (2, "外景\n青石台阶，木棚")


def test_importing_the_screenplay_again_leaves_the_looks(place: Installation, tmp_path: Path) -> None:
    path = write_screenplay(tmp_path, SCREENPLAY)
    brought(place, path, None)
    added = own_answer(lambda answer: answer["characters"][0].update(appearance="腰间一只铃铛"))
    describe_looks(place, [KEY], story(Scripting(added)))
    before = looks(place)
    brought(place, path, None)
    brought(place, write_screenplay(tmp_path, SCREENPLAY.replace("请回", "走吧")), None)
    assert looks(place) == before
    brought(place, write_screenplay(tmp_path, SCREENPLAY.replace("月白长衫", "玄青斗篷")), None)
    assert looks(place)["林夏"] == (3, "女，22岁，玄青斗篷")


def test_a_look_that_a_person_gave_gets_nothing_added(place: Installation, tmp_path: Path) -> None:
    brought(place, write_screenplay(tmp_path, SCREENPLAY), None)
    with place.database.write() as session:
        numbers = {asset.name: asset.id for asset in session.scalars(sa.select(Asset))}
        change_asset(session, numbers["林夏"], AssetChanges(description="红衣"), version=1, who="lin")
        white = AssetChanges(sheet={"hair": {"colour": "ffffff"}})
        change_asset(session, numbers["周掌柜"], white, version=1, who="lin")
    model = Scripting()
    describe_looks(place, [KEY], story(model))
    assert (looks(place)["林夏"], looks(place)["周掌柜"]) == ((2, "红衣"), (2, ""))
    # Nor is it paid again and again for words that nobody takes.
    describe_looks(place, [KEY], story(model))
    assert len(model.asked) == 1


def test_looks_that_are_there_are_not_asked_for_again(place: Installation, tmp_path: Path) -> None:
    brought(place, write_screenplay(tmp_path, SCREENPLAY), None)
    describe_looks(place, [KEY], story(Scripting()))
    before, model = looks(place), Scripting()
    report = describe_looks(place, [KEY], story(model))
    assert (model.asked, report.described, looks(place)) == ([], (), before)


def test_what_has_its_picture_keeps_its_look(place: Installation, tmp_path: Path) -> None:
    brought(place, write_screenplay(tmp_path, SCREENPLAY), None)
    with place.database.write() as session:
        picture = session.scalars(sa.select(MediaObject.digest)).first()
        session.scalars(sa.select(Asset).where(Asset.name == "周掌柜")).one().current.reference_digest = picture
    report = describe_looks(place, [KEY], story(Scripting()))
    assert "周掌柜" not in report.described
    assert looks(place)["周掌柜"] == (1, "")


def test_without_a_model_looks_stay_as_they_are_and_it_says_why(place: Installation, tmp_path: Path) -> None:
    brought(place, write_screenplay(tmp_path, SCREENPLAY), None)
    before = looks(place)
    report = describe_looks(place, [KEY], story(Scripting(refused(ErrorKind.AUTH, "the key is refused"))))
    assert (report.described, looks(place)) == ((), before)
    assert [(one.where, one.reason) for one in report.by_rules] == [("scene 1-1 to 1-2", "the key is refused")]


def test_a_prop_that_comes_up_in_two_scenes_becomes_the_projects(place: Installation, tmp_path: Path) -> None:
    text = SCREENPLAY.replace("油灯忽然熄灭", "油灯忽然熄灭，铃铛响了")
    brought(place, write_screenplay(tmp_path, text), None)
    found = own_answer(lambda answer: answer.update(props=[{"name": "铃铛", "appearance": "旧铜"}]))
    describe_looks(place, [KEY], story(Scripting(found)))
    assert looks(place, "prop") == {"铃铛": (1, "旧铜")}


# Storyboards


@pytest.fixture
def written(place: Installation, tmp_path: Path) -> Path:
    """An episode with a screenplay and no storyboard; the file it came from."""
    path = write_screenplay(tmp_path, SCREENPLAY)
    brought(place, path, None)
    return path


def test_a_storyboard_says_that_a_model_drew_it_up_and_which(place: Installation, written: Path) -> None:
    model = Scripting()
    state = boarded(place, model)
    assert (state.source, state.state, state.changed) == ("story model vendor/words-9", "generated", True)
    assert (state.by_rules, state.out_of_date) == ((), False)
    assert lines(place) == ["这是阿萤的铃铛。", "姑娘，请回。"]
    with place.database.read() as session:
        board = load_storyboard(session, find_episode(session, KEY))
    assert [plan.by for plan in board.planned_by] == ["vendor/words-9"] * 2
    assert model.parts[0]["context"]["looks"] == {"林夏": "女，22岁，月白长衫"}


def test_a_storyboard_that_is_up_to_date_is_not_asked_for_again_by_anybody(place: Installation, written: Path) -> None:
    first = boarded(place, Scripting())
    with place.database.write() as session:
        session.execute(sa.update(Project).values(style="水墨"))
    model = Scripting()
    for state in (boarded(place, model), planned(place)):
        assert (state.changed, state.digest, state.source, state.out_of_date) == (
            False,
            first.digest,
            first.source,
            False,
        )
    assert model.asked == []


def test_a_changed_screenplay_is_drawn_up_anew_while_nobody_edited_it(
    place: Installation, written: Path, tmp_path: Path
) -> None:
    boarded(place, Scripting())
    report = brought(place, write_screenplay(tmp_path, SCREENPLAY.replace("请回", "走吧")), None)
    assert report.warnings == []
    assert boarded(place, Scripting()).changed
    assert lines(place)[-1] == "姑娘，走吧。"


def test_without_the_model_a_changed_screenplay_is_planned_by_the_rules(
    place: Installation, written: Path, tmp_path: Path
) -> None:
    boarded(place, Scripting())
    brought(place, write_screenplay(tmp_path, SCREENPLAY.replace("请回", "走吧")), None)
    state = planned(place)
    assert (state.source, state.changed) == ("planner", True)
    assert lines(place)[-1] == "姑娘，走吧。"


def edit(place: Installation) -> None:
    with place.database.write() as session:
        session.execute(sa.update(Storyboard).values(state="editing"))


def freeze(place: Installation) -> None:
    with place.database.write() as session:
        set_frozen(session, find_episode(session, KEY), True)


@pytest.mark.parametrize(("keep", "why"), [(edit, "was edited and stays"), (freeze, "is frozen")])
def test_a_storyboard_that_a_person_was_at_stays_and_is_told_as_out_of_date(
    place: Installation, written: Path, tmp_path: Path, keep: Callable[[Installation], None], why: str
) -> None:
    first = boarded(place, Scripting())
    keep(place)
    brought(place, write_screenplay(tmp_path, SCREENPLAY.replace("请回", "走吧")), None)
    model = Scripting()
    state = boarded(place, model)
    assert (state.changed, state.digest, state.out_of_date, model.asked) == (False, first.digest, True, [])
    with place.database.read() as session:
        assert kept_storyboard(session, find_episode(session, KEY)) == why
    with pytest.raises(StateError, match="stays as it is"):
        boarded(place, model, anew=True)


def test_a_storyboard_from_a_file_stays(place: Installation, tmp_path: Path) -> None:
    import_file(place, storyboard_file(tmp_path, 3), project="p")
    brought(place, write_screenplay(tmp_path, SCREENPLAY), None)
    model = Scripting()
    assert (boarded(place, model).source, model.asked) == ("board.json", [])


def test_who_freezes_the_storyboard_while_the_model_works_is_not_run_over(place: Installation, written: Path) -> None:
    first = boarded(place, Scripting())

    def frozen_meanwhile(request: object) -> Scripted:
        freeze(place)
        return own_answer(lambda answer: answer["shots"][0].update(description="另一个画面"))

    state = boarded(place, Scripting(frozen_meanwhile), anew=True)
    assert (state.changed, state.digest, state.state) == (False, first.digest, "frozen")


def test_asking_anew_is_another_question(place: Installation, written: Path) -> None:
    first, again = Scripting(), Scripting(own_answer(lambda answer: answer["shots"][0].update(description="新的画面")))
    boarded(place, first)
    assert boarded(place, again, anew=True).changed
    assert again.asked[0].text != first.asked[0].text
    assert [first.parts[0]["context"]["edition"], again.parts[0]["context"]["edition"]] == [1, 2]


def told_anew(place: Installation, model: Scripting) -> StoryboardState:
    return tell_storyboard_anew(place, KEY, story(model))


def test_told_anew_a_storyboard_is_another_and_the_looks_are_asked_for_where_one_is_missing(
    place: Installation, written: Path
) -> None:
    first = boarded(place, Scripting())
    model = Scripting(None, own_answer(lambda answer: answer["shots"][0].update(description="新的画面")))
    state = told_anew(place, model)
    assert (state.source, state.changed) == ("story model vendor/words-9", True)
    assert state.digest != first.digest
    assert looks(place)["周掌柜"][1]
    assert lines(place) == ["这是阿萤的铃铛。", "姑娘，请回。"]


def test_a_storyboard_stays_where_the_model_that_is_asked_anew_is_of_no_use(place: Installation, written: Path) -> None:
    first = boarded(place, Scripting())
    describe_looks(place, [KEY], story(Scripting()))
    with pytest.raises(StateError, match=r"stays as it is: vendor/words-9 was of no use \(the account is empty\)"):
        told_anew(place, Scripting(refused(ErrorKind.NO_MONEY, "the account is empty")))
    assert (planned(place).digest, planned(place).source) == (first.digest, first.source)


@pytest.mark.parametrize("keep", [edit, freeze])
def test_nobody_is_asked_anew_for_a_storyboard_that_stays(
    place: Installation, written: Path, keep: Callable[[Installation], None]
) -> None:
    boarded(place, Scripting())
    keep(place)
    model = Scripting()
    with pytest.raises(StateError, match="stays as it is"):
        told_anew(place, model)
    assert model.asked == []


def test_scenes_that_the_rules_had_to_plan_are_in_the_state(place: Installation, written: Path) -> None:
    state = boarded(place, Scripting(refused(ErrorKind.MODERATED, "too dark")))
    assert state.source == "story model vendor/words-9"
    assert [(plan.scene, plan.by, plan.reason) for plan in state.by_rules] == [("1-1", "planner", "too dark")]
    assert planned(place).by_rules == state.by_rules
    assert lines(place) == ["这是阿萤的铃铛。", "姑娘，请回。"]


def test_when_the_model_fails_the_planners_storyboard_is_kept_and_marked(place: Installation, written: Path) -> None:
    state = boarded(place, Scripting(refused(ErrorKind.NO_MONEY, "the account is empty")))
    assert (state.source, state.state) == ("planner", "generated")
    assert [plan.scene for plan in state.by_rules] == ["1-1", "1-2"]
    assert all("the account is empty" in plan.reason for plan in state.by_rules)
    model = Scripting()
    assert not boarded(place, model).changed
    assert model.asked == []
    assert boarded(place, model, anew=True).source == "story model vendor/words-9"


def test_an_episode_with_neither_screenplay_nor_storyboard_is_refused(place: Installation, tmp_path: Path) -> None:
    import_file(place, storyboard_file(tmp_path, 3), project="p")
    with place.database.write() as session:
        session.execute(sa.delete(Storyboard))
    with pytest.raises(NotFoundError):
        boarded(place, Scripting())


def test_prose_goes_all_the_way_to_a_storyboard(place: Installation, tmp_path: Path) -> None:
    model = Scripting()
    report = brought(place, write_screenplay(tmp_path, PROSE), model)
    assert describe_looks(place, report.episodes, story(model)).by_rules == ()
    for key in report.episodes:
        with place.database.read() as session:
            episode_id = find_episode(session, key).id
        assert bring_told_storyboard_up_to_date(place, episode_id, story(model)).by_rules == ()
    assert lines(place) == ["这是阿萤的铃铛。", "河上的事，问不得。"]
    assert lines(place, "p-e002") == ["是你点的灯，要渡谁？", "十年前落水的林萤。"]
    assert all(words for _, words in looks(place).values())
