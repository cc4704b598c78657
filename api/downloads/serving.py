"""The answer to a request for a file: from the bucket itself where people reach it, else streamed piece by piece."""

from collections.abc import Generator, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from aianime_pipeline.production.downloads import Download
from aianime_pipeline.storage.store import ObjectStore
from api.downloads.conditions import ByteRange, Condition, UnsatisfiableRangeError, asked_range, condition
from api.downloads.naming import content_disposition, content_type

SIGNED_SECONDS = 3600
"""An address of the bucket: long enough to begin, and to go on after an interruption."""

# Shown by itself a film or a picture loads nothing but itself.
_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class _Pieces(StreamingResponse):
    """Each piece is read in a thread, and the next only when the client has taken it: a slow one holds no thread. When
    the client goes away the file is closed; left to the garbage collector it would stay open for a while."""

    def __init__(self, pieces: Generator[bytes], status_code: int, headers: Mapping[str, str]) -> None:
        super().__init__(pieces, status_code, headers)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._pieces.close()


def serve(
    request: Request, store: ObjectStore, download: Download, *, inline: bool = False, seconds: int = SIGNED_SECONDS
) -> Response:
    """The answer to a GET or HEAD; an address of the bucket in it holds for `seconds`.

    Raises ObjectMissingError where the bytes are gone, and HTTPException for a range or a condition that cannot be met.
    """
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": _POLICY,
        "ETag": f'"{download.tag}"',
    }
    match condition(download.tag, _all(request, "If-Match"), _all(request, "If-None-Match")):
        case Condition.FAILED:
            raise HTTPException(412, "The file is another one than the request knows.", {"ETag": headers["ETag"]})
        case Condition.NOT_MODIFIED:
            return Response(status_code=304, headers=headers)
    part = _part(request, download)
    headers["Content-Disposition"] = content_disposition(download.name, download.media_type, inline=inline)
    headers["Content-Type"] = content_type(download.media_type)
    if request.method == "HEAD":
        download.require(store)
        return Response(headers=headers | {"Content-Length": str(download.size)})
    if download.package is None and (part is not None or "If-Range" not in request.headers):
        address = store.signed_url(
            download.digest,
            disposition=headers["Content-Disposition"],
            media_type=headers["Content-Type"],
            seconds=seconds,
        )
        if address is not None:
            download.require(store)
            return RedirectResponse(address, 307, {"Cache-Control": "no-store"})
    return _streamed(store, download, part, headers)


def _part(request: Request, download: Download) -> ByteRange | None:
    if request.method != "GET":
        return None
    try:
        return asked_range(download.size, download.tag, _all(request, "Range"), request.headers.get("If-Range"))
    except UnsatisfiableRangeError:
        raise HTTPException(
            416, f"The file has {download.size} bytes.", {"Content-Range": f"bytes */{download.size}"}
        ) from None


def _streamed(store: ObjectStore, download: Download, part: ByteRange | None, headers: dict[str, str]) -> Response:
    whole = ByteRange(0, download.size)
    chosen = part or whole
    if part is not None:
        headers["Content-Range"] = part.content_range(download.size)
    headers["Content-Length"] = str(chosen.length)
    body = download.read(store, chosen.start, chosen.stop)
    return _Pieces(body, status_code=200 if part is None else 206, headers=headers)


def _all(request: Request, name: str) -> list[str]:
    return request.headers.getlist(name)
