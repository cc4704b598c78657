"""people, their rights and keys, and the request that a task came from"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _users()
    _teams()
    op.create_table(
        "idempotency_keys",
        sa.Column("user_name", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("answer", JSON, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("user_name", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"])
    op.add_column("projects", sa.Column("created_by", sa.String(length=128), nullable=True))
    op.add_column("tasks", sa.Column("request_id", sa.String(length=64), nullable=True))
    op.add_column("generations", sa.Column("asked_in", sa.String(length=64), nullable=True))
    _counted()
    _story()
    with op.batch_alter_table("package_tasks") as table:
        table.add_column(sa.Column("manifest_digest", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("contents", JSON, nullable=True))
        table.create_foreign_key(
            table.f("fk_package_tasks_manifest_digest"), "objects", ["manifest_digest"], ["digest"]
        )
        table.create_index(table.f("ix_package_tasks_manifest_digest"), ["manifest_digest"])


def _story() -> None:
    op.add_column("screenplays", sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("screenplays", sa.Column("based_on", sa.Integer(), nullable=True))
    for table in ("screenplays", "storyboards"):
        op.add_column(table, sa.Column("changed_by", sa.String(length=128), nullable=True))
        op.add_column(table, sa.Column("changed_at", sa.DateTime(), nullable=True))
    op.add_column("asset_versions", sa.Column("created_by", sa.String(length=128), nullable=True))
    op.add_column("asset_versions", sa.Column("uploaded", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("episode_assets", sa.Column("version", sa.Integer(), nullable=True))


def _counted() -> None:
    """What the metrics count and the streams of events look at often."""
    for name, table, columns, where in (
        ("ix_generations_went_wrong", "generations", ["state", "provider", "model", "capability", "error_kind"],
         "state IN ('failed', 'ambiguous')"),
        ("ix_stage_runs_open", "stage_runs", ["run_id"], "ended_at IS NULL"),
    ):  # fmt: skip
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_tasks_state", "tasks", ["state"])


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("name_key", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.String(length=128), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("global_role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("oidc_subject", sa.String(length=400), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("token_version", sa.Integer(), nullable=False),
        sa.Column("last_login_at", sa.DateTime(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
        sa.UniqueConstraint("name_key", name=op.f("uq_users_name_key")),
        sa.UniqueConstraint("oidc_subject", name=op.f("uq_users_oidc_subject")),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("family", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("token_version", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_refresh_tokens_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_tokens_token_hash")),
    )
    for column in ("user_id", "family"):
        op.create_index(op.f(f"ix_refresh_tokens_{column}"), "refresh_tokens", [column])
    op.create_table(
        "api_keys",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )
    op.create_index(op.f("ix_api_keys_user_id"), "api_keys", ["user_id"])
    op.create_table(
        "login_throttles",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_throttles")),
    )


def _teams() -> None:
    op.create_table(
        "organisations",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("name", name=op.f("uq_organisations_name")),
    )
    # Those that projects name already.
    op.execute(
        "INSERT INTO organisations (name, created_by, created_at) "
        "SELECT DISTINCT organisation, 'upgrade', CURRENT_TIMESTAMP FROM projects"
    )
    op.create_table(
        "teams",
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_teams_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_teams_organisation_id_name")),
    )
    for table, one, other in (
        ("team_members", "team", "user"),
        ("project_members", "project", "user"),
        ("project_teams", "project", "team"),
    ):
        columns = [sa.Column(f"{name}_id", ID, nullable=False) for name in (one, other)]
        if other == "user":
            columns.append(sa.Column("roles", JSON, nullable=False))
        op.create_table(
            table,
            *columns,
            *(
                sa.ForeignKeyConstraint(
                    [f"{name}_id"], [f"{name}s.id"], name=op.f(f"fk_{table}_{name}_id"), ondelete="CASCADE"
                )
                for name in (one, other)
            ),
            sa.PrimaryKeyConstraint(f"{one}_id", f"{other}_id", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_{other}_id"), table, [f"{other}_id"])


def downgrade() -> None:
    with op.batch_alter_table("package_tasks") as table:
        table.drop_index(table.f("ix_package_tasks_manifest_digest"))
        table.drop_constraint(table.f("fk_package_tasks_manifest_digest"), type_="foreignkey")
        table.drop_column("contents")
        table.drop_column("manifest_digest")
    for table, index in (
        ("tasks", "ix_tasks_state"), ("stage_runs", "ix_stage_runs_open"), ("generations", "ix_generations_went_wrong"),
    ):  # fmt: skip
        op.drop_index(index, table)
    for table, column in (
        ("episode_assets", "version"), ("asset_versions", "uploaded"), ("asset_versions", "created_by"),
        ("storyboards", "changed_at"), ("storyboards", "changed_by"), ("screenplays", "changed_at"),
        ("screenplays", "changed_by"), ("screenplays", "based_on"), ("screenplays", "revision"),
        ("generations", "asked_in"), ("tasks", "request_id"), ("projects", "created_by"),
    ):  # fmt: skip
        op.drop_column(table, column)
    for table in (
        "idempotency_keys", "project_teams", "project_members", "team_members", "teams", "organisations",
        "login_throttles", "api_keys", "refresh_tokens", "users",
    ):  # fmt: skip
        op.drop_table(table)
