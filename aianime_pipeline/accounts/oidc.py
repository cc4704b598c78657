"""Logging in through an identity provider (OpenID Connect, authorization code with PKCE), where one is set up.

Who comes for the first time becomes a member without projects. They are never taken for somebody who is there already
because a name or an e-mail address is the same: only an administrator says so (users.set_subject). The provider's
answers are believed where its signature, our nonce and our client fit, and used for who they are, nothing else.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import sqlalchemy as sa
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.identity_server import identity_server
from aianime_pipeline.accounts.log_ins import Tokens, begin, lock_user
from aianime_pipeline.accounts.names import MOST_CHARACTERS, checked_line, checked_name
from aianime_pipeline.accounts.users import MOST_DISPLAY_NAME, MOST_EMAIL, MOST_SUBJECT, add_user
from aianime_pipeline.db.engine import Database
from aianime_pipeline.db.models import User
from aianime_pipeline.db.models.base import now
from aianime_pipeline.deadlines import Deadline
from aianime_pipeline.errors import (
    BadInputError,
    BadUserNameError,
    IdentityProviderError,
    LoginFailedError,
    NameTakenError,
    NotFoundError,
)
from aianime_pipeline.settings import Settings

COOKIE_MINUTES = 10
"""So long may somebody be at the provider's page."""
_SALT = "aianime.oidc.1"
_SECONDS = 10.0
"""For all that the provider's server is asked while one request of a browser is answered."""
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
_LEEWAY_SECONDS = 60
_MOST_NAMES = 100


@dataclass(frozen=True)
class Client:
    """Us, as the provider knows us."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str


def client_of(settings: Settings, callback_path: str) -> Client:
    """Raises NotFoundError where no provider is set up."""
    if not (settings.oidc_issuer and settings.oidc_client_id and settings.public_url):
        raise NotFoundError(
            "No identity provider is set up: it takes AIANIME_OIDC_ISSUER, _CLIENT_ID and a public URL."
        )
    redirect = settings.public_url.rstrip("/") + callback_path
    return Client(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, redirect)


def begin_log_in(client: Client, key: str) -> tuple[str, str]:
    """Where the browser goes, and the cookie that it brings back. Raises IdentityProviderError."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": "openid profile email",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    with Deadline(_SECONDS) as deadline:
        address = identity_server(client.issuer).about(deadline)["authorization_endpoint"]
    until = int((now() + timedelta(minutes=COOKIE_MINUTES)).timestamp())
    cookie = _serializer(key).dumps([state, nonce, verifier, until])
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", cookie


def finish_log_in(database: Database, client: Client, key: str, *, cookie: str, state: str, code: str) -> Tokens:
    """Raises LoginFailedError where it is not the log-in that this browser began or the account is disabled, and
    IdentityProviderError."""
    nonce, verifier = _brought_back(cookie, state, key)
    return _log_in(database, _claims(client, code, verifier, nonce), key)


def _brought_back(cookie: str, state: str, key: str) -> tuple[str, str]:
    try:
        expected, nonce, verifier, until = _serializer(key).loads(cookie)
    except (BadData, ValueError, TypeError) as error:
        raise LoginFailedError("This browser began no log-in here: begin again.") from error
    if not hmac.compare_digest(str(expected).encode(), state.encode()) or now().timestamp() >= float(until):
        raise LoginFailedError("The log-in is not the one that was begun, or took too long: begin again.")
    return str(nonce), str(verifier)


