"""Addresses at which people fetch an object straight from the bucket."""

import os
from pathlib import Path

import httpx2
import pytest

from aianime_pipeline.errors import BadInputError, BadSettingError, ObjectStoreError
from aianime_pipeline.storage.folder import FolderStore
from aianime_pipeline.storage.s3 import NOT_PUBLIC, S3ObjectStore
from aianime_pipeline.storage.s3_signing import SignedAddresses

BODY = bytes(range(256)) * 40
DISPOSITION = "attachment; filename=\"_.mp4\"; filename*=UTF-8''%E6%9C%88%E5%85%89%20%26%20%22x%22.mp4"


def address(store: S3ObjectStore, digest: str, seconds: int = 60) -> str:
    found = store.signed_url(digest, disposition=DISPOSITION, media_type="video/mp4", seconds=seconds)
    assert found is not None
    return found


def test_anybody_fetches_the_object_with_its_name_and_type(bucket_store: S3ObjectStore) -> None:
    stored = bucket_store.put_bytes(BODY, "application/octet-stream")
    answer = httpx2.get(address(bucket_store, stored.digest))
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-disposition"] == DISPOSITION
    assert answer.headers["content-type"] == "video/mp4"


def test_a_range_comes_from_the_bucket(bucket_store: S3ObjectStore) -> None:
    stored = bucket_store.put_bytes(BODY, "video/mp4")
    answer = httpx2.get(address(bucket_store, stored.digest), headers={"Range": "bytes=100-299"})
    assert (answer.status_code, answer.content) == (206, BODY[100:300])
    assert answer.headers["content-range"] == f"bytes 100-299/{len(BODY)}"


@pytest.mark.parametrize(
    ("was", "becomes"), [("_.mp4", "x.exe"), ("video%2Fmp4", "text%2Fhtml"), ("objects/", "other/")]
)
def test_an_address_that_somebody_changed_opens_nothing(bucket_store: S3ObjectStore, was: str, becomes: str) -> None:
    stored = bucket_store.put_bytes(BODY, "video/mp4")
    signed = address(bucket_store, stored.digest)
    assert was in signed
    assert httpx2.get(signed.replace(was, becomes)).status_code == 403
    assert httpx2.delete(signed).status_code == 403
    assert bucket_store.exists(stored.digest)


def test_an_address_ends(bucket_store: S3ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = bucket_store.put_bytes(BODY, "video/mp4")
    signed = address(bucket_store, stored.digest, seconds=60)
    assert "X-Amz-Expires=60" in signed
    assert "X-Amz-Expires=604800" in address(bucket_store, stored.digest, seconds=10**9)
    day = signed.partition("X-Amz-Date=")[2][:8]
    assert httpx2.get(signed.replace(f"X-Amz-Date={day}", f"X-Amz-Date={int(day) - 10_000}")).status_code == 403


def test_a_folder_and_a_bucket_that_people_do_not_reach_have_none(s3_variables: dict[str, str], tmp_path: Path) -> None:
    url, endpoint = s3_variables["AIANIME_OBJECTS_URL"], s3_variables["AIANIME_S3_ENDPOINT"]
    inside = S3ObjectStore(url, endpoint, scratch=tmp_path, public_endpoint=NOT_PUBLIC)
    for store in (inside, FolderStore(tmp_path / "store")):
        stored = store.put_bytes(BODY, "video/mp4")
        assert store.signed_url(stored.digest, disposition="inline", media_type="video/mp4", seconds=60) is None
        with pytest.raises(BadInputError):
            store.signed_url("../../etc/passwd", disposition="inline", media_type="video/mp4", seconds=60)


def test_people_are_sent_to_the_address_that_they_reach(s3_variables: dict[str, str], tmp_path: Path) -> None:
    store = S3ObjectStore(
        "s3://films/studio", "http://inside:8333", scratch=tmp_path, public_endpoint="https://cdn.test/"
    )
    assert address(store, "a" * 64).startswith(f"https://cdn.test/films/studio/objects/aa/{'a' * 64}?")
    amazon = S3ObjectStore("s3://films", "", scratch=tmp_path)
    assert address(amazon, "a" * 64).startswith(f"https://s3.us-east-1.amazonaws.com/films/objects/aa/{'a' * 64}?")
    with pytest.raises(BadSettingError, match="AIANIME_S3_PUBLIC_ENDPOINT"):
        S3ObjectStore("s3://films", "", scratch=tmp_path, public_endpoint="cdn.test")


def test_without_credentials_the_message_names_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ObjectStoreError, match="AWS_ACCESS_KEY_ID"):
        SignedAddresses("films", "").get("objects/aa/a", DISPOSITION, "video/mp4", 60)
