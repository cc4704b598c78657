"""The people of the installation: made, changed, closed. None is ever removed, because their names stand in what they
did; a name is never given to another person."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.accounts import passwords
from aianime_pipeline.accounts.log_ins import lock_user, log_out_everywhere
from aianime_pipeline.accounts.names import checked_line, checked_name
from aianime_pipeline.accounts.rights import GlobalRole
from aianime_pipeline.db.engine import Database, insert_unless_there
from aianime_pipeline.db.models import User
from aianime_pipeline.db.models.accounts import folded
from aianime_pipeline.db.models.base import now
from aianime_pipeline.errors import LastAdministratorError, NameTakenError, NotFoundError, StateError
from aianime_pipeline.production.events import record_event

MOST_DISPLAY_NAME = 128
MOST_EMAIL = 254
MOST_SUBJECT = 400


def find_user(session: Session, name: str) -> User:
    """By the name in any capitals. Raises NotFoundError."""
    user = session.scalar(sa.select(User).where(User.name_key == folded(name))) if "\0" not in name else None
    if user is None:
        raise NotFoundError(f"There is no user {name[:80]!r}.", user=name[:80])
    return user


def find_active_user(session: Session, name: str) -> User:
    """Raises NotFoundError, and StateError for one who is disabled."""
    user = find_user(session, name)
    if user.disabled:
        raise StateError(f"The account of {user.name} is disabled.", user=user.name)
    return user


def create_user(
    database: Database,
    name: str,
    *,
    password: str | None,
    is_admin: bool = False,
    display_name: str = "",
    email: str = "",
) -> User:
    """`password` None: no log-in with one until it is set. Raises BadUserNameError, BadPasswordError, BadInputError,
    NameTakenError."""
    plain = checked_name(name)
    display_name = checked_line(display_name, "The display name", MOST_DISPLAY_NAME)
    email = checked_line(email, "The e-mail address", MOST_EMAIL)
    known = passwords.hashed(password) if password is not None else None
    with database.write() as session:
        return add_user(session, plain, password_hash=known, is_admin=is_admin, display_name=display_name, email=email)


def add_user(
    session: Session,
    name: str,
    *,
    password_hash: str | None = None,
    is_admin: bool = False,
    display_name: str = "",
    email: str = "",
    oidc_subject: str | None = None,
) -> User:
    """In the caller's transaction; the name is checked already. Raises NameTakenError."""
    values = {
        "name": name,
        "name_key": folded(name),
        "display_name": display_name,
        "email": email,
        "global_role": GlobalRole.ADMIN if is_admin else GlobalRole.MEMBER,
        "password_hash": password_hash,
        "oidc_subject": oidc_subject,
        "disabled": False,
        "token_version": 1,
        "created_at": now(),
    }
    if not insert_unless_there(session, User, "name_key", values):
        raise NameTakenError(f"There is or was a user {name!r}: choose another name.", user=name)
    record_event(session, "rights", user=name, change="created")
    return find_user(session, name)


def describe_user(session: Session, name: str, *, display_name: str | None = None, email: str | None = None) -> User:
    """Change what is given. Raises NotFoundError, BadInputError."""
    user = find_user(session, name)
    if display_name is not None:
        user.display_name = checked_line(display_name, "The display name", MOST_DISPLAY_NAME)
    if email is not None:
        user.email = checked_line(email, "The e-mail address", MOST_EMAIL)
    return user


def set_administrator(session: Session, name: str, is_admin: bool) -> User:
    """Raises NotFoundError, LastAdministratorError."""

    def change(user: User) -> None:
        user.global_role = GlobalRole.ADMIN if is_admin else GlobalRole.MEMBER

    return _change_rights(session, name, change, "administrator" if is_admin else "member")


def set_disabled(session: Session, name: str, disabled: bool) -> User:
    """A disabled user's tokens and keys do not hold; enabled again, they log in anew, and their keys hold again.
    Raises NotFoundError, LastAdministratorError."""

    def change(user: User) -> None:
        if disabled and not user.disabled:
            log_out_everywhere(session, user)
        user.disabled = disabled

    return _change_rights(session, name, change, "disabled" if disabled else "enabled")


def set_password(database: Database, name: str, password: str) -> None:
    """An administrator's doing, without the old one: the user is logged out everywhere. Raises BadPasswordError,
    NotFoundError."""
    known = passwords.hashed(password)
    with database.write() as session:
        user = lock_user(session, find_user(session, name).id)
        user.password_hash = known
        log_out_everywhere(session, user)


def set_subject(session: Session, name: str, subject: str | None) -> User:
    """Who an identity provider vouches for (`issuer subject`) is this user from now on; None: nobody. Raises
    NotFoundError, BadInputError, NameTakenError where that one is somebody else already."""
    user = lock_user(session, find_user(session, name).id)
    if subject is not None:
        subject = checked_line(subject, "The subject", MOST_SUBJECT, least=3)
        other = session.scalar(sa.select(User).where(User.oidc_subject == subject, User.id != user.id))
        if other is not None:
            raise NameTakenError(f"That subject is {other.name} already.", user=other.name)
    user.oidc_subject = subject
    return user


def _change_rights(session: Session, name: str, change: Callable[[User], None], word: str) -> User:
    # All administrators, always in one order: of two who take each other's rights at once, one is refused.
    administrators = (User.global_role == GlobalRole.ADMIN, User.disabled.is_(False))
    session.scalars(sa.select(User.id).where(*administrators).order_by(User.id).with_for_update(key_share=True)).all()
    user = lock_user(session, find_user(session, name).id)
    before = (user.global_role, user.disabled)
    change(user)
    if (user.global_role, user.disabled) == before:
        return user
    session.flush()
    was_one = before == (GlobalRole.ADMIN, False)
    if was_one and session.scalar(sa.select(sa.func.count()).select_from(User).where(*administrators)) == 0:
        raise LastAdministratorError(
            f"{user.name} is the last administrator: make somebody else one before.", user=user.name
        )
    record_event(session, "rights", user=user.name, change=word)
    return user
