"""Logging in and out, who one is, and one's own password and API keys."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts import log_ins
from aianime_pipeline.accounts.api_keys import MOST_NAME, api_keys_of, create_api_key, revoke_api_key
from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.names import MOST_CHARACTERS
from aianime_pipeline.accounts.passwords import LEAST_CHARACTERS, MOST_BYTES
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.db.models import ApiKey, User
from api.dependencies import Id, Place, anybody, logged_in
from api.errors import errors_of
from api.instants import Instant
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(prefix="/auth", tags=["auth"])

_LINE = r"^[^\x00-\x1f\x7f]+$"
_ANY_TEXT = r"^[^\x00]*$"

OfferedPassword = Annotated[str, Field(max_length=MOST_BYTES, pattern=_ANY_TEXT)]
"""What somebody says is theirs: it may be too short to be one."""
NewPassword = Annotated[
    str,
    Field(
        min_length=LEAST_CHARACTERS,
        max_length=MOST_BYTES,
        pattern=_ANY_TEXT,
        description=f"At least {LEAST_CHARACTERS} characters, and {MOST_BYTES} bytes of UTF-8 at most.",
    ),
]
_RefreshToken = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


class LogIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "lin", "password": "a long password"}]}
    )

    name: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS, pattern=_LINE)]
    password: OfferedPassword


class Refresh(BaseModel):
    model_config = ConfigDict(extra="forbid")

    refresh_token: _RefreshToken


class ChangedPassword(BaseModel):
    model_config = ConfigDict(extra="forbid")

    current: OfferedPassword
    new: NewPassword


class TokensView(BaseModel):
    access_token: str = Field(description="For the header `Authorization: Bearer …`.")
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(description="Seconds that the access token lives.")
    refresh_token: str = Field(description="For `POST /auth/refresh`, once: the answer has the next one.")
    refresh_until: datetime = Field(description="Later it does not hold any more.")


class Me(BaseModel):
    name: str
    display_name: str
    email: str
    is_admin: bool
    scopes: list[Action] | None = Field(
        description="What this key is cut down to; null: a token, or a key that is not."
    )
    api_key: int | None = Field(description="The key's number; null for a token.")


class NewApiKey(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "render farm", "scopes": ["project.view", "film.export"]}]},
    )

    name: Annotated[str, Field(min_length=1, max_length=MOST_NAME, pattern=_LINE)]
    scopes: Annotated[
        list[Action],
        Field(max_length=len(Action), description="The actions that it is cut down to; empty: all that you may do."),
    ] = Field(default_factory=list)
    expires_at: Instant | None = Field(None, description="Null: it holds until it is revoked.")


class ApiKeyView(BaseModel):
    id: int
    name: str
    prefix: str = Field(description="Its first characters.")
    scopes: list[Action]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To some ten minutes.")
    revoked_at: datetime | None


class MadeApiKey(ApiKeyView):
    key: str = Field(description="Shown this once.")


@router.post("/login", dependencies=[anybody()], responses=errors_of(401, 429))
def log_in(body: LogIn, request: Request, place: Place) -> TokensView:
    """Log in with name and password. After some failures the next attempts have to wait."""
    return show_tokens(
        log_ins.log_in(place.database, body.name, body.password, address_of(request), request.app.state.signing_key)
    )


@router.post("/refresh", dependencies=[anybody()], responses=errors_of(401))
def refresh_log_in(body: Refresh, request: Request, place: Place) -> TokensView:
    """The next tokens. A refresh token that comes a second time ends its log-in."""
    return show_tokens(log_ins.refresh(place.database, body.refresh_token, request.app.state.signing_key))


@router.post("/logout", status_code=204, dependencies=[anybody()])
def log_out(body: Refresh, place: Place) -> None:
    """End the log-in of a refresh token; an access token of it lives on for its minutes."""
    log_ins.log_out(place.database, body.refresh_token)


@router.post("/logout-everywhere", status_code=204, responses=errors_of(403))
def log_out_everywhere(place: Place, caller: Caller = logged_in()) -> None:
    """End all log-ins of the caller, with their access tokens, at once. API keys are revoked one by one."""
    log_ins.need_log_in(caller)
    with place.database.write() as session:
        log_ins.log_out_everywhere(session, log_ins.lock_user(session, caller.user_id))


@router.get("/me")
def read_me(place: Place, caller: Caller = logged_in()) -> Me:
    """Who the token or key is of, and what it is cut down to."""
    with place.database.read() as session:
        user = session.get_one(User, caller.user_id)
    return Me(
        name=user.name,
        display_name=user.display_name,
        email=user.email,
        is_admin=caller.is_admin,
        scopes=sorted(caller.scopes) if caller.scopes is not None else None,
        api_key=caller.api_key,
    )


@router.put("/me/password", responses=errors_of(403, 429))
def change_my_password(
    body: ChangedPassword, request: Request, place: Place, caller: Caller = logged_in()
) -> TokensView:
    """Change one's own password. Whatever was logged in is logged out; the answer's tokens are of a new log-in."""
    return show_tokens(
        log_ins.change_password(
            place.database, caller, body.current, body.new, address_of(request), request.app.state.signing_key
        )
    )


@router.get("/api-keys", responses=errors_of(403))
def list_my_api_keys(place: Place, caller: Caller = logged_in(), paging: Paging = paged()) -> Page[ApiKeyView]:
    """The caller's API keys, also those that do not hold any more."""
    log_ins.need_log_in(caller)
    with place.database.read() as session:
        return paging.page(session, api_keys_of(caller.user_id), ApiKey.id, show_api_key)


@router.post("/api-keys", status_code=201, responses=errors_of(403))
def create_an_api_key(body: NewApiKey, place: Place, caller: Caller = logged_in()) -> MadeApiKey:
    """Make an API key. It is shown in this answer and never again."""
    with place.database.write() as session:
        row, secret = create_api_key(session, caller, body.name, scopes=body.scopes, expires_at=body.expires_at)
        return MadeApiKey(**show_api_key(row).model_dump(), key=secret)


@router.delete("/api-keys/{api_key}", responses=errors_of(403, 404))
def revoke_an_api_key(api_key: Id, place: Place, caller: Caller = logged_in()) -> ApiKeyView:
    """Revoke one of the caller's API keys, for ever. A key may revoke itself."""
    with place.database.write() as session:
        return show_api_key(revoke_api_key(session, caller, api_key))


def address_of(request: Request) -> str:
    """Where the caller calls from, as the server was told (behind a proxy: by that)."""
    return request.client.host if request.client is not None else ""


def show_tokens(tokens: log_ins.Tokens) -> TokensView:
    return TokensView(
        access_token=tokens.access,
        expires_in=tokens.access_seconds,
        refresh_token=tokens.refresh,
        refresh_until=tokens.refresh_until,
    )


def show_api_key(row: ApiKey) -> ApiKeyView:
    # An action that is gone since is none.
    scopes = [Action(scope) for scope in row.scopes if scope in set(Action)]
    shown = {name: getattr(row, name) for name in ApiKeyView.model_fields if name != "scopes"}
    return ApiKeyView(scopes=scopes, **shown)
