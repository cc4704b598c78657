import os
import re
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.processes import Script
from support.seasons import plan_season
from support.stories import TWO_EPISODES, shot, storyboard_file, write_screenplay

from aianime_pipeline.db.models import (
    Asset,
    Base,
    Block,
    Episode,
    MediaObject,
    Project,
    Scene,
    Screenplay,
    Shot,
    ShotStage,
    Storyboard,
    Take,
)
from aianime_pipeline.errors import (
    BadInputError,
    BadSettingError,
    BadSlugError,
    DuplicateEpisodeError,
    InputTooLargeError,
    NotFoundError,
    PipelineError,
    StoryboardFrozenError,
    UnknownFormatError,
)
from aianime_pipeline.production import importing
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.importing import import_file
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.projects.keeping import checked_slug
from aianime_pipeline.production.screenplays.keeping import current_screenplay, read_episode
from aianime_pipeline.production.storyboards.keeping import load_storyboard, set_frozen
from aianime_pipeline.screenplay.parsing import parse_screenplay

SAMPLE = Path(__file__).parents[2] / "examples" / "moonlit-ferry.txt"


def count(place: Installation, table: type[Base]) -> int:
    with place.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def is_empty(place: Installation) -> bool:
    return not any(count(place, mapper.class_) for mapper in Base.registry.mappers)


def versions(place: Installation) -> dict[str, list[int]]:
    with place.database.read() as session:
        rows = session.execute(
            sa.select(Episode.key, Screenplay.version)
            .join(Screenplay, Screenplay.episode_id == Episode.id)
            .order_by(Episode.key, Screenplay.version)
        )
        found: dict[str, list[int]] = {}
        for key, version in rows:
            found.setdefault(key, []).append(version)
        return found


def test_the_sample_season_is_kept_scene_by_scene_and_block_by_block(place: Installation) -> None:
    report = import_file(place, SAMPLE, project="moonlit")
    written = parse_screenplay(SAMPLE.read_bytes(), filename=SAMPLE.name)
    assert report.episodes == [f"moonlit-e{episode.number:03d}" for episode in written.episodes]
    assert (count(place, Scene), count(place, Block)) == (report.scenes, sum(report.blocks.values()))
    with place.database.read() as session:
        assert session.scalars(sa.select(Project.title)).one() == "月下渡"
        for episode in written.episodes:
            row = find_episode(session, f"moonlit-e{episode.number:03d}")
            screenplay = current_screenplay(session, row.id)
            assert screenplay is not None
            assert read_episode(screenplay, row).scenes == episode.scenes


def test_a_made_up_season_of_twenty_episodes_is_counted_as_it_was_typed(place: Installation, tmp_path: Path) -> None:
    plan = plan_season(20, seed=3)
    report = import_file(place, write_screenplay(tmp_path, plan.text), project="s")
    assert (len(report.episodes), report.scenes, report.blocks) == (20, plan.scenes, plan.counts)
    assert len(report.warnings) == plan.slips
    assert count(place, Block) == sum(plan.counts.values())


def test_the_file_is_kept_as_it_came(place: Installation) -> None:
    import_file(place, SAMPLE, project="moonlit")
    with place.database.read() as session:
        digest = session.scalars(sa.select(Screenplay.source_digest).distinct()).one()
        assert session.get_one(MediaObject, digest).size == SAMPLE.stat().st_size
    with place.store.open(digest) as stored:
        assert stored.read() == SAMPLE.read_bytes()


def test_importing_an_unchanged_file_again_makes_no_new_version(place: Installation, tmp_path: Path) -> None:
    path = write_screenplay(tmp_path)
    import_file(place, path, project="p")
    before = {mapper.class_.__tablename__: count(place, mapper.class_) for mapper in Base.registry.mappers}
    report = import_file(place, path, project="p")
    assert report.unchanged == report.episodes == ["p-e001", "p-e002"]
    assert {mapper.class_.__tablename__: count(place, mapper.class_) for mapper in Base.registry.mappers} == before


def test_only_the_episode_whose_text_changed_gets_a_second_version(place: Installation, tmp_path: Path) -> None:
    import_file(place, write_screenplay(tmp_path), project="p")
    report = import_file(place, write_screenplay(tmp_path, TWO_EPISODES.replace("请回", "走吧")), project="p")
    assert report.unchanged == ["p-e001"]
    assert versions(place) == {"p-e001": [1], "p-e002": [1, 2]}
    with place.database.read() as session:
        newest = current_screenplay(session, find_episode(session, "p-e002").id)
        assert newest is not None
        assert [block.text for block in newest.scenes[0].blocks][-1] == "姑娘，走吧。"


