from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from support.spending import add_project

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Project, ProjectChange
from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.production.projects.retention import Retention, retention_of, set_retention

MOMENT = datetime(2026, 11, 28, tzinfo=UTC)


def test_what_a_project_does_not_say_is_kept_as_usual() -> None:
    assert Retention.of(None) == Retention.of({}) == Retention()
    found = Retention.of({"drafts": 7})
    assert (found.drafts, found.superseded_takes, found.exports) == (7, 30, None)


def test_a_document_comes_back_as_it_was() -> None:
    for one in (Retention(), Retention(1, None, 36_500, None, 2)):
        assert Retention.of(one.to_document()) == one
    assert Retention().to_document()["exports"] == "forever"


def test_what_is_older_than_its_days_may_go_and_what_is_kept_for_ever_never() -> None:
    assert Retention(drafts=7).cutoff("drafts", MOMENT) == MOMENT - timedelta(days=7)
    assert Retention().cutoff("exports", MOMENT) is None


@pytest.mark.parametrize("value", ["7", 7])
def test_days_are_taken_as_a_number_or_as_a_person_writes_them(value: object) -> None:
    assert Retention().changed({"drafts": value}).drafts == 7


@pytest.mark.parametrize("value", ["forever", "Forever", "for ever", "none", None])
def test_for_ever_is_taken_as_people_write_it(value: object) -> None:
    assert Retention().changed({"drafts": value}).drafts is None


@pytest.mark.parametrize("value", ["0", 0, -1, "-1", "1.5", 1.5, "", "a week", True, 36_501, "9" * 30, [7], "²"])
def test_days_that_are_none_are_refused_with_what_would_be_right(value: object) -> None:
    with pytest.raises(BadSettingError, match=r"drafts is .*; it takes days from 1 to 36500, or forever"):
        Retention().changed({"drafts": value})


def test_an_unknown_field_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadSettingError, match="no keeping of films; there is superseded_takes, drafts, exports"):
        Retention().changed({"films": 7})


def test_a_change_is_recorded_with_who_made_it_and_as_usual_is_stored_as_nothing(database: Database) -> None:
    add_project(database)
    for retention in (Retention(drafts=7), Retention(drafts=7), Retention()):
        with database.write() as session:
            set_retention(session, session.scalars(sa.select(Project)).one(), retention, who="the owner")
    with database.read() as session:
        project = session.scalars(sa.select(Project)).one()
        assert (project.retention, retention_of(project)) == (None, Retention())
        changes = session.scalars(sa.select(ProjectChange).order_by(ProjectChange.id)).all()
    assert [(one.who, one.field, one.before, one.after) for one in changes] == [
        ("the owner", "retention.drafts", {"value": 30}, {"value": 7}),
        ("the owner", "retention.drafts", {"value": 7}, {"value": 30}),
    ]
