"""Asking for work: the task and its request's key in one transaction, then its launch, then the answer `202`.

Dagster away: the task is kept, and the answer says so.
"""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Task
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.tasks.asking import Asked
from aianime_pipeline.production.tasks.launching import Launch, launch_now
from api.idempotency import Once
from api.schemas.tasks import AskedTask, AskedTasks, show_asked

ACCEPTED = 202

_NOT_YET = Launch(None, "it is launched when its turn comes")


def ask_for_task(place: Installation, once: Once, who: str, ask: Callable[[Session], Asked]) -> AskedTask:
    """What `ask` asks for in the transaction that it is given; the same request again is the same task. Raises what
    `ask` raises, and IdempotencyKeyReusedError."""
    return ask_for_tasks(place, once, who, lambda session: [ask(session)]).tasks[0]


def ask_for_tasks(place: Installation, once: Once, who: str, ask: Callable[[Session], Sequence[Asked]]) -> AskedTasks:
    """As `ask_for_task`, where one wish is several tasks."""
    with place.database.write() as session:
        before = once.answer(session, who)
        if before is not None:
            return AskedTasks.model_validate(before)
        asked = ask(session)
        _keep(session, once, who, _shown(session, asked, [_NOT_YET] * len(asked)))
    launches = [launch_now(place, one.task.id) for one in asked]
    with place.database.write() as session:
        now_so = [_as_it_stands(session, one) for one in asked]
        answer = _shown(session, now_so, launches)
        _keep(session, once, who, answer)
    return answer


def _shown(session: Session, asked: Sequence[Asked], launches: Sequence[Launch]) -> AskedTasks:
    return AskedTasks(tasks=[show_asked(session, one, launch) for one, launch in zip(asked, launches, strict=True)])


def _keep(session: Session, once: Once, who: str, answer: AskedTasks) -> None:
    once.keep(session, who, answer.model_dump(mode="json"), ACCEPTED)


def _as_it_stands(session: Session, asked: Asked) -> Asked:
    return Asked(session.get_one(Task, asked.task.id, populate_existing=True), asked.new, asked.before)
