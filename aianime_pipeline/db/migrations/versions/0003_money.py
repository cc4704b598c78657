"""money: what is asked of providers, what it cost, budgets, and how providers stand"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('intent', 'submitted')")
_EMPTY = sa.text("''")


def upgrade() -> None:
    op.add_column(
        "projects", sa.Column("organisation", sa.String(length=64), nullable=False, server_default=sa.text("'studio'"))
    )
    with op.batch_alter_table("generations") as table:
        table.alter_column("episode_id", existing_type=ID, nullable=True)
        table.alter_column("job_id", existing_type=sa.String(length=200), type_=sa.String(length=500))
        table.add_column(sa.Column("project_id", ID, nullable=True))
        table.add_column(sa.Column("route", sa.String(length=128), nullable=False, server_default=_EMPTY))
        table.add_column(sa.Column("request_key", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("request_id", sa.String(length=36), nullable=True))
        table.add_column(sa.Column("requested_by", sa.String(length=128), nullable=False, server_default=_EMPTY))
        table.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default=sa.text("1")))
        table.add_column(sa.Column("answer", JSON, nullable=True))
        table.add_column(sa.Column("reserved_micros", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
        table.add_column(sa.Column("expected", JSON, nullable=True))
        table.add_column(sa.Column("price", JSON, nullable=True))
        table.add_column(sa.Column("result_digest", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("facts", JSON, nullable=True))
        table.add_column(sa.Column("next_poll_at", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("resolution", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("resolved_by", sa.String(length=128), nullable=True))
        table.create_foreign_key(table.f("fk_generations_project_id"), "projects", ["project_id"], ["id"])
        table.create_foreign_key(table.f("fk_generations_result_digest"), "objects", ["result_digest"], ["digest"])
        table.create_unique_constraint(table.f("uq_generations_request_id"), ["request_id"])
        table.create_index(table.f("ix_generations_project_id"), ["project_id"])
        table.create_index(table.f("ix_generations_request_key"), ["request_key"])
        table.create_index("ix_generations_provider_created_at", ["provider", "created_at"])
    op.create_index("ix_generations_open", "generations", ["provider"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    with op.batch_alter_table("provider_usage") as table:
        table.alter_column("episode_id", existing_type=ID, nullable=True)
        table.add_column(sa.Column("requested_by", sa.String(length=128), nullable=False, server_default=_EMPTY))
        table.add_column(sa.Column("audio_ms", sa.Integer(), nullable=False, server_default=sa.text("0")))
        table.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("1")))
        table.add_column(sa.Column("price", JSON, nullable=True))
        table.create_index("ix_provider_usage_project_id_created_at", ["project_id", "created_at"])
    op.create_table(
        "usage_days",
        sa.Column("project_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("capability", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=128), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in (
                "requests", "images", "video_ms", "audio_ms", "characters", "tokens_in", "tokens_out", "latency_ms",
                "cost_micros",
            )
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_usage_days_project_id")),
        sa.PrimaryKeyConstraint(
            "project_id", "day", "provider", "model", "capability", "requested_by", "currency",
            name=op.f("pk_usage_days"),
        ),
    )  # fmt: skip
    op.create_index("ix_usage_days_day", "usage_days", ["day"])
    op.create_table(
        "budgets",
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("limit_micros", sa.BigInteger(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.String(length=128), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgets")),
        sa.UniqueConstraint(
            "scope", "subject", "period", "currency", name=op.f("uq_budgets_scope_subject_period_currency")
        ),
    )
    op.create_table(
        "budget_periods",
        sa.Column("budget_id", ID, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("reserved_micros", sa.BigInteger(), nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), nullable=False),
        sa.Column("told_percent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["budget_id"], ["budgets.id"], name=op.f("fk_budget_periods_budget_id")),
        sa.PrimaryKeyConstraint("budget_id", "period", name=op.f("pk_budget_periods")),
    )
    op.create_table(
        "budget_reservations",
        sa.Column("generation_id", ID, nullable=False),
        sa.Column("budget_id", ID, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["budget_id"], ["budgets.id"], name=op.f("fk_budget_reservations_budget_id")),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name=op.f("fk_budget_reservations_generation_id")
        ),
        sa.PrimaryKeyConstraint("generation_id", "budget_id", name=op.f("pk_budget_reservations")),
    )
    op.create_table(
        "provider_states",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("closed_until", sa.DateTime(), nullable=True),
        sa.Column("limited_until", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_provider_states")),
    )
    op.create_table(
        "notices",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("project_id", ID, nullable=True),
        sa.Column("user_name", sa.String(length=128), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_notices_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
    )
    op.create_index(op.f("ix_notices_project_id"), "notices", ["project_id"])


def downgrade() -> None:
    for table in (
        "notices", "provider_states", "budget_reservations", "budget_periods", "budgets", "usage_days",
    ):  # fmt: skip
        op.drop_table(table)
    with op.batch_alter_table("provider_usage") as table:
        table.drop_index("ix_provider_usage_project_id_created_at")
        for column in ("price", "attempts", "audio_ms", "requested_by"):
            table.drop_column(column)
        table.alter_column("episode_id", existing_type=ID, nullable=False)
    op.drop_index("ix_generations_open", "generations")
    with op.batch_alter_table("generations") as table:
        table.drop_index("ix_generations_provider_created_at")
        table.drop_index(table.f("ix_generations_request_key"))
        table.drop_index(table.f("ix_generations_project_id"))
        table.drop_constraint(table.f("uq_generations_request_id"), type_="unique")
        table.drop_constraint(table.f("fk_generations_result_digest"), type_="foreignkey")
        table.drop_constraint(table.f("fk_generations_project_id"), type_="foreignkey")
        for column in (
            "resolved_by", "resolution", "next_poll_at", "facts", "result_digest", "price", "expected",
            "reserved_micros", "answer", "attempt", "requested_by", "request_id", "request_key", "route", "project_id",
        ):  # fmt: skip
            table.drop_column(column)
        table.alter_column("job_id", existing_type=sa.String(length=500), type_=sa.String(length=200))
        table.alter_column("episode_id", existing_type=ID, nullable=False)
    op.drop_column("projects", "organisation")
