import pytest
from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.errors import BadEpisodeKeyError
from aianime_pipeline.partitions import EpisodeKey, parse_episode_key
from aianime_pipeline.production.projects.keeping import checked_slug


@given(st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,20}", fullmatch=True), st.integers(1, 9999))
def test_a_key_that_was_written_is_read_back(slug: str, number: int) -> None:
    key = EpisodeKey(checked_slug(slug), number)
    assert parse_episode_key(str(key)) == key


@pytest.mark.parametrize(
    ("key", "slug", "number"),
    [
        ("moonlit-e012", "moonlit", 12),
        ("moonlit-e1200", "moonlit", 1200),
        ("the-e001-e002", "the-e001", 2),
        ("e-e001", "e", 1),
        ("3-e999", "3", 999),
    ],
)
def test_a_key_is_a_short_name_and_a_number(key: str, slug: str, number: int) -> None:
    assert parse_episode_key(key) == EpisodeKey(slug, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "moonlit",
        "moonlit-12",
        "moonlit-e12",
        "moonlit-e00012",
        "moonlit-e000",
        "moonlit-e012 ",
        "moonlit-e012\n",
        " moonlit-e012",
        "Moonlit-e012",
        "月下渡-e001",
        "moon_lit-e001",
        "../etc-e001",
        "a/b-e001",
        "moonlit-e٠٠١",
        "-e001",
        "--e001",
        "-a-e001",
        "a--e001",
        "a--b-e001",
        "moonlit-e0012",
    ],
)
def test_what_is_no_key_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadEpisodeKeyError, match=r"such as moonlit-e012") as refused:
        parse_episode_key(text)
    assert refused.value.exit_code == 2
    assert refused.value.details == {"key": text}


@given(st.text(max_size=30))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    try:
        found = parse_episode_key(text)
    except BadEpisodeKeyError:
        return
    assert str(found) == text


def test_keys_of_a_project_sort_as_their_episodes() -> None:
    keys = [EpisodeKey("a", number) for number in (1, 9, 10, 99, 100, 999)]
    assert sorted(map(str, keys)) == [str(key) for key in keys]
