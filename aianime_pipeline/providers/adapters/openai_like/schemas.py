"""The JSON schema of an answer: told to a model in words, or to a server as its strict form has it. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from aianime_pipeline.providers.adapters.openai_like import wire

_HOLDING_ONE = ("items", "additionalProperties", "not")
_HOLDING_MANY = ("anyOf", "oneOf", "allOf", "prefixItems")
_HOLDING_NAMED = ("properties", "$defs", "definitions")


def response_format(structured: str, schema: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The field `response_format`; None where the server is to see to nothing."""
    if schema is None or structured == "plain":
        return None
    if structured == "json_object":
        return {"type": "json_object"}
    named = {"name": wire.SCHEMA_NAME, "schema": dict(schema), "strict": is_strict(schema)}
    return {"type": "json_schema", "json_schema": named}


def schema_in_words(structured: str, schema: Mapping[str, Any] | None) -> str:
    """What the model is told of the schema; nothing where the server sees to it. The small `json` is wanted: servers
    refuse `json_object` where no message has the word."""
    if schema is None or structured == "json_schema":
        return ""
    written = json.dumps(schema, ensure_ascii=False)
    return f"Answer with one json object and nothing else, no words around it. It must fit this json schema: {written}"


def is_strict(schema: Any) -> bool:
    """Whether every object in it names all that it holds as required and allows nothing else: only such schemas are
    taken as strict, and others are refused as strict."""
    if not isinstance(schema, Mapping):
        return True
    if "properties" in schema or schema.get("type") == "object":
        named = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(named):
            return False
    inner = [schema[word] for word in _HOLDING_ONE if word in schema]
    inner += [one for word in _HOLDING_MANY for one in schema.get(word, ())]
    inner += [one for word in _HOLDING_NAMED for one in schema.get(word, {}).values()]
    return all(is_strict(one) for one in inner)
