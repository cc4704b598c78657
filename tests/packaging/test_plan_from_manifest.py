"""A ZIP laid out again from nothing but its manifest and the CRC-32s of its files."""

import hashlib
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aianime_pipeline.packaging.config import PackageConfig
from aianime_pipeline.packaging.layout import Span
from aianime_pipeline.packaging.package import PackagePlan, PackageSubject, Wanted, digests_in, plan_from_manifest
from aianime_pipeline.packaging.package import plan_package as plan
from aianime_pipeline.storage.store import StoredObject

BODIES = st.lists(st.tuples(st.binary(max_size=200), st.text(max_size=20)), min_size=1, max_size=6)
MOMENTS = st.datetimes(datetime(1975, 1, 1), datetime(2110, 1, 1), timezones=st.just(timezone(timedelta(hours=8))))


def stored(body: bytes) -> StoredObject:
    return StoredObject(hashlib.sha256(body).hexdigest(), len(body), zlib.crc32(body), "audio/wav")


def zipped(of: PackagePlan, bodies: dict[str, bytes], start: int = 0, stop: int | None = None) -> bytes:
    def read_span(span: Span) -> Iterator[bytes]:
        body = of.manifest if span.index == 0 else bodies[of.files[span.index - 1].digest]
        yield body[span.start : span.start + span.length]

    return b"".join(of.layout.read_range(read_span, start, stop))


@settings(max_examples=100, deadline=None)
@given(BODIES, MOMENTS, st.text(max_size=20), st.data())
def test_any_range_of_it_is_that_of_the_zip_that_was_packed(
    contents: list[tuple[bytes, str]], created: datetime, title: str, data: st.DataObject
) -> None:
    wanted = [
        Wanted("voice", stored(body), number, label, {"seed": number, "说": label})
        for number, (body, label) in enumerate(contents, 1)
    ]
    subject = PackageSubject("moonlit", title, "moonlit-e012", 12, title)
    packed = plan(wanted, PackageConfig(voices=True, film=False), subject, created=created)
    bodies = {stored(body).digest: body for body, _ in contents}
    assert digests_in(packed.manifest) == bodies.keys()
    again = plan_from_manifest(packed.manifest, {digest: zlib.crc32(body) for digest, body in bodies.items()})
    whole = zipped(packed, bodies)
    assert again.layout.total_size == len(whole)
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, len(whole)))
    assert zipped(again, bodies) == whole
    assert zipped(again, bodies, start, stop) == whole[start:stop]
    assert (again.subject, again.files, again.manifest) == (packed.subject, packed.files, packed.manifest)


def test_a_manifest_of_another_version_and_a_file_that_is_not_known_are_refused() -> None:
    subject = PackageSubject("moonlit", "", "moonlit-e012", 12)
    packed = plan([Wanted("film", stored(b"film"))], PackageConfig(), subject, created=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(KeyError, match=stored(b"film").digest):
        plan_from_manifest(packed.manifest, {})
    newer = json.dumps(json.loads(packed.manifest) | {"version": 2}).encode()
    with pytest.raises(ValueError, match="aianime-package 2, not aianime-package 1"):
        plan_from_manifest(newer, {stored(b"film").digest: 1})
