"""The hub keeps the last news once for all, and who may see them is asked for each."""

import pytest

from api.watching.hub import FellBehindError, Hub
from api.watching.news import News, Only, Place, Sight, frame, place_only

EVERYTHING = Sight("root", None, all_else=True)
OF_ONE = Sight("li", frozenset({1}))


def news(kind: str = "shot", project: int | None = 1, user: str | None = None, episode: int | None = None) -> News:
    return News(kind, project, episode, user, None, b"")


def numbered(number: int) -> News:
    return News("shot", 1, None, None, Place(number, 0), b"")


def test_a_stream_gets_what_came_after_it_in_order() -> None:
    hub = Hub()
    with hub.present("li"):
        hub.publish([numbered(1), numbered(2)], Place(2, 0))
        seen = hub.count
        hub.publish([numbered(3), numbered(4)], Place(4, 0))
        assert [one.place for one in hub.since(seen)] == [Place(3, 0), Place(4, 0)]
        assert hub.since(hub.count) == []


def test_who_fell_behind_what_is_kept_is_told_so_and_nothing_is_left_out_silently() -> None:
    hub = Hub(most_kept=3)
    with hub.present("li"):
        hub.publish([numbered(1)], Place(1, 0))
        seen = hub.count
        hub.publish([numbered(number) for number in (2, 3, 4)], Place(4, 0))
        assert len(hub.since(seen)) == 3
        hub.publish([numbered(5)], Place(5, 0))
        with pytest.raises(FellBehindError):
            hub.since(seen)


def test_when_the_last_one_goes_nothing_is_kept() -> None:
    hub = Hub()
    with hub.present("li"), hub.present("li"):
        hub.learn(["li"], {"li": OF_ONE})
        hub.publish([numbered(1)], Place(1, 0))
        assert hub.knows("li")
    assert hub.place is None
    assert not hub.knows("li")
    hub.publish([numbered(2)], Place(2, 0))
    assert hub.place is None


def test_a_caller_who_came_while_rights_were_looked_up_is_not_taken_for_logged_out() -> None:
    hub = Hub()
    with hub.present("li"):
        looked_up = hub.callers
        with hub.present("wu"):
            hub.learn(looked_up, {"li": OF_ONE})
            assert hub.unknown == {"wu"}
            hub.learn(hub.callers, {"wu": EVERYTHING})
            assert hub.sight("li") is None
            assert hub.sight("wu") == EVERYTHING


@pytest.mark.parametrize(
    ("seen", "sight", "told"),
    [
        (OF_ONE, news(), True),
        (OF_ONE, news(project=2), False),
        (OF_ONE, news(project=None), False),
        (EVERYTHING, news(project=None), True),
        (EVERYTHING, news(project=2), True),
        (OF_ONE, news("notice", None), False),
        (EVERYTHING, news("notice", None), True),
        (OF_ONE, news("notice", None, "li"), True),
        (OF_ONE, news("notice", None, "wu"), False),
        (EVERYTHING, news("notice", None, "wu"), False),
        (OF_ONE, news("notice", 2, "li"), False),
    ],
)
def test_everybody_sees_their_projects_their_own_notices_and_those_for_all(
    seen: Sight, sight: News, told: bool
) -> None:
    assert seen.sees(sight) is told


def test_a_filter_leaves_out_other_projects_and_episodes_but_no_notices() -> None:
    only = Only(project_id=1, episode_id=7)
    assert only.admits(news(episode=7))
    assert not only.admits(news(episode=8))
    assert not only.admits(news())
    assert not Only(project_id=2).admits(news(episode=7))
    assert only.admits(news("notice", None))


@pytest.mark.parametrize("text", ["", "7", "7-", "-7", "7-7-7", "٧-٧", "7-1\n\ndata: x", "9" * 30 + "-1", "' OR 1=1"])
def test_what_nobody_sent_as_an_id_is_none(text: str) -> None:
    assert Place.parse(text) is None


def test_an_id_comes_back_as_it_was_sent() -> None:
    assert Place.parse(str(Place(12, 1764300000123))) == Place(12, 1764300000123)


def test_an_event_is_one_block_whatever_is_in_it() -> None:
    told = frame("shot", {"reason": "one\n\nevent: forged\r\ndata: {}", "名": "雨"}, Place(1, 2)).decode()
    assert told.count("\n\n") == 1
    assert told.endswith("\n\n")
    assert "\r" not in told
    assert "雨" in told
    assert place_only(Place(1, 2)) == b"id: 1-2\n\n"
