"""Files over HTTP, from a folder and from a bucket."""

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx2
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.histories import History
from support.making import KEY, Studio
from support.people import People

from aianime_pipeline.db.models import Episode, Take
from aianime_pipeline.db.models.base import clock
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.storage.s3 import NOT_PUBLIC, S3ObjectStore

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

BODY = "object 1"
SIZE = len(BODY)
Person = Callable[[str], TestClient]


@pytest.fixture
def bucket(place: Installation, s3_variables: dict[str, str], tmp_path: Path) -> S3ObjectStore:
    """The installation's objects lie there."""
    url, endpoint = s3_variables["AIANIME_OBJECTS_URL"], s3_variables["AIANIME_S3_ENDPOINT"]
    store = S3ObjectStore(f"{url}/{uuid.uuid4().hex}", endpoint, scratch=tmp_path / "scratch")
    place.store = store
    return store


@pytest.fixture
def take(place: Installation) -> Take:
    return History(place).take(data=BODY)


@pytest.fixture
def person(client: TestClient, people: People) -> Person:
    """Of the project `p`."""

    def log_in(who: str) -> TestClient:
        headers = {"Authorization": f"Bearer {people.token(who, 'p')}"}
        return TestClient(
            client.app,
            base_url="http://api.test",
            raise_server_exceptions=False,
            headers=headers,
            follow_redirects=False,
        )

    return log_in


def file_of(take: Take) -> str:
    return f"/api/v1/takes/{take.id}/file"


def test_a_file_comes_whole_with_its_name_type_and_tag(take: Take, person: Person) -> None:
    answer = person("reviewer").get(file_of(take))
    assert (answer.status_code, answer.text) == (200, BODY)
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["etag"] == f'"{take.object_digest}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-disposition"].startswith('attachment; filename="p-e001_s000_image_take1.txt"; ')
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_who_may_not_see_the_project_does_not_learn_of_the_file(take: Take, person: Person, client: TestClient) -> None:
    assert client.get(file_of(take)).status_code == 401
    stranger = person("stranger")
    unseen, missing = stranger.get(file_of(take)), stranger.get("/api/v1/takes/999999/file")
    assert (unseen.status_code, unseen.json()["code"]) == (404, "ERR_NOT_FOUND")
    assert unseen.json()["message"].replace(str(take.id), "999999") == missing.json()["message"]
    assert stranger.head(file_of(take)).status_code == 404


def test_head_tells_the_same_and_sends_nothing(take: Take, person: Person) -> None:
    reviewer = person("reviewer")
    whole, head = reviewer.get(file_of(take)), reviewer.head(file_of(take), headers={"Range": "bytes=0-1"})
    assert (head.status_code, head.content) == (200, b"")
    asked = whole.headers.items() - {("x-request-id", whole.headers["x-request-id"])}
    assert asked <= set(head.headers.items())


@pytest.mark.parametrize(
    ("header", "status", "body", "content_range"),
    [
        ("bytes=0-3", 206, BODY[:4], f"bytes 0-3/{SIZE}"),
        ("bytes=-1", 206, BODY[-1:], f"bytes 7-7/{SIZE}"),
        ("bytes=2-" + "9" * 4000, 206, BODY[2:], f"bytes 2-7/{SIZE}"),
        ("bytes=0-1,4-5", 200, BODY, None),
        ("bytes=" + ",".join(["0-"] * 5000), 200, BODY, None),
        ("lines=0-1", 200, BODY, None),
    ],
)
@on_sqlite
def test_a_range_comes_alone(
    take: Take, person: Person, header: str, status: int, body: str, content_range: str | None
) -> None:
    answer = person("reviewer").get(file_of(take), headers={"Range": header})
    assert (answer.status_code, answer.text) == (status, body)
    assert answer.headers.get("content-range") == content_range
    assert answer.headers["content-length"] == str(len(body))


def test_a_range_behind_the_end_is_refused_with_the_size(take: Take, person: Person) -> None:
    answer = person("reviewer").get(file_of(take), headers={"Range": f"bytes={SIZE}-"})
    assert (answer.status_code, answer.json()["code"]) == (416, "ERR_RANGE_NOT_SATISFIABLE")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_what_the_client_has_is_not_sent_again(take: Take, person: Person) -> None:
    reviewer, tag = person("reviewer"), f'"{take.object_digest}"'
    known = reviewer.get(file_of(take), headers={"If-None-Match": f'"x", {tag}', "Range": "bytes=900-"})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    changed = reviewer.get(file_of(take), headers={"If-Match": '"x"'})
    assert (changed.status_code, changed.json()["code"]) == (412, "ERR_PRECONDITION_FAILED")
    for if_range, wanted in ((tag, BODY[:2]), ('"x"', BODY), ("Sat, 28 Nov 2026 08:00:00 GMT", BODY)):
        answer = reviewer.get(file_of(take), headers={"Range": "bytes=0-1", "If-Range": if_range})
        assert answer.text == wanted


