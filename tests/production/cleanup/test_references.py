"""Nothing that names an object is forgotten: the columns and documents that do are written out here, and a whole
episode is searched for others."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from support.making import KEY, Studio

from aianime_pipeline.db.models import Base, MediaObject, Project, Take
from aianime_pipeline.db.models.base import now
from aianime_pipeline.film.drawing.watermark import Watermark
from aianime_pipeline.film.presets.presets import ExportPreset
from aianime_pipeline.film.timeline.edits import move
from aianime_pipeline.production.cleanup import run_cleanup
from aianime_pipeline.production.cleanup.references import COLUMNS, DOCUMENTS, RECORDS, in_documents
from aianime_pipeline.production.films.composites import edit_timeline
from aianime_pipeline.production.films.settings import keep_watermark, set_watermark
from aianime_pipeline.production.shots.stages import Stage

OBJECTS = {
    "asset_versions.reference_digest",
    "composite_tasks.film_digest",
    "composite_tasks.music_digest",
    "composite_tasks.subtitles_digest",
    "exports.film_digest",
    "generations.result_digest",
    "package_tasks.film_digest",
    "package_tasks.manifest_digest",
    "screenplays.source_digest",
    "storyboards.source_digest",
    "takes.object_digest",
}
NO_OBJECTS = {
    "api_keys.key_hash",
    "composite_tasks.made_of",
    "composite_tasks.music_inputs",
    "composite_tasks.timeline_digest",
    "exports.key",
    "generations.request_digest",
    "generations.request_key",
    "idempotency_keys.request_digest",
    "package_tasks.plan_digest",
    "refresh_tokens.token_hash",
    "screenplays.digest",
    "takes.inputs_digest",
}
"""Digests of documents and secrets, which no store holds."""
NO_DIGESTS = {
    "budgets.subject",
    "channels.time_zone",
    "generations.asked_in",
    "generations.provider",
    "generations.run_id",
    "marks.name",
    "organisations.name",
    "projects.organisation",
    "projects.slug",
    "provider_usage.provider",
    "schedules.time_zone",
    "stage_runs.run_id",
    "takes.root_run_id",
    "takes.run_id",
    "tasks.leased_by",
    "tasks.request_id",
    "tasks.run_id",
    "usage_days.provider",
    "users.name",
    "users.name_key",
    "workers.run_id",
    "asset_versions.root_run_id",
    "objects.digest",
}
"""As long as a digest, and none."""
NAMING = {
    "composite_tasks.base",
    "composite_tasks.document",
    "exports.files",
    "package_tasks.contents",
    "project_changes.after",
    "projects.watermark",
    "takes.inputs",
}
"""The documents in which an episode with everything names objects."""

columns = [column for table in Base.metadata.sorted_tables for column in table.columns]


def test_the_columns_that_name_objects_are_those_written_here() -> None:
    assert {str(column) for column in COLUMNS} == OBJECTS


def test_every_column_that_could_hold_a_digest_is_known() -> None:
    like_digests = {str(column) for column in columns if getattr(column.type, "length", None) == 64}
    like_digests |= {str(column) for column in columns if "digest" in column.name and "minutes" not in column.name}
    assert like_digests == OBJECTS | NO_OBJECTS | NO_DIGESTS


def test_every_reference_to_an_object_is_found_by_an_index() -> None:
    """Without, the database would look through the whole table for each object that goes."""
    for column in COLUMNS:
        if column.foreign_keys:
            assert column.index, column


def test_every_document_is_searched_or_written_down_as_a_record() -> None:
    documents = {str(column) for column in columns if isinstance(column.type, sa.JSON)}
    assert documents == RECORDS | {str(column) for column in DOCUMENTS}
    assert all("id" in column.table.columns for column in (*DOCUMENTS, *COLUMNS))


@pytest.mark.parametrize("where", ["deep", "as a key", "in a sentence"])
def test_a_digest_is_found_wherever_it_stands_in_a_document(studio: Studio, tmp_path: Path, where: str) -> None:
    studio.storyboard(tmp_path, 1)
    digest = "5b" * 32
    document = {
        "deep": {"a": [{"of a field that nobody knows": digest}]},
        "as a key": {digest: 1},
        "in a sentence": {"why": f"made from {digest}."},
    }[where]
    with studio.place.database.write() as session:
        session.execute(sa.update(Project).values(presets=document))
    with studio.place.database.one_moment() as session:
        (found,) = in_documents(session, {digest, "0" * 64})
        assert (found.column, found.digest) == ("projects.presets", digest)


@pytest.fixture
def whole(studio: Studio, tmp_path: Path) -> Studio:
    """An episode with everything: takes and retakes, an edit, a watermark, a film, exports with editors' projects, a
    ZIP."""
    studio.storyboard(tmp_path, 2)
    studio.make_all()
    studio.make(Stage.IMAGE, studio.run(shots=[1], force=True))
    studio.make(Stage.VIDEO, studio.run(shots=[1]))
    picture = io.BytesIO()
    Image.new("RGBA", (32, 16), (255, 0, 0, 128)).save(picture, "PNG")
    kept = keep_watermark(studio.place, Watermark(picture.getvalue()))
    with studio.place.database.write() as session:
        project = session.scalars(sa.select(Project)).one()
        set_watermark(session, project, kept, who="a person")
    edit_timeline(studio.place, KEY, lambda timeline: move(timeline, 2, 0), expected_version=0, who="a person")
    studio.film()
    studio.export(preset=ExportPreset("small", resolution="480p"), formats=["otio", "edl"])
    studio.package()
    return studio


def test_an_episode_with_everything_names_objects_nowhere_but_where_the_clean_up_looks(whole: Studio) -> None:
    with whole.place.database.one_moment() as session:
        objects = set(session.scalars(sa.select(MediaObject.digest)))
        naming = set()
        for column in columns:
            if str(column) != "objects.digest" and isinstance(column.type, sa.String | sa.JSON):
                text = json.dumps([str(value) for value in session.scalars(sa.select(column))])
                if any(digest in text for digest in objects):
                    naming.add(str(column))
    assert naming - OBJECTS == NAMING
    assert naming <= {str(column) for column in (*COLUMNS, *DOCUMENTS)}


def test_after_a_clean_up_an_episode_is_as_whole_as_before(whole: Studio) -> None:
    before = {take.id for take in whole.rows(Take)}
    found = run_cleanup(whole.place, dry_run=False, moment=now() + timedelta(days=400))
    assert found.removed["takes"].count == 2
    assert found.missing_count == 0
    assert {take.id for take in whole.rows(Take)} == before
    run = whole.run()
    for stage in Stage:
        assert whole.make(stage, run).counts == (0, 2, 0, 0, 0)
    film = whole.film()
    assert not isinstance(film, list)
    assert not film.made
    assert not whole.export(preset=ExportPreset("small", resolution="480p"), formats=["otio", "edl"]).made
    assert not whole.package().made
