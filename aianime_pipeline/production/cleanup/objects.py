"""Objects that nothing refers to, or nothing but what may go: found in a look, and removed in small transactions."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Episode, Generation, MediaObject, Shot, ShotStage, Take
from aianime_pipeline.production.cleanup.choosing import results_first, what_goes
from aianime_pipeline.production.cleanup.references import in_columns, in_documents
from aianime_pipeline.production.cleanup.report import CleanupReport
from aianime_pipeline.production.cleanup.rules import Rows, Rules, old_results, superseded_takes
from aianime_pipeline.production.installation import Installation

_PAGE = 2_000
_MOST_CANDIDATES = 20_000
"""Of one look, which reads every document: few looks, and little memory."""
_REMOVED_AT_ONCE = 200
"""In one transaction: nobody else who writes waits long."""

_T = TypeVar("_T")

Leaving = Mapping[str, Collection[int]]
"""Rows by their table that go themselves, so that they hold nothing."""


@dataclass
class Going:
    """`objects` with their bytes; `takes` and `results` lose their file with them. `inputs` are what takes that may go
    were made from. `last` is the last digest that was looked at, None where all were."""

    objects: dict[str, int]
    takes: Rows
    results: Rows
    inputs: Mapping[int, set[str]] = field(default_factory=dict)
    last: str | None = None


def remove_unneeded(place: Installation, rules: Rules, report: CleanupReport, exports: Collection[int] = ()) -> None:
    """Remove them, or only report them in a dry run. `exports` (ids) are about to go: they hold nothing."""
    last: str | None = ""
    while last is not None:
        with place.database.one_moment() as session:
            going = _look(session, rules, {"exports": frozenset(exports)}, last)
            episodes = _episodes(session, going.takes)
        last = going.last
        if report.dry_run:
            _count(report, going, episodes)
            continue
        order = results_first(going.objects, going.takes, going.inputs)
        for part in _parts(order, _REMOVED_AT_ONCE):
            done = _remove_rows(place, rules, part, going.inputs)
            _count(report, done, episodes)
            remove_files(place, rules, done.objects)


def remove_files(place: Installation, rules: Rules, digests: Collection[str]) -> list[str]:
    """Those of objects that no row knows, still none, and that nobody put or renewed within the grace. Returns what was
    removed."""
    with place.database.read() as session:
        back = set(session.scalars(sa.select(MediaObject.digest).where(MediaObject.digest.in_(digests))))
    return [
        digest for digest in digests if digest not in back and place.store.remove_if_older(digest, than=rules.grace)
    ]


def _look(session: Session, rules: Rules, leaving: Leaving, last: str) -> Going:
    """The next part of the objects after `last`."""
    candidates: dict[str, int] = {}
    takes: Rows = {}
    results: Rows = {}
    after: str | None = last
    while after is not None and len(candidates) < _MOST_CANDIDATES:
        page = _page(session, rules, after)
        after = max(page) if len(page) == _PAGE else None
        of_page = superseded_takes(session, rules, page), old_results(session, rules, page)
        own = dict(leaving) | {"takes": of_page[0].keys(), "generations": of_page[1].keys()}
        held = {one.digest for one in in_columns(session, page) if one.row not in own.get(one.table, ())}
        free = {digest: size for digest, size in page.items() if digest not in held}
        candidates |= free
        takes |= _with_file_in(of_page[0], free)
        results |= _with_file_in(of_page[1], free)
    held, inputs = _named(session, candidates, takes, leaving)
    return _going(candidates, held, takes, results, inputs, after)


def _going(
    candidates: Mapping[str, int],
    held: set[str],
    takes: Rows,
    results: Rows,
    inputs: Mapping[int, set[str]],
    last: str | None,
) -> Going:
    goes = what_goes(candidates.keys(), held, takes, inputs)
    objects = {digest: size for digest, size in candidates.items() if digest in goes}
    return Going(objects, _with_file_in(takes, objects), _with_file_in(results, objects), inputs, last)


def _page(session: Session, rules: Rules, after: str) -> dict[str, int]:
    query = sa.select(MediaObject.digest, MediaObject.size).where(
        MediaObject.digest > after, MediaObject.created_at < rules.grace
    )
    return dict(session.execute(query.order_by(MediaObject.digest).limit(_PAGE)).all())


def _named(
    session: Session, candidates: Mapping[str, int], takes: Rows, leaving: Leaving
) -> tuple[set[str], dict[int, set[str]]]:
    """The candidates that documents name, and those that each of `takes`, which may go, was made from."""
    held: set[str] = set()
    inputs: dict[int, set[str]] = defaultdict(set)
    for one in in_documents(session, candidates.keys()) if candidates else ():
        if one.table == "takes" and one.row in takes:
            inputs[one.row].add(one.digest)
        elif one.row not in leaving.get(one.table, ()):
            held.add(one.digest)
    return held, inputs


def _remove_rows(place: Installation, rules: Rules, digests: Collection[str], inputs: Mapping[int, set[str]]) -> Going:
    """Whatever came into use since the look, or is locked by somebody at this moment, stays, with what it was made
    from. `inputs` are those that were found in the look."""
    made_from = {take for take, named in inputs.items() if not named.isdisjoint(digests)}
    with place.database.write() as session:
        locked = sa.select(MediaObject.digest, MediaObject.size).where(MediaObject.digest.in_(digests))
        objects = dict(session.execute(locked.with_for_update(skip_locked=True)).all())
        takes = _locked_takes(session, superseded_takes(session, rules, objects), rules)
        results = old_results(session, rules, objects)
        own = {"takes": takes.keys(), "generations": results.keys()}
        held = {one.digest for one in in_columns(session, objects) if one.row not in own.get(one.table, ())}
        stay = sa.select(Take.id).where(Take.id.in_(made_from - takes.keys()), Take.state != "removed")
        held.update(*(inputs[take] for take in session.scalars(stay)))
        going = _going(objects, held, takes, results, inputs, None)
        emptied = sa.update(Take).where(Take.id.in_(going.takes)).values(state="removed", object_digest=None)
        session.execute(emptied)
        session.execute(sa.update(Generation).where(Generation.id.in_(going.results)).values(result_digest=None))
        session.execute(sa.delete(MediaObject).where(MediaObject.digest.in_(going.objects)))
    return going


def _locked_takes(session: Session, takes: Rows, rules: Rules) -> Rows:
    """Those whose stage is locked by this transaction, and that are superseded still: nobody selects them now."""
    stages = sa.select(Take.id).join(ShotStage, ShotStage.id == Take.stage_id).where(Take.id.in_(takes))
    mine = set(session.scalars(stages.with_for_update(of=ShotStage, skip_locked=True)))
    found = superseded_takes(session, rules, set(takes.values()))
    return {take: digest for take, digest in found.items() if take in mine}


def _with_file_in(rows: Rows, objects: Mapping[str, int]) -> Rows:
    return {row: digest for row, digest in rows.items() if digest in objects}


def _episodes(session: Session, takes: Rows) -> dict[int, str]:
    """The key of each take's episode."""
    found: dict[int, str] = {}
    for part in _parts(sorted(takes), _PAGE):
        query = (
            sa.select(Take.id, Episode.key)
            .join(ShotStage, ShotStage.id == Take.stage_id)
            .join(Shot, Shot.id == ShotStage.shot_id)
            .join(Episode, Episode.id == Shot.episode_id)
            .where(Take.id.in_(part))
        )
        found |= dict(session.execute(query).all())
    return found


def _count(report: CleanupReport, going: Going, episodes: Mapping[int, str]) -> None:
    of_takes = set(going.takes.values())
    report.removed["takes"].add(len(going.takes))
    report.removed["results"].add(sum(digest not in of_takes for digest in going.results.values()))
    report.removed["objects"].add(len(going.objects), sum(going.objects.values()))
    for take in going.takes:
        key = episodes[take]
        report.episodes[key] = report.episodes.get(key, 0) + 1


def _parts(rows: list[_T], size: int) -> Iterator[list[_T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
