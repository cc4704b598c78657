"""What a client gets: everything once and in order, what it may see at that moment, also after it was away."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg2
import sqlalchemy as sa
from support.postgres import PostgresServer
from support.spending import add_project
from support.streams import Client, Rights, ready, run

from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import Episode, Event, Project, StageRun, Worker
from aianime_pipeline.db.models.base import now
from aianime_pipeline.production.events import record_event
from aianime_pipeline.production.notices.telling import tell
from api.watching.hub import Hub
from api.watching.news import Only, Sight
from api.watching.reading import RESUMABLE_FOR
from api.watching.streams import Watching


def happens(database: Database, project: Project, *numbers: int, kind: str = "shot") -> None:
    """One event each, in one transaction."""
    with database.write() as session:
        for number in numbers:
            record_event(session, kind, project_id=project.id, shot=number)


def shots(client: Client) -> list[int]:
    return [one.data["shot"] for one in client.got if one.kind == "shot"]


def has(*numbers: int) -> Callable[[Client], bool]:
    return lambda client: shots(client) == list(numbers)


def sees(*projects: Project, user: str = "li") -> Sight:
    return Sight(user, frozenset(project.id for project in projects))


def test_what_happens_is_told_within_a_second_once_and_in_order(database: Database) -> None:
    project = add_project(database)
    happens(database, project, 0)
    rights = Rights({"li": sees(project)})

    async def scenario() -> None:
        client = Client(Watching(database, rights.look_up), "li")
        await client.until(ready)
        assert client.got[0].kind == "ready"
        happens(database, project, 1, 2)
        async with asyncio.timeout(1):
            await client.until(has(1, 2))
        happens(database, project, *range(3, 1300))
        await client.until(has(*range(1, 1300)))
        assert client.got[1].data["project"] == project.slug
        await client.close()

    run(scenario)


def test_many_streams_are_one_reader(database: Database) -> None:
    project = add_project(database)
    rights = Rights({number: sees(project) for number in range(40)})
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    async def scenario() -> None:
        watching = Watching(database, rights.look_up)
        clients = [Client(watching, number) for number in range(40)]
        for client in clients:
            await client.until(ready)
        sa.event.listen(database.engine, "before_cursor_execute", count)
        happens(database, project, 1)
        for client in clients:
            await client.until(has(1))
        before = asked
        await asyncio.sleep(1.2)
        assert asked - before <= 12
        for client in clients:
            await client.close()

    run(scenario)


def test_only_what_the_caller_may_see_is_told(database: Database) -> None:
    mine, other = add_project(database, "mine"), add_project(database, "other")
    rights = Rights({"li": sees(mine), "root": Sight("root", None, all_else=True)})

    async def scenario() -> None:
        watching = Watching(database, rights.look_up)
        li, root = Client(watching, "li"), Client(watching, "root")
        await li.until(ready)
        await root.until(ready)
        happens(database, other, 1)
        happens(database, mine, 2)
        await root.until(has(1, 2))
        await li.until(has(2))
        assert shots(li) == [2]
        await li.close()
        await root.close()

    run(scenario)


def test_a_right_counts_from_the_moment_it_is_given_and_no_longer_than_it_is_there(database: Database) -> None:
    project = add_project(database)
    rights = Rights({"li": sees()})

    async def scenario() -> None:
        client = Client(Watching(database, rights.look_up), "li")
        await client.until(ready)
        happens(database, project, 1)
        await asyncio.sleep(0.6)
        rights.sights["li"] = sees(project)
        happens(database, project, 2)
        await client.until(has(2))
        rights.sights["li"] = sees()
        happens(database, project, 3)
        await asyncio.sleep(1)
        rights.sights["li"] = sees(project)
        happens(database, project, 4)
        await client.until(has(2, 4))
        await client.close()

    run(scenario)


def test_the_stream_of_somebody_who_is_logged_out_ends_within_a_second_also_when_nothing_happens(
    database: Database,
) -> None:
    rights = Rights({"li": sees(), "wu": sees()})

    async def scenario() -> None:
        watching = Watching(database, rights.look_up)
        li, wu = Client(watching, "li"), Client(watching, "wu")
        await li.until(ready)
        await wu.until(ready)
        del rights.sights["li"]
        async with asyncio.timeout(1.5):
            await li.until(lambda client: client.ended)
        assert not wu.ended
        await wu.close()

    run(scenario)


def test_notices_reach_whom_they_are_for_whatever_the_stream_asks_for(database: Database) -> None:
    project, other = add_project(database), add_project(database, "other")
    rights = Rights({"li": sees(project), "wu": sees(project, user="wu")})

    async def scenario() -> None:
        watching = Watching(database, rights.look_up)
        li = Client(watching, "li", Only(project_id=other.id))
        wu = Client(watching, "wu")
        await li.until(ready)
        await wu.until(ready)
        with database.write() as session:
            tell(session, key="1", kind="for_li", text="…", project_id=project.id, user="li")
            tell(session, key="2", kind="for_all", text="…", project_id=project.id)
        for client, kinds in ((li, ["for_li", "for_all"]), (wu, ["for_all"])):
            await client.until(lambda client: "for_all" in [one.data.get("notice") for one in client.got])
            assert [one.data["notice"] for one in client.got[1:]] == kinds
            assert "user" not in client.got[-1].data
            await client.close()

    run(scenario)


def test_a_client_that_comes_back_gets_what_it_missed_and_then_what_happens(database: Database) -> None:
    project = add_project(database)
    rights = Rights({"li": sees(project)})

    async def scenario() -> None:
        watching = Watching(database, rights.look_up)
        first = Client(watching, "li")
        await first.until(ready)
        happens(database, project, 1)
        await first.until(has(1))
        await first.close()
        happens(database, project, *range(2, 1202))
        again = Client(watching, "li", last=first.got[-1].id)
        await again.until(has(*range(2, 1202)))
        assert again.kinds[0] == "ready"
        happens(database, project, 1202)
        await again.until(has(*range(2, 1203)))
        await again.close()

    run(scenario)


def test_what_was_missed_is_told_by_the_rights_of_now(database: Database) -> None:
    mine, lost = add_project(database, "mine"), add_project(database, "lost")
    rights = Rights({"li": sees(mine, lost)})

    async def scenario() -> None:
        watching = Watching(database, rights.look_up)
        happens(database, mine, 0)
        first = Client(watching, "li")
        await first.until(ready)
        await first.close()
        happens(database, lost, 1)
        happens(database, mine, 2)
        rights.sights["li"] = sees(mine)
        again = Client(watching, "li", last=first.got[0].id)
        await again.until(has(2))
        await again.close()

    run(scenario)


def comes_back(database: Database, last: str) -> list[str]:
    """The kinds of the first two things that a client gets that comes back with this id while one thing happens."""
    kinds: list[str] = []
    with database.read() as session:
        project = session.scalars(sa.select(Project)).first()
        assert project is not None

    async def scenario() -> None:
        client = Client(Watching(database, Rights({"li": sees(project)}).look_up), "li", last=last)
        await client.until(ready)
        happens(database, project, 99)
        await client.until(lambda client: 99 in shots(client))
        kinds.extend(client.kinds)
        await client.close()

    run(scenario)
    return kinds


def newest_id(database: Database) -> str:
    with database.read() as session:
        event = session.scalars(sa.select(Event).order_by(Event.id.desc())).first()
        assert event is not None
        return f"{event.id}-{int(event.created_at.timestamp() * 1000)}"


def test_who_was_away_too_long_or_comes_with_another_databases_id_is_told_to_read_everything_again(
    database: Database,
) -> None:
    project = add_project(database)
    happens(database, project, 1, 2, 3)
    last = newest_id(database)
    assert comes_back(database, last) == ["ready", "shot"]
    assert comes_back(database, "0-0") == ["reset", "shot"]
    assert comes_back(database, "nonsense") == ["reset", "shot"]
    number, _, milliseconds = last.partition("-")
    # The same number may be another event after a restore.
    assert comes_back(database, f"{number}-{int(milliseconds) + 1}") == ["reset", "shot"]
    assert comes_back(database, f"{int(number) + 1000}-{milliseconds}") == ["reset", "shot"]


def test_who_comes_back_after_their_event_was_removed_or_grew_old_is_told_so(database: Database) -> None:
    project = add_project(database)
    happens(database, project, 1)
    last = newest_id(database)
    happens(database, project, 2)
    with database.write() as session:
        session.execute(sa.delete(Event).where(Event.id == int(last.partition("-")[0])))
    assert comes_back(database, last) == ["reset", "shot"]

    moment = now() - RESUMABLE_FOR - timedelta(minutes=1)
    with database.write() as session:
        session.execute(sa.update(Event).values(created_at=moment))
    last = newest_id(database)
    happens(database, project, 3)
    assert comes_back(database, last) == ["reset", "shot"]


def test_nothing_is_told_twice_to_who_was_told_more_by_another_process(database: Database) -> None:
    project = add_project(database)
    rights = Rights({"li": sees(project), "wu": sees(project)})

    async def scenario() -> None:
        watching = Watching(database, rights.look_up)
        wu = Client(watching, "wu")
        await wu.until(ready)
        happens(database, project, 1, 2)
        # This process has not read them yet.
        li = Client(watching, "li", last=newest_id(database))
        await li.until(ready)
        happens(database, project, 3)
        await li.until(lambda client: 3 in shots(client))
        assert shots(li) == [3]
        assert li.kinds[0] == "ready"
        await wu.until(has(1, 2, 3))
        await li.close()
        await wu.close()

    run(scenario)


def test_a_client_that_does_not_read_is_sent_away_and_goes_on_by_its_id(database: Database) -> None:
    project = add_project(database)
    rights = Rights({"li": sees(project), "wu": sees(project)})

    async def scenario() -> None:
        hub = Hub(most_kept=50)
        watching = Watching(database, rights.look_up, hub=hub)
        slow = watching.stream("li", Only(), None)
        await anext(slow)
        wu = Client(watching, "wu")
        await wu.until(ready)
        last = None
        for start in range(0, 200, 20):
            happens(database, project, *range(start, start + 20))
            await wu.until(has(*range(start + 20)))
            if start == 0:
                piece = await anext(slow)
                last = piece.decode().rpartition("id: ")[2].partition("\n")[0]
        assert len(hub.since(hub.count - 50)) == 50
        assert [piece async for piece in slow] == []
        again = Client(watching, "li", last=last)
        await again.until(has(*range(20, 200)))
        await again.close()
        await wu.close()

    run(scenario)


def add_stage_run(database: Database, project: Project, run_id: str = "run", **values: object) -> int:
    with database.write() as session:
        key = f"{project.slug}-e001"
        episode = session.scalar(sa.select(Episode).where(Episode.key == key))
        if episode is None:
            episode = Episode(project_id=project.id, number=1, key=key)
            session.add(episode)
            session.flush()
        session.add(Worker(id=run_id, host="elsewhere", pid=1, process_started="", run_id=run_id))
        row = StageRun(run_id=run_id, episode_id=episode.id, stage="images", report={}, total=4)
        session.add(row)
        session.flush()
        return row.id


def progress(client: Client) -> list[tuple[float, bool]]:
    return [(one.data["percent"], one.data["ended"]) for one in client.got if one.kind == "progress"]


def test_the_progress_of_a_stage_is_told_as_it_goes_on_and_to_who_comes_in_the_middle(database: Database) -> None:
    project, other = add_project(database), add_project(database, "other")
    rights = Rights({"li": sees(project), "wu": sees(other)})
    row = add_stage_run(database, project)

    def goes_on(**values: object) -> None:
        with database.write() as session:
            session.execute(sa.update(StageRun).where(StageRun.id == row).values(**values))

    async def scenario() -> None:
        watching = Watching(database, rights.look_up)
        li, wu = Client(watching, "li"), Client(watching, "wu")
        await li.until(lambda client: progress(client) == [(0.0, False)])
        for made in (1, 2):
            goes_on(made=made)
            await li.until(lambda client, made=made: (25.0 * made, False) in progress(client))  # type: ignore[misc]
        late = Client(watching, "li")
        await late.until(lambda client: progress(client) == [(50.0, False)])
        goes_on(made=4, ended_at=now())
        for client in (li, late):
            await client.until(lambda client: progress(client)[-1] == (100.0, True))
        assert [one.id for one in li.got if one.kind == "progress"] == [None] * 4
        assert progress(wu) == []
        for client in (li, late, wu):
            await client.close()

    run(scenario)


def test_what_a_killed_run_left_open_is_not_told(database: Database) -> None:
    project = add_project(database)
    add_stage_run(database, project, "dead")
    with database.write() as session:
        session.execute(sa.update(Worker).values(beat_at=now() - timedelta(minutes=5)))
    add_stage_run(database, project, "alive")

    async def scenario() -> None:
        client = Client(Watching(database, Rights({"li": sees(project)}).look_up), "li")
        await client.until(lambda client: bool(progress(client)))
        await asyncio.sleep(1.2)
        assert [one.data["run"] for one in client.got if one.kind == "progress"] == ["alive"]
        await client.close()

    run(scenario)


def test_when_nobody_watches_nothing_is_asked(database: Database) -> None:
    rights = Rights({"li": sees()})

    async def scenario() -> None:
        watching = Watching(database, rights.look_up)
        for _ in range(2):
            client = Client(watching, "li")
            await client.until(ready)
            await client.close()
            await asyncio.sleep(0.5)
            before = rights.looked_up
            await asyncio.sleep(1)
            assert rights.looked_up == before

    run(scenario)


def test_streams_end_when_the_reader_breaks_and_those_that_come_then_are_read_for_again(database: Database) -> None:
    project = add_project(database)
    rights = Rights({"li": sees(project)})
    broken = False

    def look_up(*asked: Any) -> Any:
        if broken:
            raise RuntimeError("no such thing was foreseen")
        return rights.look_up(*asked)

    async def scenario() -> None:
        nonlocal broken
        watching = Watching(database, look_up)
        client = Client(watching, "li")
        await client.until(ready)
        broken = True
        await client.until(lambda client: client.ended)
        broken = False
        again = Client(watching, "li")
        await again.until(ready)
        await again.close()

    run(scenario)


def test_streams_outlast_a_database_that_is_away(postgres: PostgresServer, postgres_template: str) -> None:
    name = postgres.new_database(postgres_template)
    database = Database(postgres.url(name))
    project = add_project(database)
    rights = Rights({"li": sees(project)})

    def goes_away(away: bool) -> None:
        connection = psycopg2.connect(postgres.url())
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {not away}")
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        connection.close()

    async def scenario() -> None:
        client = Client(Watching(database, rights.look_up), "li")
        await client.until(ready)
        goes_away(True)
        await asyncio.sleep(1)
        goes_away(False)
        happens(database, project, 1)
        await client.until(has(1))
        await client.close()

    run(scenario)
    database.close()
    postgres.drop_database(name)
