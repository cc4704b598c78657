import os
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.packaging.names import MAX_PART_BYTES, file_ending, path_in_package, safe_part, unique_paths


@pytest.mark.parametrize(
    ("kind", "media_type", "shot", "label", "path"),
    [
        ("shot_image", "image/png", 12, "", "shots/s012_image.png"),
        ("shot_image", "image/jpeg", 1234, "", "shots/s1234_image.jpg"),
        ("shot_video", "video/mp4", 12, "", "shots/s012_video.mp4"),
        ("voice", "audio/wav", 12, "林夏", "voices/s012_林夏.wav"),
        ("voice", "audio/mpeg", 3, "", "voices/s003_voice.mp3"),
        ("voice", "audio/mpeg", 3, "船工甲/船工乙", "voices/s003_船工甲_船工乙.mp3"),
        ("film", "video/mp4", None, "", "film/moonlit-e012.mp4"),
        ("subtitles", "application/x-subrip", None, "zh", "film/moonlit-e012_zh.srt"),
        ("storyboard", "text/csv; charset=utf-8", None, "", "storyboard/moonlit-e012.csv"),
        ("screenplay", "text/plain", None, "第十二集 剧本", "screenplay/第十二集_剧本.txt"),
        ("screenplay", "text/plain", None, "", "screenplay/moonlit-e012.txt"),
    ],
)
def test_each_kind_of_file_has_its_readable_place(
    kind: str, media_type: str, shot: int | None, label: str, path: str
) -> None:
    made = path_in_package(kind, media_type, episode_key="moonlit-e012", shot=shot, label=label)  # type: ignore[arg-type]
    assert made == path


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("林夏", "林夏"),
        ("../../etc/passwd", "etc_passwd"),
        ("..", "unnamed"),
        ("", "unnamed"),
        (" . . ", "unnamed"),
        ("\\\\server\\share", "server_share"),
        ("C:\\Windows", "C_Windows"),
        ('say "hi" <now>|?*', "say_hi_now"),
        ("it's", "it's"),
        ("line\nbreak\ttab\0nul\x7f", "line_break_tab_nul"),
        ("trailing dots...", "trailing_dots"),
        (".hidden", "hidden"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1", "_com1"),
        ("LPT³", "_LPT³"),
        ("console", "console"),
        ("fight 💥 scene", "fight_💥_scene"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("lone \ud800 surrogate", "lone_surrogate"),
        ("e\u0301", "é"),
    ],
)
def test_what_people_write_becomes_a_safe_part(text: str, safe: str) -> None:
    assert safe_part(text) == safe


def test_a_long_name_keeps_whole_characters_and_its_ending() -> None:
    part = safe_part("月" * 200, ending=".mp4")
    assert part == "月" * 38 + ".mp4"
    assert len(part.encode()) <= MAX_PART_BYTES


ANYTHING = st.text(max_size=200) | st.text("./\\ _:CONcon\u202e\u0301\0月💥", max_size=200)


@settings(max_examples=300, deadline=None)
@given(ANYTHING, st.sampled_from(["", ".mp4", ".srt"]))
def test_no_text_whatever_makes_an_unsafe_part(text: str, ending: str) -> None:
    part = safe_part(text, ending=ending)
    assert 0 < len(part.encode()) <= MAX_PART_BYTES
    assert not set(part) & set('<>:"/\\|?*')
    assert part.isprintable()
    assert part[0] not in ". "
    assert part[-1] not in ". "
    assert PurePosixPath(part).parts == PureWindowsPath(part).parts == (part,)
    assert not PureWindowsPath(part).is_reserved()
    assert safe_part(part.removesuffix(ending), ending=ending) == part


@settings(max_examples=30, deadline=None)
@given(st.lists(ANYTHING, min_size=1, max_size=8))
def test_names_can_be_made_on_a_real_disk_and_never_leave_the_folder(
    tmp_path_factory: object, texts: list[str]
) -> None:
    folder = Path(tmp_path_factory.mktemp("unpacked"))  # type: ignore[attr-defined]
    paths = unique_paths(f"voices/{safe_part(text, ending='.wav')}" for text in texts)
    for path in paths:
        target = folder / path
        assert Path(os.path.normpath(target)).is_relative_to(folder)
        target.parent.mkdir(exist_ok=True)
        target.touch(exist_ok=False)


def test_the_second_of_a_name_is_numbered_before_its_ending() -> None:
    assert unique_paths(["voices/s012_林夏.wav"] * 3) == [
        "voices/s012_林夏.wav",
        "voices/s012_林夏_2.wav",
        "voices/s012_林夏_3.wav",
    ]


def test_names_that_differ_only_in_case_are_the_same_name() -> None:
    assert unique_paths(["voices/Mei.wav", "voices/mei.wav"]) == ["voices/Mei.wav", "voices/mei_2.wav"]


def test_a_number_that_is_taken_is_passed_over() -> None:
    assert unique_paths(["a", "a_2", "a"]) == ["a", "a_2", "a_3"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["a", "A", "a_2", "a_2_2", "b" * 120, "月" * 40]), max_size=30))
def test_unique_names_are_unique_and_short(parts: list[str]) -> None:
    unique = unique_paths(f"x/{part}" for part in parts)
    assert len({path.casefold() for path in unique}) == len(parts)
    assert all(len(path.removeprefix("x/").encode()) <= MAX_PART_BYTES for path in unique)


def test_an_unknown_type_has_an_ending_that_claims_nothing() -> None:
    assert file_ending("application/x-strange") == ".bin"
    assert file_ending("Image/PNG") == ".png"