def _claims(client: Client, code: str, verifier: str, nonce: str) -> Mapping[str, Any]:
    """What the provider vouches for. Raises IdentityProviderError."""
    try:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet
    except ImportError as error:
        raise IdentityProviderError("The extra is not installed: pip install 'aianime-pipeline[oidc]'.") from error
    with Deadline(_SECONDS) as deadline:
        server = identity_server(client.issuer)
        about = server.about(deadline)
        answer = server.ask("POST", about["token_endpoint"], deadline, **_code_for_token(client, code, verifier))
        keys = server.ask("GET", about["jwks_uri"], deadline)
    options = {
        "iss": {"essential": True, "value": about["issuer"]},
        "aud": {"essential": True, "value": client.client_id},
    }
    params = {"nonce": nonce, "client_id": client.client_id, "access_token": answer.get("access_token")}
    try:
        known = KeySet.import_key_set(keys)  # type: ignore[arg-type]
        token = jwt.decode(str(answer["id_token"]), known, algorithms=_ALGORITHMS)
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=int(now().timestamp()), leeway=_LEEWAY_SECONDS)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _not_believed(error) from error
    except Exception as error:
        # The two libraries have a tree of errors each.
        if type(error).__module__.startswith(("authlib.", "joserfc.")):
            raise _not_believed(error) from error
        raise
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise IdentityProviderError("The identity provider does not say who it is.")
    return dict(claims)


def _not_believed(error: Exception) -> IdentityProviderError:
    return IdentityProviderError(f"The identity provider's word is not believed ({type(error).__name__}: {error}).")


def _code_for_token(client: Client, code: str, verifier: str) -> dict[str, Any]:
    """Form and headers of the request."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": verifier,
        "client_id": client.client_id,
    }
    headers = {}
    if client.client_secret:
        both = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(both.encode()).decode()
    return {"data": form, "headers": headers}


def _log_in(database: Database, claims: Mapping[str, Any], key: str) -> Tokens:
    subject = f"{claims['iss']} {claims['sub']}"
    if len(subject) > MOST_SUBJECT:
        raise IdentityProviderError("The identity provider's subject is too long.")
    try:
        return _as_subject(database, subject, claims, key)
    except sa.exc.IntegrityError:
        # Two first log-ins of one person at once: the other has made them.
        return _as_subject(database, subject, claims, key)


def _as_subject(database: Database, subject: str, claims: Mapping[str, Any], key: str) -> Tokens:
    with database.write() as session:
        user = session.scalar(sa.select(User).where(User.oidc_subject == subject)) or _new(session, subject, claims)
        user = lock_user(session, user.id)
        if user.disabled:
            raise LoginFailedError("The account is disabled.")
        user.last_login_at = now()
        return begin(session, user, key)


def _new(session: Session, subject: str, claims: Mapping[str, Any]) -> User:
    display_name = _line(claims.get("name"), MOST_DISPLAY_NAME)
    # Messages go there: an address that the provider itself doubts may be somebody else's. Many say nothing of it.
    doubted = claims.get("email_verified") in (False, "false")
    email = "" if doubted else _line(claims.get("email"), MOST_EMAIL)
    for name in _names(claims):
        try:
            return add_user(session, name, oidc_subject=subject, display_name=display_name, email=email)
        except NameTakenError:
            continue
    raise IdentityProviderError("No name is free that resembles the one of the identity provider.")


def _names(claims: Mapping[str, Any]) -> Iterator[str]:
    """Names to try: what the provider calls them, as far as it fits, then with a number."""
    email = str(claims.get("email") or "").partition("@")[0]
    for offered in (claims.get("preferred_username"), email, claims.get("sub")):
        fitting = "".join(one if one.isalnum() or one in ".-_" else "-" for one in str(offered or "")).strip(".-_")
        fitting = fitting[: MOST_CHARACTERS - 4].rstrip(".-_")
        try:
            name = checked_name(fitting)
        except BadUserNameError:
            continue
        yield name
        yield from (f"{name}-{number}" for number in range(2, _MOST_NAMES))
        return
    yield f"user-{secrets.token_hex(6)}"


def _line(text: Any, most: int) -> str:
    try:
        return checked_line(text, "It", most) if isinstance(text, str) else ""
    except BadInputError:
        return ""


def _serializer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, _SALT, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256})
