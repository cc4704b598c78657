"""Reference pictures of the assets that an episode shows: one claim per asset version, whoever needs it first."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Asset, AssetVersion, Episode, EpisodeAsset
from aianime_pipeline.errors import PipelineError
from aianime_pipeline.production.claims import claim, holder
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.generations import Finished, RunCancelled, Subject, Work, generate_or_resume
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.runs import Run, StageProgress
from aianime_pipeline.production.shots.inspection import inspect_picture
from aianime_pipeline.production.shots.requests import Inputs, load_assets, makers, seed_of
from aianime_pipeline.production.written_text import reason_of
from aianime_pipeline.providers.capabilities import AssetBrief, Capability, ImageRequest

SHEET_SIZE = (1280, 720)

_HELD_POLL_SECONDS = 0.5

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ReferenceResult:
    kind: str
    name: str
    version: int
    digest: str | None
    made: bool
    reason: str = ""

    @property
    def failed(self) -> bool:
        return self.digest is None


def make_references(place: Installation, run: Run, progress: StageProgress) -> Iterator[ReferenceResult]:
    """The reference picture of every asset of the episode, made where it is missing."""
    with place.database.read() as session:
        episode = find_episode(session, run.episode_key)
        assets = session.scalars(
            sa.select(Asset)
            .join(EpisodeAsset, EpisodeAsset.asset_id == Asset.id)
            .where(EpisodeAsset.episode_id == episode.id)
            .order_by(Asset.id)
        ).all()
        used = load_assets(session, episode.id)
        versions = [(asset, used[asset.kind, asset.name]) for asset in assets]
    progress.counts.total = len(versions)
    with ThreadPoolExecutor(place.settings.image_limit, thread_name_prefix="make-reference") as pool:
        futures = [pool.submit(_reference, place, run, episode, asset, version) for asset, version in versions]
        try:
            for future in as_completed(futures):
                result = future.result()
                progress.counts.made += result.made
                progress.counts.failed += result.failed
                progress.counts.kept += not result.made and not result.failed
                progress.write()
                yield result
        except BaseException:
            run.stop.set()
            for future in futures:
                future.cancel()
            raise


def _reference(place: Installation, run: Run, episode: Episode, asset: Asset, version: AssetVersion) -> ReferenceResult:
    try:
        row, made = _make_if_missing(place, run, episode, asset, version.id)
    except (PipelineError, OSError) as error:
        _log.warning("a reference picture failed", asset=asset.name, error=str(error))
        return ReferenceResult(asset.kind, asset.name, version.version, None, False, reason_of(error))
    return ReferenceResult(asset.kind, asset.name, version.version, row.reference_digest, made)


def _make_if_missing(
    place: Installation, run: Run, episode: Episode, asset: Asset, version_id: int
) -> tuple[AssetVersion, bool]:
    while not run.stop.is_set():
        with place.database.write() as session:
            row = session.get_one(AssetVersion, version_id, with_for_update=True)
            if row.state == "ready" and row.reference_digest and place.store.exists(row.reference_digest):
                return row, False
            if holder(session, row) is None and claim(session, row, run.worker_id):
                break
        run.stop.wait(_HELD_POLL_SECONDS)
    else:
        raise RunCancelled
    try:
        _generate(place, run, episode, asset, row)
    except BaseException as error:
        failed = isinstance(error, PipelineError)
        _finish(place, version_id, state="failed" if failed else "pending", reason=reason_of(error) if failed else "")
        raise
    with place.database.read() as session:
        return session.get_one(AssetVersion, version_id), True


def _generate(place: Installation, run: Run, episode: Episode, asset: Asset, version: AssetVersion) -> None:
    project = episode.project
    width, height = SHEET_SIZE
    inputs = Inputs(
        Capability.IMAGE,
        {
            "kind": asset.kind,
            "name": asset.name,
            "description": version.description,
            "sheet": version.sheet,
            "style": project.style,
            "size": [width, height],
        },
        makers(place, project, Capability.IMAGE),
    )
    seed = seed_of(project.slug, asset.kind, asset.name, version.version)
    request = ImageRequest(
        width=width,
        height=height,
        seed=seed,
        prompt=", ".join(part for part in (project.style, asset.name, version.description) if part),
        style=project.style,
        negative_prompt=project.negative_prompt,
        subject=AssetBrief(asset.kind, asset.name, version.description, version.sheet),  # type: ignore[arg-type]
    )
    subject = Subject(project.id, episode.id, project.currency, project=project.slug)

    def keep(session: Session, finished: Finished) -> None:
        row = session.get_one(AssetVersion, version.id)
        row.state, row.reason, row.claimed_by = "ready", "", None
        row.reference_digest = finished.stored.digest

    # Nothing else can begin without it, so a run waits for it however long it takes.
    patient = replace(run, patient_until=None)
    generate_or_resume(place, patient, Work(subject, inputs, request, inspect=inspect_picture, keep=keep, seed=seed))


def _finish(place: Installation, version_id: int, *, state: str, reason: str) -> None:
    with place.database.write() as session:
        row = session.get_one(AssetVersion, version_id)
        row.state, row.reason, row.claimed_by = state, reason, None
