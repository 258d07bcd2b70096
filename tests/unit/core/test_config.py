"""Settings are checked before anything starts, with an error that names the fix."""

from __future__ import annotations

import secrets

import pytest

import config
from core import secret_key

BASE = {"SECRET_KEY": "zH8-pQ3_vW6xR1tY9uI2oK5jL7mN4bVc", "DATABASE_URL": "sqlite:////tmp/x.db"}


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


@pytest.mark.parametrize(
    "address",
    [
        "blockwise.example.org",
        "ftp://x",
        "https://",
        "https://x.org/blockwise",
        "https://me@x.org",
        "http://[::1]:5000",
        "https://x.org:99999",
    ],
)
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


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("zq-8", "shorter than 32"),
        ("a" * 64, "repeats too few"),
        ("abcabcabc" * 9, "repeats too few"),
        ("Change-me-please-0123456789-abcdefgh", "stands in many examples"),
        ("my-secret-key-0123456789-abcdefghijk", "stands in many examples"),
    ],
)
def test_a_weak_key_is_refused_where_others_can_come(key: str, words: str) -> None:
    settings = {**BASE, "SECRET_KEY": key}
    assert config.from_environment(settings).secret_key == key
    with pytest.raises(config.SettingsError, match=words) as refused:
        config.from_environment({**settings, "BLOCKWISE_BASE_URL": "https://b.example.org"})
    assert key not in str(refused.value)


def test_the_key_that_we_make_is_never_refused() -> None:
    for _ in range(200):
        assert secret_key.weakness(secrets.token_urlsafe(48)) is None


def test_only_our_own_names_are_answered() -> None:
    assert config.from_environment(BASE).trusted_hosts == ("127.0.0.1", "localhost")
    public = {**BASE, "BLOCKWISE_BASE_URL": "https://B.example.org:8443"}
    assert config.from_environment(public).trusted_hosts == ("b.example.org",)
    more = {**public, "BLOCKWISE_HOSTS": "10.0.0.5, Internal.example.org,"}
    assert config.from_environment(more).trusted_hosts == (
        "b.example.org",
        "10.0.0.5",
        "internal.example.org",
    )


@pytest.mark.parametrize("names", ["*", ".example.org", "https://x.org", "a:80", "a b", "[::1]"])
def test_a_wrong_host_name_is_refused_by_name(names: str) -> None:
    with pytest.raises(config.SettingsError, match=r"BLOCKWISE_HOSTS .* is not a host name"):
        config.from_environment({**BASE, "BLOCKWISE_HOSTS": names})


def test_proxies_are_a_small_number() -> None:
    assert config.from_environment(BASE).proxies == 0
    assert config.from_environment({**BASE, "BLOCKWISE_PROXIES": "2"}).proxies == 2
    for wrong in ("-1", "6", "yes", "1.5", "²"):
        with pytest.raises(config.SettingsError, match="BLOCKWISE_PROXIES must be a number"):
            config.from_environment({**BASE, "BLOCKWISE_PROXIES": wrong})


def test_working_offline_is_switched_on_or_off_by_these_words() -> None:
    assert config.from_environment(BASE).offline
    assert not config.from_environment({**BASE, "BLOCKWISE_OFFLINE": "off"}).offline
    with pytest.raises(config.SettingsError, match="BLOCKWISE_OFFLINE must be on or off"):
        config.from_environment({**BASE, "BLOCKWISE_OFFLINE": "no"})
