import pytest

from aianime_pipeline.production.budgets.rules import Standing, Terms
from aianime_pipeline.production.quotes.batches import quote
from aianime_pipeline.providers.prices import MICROS, amount

YUAN = MICROS
IMAGES = ("image", 38, 17_200_000, "CNY")
VIDEOS = ("video", 24, 24 * YUAN, "CNY")

WORDS = [
    ([IMAGES, VIDEOS], {"CNY": 63_100_000}, "38 images, 24 videos: about 41.20 CNY, 63.10 left"),
    ([IMAGES, VIDEOS], {}, "38 images, 24 videos: about 41.20 CNY"),
    ([("image", 1, YUAN, "CNY"), ("video", 1, YUAN, "CNY")], {}, "1 image, 1 video: about 2.00 CNY"),
    ([IMAGES, VIDEOS], {"CNY": 40 * YUAN}, "38 images, 24 videos: about 41.20 CNY, over the budget by 1.20"),
    ([IMAGES, VIDEOS], {"CNY": 41_200_000}, "38 images, 24 videos: about 41.20 CNY, 41.20 left"),
    ([VIDEOS], {"CNY": -YUAN}, "24 videos: about 24.00 CNY, over the budget by 25.00"),
    (
        [IMAGES, ("video", 2, 3 * YUAN, "USD"), ("image", 2, 800_000, "CNY")],
        {"CNY": 63_100_000, "USD": YUAN},
        "40 images, 2 videos: about 18.00 CNY, 63.10 left; 3.00 USD, over the budget by 2.00",
    ),
    (
        [IMAGES, ("video", 24, None, "CNY"), ("speech", 1, None, "CNY")],
        {"CNY": 63_100_000},
        "38 images, 24 videos, 1 voice line: about 17.20 CNY, 63.10 left; "
        "the price of 24 videos, 1 voice line is not known",
    ),
    ([("video", 1, None, "CNY")], {"CNY": YUAN}, "1 video: the price of 1 video is not known"),
    ([("image", 3, 0, "CNY"), ("music", 2, 0, "CNY")], {"CNY": 0}, "3 images, 2 pieces of music: free of charge"),
    ([("image", 3, 0, "CNY"), ("text", 1, 2_000, "CNY")], {}, "3 images, 1 text: about 0.002 CNY"),
    ([("image", 0, 0, "CNY")], {"CNY": 0}, "nothing to make"),
    ([], {}, "nothing to make"),
    ([("hologram", 2, YUAN, "CNY")], {}, "2 hologram: about 1.00 CNY"),
]


@pytest.mark.parametrize(("lines", "left", "words"), WORDS, ids=[words for _, _, words in WORDS])
def test_a_quote_in_words(lines: list[tuple[str, int, int | None, str]], left: dict[str, int], words: str) -> None:
    assert quote(lines, left).in_words() == words


def test_a_quote_for_programs() -> None:
    found = quote([IMAGES, ("video", 2, None, "USD")], {"CNY": YUAN})
    assert found.to_document() == {
        "lines": [
            {"capability": "image", "count": 38, "micros": 17_200_000, "currency": "CNY"},
            {"capability": "video", "count": 2, "micros": None, "currency": "USD"},
        ],
        "costs_micros": {"CNY": 17_200_000},
        "left_micros": {"CNY": YUAN},
        "over_micros": {"CNY": 16_200_000},
        "refused": [],
        "needs_budget": False,
        "words": found.in_words(),
    }


def budget(currency: str, *, hard: bool = True, number: int = 1, scope: str = "project") -> Standing:
    return Standing(Terms(number, scope, "p", "month", currency, 10 * YUAN, hard), "2026-11")


def test_a_hard_budget_in_another_currency_is_said_to_refuse_what_costs_something_in_this_one() -> None:
    found = quote([IMAGES], {"USD": 10 * YUAN}, [budget("USD")])
    assert found.in_words() == (
        "38 images: about 17.20 CNY; the budget of p for 2026-11 is in USD and will refuse what costs CNY: "
        "set one in CNY as well, or set the one in USD with --soft"
    )
    (refused,) = found.to_document()["refused"]
    assert (refused["currency"], refused["budget"]["currency"], refused["budget"]["subject"]) == ("CNY", "USD", "p")


@pytest.mark.parametrize(
    ("line", "budgets"),
    [
        (IMAGES, [budget("USD", hard=False)]),
        (IMAGES, [budget("USD"), budget("CNY", number=2)]),
        (IMAGES, [budget("CNY")]),
        (("image", 3, 0, "CNY"), [budget("USD")]),
        (("image", 3, None, "CNY"), [budget("USD")]),
    ],
)
def test_nothing_is_said_to_be_refused_for_its_currency_where_it_is_not(
    line: tuple[str, int, int | None, str], budgets: list[Standing]
) -> None:
    assert quote([line], {}, budgets).refused == {}


def test_what_costs_something_is_said_to_need_a_budget_where_it_does() -> None:
    words = "an administrator has to set a budget before anything is spent"
    assert quote([IMAGES], {}, needs_budget=True).in_words() == f"38 images: about 17.20 CNY; {words}"
    assert words in quote([("video", 2, None, "USD")], {}, needs_budget=True).in_words()
    assert quote([("image", 3, 0, "CNY")], {}, needs_budget=True).in_words() == "3 images: free of charge"


def test_a_budget_of_the_organisation_refuses_though_the_project_has_one_in_this_currency() -> None:
    found = quote([IMAGES], {}, [budget("CNY"), budget("USD", number=2, scope="organisation")])
    assert found.refused["CNY"].terms.scope == "organisation"


@pytest.mark.parametrize(
    ("micros", "words"),
    [
        (0, "0.00"),
        (41_200_000, "41.20"),
        (1_004_999, "1.00"),
        (1, "0.000001"),
        (2_500, "0.0025"),
        (250_000, "0.25"),
        (-2_500, "-0.0025"),
        (-12_340_000, "-12.34"),
        (1_234_567_890_000, "1234567.89"),
    ],
)
def test_money_is_written_with_two_decimals_and_small_money_whole(micros: int, words: str) -> None:
    assert amount(micros) == words
