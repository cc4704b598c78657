from typing import get_args

import pytest

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.packaging.config import SETTINGS, PackageConfig, package_config
from aianime_pipeline.packaging.names import PartKind


def test_everything_is_included_unless_it_is_switched_off() -> None:
    config = package_config({"voices": False})
    assert not config.includes("voice")
    assert config.includes("shot_image")
    assert config.includes("film")
    assert package_config({}) == PackageConfig()


def test_settings_survive_the_way_through_a_document() -> None:
    config = PackageConfig(shot_videos=False, screenplay=False)
    assert package_config(config.to_document()) == config


def test_each_setting_switches_off_a_kind_of_its_own() -> None:
    kinds = get_args(PartKind)
    excluded = [[kind for kind in kinds if not package_config({name: False}).includes(kind)] for name in SETTINGS]
    assert excluded == [[kind] for kind in kinds]


def test_an_unknown_setting_is_named_with_the_ones_there_are() -> None:
    with pytest.raises(BadSettingError, match=r"'shot_image' is not a package setting.*shot_images"):
        package_config({"shot_image": True})


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_a_setting_is_true_or_false(value: object) -> None:
    with pytest.raises(BadSettingError, match="film is true or false"):
        package_config({"film": value})


def test_a_package_of_nothing_cannot_be_set() -> None:
    with pytest.raises(BadSettingError, match="everything off"):
        package_config(dict.fromkeys(SETTINGS, False))
