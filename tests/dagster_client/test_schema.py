"""The client against the schema of the Dagster that is installed: what it asks exists, and whatever can be answered is
understood. A new Dagster that answers in a new way fails here."""

from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    validate,
    visit,
)
from support.dagster_questions import CHANGES, LOOKS
from support.raw_servers import RawServer
from support.schema_answers import answers_with, enum_values, installed_schema, members

from aianime_pipeline.dagster_client import documents
from aianime_pipeline.dagster_client.client import ask_dagster
from aianime_pipeline.dagster_client.model import BackfillStatus, CodeLocation, LocationState, RunStatus
from aianime_pipeline.errors import DagsterRefusedError, DagsterUnavailableError, DagsterUnknownError

NAMES = sorted(file.stem for file in Path(documents.__file__).parent.glob("*.graphql"))

UNIONS = {
    "launch": ("LaunchRunResult", "LaunchRunSuccess"),
    "backfill_assets": ("LaunchBackfillResult", "LaunchBackfillSuccess"),
    "backfill_job": ("LaunchBackfillResult", "LaunchBackfillSuccess"),
    "terminate": ("TerminateRunResult", "TerminateRunSuccess"),
    "run": ("RunOrError", "Run"),
    "runs": ("RunsOrError", "Runs"),
    "count_runs": ("RunsOrError", "Runs"),
    "backfill": ("PartitionBackfillOrError", "PartitionBackfill"),
    "backfills": ("RunsFeedConnectionOrError", "RunsFeedConnection"),
    "add_partition": ("AddDynamicPartitionResult", "AddDynamicPartitionSuccess"),
    "location": ("WorkspaceLocationEntryOrError", "WorkspaceLocationEntry"),
}
"""What a call is answered with, and which member is a success."""
INNER_UNION = "RepositoryLocationOrLoadError"
WANTED_SO = {"add_partition": "DuplicateDynamicPartitionError"}
"""Refusals of what is so already."""
NOT_THERE = {"run": "RunNotFoundError", "backfill": "BackfillNotFoundError"}


def unions_of(document: DocumentNode) -> set[str]:
    found, types = set(), TypeInfo(installed_schema())

    class Unions(Visitor):
        def enter_field(self, _node: FieldNode, *_: object) -> None:
            kind = get_named_type(types.get_type())
            if isinstance(kind, GraphQLUnionType):
                found.add(kind.name)

    visit(document, TypeInfoVisitor(types, Unions()))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_each_document_asks_for_what_there_is(name: str) -> None:
    document = parse(documents.document(name).text)
    assert validate(installed_schema(), document) == []
    # What is not looked at below may not be answered with a union.
    assert unions_of(document) <= {union for union, _ in UNIONS.values()} | {INNER_UNION}


@pytest.mark.parametrize("name", CHANGES)
def test_each_answer_to_what_is_to_be_done_is_understood(name: str) -> None:
    union, success = UNIONS[name]
    for member in members(union):
        with RawServer(answers_with({union: member})) as server:
            if member in (success, WANTED_SO.get(name)):
                ask_dagster(server.address, CHANGES[name])
            elif member == "PythonError":
                with pytest.raises(DagsterUnknownError, match="PythonError: the words of message"):
                    ask_dagster(server.address, CHANGES[name])
            else:
                with pytest.raises(DagsterRefusedError, match=rf"{member}\): the words of ") as refused:
                    ask_dagster(server.address, CHANGES[name])
                assert refused.value.details == {"reason": member}


@pytest.mark.parametrize("name", LOOKS)
def test_each_answer_to_a_question_is_understood(name: str) -> None:
    union, success = UNIONS.get(name, ("", ""))
    for member in members(union) if union else [""]:
        with RawServer(answers_with({union: member})) as server:
            if member == success:
                assert ask_dagster(server.address, LOOKS[name]) is not None
            elif member == NOT_THERE.get(name):
                assert ask_dagster(server.address, LOOKS[name]) is None
            elif member == "PythonError":
                with pytest.raises(DagsterUnavailableError, match="PythonError: the words of message"):
                    ask_dagster(server.address, LOOKS[name])
            else:
                with pytest.raises(DagsterRefusedError, match=rf"{member}\): the words of ") as refused:
                    ask_dagster(server.address, LOOKS[name])
                assert refused.value.details == {"reason": member}


def test_code_that_is_loaded_or_could_not_be_is_told_apart() -> None:
    expected = {
        "RepositoryLocation": CodeLocation(LocationState.LOADED),
        "PythonError": CodeLocation(LocationState.FAILED, "the words of message\nthe words of message"),
    }
    for member in members(INNER_UNION):
        with RawServer(answers_with({INNER_UNION: member})) as server:
            assert ask_dagster(server.address, LOOKS["location"]) == expected[member]


def test_every_status_that_there_is_has_a_name() -> None:
    assert set(RunStatus) == enum_values("RunStatus")
    assert set(BackfillStatus) == enum_values("BulkActionStatus")


def test_what_is_finished_is_what_dagster_holds_for_finished() -> None:
    from dagster._core.execution.backfill import BULK_ACTION_TERMINAL_STATUSES
    from dagster._core.storage.dagster_run import FINISHED_STATUSES

    assert {one for one in RunStatus if one.is_finished} == {status.value for status in FINISHED_STATUSES}
    assert {one for one in BackfillStatus if one.is_finished} == {
        status.value for status in BULK_ACTION_TERMINAL_STATUSES
    }
