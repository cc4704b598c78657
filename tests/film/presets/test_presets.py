"""Export presets: what is right in them, how they are written down and changed by words, and which there are."""

import json
from fractions import Fraction
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.errors import BadSettingError, NotFoundError
from aianime_pipeline.film.encoding.levels import av1_level_for, h265_level_for, level_for
from aianime_pipeline.film.presets.presets import (
    BUILT_IN,
    RATES,
    Aspect,
    Codec,
    ExportPreset,
    Fit,
    Loudness,
    Quality,
    Resolution,
    SubtitleMode,
    main_preset,
    parse_change,
    preset_from_document,
    preset_named,
    to_document,
    with_changes,
)
from aianime_pipeline.production.projects import keeping as projects


@st.composite
def presets(draw: st.DrawFn) -> ExportPreset:
    subtitles = draw(st.sampled_from(get_args(SubtitleMode)))
    most = {"soft": 3, "burned": 1, "none": 0}[subtitles]
    return ExportPreset(
        name=draw(st.from_regex(r"\w[\w-]{0,47}", fullmatch=True)),
        resolution=draw(st.sampled_from(get_args(Resolution))),
        aspect=draw(st.sampled_from(get_args(Aspect))),
        rate=draw(st.sampled_from(list(RATES.values()))),
        codec=draw(st.sampled_from(get_args(Codec))),
        quality=draw(st.sampled_from(get_args(Quality))),
        hardware=draw(st.booleans()),
        fit=draw(st.sampled_from(get_args(Fit))),
        subtitles=subtitles,
        languages=tuple(draw(st.lists(st.sampled_from(["zh", "en-US", "ja", "zh_TW"]), max_size=most, unique=True))),
        watermark=draw(st.booleans()),
        ai_label=draw(st.booleans()),
        poster_second=draw(st.none() | st.fractions(0, 86_400, max_denominator=1_000_000)),
        loudness=draw(st.sampled_from(get_args(Loudness))),
    )


@pytest.mark.parametrize(
    ("resolution", "aspect", "size"),
    [
        ("480p", "16:9", (854, 480)),
        ("480p", "9:16", (480, 854)),
        ("720p", "1:1", (720, 720)),
        ("1080p", "16:9", (1920, 1080)),
        ("4k", "9:16", (2160, 3840)),
        ("4k", "1:1", (2160, 2160)),
    ],
)
def test_the_resolution_is_the_shorter_side(resolution: Resolution, aspect: Aspect, size: tuple[int, int]) -> None:
    assert ExportPreset("film", resolution, aspect).size == size


def test_the_main_preset_is_as_large_and_as_fast_as_its_project_whatever_a_project_can_be() -> None:
    for aspect, sizes in projects.SIZES.items():
        for resolution, size in sizes.items():
            for rate in projects.RATES.values():
                preset = main_preset(*size, rate)
                assert (preset.size, preset.rate, preset.subtitles) == (size, rate, "soft")
                assert (preset.aspect, preset.resolution) == (aspect, resolution)


def test_presets_know_the_rates_that_projects_know() -> None:
    assert dict(RATES) == projects.RATES


def test_a_size_that_no_preset_has_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BadSettingError, match=r"No export preset is 1000x500; there are: 854x480, .*2160x3840"):
        main_preset(1000, 500, Fraction(24))


@pytest.mark.parametrize(
    ("field", "value", "takes"),
    [
        ("name", "a/b", "1 to 48 letters"),
        ("name", "", "1 to 48 letters"),
        ("name", "film\n", "1 to 48 letters"),
        ("resolution", "8k", "480p, 720p, 1080p, 4k"),
        ("aspect", "4:3", "16:9, 9:16, 1:1"),
        ("rate", Fraction(60), "24, 25, 30, 23.976"),
        ("rate", 24, "24, 25, 30, 23.976"),
        ("codec", "vp9", "h264, h265, av1"),
        ("codec", ["h264"], "h264, h265, av1"),
        ("quality", None, "draft, standard, high"),
        ("hardware", 1, "true or false"),
        ("fit", "stretch", "pad, crop"),
        ("subtitles", True, "soft, burned, none"),
        ("languages", ("zh", "zh"), "each once"),
        ("languages", ("../x",), "language codes"),
        ("languages", "zh", "language codes"),
        ("poster_second", Fraction(-1), "seconds from 0 to a day"),
        ("poster_second", Fraction(86_401), "seconds from 0 to a day"),
        ("poster_second", 1.5, "seconds from 0 to a day"),
        ("loudness", -15, "-14, -16, -23"),
        ("loudness", -16.0, "-14, -16, -23"),
    ],
)
def test_a_wrong_value_is_refused_with_the_right_ones(field: str, value: Any, takes: str) -> None:
    with pytest.raises(BadSettingError) as refused:
        ExportPreset(**{"name": "film", field: value})
    assert refused.value.message.startswith(f"{field} is ")
    assert takes in refused.value.message


def test_two_languages_cannot_be_burned_in_and_none_can_have_no_subtitles() -> None:
    assert ExportPreset("film", subtitles="burned", languages=("en",)).languages == ("en",)
    with pytest.raises(BadSettingError, match="languages is 'zh,en'; it takes one at most where subtitles are burned"):
        ExportPreset("film", subtitles="burned", languages=("zh", "en"))
    with pytest.raises(BadSettingError, match="nothing where subtitles is none"):
        ExportPreset("film", subtitles="none", languages=("zh",))


@given(presets())
@settings(max_examples=100, deadline=None)
def test_a_preset_comes_back_from_its_document_through_json(preset: ExportPreset) -> None:
    assert preset_from_document(json.loads(json.dumps(to_document(preset)))) == preset