def test_a_text_that_merely_moved_in_the_file_is_unchanged(place: Installation, tmp_path: Path) -> None:
    import_file(place, write_screenplay(tmp_path), project="p")
    report = import_file(place, write_screenplay(tmp_path, "\n\n\n" + TWO_EPISODES), project="p")
    assert report.unchanged == ["p-e001", "p-e002"]


def test_a_text_that_goes_back_to_what_it_was_is_a_third_version(place: Installation, tmp_path: Path) -> None:
    for words in ("请回", "走吧", "请回"):
        import_file(place, write_screenplay(tmp_path, TWO_EPISODES.replace("请回", words)), project="p")
    assert versions(place)["p-e002"] == [1, 2, 3]


def test_an_episode_that_the_next_file_does_not_have_stays(place: Installation, tmp_path: Path) -> None:
    import_file(place, write_screenplay(tmp_path), project="p")
    only_second = TWO_EPISODES[TWO_EPISODES.index("第2集") :]
    report = import_file(place, write_screenplay(tmp_path, only_second), project="p")
    assert report.episodes == ["p-e002"]
    assert sorted(versions(place)) == ["p-e001", "p-e002"]


def test_the_same_file_in_two_projects_is_two_series(place: Installation, tmp_path: Path) -> None:
    for project in ("one", "two"):
        import_file(place, write_screenplay(tmp_path), project=project)
    assert sorted(versions(place)) == ["one-e001", "one-e002", "two-e001", "two-e002"]


def test_whom_and_what_the_screenplay_names_become_assets_with_looks_and_voices(
    place: Installation, tmp_path: Path
) -> None:
    import_file(place, write_screenplay(tmp_path), project="p")
    with place.database.read() as session:
        assets = session.scalars(sa.select(Asset).order_by(Asset.kind, Asset.id)).all()
        found = [(asset.kind, asset.name, bool(asset.current.sheet), bool(asset.current.voice)) for asset in assets]
    assert found == [
        ("character", "林夏", True, True),
        ("character", "周掌柜", True, True),
        ("location", "青石渡口", True, False),
        ("location", "茶铺", True, False),
    ]


def test_a_new_description_of_a_character_is_a_new_version_of_it(place: Installation, tmp_path: Path) -> None:
    for look in ("长发半束", "长发半束", "短发"):
        text = f"人物小传\n林夏：女，22岁，{look}。\n\n{TWO_EPISODES}"
        import_file(place, write_screenplay(tmp_path, text), project="p")
    with place.database.read() as session:
        asset = session.scalars(sa.select(Asset).where(Asset.name == "林夏")).one()
        assert [version.version for version in asset.versions] == [1, 2]
        assert "短发" in asset.current.description


# Storyboards


def numbers(place: Installation) -> dict[int, bool]:
    """Shots by number, and whether they are retired."""
    with place.database.read() as session:
        found = session.execute(sa.select(Shot.number, Shot.retired).order_by(Shot.number))
        return {number: retired for number, retired in found}  # noqa: C416 - rows are no pairs to the type checker


def give_takes(place: Installation) -> None:
    """Every shot gets an image stage with a take."""
    with place.database.write() as session:
        for row in session.scalars(sa.select(Shot)).all():
            stage = ShotStage(shot_id=row.id, stage="image", state="approved")
            session.add(stage)
            session.flush()
            take = Take(
                stage_id=stage.id,
                number=1,
                state="ready",
                inputs={"of": row.number},
                inputs_digest="",
                seed=1,
                facts={},
                run_id="r",
                root_run_id="r",
            )
            session.add(take)
            session.flush()
            stage.selected_take_id = take.id


def takes(place: Installation) -> dict[int, object]:
    """What the selected image of each living shot was made of."""
    with place.database.read() as session:
        rows = session.execute(
            sa.select(Shot.number, Take.inputs)
            .join(ShotStage, ShotStage.shot_id == Shot.id)
            .join(Take, Take.id == ShotStage.selected_take_id)
            .where(Shot.retired.is_(False))
        )
        return {number: inputs["of"] for number, inputs in rows}


