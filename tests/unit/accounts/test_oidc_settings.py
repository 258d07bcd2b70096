"""Settings of single sign-on are checked before anything starts, with an error that names them."""

from __future__ import annotations

import pytest

import config
from accounts.sso import oidc

BASE = {
    "SECRET_KEY": "a long key that nobody guesses, 0123456789 abcdef",
    "BLOCKWISE_BASE_URL": "https://clinics.example.org",
    "BLOCKWISE_OIDC_ISSUER": "https://login.example.org/realms/clinics",
    "BLOCKWISE_OIDC_CLIENT_ID": "blockwise",
    "BLOCKWISE_OIDC_CLIENT_SECRET": "hidden from everybody",
}


def test_all_that_is_needed() -> None:
    registration = config.from_environment(BASE).single_sign_on
    assert registration is not None
    assert registration.return_address == "https://clinics.example.org/sign-in/sso/return"
    assert registration.label == "your organization"
    assert registration.links_by_email
    assert "hidden" not in repr(registration)


def test_without_an_issuer_there_is_none() -> None:
    assert config.from_environment({"SECRET_KEY": "s"}).single_sign_on is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BLOCKWISE_OIDC_ISSUER", "http://login.example.org"),
        ("BLOCKWISE_OIDC_ISSUER", "login.example.org"),
        ("BLOCKWISE_OIDC_ISSUER", "https://"),
        ("BLOCKWISE_OIDC_CLIENT_ID", ""),
        ("BLOCKWISE_OIDC_CLIENT_SECRET", " "),
        ("BLOCKWISE_OIDC_ALLOW_NEW", "no"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(config.SettingsError, match=f"^{name} "):
        config.from_environment({**BASE, name: value})


def test_missing_packages_are_named_with_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "PACKAGES", ("authlib", "no_such_package"))
    with pytest.raises(config.SettingsError, match=r": no_such_package\. Type \./run "):
        config.from_environment(BASE)
