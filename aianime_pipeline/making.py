"""Making an episode as a Dagster run on the instance, in this process, from the first stage to the one asked for.

The run is created with the origin that the workspace file gives, so that the Dagster UI shows it like any other and
can execute it again. It does not pass the run queue: what keeps two runs apart are the claims on the work itself.
"""

import signal
import socket
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aianime_pipeline.dagster_runs import step_failures
from aianime_pipeline.db.models import StageRun, Worker
from aianime_pipeline.errors import NotFoundError, WorkHeldError
from aianime_pipeline.instance import WORKSPACE, add_episodes, open_instance
from aianime_pipeline.production.claims import dead_workers
from aianime_pipeline.production.episodes.rows import find_episode, load_shots
from aianime_pipeline.production.episodes.status import film_status, film_warnings, package_status
from aianime_pipeline.production.films.gate import Waiting, waiting_shots
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.runs import StageName, cost_micros, stage_rows, stop_of
from aianime_pipeline.production.tasks.orders import ASSETS_OF_STAGE, EPISODE_TAG, MAKE_JOB, REQUESTER_TAG, SHOTS_TAG
from aianime_pipeline.production.tasks.stopping import go_on
from aianime_pipeline.providers.capabilities import Capability

if TYPE_CHECKING:
    import dagster as dg

STAGES = tuple(ASSETS_OF_STAGE)

_POLL_SECONDS = 0.2

OnProgress = Callable[[Sequence[StageRun]], None]


@dataclass
class MakeResult:
    """`status` is done, waiting, failed or cancelled; `problems` say what failed or waits, one line each."""

    episode: str
    run_id: str
    status: str
    currency: str
    cost_micros: int
    stages: list[StageRun]
    film: dict[str, Any] | None
    package: dict[str, Any] | None
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """About the film: see `film_warnings`."""

    def to_document(self) -> dict[str, Any]:
        """The command line's contract."""
        return {
            "episode": self.episode,
            "run_id": self.run_id,
            "status": self.status,
            "currency": self.currency,
            "stages": {row.stage: _counts(row) for row in self.stages if row.stage in set(STAGES)},
            "film": self.film,
            "package": self.package,
            "cost_micros": self.cost_micros,
            "problems": self.problems,
            "warnings": self.warnings,
        }


def make_episode(
    place: Installation,
    key: str,
    *,
    to: StageName = StageName.PACKAGE,
    shots: Collection[int] = (),
    force: bool = False,
    auto_review: bool = False,
    on_progress: OnProgress | None = None,
) -> MakeResult:
    """Raises NotFoundError for an episode or a shot that is not there, BadSettingError for a provider that is not,
    WorkHeldError while another run is at it."""
    _check_shots(place, key, shots)
    if to is not StageName.STORYBOARD:
        _check_providers(place, key)
    with place.database.write() as session:
        go_on(session, find_episode(session, key).id)
    with open_instance() as instance:
        add_episodes(instance, [key])
        _report_dead_runs(place, instance, key)
        run = _create_run(instance, key, to, shots, force, auto_review)
        with _reported(place, run.run_id, on_progress):
            _execute(instance, run)
        finished = instance.get_run_by_id(run.run_id)
        assert finished is not None
        failures = step_failures(instance, run.run_id)
    return _result(place, key, finished, failures, to)


def _check_providers(place: Installation, key: str) -> None:
    """A setting or a file that names no provider, or a key that is not there, is told before a run begins."""
    with place.database.read() as session:
        project = find_episode(session, key).project.slug
    for capability in (Capability.IMAGE, Capability.VIDEO, Capability.SPEECH, Capability.MUSIC):
        place.routes(capability, project)


def _check_shots(place: Installation, key: str, shots: Collection[int]) -> None:
    with place.database.read() as session:
        episode = find_episode(session, key)
        known = {view.number for view in load_shots(session, episode.id)}
    if known and (unknown := sorted(set(shots) - known)):
        raise NotFoundError(
            f"{key} has no shot {', '.join(map(str, unknown))}; it has {min(known)} to {max(known)}.", shots=unknown
        )


def _report_dead_runs(place: Installation, instance: "dg.DagsterInstance", key: str) -> None:
    """Runs of this episode whose process is gone are failed runs; a living one keeps the episode to itself."""
    import dagster as dg
    from dagster._core.storage.tags import MAX_RETRIES_TAG, PARTITION_NAME_TAG

    statuses = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING]
    runs = instance.get_runs(dg.RunsFilter(tags={PARTITION_NAME_TAG: key}, statuses=statuses))
    with place.database.read() as session:
        dead = dead_workers(session, [run.run_id for run in runs])
        for run in runs:
            if run.run_id in dead:
                # The run that is about to begin goes on with its work: Dagster need not start it again.
                instance.add_run_tags(run.run_id, {MAX_RETRIES_TAG: "0"})
                instance.report_run_failed(run, "The process of this run is gone; the next run takes its work over.")
                continue
            worker = session.query(Worker).filter(Worker.run_id == run.run_id, Worker.ended_at.is_(None)).first()
            if worker is not None:
                raise WorkHeldError(
                    f"{key} is being made by run {run.run_id} (process {worker.pid} on {worker.host}) since "
                    f"{worker.started_at:%Y-%m-%d %H:%M:%S} UTC. Wait for it, or stop it first.",
                    run_id=run.run_id,
                )


