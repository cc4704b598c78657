"""edits and exports"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OF_TASKS = (
    "document",
    "base",
    "version",
    "edited_by",
    "edited_at",
    "merge_notes",
    "percent",
    "step",
    "seconds_left",
    "cancel_requested",
    "music_wanted",
)
_OF_PROJECTS = ("export_preset", "presets", "subtitle_style", "watermark")


def upgrade() -> None:
    op.add_column("composite_tasks", sa.Column("document", JSON, nullable=True))
    op.add_column("composite_tasks", sa.Column("base", JSON, nullable=True))
    op.add_column("composite_tasks", sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("composite_tasks", sa.Column("edited_by", sa.String(), nullable=True))
    op.add_column("composite_tasks", sa.Column("edited_at", sa.DateTime(), nullable=True))
    op.add_column("composite_tasks", sa.Column("merge_notes", JSON, nullable=True))
    op.add_column("composite_tasks", sa.Column("percent", sa.Double(), nullable=False, server_default=sa.text("0")))
    op.add_column("composite_tasks", sa.Column("step", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("composite_tasks", sa.Column("seconds_left", sa.Double(), nullable=True))
    op.add_column("composite_tasks", sa.Column("cancel_requested", sa.String(), nullable=True))
    op.add_column("composite_tasks", sa.Column("music_wanted", sa.Boolean(), nullable=False, server_default=sa.true()))
    for name in _OF_PROJECTS:
        op.add_column("projects", sa.Column(name, JSON, nullable=True))
    op.create_table(
        "exports",
        sa.Column("composite_task_id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("preset", JSON, nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("formats", JSON, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("timeline_version", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("film_digest", sa.String(length=64), nullable=True),
        sa.Column("files", JSON, nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["composite_task_id"], ["composite_tasks.id"], name=op.f("fk_exports_composite_task_id")
        ),
        sa.ForeignKeyConstraint(["film_digest"], ["objects.digest"], name=op.f("fk_exports_film_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index(op.f("ix_exports_composite_task_id"), "exports", ["composite_task_id"])
    op.create_table(
        "project_changes",
        sa.Column("project_id", ID, nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_changes_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_changes")),
    )
    op.create_index(op.f("ix_project_changes_project_id"), "project_changes", ["project_id"])


def downgrade() -> None:
    op.drop_table("project_changes")
    op.drop_table("exports")
    for name in reversed(_OF_PROJECTS):
        op.drop_column("projects", name)
    for name in reversed(_OF_TASKS):
        op.drop_column("composite_tasks", name)