def test_a_storyboard_file_becomes_the_episodes_shots(place: Installation, tmp_path: Path) -> None:
    report = import_file(place, storyboard_file(tmp_path, 3, episode=7), project="p")
    assert (report.episodes, report.shots, report.scenes) == (["p-e007"], 3, 0)
    with place.database.read() as session:
        board = load_storyboard(session, find_episode(session, "p-e007"))
        row = session.scalars(sa.select(Storyboard)).one()
        assert [one.description for one in board.shots] == ["picture 1.", "picture 2.", "picture 3."]
        assert (row.state, row.source, row.version) == ("editing", "board.json", 1)


def test_a_new_storyboard_keeps_the_takes_of_shots_by_number_and_retires_what_it_lacks(
    place: Installation, tmp_path: Path
) -> None:
    import_file(place, storyboard_file(tmp_path, 4), project="p")
    give_takes(place)
    import_file(place, storyboard_file(tmp_path, [shot(4), shot(2), shot(9)]), project="p")
    assert numbers(place) == {1: True, 2: False, 3: True, 4: False, 9: False}
    assert takes(place) == {2: 2, 4: 4}
    with place.database.read() as session:
        board = load_storyboard(session, find_episode(session, "p-e001"))
        assert [one.number for one in board.shots] == [4, 2, 9]


def test_a_shot_that_comes_back_has_its_takes_again(place: Installation, tmp_path: Path) -> None:
    import_file(place, storyboard_file(tmp_path, 2), project="p")
    give_takes(place)
    import_file(place, storyboard_file(tmp_path, 1), project="p")
    assert takes(place) == {1: 1}
    import_file(place, storyboard_file(tmp_path, 2), project="p")
    assert takes(place) == {1: 1, 2: 2}


def test_a_frozen_storyboard_refuses_an_import_until_it_is_opened(place: Installation, tmp_path: Path) -> None:
    import_file(place, storyboard_file(tmp_path, 2), project="p")
    with place.database.write() as session:
        set_frozen(session, find_episode(session, "p-e001"), True)
    with pytest.raises(StoryboardFrozenError, match="aianime storyboard unfreeze p-e001"):
        import_file(place, storyboard_file(tmp_path, 5), project="p", title="another")
    assert len(numbers(place)) == 2
    with place.database.write() as session:
        assert session.scalars(sa.select(Project.title)).one() == "月下渡"
        set_frozen(session, find_episode(session, "p-e001"), False)
    import_file(place, storyboard_file(tmp_path, 5), project="p")
    assert len(numbers(place)) == 5


def test_an_imported_storyboard_is_left_alone_by_a_screenplay_that_follows(place: Installation, tmp_path: Path) -> None:
    import_file(place, storyboard_file(tmp_path, 3), project="p")
    import_file(place, write_screenplay(tmp_path), project="p")
    assert numbers(place) == {1: False, 2: False, 3: False}


