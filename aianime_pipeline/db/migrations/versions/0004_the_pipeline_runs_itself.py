"""reviews, tasks, schedules, events, and notices on their way"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_EMPTY = sa.text("''")
_ZERO = sa.text("0")
_NONE = sa.text("'none'")
_UNFINISHED = "state IN ('waiting', 'launching', 'running')"
_OF_PROJECTS = (
    ("review_storyboard", sa.String(length=16), _NONE),
    ("review_rubric", sa.String(), _EMPTY),
    ("review_threshold", sa.Integer(), sa.text("60")),
    ("retake_cap", sa.Integer(), sa.text("3")),
    ("auto_make", sa.Boolean(), sa.false()),
    ("auto_export", sa.Boolean(), sa.false()),
    ("auto_package", sa.Boolean(), sa.false()),
)
_OF_STORYBOARDS = (
    ("review_state", sa.String(length=16), sa.text("'approved'")),
    ("review_reason", sa.String(), _EMPTY),
    ("retakes", sa.Integer(), _ZERO),
)
_NAME_OBJECTS = (
    ("screenplays", "source_digest"),
    ("asset_versions", "reference_digest"),
    ("takes", "object_digest"),
    ("generations", "result_digest"),
    ("composite_tasks", "film_digest"),
    ("composite_tasks", "subtitles_digest"),
    ("composite_tasks", "music_digest"),
    ("exports", "film_digest"),
)
"""Looked through by the clean-up, and by the database whenever an object's row goes."""
_OF_REVIEWS = (
    ("kind", sa.String(length=8), sa.text("'person'")),
    ("state_before", sa.String(length=16), _EMPTY),
    ("state_after", sa.String(length=16), _EMPTY),
)


