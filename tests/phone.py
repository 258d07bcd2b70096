"""An authenticator app in the hand of a person of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from flask import Flask

from accounts.factors import second_factors, totp
from core import clock, sealing
from core.db import db

BEFORE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Phone:
    """Knows a person's secret; `recovery_codes` lie on paper beside it."""

    key: str
    recovery_codes: tuple[str, ...]

    def code(self, at: datetime | None = None) -> str:
        """The six digits it shows at a moment, by default now."""
        return pyotp.TOTP(self.key).at(at or clock.now())

    @property
    def wrong_code(self) -> str:
        """Six digits that are wrong now, a step before and a step after."""
        near = {self.code(clock.now() + timedelta(seconds=late)) for late in (-30, 0, 30)}
        return next(text for text in ("000000", "111111", "222222", "333333") if text not in near)


def with_phone(app: Flask, person_id: int) -> Phone:
    """Turn the person's second factor on, five minutes ago: the code of now is still unused."""
    secret = app.secret_key or ""
    with app.app_context(), clock.frozen_at(clock.now() - BEFORE):
        sealed = totp.new_sealed_secret(secret=secret)
        key = sealing.unseal(sealed, secret=secret, purpose=totp.PURPOSE)
        codes = second_factors.turn_on(
            person_id=person_id, sealed=sealed, code=pyotp.TOTP(key).at(clock.now()), secret=secret
        )
        db.session.commit()
    return Phone(key, codes)
