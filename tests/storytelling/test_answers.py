"""Structured answers of a language model: found in what it says, checked, mended, or refused with what was wrong."""

import json
from collections.abc import Callable

import pytest
from pydantic import BaseModel, Field
from support.story_model import Scripted, StoryModel, refused

from aianime_pipeline.errors import ProviderError, StoryAnswerError
from aianime_pipeline.providers.adapters.openai_like.schemas import is_strict
from aianime_pipeline.providers.capabilities import ErrorKind, TextRequest
from aianime_pipeline.storytelling.answers import ask, schema_of
from aianime_pipeline.storytelling.extracting import NoJsonError, extract_object
from aianime_pipeline.storytelling.schemas import BoardAnswer, CastAnswer, ScenesAnswer


class Title(BaseModel):
    title: str = Field(min_length=1)
    scenes: int = 1


GOOD = {"title": "The Last Ferry", "scenes": 3}


def asked(model: StoryModel, **options: int) -> Title:
    return ask(model, "Name it.", "a story", Title, **options)


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps(GOOD),
        f"```json\n{json.dumps(GOOD, indent=2)}\n```",
        f"Here is the answer you asked for:\n\n```\n{json.dumps(GOOD)}\n```\nTell me if {{anything}} is amiss.",
        f"Sure! {json.dumps(GOOD)} I hope that helps.",
        f"<think>The user wants {{title}}. Maybe {{}}?</think>\n{json.dumps(GOOD)}",
        '{"title": "The Last\n Ferry", "scenes": "3", "and": ["more"]}'.replace("\n ", " "),
        '\ufeff{"title": "The Last Ferry",\n"scenes": 3.0}',
    ],
)
def test_the_answer_is_found_whatever_stands_around_it(answer: str) -> None:
    assert asked(StoryModel(answer)) == Title(title="The Last Ferry", scenes=3)


def test_what_no_database_keeps_is_taken_out_of_an_answer() -> None:
    assert extract_object('{"a\\u0000": ["b\\ud800\\u0007c\\nd"]}') == {"a": ["bc\nd"]}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("", "the answer is empty"),
        ("  \n", "the answer is empty"),
        ("I cannot help with that.", "the answer has no JSON object"),
        ('{"title": "The Last', "breaks off before its end"),
        ('{"title": "a",}', "broken at line 1"),
        ("[1, 2]", "a JSON list, not an object"),
        ('"text"', "a JSON string, not an object"),
        ("{" * 100_000, "broken at line 1"),
        ('{"a":' * 100_000, "no usable JSON|breaks off"),
        ('{"a": ' + "9" * 5_000 + "}", "no usable JSON"),
    ],
)
def test_an_answer_without_an_object_is_told_in_words_for_the_model(answer: str, told: str) -> None:
    with pytest.raises(NoJsonError, match=told):
        extract_object(answer)


@pytest.mark.parametrize(
    ("first", "problem"),
    [
        ("no", "the answer has no JSON object"),
        ({"scenes": 3}, "title: Field required"),
        ({"title": ["a"], "scenes": 3}, "title: Input should be a valid string"),
        ({"title": "a", "scenes": "many"}, "scenes: Input should be a valid integer"),
        ({}, "title: Field required"),
    ],
)
def test_what_is_wrong_goes_back_to_the_model_with_its_answer(first: Scripted, problem: str) -> None:
    model = StoryModel(first, GOOD)
    assert asked(model).scenes == 3
    before, after = model.asked
    assert after.text.startswith(before.text)
    parts = model.parts[1]
    assert any(problem in told for told in parts["what_is_wrong_with_it"])
    assert parts["your_answer_before"] == (first if isinstance(first, str) else json.dumps(first))
    assert "Mend all of that" in after.instructions
    assert json.dumps(schema_of(Title)) in after.instructions


def test_rules_of_the_caller_are_mended_like_broken_types() -> None:
    model = StoryModel({"title": "a", "scenes": 9}, GOOD)
    found = ask(model, "", "", Title, check=lambda title: ["too many scenes"] if title.scenes > 5 else [])
    assert found.scenes == 3
    assert model.parts[1]["what_is_wrong_with_it"] == ["too many scenes"]


def test_each_attempt_is_told_only_of_the_one_before() -> None:
    model = StoryModel("one", "two", GOOD)
    asked(model)
    assert [parts.get("your_answer_before") for parts in model.parts] == [None, "one", "two"]


def test_after_the_last_attempt_the_error_says_what_was_wrong() -> None:
    model = StoryModel(*[{"title": ""}] * 5)
    with pytest.raises(
        StoryAnswerError, match="asked 3 times and gave no usable answer: title: String should have"
    ) as no:
        asked(model)
    assert len(model.asked) == 3
    assert no.value.code == "ERR_STORY_ANSWER"
    assert no.value.details["attempts"] == 3
    assert len(no.value.details["problems"]) == 1


