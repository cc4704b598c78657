"""The people of the installation, for administrators."""

from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts import users
from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.log_ins import lock_user
from aianime_pipeline.accounts.log_ins import log_out_everywhere as log_out_user
from aianime_pipeline.accounts.names import MOST_CHARACTERS
from aianime_pipeline.accounts.rights import GlobalRole
from aianime_pipeline.db.models import User
from api.dependencies import Name, Place, administrator
from api.errors import errors_of
from api.paging import Page, Paging, paged
from api.routes.auth import NewPassword
from api.routing import Router

router = Router(prefix="/users", tags=["users"])

_TEXT = r"^[^\x00-\x1f\x7f]*$"
DisplayName = Annotated[str, Field(max_length=users.MOST_DISPLAY_NAME, pattern=_TEXT)]
Email = Annotated[str, Field(max_length=users.MOST_EMAIL, pattern=_TEXT)]


class NewUser(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "lin", "display_name": "林夏", "password": "a long password"}]},
    )

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MOST_CHARACTERS,
            pattern=r"^[^\x00-\x20\x7f/]+$",
            description="Letters of any script, digits, and .-_ after the first; for ever.",
        ),
    ]
    display_name: DisplayName = ""
    email: Email = ""
    is_admin: bool = False
    password: NewPassword | None = Field(None, description="Null: no log-in with a password until it is set.")


class ChangedUser(BaseModel):
    """Only what is named is changed."""

    model_config = ConfigDict(extra="forbid")

    display_name: DisplayName | None = None
    email: Email | None = None
    is_admin: bool | None = None
    disabled: bool | None = None
    oidc_subject: Annotated[str | None, Field(max_length=users.MOST_SUBJECT, pattern=_TEXT)] = Field(
        None, description="`issuer subject` of who an identity provider vouches for; empty: nobody."
    )


class SetPassword(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: NewPassword


class UserView(BaseModel):
    name: str
    display_name: str
    email: str
    is_admin: bool
    disabled: bool
    has_password: bool
    oidc_subject: str | None
    created_at: datetime
    last_login_at: datetime | None


@router.get("", responses=errors_of(403))
def list_users(place: Place, caller: Caller = administrator(), paging: Paging = paged()) -> Page[UserView]:
    """Everybody, in the order in which they came."""
    with place.database.read() as session:
        return paging.page(session, sa.select(User), User.id, show_user)


@router.post("", status_code=201, responses=errors_of(403, 409))
def create_a_user(body: NewUser, place: Place, caller: Caller = administrator()) -> UserView:
    """Make a user. The name is never given to anybody else."""
    return show_user(
        users.create_user(
            place.database,
            body.name,
            password=body.password,
            is_admin=body.is_admin,
            display_name=body.display_name,
            email=body.email,
        )
    )


@router.get("/{user}", responses=errors_of(403, 404))
def read_user(user: Name, place: Place, caller: Caller = administrator()) -> UserView:
    """One user."""
    with place.database.read() as session:
        return show_user(users.find_user(session, user))


@router.patch("/{user}", responses=errors_of(403, 404, 409))
def change_user(user: Name, body: ChangedUser, place: Place, caller: Caller = administrator()) -> UserView:
    """Change what is named. Disabled users are logged out, and can do nothing; the last administrator stays one."""
    with place.database.write() as session:
        found = users.describe_user(session, user, display_name=body.display_name, email=body.email)
        if body.is_admin is not None:
            found = users.set_administrator(session, user, body.is_admin)
        if body.disabled is not None:
            found = users.set_disabled(session, user, body.disabled)
        if body.oidc_subject is not None:
            found = users.set_subject(session, user, body.oidc_subject or None)
        return show_user(found)


@router.put("/{user}/password", status_code=204, responses=errors_of(403, 404))
def set_password_of_user(user: Name, body: SetPassword, place: Place, caller: Caller = administrator()) -> None:
    """Set a user's password; they are logged out everywhere."""
    users.set_password(place.database, user, body.password)


@router.post("/{user}/logout-everywhere", status_code=204, responses=errors_of(403, 404))
def log_user_out(user: Name, place: Place, caller: Caller = administrator()) -> None:
    """End all log-ins of a user at once. Their API keys hold on: disable the user to stop those."""
    with place.database.write() as session:
        log_out_user(session, lock_user(session, users.find_user(session, user).id))


def show_user(user: User) -> UserView:
    return UserView(
        name=user.name,
        display_name=user.display_name,
        email=user.email,
        is_admin=user.global_role == GlobalRole.ADMIN,
        disabled=user.disabled,
        has_password=user.password_hash is not None,
        oidc_subject=user.oidc_subject,
        created_at=user.created_at,
        last_login_at=user.last_login_at,
    )
