"""Answers that Dagster's own GraphQL schema gives to a request: any member of each union that a test chooses."""

import json
import socket
from collections.abc import Mapping
from functools import cache
from typing import Any

from dagster_graphql.schema import create_schema
from graphql import (
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    graphql_sync,
    print_schema,
)
from support.raw_servers import Script, answer

SCALARS = {"Int": 1, "Float": 1.5, "Boolean": True}


@cache
def installed_schema() -> GraphQLSchema:
    """The types alone: what is told of them is told by `answers_with`."""
    return build_schema(print_schema(create_schema().graphql_schema))


def members(union: str) -> list[str]:
    return [member.name for member in installed_schema().get_type(union).types]  # type: ignore[union-attr]


def enum_values(name: str) -> set[str]:
    return set(installed_schema().get_type(name).values)  # type: ignore[union-attr]


def answers_with(chosen: Mapping[str, str]) -> Script:
    """Each union is the member that `chosen` names, each text says of which field it is the words."""

    def type_of(_value: Any, info: GraphQLResolveInfo, abstract: GraphQLAbstractType) -> str:
        return chosen.get(abstract.name) or info.schema.get_possible_types(abstract)[0].name

    def value_of(_source: Any, info: GraphQLResolveInfo, **_arguments: Any) -> Any:
        return _value(info.return_type, info.field_name)

    def play(connection: socket.socket, request: bytes) -> None:
        asked = json.loads(request.partition(b"\r\n\r\n")[2])
        said = graphql_sync(
            installed_schema(),
            asked["query"],
            variable_values=asked["variables"],
            field_resolver=value_of,
            type_resolver=type_of,
        )
        connection.sendall(answer(json.dumps(said.formatted).encode(), "Content-Type: application/json"))

    return play


def _value(kind: GraphQLOutputType, field: str) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _value(kind.of_type, field)
    if isinstance(kind, GraphQLList):
        return [_value(kind.of_type, field)]
    if isinstance(kind, GraphQLEnumType):
        return list(kind.values)[-1]
    if isinstance(kind, GraphQLScalarType):
        return SCALARS.get(kind.name, f"the words of {field}")
    return {}
