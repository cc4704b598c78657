"""An OpenID Connect provider, as the specification has it: discovery, authorization code with PKCE, signed ID tokens.

Nobody types a password at it: `GET /authorize?…&as=SUBJECT` is a person who has. `POST /_control/jobs` with
`{"spoil": WHAT}` has its next tokens wrong in that: nonce, audience, issuer, key, expired, unsigned, subject.
`{"claims": {…}}` is what it says of the person besides.
"""

import base64
import hashlib
import json
import time
import uuid
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from fakes.vendor import Asked, FakeVendor, Reply

CLIENT, SECRET = "aianime", "a-secret-that-nobody-may-see"
_SECONDS = 300


class IdentityProvider(FakeVendor):
    name: ClassVar[str] = "identity_provider"
    routes: ClassVar[tuple[tuple[str, str, str, str], ...]] = (
        ("GET", r"/.well-known/openid-configuration", "free", "about"),
        ("GET", r"/authorize", "free", "authorize"),
        ("POST", r"/token", "submit", "token"),
        ("GET", r"/keys", "free", "keys"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._key, self._other = (RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}) for _ in range(2))
        self._codes: dict[str, dict[str, str]] = {}

    def about(self, asked: Asked) -> Reply:
        return Reply(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
            }
        )

    def authorize(self, asked: Asked) -> Reply:
        query = asked.query
        if query["client_id"] != CLIENT or query["response_type"] != "code" or "openid" not in query["scope"].split():
            return Reply("not a client of ours", 400)
        if query["code_challenge_method"] != "S256":
            return Reply("only S256", 400)
        code = uuid.uuid4().hex
        self._codes[code] = query
        back = urlencode({"code": code, "state": query["state"]})
        return Reply("", 302, {"location": f"{query['redirect_uri']}?{back}"})

    def token(self, asked: Asked) -> Reply:
        form = dict(parse_qsl(asked.raw.decode()))
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked.headers.get("authorization") != basic:
            return Reply({"error": "invalid_client"}, 401)
        begun = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            begun is None
            or begun["redirect_uri"] != form.get("redirect_uri")
            or begun["code_challenge"] != challenge.rstrip(b"=").decode()
        ):
            return Reply({"error": "invalid_grant"}, 400)
        return Reply({"access_token": uuid.uuid4().hex, "token_type": "Bearer", "id_token": self._id_token(begun)})

    def keys(self, asked: Asked) -> Reply:
        return Reply(KeySet([self._key]).as_dict(private=False))

    def _id_token(self, begun: dict[str, str]) -> str:
        moment, spoil = int(time.time()), self.how.get("spoil", "")
        claims: dict[str, Any] = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": begun["as"],
            "nonce": begun["nonce"],
            "iat": moment,
            "exp": moment + _SECONDS,
            **self.how.get("claims", {}),
        }
        claims |= {
            "nonce": {"nonce": "another"},
            "audience": {"aud": "another"},
            "issuer": {"iss": "https://another.example.com"},
            "expired": {"exp": moment - _SECONDS, "iat": moment - 2 * _SECONDS},
            "subject": {"sub": ""},
        }.get(spoil, {})
        if spoil == "unsigned":
            parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
            return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, self._other if spoil == "key" else self._key)


if __name__ == "__main__":
    IdentityProvider().serve()
