"""A client that goes away in the middle leaves no file open."""

import os
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.requests import ClientDisconnect, Request

from aianime_pipeline.production.downloads import Download
from aianime_pipeline.storage.folder import FolderStore
from api.downloads.serving import serve


def open_files(folder: Path) -> list[str]:
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [file for file in (str(link.readlink()) for link in links) if file.startswith(str(folder))]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="there is no list of open files")
@pytest.mark.parametrize("taken", [0, 1, 3])
def test_the_file_is_closed_when_the_client_goes_away(tmp_path: Path, taken: int) -> None:
    store = FolderStore(tmp_path)
    stored = store.put_bytes(os.urandom(1 << 20), "video/mp4")
    scope = {"type": "http", "method": "GET", "headers": [], "path": "/", "asgi": {"spec_version": "2.4"}}
    answer = serve(Request(scope), store, Download("film.mp4", "video/mp4", stored.size, stored.digest))
    assert len(open_files(tmp_path)) == 1
    sent: list[Any] = []

    async def receive() -> Any:
        await anyio.sleep_forever()

    async def send(message: Any) -> None:
        if len(sent) > taken:
            raise OSError("the client went away")
        sent.append(message)

    # The error is kept, as a log keeps it: what its frames hold is not let go by itself.
    with pytest.raises(ClientDisconnect) as kept:
        anyio.run(answer, scope, receive, send)
    assert open_files(tmp_path) == []
    assert kept is not None
