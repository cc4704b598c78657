"""What the Dagster UI sends to its web server, as a client for tests: launch, backfill, run again, look."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from aianime_pipeline.partitions import PARTITIONS_NAME

LOCATION = "aianime_pipeline"
REPOSITORY = "__repository__"
PARTITION_TAG = "dagster/partition"

FINISHED_RUNS = frozenset({"SUCCESS", "FAILURE", "CANCELED"})
FINISHED_BACKFILLS = frozenset({"COMPLETED", "COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED", "CANCELED"})

_POLL_SECONDS = 0.25

HEALTH = """
query Health {
  workspaceOrError { __typename ... on Workspace { locationEntries {
    name loadStatus locationOrLoadError { __typename ... on PythonError { message causes { message } } } } } }
  instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } }
}
"""
ADD_PARTITION = """
mutation AddPartition($name: String!, $key: String!, $repository: RepositorySelector!) {
  addDynamicPartition(partitionsDefName: $name, partitionKey: $key, repositorySelector: $repository) {
    __typename
    ... on Error { message }
  }
}
"""
LAUNCH_RUN = """
mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on RunConfigValidationInvalid { errors { message } }
    ... on Error { message }
  }
}
"""
LAUNCH_BACKFILL = """
mutation Backfill($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on Error { message }
  }
}
"""
REEXECUTE = """
mutation RunAgain($params: ReexecutionParams!) {
  launchRunReexecution(reexecutionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on RunConfigValidationInvalid { errors { message } }
    ... on Error { message }
  }
}
"""
RUN = """
query Run($id: ID!) {
  runOrError(runId: $id) {
    __typename
    ... on Error { message }
    ... on Run {
      runId status jobName rootRunId parentRunId stepKeysToExecute startTime endTime hasReExecutePermission
      tags { key value }
      repositoryOrigin { repositoryName repositoryLocationName }
    }
  }
}
"""
RUN_EVENTS = """
query Events($id: ID!) {
  logsForRun(runId: $id) {
    __typename
    ... on EventConnection { events {
      __typename
      ... on MessageEvent { message stepKey level }
      ... on ExecutionStepFailureEvent {
        failureMetadata { description } error { message errorChain { error { message } } } }
      ... on MaterializationEvent { assetKey { path } partition }
      ... on AssetMaterializationPlannedEvent { assetKey { path } }
      ... on ObservationEvent { assetKey { path } partition metadataEntries { label ...Metadata } }
      ... on AssetCheckEvaluationEvent { evaluation {
        checkName success severity assetKey { path } metadataEntries { label ...Metadata } } }
    } }
  }
}
fragment Metadata on MetadataEntry {
  ... on TextMetadataEntry { text }
  ... on IntMetadataEntry { intValue }
  ... on MarkdownMetadataEntry { mdStr }
  ... on JsonMetadataEntry { jsonString }
}
"""
RUNS = """
query Runs($filter: RunsFilter!) {
  runsOrError(filter: $filter) { __typename ... on Runs { results { runId status creationTime startTime endTime } } }
}
"""
BACKFILL = """
query Backfill($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    __typename
    ... on PartitionBackfill { status runs { runId status } error { message } }
    ... on Error { message }
  }
}
"""
ASSETS = """
query Assets {
  assetNodes {
    assetKey { path } groupName kinds partitionKeys
    partitionStats { numMaterialized numFailed numMaterializing numPartitions }
    assetPartitionStatuses { __typename ... on DefaultPartitionStatuses {
      materializedPartitions failedPartitions unmaterializedPartitions materializingPartitions } }
  }
}
"""
MATERIALIZATIONS = """
query Materializations($key: AssetKeyInput!, $partition: String!) {
  assetNodeOrError(assetKey: $key) {
    __typename
    ... on AssetNode {
      assetMaterializations(partitions: [$partition]) { runId timestamp tags { key value } }
      assetObservations(partitions: [$partition]) { runId }
    }
  }
}
"""
Seen = TypeVar("Seen")


def poll(look: Callable[[], Seen | None], what: str, *, seconds: float) -> Seen:
    """What `look` sees as soon as it sees something. Raises TimeoutError, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while (seen := look()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(_POLL_SECONDS)
    return seen


@dataclass(frozen=True)
class RunSeen:
    """A run as the UI shows it. `document` is the answer to RUN, `events` those of RUN_EVENTS."""

    document: dict[str, Any]
    events: list[dict[str, Any]]

    @property
    def status(self) -> str:
        return str(self.document["status"])

    @property
    def tags(self) -> dict[str, str]:
        return {tag["key"]: tag["value"] for tag in self.document["tags"]}

    def of_type(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["__typename"] == name]

    @property
    def materialized(self) -> list[str]:
        """The assets, in order."""
        return [_path(event["assetKey"]) for event in self.of_type("MaterializationEvent")]

    @property
    def checks(self) -> dict[str, tuple[bool, str]]:
        """`asset/check` → passed, severity."""
        found = [event["evaluation"] for event in self.of_type("AssetCheckEvaluationEvent")]
        return {
            f"{_path(one['assetKey'])}/{one['checkName']}": (bool(one["success"]), str(one["severity"]))
            for one in found
        }

    @property
    def failures(self) -> dict[str, str]:
        """Step → what the UI says under the failed step."""
        return {event["stepKey"]: "\n".join(_said(event)) for event in self.of_type("ExecutionStepFailureEvent")}

    def told(self) -> str:
        """For the report of a failed test."""
        lines = [f"run {self.document['runId']} of {self.document['jobName']}: {self.status}"]
        lines += [
            f"  {event['__typename']} {event.get('stepKey') or ''}: {event.get('message')}" for event in self.events
        ]
        return "\n".join(lines) + f"\n{self.failures}"


class DagsterUI:
    """The web server at `url`; every question is one that the UI asks too."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The answer's data. Raises AssertionError with GraphQL's own words, OSError while nobody answers."""
        body = json.dumps({"query": document, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            said = json.load(answer)
        assert "errors" not in said, said["errors"]
        data: dict[str, Any] = said["data"]
        return data

    def why_not_ready(self) -> str:
        """Empty once the code is loaded and every daemon that is needed beats."""
        try:
            data = self.ask(HEALTH)
        except OSError as error:
            return f"no answer: {error}"
        entries = data["workspaceOrError"].get("locationEntries", [])
        if [entry["loadStatus"] for entry in entries] != ["LOADED"]:
            return f"the code is not loaded: {entries}"
        assert entries[0]["locationOrLoadError"]["__typename"] == "RepositoryLocation", entries
        daemons = data["instance"]["daemonHealth"]["allDaemonStatuses"]
        missing = [one["daemonType"] for one in daemons if one["required"] and not one["healthy"]]
        return f"daemons do not beat: {missing}" if missing else ""

    def add_partition(self, episode: str) -> None:
        repository = {"repositoryName": REPOSITORY, "repositoryLocationName": LOCATION}
        added = self.ask(ADD_PARTITION, name=PARTITIONS_NAME, key=episode, repository=repository)
        assert added["addDynamicPartition"]["__typename"] == "AddDynamicPartitionSuccess", added

    def launch(
        self, job: str, episode: str, *, config: Mapping[str, Any] | None = None, tags: Mapping[str, str] | None = None
    ) -> str:
        """The id of the new run of a job on one partition."""
        all_tags = {PARTITION_TAG: episode, **(tags or {})}
        params = {
            "selector": {"repositoryLocationName": LOCATION, "repositoryName": REPOSITORY, "pipelineName": job},
            "runConfigData": config or {},
            "executionMetadata": {"tags": [{"key": key, "value": value} for key, value in all_tags.items()]},
        }
        launched = self.ask(LAUNCH_RUN, params=params)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def backfill(self, assets: Sequence[str], episodes: Sequence[str]) -> str:
        """The id of the new backfill of assets over partitions."""
        params = {"assetSelection": [{"path": [name]} for name in assets], "partitionNames": list(episodes)}
        launched = self.ask(LAUNCH_BACKFILL, params=params)["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        return str(launched["backfillId"])

    def run_again(self, run_id: str, strategy: str) -> str:
        """The id of the new run; `strategy` is FROM_FAILURE or ALL_STEPS."""
        launched = self.ask(REEXECUTE, params={"parentRunId": run_id, "strategy": strategy})["launchRunReexecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def run(self, run_id: str) -> RunSeen:
        document = self.ask(RUN, id=run_id)["runOrError"]
        assert document["__typename"] == "Run", document
        return RunSeen(document, self.ask(RUN_EVENTS, id=run_id)["logsForRun"]["events"])

    def status(self, run_id: str) -> str:
        return str(self.ask(RUN, id=run_id)["runOrError"]["status"])

    def finished(self, run_id: str, *, seconds: float = 90) -> RunSeen:
        """The run once it has ended, however it ended. Raises TimeoutError with the run's events."""

        def look() -> RunSeen | None:
            return self.run(run_id) if self.status(run_id) in FINISHED_RUNS else None

        try:
            return poll(look, f"the end of run {run_id}", seconds=seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.run(run_id).told()}") from error

    def succeeded(self, run_id: str, *, seconds: float = 90) -> RunSeen:
        run = self.finished(run_id, seconds=seconds)
        assert run.status == "SUCCESS", run.told()
        return run

    def runs_of(self, episode: str) -> list[dict[str, Any]]:
        """The episode's runs by its tag, the newest first."""
        return self.runs_with_tag(PARTITION_TAG, episode)

    def runs_with_tag(self, key: str, value: str) -> list[dict[str, Any]]:
        """The newest first."""
        tag = {"key": key, "value": value}
        found: list[dict[str, Any]] = self.ask(RUNS, filter={"tags": [tag]})["runsOrError"]["results"]
        return found

    def backfill_finished(self, backfill_id: str, *, seconds: float) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            seen: dict[str, Any] = self.ask(BACKFILL, id=backfill_id)["partitionBackfillOrError"]
            return seen if seen["status"] in FINISHED_BACKFILLS else None

        return poll(look, f"the end of backfill {backfill_id}", seconds=seconds)

    def assets(self) -> dict[str, dict[str, Any]]:
        """Each asset with its partitions and their states."""
        return {_path(node["assetKey"]): node for node in self.ask(ASSETS)["assetNodes"]}

    def materializations(self, asset: str, episode: str) -> list[dict[str, Any]]:
        """Of one partition, the newest first."""
        key = {"path": [asset]}
        node = self.ask(MATERIALIZATIONS, key=key, partition=episode)["assetNodeOrError"]
        found: list[dict[str, Any]] = node["assetMaterializations"]
        return found


def _path(key: Mapping[str, Sequence[str]]) -> str:
    return "/".join(key["path"])


def _said(failure: Mapping[str, Any]) -> Iterator[str]:
    if failure["failureMetadata"] is not None and failure["failureMetadata"]["description"]:
        yield failure["failureMetadata"]["description"]
    if failure["error"] is not None:
        yield failure["error"]["message"]
        yield from (link["error"]["message"] for link in failure["error"]["errorChain"])
