"""Codes of an authenticator app: the right half minutes, and a secret only our key opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from accounts.factors import totp
from core import sealing

SECRET = "the application's key"
# RFC 6238, appendix B, SHA-1: the shared secret, and the last six digits at these seconds
RFC_SEALED = sealing.seal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", secret=SECRET, purpose=totp.PURPOSE)
RFC_CODES = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}


@pytest.mark.parametrize(("second", "code"), RFC_CODES.items())
def test_the_codes_are_those_of_the_standard(second: int, code: str) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    assert totp.step_of(code, RFC_SEALED, at=moment, secret=SECRET) == second // 30


@pytest.mark.parametrize(
    ("steps_late", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_one_step_before_and_after_counts(steps_late: int, counts: bool) -> None:
    made = datetime.fromtimestamp(1111111109, UTC)
    at = made + timedelta(seconds=30 * steps_late)
    step = totp.step_of(RFC_CODES[1111111109], RFC_SEALED, at=at, secret=SECRET)
    assert step == (1111111109 // 30 if counts else None), "the step of the code, not of the clock"


@pytest.mark.parametrize("typed", ["081 804", " 081804 ", "081-804", "08 18 04"])
def test_gaps_do_not_matter(typed: str) -> None:
    at = datetime.fromtimestamp(1111111109, UTC)
    assert totp.step_of(typed, RFC_SEALED, at=at, secret=SECRET) is not None


@pytest.mark.parametrize("typed", ["", "81804", "0818040", "081805", "٠٨١٨٠٤", "x" * 6, "\0"])
def test_other_texts_are_wrong_codes(typed: str) -> None:
    at = datetime.fromtimestamp(1111111109, UTC)
    assert totp.step_of(typed, RFC_SEALED, at=at, secret=SECRET) is None


def test_another_key_cannot_open_the_secret() -> None:
    at = datetime.fromtimestamp(1111111109, UTC)
    with pytest.raises(sealing.CannotOpen):
        totp.step_of("081804", RFC_SEALED, at=at, secret="another key")
    with pytest.raises(sealing.CannotOpen):
        sealing.unseal(RFC_SEALED, secret=SECRET, purpose="mail")


def test_what_is_shown_is_what_an_app_needs() -> None:
    shown = totp.show(RFC_SEALED, email="robin@example.org", secret=SECRET)
    app = pyotp.parse_uri(shown.address)
    assert isinstance(app, pyotp.TOTP)
    assert (app.issuer, app.name) == ("Blockwise", "robin@example.org")
    assert (app.digits, app.interval) == (6, 30)
    assert shown.key.replace(" ", "") == app.secret
    assert shown.key.split()[0] == "GEZD"
    assert "<title>QR code for your authenticator app</title>" in shown.qr


def test_every_secret_is_new_and_long_enough() -> None:
    keys = {
        sealing.unseal(totp.new_sealed_secret(secret=SECRET), secret=SECRET, purpose=totp.PURPOSE)
        for _ in range(20)
    }
    assert len(keys) == 20
    assert {len(key) * 5 for key in keys} == {160}


@pytest.mark.parametrize(
    ("typed", "is_code"),
    [
        ("123456", True),
        ("123 456", True),
        ("12345", False),
        ("7Q2M-1234", False),
        ("12345a", False),
    ],
)
def test_six_digits_are_a_code_and_nothing_else_is(typed: str, is_code: bool) -> None:
    assert totp.looks_like_a_code(typed) is is_code