def test_a_document_is_what_people_write() -> None:
    document = to_document(ExportPreset("cinema", rate=Fraction(24_000, 1_001), poster_second=Fraction(3, 2)))
    assert (document["rate"], document["poster_second"], document["languages"]) == ("23.976", "3/2", [])
    assert preset_from_document({"name": "cinema", "rate": 23.976, "poster_second": 1.5}).poster_second == Fraction(
        3, 2
    )
    assert preset_from_document({"name": "cinema", "rate": 25}).rate == 25
    assert preset_from_document({"name": "bare"}) == ExportPreset("bare")
    assert preset_from_document({"name": "竖屏", "poster_second": None}).poster_second is None


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"name": "x", "bitrate": 8}, r"'bitrate' is no field of an export preset; there are: name, resolution, "),
        ({"resolution": "4k"}, "needs a name"),
        (["name"], "is an object with the fields name, "),
        ({"name": 5}, "name is 5"),
        ({"name": "x", "watermark": "yes"}, "watermark is 'yes'; it takes true or false"),
        ({"name": "x", "languages": "zh"}, "languages is 'zh'"),
        ({"name": "x", "languages": [1]}, "languages is "),
        ({"name": "x", "rate": True}, "rate is True; it takes one of 24, 25"),
        ({"name": "x", "rate": None}, "rate is None"),
        ({"name": "x", "rate": "1e3"}, "rate is '1e3'"),
        ({"name": "x", "poster_second": "soon"}, "poster_second is 'soon'"),
        ({"name": "x", "poster_second": -1}, "poster_second is '-1'"),
        ({"name": "x", "poster_second": "1/0"}, "poster_second is '1/0'"),
        ({"name": "x", "poster_second": float("nan")}, "poster_second is 'nan'"),
        ({"name": "x", "loudness": "-16"}, "loudness is '-16'"),
        ({"name": "x", "codec": {}}, "codec is {}"),
    ],
)
def test_a_wrong_document_is_refused_by_the_field(document: Any, says: str) -> None:
    with pytest.raises(BadSettingError, match=says):
        preset_from_document(document)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("resolution", "4K", "4k"),
        ("aspect", "9:16", "9:16"),
        ("rate", "23.976", Fraction(24_000, 1_001)),
        ("rate", "24000/1001", Fraction(24_000, 1_001)),
        ("subtitles", " burned ", "burned"),
        ("languages", "zh, en-US", ("zh", "en-US")),
        ("languages", "", ()),
        ("ai-label", "no", False),
        ("watermark", "ON", True),
        ("poster-second", "2.5", Fraction(5, 2)),
        ("poster_second", "none", None),
        ("loudness", "-23", -23),
    ],
)
def test_a_change_is_read_as_people_write_it(field: str, text: str, value: Any) -> None:
    assert parse_change(field, text) == value


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("resolution", "8k", "resolution is '8k'; it takes one of 480p, 720p, 1080p, 4k"),
        ("rate", "fast", "rate is 'fast'; it takes one of 24, 25, 30, 23.976"),
        ("watermark", "1", "watermark is '1'; it takes yes or no"),
        ("poster-second", "-1", "poster_second is '-1'; it takes seconds from 0 up"),
        ("poster-second", "٣", "poster_second is "),
        ("name", "other", "'name' cannot be changed"),
        ("bitrate", "8M", "'bitrate' cannot be changed in an export preset; it takes resolution, aspect"),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_the_field(field: str, text: str, says: str) -> None:
    with pytest.raises(BadSettingError, match=says):
        parse_change(field, text)


def test_several_changes_are_made_at_once_and_the_rest_stays() -> None:
    base = ExportPreset("film", loudness=-14)
    changed = with_changes(base, resolution="4k", rate="23.976", subtitles="burned", languages="en")
    assert changed.size == (3840, 2160)
    assert (changed.rate, changed.subtitles, changed.languages) == (Fraction(24_000, 1_001), "burned", ("en",))
    assert (changed.name, changed.loudness, base.resolution) == ("film", -14, "1080p")


def test_a_change_that_does_not_go_with_the_rest_is_refused() -> None:
    with pytest.raises(BadSettingError, match="nothing where subtitles is none"):
        with_changes(ExportPreset("film", languages=("zh",)), subtitles="none")


def test_the_built_in_presets_are_distinct_and_named_as_they_are_filed() -> None:
    assert all(preset.name == name for name, preset in BUILT_IN.items())
    contents = [json.dumps({**to_document(preset), "name": ""}) for preset in BUILT_IN.values()]
    assert len(set(contents)) == len(contents) >= 8
    assert {preset.codec for preset in BUILT_IN.values()} == {"h264", "h265", "av1"}
    assert all(preset.ai_label and preset.watermark for preset in BUILT_IN.values())


def test_every_size_at_every_rate_has_a_level_in_every_codec() -> None:
    for resolution in get_args(Resolution):
        for aspect in get_args(Aspect):
            for rate in RATES.values():
                size = ExportPreset("film", resolution, aspect, rate).size
                assert level_for(*size, rate)
                assert h265_level_for(*size, rate)
                assert av1_level_for(*size, rate)


def test_a_projects_own_preset_comes_before_a_built_in_one_of_that_name() -> None:
    own = {"web-14": ExportPreset("web-14", codec="av1"), "festival": ExportPreset("festival", quality="high")}
    assert preset_named("web-14", own).codec == "av1"
    assert preset_named("festival", own).quality == "high"
    assert preset_named("web-14", {}).codec == "h264"


def test_a_preset_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(NotFoundError, match=r"no export preset 'imax'; there are: broadcast-25, .*festival, "):
        preset_named("imax", {"festival": ExportPreset("festival")})
