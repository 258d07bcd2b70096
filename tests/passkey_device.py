"""A device that makes passkeys and signs with them (ES256), as a phone does; and may cheat."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts.models import Passkey
from core import clock
from core.db import db

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Device:
    """Holds one passkey; `counter` rises with every signature unless the device has none."""

    def __init__(self, *, counts: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(16)
        self.user_handle = b""
        self.counter = 0
        self.counts = counts

    def make(self, options: dict[str, Any], *, origin: str, flaw: str = "") -> str:
        """The answer of navigator.credentials.create, as the browser's module sends it."""
        asked = options["publicKey"]
        self.user_handle = websafe_decode(asked["user"]["id"])
        made = AttestedCredentialData.create(
            Aaguid.NONE, self.credential_id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = self._data(asked["rp"]["id"], ATTESTED, flaw, bytes(made))
        client = self._client("webauthn.create", asked["challenge"], origin, flaw)
        attestation = AttestationObject.create("none", data, {})
        return self._answer(clientDataJSON=client, attestationObject=bytes(attestation))

    def sign(self, options: dict[str, Any], *, origin: str, flaw: str = "") -> str:
        """The answer of navigator.credentials.get. `flaw` names what is wrong with it."""
        asked = options["publicKey"]
        if self.counts:
            self.counter += 1
        data = self._data(asked["rpId"], 0, flaw)
        client = self._client("webauthn.get", asked["challenge"], origin, flaw)
        signed = bytes(data) + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(SHA256()))
        if flaw == "signature":
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        return self._answer(
            clientDataJSON=client,
            authenticatorData=bytes(data),
            signature=signature,
            userHandle=self.user_handle,
        )

    def _data(self, rp_id: str, flags: int, flaw: str, made: bytes = b"") -> AuthenticatorData:
        flags |= 0 if flaw == "present" else PRESENT
        flags |= 0 if flaw == "verified" else VERIFIED
        return AuthenticatorData.create(
            hashlib.sha256(rp_id.encode()).digest(),
            AuthenticatorData.FLAG(flags),
            self.counter,
            made,
        )

    def _client(self, kind: str, challenge: str, origin: str, flaw: str) -> bytes:
        if flaw == "challenge":
            challenge = websafe_encode(secrets.token_bytes(32))
        told = {
            "type": kind,
            "challenge": challenge,
            "origin": origin,
            "crossOrigin": flaw == "cross_origin",
        }
        return json.dumps(told).encode()

    def _answer(self, **response: bytes) -> str:
        name = websafe_encode(self.credential_id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": {key: websafe_encode(value) for key, value in response.items()},
                "clientExtensionResults": {},
            }
        )


def passkey_of(person_id: int) -> int:
    """Give the person a passkey that no device holds, and return its id."""
    passkey = Passkey(
        person_id=person_id,
        credential_id=secrets.token_bytes(16),
        credential=b"",
        name="Lost phone",
        created_at=clock.now(),
    )
    db.session.add(passkey)
    db.session.commit()
    return passkey.id
