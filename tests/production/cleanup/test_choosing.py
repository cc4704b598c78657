from aianime_pipeline.production.cleanup.choosing import results_first, what_goes


def test_what_is_not_held_goes() -> None:
    assert what_goes({"a", "b"}, {"b", "x"}, {}, {}) == {"a"}


def test_what_a_superseded_take_was_made_from_goes_with_it() -> None:
    assert what_goes({"picture", "clip"}, set(), {1: "clip"}, {1: {"picture"}}) == {"picture", "clip"}


def test_what_a_take_that_stays_was_made_from_stays_too_however_long_the_chain() -> None:
    takes = {1: "picture", 2: "clip", 3: "other"}
    inputs = {1: {"reference"}, 2: {"picture"}, 3: {"loose"}}
    candidates = {"reference", "picture", "clip", "other", "loose"}
    assert what_goes(candidates, {"clip"}, takes, inputs) == {"other", "loose"}


def test_takes_that_were_made_from_each_other_still_end() -> None:
    assert what_goes({"a", "b"}, {"a"}, {1: "a", 2: "b"}, {1: {"b"}, 2: {"a"}}) == set()


def test_the_file_of_a_take_goes_before_what_it_was_made_from() -> None:
    takes, inputs = {1: "a picture", 2: "the clip"}, {1: {"0 reference"}, 2: {"a picture"}}
    assert results_first({"0 reference", "a picture", "the clip"}, takes, inputs) == [
        "the clip",
        "a picture",
        "0 reference",
    ]


def test_files_of_takes_that_were_made_from_each_other_come_all_the_same() -> None:
    assert results_first({"a", "b", "c"}, {1: "a", 2: "b"}, {1: {"b"}, 2: {"a"}}) == ["c", "a", "b"]
