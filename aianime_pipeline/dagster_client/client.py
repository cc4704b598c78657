"""Dagster's web server as a few calls: launch, backfill, terminate, look, and how its processes are.

One HTTP request each, none is repeated. A launch takes neither a run key nor a run id, so it is not idempotent: after
DagsterUnknownError look for a run with the tags that were given, and only then launch again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from aianime_pipeline.dagster_client.answers import not_answered, one_line, read_answer
from aianime_pipeline.dagster_client.documents import document
from aianime_pipeline.dagster_client.model import (
    Backfill,
    CodeLocation,
    Daemon,
    Run,
    RunStatus,
    read_backfill,
    read_daemons,
    read_location,
    read_run,
)
from aianime_pipeline.errors import BadInputError, BadSettingError, DagsterUnavailableError

LOCATION = "aianime_pipeline"
"""As workspace.yaml names it."""
REPOSITORY = "__repository__"

_PARTITION_TAG = "dagster/partition"
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol)

Found = TypeVar("Found")


class DagsterClient:
    """For one event loop: `async with DagsterClient(settings().dagster_url) as dagster: ...`.

    Every call raises DagsterUnavailableError (nothing was done) or DagsterRefusedError; those that launch or terminate
    also DagsterUnknownError. `timeout_seconds` is that of a whole call. Raises BadSettingError for no web address.
    """

    def __init__(self, url: str, *, timeout_seconds: float = 30.0, connect_seconds: float = 5.0) -> None:
        self._address = _address(url)
        self._timeout_seconds = timeout_seconds
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(None, connect=connect_seconds),
            # A connection that was kept open may be closed at the moment in which it is used, and then nobody knows.
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
            # Reading the certificates takes a tenth of a second.
            verify=self._address.scheme == "https",
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def launch(
        self,
        job: str,
        *,
        partition: str | None = None,
        assets: Iterable[str] = (),
        checks: Iterable[tuple[str, str]] | None = None,
        config: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Launch a run of a job; returns its id. `assets` empty: all of the job; `checks` are (asset, check), None: all
        of the selected assets.

        A job or selection that is refused may be one whose code is not loaded just now, see `location`. Dagster takes
        a partition that does not exist: such a run fails.
        """
        selector: dict[str, Any] = {
            "repositoryLocationName": LOCATION,
            "repositoryName": REPOSITORY,
            "jobName": job,
            "assetSelection": [_key(asset) for asset in assets],
        }
        if checks is not None:
            selector["assetCheckSelection"] = [{"assetKey": _key(asset), "name": name} for asset, name in checks]
        all_tags = {**(tags or {}), **({_PARTITION_TAG: partition} if partition is not None else {})}
        params = {
            "selector": selector,
            "runConfigData": config or {},
            "executionMetadata": {"tags": _tags(all_tags)},
        }
        return await self._ask("launch_run", lambda answer: str(answer["run"]["runId"]), params=params)

    async def run(self, run_id: str) -> Run | None:
        """None: Dagster has no such run."""
        return await self._ask("run", lambda answer: read_run(answer) if answer is not None else None, id=run_id)

    async def runs(self, tags: Mapping[str, str], *, limit: int = 100) -> list[Run]:
        """Those that have all these tags, the newest first, at most `limit`."""
        return await self._ask(
            "runs",
            lambda answer: [read_run(one) for one in answer["results"]],
            filter={"tags": _tags(tags)},
            limit=limit,
        )

    async def count_runs(self, statuses: Collection[RunStatus]) -> int:
        """How many runs are in one of these states."""
        wanted = {"statuses": [status.value for status in statuses]}
        return await self._ask("count_runs", lambda answer: int(answer["count"]), filter=wanted)

    async def terminate(self, run_id: str) -> None:
        """Take the run from the queue, or ask its process to end; it is CANCELED once that has. Refused for a run that
        has ended or is ending, and for the seconds in which it is STARTING: ask again then."""
        await self._ask("terminate_run", lambda answer: None, id=run_id)

    async def backfill_assets(
        self,
        assets: Sequence[str],
        partitions: Sequence[str],
        *,
        config: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Launch a backfill of assets over episodes; returns its id. Its runs have the tags."""
        return await self._backfill({"assetSelection": [_key(asset) for asset in assets]}, partitions, config, tags)

    async def backfill_job(
        self,
        job: str,
        partitions: Sequence[str],
        *,
        config: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Launch a backfill of a job over episodes: a run for each. Returns its id. Its runs have the tags."""
        selector = {
            # Dagster's own name for what partitions a job.
            "partitionSetName": f"{job}_partition_set",
            "repositorySelector": {"repositoryLocationName": LOCATION, "repositoryName": REPOSITORY},
        }
        return await self._backfill({"selector": selector}, partitions, config, tags)

    async def backfill(self, backfill_id: str) -> Backfill | None:
        """None: Dagster has no such backfill."""
        return await self._ask(
            "backfill", lambda answer: read_backfill(answer) if answer is not None else None, id=backfill_id
        )

    async def backfills(self, tags: Mapping[str, str], *, limit: int = 10) -> list[str]:
        """The ids of those that were launched with all these tags, the newest first, at most `limit`."""
        return await self._ask(
            "backfills",
            lambda answer: [str(one["id"]) for one in answer["results"]],
            filter={"tags": _tags(tags)},
            limit=limit,
        )

    async def add_partition(self, partitions: str, key: str) -> None:
        """Add a key to a set of dynamic partitions; it may be there already."""
        repository = {"repositoryLocationName": LOCATION, "repositoryName": REPOSITORY}
        await self._ask("add_partition", lambda answer: None, set=partitions, key=key, repository=repository)

    async def daemons(self) -> list[Daemon]:
        return await self._ask("daemons", read_daemons)

    async def location(self) -> CodeLocation:
        """How it is with our code, as the web server sees it."""
        return await self._ask("location", read_location, name=LOCATION)

    async def version(self) -> str:
        """Of the web server."""
        return await self._ask("version", str)

    async def _backfill(
        self,
        what: Mapping[str, Any],
        partitions: Sequence[str],
        config: Mapping[str, Any] | None,
        tags: Mapping[str, str] | None,
    ) -> str:
        if not partitions:
            raise BadInputError("A backfill takes at least one episode.")
        params = {
            **what,
            "partitionNames": list(partitions),
            "runConfigData": config or {},
            "tags": _tags(tags or {}),
        }
        return await self._ask("launch_backfill", lambda answer: str(answer["backfillId"]), params=params)

    async def _ask(self, name: str, read: Callable[[Any], Found], /, **variables: Any) -> Found:
        asked = document(name)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._http.post(self._address, json={"query": asked.text, "variables": variables})
        except _NOT_SENT as error:
            raise DagsterUnavailableError(
                f"Dagster's web server was not reached at {self._address.netloc.decode()} ({_words(error)}). "
                "Is it up, and does AIANIME_DAGSTER_URL name it?"
            ) from error
        except TimeoutError as error:
            raise not_answered(asked, f"no answer came within {self._timeout_seconds:g} s") from error
        except httpx2.RequestError as error:
            raise not_answered(asked, f"the connection broke ({_words(error)})") from error
        return read_answer(asked, response.status_code, response.content, read)


def ask_dagster(url: str, question: Callable[[DagsterClient], Awaitable[Found]], **options: float) -> Found:
    """The same for code that is not asynchronous: `ask_dagster(url, lambda dagster: dagster.run(run_id))`."""

    async def ask() -> Found:
        async with DagsterClient(url, **options) as dagster:
            return await question(dagster)

    return asyncio.run(ask())


def _address(url: str) -> httpx2.URL:
    try:
        address = httpx2.URL(f"{url.rstrip('/')}/graphql")
    except httpx2.InvalidURL as error:
        raise _bad_address() from error
    if address.scheme not in ("http", "https") or not address.host:
        raise _bad_address()
    return address


def _bad_address() -> BadSettingError:
    return BadSettingError(
        "AIANIME_DAGSTER_URL is no web address: it takes one such as http://127.0.0.1:3000.",
        variable="AIANIME_DAGSTER_URL",
    )


def _key(asset: str) -> dict[str, list[str]]:
    return {"path": asset.split("/")}


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def _words(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}")