def _create_run(
    instance: "dg.DagsterInstance",
    key: str,
    to: StageName,
    shots: Collection[int],
    force: bool,
    auto_review: bool,
) -> "dg.DagsterRun":
    import getpass

    import dagster as dg
    from dagster._core.remote_origin import RemoteJobOrigin, RemoteRepositoryOrigin
    from dagster._core.storage.tags import MAX_RETRIES_TAG, PARTITION_NAME_TAG
    from dagster._core.workspace.load_target import WorkspaceFileTarget

    from aianime_pipeline.resources import REMAKE_JOB, WAITS_TAG

    name = REMAKE_JOB if shots else MAKE_JOB
    recon = _recon_job(name)
    location = WorkspaceFileTarget(paths=[str(WORKSPACE)]).create_origins()[0]
    request = {"shots": sorted(shots), "force": force, "auto_review": auto_review}
    upto = STAGES[: STAGES.index(to) + 1]
    tags = {PARTITION_NAME_TAG: key, EPISODE_TAG: key, REQUESTER_TAG: getpass.getuser(), WAITS_TAG: "true"}
    # It belongs to whoever waits for it: killed, nobody but they starts it again, whoever finds out that it is gone.
    tags[MAX_RETRIES_TAG] = "0"
    if shots:
        tags[SHOTS_TAG] = ",".join(map(str, sorted(shots)))
    return instance.create_run_for_job(
        job_def=recon.get_definition(),
        run_config={
            "resources": {"request": {"config": request}},
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        },
        tags=tags,
        asset_selection={dg.AssetKey(asset) for stage in upto for asset in ASSETS_OF_STAGE[stage]},
        remote_job_origin=RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), name),
        job_code_origin=recon.get_python_origin(),
    )


def _recon_job(name: str) -> Any:
    from dagster._core.definitions.reconstruct import ReconstructableRepository

    return ReconstructableRepository.for_module(
        "aianime_pipeline.definitions", "defs", working_directory=str(WORKSPACE.parent)
    ).get_reconstructable_job(name)


def _execute(instance: "dg.DagsterInstance", run: "dg.DagsterRun") -> None:
    from dagster._core.errors import DagsterExecutionInterruptedError
    from dagster._core.execution.api import execute_run
    from dagster._utils.interrupts import capture_interrupts

    try:
        # Ctrl-C reaches the step that is at work, which gives its claims back before the run ends as cancelled.
        with _cancelled_by_signals(instance, run), capture_interrupts():
            execute_run(_recon_job(run.job_name), run, instance, raise_on_error=False)
    except (KeyboardInterrupt, DagsterExecutionInterruptedError):
        pass  # the run's own state says that it was cancelled


@contextmanager
def _cancelled_by_signals(instance: "dg.DagsterInstance", run: "dg.DagsterRun") -> Iterator[None]:
    """Dagster takes a run that a signal ends for failed, and starts it again, unless it was said to be cancelled.

    Its handlers for SIGINT and SIGTERM come and go with the steps, so the signals are seen beside them.
    """
    import dagster as dg

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen, sees = socket.socketpair()
    sees.setblocking(False)
    stopped = threading.Event()

    def watch() -> None:
        while number := seen.recv(1):
            if number[0] in (signal.SIGINT, signal.SIGTERM) and not stopped.is_set():
                stopped.set()
                instance.report_run_canceling(run)
                stop_of(run.run_id).set()

    watcher = threading.Thread(target=watch, daemon=True, name="signals")
    watcher.start()
    before = signal.set_wakeup_fd(sees.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        sees.close()
        watcher.join()
        seen.close()
        ended = instance.get_run_by_id(run.run_id)
        if stopped.is_set() and ended is not None and ended.status == dg.DagsterRunStatus.FAILURE:
            # The run ended before it was said.
            instance.report_run_canceled(ended)


@contextmanager
def _reported(place: Installation, run_id: str, on_progress: OnProgress | None) -> Iterator[None]:
    if on_progress is None:
        yield
        return
    done = threading.Event()

    def report() -> None:
        while not done.wait(_POLL_SECONDS):
            with place.database.read() as session:
                on_progress(stage_rows(session, run_id))

    thread = threading.Thread(target=report, daemon=True, name="progress")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        with place.database.read() as session:
            on_progress(stage_rows(session, run_id))


def _result(place: Installation, key: str, run: "dg.DagsterRun", failures: list[str], to: StageName) -> MakeResult:
    import dagster as dg

    with place.database.read() as session:
        episode = find_episode(session, key)
        rows = stage_rows(session, run.run_id)
        waiting = waiting_shots(load_shots(session, episode.id))
        film_made = any(row.stage == StageName.FILM and (row.made or row.kept) for row in rows)
        waits = any(row.waiting for row in rows) if to is not StageName.STORYBOARD else False
        if run.status == dg.DagsterRunStatus.SUCCESS:
            status = "waiting" if waits and not film_made else "done"
        else:
            status = "cancelled" if run.status == dg.DagsterRunStatus.CANCELED else "failed"
        return MakeResult(
            episode=key,
            run_id=run.run_id,
            status=status,
            currency=episode.project.currency,
            cost_micros=cost_micros(session, run.run_id),
            stages=rows,
            film=film_status(place, session, episode),
            package=package_status(place, session, episode),
            warnings=film_warnings(session, episode) if film_made else [],
            problems=_problems(status, failures, waiting),
        )


def _problems(status: str, failures: list[str], waiting: list[Waiting]) -> list[str]:
    if status == "cancelled":
        return ["It was stopped; the next make goes on from here."]
    return failures or ([str(one) for one in waiting] if status == "waiting" else [])


def _counts(row: StageRun) -> Mapping[str, float]:
    ended = row.ended_at
    return {
        "seconds": round((ended - row.created_at).total_seconds(), 3) if ended is not None else 0.0,
        "made": row.made,
        "kept": row.kept,
        "waiting": row.waiting,
        "skipped": row.skipped,
        "failed": row.failed,
    }