# All or nothing


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"", "a.txt", "ERR_FILE_EMPTY"),
        (b"\x89PNG\r\n\x1a\n\x00", "a.txt", "ERR_FILE_BINARY"),
        ("一篇没有场景的散文。".encode(), "a.txt", "ERR_SCREENPLAY_NO_SCENE"),
        ("第0集\n1-1 日 内 屋\n人物：甲\n△走\n甲：好".encode(), "a.txt", "ERR_BAD_INPUT"),
        (b'{"\xe9\x95\x9c\xe5\xa4\xb4\xe5\x88\x97\xe8\xa1\xa8": 4', "a.json", "ERR_STORYBOARD_FORMAT"),
        (b"{}", "a.json", "ERR_STORYBOARD_FORMAT"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_no_row(
    place: Installation, tmp_path: Path, data: bytes, name: str, error: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(BadInputError) as refused:
        import_file(place, path, project="p")
    assert refused.value.code == error
    assert is_empty(place)


def test_an_episode_number_beyond_what_a_key_holds_leaves_no_row(place: Installation, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="Episode 10000 cannot be: episodes have the numbers 1 to 9999"):
        import_file(place, storyboard_file(tmp_path, 2, episode=10_000), project="p")
    assert is_empty(place)


def test_two_episodes_with_one_number_are_refused_with_both_lines_and_leave_no_row(
    place: Installation, tmp_path: Path
) -> None:
    with pytest.raises(DuplicateEpisodeError) as refused:
        import_file(place, write_screenplay(tmp_path, TWO_EPISODES + TWO_EPISODES), project="p")
    assert re.search(r"\b1\b", refused.value.message)
    assert is_empty(place)


def test_an_error_after_half_of_the_episodes_leaves_no_row(
    place: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = importing.save_screenplay
    saved = []

    def save(*arguments: object, **options: object) -> bool:
        if saved:
            raise ZeroDivisionError
        saved.append(1)
        return really(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "save_screenplay", save)
    with pytest.raises(ZeroDivisionError):
        import_file(place, write_screenplay(tmp_path), project="p")
    assert is_empty(place)


def test_an_unknown_format_is_refused_with_the_known_ones(place: Installation, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError, match=r"chinese, fountain, text, .*csv"):
        import_file(place, write_screenplay(tmp_path), project="p", format="word")


# Files


def test_a_file_that_is_not_there_is_named(place: Installation, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"There is no file .*gone\.txt"):
        import_file(place, tmp_path / "gone.txt", project="p")


def test_a_directory_is_no_file(place: Installation, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read: Is a directory"):
        import_file(place, tmp_path, project="p")


def test_what_is_larger_than_any_screenplay_is_refused(place: Installation, tmp_path: Path) -> None:
    path = tmp_path / "film.txt"
    with path.open("wb") as file:
        file.truncate(importing.LARGEST_FILE_BYTES + 1)
    with pytest.raises(BadInputError, match="more than 50,000,000 bytes"):
        import_file(place, path, project="p")


EPISODE = "第{}集\n1-1 夜 外 渡口\n"


def refused(place: Installation, tmp_path: Path, name: str, text: str) -> dict[str, object]:
    """What the refusal says, of a file that nothing was kept of."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputTooLargeError) as error:
        import_file(place, file, project="p")
    found = error.value.details
    assert error.value.message.startswith(f"{found['where']} has more than {found['most']:,} {found['what']}")
    assert is_empty(place)
    return found


@pytest.mark.parametrize(
    ("text", "where", "what", "most"),
    [
        (EPISODE.format(1) + "△雾。\n" * 100_000, "big.txt", "lines", 100_000),
        ("".join(map(EPISODE.format, range(1, 1_002))), "big.txt", "episodes", 1_000),
        ("1-1 夜 外 渡口\n△雾。\n" * 1_001, "big.txt", "scenes", 1_000),
        (EPISODE.format(1) + "△雾。\n" * 10_001, "big.txt", "blocks", 10_000),
        (EPISODE.format(1) + EPISODE.format(2) + "△雾。\n" * 10_001, "big.txt, episode 2", "blocks", 10_000),
        (EPISODE.format(1) + "".join(f"船工{number}号：走。\n" for number in range(501)), "big.txt", "characters", 500),
        (
            "".join(f"1-{number} 夜 外 第{number}渡口\n林夏：走。\n" for number in range(1, 501)),
            "big.txt, episode 1", "characters, locations and props", 500,
        ),
    ],
)  # fmt: skip
def test_a_screenplay_with_more_than_any_has_is_refused_with_what_and_where(
    place: Installation, tmp_path: Path, text: str, where: str, what: str, most: int
) -> None:
    assert refused(place, tmp_path, "big.txt", text) == {"where": where, "what": what, "most": most}


def test_a_storyboard_with_more_than_any_has_is_refused_with_what_and_where(
    place: Installation, tmp_path: Path
) -> None:
    many = [shot(number) for number in range(1, 2_002)]
    found = refused(place, tmp_path, "big.json", storyboard_file(tmp_path, many).read_text("utf-8"))
    assert found == {"where": "big.json", "what": "shots", "most": 2_000}
    rows = "".join(f"{number},3,Rain.\n" for number in range(1, 2_002))
    found = refused(place, tmp_path, "big.csv", "number,seconds,description\n" + rows)
    assert found == {"where": "big.csv", "what": "shots", "most": 2_000}
    rows = "".join(f"{number},3,Rain.,Pier {number}\n" for number in range(1, 502))
    found = refused(place, tmp_path, "places.csv", "number,seconds,description,place\n" + rows)
    assert found == {"where": "places.csv", "what": "characters, locations and props", "most": 500}


def test_a_device_without_an_end_is_refused_too(place: Installation) -> None:
    with pytest.raises(BadInputError, match="more than 50,000,000 bytes"):
        import_file(place, Path("/dev/zero"), project="p")


def test_a_pipe_is_read_to_its_end(place: Installation, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(TWO_EPISODES, "utf-8"))
    writer.start()
    assert import_file(place, pipe, project="p").episodes == ["p-e001", "p-e002"]
    writer.join()


READ_AS_NOBODY = """
import os, sys
from pathlib import Path
from aianime_pipeline.errors import PipelineError
from aianime_pipeline.production.importing import _read
path = Path(sys.argv[1])
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
try:
    _read(path)
except PipelineError as error:
    print(error.code, error.message)
"""


def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    path = write_screenplay(tmp_path)
    path.chmod(0)
    assert "ERR_BAD_INPUT" in (told := Script(READ_AS_NOBODY, path).end())
    assert "cannot be read: Permission denied" in told


# Names


@pytest.mark.parametrize(
    ("slug", "suggestion"),
    [
        ("Moonlit", "moonlit"),
        ("moon lit", "moon-lit"),
        ("moon_lit", "moon-lit"),
        ("moon--lit", "moon-lit"),
        ("-moonlit", "moonlit"),
        ("moonlit-", "moonlit"),
        ("../moonlit", "moonlit"),
        ("moon/lit", "moon-lit"),
        ("Café Noir", "cafe-noir"),
        ("ＭＯＯＮ", "moon"),
        ("x" * 60, "x" * 48),
        ("moonlit\n", "moonlit"),
        ("moonlit\x00", "moonlit"),
        ("月下渡 2", "2"),
    ],
)
def test_a_short_name_that_does_not_fit_is_refused_with_one_that_does(slug: str, suggestion: str) -> None:
    with pytest.raises(BadSlugError, match=f"such as '{suggestion}'\\.$"):
        checked_slug(slug)
    assert checked_slug(suggestion) == suggestion


@pytest.mark.parametrize("slug", ["", "-", "月下渡", "🌙", "\udcff", "   "])
def test_where_no_suggestion_can_be_made_the_rule_is_said(slug: str) -> None:
    with pytest.raises(BadSlugError, match=r"1 to 48 small letters a-z, digits and single hyphens between them\.$"):
        checked_slug(slug)


@pytest.mark.parametrize("slug", ["a", "7", "moonlit", "moonlit-2", "x" * 48, "e001", "a-e001"])
def test_a_short_name_that_fits_is_taken(slug: str) -> None:
    assert checked_slug(slug) == slug


def test_a_bad_short_name_is_refused_before_the_file_is_read(place: Installation, tmp_path: Path) -> None:
    with pytest.raises(BadSlugError):
        import_file(place, tmp_path / "gone.txt", project="No Good")
    assert is_empty(place)


NAMES = [
    'O\'Brien "the" `Great`; DROP TABLE shots;--',
    "a/b\\c",
    "../../etc/passwd",
    "🏮👩🏽‍🚀",
    "长" * 200,
    "%s {0} $HOME",
    "شهرزاد",
    "[red]bold[/]",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_survives_to_the_rows_as_it_is(place: Installation, tmp_path: Path, name: str) -> None:
    entry = shot(1, 角色=name, 台词=f"{name}!", 画面描述=f"{name}.", 场景=name)
    import_file(place, storyboard_file(tmp_path, [entry], 集标题=name), project="p", title=name)
    with place.database.read() as session:
        episode = find_episode(session, "p-e001")
        board = load_storyboard(session, episode)
        assert (episode.title, episode.project.title, board.title) == (name, name, name)
        assert (board.shots[0].description, board.shots[0].dialogue) == (f"{name}.", f"{name}!")
        assert board.shots[0].extra["角色"] == name
        speakers = {asset.name for asset in session.scalars(sa.select(Asset).where(Asset.kind == "character"))}
        assert speakers == set(board.shots[0].speakers)


@pytest.mark.parametrize("broken", ["a\x00b", "a\ud800b"])
def test_a_nul_and_half_an_emoji_in_a_storyboard_are_replaced_with_a_warning(
    place: Installation, tmp_path: Path, broken: str
) -> None:
    """PostgreSQL keeps no NUL in a text, and no database half a character."""
    path = tmp_path / "board.json"
    whole = storyboard_file(tmp_path, [shot(1, 画面描述="BROKEN")], 集标题="BROKEN").read_text("utf-8")
    path.write_text(whole.replace("BROKEN", broken.encode("unicode_escape").decode().replace("\\x00", "\\u0000")))
    report = import_file(place, path, project="p")
    assert ["replaced" in warning.message for warning in report.warnings] == [True]
    with place.database.read() as session:
        board = load_storyboard(session, find_episode(session, "p-e001"))
        assert (board.shots[0].description, board.title) == ("a�b", "a�b")


def test_a_file_whose_name_is_no_text_is_imported_under_a_readable_one(place: Installation, tmp_path: Path) -> None:
    """As an archive from an old Chinese Windows gives them."""
    path = write_screenplay(tmp_path, name=os.fsdecode("月下渡".encode("gb18030") + b".txt"))
    import_file(place, path, project="p")
    shown = "月下渡".encode("gb18030").decode("utf-8", "replace") + ".txt"
    with place.database.read() as session:
        assert set(session.scalars(sa.select(Screenplay.source_name))) == {shown}


@pytest.mark.parametrize("title", ["a\x00b", "\udcff"])
def test_a_title_that_is_no_text_is_refused_and_leaves_no_row(place: Installation, tmp_path: Path, title: str) -> None:
    with pytest.raises(BadSettingError, match=r"The title is .* is no text"):
        import_file(place, write_screenplay(tmp_path), project="p", title=title)
    assert is_empty(place)


def test_a_projects_title_comes_from_the_option_then_from_the_file_and_is_not_lost(
    place: Installation, tmp_path: Path
) -> None:
    def title() -> str:
        with place.database.read() as session:
            return session.scalars(sa.select(Project.title)).one()

    import_file(place, write_screenplay(tmp_path), project="p")
    assert title() == "p"
    import_file(place, write_screenplay(tmp_path, "《月下渡》\n\n" + TWO_EPISODES), project="p")
    assert title() == "月下渡"
    import_file(place, write_screenplay(tmp_path), project="p", title="Moonlit")
    assert title() == "Moonlit"
    import_file(place, write_screenplay(tmp_path, "《月下渡》\n\n" + TWO_EPISODES), project="p")
    assert title() == "Moonlit"


IMPORT = """
import sys
from pathlib import Path
from aianime_pipeline.db.engine import Database
from aianime_pipeline.production.importing import import_file
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.settings import Settings
from aianime_pipeline.storage.folder import FolderStore
url, home, file = sys.argv[1:]
settings = Settings(home=Path(home), database_url=url)
place = Installation(settings, Database(url), FolderStore(settings.objects))
print("ready", flush=True)
sys.stdin.readline()
print(",".join(import_file(place, Path(file), project="p").episodes))
"""


def test_several_imports_of_a_new_project_at_once_all_succeed(
    place: Installation, migrated_url: str, tmp_path: Path
) -> None:
    path = write_screenplay(tmp_path)
    started = [Script(IMPORT, migrated_url, place.settings.home, path) for _ in range(3)]
    for one in started:
        one.says("ready")
    for one in started:
        one.tell("go")
    assert [one.end().strip() for one in started] == ["p-e001,p-e002"] * 3
    assert versions(place) == {"p-e001": [1], "p-e002": [1]}


def test_every_error_of_an_import_ends_with_a_known_exit_code() -> None:
    assert issubclass(BadInputError, PipelineError)
    assert (BadInputError.exit_code, StoryboardFrozenError.exit_code) == (2, 1)


TABLE = "number,seconds,description\n1,3,A lamp on a pier.\n2,2.5,Rain.\n"


def table(tmp_path: Path) -> Path:
    file = tmp_path / "shots.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def test_the_first_table_of_a_project_is_its_first_episode(place: Installation, tmp_path: Path) -> None:
    assert import_file(place, table(tmp_path), project="p").episodes == ["p-e001"]


def test_a_table_never_guesses_which_episode_it_replaces(place: Installation, tmp_path: Path) -> None:
    import_file(place, table(tmp_path), project="p")
    with pytest.raises(BadSettingError, match="--episode N"):
        import_file(place, table(tmp_path), project="p")
    assert import_file(place, table(tmp_path), project="p", episode=4).episodes == ["p-e004"]


def test_the_number_of_an_episode_can_be_said_for_a_file_of_one_and_not_for_a_season(
    place: Installation, tmp_path: Path
) -> None:
    season = tmp_path / "season.txt"
    season.write_text(TWO_EPISODES, encoding="utf-8")
    with pytest.raises(BadSettingError, match="this file has 2"):
        import_file(place, season, project="p", episode=3)
    single = tmp_path / "single.txt"
    single.write_text("1-1夜，外，渡口\n△雾。\n", encoding="utf-8")
    assert import_file(place, single, project="p", episode=7).episodes == ["p-e007"]


def test_a_screenplay_that_will_not_be_planned_says_so(place: Installation, tmp_path: Path) -> None:
    import_file(place, table(tmp_path), project="p")
    file = tmp_path / "one.txt"
    file.write_text("1-1夜，外，渡口\n△雾。\n", encoding="utf-8")
    report = import_file(place, file, project="p")
    assert any("came from shots.csv and stays" in notice.message for notice in report.warnings)
