"""Logging in through the installation's identity provider, where one is set up."""

from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from aianime_pipeline.accounts.oidc import COOKIE_MINUTES, Client, begin_log_in, client_of, finish_log_in
from aianime_pipeline.errors import LoginFailedError
from api.dependencies import Place, anybody
from api.errors import errors_of
from api.routes.auth import TokensView, show_tokens
from api.routing import Router

router = Router(prefix="/auth/oidc", tags=["auth"], looks=False)

_PATH = "/api/v1/auth/oidc"
_COOKIE = "aianime_oidc"
_Text = Annotated[str | None, Query(max_length=4000, pattern=r"^[^\x00-\x1f\x7f]*$")]


@router.get(
    "/login",
    dependencies=[anybody()],
    status_code=302,
    response_class=RedirectResponse,
    responses={302: {"description": "To the identity provider's page."}, **errors_of(404, 502, 503)},
)
def begin_oidc_log_in(request: Request, place: Place) -> RedirectResponse:
    """Send a browser to the identity provider, with a cookie that it brings back."""
    client = _client(place)
    address, cookie = begin_log_in(client, request.app.state.signing_key)
    answer = RedirectResponse(address, status_code=302)
    answer.set_cookie(
        _COOKIE,
        cookie,
        max_age=COOKIE_MINUTES * 60,
        path=_PATH,
        secure=client.redirect_uri.startswith("https://"),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/callback", dependencies=[anybody()], responses=errors_of(401, 404, 502, 503))
def finish_oidc_log_in(
    request: Request, response: Response, place: Place, code: _Text = None, state: _Text = None, error: _Text = None
) -> TokensView:
    """Where the identity provider sends the browser back to. Who comes for the first time becomes a member without
    projects."""
    client = _client(place)
    if error or not code or not state:
        raise LoginFailedError("The identity provider logged nobody in.")
    tokens = finish_log_in(
        place.database,
        client,
        request.app.state.signing_key,
        cookie=request.cookies.get(_COOKIE, ""),
        state=state,
        code=code,
    )
    response.delete_cookie(_COOKIE, path=_PATH, httponly=True, samesite="lax")
    return show_tokens(tokens)


def _client(place: Place) -> Client:
    return client_of(place.settings, f"{_PATH}/callback")
