"""The name under which a browser saves a file."""

import string
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.downloads.naming import content_disposition, content_type

PRINTABLE = set(string.printable) - set("\r\n\t\v\f")


def saved_as(header: str) -> str | None:
    """By the standard library's reader of such fields, which drops white space at the edges."""
    message = Message()
    message["Content-Disposition"] = header
    return message.get_filename()


def test_the_name_is_there_in_its_script_and_in_ascii() -> None:
    header = content_disposition("月光 Été.mp4", "video/mp4", inline=False)
    assert header == "attachment; filename=\"_ Ete.mp4\"; filename*=UTF-8''%E6%9C%88%E5%85%89%20%C3%89t%C3%A9.mp4"


HOSTILE = [
    'x"; filename="evil.exe',
    "x\r\nSet-Cookie: a=b\r\n\r\n<script>",
    "x\\",
    "x%00.mp4",
    "%2e%2e%2fetc%2fpasswd",
    "\x00\x1b\x7f",
    "‮gpj.exe",
    "'; rm -rf / #",
    "\udc80lone.mp4",
    "",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_ends_the_field_or_begins_another(name: str) -> None:
    header = content_disposition(name, "video/mp4", inline=False)
    assert set(header) <= PRINTABLE
    assert header.count('"') == 2
    assert header.count(";") == 2


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_name_comes_back_whole(name: str) -> None:
    header = content_disposition(name, "video/mp4", inline=False)
    assert set(header) <= PRINTABLE
    assert header.count('"') == 2
    _, _, extended = header.partition("filename*=")
    assert saved_as(f"attachment; filename*={extended}") == name.strip()


@pytest.mark.parametrize(
    ("media_type", "shown"),
    [
        ("image/png", True),
        ("video/mp4", True),
        ("audio/wav", True),
        ("text/vtt", True),
        ("text/plain; charset=gbk", True),
        ("text/html", False),
        ("image/svg+xml", False),
        ("application/xhtml+xml", False),
        ("application/zip", False),
        ("video/mp4\r\nX: y", False),
    ],
)
def test_only_what_runs_nothing_is_shown_in_the_browser(media_type: str, shown: bool) -> None:
    assert content_disposition("a", media_type, inline=True).startswith("inline" if shown else "attachment")
    assert content_disposition("a", media_type, inline=False).startswith("attachment")


@pytest.mark.parametrize(
    ("media_type", "told"),
    [
        ("video/mp4", "video/mp4"),
        ("Image/PNG", "image/png"),
        ("text/vtt", "text/vtt; charset=utf-8"),
        ("text/plain; charset=gbk", "text/plain; charset=utf-8"),
        ("", "application/octet-stream"),
        ("mp4", "application/octet-stream"),
        ("video/mp4\r\nX: y", "application/octet-stream"),
    ],
)
def test_the_type_is_one_whatever_a_vendor_said(media_type: str, told: str) -> None:
    assert content_type(media_type) == told