def test_a_runaway_answer_goes_back_shortened_and_its_problems_are_counted() -> None:
    model = StoryModel({"title": "", "long": "x" * 100_000}, GOOD)
    ask(model, "", "", Title, check=lambda title: [f"problem {number}" for number in range(90)] if not title else [])
    assert len(model.asked[1].text) < 20_000
    with pytest.raises(StoryAnswerError) as no:
        ask(StoryModel(GOOD), "", "", Title, attempts=1, check=lambda title: [f"p {number}" for number in range(90)])
    assert len(no.value.details["problems"]) == 26
    assert no.value.details["problems"][-1] == "and 65 more"


# Forms


def only(*forms: str | None) -> Callable[[TextRequest], Scripted]:
    """Takes these forms, and refuses all others as gateways do."""

    def answer(request: TextRequest) -> Scripted:
        if request.structured in forms:
            return GOOD
        word = "json_schema" if request.structured is None else request.structured
        return refused(ErrorKind.BAD_INPUT, f"'response_format' of type '{word}' is not supported with this model")

    return answer


@pytest.mark.parametrize(
    ("taken", "forms"),
    [
        (None, [None]),
        ("json_object", [None, "json_object"]),
        ("plain", [None, "json_object", "plain"]),
    ],
)
def test_a_refused_form_of_answer_gives_way_to_a_plainer_one(taken: str | None, forms: list[str | None]) -> None:
    model = StoryModel(*[only(taken)] * 5)
    assert asked(model, attempts=1).scenes == 3
    assert [request.structured for request in model.asked] == forms
    assert all(request.schema == schema_of(Title) for request in model.asked)


def test_the_form_that_was_taken_is_kept_for_the_attempts_that_follow() -> None:
    model = StoryModel(only("plain"), only("plain"), "nonsense", "nonsense", GOOD)
    asked(model)
    assert [request.structured for request in model.asked] == [None, "json_object", "plain", "plain", "plain"]


@pytest.mark.parametrize(
    "error",
    [
        refused(ErrorKind.BAD_INPUT, "the context is too long"),
        refused(ErrorKind.MODERATED, "response_format"),
        refused(ErrorKind.NO_MONEY, "json_schema"),
    ],
)
def test_any_other_refusal_is_the_callers_to_handle(error: ProviderError) -> None:
    model = StoryModel(error)
    with pytest.raises(ProviderError) as no:
        asked(model)
    assert no.value is error
    assert len(model.asked) == 1


def test_a_model_that_refuses_every_form_is_refused() -> None:
    with pytest.raises(ProviderError, match="plain"):
        asked(StoryModel(*[only("none")] * 3))


# Schemas


@pytest.mark.parametrize("answer_type", [ScenesAnswer, CastAnswer, BoardAnswer, Title])
def test_schemas_are_strict_in_the_vendors_sense(answer_type: type[BaseModel]) -> None:
    schema = schema_of(answer_type)
    assert is_strict(schema)
    assert not {"default", "minLength", "minItems", "maximum"} & set(json.dumps(schema).split('"'))


def test_a_field_that_is_called_title_stays_in_the_schema() -> None:
    assert set(schema_of(Title)["properties"]) == {"title", "scenes"}


def test_words_that_are_nearly_ours_are_taken_as_ours() -> None:
    answer = BoardAnswer.model_validate(
        {
            "shots": [
                {
                    "seconds": "2.5",
                    "framing": "Close-Up",
                    "camera_move": "缓慢推近",
                    "transition": "叠化",
                    "description": "d",
                    "prompt": "p",
                    "speaks": None,
                    "shows": 3,
                    "characters": "林夏",
                    "emotion": None,
                }
            ]
        }
    )
    shot = answer.shots[0]
    assert (shot.framing, shot.camera_move, shot.transition) == ("close_up", "push", "dissolve")
    assert (shot.shows, shot.speaks, shot.characters, shot.emotion, shot.seconds) == ((3,), (), ("林夏",), "", 2.5)
    scenes = ScenesAnswer.model_validate(
        {
            "scenes": [
                {
                    "place": "渡口",
                    "time_of_day": "深夜",
                    "interior": "外景",
                    "blocks": [{"type": "旁白", "text": "一"}, {"type": "Dialog", "text": 12}],
                }
            ]
        }
    )
    scene = scenes.scenes[0]
    assert (scene.time_of_day, scene.interior) == ("night", "ext")
    assert [(block.type, block.text) for block in scene.blocks] == [("os", "一"), ("dialogue", "12")]
    cast = CastAnswer.model_validate({"characters": [{"name": "林夏", "gender": "女", "age": "约22岁"}]})
    assert (cast.characters[0].gender, cast.characters[0].age) == ("female", 22)


def test_a_word_that_is_not_ours_is_a_problem() -> None:
    shot = {"seconds": 2, "framing": "upside down", "camera_move": "hold", "description": "d", "prompt": "p"}
    with pytest.raises(StoryAnswerError, match=r"shots\.0\.framing: Input should be 'extreme_close_up'"):
        ask(StoryModel({"shots": [shot]}), "", "", BoardAnswer, attempts=1)
