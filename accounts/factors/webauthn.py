"""What a browser and we tell each other about passkeys (WebAuthn Level 3); fido2's one home.

The library checks type, origin, challenge, relying party, presence and verification of the person,
and the signature. Added here: that a challenge is young and was made for this purpose, that the
origin is ours to the letter, and that no frame of another site asked.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from core import clock
from core.errors import BlockwiseError

LASTS = timedelta(minutes=5)
ADDING, SIGNING_IN = "add a passkey", "sign in"
VERIFIED = UserVerificationRequirement.REQUIRED
Result = TypeVar("Result")

Challenge = Mapping[str, Any]
"""What the server keeps while a browser works: challenge (text), purpose, until (Unix seconds)."""


class PasskeyRefused(BlockwiseError):
    """The passkey, or what a browser sent as one, cannot be used here."""

    status = 422
    title = "This passkey does not work"


@dataclass(frozen=True, slots=True)
class NewCredential:
    """The public half of a new passkey, as it is kept."""

    credential_id: bytes
    credential: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a passkey claims at sign-in; nothing of it is proven before Site.verify."""

    credential_id: bytes
    user_handle: bytes | None
    sign_count: int
    response: AuthenticationResponse


@dataclass(frozen=True, slots=True)
class Site:
    """The one address that passkeys are made for and used at."""

    host: str
    origin: str

    def begin_adding(
        self, *, person_id: int, email: str, name: str, known: Iterable[bytes]
    ) -> tuple[dict[str, Any], Challenge]:
        """(options for navigator.credentials.create, the challenge to keep)."""
        options, state = self._server().register_begin(
            PublicKeyCredentialUserEntity(id=user_handle(person_id), name=email, display_name=name),
            credentials=[AttestedCredentialData(one) for one in known],
            # the device lists such a passkey by itself, so that signing in asks for no email
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=VERIFIED,
        )
        return dict(options), _challenge(state["challenge"], ADDING)

    def added(self, answer: str, challenge: Challenge | None) -> NewCredential:
        """The credential that a browser made for the challenge. Raises PasskeyRefused."""
        state = _state(challenge, ADDING)

        def read() -> NewCredential:
            response = RegistrationResponse.from_dict(json.loads(answer))
            data = self._server().register_complete(state, response)
            made = data.credential_data
            if response.response.client_data.cross_origin or made is None:
                raise ValueError("asked by a frame of another site, or nothing made")
            return NewCredential(made.credential_id, bytes(made), data.counter)

        return _refusing(read)

    def begin_sign_in(self) -> tuple[dict[str, Any], Challenge]:
        """(options for navigator.credentials.get, the challenge to keep); any passkey of ours."""
        options, state = self._server().authenticate_begin(user_verification=VERIFIED)
        return dict(options), _challenge(state["challenge"], SIGNING_IN)

    def verify(self, claim: Assertion, credential: bytes, challenge: Challenge | None) -> None:
        """Prove that the credential signed this very challenge. Raises PasskeyRefused."""
        state = _state(challenge, SIGNING_IN)

        def prove() -> None:
            if claim.response.response.client_data.cross_origin:
                raise ValueError("asked by a frame of another site")
            known = [AttestedCredentialData(credential)]
            self._server().authenticate_complete(state, known, claim.response)

        _refusing(prove)

    def _server(self) -> Fido2Server:
        return Fido2Server(
            PublicKeyCredentialRpEntity(id=self.host, name="Blockwise"),
            attestation=AttestationConveyancePreference.NONE,
            verify_origin=self.origin.__eq__,
        )


def site_of(base_url: str) -> Site | None:
    """The site at this address, or None where browsers allow no passkeys: a number, no name.

    https://www.w3.org/TR/webauthn-3/#rp-id wants a domain; without https only localhost is one.
    """
    address = urlsplit(base_url)
    host = address.hostname or ""
    if address.scheme != "https" and host != "localhost":
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Site(host=host, origin=f"{address.scheme}://{_without_usual_port(base_url)}")
    return None


def claimed(answer: str) -> Assertion:
    """Read what a browser sent for navigator.credentials.get. Raises PasskeyRefused."""

    def read() -> Assertion:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        inner = response.response
        counter = inner.authenticator_data.counter
        return Assertion(response.raw_id, inner.user_handle, counter, response)

    return _refusing(read)


def user_handle(person_id: int) -> bytes:
    """How passkeys name a person: always the same, and nothing anybody could read."""
    return hashlib.sha256(f"blockwise person {person_id}".encode()).digest()


def _challenge(text: str, purpose: str) -> Challenge:
    until = int((clock.now() + LASTS).timestamp())
    return {"challenge": text, "purpose": purpose, "until": until}


def _state(challenge: Challenge | None, purpose: str) -> dict[str, Any]:
    fits = challenge is not None and challenge.get("purpose") == purpose
    if challenge is None or not fits or challenge["until"] < clock.now().timestamp():
        raise PasskeyRefused("That took too long. Try again.")
    return {"challenge": challenge["challenge"], "user_verification": VERIFIED}


def _refusing(work: Callable[[], Result]) -> Result:
    """The library raises whatever its parsers meet in a stranger's bytes, assertions included."""
    try:
        return work()
    except Exception as error:
        raise PasskeyRefused("This passkey did not work. Try again.") from error


def _without_usual_port(base_url: str) -> str:
    address = urlsplit(base_url)
    usual = {"https": 443, "http": 80}[address.scheme]
    return address.hostname or "" if address.port in {None, usual} else address.netloc.lower()
