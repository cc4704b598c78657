"""The two kinds of object store, empty, and how to damage what they hold."""

import uuid
from collections.abc import Callable
from pathlib import Path

import obstore
import pytest

from aianime_pipeline.storage.folder import FolderStore
from aianime_pipeline.storage.s3 import S3ObjectStore
from aianime_pipeline.storage.store import ObjectStore


@pytest.fixture
def bucket_store(s3_variables: dict[str, str], tmp_path: Path) -> S3ObjectStore:
    url, endpoint = s3_variables["AIANIME_OBJECTS_URL"], s3_variables["AIANIME_S3_ENDPOINT"]
    return S3ObjectStore(f"{url}/{uuid.uuid4().hex}", endpoint, scratch=tmp_path / "scratch")


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "store")
    bucket: ObjectStore = request.getfixturevalue("bucket_store")
    return bucket


@pytest.fixture
def damage(store: ObjectStore) -> Callable[[str, bytes], None]:
    """Put other bytes under an object's name."""

    def put(digest: str, data: bytes) -> None:
        if isinstance(store, S3ObjectStore):
            obstore.put(store._bucket, store._key(digest), data)
            return
        with store.local_path(digest) as path:
            path.chmod(0o644)
            path.write_bytes(data)

    return put