@on_sqlite
def test_a_title_cannot_write_headers(ready: Studio, person: Person) -> None:
    title = '月"\r\nSet-Cookie: a=b\r\n\r\n<script>../../x\\;%0d%0a'
    with ready.place.database.write() as session:
        session.execute(sa.update(Episode).values(title=title))
    answer = person("reviewer").get(f"/api/v1/episodes/{KEY}/film/file")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    name = answer.headers["content-disposition"]
    assert (name.count('"'), name.count(";")) == (2, 2)
    saved = unquote(name.partition("filename*=UTF-8''")[2])
    assert re.search(r'[\r\n/\\"<>:*?|]', saved) is None
    assert saved.startswith("p-e001_月_Set-Cookie")


@on_sqlite
def test_a_file_is_shown_only_where_that_is_safe(take: Take, person: Person, place: Installation) -> None:
    reviewer = person("reviewer")
    shown = reviewer.get(file_of(take), params={"inline": True}).headers
    assert shown["content-disposition"].startswith("inline; ")
    assert "default-src 'none'" in shown["content-security-policy"]
    with place.database.write() as session:
        session.execute(sa.text("UPDATE objects SET media_type = 'text/html'"))
    page = reviewer.get(file_of(take), params={"inline": True}).headers
    assert page["content-disposition"].startswith("attachment; ")


def test_a_lost_file_is_gone_and_no_path_is_told(take: Take, person: Person, place: Installation) -> None:
    assert take.object_digest is not None
    place.store.delete(take.object_digest)
    reviewer = person("reviewer")
    answer = reviewer.get(file_of(take))
    assert (answer.status_code, answer.json()["code"]) == (410, "ERR_OBJECT_MISSING")
    assert str(place.settings.home) not in answer.text
    assert reviewer.head(file_of(take)).status_code == 410


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/takes/..%2f..%2fsecret.key/file",
        "/api/v1/takes/0/file",
        "/api/v1/takes/99999999999999999999999/file",
        "/api/v1/episodes/..%2f../film/file",
        "/api/v1/episodes/p-e001%00/film/file",
        "/api/v1/exports/1/files/..%2f..%2fsecret.key/file",
        "/api/v1/shared/..%2f..%2fsecret.key",
        "/api/v1/shared/%00",
    ],
)
@on_sqlite
def test_a_path_opens_nothing(take: Take, person: Person, path: str) -> None:
    assert person("director").get(path).status_code in (404, 422)


@pytest.fixture
def ready(studio: Studio, tmp_path: Path) -> Studio:
    studio.storyboard(tmp_path, 1)
    studio.make_all()
    studio.film()
    return studio


def check_the_zip_by_ranges(person: Person, data: bytes) -> None:
    path, reviewer = f"/api/v1/episodes/{KEY}/package/file", person("reviewer")
    head = reviewer.head(path)
    assert head.headers["content-length"] == str(len(data))
    assert head.headers["content-type"] == "application/zip"
    whole = reviewer.get(path)
    assert (whole.status_code, whole.content, whole.headers["etag"]) == (200, data, head.headers["etag"])
    put_together, step = b"", len(data) // 7
    for start in range(0, len(data), step):
        headers = {"Range": f"bytes={start}-{start + step - 1}", "If-Range": whole.headers["etag"]}
        part = reviewer.get(path, headers=headers)
        assert part.status_code == 206
        put_together += part.content
    assert put_together == data


def test_the_zip_comes_whole_and_by_ranges_without_its_file(ready: Studio, person: Person) -> None:
    packed = ready.package().path
    data = packed.read_bytes()
    packed.unlink()
    check_the_zip_by_ranges(person, data)


@on_sqlite
def test_the_zip_comes_from_a_bucket(bucket: S3ObjectStore, ready: Studio, person: Person) -> None:
    check_the_zip_by_ranges(person, ready.package().path.read_bytes())


