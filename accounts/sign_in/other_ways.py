"""Ways into an account besides its password: passkeys, and accounts elsewhere that sign in here.

Whoever sets a forgotten password, or has lost everything, may not be the only one with such a way:
somebody who opened the invitation first could have added one. So they end, unless kept on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select

from accounts.models import Identity, Passkey
from core.db import db


@dataclass(frozen=True, slots=True)
class OtherWays:
    """How many there are of each kind."""

    passkeys: int = 0
    linked: int = 0

    def __bool__(self) -> bool:
        return bool(self.passkeys or self.linked)

    @property
    def words(self) -> str:
        """What they are: "2 passkeys and 1 linked account"."""
        kinds = ((self.passkeys, "passkey"), (self.linked, "linked account"))
        return " and ".join(f"{n} {one}{'' if n == 1 else 's'}" for n, one in kinds if n)


def count_other_ways(person_id: int) -> OtherWays:
    """The ways of this person (one statement)."""
    passkeys, linked = (
        select(func.count()).where(kind.person_id == person_id).scalar_subquery()
        for kind in (Passkey, Identity)
    )
    return OtherWays(*db.session.execute(select(passkeys, linked)).one())


def end_other_ways(person_id: int) -> OtherWays:
    """Delete them all; what there was."""
    passkeys, linked = (
        db.session.execute(delete(kind).where(kind.person_id == person_id).returning(kind.id)).all()
        for kind in (Passkey, Identity)
    )
    return OtherWays(len(passkeys), len(linked))
