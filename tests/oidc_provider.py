"""An OpenID Connect provider for tests, on loopback: strict about what it is sent, and made to lie.

It checks what a real one checks (client, redirect address, PKCE, each code once) and signs what the
test tells it to say.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID = "blockwise-of-a-test"
CLIENT_SECRET = "a secret with % and :"
RETURN_ADDRESS = "http://127.0.0.1/sign-in/sso/return"


@dataclass(slots=True)
class FakeProvider:
    """What the provider says; change it before the browser goes there."""

    key: RSAKey
    issuer: str = ""
    return_address: str = RETURN_ADDRESS
    claims: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    token_status: int = 200
    seen: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, address: str) -> str:
        """What a browser gets that signs in at this address: where it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["redirect_uri"] == self.return_address
        assert asked["code_challenge_method"] == "S256"
        assert set(asked["scope"].split()) == {"openid", "email", "profile"}
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{self.return_address}?{urlencode({'code': code, 'state': asked['state']})}"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """Status and JSON for a request of our server."""
        self.seen.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, self._metadata()
        if path == "/keys":
            encryption = {**self.key.as_dict(private=False), "kid": "other", "use": "enc"}
            return 200, {"keys": [encryption, self.key.as_dict(private=False)]}
        if path == "/userinfo":
            return 200, self.user_info
        if path == "/token":
            return self._token(form, authorization)
        return 404, {}

    def _metadata(self) -> dict[str, str]:
        pages = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        endpoints = {f"{name}_endpoint": f"{self.issuer}/{page}" for name, page in pages.items()}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **endpoints}

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        asked = self.codes.pop(form["code"], None)
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        sound = (
            asked is not None
            and pair == f"{CLIENT_ID}:{CLIENT_SECRET}"
            and form["redirect_uri"] == self.return_address
            and base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == asked["code_challenge"]
        )
        if asked is None or not sound or self.token_status != 200:
            return max(self.token_status, 400), {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "subject-1",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        sign = self.sign or self.signed
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": sign(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        """The token as an honest provider signs it."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)


def signed_by_another(claims: dict[str, Any]) -> str:
    """With a key that is not the provider's, under the name of its key."""
    other = RSAKey.generate_key(2048, {"kid": "key-1"}, private=True)
    return jwt.encode({"alg": "RS256", "kid": "key-1"}, claims, other)


def unsigned(claims: dict[str, Any]) -> str:
    """With "alg": "none"."""
    parts = ({"alg": "none"}, claims)
    texts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts]
    return b".".join([*texts, b""]).decode()


def signed_with_the_shared_secret(claims: dict[str, Any]) -> str:
    """With HS256 and the client's secret."""
    return jwt.encode(
        {"alg": "HS256", "kid": "key-1"}, claims, OctKey.import_key(CLIENT_SECRET.ljust(32))
    )


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        provider: FakeProvider = self.server.provider  # type: ignore[attr-defined]
        if self.path.startswith("/authorize"):
            self.send_response(302)
            self.send_header("Location", provider.authorize(self.path))
            self.end_headers()
        else:
            self._send(*provider.answer(self.path, {}, ""))

    def do_POST(self) -> None:
        provider: FakeProvider = self.server.provider  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._send(*provider.answer(self.path, form, self.headers.get("Authorization", "")))

    def _send(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def fake_provider(key: RSAKey) -> Iterator[FakeProvider]:
    """Run a provider in a thread until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        provider = FakeProvider(key, issuer=f"http://127.0.0.1:{server.server_address[1]}")
        server.provider = provider  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
