"""Every error of the service in one shape, `{code, message, details, request_id}`, and which status each has.

An error that is the caller's to mend keeps its message and details. One that is ours says only that it happened: no
stack, statement or path leaves the server; the log has them under the same request id.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from aianime_pipeline import errors
from aianime_pipeline.asked_in import request_id

_log = structlog.get_logger(__name__)

STATUSES: Mapping[type[errors.PipelineError], int] = {
    errors.BadInputError: 422,
    errors.NotFoundError: 404,
    errors.StateError: 409,
    errors.ProvidersPausedError: 503,
    errors.TooManyAtOnceError: 429,
    errors.TooManyRequestsError: 429,
    errors.ProvidersFileError: 500,
    errors.NotLoggedInError: 401,
    errors.LoginFailedError: 401,
    errors.LoginThrottledError: 429,
    errors.IdentityProviderError: 502,
    errors.IdentityProviderUnavailableError: 503,
    errors.NotAllowedError: 403,
    errors.DagsterClientError: 503,
    errors.ProviderError: 502,
    errors.ChannelError: 502,
    errors.StoryAnswerError: 502,
    errors.UnreadableMediaError: 422,
    errors.ObjectMissingError: 410,
    errors.LinkExpiredError: 410,
    errors.PipelineError: 500,
}
"""The nearest class of an error's line counts."""

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_HTTP_CODES = {
    400: "ERR_BAD_REQUEST",
    401: "ERR_NOT_LOGGED_IN",
    403: "ERR_NOT_ALLOWED",
    404: "ERR_NOT_FOUND",
    405: "ERR_METHOD_NOT_ALLOWED",
    408: "ERR_REQUEST_TIMEOUT",
    410: "ERR_GONE",
    412: "ERR_PRECONDITION_FAILED",
    413: "ERR_BODY_TOO_LARGE",
    415: "ERR_MEDIA_TYPE",
    416: "ERR_RANGE_NOT_SATISFIABLE",
    422: "ERR_VALIDATION",
    429: "ERR_TOO_MANY_REQUESTS",
}
_OURS = "ERR_INTERNAL"
_SPEAK_OF_PLACES = (errors.DagsterClientError, errors.StorageError, errors.MediaError)
_NOT_READABLE = "The file cannot be read as a picture, a clip or a sound."
_WORDS = {
    400: "The request cannot be read.",
    401: "Nobody is logged in, or the token does not hold.",
    403: "The caller may not do this.",
    404: "It is not there, or the caller may not see it.",
    409: "Its state does not allow this now; the code and details say why.",
    410: "It was there, and is not any more.",
    412: "It was changed since it was read.",
    413: "The body is larger than this takes.",
    415: "The body is not of a type that this takes.",
    416: "The file has no such range.",
    422: "Something in the request cannot be used; details name the field.",
    429: "Too many attempts: wait as long as Retry-After says.",
    500: "Something went wrong on the server.",
    502: "Another service did not do what it was asked.",
    503: "Something that this needs cannot be reached now.",
}


class ErrorBody(BaseModel):
    """What every answer with a status of 400 and more has."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "ERR_NOT_FOUND",
                    "message": "There is no episode 'moonlit-e012'.",
                    "details": {},
                    "request_id": "3f1c9a0e5d6b4c8f9a7e2b1d0c5f4e3a",
                }
            ]
        }
    )

    code: str = Field(description="Stable; the list is in the documentation.")
    message: str = Field(description="For people.")
    details: dict[str, Any] = Field(description="Facts for programs, by code.")
    request_id: str = Field(description="The same as in the header X-Request-ID, and in the server's log.")


def errors_of(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: those statuses, besides what every route may answer."""
    return {status: {"model": ErrorBody, "description": _WORDS[status]} for status in sorted(set(statuses))}


def status_of(error: errors.PipelineError) -> int:
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def error_answer(
    status: int,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = {"code": code, "message": message, "details": dict(details or {}), "request_id": request_id() or ""}
    return JSONResponse(body, status_code=status, headers=dict(headers or {}))


def install_errors(app: FastAPI) -> None:
    """What nobody foresaw is answered by the middleware RequestId, so that it has its request's id."""
    app.add_exception_handler(errors.PipelineError, _pipeline_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(NoConnectionFreeError, _no_connection)


async def _pipeline_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.PipelineError)
    status = status_of(error)
    headers: dict[str, str] = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in error.details:
        headers["Retry-After"] = str(error.details["retry_after"])
    if isinstance(error, errors.UnreadableMediaError):
        _log.info("a file cannot be read", code=error.code, error=error.message)
        return error_answer(status, error.code, _NOT_READABLE)
    if status in (500, 502) or isinstance(error, _SPEAK_OF_PLACES):
        # What another service or the disk said may have an address or a path in it.
        _log.error("a request failed", code=error.code, error=error.message, exc_info=error)
        return error_answer(status, error.code, _WORDS[status], headers=headers)
    return error_answer(status, error.code, error.message, error.details, headers)


async def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = [
        {"field": ".".join(map(str, problem["loc"])), "problem": str(problem["msg"]), "kind": problem["type"]}
        for problem in error.errors()
    ]
    first = fields[0] if fields else {"field": "the request", "problem": "cannot be used"}
    more = f" (and {len(fields) - 1} more)" if len(fields) > 1 else ""
    return error_answer(422, "ERR_VALIDATION", f"{first['field']}: {first['problem']}{more}.", {"fields": fields})


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code, headers = _HTTP_CODES.get(error.status_code, "ERR_HTTP"), error.headers
    if error.status_code == 405:
        headers = {**(headers or {}), "Allow": ", ".join(_methods(request))}
    return error_answer(error.status_code, code, str(error.detail), headers=headers)


def _methods(request: Request) -> list[str]:
    """That there are for the path, of whichever route (RFC 9110, 15.5.6)."""
    routes = request.app.routes
    return [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


async def _database_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)
    if not error.connection_invalidated and error.orig is not None and type(error.orig).__name__ != "OperationalError":
        return unforeseen_answer(error)
    _log.error("the database did not answer", exc_info=error)
    return error_answer(
        503, errors.DatabaseError.code, "The database cannot be used now.", headers={"Retry-After": "5"}
    )


async def _no_connection(_request: Request, error: Exception) -> JSONResponse:
    _log.error("no connection to the database was free", exc_info=error)
    words = "The server has too much to do now."
    return error_answer(503, errors.DatabaseError.code, words, headers={"Retry-After": "5"})


def unforeseen_answer(error: Exception) -> JSONResponse:
    _log.error("a request failed in a way that nobody foresaw", exc_info=error)
    return error_answer(500, _OURS, _WORDS[500])
