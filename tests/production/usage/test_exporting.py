"""Usage as files."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from support.spending import add_generation, add_project, sums, use, use_in_one

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Episode, Project
from aianime_pipeline.errors import BadInputError
from aianime_pipeline.production.usage.exporting import (
    COLUMNS,
    csv_pieces,
    totals_frame,
    usage_frames,
    write_csv,
    write_parquet,
)
from aianime_pipeline.production.usage.queries import UsageFilters
from aianime_pipeline.providers.prices import Units

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def project(database: Database) -> Project:
    return add_project(database)


@pytest.fixture
def recorded(database: Database, project: Project) -> Database:
    """Two rows: the first with all that a row may have, the second with as little as possible."""
    with database.write() as session:
        episode = Episode(project_id=project.id, number=7, key="p-e007")
        session.add(episode)
        session.flush()
        generation = add_generation(session, project, episode_id=episode.id, requested_by='li, "小"')
        use(session, generation, 1_500_000, NOON, units=Units(video_ms=5_250, tokens_in=3))
    use_in_one(database, project, 0, NOON + DAY, requested_by="", price=None)
    return database


def test_the_rows_go_out_as_csv_and_come_back(recorded: Database, tmp_path: Path) -> None:
    with recorded.one_moment() as session:
        assert write_csv(usage_frames(session, UsageFilters()), tmp_path / "usage.csv") == 2
    found = pd.read_csv(tmp_path / "usage.csv", keep_default_na=False)
    assert tuple(found.columns) == COLUMNS
    first, second = found.to_dict("records")
    assert first["created_at"] == "2026-11-04T12:00:00.000000Z"
    assert (first["project"], first["episode"], first["user"]) == ("p", "p-e007", 'li, "小"')
    assert (first["video_seconds"], first["tokens_in"], first["cost_micros"]) == (5.25, 3, 1_500_000)
    assert first["price"] == '{"currency": "CNY", "from": "2026-01-01", "per_image": "1"}'
    assert (second["episode"], second["shot"], second["user"], second["attempts"]) == ("", "", "", 1)


def test_the_rows_go_out_as_parquet_with_their_types(recorded: Database, tmp_path: Path) -> None:
    with recorded.one_moment() as session:
        assert write_parquet(usage_frames(session, UsageFilters()), tmp_path / "usage.parquet") == 2
    found = pd.read_parquet(tmp_path / "usage.parquet")
    assert tuple(found.columns) == COLUMNS
    assert found["created_at"].tolist() == [pd.Timestamp(NOON), pd.Timestamp(NOON + DAY)]
    assert found["cost_micros"].tolist() == [1_500_000, 0]
    assert found["episode"].isna().tolist() == [False, True]
    assert found["shot"].isna().all()


def test_many_rows_go_out_in_parts_that_fit_together(
    recorded: Database, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aianime_pipeline.production.usage import exporting

    monkeypatch.setattr(exporting, "_ROWS_AT_ONCE", 1)
    with recorded.one_moment() as session:
        assert write_parquet(usage_frames(session, UsageFilters()), tmp_path / "usage.parquet") == 2
        assert write_csv(usage_frames(session, UsageFilters()), tmp_path / "usage.csv") == 2
    assert len(pd.read_parquet(tmp_path / "usage.parquet")) == 2
    lines = (tmp_path / "usage.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert not any("\ufeff" in line for line in lines)


def test_only_the_rows_that_were_asked_for_go_out(recorded: Database, tmp_path: Path) -> None:
    with recorded.one_moment() as session:
        frames = usage_frames(session, UsageFilters(project="p"), start=NOON, end=NOON + DAY)
        assert write_csv(frames, tmp_path / "usage.csv") == 1
        assert write_csv(usage_frames(session, UsageFilters(user="nobody")), tmp_path / "none.csv") == 0
        assert write_parquet(usage_frames(session, UsageFilters(user="nobody")), tmp_path / "none.parquet") == 0
    assert tuple(pd.read_csv(tmp_path / "none.csv").columns) == COLUMNS
    assert tuple(pd.read_parquet(tmp_path / "none.parquet").columns) == COLUMNS


def test_the_pieces_of_a_csv_are_all_the_rows_in_order_of_time_and_none_that_came_later(
    recorded: Database, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aianime_pipeline.production.usage import exporting

    monkeypatch.setattr(exporting, "_LINES_AT_ONCE", 2)
    for cost in (10, 11, 12):  # at one moment, which a page ends in
        use_in_one(recorded, project, cost, NOON + DAY)
    use_in_one(recorded, project, 13, NOON - DAY)
    pieces = csv_pieces(recorded, UsageFilters(project="p"))
    told = next(pieces) + next(pieces)
    use_in_one(recorded, project, 14, NOON + 2 * DAY)
    told += b"".join(pieces)
    rows = csv.DictReader(io.StringIO(told.decode("utf-8-sig")))
    assert [row["cost_micros"] for row in rows] == ["13", "1500000", "0", "10", "11", "12"]


def test_no_connection_is_held_between_two_pieces_of_a_csv(recorded: Database) -> None:
    pieces = csv_pieces(recorded, UsageFilters())
    for _ in range(2):
        next(pieces)
        assert recorded.engine.pool.checkedout() == 0


def test_sums_go_out_as_they_are_told(recorded: Database, tmp_path: Path) -> None:
    totals = sums(recorded, by=["user"], step="month")
    write_csv([totals_frame(totals)], tmp_path / "sums.csv")
    write_parquet([totals_frame(totals)], tmp_path / "sums.parquet")
    for found in (pd.read_csv(tmp_path / "sums.csv"), pd.read_parquet(tmp_path / "sums.parquet")):
        assert found["start"].tolist() == ["2026-11-01"] * 2
        assert found["cost_micros"].tolist() == [0, 1_500_000]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(recorded: Database, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with recorded.one_moment() as session:
        for file in (tmp_path / "no" / "usage.csv", tmp_path / "folder"):
            with pytest.raises(BadInputError, match="cannot be written"):
                write_csv(usage_frames(session, UsageFilters()), file)
            with pytest.raises(BadInputError, match="cannot be written"):
                write_parquet(usage_frames(session, UsageFilters()), file)
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("home", "empty")] == ["folder"]
