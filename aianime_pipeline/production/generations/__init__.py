"""One paid request to a provider, from intent to settled usage.

The order of the rows is what makes a payment happen once: the intent is committed with its reservation before the
provider is asked, the job's id (or the answer) right after it, and only then is polled. After a crash any process goes
on from the row. A request of which it is unknown whether it arrived is ambiguous, and never repeated by itself, unless
its maker takes no money.

    work.py        what is asked, for whom, and what becomes of it
    intents.py     which provider is asked now, within limits and budgets; the row that says so
    asking.py      the whole way of one request, with its attempts
    finishing.py   polling, fetching and keeping, from a row
    settling.py    how a row ends, with its usage and budgets
    waiting.py     jobs that outlasted their run
    aside.py       results that came after a person had decided
    people.py      what people see and decide: the list, ambiguous ones, cancelling
"""

from aianime_pipeline.production.generations.asking import generate as generate
from aianime_pipeline.production.generations.asking import generate_or_resume as generate_or_resume
from aianime_pipeline.production.generations.finishing import find_open as find_open
from aianime_pipeline.production.generations.finishing import resume as resume
from aianime_pipeline.production.generations.finishing import submitted_shots as submitted_shots
from aianime_pipeline.production.generations.settling import remember_object as remember_object
from aianime_pipeline.production.generations.work import Finished as Finished
from aianime_pipeline.production.generations.work import RunCancelled as RunCancelled
from aianime_pipeline.production.generations.work import StillAtProvider as StillAtProvider
from aianime_pipeline.production.generations.work import Subject as Subject
from aianime_pipeline.production.generations.work import Work as Work
