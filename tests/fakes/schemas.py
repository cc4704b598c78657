"""Answers of a language model that is not there: by the JSON schema that they must fit."""

import json
from collections.abc import Mapping
from typing import Any


def least(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Any:
    """The least that fits a JSON schema."""
    if "$ref" in schema:
        found: Any = whole
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return least(found, whole)
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    if "enum" in schema:
        return schema["enum"][0]
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return least(schema[word][0], whole)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            named = schema.get("properties", {})
            return {name: least(named.get(name, {}), whole) for name in schema.get("required", named)}
        case "array":
            return [least(schema.get("items", {}), whole)] * max(1, schema.get("minItems", 1))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
    return "text".ljust(schema.get("minLength", 0), "t")


def schema_in(told: str) -> dict[str, Any] | None:
    """The first JSON schema in a text."""
    for at, character in enumerate(told):
        if character != "{":
            continue
        try:
            found = json.JSONDecoder().raw_decode(told[at:])[0]
        except ValueError:
            continue
        if isinstance(found, dict) and ("type" in found or "properties" in found):
            return found
    return None


def is_closed(schema: Any) -> bool:
    """Whether the outermost object allows nothing but what it names."""
    return schema.get("additionalProperties") is False if isinstance(schema, dict) else False
