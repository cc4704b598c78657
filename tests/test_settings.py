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


def test_objects_lie_in_the_bucket_that_is_named() -> None:
    given = {"AIANIME_OBJECTS_URL": " s3://films/studio ", "AIANIME_S3_ENDPOINT": "https://s3.example.com"}
    found = read_settings(given)
    assert (found.objects_url, found.s3_endpoint) == ("s3://films/studio", "https://s3.example.com")
    assert (read_settings({}).objects_url, read_settings({}).s3_endpoint) == ("", "")


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


def test_what_sends_messages_is_off_until_it_is_set() -> None:
    usual = read_settings({})
    assert (usual.smtp_url, usual.mail_from, usual.public_url, usual.webhooks_inside) == ("", "", "", False)
    given = {
        "AIANIME_SMTP_URL": "smtp://u:a-password@mail:587",
        "AIANIME_MAIL_FROM": "aianime@example.com",
        "AIANIME_PUBLIC_URL": "https://studio.example.com",
        "AIANIME_WEBHOOKS_INSIDE": "Yes",
    }
    found = read_settings(given)
    assert (found.smtp_url, found.mail_from) == ("smtp://u:a-password@mail:587", "aianime@example.com")
    assert (found.public_url, found.webhooks_inside) == ("https://studio.example.com", True)
    assert "a-password" not in repr(found)


@pytest.mark.parametrize(
    ("variable", "value", "right"),
    [
        ("AIANIME_WEBHOOKS_INSIDE", "1", "it takes yes or no"),
        ("AIANIME_PUBLIC_URL", "studio.example.com", "such as https://studio.example.com"),
    ],
)
def test_what_a_setting_does_not_take_is_refused_by_its_name(variable: str, value: str, right: str) -> None:
    with pytest.raises(BadSettingError, match=f"{variable} is .*{right}"):
        read_settings({variable: value})
