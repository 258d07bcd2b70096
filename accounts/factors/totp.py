"""Six-digit codes of an authenticator app (RFC 6238): the secret, its picture, and which step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyotp
from markupsafe import Markup
from pyotp.exceptions import OTPVerificationError

from core import sealing
from core.qr import qr_code

PURPOSE = "totp"
DIGITS = 6
# a phone may go wrong by half a minute, and typing takes a while: one step before and after
WINDOW = 1
ISSUER = "Blockwise"


@dataclass(frozen=True, slots=True)
class SetUp:
    """What an authenticator app must learn: as a picture to scan, and as text to type."""

    qr: Markup
    key: str
    address: str


def new_sealed_secret(*, secret: str | bytes) -> str:
    """A new 160-bit secret (RFC 4226, section 4), sealed with the application's key."""
    return sealing.seal(pyotp.random_base32(), secret=secret, purpose=PURPOSE)


def show(sealed: str, *, email: str, secret: str | bytes) -> SetUp:
    """The sealed secret as QR code, otpauth address and text in groups of four.

    Raises sealing.CannotOpen.
    """
    totp = _open(sealed, secret=secret)
    address = totp.provisioning_uri(name=email, issuer_name=ISSUER)
    key = " ".join(totp.secret[at : at + 4] for at in range(0, len(totp.secret), 4))
    qr = qr_code(address, title="QR code for your authenticator app")
    return SetUp(qr=qr, key=key, address=address)


def step_of(code: str, sealed: str, *, at: datetime, secret: str | bytes) -> int | None:
    """The number of the half minute that the code belongs to, or None for a wrong code.

    Codes of the step before and after `at` count as well. Raises sealing.CannotOpen.
    """
    digits = tidy(code)
    if len(digits) != DIGITS:
        return None
    try:
        totp = _open(sealed, secret=secret)
        return totp.verify_and_get_timecode(digits, for_time=at, valid_window=WINDOW)
    except OTPVerificationError:
        return None


def tidy(typed: str) -> str:
    """The digits of a code; apps show them in two groups, and people type the gap."""
    return "".join(sign for sign in typed if sign in "0123456789")


def looks_like_a_code(typed: str) -> bool:
    """Whether this is meant as a six-digit code rather than a recovery code or a password."""
    bare = "".join(typed.split())
    return len(bare) == DIGITS and bare == tidy(bare)


def _open(sealed: str, *, secret: str | bytes) -> pyotp.TOTP:
    return pyotp.TOTP(sealing.unseal(sealed, secret=secret, purpose=PURPOSE))