def test_a_bucket_serves_its_objects_itself(bucket: S3ObjectStore, take: Take, person: Person) -> None:
    reviewer = person("reviewer")
    sent = reviewer.get(file_of(take))
    assert (sent.status_code, sent.headers["cache-control"]) == (307, "no-store")
    address = sent.headers["location"]
    assert "X-Amz-Expires=3600" in address
    for headers, status, body in (({}, 200, BODY), ({"Range": "bytes=2-4"}, 206, BODY[2:5])):
        answer = httpx2.get(address, headers=headers)
        assert (answer.status_code, answer.text) == (status, body)
        assert answer.headers["content-disposition"].startswith('attachment; filename="p-e001_s000_image_take1.txt"; ')
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    head = reviewer.head(file_of(take))
    assert (head.status_code, head.headers["content-length"]) == (200, str(SIZE))
    tag = head.headers["etag"]
    assert reviewer.get(file_of(take), headers={"If-None-Match": tag}).status_code == 304
    assert reviewer.get(file_of(take), headers={"Range": "bytes=99-"}).status_code == 416
    # The bucket knows other tags: a client whose beginning is of another file is not sent there for the rest.
    other = reviewer.get(file_of(take), headers={"Range": "bytes=2-4", "If-Range": '"older"'})
    assert (other.status_code, other.text) == (200, BODY)
    assert take.object_digest is not None
    bucket.delete(take.object_digest)
    assert reviewer.get(file_of(take)).status_code == 410


@on_sqlite
def test_a_bucket_that_people_do_not_reach_is_read_for_them(
    bucket: S3ObjectStore, take: Take, person: Person, place: Installation, s3_variables: dict[str, str], tmp_path: Path
) -> None:
    url, endpoint = bucket.address("a" * 64).partition("/objects/")[0], s3_variables["AIANIME_S3_ENDPOINT"]
    place.store = S3ObjectStore(url, endpoint, scratch=tmp_path, public_endpoint=NOT_PUBLIC)
    answer = person("reviewer").get(file_of(take), headers={"Range": "bytes=1-2"})
    assert (answer.status_code, answer.text) == (206, BODY[1:3])


def test_a_link_needs_no_log_in_until_it_ends(take: Take, person: Person, client: TestClient) -> None:
    made = person("post").post(f"{file_of(take)}/link", json={"hours": 2})
    assert made.status_code == 201
    link = made.json()
    assert (link["name"], link["size"]) == ("p-e001_s000_image_take1.txt", SIZE)
    path = urlsplit(link["url"]).path
    assert link["url"] == f"http://api.test{path}"
    answer = client.get(path, headers={"Range": "bytes=0-1"})
    assert (answer.status_code, answer.text) == (206, BODY[:2])
    assert answer.headers["content-disposition"].startswith('attachment; filename="p-e001_s000_image_take1.txt"')
    assert client.head(path).headers["content-length"] == str(SIZE)
    altered = client.get(path.replace("shared/", "shared/A"))
    assert (altered.status_code, altered.json()["code"]) == (404, "ERR_LINK_ALTERED")
    with clock(lambda: datetime.fromisoformat(link["expires_at"])):
        late = client.get(path)
    assert (late.status_code, late.json()["code"]) == (410, "ERR_LINK_EXPIRED")


def test_only_who_may_share_makes_links(take: Take, person: Person, place: Installation) -> None:
    refused = person("reviewer").post(f"{file_of(take)}/link")
    assert (refused.status_code, refused.json()["details"]) == (403, {"action": "result.share"})
    assert person("stranger").post(f"{file_of(take)}/link").status_code == 404
    director = person("director")
    assert director.post(f"{file_of(take)}/link").status_code == 201
    for hours in (0, 721, -1, "x", None):
        assert director.post(f"{file_of(take)}/link", json={"hours": hours}).status_code == 422


@on_sqlite
def test_a_link_to_the_zip_and_to_a_bucket(
    bucket: S3ObjectStore, ready: Studio, person: Person, client: TestClient
) -> None:
    director = person("director")
    data = ready.package().path.read_bytes()
    zipped = director.post(f"/api/v1/episodes/{KEY}/package/file/link").json()
    assert client.get(urlsplit(zipped["url"]).path).content == data
    film = director.post(f"/api/v1/episodes/{KEY}/film/file/link", json={"hours": 1}).json()
    until = datetime.fromisoformat(film["expires_at"])
    with clock(lambda: until - timedelta(seconds=90)):
        sent = client.get(urlsplit(film["url"]).path, follow_redirects=False)
    # The bucket's address does not outlive the link.
    seconds = int(re.findall(r"X-Amz-Expires=(\d+)", sent.headers["location"])[0])
    assert seconds == 90
    assert len(httpx2.get(sent.headers["location"]).content) == film["size"]


@on_sqlite
def test_a_link_begins_with_the_address_that_people_know(take: Take, person: Person, place: Installation) -> None:
    place.settings = replace(place.settings, public_url="https://studio.example.com/anime/")
    link = person("director").post(f"{file_of(take)}/link").json()
    assert link["url"].startswith("https://studio.example.com/anime/api/v1/shared/")
