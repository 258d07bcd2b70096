"""Where passkeys are possible, and which origin is ours to the letter."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.factors import webauthn
from accounts.factors.webauthn import PasskeyRefused, Site, site_of
from core import clock
from tests.passkey_device import Device

HERE = Site("localhost", "http://localhost:5000")


@pytest.mark.parametrize(
    ("base_url", "site"),
    [
        ("https://blockwise.example.org", Site("blockwise.example.org", "https://blockwise.example.org")),
        ("https://Blockwise.example.org:443", Site("blockwise.example.org", "https://blockwise.example.org")),
        ("https://b.example.org:8443", Site("b.example.org", "https://b.example.org:8443")),
        ("http://localhost:5000", Site("localhost", "http://localhost:5000")),
        ("http://127.0.0.1:5000", None),
        ("http://[::1]:5000", None),
        ("https://10.0.0.7", None),
        ("http://blockwise.example.org", None),
    ],
)  # fmt: skip
def test_passkeys_need_a_name_and_a_safe_line(base_url: str, site: Site | None) -> None:
    assert site_of(base_url) == site


def test_a_passkey_made_here_proves_itself_here() -> None:
    device = Device()
    claim, credential, challenge = _ceremony(device, HERE)
    HERE.verify(claim, credential, challenge)
    assert claim.user_handle == webauthn.user_handle(7)


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:5001", "http://localhost", "https://localhost:5000", "http://evil.example"],
)
def test_another_origin_is_refused(origin: str) -> None:
    device = Device()
    credential = _made(device, HERE)
    options, challenge = HERE.begin_sign_in()
    claim = webauthn.claimed(device.sign(options, origin=origin))
    with pytest.raises(PasskeyRefused):
        HERE.verify(claim, credential, challenge)


@pytest.mark.parametrize("flaw", ["verified", "present", "cross_origin", "challenge", "signature"])
def test_a_flaw_in_the_signed_answer_is_refused(flaw: str) -> None:
    device = Device()
    credential = _made(device, HERE)
    options, challenge = HERE.begin_sign_in()
    claim = webauthn.claimed(device.sign(options, origin=HERE.origin, flaw=flaw))
    with pytest.raises(PasskeyRefused):
        HERE.verify(claim, credential, challenge)


def test_a_challenge_ends_after_five_minutes_and_fits_its_purpose() -> None:
    device = Device()
    claim, credential, challenge = _ceremony(device, HERE)
    with (
        clock.frozen_at(clock.now() + timedelta(minutes=5, seconds=2)),
        pytest.raises(PasskeyRefused, match="too long"),
    ):
        HERE.verify(claim, credential, challenge)
    with pytest.raises(PasskeyRefused, match="too long"):
        HERE.verify(claim, credential, {**challenge, "purpose": webauthn.ADDING})
    with pytest.raises(PasskeyRefused, match="too long"):
        HERE.verify(claim, credential, None)


@pytest.mark.parametrize(
    "junk", ["", "null", "{}", "[]", '{"rawId": 1}', "\0", '{"id": "YQ"}', "9"]
)
def test_junk_is_refused_like_any_wrong_passkey(junk: str) -> None:
    _, challenge = _adding()
    with pytest.raises(PasskeyRefused):
        HERE.added(junk, challenge)
    with pytest.raises(PasskeyRefused):
        webauthn.claimed(junk)


def _adding() -> tuple[dict[str, object], webauthn.Challenge]:
    return HERE.begin_adding(person_id=7, email="robin@example.org", name="Robin", known=[])


def _made(device: Device, site: Site) -> bytes:
    options, challenge = _adding()
    return site.added(device.make(options, origin=site.origin), challenge).credential


def _ceremony(device: Device, site: Site) -> tuple[webauthn.Assertion, bytes, webauthn.Challenge]:
    credential = _made(device, site)
    options, challenge = site.begin_sign_in()
    return webauthn.claimed(device.sign(options, origin=site.origin)), credential, challenge
