"""Seals short secrets at rest: whoever reads a copy of the database alone cannot open them."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class CannotOpen(ValueError):
    """The text was sealed with another key, for another purpose, or was changed."""


def seal(text: str, *, secret: str | bytes, purpose: str) -> str:
    """The text, encrypted and authenticated (Fernet) with a key made from secret and purpose."""
    return _box(secret, purpose).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str, *, secret: str | bytes, purpose: str) -> str:
    """What was sealed. Raises CannotOpen."""
    try:
        return _box(secret, purpose).decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeError) as error:
        raise CannotOpen("sealed with another SECRET_KEY, or changed since") from error


@lru_cache(maxsize=32)
def _box(secret: str | bytes, purpose: str) -> Fernet:
    key = secret.encode() if isinstance(secret, str) else secret
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"blockwise {purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(key)))
