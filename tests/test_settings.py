from pathlib import Path

import pytest

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.settings import ANIMATIC, Settings, read_settings


def test_without_any_variable_everything_lies_below_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = read_settings({})
    home = tmp_path / ".aianime"
    assert found == Settings(home=home, database_url=f"sqlite:///{home / 'aianime.db'}", provider=ANIMATIC)
    assert (found.image_limit, found.video_limit, found.voice_limit, found.segment_workers) == (2, 2, 4, None)


def test_a_home_given_relatively_is_meant_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({"AIANIME_HOME": "here"}).home == tmp_path / "here"


def test_every_folder_lies_in_the_home_and_no_two_are_the_same() -> None:
    found = read_settings({"AIANIME_HOME": "/srv/aianime"})
    folders = [found.dagster_home, found.objects, found.segments, found.scratch, found.output("moonlit-e001")]
    assert all(folder.is_relative_to("/srv/aianime") for folder in folders)
    assert len(set(folders)) == len(folders)


def test_the_given_database_and_provider_are_taken() -> None:
    given = {"AIANIME_DATABASE_URL": "postgresql://host/name", "AIANIME_PROVIDER": "some.module:Class"}
    found = read_settings(given)
    assert (found.database_url, found.provider) == ("postgresql://host/name", "some.module:Class")


def test_empty_variables_count_as_unset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("HOME", "DATABASE_URL", "PROVIDER", "IMAGE_LIMIT", "SEGMENT_WORKERS")
    assert read_settings({f"AIANIME_{name}": "" for name in names}) == read_settings({})


LIMITS = {
    "AIANIME_IMAGE_LIMIT": "image_limit",
    "AIANIME_VIDEO_LIMIT": "video_limit",
    "AIANIME_VOICE_LIMIT": "voice_limit",
    "AIANIME_SEGMENT_WORKERS": "segment_workers",
    "AIANIME_SEGMENT_CACHE_BYTES": "segment_cache_bytes",
}


@pytest.mark.parametrize(("variable", "name"), LIMITS.items())
def test_each_limit_is_read_from_its_own_variable(variable: str, name: str) -> None:
    found, usual = read_settings({variable: " 7 "}), read_settings({})
    assert getattr(found, name) == 7
    others = set(LIMITS.values()) - {name}
    assert all(getattr(found, other) == getattr(usual, other) for other in others)


@pytest.mark.parametrize("variable", LIMITS)
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "²", "1e3", "٣x"])
def test_a_limit_that_is_no_whole_number_is_refused_by_its_name(variable: str, value: str) -> None:
    with pytest.raises(BadSettingError, match=f"{variable} is .*it takes a whole number from 1") as refused:
        read_settings({variable: value})
    assert refused.value.details == {"variable": variable}
