"""No answer grows without end: a list is a page with a cursor, or it has a bound."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from aianime_pipeline.production.installation import Installation
from api.app import PREFIX, create_app
from api.paging import MOST

BOUNDED: Mapping[str, str] = {
    "AskedTasks.tasks": "one for each stage",
    "Checks.models": "those of the providers' file",
    "Decided.shots": "those that the request names, 500 at most",
    "EpisodeQuote.lines": "one for each capability and currency",
    "EpisodeQuote.refused": "one for each budget of a project and its organisation in another currency",
    "ExportView.files": "one for each format and each language of the subtitles",
    "FilmView.waiting": "one for each shot of a storyboard, of which there are 2,000",
    "Health.routes": "one for each route of the providers' file",
    "Presets.built_in": "they are ours",
    "ProviderView.models": "those of the providers' file",
    "Providers.providers": "those of the providers' file",
    "SceneView.blocks": "a screenplay is read and edited as a whole: 10,000 blocks of 1,000 scenes",
    "SceneView.cast": "a screenplay is read and edited as a whole: 500 who are named",
    "ScreenplayView.scenes": "a screenplay is read and edited as a whole: 10,000 blocks of 1,000 scenes",
    "ShotView.stages": "image, video and voice",
    "StoryboardView.shots": "a storyboard is read and edited as a whole: 2,000 shots",
    "TakeView.assets": "those that are seen in one shot",
    "TaskProgress.stages": "image, video and voice",
}
"""Lists of things that are whole, and why they have an end."""


@pytest.fixture
def answers(place: Installation) -> dict[str, Any]:
    """The schemas of all that is answered with a success, by operation, beside what they refer to."""
    schema = create_app(place).openapi()
    found = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                content = answer.get("content", {}).get("application/json", {})
                if status.startswith("2") and path.startswith(PREFIX) and "schema" in content:
                    found[f"{method.upper()} {path}"] = content["schema"]
    return {"answers": found, "named": schema["components"]["schemas"]}


def lists_in(schema: Mapping[str, Any], named: Mapping[str, Any], at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each list with where it is: the name of its object and its own, or the operation that answers it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from lists_in(named[name], named, name)
        return
    for word in ("anyOf", "allOf", "oneOf"):
        for one in schema.get(word, ()):
            yield from lists_in(one, named, at)
    if schema.get("type") == "array":
        yield at, schema
        yield from lists_in(schema.get("items", {}), named, at)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from lists_in(schema["additionalProperties"], named, at)
    for name, field in schema.get("properties", {}).items():
        yield from lists_in(field, named, f"{at}.{name}")


def is_of_things(schema: Mapping[str, Any], named: Mapping[str, Any]) -> bool:
    """Not of words or numbers."""
    if "$ref" in schema:
        return is_of_things(named[schema["$ref"].rpartition("/")[2]], named)
    return schema.get("type") == "object" or any(
        is_of_things(one, named) for word in ("anyOf", "allOf", "oneOf") for one in schema.get(word, ())
    )


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_every_list_of_things_is_a_page_or_has_an_end(answers: dict[str, Any]) -> None:
    found = {
        at
        for operation, schema in answers["answers"].items()
        for at, one in lists_in(schema, answers["named"], operation)
        if is_of_things(one["items"], answers["named"]) and "maxItems" not in one
    }
    assert found == set(BOUNDED)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_every_page_has_a_cursor_and_a_bound(answers: dict[str, Any]) -> None:
    pages = [schema for name, schema in answers["named"].items() if "items" in schema.get("properties", {})]
    assert len(pages) > 20
    for page in pages:
        assert (set(page["properties"]), page["properties"]["items"]["maxItems"]) == ({"items", "next"}, MOST)
