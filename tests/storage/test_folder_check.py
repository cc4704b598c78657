"""A folder that cannot be used says so before something is lost in it."""

from pathlib import Path

import pytest

from aianime_pipeline.errors import ObjectStoreError
from aianime_pipeline.storage.folder import FolderStore


def test_a_folder_that_is_there_or_can_be_made_can_be_used(tmp_path: Path) -> None:
    FolderStore(tmp_path).check()
    FolderStore(tmp_path / "not" / "yet").check()
    assert list(tmp_path.iterdir()) == []


def test_where_a_file_is_in_the_way_the_store_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ObjectStoreError, match="cannot be written"):
        FolderStore(tmp_path / "file" / "objects").check()
