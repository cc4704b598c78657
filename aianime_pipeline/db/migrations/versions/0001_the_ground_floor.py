"""the ground floor"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "objects",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_objects")),
    )
    op.create_table(
        "projects",
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("rate_numerator", sa.Integer(), nullable=False),
        sa.Column("rate_denominator", sa.Integer(), nullable=False),
        sa.Column("style", sa.String(), nullable=False),
        sa.Column("negative_prompt", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("review_image", sa.String(length=16), nullable=False),
        sa.Column("review_video", sa.String(length=16), nullable=False),
        sa.Column("review_voice", sa.String(length=16), nullable=False),
        sa.Column("speed_up_speech", sa.Boolean(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("slug", name=op.f("uq_projects_slug")),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("beat_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    with op.batch_alter_table("workers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workers_run_id"), ["run_id"], unique=False)

    op.create_table(
        "assets",
        sa.Column("project_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_assets_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
        sa.UniqueConstraint("project_id", "kind", "name", name=op.f("uq_assets_project_id_kind_name")),
    )
    with op.batch_alter_table("assets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assets_project_id"), ["project_id"], unique=False)

    op.create_table(
        "episodes",
        sa.Column("project_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_episodes_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episodes")),
        sa.UniqueConstraint("key", name=op.f("uq_episodes_key")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_episodes_project_id_number")),
    )
    with op.batch_alter_table("episodes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_episodes_project_id"), ["project_id"], unique=False)

    op.create_table(
        "asset_versions",
        sa.Column("asset_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("sheet", JSON, nullable=False),
        sa.Column("voice", JSON, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reference_digest", sa.String(length=64), nullable=True),
        sa.Column("root_run_id", sa.String(length=64), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_asset_versions_asset_id")),
        sa.ForeignKeyConstraint(
            ["reference_digest"], ["objects.digest"], name=op.f("fk_asset_versions_reference_digest")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_versions")),
        sa.UniqueConstraint("asset_id", "version", name=op.f("uq_asset_versions_asset_id_version")),
    )
    with op.batch_alter_table("asset_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asset_versions_asset_id"), ["asset_id"], unique=False)

    op.create_table(
        "composite_tasks",
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("timeline_digest", sa.String(length=64), nullable=True),
        sa.Column("film_digest", sa.String(length=64), nullable=True),
        sa.Column("subtitles_digest", sa.String(length=64), nullable=True),
        sa.Column("report", JSON, nullable=False),
        sa.Column("music_inputs", sa.String(length=64), nullable=True),
        sa.Column("music_digest", sa.String(length=64), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_composite_tasks_episode_id")),
        sa.ForeignKeyConstraint(["film_digest"], ["objects.digest"], name=op.f("fk_composite_tasks_film_digest")),
        sa.ForeignKeyConstraint(["music_digest"], ["objects.digest"], name=op.f("fk_composite_tasks_music_digest")),
        sa.ForeignKeyConstraint(
            ["subtitles_digest"], ["objects.digest"], name=op.f("fk_composite_tasks_subtitles_digest")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_composite_tasks")),
        sa.UniqueConstraint("episode_id", name=op.f("uq_composite_tasks_episode_id")),
    )
    op.create_table(
        "episode_assets",
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("asset_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_episode_assets_asset_id")),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_episode_assets_episode_id")),
        sa.PrimaryKeyConstraint("episode_id", "asset_id", name=op.f("pk_episode_assets")),
    )
    op.create_table(
        "package_tasks",
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("config", JSON, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("plan_digest", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_package_tasks_episode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_tasks")),
        sa.UniqueConstraint("episode_id", name=op.f("uq_package_tasks_episode_id")),
    )
    op.create_table(
        "screenplays",
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source_name", sa.String(), nullable=False),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_screenplays_episode_id")),
        sa.ForeignKeyConstraint(["source_digest"], ["objects.digest"], name=op.f("fk_screenplays_source_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screenplays")),
        sa.UniqueConstraint("episode_id", "version", name=op.f("uq_screenplays_episode_id_version")),
    )
    with op.batch_alter_table("screenplays", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screenplays_episode_id"), ["episode_id"], unique=False)

    op.create_table(
        "shots",
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_shots_episode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shots")),
        sa.UniqueConstraint("episode_id", "number", name=op.f("uq_shots_episode_id_number")),
    )
    with op.batch_alter_table("shots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shots_episode_id"), ["episode_id"], unique=False)

    op.create_table(
        "stage_runs",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Double(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_stage_runs_episode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_runs")),
        sa.UniqueConstraint("run_id", "stage", name=op.f("uq_stage_runs_run_id_stage")),
    )
    with op.batch_alter_table("stage_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stage_runs_episode_id"), ["episode_id"], unique=False)

    op.create_table(
        "storyboards",
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_storyboards_episode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storyboards")),
        sa.UniqueConstraint("episode_id", name=op.f("uq_storyboards_episode_id")),
    )
    op.create_table(
        "generations",
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("shot_id", ID, nullable=True),
        sa.Column("capability", sa.String(length=16), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("job_id", sa.String(length=200), nullable=True),
        sa.Column("error_kind", sa.String(length=32), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.String(length=36), nullable=False),
        sa.Column("submitted_at", sa.DateTime(), nullable=True),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_generations_episode_id")),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.id"], name=op.f("fk_generations_shot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generations")),
    )
    with op.batch_alter_table("generations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_generations_episode_id"), ["episode_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_generations_request_digest"), ["request_digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_generations_run_id"), ["run_id"], unique=False)

    op.create_table(
        "scenes",
        sa.Column("screenplay_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("time_text", sa.String(), nullable=True),
        sa.Column("time_of_day", sa.String(length=16), nullable=True),
        sa.Column("interior", sa.String(length=16), nullable=True),
        sa.Column("cast_entries", JSON, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["screenplay_id"], ["screenplays.id"], name=op.f("fk_scenes_screenplay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenes")),
        sa.UniqueConstraint("screenplay_id", "position", name=op.f("uq_scenes_screenplay_id_position")),
    )
    with op.batch_alter_table("scenes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scenes_screenplay_id"), ["screenplay_id"], unique=False)

    op.create_table(
        "shot_stages",
        sa.Column("shot_id", ID, nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("before_skip", sa.String(length=16), nullable=True),
        sa.Column("selected_take_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.id"], name=op.f("fk_shot_stages_shot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shot_stages")),
        sa.UniqueConstraint("shot_id", "stage", name=op.f("uq_shot_stages_shot_id_stage")),
    )
    with op.batch_alter_table("shot_stages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shot_stages_shot_id"), ["shot_id"], unique=False)

    op.create_table(
        "blocks",
        sa.Column("scene_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.String(), nullable=True),
        sa.Column("emotion", sa.String(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["scene_id"], ["scenes.id"], name=op.f("fk_blocks_scene_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
        sa.UniqueConstraint("scene_id", "position", name=op.f("uq_blocks_scene_id_position")),
    )
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blocks_scene_id"), ["scene_id"], unique=False)

    op.create_table(
        "provider_usage",
        sa.Column("generation_id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("shot_id", ID, nullable=True),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("capability", sa.String(length=16), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("video_ms", sa.Integer(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_provider_usage_episode_id")),
        sa.ForeignKeyConstraint(["generation_id"], ["generations.id"], name=op.f("fk_provider_usage_generation_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_provider_usage_project_id")),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.id"], name=op.f("fk_provider_usage_shot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_usage")),
        sa.UniqueConstraint("generation_id", name=op.f("uq_provider_usage_generation_id")),
    )
    with op.batch_alter_table("provider_usage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_provider_usage_episode_id"), ["episode_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_provider_usage_project_id"), ["project_id"], unique=False)

    op.create_table(
        "takes",
        sa.Column("stage_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("inputs", JSON, nullable=False),
        sa.Column("inputs_digest", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("object_digest", sa.String(length=64), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("generation_id", ID, nullable=True),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("root_run_id", sa.String(length=64), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["generation_id"], ["generations.id"], name=op.f("fk_takes_generation_id")),
        sa.ForeignKeyConstraint(["object_digest"], ["objects.digest"], name=op.f("fk_takes_object_digest")),
        sa.ForeignKeyConstraint(["stage_id"], ["shot_stages.id"], name=op.f("fk_takes_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takes")),
        sa.UniqueConstraint("stage_id", "number", name=op.f("uq_takes_stage_id_number")),
    )
    with op.batch_alter_table("takes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_takes_root_run_id"), ["root_run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_takes_stage_id"), ["stage_id"], unique=False)

    op.create_table(
        "review_records",
        sa.Column("take_id", ID, nullable=False),
        sa.Column("reviewer", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["take_id"], ["takes.id"], name=op.f("fk_review_records_take_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_records")),
    )
    with op.batch_alter_table("review_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_records_take_id"), ["take_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("review_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_records_take_id"))

    op.drop_table("review_records")
    with op.batch_alter_table("takes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_takes_stage_id"))
        batch_op.drop_index(batch_op.f("ix_takes_root_run_id"))

    op.drop_table("takes")
    with op.batch_alter_table("provider_usage", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_usage_project_id"))
        batch_op.drop_index(batch_op.f("ix_provider_usage_episode_id"))

    op.drop_table("provider_usage")
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blocks_scene_id"))

    op.drop_table("blocks")
    with op.batch_alter_table("shot_stages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shot_stages_shot_id"))

    op.drop_table("shot_stages")
    with op.batch_alter_table("scenes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scenes_screenplay_id"))

    op.drop_table("scenes")
    with op.batch_alter_table("generations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_generations_run_id"))
        batch_op.drop_index(batch_op.f("ix_generations_request_digest"))
        batch_op.drop_index(batch_op.f("ix_generations_episode_id"))

    op.drop_table("generations")
    op.drop_table("storyboards")
    with op.batch_alter_table("stage_runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stage_runs_episode_id"))

    op.drop_table("stage_runs")
    with op.batch_alter_table("shots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shots_episode_id"))

    op.drop_table("shots")
    with op.batch_alter_table("screenplays", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_screenplays_episode_id"))

    op.drop_table("screenplays")
    op.drop_table("package_tasks")
    op.drop_table("episode_assets")
    op.drop_table("composite_tasks")
    with op.batch_alter_table("asset_versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_asset_versions_asset_id"))

    op.drop_table("asset_versions")
    with op.batch_alter_table("episodes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_episodes_project_id"))

    op.drop_table("episodes")
    with op.batch_alter_table("assets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assets_project_id"))

    op.drop_table("assets")
    with op.batch_alter_table("workers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workers_run_id"))

    op.drop_table("workers")
    op.drop_table("projects")
    op.drop_table("objects")
