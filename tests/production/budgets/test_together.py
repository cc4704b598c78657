"""No hard budget is exceeded and nothing is lost, however many processes ask at once."""

import pytest
import sqlalchemy as sa
from support.processes import Script
from support.spending import add_project, budget, stands, told, used

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Generation, Project, ProviderUsage, UsageDay
from aianime_pipeline.production.budgets.limits import Subject, remove_budget
from aianime_pipeline.providers.prices import MICROS

YUAN = MICROS


@pytest.fixture
def project(database: Database) -> Project:
    return add_project(database)


ALL_AT_ONCE = """
import multiprocessing, sys
from aianime_pipeline.db.engine import Database
from aianime_pipeline.errors import BudgetExceededError
from aianime_pipeline.db.models import Project
from aianime_pipeline.production.budgets.reserving import release, settle
from support.spending import ask

def work(number, url, start, made):
    database = Database(url)
    with database.read() as session:
        project = session.get_one(Project, int(sys.argv[2]))
    start.wait()
    count = 0
    while True:
        try:
            generation = ask(database, project, 1_000_000)
        except BudgetExceededError:
            break
        count += 1
        if number % 2:
            with database.write() as session:
                settle(session, generation, 1_000_000)
    made.put(count)

fork = multiprocessing.get_context("fork")
start, made = fork.Barrier(16), fork.Queue()
workers = [fork.Process(target=work, args=(number, sys.argv[1], start, made)) for number in range(16)]
for worker in workers:
    worker.start()
print(*(made.get(timeout=120) for _ in workers))
for worker in workers:
    worker.join()
"""


def test_of_16_processes_on_a_budget_with_room_for_100_requests_exactly_100_are_made(
    database: Database, migrated_url: str, project: Project
) -> None:
    budget(database, limit=100)
    budget(database, "studio", 1_000, scope="organisation", period="total")
    made = [int(word) for word in Script(ALL_AT_ONCE, migrated_url, project.id).end(180).split()]
    assert len(made) == 16
    assert sum(made) == 100
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Generation)) == 100
    found = stands(database)
    assert (found.used_micros, found.left_micros) == (100 * YUAN, 0)
    assert [text.split()[0] for text in told(database)] == ["50", "80", "100"]


SPEND = """
import multiprocessing, sys
from datetime import UTC, datetime
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Generation, Project
from aianime_pipeline.production.budgets.reserving import release, settle
from support.spending import ask, use

def work(number, url, start):
    database = Database(url)
    with database.read() as session:
        project = session.get_one(Project, int(sys.argv[2]))
    start.wait()
    for turn in range(40):
        generation = ask(database, project, 1_000_000)
        with database.write() as session:
            row = session.get_one(Generation, generation, with_for_update=True, populate_existing=True)
            if turn % 4 == 3:
                release(session, generation)
                row.state = "failed"
                continue
            use(session, row, 2_000_000, datetime.now(UTC))
            settle(session, generation, 2_000_000)
            row.state = "succeeded"

fork = multiprocessing.get_context("fork")
start = fork.Barrier(5)
workers = [fork.Process(target=work, args=(number, sys.argv[1], start)) for number in range(4)]
for worker in workers:
    worker.start()
start.wait()
print("begun", flush=True)
for worker in workers:
    worker.join()
assert [worker.exitcode for worker in workers] == [0] * 4
"""


def test_a_budget_that_is_set_while_others_spend_counts_every_request_once(
    database: Database, migrated_url: str, project: Project
) -> None:
    spenders = Script(SPEND, migrated_url, project.id)
    spenders.says("begun")
    budget(database, limit=1_000)
    at_work = True
    while at_work:
        at_work = spenders.process.poll() is None
        budget(database, limit=2_000, period="total")
        budget(database, "studio", 3_000, scope="organisation")
        budget(database, limit=1_000, hard=False)
        with database.write() as session:
            remove_budget(session, Subject("project", "p", "total", "CNY"))
    spenders.end()
    budget(database, limit=2_000, period="total")
    with database.read() as session:
        cost = session.scalar(sa.select(sa.func.sum(ProviderUsage.cost_micros)))
        assert session.scalar(sa.select(sa.func.sum(UsageDay.cost_micros))) == cost == 4 * 30 * 2 * YUAN
    assert used(database) == used(database, "studio") == used(database, period="total") == (240, 0)
