"""Hashing of passwords: argon2id at the strength OWASP names as enough for interactive use."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB, 2 passes, 1 lane: OWASP Password Storage Cheat Sheet; about 25 ms instead of 220 ms
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash, with its parameters and salt in it."""
    return _hasher.hash(password)


def is_correct(password: str, password_hash: str | None) -> bool:
    """Whether the password belongs to the hash; takes as long when there is no hash at all."""
    try:
        return _hasher.verify(password_hash or _nobodys_hash(), password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    # an unknown email must cost the same time, or the time tells who has an account
    return hash_password("nobody has this password")