def upgrade() -> None:
    for table, columns in (("projects", _OF_PROJECTS), ("storyboards", _OF_STORYBOARDS)):
        for name, kind, default in columns:
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column("projects", sa.Column("retention", JSON, nullable=True))
    for name in ("changed_since", "changed_at", "judged_at"):
        op.add_column("episodes", sa.Column(name, sa.DateTime(), nullable=True))
    changed = sa.text("changed_since IS NOT NULL")
    op.create_index(
        "ix_episodes_changed_since", "episodes", ["changed_since"], sqlite_where=changed, postgresql_where=changed
    )
    op.create_index(op.f("ix_episodes_judged_at"), "episodes", ["judged_at"])
    op.add_column("shots", sa.Column("skipped_by", sa.String(length=128), nullable=True))
    op.add_column("shot_stages", sa.Column("retakes", sa.Integer(), nullable=False, server_default=_ZERO))
    op.add_column("shot_stages", sa.Column("failures", JSON, nullable=True))
    op.add_column("composite_tasks", sa.Column("made_of", sa.String(length=64), nullable=True))
    with op.batch_alter_table("package_tasks") as table:
        table.add_column(sa.Column("film_digest", sa.String(length=64), nullable=True))
        table.create_foreign_key(table.f("fk_package_tasks_film_digest"), "objects", ["film_digest"], ["digest"])
        table.create_index(table.f("ix_package_tasks_film_digest"), ["film_digest"])
    _reviews()
    _tasks()
    _notifications()
    op.create_index(op.f("ix_generations_shot_id"), "generations", ["shot_id"])
    for table, column in _NAME_OBJECTS:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _reviews() -> None:
    with op.batch_alter_table("review_records") as table:
        table.alter_column("take_id", existing_type=ID, nullable=True)
        for name in ("stage_id", "storyboard_id"):
            table.add_column(sa.Column(name, ID, nullable=True))
        table.add_column(sa.Column("storyboard_version", sa.Integer(), nullable=True))
        table.add_column(sa.Column("score", sa.Integer(), nullable=True))
        table.add_column(sa.Column("feedback", JSON, nullable=True))
        for name, kind, default in _OF_REVIEWS:
            table.add_column(sa.Column(name, kind, nullable=False, server_default=default))
        table.create_foreign_key(table.f("fk_review_records_stage_id"), "shot_stages", ["stage_id"], ["id"])
        table.create_foreign_key(table.f("fk_review_records_storyboard_id"), "storyboards", ["storyboard_id"], ["id"])
        table.create_index(table.f("ix_review_records_stage_id"), ["stage_id"])
        table.create_index(table.f("ix_review_records_storyboard_id"), ["storyboard_id"])
    op.execute("UPDATE review_records SET kind = 'auto' WHERE reviewer = 'auto'")
    op.execute(
        "UPDATE review_records SET stage_id = (SELECT stage_id FROM takes WHERE takes.id = review_records.take_id)"
    )


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("project_id", ID, nullable=True),
        sa.Column("episode_id", ID, nullable=True),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=128), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("leased_by", sa.String(length=64), nullable=True),
        sa.Column("leased_until", sa.DateTime(), nullable=True),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("cancel_requested", sa.String(length=128), nullable=True),
        sa.Column("result", JSON, nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        *_identified(),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_tasks_project_id")),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_tasks_episode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("key", name=op.f("uq_tasks_key")),
    )
    for column in ("project_id", "episode_id", "run_id"):
        op.create_index(op.f(f"ix_tasks_{column}"), "tasks", [column])
    unfinished = sa.text(_UNFINISHED)
    op.create_index(
        "ix_tasks_unfinished", "tasks", ["priority", "id"], sqlite_where=unfinished, postgresql_where=unfinished
    )
    automatic = sa.text(f"origin = 'sensor' AND {_UNFINISHED}")
    op.create_index(
        "uq_tasks_automatic", "tasks", ["episode_id"], unique=True, sqlite_where=automatic, postgresql_where=automatic
    )
    op.create_table(
        "schedules",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("project_id", ID, nullable=True),
        sa.Column("cron", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("catch_up", sa.String(length=16), nullable=False),
        sa.Column("grace_seconds", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("looked_at", sa.DateTime(), nullable=True),
        *_identified(),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_schedules_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("uid", name=op.f("uq_schedules_uid")),
        sa.UniqueConstraint("name", name=op.f("uq_schedules_name")),
    )
    op.create_index(op.f("ix_schedules_project_id"), "schedules", ["project_id"])
    op.create_table(
        "marks",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("instant", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
    )
    op.create_table(
        "events",
        sa.Column("project_id", ID, nullable=True),
        sa.Column("episode_id", ID, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("document", JSON, nullable=False),
        *_identified(),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_events_project_id")),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_events_episode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    for column in ("project_id", "episode_id"):
        op.create_index(op.f(f"ix_events_{column}"), "events", [column])
    op.create_index("ix_events_created_at", "events", ["created_at"])


def _notifications() -> None:
    op.create_table(
        "notice_reads",
        sa.Column("notice_id", ID, nullable=False),
        sa.Column("user_name", sa.String(length=128), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_reads_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "user_name", name=op.f("pk_notice_reads")),
    )
    # Until here a notice was read by whoever looked first: now it is by everybody who had asked for anything.
    op.execute(
        "INSERT INTO notice_reads (notice_id, user_name, read_at) "
        "SELECT notices.id, people.requested_by, notices.read_at FROM notices "
        "CROSS JOIN (SELECT DISTINCT requested_by FROM generations WHERE requested_by <> '') AS people "
        "WHERE notices.read_at IS NOT NULL"
    )
    # Not by a batch: SQLite would make the table anew, and what hangs on the old one would be deleted with it.
    op.drop_column("notices", "read_at")
    op.create_table(
        "channels",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("secret_variable", sa.String(length=128), nullable=True),
        sa.Column("project_id", ID, nullable=True),
        sa.Column("user_name", sa.String(length=128), nullable=True),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("digest_minutes", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("after_notice", sa.BigInteger(), nullable=False),
        *_identified(),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_channels_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("name", name=op.f("uq_channels_name")),
    )
    op.create_index(op.f("ix_channels_project_id"), "channels", ["project_id"])
    op.create_table(
        "deliveries",
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("notice_id", ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.Column("sending_since", sa.DateTime(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        *_identified(),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_deliveries_channel_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_deliveries_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("channel_id", "notice_id", name=op.f("uq_deliveries_channel_id_notice_id")),
    )
    op.create_index(op.f("ix_deliveries_notice_id"), "deliveries", ["notice_id"])
    pending = sa.text("state IN ('pending', 'sending')")
    op.create_index("ix_deliveries_pending", "deliveries", ["due_at"], sqlite_where=pending, postgresql_where=pending)


def _identified() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )


def downgrade() -> None:
    op.add_column("notices", sa.Column("read_at", sa.DateTime(), nullable=True))
    op.execute(
        "UPDATE notices SET read_at = (SELECT min(read_at) FROM notice_reads WHERE notice_reads.notice_id = notices.id)"
    )
    op.drop_index(op.f("ix_generations_shot_id"), "generations")
    for table_name, column in _NAME_OBJECTS:
        op.drop_index(op.f(f"ix_{table_name}_{column}"), table_name)
    for table in ("deliveries", "channels", "notice_reads", "events", "marks", "schedules", "tasks"):
        op.drop_table(table)
    op.execute("DELETE FROM review_records WHERE take_id IS NULL")
    with op.batch_alter_table("review_records") as table:
        table.drop_index(table.f("ix_review_records_storyboard_id"))
        table.drop_index(table.f("ix_review_records_stage_id"))
        table.drop_constraint(table.f("fk_review_records_storyboard_id"), type_="foreignkey")
        table.drop_constraint(table.f("fk_review_records_stage_id"), type_="foreignkey")
        for column in (
            "state_after", "state_before", "kind", "feedback", "score", "storyboard_version", "storyboard_id",
            "stage_id",
        ):  # fmt: skip
            table.drop_column(column)
        table.alter_column("take_id", existing_type=ID, nullable=False)
    with op.batch_alter_table("package_tasks") as table:
        table.drop_index(table.f("ix_package_tasks_film_digest"))
        table.drop_constraint(table.f("fk_package_tasks_film_digest"), type_="foreignkey")
        table.drop_column("film_digest")
    op.drop_column("composite_tasks", "made_of")
    for table_name, columns in (
        ("shot_stages", ("failures", "retakes")),
        ("shots", ("skipped_by",)),
        ("storyboards", [name for name, _, _ in _OF_STORYBOARDS]),
        ("projects", ["retention", *(name for name, _, _ in _OF_PROJECTS)]),
    ):
        for column in columns:
            op.drop_column(table_name, column)
    op.drop_index(op.f("ix_episodes_judged_at"), "episodes")
    op.drop_index("ix_episodes_changed_since", "episodes")
    for column in ("judged_at", "changed_at", "changed_since"):
        op.drop_column("episodes", column)
