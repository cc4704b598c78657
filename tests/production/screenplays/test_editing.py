"""What people do with a screenplay after its import: edit, lock, unlock, bring the file again. On both databases."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.stories import TWO_EPISODES, write_screenplay

from aianime_pipeline.db.models import Asset, AssetVersion, Block, Event, Screenplay
from aianime_pipeline.errors import BadInputError, NotFoundError, ScreenplayLockedError, StaleVersionError, StateError
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.importing import checked_file_name, import_file, import_upload
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.screenplays.editing import (
    Seen,
    edit_screenplay,
    lock_screenplay,
    unlock_screenplay,
)
from aianime_pipeline.production.screenplays.keeping import find_screenplay, screenplay_versions
from aianime_pipeline.production.storyboards.keeping import bring_storyboard_up_to_date, set_frozen, storyboard_state
from aianime_pipeline.screenplay.editing import BlockEdit, BlockWords, ChangeBlock, InsertBlock, MoveBlock, RemoveBlock

KEY = "p-e001"
DRAFT = Seen(1, 1)
LAUGHS = ChangeBlock(1, 2, BlockWords("dialogue", "这不是铃铛。", "林夏", "笑"))


@pytest.fixture
def imported(place: Installation, tmp_path: Path) -> Installation:
    import_file(place, write_screenplay(tmp_path), project="p")
    return place


def edit(place: Installation, *edits: BlockEdit, seen: Seen = DRAFT, who: str = "lin") -> Screenplay:
    with place.database.write() as session:
        return edit_screenplay(session, find_episode(session, KEY), edits, seen=seen, who=who)


def lock(place: Installation, seen: Seen | None = None) -> Screenplay:
    with place.database.write() as session:
        return lock_screenplay(session, find_episode(session, KEY), seen=seen, who="wu")


def texts(place: Installation, version: int | None = None) -> list[list[str]]:
    with place.database.read() as session:
        row = find_screenplay(session, find_episode(session, KEY), version)
        return [[block.text for block in scene.blocks] for scene in row.scenes]


def test_the_first_edit_begins_a_version_and_the_next_ones_go_on_in_it(imported: Installation) -> None:
    first = edit(imported, LAUGHS)
    assert (first.version, first.revision, first.state, first.based_on, first.changed_by) == (2, 1, "editing", 1, "lin")
    second = edit(imported, InsertBlock(1, BlockWords("closeup", "铃铛。"), at=1), seen=Seen(2, 1), who="wu")
    assert (second.version, second.revision, second.changed_by) == (2, 2, "wu")
    assert texts(imported) == [["铃铛。", "晨雾压着河面，一只空船慢慢漂近。", "这不是铃铛。"]]
    assert texts(imported, 1) == [["晨雾压着河面，一只空船慢慢漂近。", "这是阿萤的铃铛。"]]
    with imported.database.read() as session:
        versions = session.scalars(screenplay_versions(find_episode(session, KEY).id)).all()
        assert [row.version for row in versions] == [2, 1]


def test_edits_follow_each_other_and_are_all_or_nothing(imported: Installation) -> None:
    edit(imported, MoveBlock(1, 2, at=1), RemoveBlock(1, 2), InsertBlock(1, BlockWords("os", "谁？")))
    assert texts(imported) == [["这是阿萤的铃铛。", "谁？"]]
    with pytest.raises(BadInputError, match="Edit 2: there is no block 2 in scene 1; there are 1") as error:
        edit(imported, RemoveBlock(1, 1), RemoveBlock(1, 2), seen=Seen(2, 1))
    assert error.value.details == {"edit": 2, "field": "block"}
    assert texts(imported) == [["这是阿萤的铃铛。", "谁？"]]


def test_whoever_saw_an_older_text_is_refused_and_told_who_changed_it(imported: Installation) -> None:
    edit(imported, LAUGHS)
    with pytest.raises(StaleVersionError, match=r"version 2, revision 1; you saw version 1.* lin changed it") as error:
        edit(imported, RemoveBlock(1, 1), who="wu")
    assert error.value.details["last_by"] == "lin"


def test_of_two_who_edit_at_once_one_is_refused(imported: Installation) -> None:
    refused: list[BaseException] = []
    begin = threading.Barrier(2)

    def change(text: str) -> None:
        begin.wait()
        try:
            edit(imported, ChangeBlock(1, 1, BlockWords("action", text)), who=text)
        except StaleVersionError as error:
            refused.append(error)

    threads = [threading.Thread(target=change, args=(text,)) for text in ("雾。", "船。")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    with imported.database.read() as session:
        assert len(session.scalars(screenplay_versions(find_episode(session, KEY).id)).all()) == 2


def test_an_edit_that_says_the_same_changes_nothing(imported: Installation) -> None:
    same = ChangeBlock(1, 2, BlockWords("dialogue", " 这是阿萤的铃铛。 ", "林夏", "低声"))
    assert (edit(imported, same).version, edit(imported).state) == (1, "draft")


def test_words_that_no_database_keeps_are_refused(imported: Installation) -> None:
    with pytest.raises(BadInputError, match="its character 2 is no text"):
        edit(imported, InsertBlock(1, BlockWords("action", "a\0b")))


def test_a_new_speaker_becomes_an_asset_and_nobody_else_gets_a_new_look(imported: Installation) -> None:
    with imported.database.read() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(AssetVersion))
    edit(imported, InsertBlock(1, BlockWords("dialogue", "上船吧。", "船工", "催促")))
    with imported.database.read() as session:
        assert "船工" in session.scalars(sa.select(Asset.name)).all()
        assert session.scalar(sa.select(sa.func.count()).select_from(AssetVersion)) == (before or 0) + 1


def test_an_edit_has_a_storyboard_planned_anew_and_leaves_a_frozen_one_out_of_date(imported: Installation) -> None:
    with imported.database.read() as session:
        episode_id = find_episode(session, KEY).id
    bring_storyboard_up_to_date(imported, episode_id)
    edit(imported, LAUGHS)
    with imported.database.read() as session:
        assert storyboard_state(session, find_episode(session, KEY), changed=False).out_of_date
    planned = bring_storyboard_up_to_date(imported, episode_id)
    assert (planned.changed, planned.out_of_date) == (True, False)
    with imported.database.write() as session:
        set_frozen(session, find_episode(session, KEY), True)
    edit(imported, RemoveBlock(1, 1), seen=Seen(2, 1))
    kept = bring_storyboard_up_to_date(imported, episode_id)
    assert (kept.changed, kept.out_of_date, kept.state) == (False, True, "frozen")


def test_an_edit_is_told_to_those_who_watch(imported: Installation) -> None:
    edit(imported, LAUGHS)
    lock(imported)
    with imported.database.read() as session:
        told = [one.document for one in session.scalars(sa.select(Event).where(Event.kind == "screenplay"))]
    assert [(one["change"], one["version"], one["state"], one["who"]) for one in told] == [
        ("edited", 2, "editing", "lin"),
        ("locked", 2, "locked", "wu"),
    ]


def test_a_locked_screenplay_refuses_edits_and_other_texts_until_it_is_unlocked(
    imported: Installation, tmp_path: Path
) -> None:
    lock(imported, DRAFT)
    with pytest.raises(ScreenplayLockedError, match="p-e001 is locked by wu"):
        edit(imported, LAUGHS, seen=Seen(1, 2))
    with pytest.raises(StateError, match="locked already, by wu"):
        lock(imported)
    other = write_screenplay(tmp_path, TWO_EPISODES.replace("铃铛", "灯").replace("请回", "走吧"))
    with pytest.raises(ScreenplayLockedError) as error:
        import_file(imported, other, project="p")
    assert error.value.details == {"episode": KEY, "version": 1, "locked_by": "wu"}
    with imported.database.read() as session:
        # The season came whole or not at all.
        assert [row.version for row in session.scalars(sa.select(Screenplay))] == [1, 1]
    # The same text asks for no change.
    assert import_file(imported, write_screenplay(tmp_path), project="p").unchanged == [KEY, "p-e002"]
    with imported.database.write() as session:
        unlocked = unlock_screenplay(session, find_episode(session, KEY), seen=Seen(1, 2), who="wu")
    assert (unlocked.state, unlocked.revision) == ("draft", 3)
    assert edit(imported, LAUGHS, seen=Seen(1, 3)).version == 2


def test_bringing_the_file_again_that_was_edited_keeps_the_edit_and_says_so(
    imported: Installation, tmp_path: Path
) -> None:
    edit(imported, LAUGHS)
    report = import_file(imported, write_screenplay(tmp_path, TWO_EPISODES.replace("请回", "走吧")), project="p")
    assert report.unchanged == [KEY]
    assert [warning.message for warning in report.warnings] == [
        "p-e001: lin edited its text since (version 2); that stays."
    ]
    assert texts(imported)[0][1] == "这不是铃铛。"
    report = import_file(imported, write_screenplay(tmp_path, TWO_EPISODES.replace("铃铛", "灯")), project="p")
    assert "p-e001: lin edited its text since (version 2); this text takes its place." in [
        warning.message for warning in report.warnings
    ]
    assert texts(imported)[0][1] == "这是阿萤的灯。"


def test_an_episode_without_a_screenplay_has_nothing_to_edit_or_lock(place: Installation, tmp_path: Path) -> None:
    import_upload(place, "镜号,时长,画面描述\n1,2,雾。\n".encode(), "board.csv", project="p", episode=1)
    with pytest.raises(NotFoundError, match="has no screenplay"):
        edit(place, LAUGHS)
    with pytest.raises(NotFoundError, match="has no screenplay"):
        lock(place)


def blocks_in(place: Installation) -> Sequence[str]:
    with place.database.read() as session:
        return session.scalars(sa.select(Block.text).order_by(Block.id)).all()


def test_an_upload_is_imported_under_the_last_part_of_its_name(place: Installation) -> None:
    report = import_upload(place, TWO_EPISODES.encode(), "C:\\texts\\../season.txt", project="p", kind="screenplay")
    assert report.episodes == [KEY, "p-e002"]
    with place.database.read() as session:
        assert set(session.scalars(sa.select(Screenplay.source_name))) == {"season.txt"}


@pytest.mark.parametrize("name", ["", "..", "/", "a\nb.txt", "x" * 201])
def test_what_is_no_name_of_a_file_is_refused(name: str) -> None:
    with pytest.raises(BadInputError, match="is no name of a file"):
        checked_file_name(name)


def test_an_upload_of_the_other_kind_or_of_too_many_bytes_is_refused(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInputError, match=r"season\.txt is no storyboard, and one is wanted here"):
        import_upload(place, TWO_EPISODES.encode(), "season.txt", project="p", kind="storyboard")
    monkeypatch.setattr("aianime_pipeline.production.importing.LARGEST_FILE_BYTES", 10)
    with pytest.raises(BadInputError, match=r"season\.txt has more than 10 bytes"):
        import_upload(place, TWO_EPISODES.encode(), "season.txt", project="p")
    assert blocks_in(place) == []


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02\x03" * 100, "只是散文，没有场景。".encode(), b"PK\x03\x04broken"])
def test_what_an_unreadable_upload_is_told_names_no_path_of_the_server(place: Installation, data: bytes) -> None:
    with pytest.raises(BadInputError) as error:
        import_upload(place, data, "story.docx", project="p")
    told = f"{error.value.message} {error.value.details}"
    assert "story.docx" in told
    assert str(place.settings.home) not in told
