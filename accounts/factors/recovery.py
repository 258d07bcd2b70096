"""Recovery codes: ten codes on paper, each of which stands in once for a lost second factor."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import delete, func, insert, select, update

from accounts.models import RecoveryCode
from core import clock
from core.db import db

CODES = 10
GROUPS, GROUP_LENGTH = 6, 4
# Crockford's base 32: no I, L, O or U, so that nothing on paper can be misread. 24 of them hold
# 120 bits, which is why a plain hash is enough to keep (OWASP ASVS 5.0, 6.5.2: 112 bits or more)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def make_codes(person_id: int) -> tuple[str, ...]:
    """New codes like 7Q2M-…, in place of all the person had; only their hashes are kept."""
    codes = tuple(_new_code() for _ in range(CODES))
    forget_codes(person_id)
    db.session.execute(
        insert(RecoveryCode),
        [{"person_id": person_id, "code_sha256": _hash(code)} for code in codes],
    )
    return codes


def forget_codes(person_id: int) -> None:
    """Let none of the person's codes count any more."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def use_code(person_id: int, typed: str) -> bool:
    """Whether this was an unused code of the person; from now on it is used.

    Small letters, spaces, missing dashes and letters that look like digits do not matter.
    """
    used = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_sha256 == _hash(typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    )
    return used.first() is not None


def count_codes(person_id: int) -> int:
    """How many of the person's codes are unused."""
    unused = select(func.count()).where(
        RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None)
    )
    return db.session.scalar(unused) or 0


def looks_like_a_code(typed: str) -> bool:
    """Whether this is meant as a recovery code rather than as a code of an app."""
    return len(tidy(typed)) > GROUPS * GROUP_LENGTH // 2


def tidy(typed: str) -> str:
    """The characters of a code as it was made, whatever a person types for it."""
    letters = "".join(sign for sign in typed.upper() if sign.isalnum())
    return letters.translate(_MISREAD)


def _new_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


def _hash(code: str) -> bytes:
    return hashlib.sha256(tidy(code).encode("utf-8", "surrogatepass")).digest()
