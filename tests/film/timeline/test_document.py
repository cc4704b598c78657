"""A timeline's document: nothing is lost on the way, and nothing that is wrong comes through."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.timelines import digest, file_of, film, line, still, timelines, video, words_of

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.timeline import (
    ClipTransition,
    Marker,
    Music,
    SubtitleTrack,
    Timeline,
    from_document,
    to_document,
)
from aianime_pipeline.storyboard.model import Transition

Change = Callable[[dict[str, Any]], Any]


def whole() -> Timeline:
    return film(
        video(1, 96, source_in=20),
        still(4, 48, transition=ClipTransition(Transition.DISSOLVE, 6, 6)),
        speech=(line(1),),
        effects=(line(4, offset=-480),),
        music=Music(file_of(digest(300)), digest(300)),
        subtitles=(SubtitleTrack("zh", (words_of(1),)),),
        markers=(Marker(4, 3, "太快"),),
    )


@given(timelines())
@settings(max_examples=40, deadline=None)
def test_a_timeline_comes_back_from_json_text_as_it_was(timeline: Timeline) -> None:
    text = json.dumps(to_document(timeline), ensure_ascii=False, allow_nan=False)
    assert from_document(json.loads(text), file_of) == timeline


def test_a_document_names_sources_by_digest_and_values_by_words() -> None:
    document = to_document(whole())
    assert (document["rate"], document["clips"][0]["digest"]) == ("24", digest(1))
    assert document["clips"][1]["transition"] == {"kind": "dissolve", "in_offset": 6, "out_offset": 6}
    assert "/media" not in json.dumps(document)
    assert to_document(replace(whole(), rate=film(video(1)).rate * 1000 / 1001))["rate"] == "24000/1001"


def test_a_document_may_leave_out_what_is_usual() -> None:
    short = {
        "format": "aianime-timeline",
        "version": 1,
        "width": 320,
        "height": 180,
        "rate": "24",
        "clips": [{"shot": 1, "digest": digest(1), "kind": "video", "source_out": 48, "source_frames": 120}],
    }
    assert from_document(short, file_of) == film(video(1))


WRONG: list[tuple[str, Change]] = [
    (r"format is 'otio'", lambda d: d.update(format="otio")),
    (r"version is 2; this program reads up to 1", lambda d: d.update(version=2)),
    (r"version is true", lambda d: d.update(version=True)),
    (r"rate is 24", lambda d: d.update(rate=24)),
    (r"rate is '24/0'", lambda d: d.update(rate="24/0")),
    (r"rate is '1e999999999'", lambda d: d.update(rate="1e999999999")),
    (r"no field 'frame_rate'; known are", lambda d: d.update(frame_rate=24)),
    (r"The film has no shot", lambda d: d.pop("clips")),
    (r"clips is an object; right would be a list", lambda d: d.update(clips={})),
    (r"clips\[1\] is null; an object", lambda d: d["clips"].__setitem__(1, None)),
    (r"clips\[0\]\.source_in is '20'; right would be a whole number", lambda d: d["clips"][0].update(source_in="20")),
    (r"clips\[0\]\.source_in is true", lambda d: d["clips"][0].update(source_in=True)),
    (r"clips\[0\]\.source_in is 20\.0", lambda d: d["clips"][0].update(source_in=20.0)),
    (r"clips\[0\]\.source_in is -1", lambda d: d["clips"][0].update(source_in=-1)),
    (r"clips\[0\]\.hold is a number far too large", lambda d: d["clips"][0].update(hold=10**6000)),
    (r"clips\[0\]: Shot 1 goes to frame 121 of its source", lambda d: d["clips"][0].update(source_out=121)),
    (r"clips\[0\]\.own_gain_db is nan", lambda d: d["clips"][0].update(own_gain_db=float("nan"))),
    (r"clips\[0\]\.own_gain_db is a number far", lambda d: d["clips"][0].update(own_gain_db=-(10**400))),
    (r"clips\[0\]: The gain of the own sound of shot 1", lambda d: d["clips"][0].update(own_gain_db=61)),
    (r"clips\[0\]: The digest", lambda d: d["clips"][0].update(digest="../../etc/passwd")),
    (r"clips\[0\]\.kind is 'gif'", lambda d: d["clips"][0].update(kind="gif")),
    (r"no field 'trim' in clips\[0\]", lambda d: d["clips"][0].update(trim=3)),
    (r"clips\[1\]\.transition\.kind is 'melt'; right .* dissolve", lambda d: _transition(d).update(kind="melt")),
    (r"clips\[1\]\.transition: A cut is no transition", lambda d: _transition(d).update(kind="cut")),
    (r"no field 'x' in clips\[1\]\.transition", lambda d: _transition(d).update(x=1)),
    (r"The transitions of shot 4 take 60 frames", lambda d: _transition(d).update(out_offset=60)),
    (r"clips has 10002 entries", lambda d: d.update(clips=d["clips"] * 5001)),
    (r"Shot 1 is on the timeline twice", lambda d: d["clips"].append(d["clips"][0])),
    (r"speech\[0\]\.shot is missing", lambda d: d["speech"][0].pop("shot")),
    (r"shot 9, which is not on the timeline", lambda d: d["speech"][0].update(shot=9)),
    (r"subtitles\[0\]\.lines\[0\]\.lines\[0\] is '\\ud800'", lambda d: _words(d).update(lines=["\ud800"])),
    (r"subtitles\[0\]\.lines\[0\]\.lines\[0\] is 5", lambda d: _words(d).update(lines=[5])),
    (r"subtitles\[0\]\.lines\[0\]: A subtitle of shot 1 has no text", lambda d: _words(d).update(lines=[" "])),
    (r"markers\[0\]\.text is 'a\\x00'", lambda d: d["markers"][0].update(text="a\0")),
    (r"music\.fade_out is -1", lambda d: d["music"].update(fade_out=-1)),
    (r"at most 10368000, a day", lambda d: [d["clips"][1].update(source_out=10_368_000)]),
]


def _transition(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["clips"][1]["transition"]
    return found


def _words(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["subtitles"][0]["lines"][0]
    return found


@pytest.mark.parametrize(("message", "change"), WRONG, ids=[message for message, _ in WRONG])
def test_a_wrong_value_is_refused_with_its_place_and_no_source_is_looked_for(message: str, change: Change) -> None:
    document = copy.deepcopy(to_document(whole()))
    change(document)

    def locate(sha256: str) -> Path:
        raise AssertionError(f"{sha256} was looked for")

    with pytest.raises(BadInputError, match=message):
        from_document(document, locate)


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**4000, -1, 0, 2**63, float("nan"), float("inf"), "", "\ud800", "0" * 64, "1/0", []])
    | st.floats()
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in _places(item, (*path, key)))]


@given(st.data(), junk)
@settings(max_examples=40, deadline=None)
def test_junk_anywhere_is_read_or_refused_and_never_breaks_the_reader(data: st.DataObject, what: Any) -> None:
    document = {"root": to_document(whole())}
    place = data.draw(st.sampled_from(_places(document)[1:]))
    inner: Any = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = what
    try:
        timeline = from_document(document["root"], file_of)
    except BadInputError as error:
        message = error.message
    else:
        message = "read"
        assert from_document(to_document(timeline), file_of) == timeline
    assert message.isprintable()
    assert len(message) < 600
