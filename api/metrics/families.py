"""Figures as metrics. Labels are states, kinds and names out of the configuration: nothing that grows with the work."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

from aianime_pipeline.production.figures import Figures
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.production.tasks.states import TaskState
from api.metrics.cached import Reading
from api.metrics.dagster import DagsterFigures

_CALLED = ("provider", "model", "capability")


@dataclass(frozen=True)
class About:
    """A metric's name, labels and words. Counters are named without their `_total`."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


DATABASE_UP = About("aianime_database_up", "1 where the figures of the database were read at the last look.")
DAGSTER_UP = About("aianime_dagster_up", "1 where Dagster's web server answered at the last look.")
AGE = About("aianime_figures_age_seconds", "Time since the figures were read that are shown.", ("source",))

TASKS = About("aianime_tasks", "Tasks by state.", ("state",))
OLDEST_WAITING = About(
    "aianime_task_oldest_waiting_age_seconds", "For how long the task waits that could have been launched first."
)
SHOT_STAGES = About("aianime_shot_stages", "Stages of shots by state, without retired shots.", ("stage", "state"))
AI_CALLS = About("aianime_ai_calls", "AI calls that were settled: succeeded or failed.", (*_CALLED, "outcome"))
AI_ERRORS = About("aianime_ai_call_errors", "AI calls that failed, by the kind of the error.", (*_CALLED, "kind"))
AI_SECONDS = About(
    "aianime_ai_call_duration_seconds",
    "From the request to the settled result, of AI calls that were charged.",
    _CALLED,
)
AI_OPEN = About("aianime_ai_calls_open", "AI calls on their way: intent or submitted.", ("provider", "state"))
AI_AMBIGUOUS = About(
    "aianime_ai_calls_ambiguous", "AI calls of which a person has to say whether they were charged.", _CALLED
)
AI_COST = About(
    "aianime_ai_cost_micros",
    "Cost of AI calls, in millionths of a unit of the currency.",
    ("provider", "model", "currency"),
)
SCHEDULE_LAG = About(
    "aianime_schedule_lag_seconds", "Time since the moment up to which the dispatcher asked for what schedules want."
)
QUEUED_RUNS = About("aianime_dagster_queued_runs", "Runs in the queue of Dagster's run coordinator.")
DAEMON_HEALTHY = About("aianime_dagster_daemon_healthy", "1 where Dagster counts the daemon as healthy.", ("daemon",))
DAEMON_AGE = About(
    "aianime_dagster_daemon_heartbeat_age_seconds", "Time since the daemon's last heartbeat.", ("daemon",)
)


def database_families(reading: Reading[Figures]) -> Iterator[Metric]:
    """Without a figure: only that there is none."""
    yield _one(DATABASE_UP, reading.ok)
    figures = reading.value
    if figures is None:
        return
    yield from _work(figures, reading.age_seconds)
    yield from _calls(figures)


def _work(figures: Figures, age: float) -> Iterator[Metric]:
    tasks = _gauge(TASKS)
    for state in TaskState:
        tasks.add_metric([state], figures.tasks.get(state, 0))
    yield tasks
    # What waits goes on waiting while the figures grow old.
    waiting = figures.oldest_waiting
    yield _one(OLDEST_WAITING, (figures.read_at - waiting).total_seconds() + age if waiting is not None else 0)
    stages = _gauge(SHOT_STAGES)
    for stage in Stage:
        for standing in State:
            stages.add_metric([stage, standing], figures.shot_stages.get((stage, standing), 0))
    yield stages
    if figures.schedules_looked_until is not None:
        lag = (figures.read_at - figures.schedules_looked_until).total_seconds() + age
        yield _one(SCHEDULE_LAG, max(0.0, lag))


def _calls(figures: Figures) -> Iterator[Metric]:
    settled = CounterMetricFamily(AI_CALLS.name, AI_CALLS.help, labels=AI_CALLS.labels)
    errors = CounterMetricFamily(AI_ERRORS.name, AI_ERRORS.help, labels=AI_ERRORS.labels)
    seconds = SummaryMetricFamily(AI_SECONDS.name, AI_SECONDS.help, labels=AI_SECONDS.labels)
    ambiguous = _gauge(AI_AMBIGUOUS)
    for called, calls in figures.calls.items():
        names = [called.provider, called.model, called.capability]
        settled.add_metric([*names, "succeeded"], calls.succeeded)
        settled.add_metric([*names, "failed"], sum(calls.failed.values()))
        for kind, count in sorted(calls.failed.items()):
            errors.add_metric([*names, kind], count)
        seconds.add_metric(names, calls.charged, calls.seconds)
        ambiguous.add_metric(names, calls.ambiguous)
    yield from (settled, errors, seconds, ambiguous)
    on_their_way = _gauge(AI_OPEN)
    for (provider, state), count in sorted(figures.open_calls.items()):
        on_their_way.add_metric([provider, state], count)
    yield on_their_way
    cost = CounterMetricFamily(AI_COST.name, AI_COST.help, labels=AI_COST.labels)
    for key, micros in sorted(figures.cost_micros.items()):
        cost.add_metric(list(key), micros)
    yield cost


def dagster_families(reading: Reading[DagsterFigures]) -> Iterator[Metric]:
    """Where Dagster is away, nothing is told of it but that: what was there before says nothing of now."""
    yield _one(DAGSTER_UP, reading.ok)
    figures = reading.value
    if figures is None or not reading.ok:
        return
    yield _one(QUEUED_RUNS, figures.queued_runs)
    healthy, beats = _gauge(DAEMON_HEALTHY), _gauge(DAEMON_AGE)
    for daemon in figures.daemons:
        if not daemon.required:
            continue
        healthy.add_metric([daemon.type], daemon.healthy)
        if daemon.last_beat is not None:
            age = (figures.read_at - daemon.last_beat).total_seconds() + reading.age_seconds
            beats.add_metric([daemon.type], max(0.0, age))
    yield from (healthy, beats)


def age_family(database: Reading[Figures], dagster: Reading[DagsterFigures]) -> Metric:
    ages = _gauge(AGE)
    if database.value is not None:
        ages.add_metric(["database"], database.age_seconds)
    if dagster.value is not None:
        ages.add_metric(["dagster"], dagster.age_seconds)
    return ages


def _gauge(about: About) -> GaugeMetricFamily:
    return GaugeMetricFamily(about.name, about.help, labels=about.labels)


def _one(about: About, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(about.name, about.help, value=float(value))
