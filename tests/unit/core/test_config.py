"""Settings are checked before anything starts, with an error that names the fix."""

from __future__ import annotations

import pytest

import config

BASE = {"SECRET_KEY": "s", "DATABASE_URL": "sqlite:////tmp/x.db"}


def test_the_defaults_suit_one_laptop() -> None:
    settings = config.from_environment({"SECRET_KEY": "s"})
    assert settings.uses_sqlite
    assert settings.base_url == "http://127.0.0.1:5000"
    assert not settings.demo
    assert not settings.secure_cookies


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_postgresql_uses_the_same_driver(scheme: str) -> None:
    settings = config.from_environment({**BASE, "DATABASE_URL": f"{scheme}://u@localhost/b"})
    assert settings.database_url == "postgresql+psycopg://u@localhost/b"


@pytest.mark.parametrize("url", ["mysql://localhost/b", "blockwise.db", "sqlite"])
def test_an_unknown_database_is_refused_by_name(url: str) -> None:
    with pytest.raises(config.SettingsError, match="DATABASE_URL"):
        config.from_environment({**BASE, "DATABASE_URL": url})


@pytest.mark.parametrize("address", ["blockwise.example.org", "ftp://x", "https://"])
def test_an_address_nobody_can_open_is_refused(address: str) -> None:
    with pytest.raises(config.SettingsError, match="BLOCKWISE_BASE_URL"):
        config.from_environment({**BASE, "BLOCKWISE_BASE_URL": address})


def test_the_demonstration_is_refused_on_a_public_address() -> None:
    public = {"BLOCKWISE_DEMO": "1", "BLOCKWISE_BASE_URL": "https://blockwise.example.org"}
    with pytest.raises(config.SettingsError, match="BLOCKWISE_DEMO"):
        config.from_environment({**BASE, **public})


def test_cookies_are_secure_behind_https() -> None:
    settings = config.from_environment({**BASE, "BLOCKWISE_BASE_URL": "https://b.example.org/"})
    assert settings.secure_cookies
    assert settings.base_url == "https://b.example.org"
