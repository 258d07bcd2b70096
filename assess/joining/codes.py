"""The codes of join links: computed from a number, short enough to type, too many to guess.

A code has 60 bits: a million tries a second would meet one of a thousand links after 18 years.
Crockford's base 32 has no letters that look like digits: https://www.crockford.com/base32.html
"""

from __future__ import annotations

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_BITS = 5
# how people type what they read on a poster
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys("-‑–—_.", ""))


def make_code(*, secret: str | bytes, assessment_id: int, number: int) -> str:
    """The code of an assessment's link: 12 letters and digits, the same each time."""
    key = secret.encode() if isinstance(secret, str) else secret
    text = f"join\0{assessment_id}\0{number}".encode()
    bits = int.from_bytes(hmac.digest(key, text, hashlib.sha256)[:8]) >> 4
    places = range(_BITS * (LENGTH - 1), -1, -_BITS)
    return "".join(ALPHABET[bits >> place & 31] for place in places)


def read_code(typed: str) -> str | None:
    """The code somebody typed, however it is spaced and cased; None when it cannot be one."""
    code = "".join(typed[:200].upper().split()).translate(_MEANT)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def show_code(code: str) -> str:
    """The code in groups of four, as it is printed."""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))


def code_hash(code: str) -> bytes:
    """What the database keeps of a code."""
    return hashlib.sha256(code.encode("ascii")).digest()


def token_hash(token: str) -> bytes:
    """What the database keeps of a device's token; whatever a cookie may hold has one."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
