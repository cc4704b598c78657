"""Whatever happened before: what anything needs is never removed, and what nothing needs goes in the end. A model of
what is needed stands beside the rows."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from support.histories import History

from aianime_pipeline.db.models import Base, Export, Project, Take
from aianime_pipeline.production.installation import Installation

STAGES = st.sampled_from(["image", "video"])
CONTENTS = st.sampled_from([None, None, "sea"])
"""None: bytes that nothing else has; the others may be those of several takes."""


@dataclass
class Made:
    """A take as the model knows it, as long as it is not removed."""

    row: Take
    stage: str
    at: datetime
    inputs: set[str]

    @property
    def digest(self) -> str:
        assert self.row.object_digest is not None
        return self.row.object_digest


@dataclass
class Model:
    takes: list[Made] = field(default_factory=list)
    selected: dict[str, Made] = field(default_factory=dict)
    acts: dict[str, datetime] = field(default_factory=dict)
    """When something happened on a stage last."""
    exports: list[tuple[Export, datetime]] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    """By the person's edit."""
    loose: dict[str, datetime] = field(default_factory=dict)
    """Objects that nothing names, by when they were put."""
    in_work: bool = False

    def needed(self, moment: datetime) -> tuple[set[str], list[Made]]:
        """What must be there at `moment`, and the takes that must be ready."""
        old = moment - timedelta(days=30)
        needed = self.shown | {digest for digest, at in self.loose.items() if at >= moment - timedelta(days=1)}
        for export, at in self.exports:
            if not (export.draft and at < old):
                needed |= {export.film_digest or "", *(file["digest"] for file in export.files.values())}
        kept: list[Made] = []
        waiting = list(self.takes)
        while staying := [made for made in waiting if self._stays(made, old) or made.digest in needed]:
            for made in staying:
                waiting.remove(made)
                needed |= {made.digest} | made.inputs
            kept += staying
        return needed, kept

    def _stays(self, made: Made, old: datetime) -> bool:
        return self.selected.get(made.stage, made) is made or self.acts[made.stage] >= old or self.in_work

    @property
    def digests(self) -> list[str]:
        return sorted({made.digest for made in self.takes})


class Histories(RuleBasedStateMachine):
    def __init__(self, place: Installation) -> None:
        super().__init__()
        with place.database.write() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(sa.delete(table))
        for one in list(place.store.digests()):
            place.store.delete(one.digest)
        self.history, self.model = History(place), Model()

    @initialize(stages=st.lists(STAGES, min_size=2, max_size=6), days=st.sampled_from([0, 20, 40]))
    def begin(self, stages: list[str], days: float) -> None:
        for stage in stages:
            self.make(stage, None, True)
        self.history.passes(days)

    @rule(stage=STAGES, data=CONTENTS, selected=st.sampled_from([True, True, False]))
    def make(self, stage: str, data: str | None, selected: bool) -> None:
        row = self.history.take(0, stage, data, selected=selected)
        made = Made(row, stage, self.history.moment, {digest for digest in row.inputs.values() if digest is not None})
        self.model.takes.append(made)
        self.model.acts[stage] = self.history.moment
        if selected:
            self.model.selected[stage] = made

    @precondition(lambda self: self.model.takes)
    @rule(data=st.data())
    def select(self, data: st.DataObject) -> None:
        made = data.draw(st.sampled_from(self.model.takes))
        self.history.select(made.row)
        self.model.selected[made.stage] = made
        self.model.acts[made.stage] = self.history.moment

    @precondition(lambda self: self.model.takes)
    @rule(data=st.data(), draft=st.booleans())
    def export(self, data: st.DataObject, draft: bool) -> None:
        shows = tuple(data.draw(st.lists(st.sampled_from(self.model.digests), max_size=2)))
        made = self.history.export(name="main" if draft else "phone", draft=draft, shows=shows)
        self.model.exports.append((made, self.history.moment))

    @precondition(lambda self: self.model.takes)
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        self.model.shown = set(data.draw(st.lists(st.sampled_from(self.model.digests), max_size=3)))
        self.history.edit(*sorted(self.model.shown))

    @rule(remembered=st.booleans())
    def leave_behind(self, remembered: bool) -> None:
        self.model.loose[self.history.put(remembered=remembered)] = self.history.moment

    @rule()
    def begin_or_end_work(self) -> None:
        self.model.in_work = not self.model.in_work
        self.history.set_stage(0, "image", "generating" if self.model.in_work else "approved")

    @rule(days=st.sampled_from([0.5, 20, 40]))
    def days_pass(self, days: float) -> None:
        self.history.passes(days)
        self.clean_up()

    def clean_up(self) -> None:
        needed, kept = self.model.needed(self.history.moment)
        known = self.history.known()
        listed = self.history.cleanup(dry_run=True)
        done = self.history.cleanup()
        assert done.to_document() == listed.to_document() | {"dry_run": False}
        for made in self.model.takes:
            assert self.history.now_of(made.row)[0] == ("ready" if made in kept else "removed")
        self.model.takes = kept
        stored = self.history.stored()
        assert needed <= stored
        assert {digest for digest in stored - needed if not self._put_within_a_day(digest)} == set()
        assert self.history.known() == known & stored

    def _put_within_a_day(self, digest: str) -> bool:
        with self.history.place.store.local_path(digest) as path:
            return path.stat().st_mtime >= (self.history.moment - timedelta(days=1)).timestamp()

    @invariant()
    def whatever_is_named_is_there(self) -> None:
        assert self.model.needed(self.history.moment)[0] <= self.history.stored()

    def teardown(self) -> None:
        for days in (0, 20, 11):
            self.days_pass(days)
        if self.model.in_work:
            self.begin_or_end_work()
        with self.history.place.database.write() as session:
            session.execute(sa.update(Project).values(retention={"exports": 30}))
        self.model.exports, self.model.shown = [], set()
        self.history.edit()
        self.history.passes(500)
        self.history.cleanup()
        needed, _ = self.model.needed(self.history.moment)
        assert self.history.stored() == self.history.known() == needed


def test_whatever_the_history_nothing_needed_goes_and_everything_else_does_in_the_end(place: Installation) -> None:
    run_state_machine_as_test(
        lambda: Histories(place), settings=settings(max_examples=40, stateful_step_count=12, deadline=None)
    )
