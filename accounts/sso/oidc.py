"""Speaks OpenID Connect with one provider: authorization code, PKCE, state, nonce, a checked token.

Authlib builds the requests and checks the claims, joserfc checks the signature. Both are an extra
of the installation and are imported when they are needed only. Nothing here touches the database,
so that no transaction is open while the network is waited for.
"""

from __future__ import annotations

import importlib.util
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from accounts.email_address import BadEmail, read_email
from core import clock

PACKAGES = ("authlib", "joserfc", "requests")
TIMEOUT_SECONDS = 10
KNOWN_FOR = timedelta(hours=1)
CLOCKS_DIFFER_BY = 60
# no "none", and nothing signed with a secret that two sides share
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LONGEST_SUBJECT = 255


class ProviderUnavailable(Exception):
    """The provider cannot be reached or does not answer as one; the text is for the log."""


class NotProven(Exception):
    """What came back does not prove who is there; the text is for the log."""


@dataclass(frozen=True, slots=True)
class Registration:
    """How this Blockwise is known to the provider."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str
    links_by_email: bool
    return_address: str


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and what must be remembered until it comes back."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identified:
    """Who the provider says is there; the email is "" unless the provider has verified it."""

    issuer: str
    subject: str
    email: str
    name: str


def missing_packages() -> list[str]:
    """Names of the packages that single sign-on needs and that are not installed."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


def is_safe_address(address: str) -> bool:
    """Whether secrets may be sent there: HTTPS, or this very machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )


class Provider:
    """The one provider of this installation; remembers its metadata and keys for an hour."""

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, Any] = {}
        self._known_until: datetime | None = None

    def depart(self) -> Departure:
        """Begin a sign-in. Raises ProviderUnavailable."""
        with _explained():
            metadata = self._discover()
            state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
            verifier = secrets.token_urlsafe(48)
            with self._client(metadata) as client:
                address, _ = client.create_authorization_url(
                    metadata["authorization_endpoint"],
                    state=state,
                    nonce=nonce,
                    code_verifier=verifier,
                )
            return Departure(address, state, nonce, verifier)

    def identify(self, *, code: str, nonce: str, verifier: str) -> Identified:
        """Exchange the code for a token and read from it who is there.

        Raises ProviderUnavailable or NotProven.
        """
        with _explained():
            metadata = self._discover()
            with self._client(metadata) as client:
                token = client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    allow_redirects=False,
                )
                claims = self._verify(token, nonce)
                if "email" not in claims and "userinfo_endpoint" in metadata:
                    claims = {**self._ask_for_email(client, metadata, claims), **claims}
        return _identified(claims)

    def _discover(self) -> dict[str, Any]:
        if self._known_until is None or clock.now() >= self._known_until:
            issuer = self.registration.issuer.rstrip("/")
            metadata = _get(f"{issuer}/.well-known/openid-configuration")
            if str(metadata["issuer"]).rstrip("/") != issuer:
                raise ProviderUnavailable("its discovery document names another issuer")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not is_safe_address(str(metadata[name])):
                    raise ProviderUnavailable(f"its {name} does not use HTTPS")
            self._keys = _get(metadata["jwks_uri"])
            self._metadata = metadata
            self._known_until = clock.now() + KNOWN_FOR
        return self._metadata

    def _client(self, metadata: dict[str, Any]) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in methods
        return OAuth2Session(
            client_id=self.registration.client_id,
            client_secret=self.registration.client_secret,
            token_endpoint_auth_method="client_secret_basic" if basic else "client_secret_post",
            scope="openid email profile",
            redirect_uri=self.registration.return_address,
            code_challenge_method="S256",
            default_timeout=TIMEOUT_SECONDS,
        )

    def _verify(self, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token: signature, issuer, audience, times, nonce, access token."""
        from authlib.oidc.core import CodeIDToken

        signed = self._check_signature(str(token["id_token"]))
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": self._metadata["issuer"]},
                "aud": {"essential": True, "value": self.registration.client_id},
                "nonce": {"essential": True, "value": nonce},
                "sub": {"essential": True},
            },
            {
                "nonce": nonce,
                "client_id": self.registration.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(clock.now().timestamp()), leeway=CLOCKS_DIFFER_BY)
        return dict(claims)

    def _check_signature(self, id_token: str) -> Any:
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError

        try:
            return jwt.decode(id_token, _public_keys(self._keys), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            # providers change their keys; this one may be newer than what we remember
            self._keys = _get(self._metadata["jwks_uri"])
            return jwt.decode(id_token, _public_keys(self._keys), algorithms=ALGORITHMS)

    def _ask_for_email(
        self, client: Any, metadata: dict[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        address = str(metadata["userinfo_endpoint"])
        if not is_safe_address(address):
            raise ProviderUnavailable("its userinfo_endpoint does not use HTTPS")
        answer = client.get(address, allow_redirects=False)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        if found.get("sub") != claims["sub"]:
            raise NotProven("its user information is about somebody else")
        return found


def _identified(claims: dict[str, Any]) -> Identified:
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    if not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise NotProven("its subject is empty or too long")
    verified = claims.get("email_verified") is True
    return Identified(
        issuer=issuer,
        subject=subject,
        email=_email(claims.get("email")) if verified else "",
        name=str(claims.get("name") or "").strip()[:200].replace("\0", ""),
    )


def _email(claim: object) -> str:
    """As it is stored here; letters that only look like another address are none."""
    try:
        return read_email(str(claim or ""))
    except BadEmail:
        return ""


def _get(address: str) -> dict[str, Any]:
    import requests

    answer = requests.get(address, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ProviderUnavailable(f"{urlsplit(address).path} holds no JSON object")
    return found


def _public_keys(listed: dict[str, Any]) -> Any:
    from joserfc.jwk import KeySet

    keys = [
        key
        for key in listed.get("keys", [])
        if key.get("kty") in {"RSA", "EC"} and key.get("use", "sig") == "sig"
    ]
    return KeySet.import_key_set({"keys": keys})


@contextmanager
def _explained() -> Iterator[None]:
    """Sort what the libraries raise; their texts may repeat what the provider sent."""
    import requests
    from authlib.integrations.base_client import OAuthError
    from joserfc.errors import JoseError

    try:
        yield
    except requests.RequestException as error:
        raise ProviderUnavailable(type(error).__name__) from error
    except OAuthError as error:
        raise NotProven(f"the token endpoint refused the code ({error.error!r:.80})") from error
    except JoseError as error:
        raise NotProven(f"{type(error).__name__} {error}"[:200]) from error
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise NotProven(f"{type(error).__name__} in its answer") from error
